import { canonicalJson } from '../core/index.ts';
import type { InventoryRecord } from './types.ts';

export type ExportFormat = 'json' | 'ndjson' | 'csv';
export const exportFormats: readonly ExportFormat[] = ['json', 'ndjson', 'csv'];

/** Columns of the CSV export. `attributes` is canonical JSON, `owners` and `relations` are separated by spaces. */
export const csvColumns = [
  'urn',
  'kind',
  'layer',
  'member',
  'owner',
  'owners',
  'name_vi',
  'name_en',
  'observed',
  'declared_at',
  'drift',
  'relations',
  'attributes',
] as const;

/** Records as text in one of the formats, piece by piece: an inventory of any size needs no memory for it. */
export function* exportRecords(records: Iterable<InventoryRecord>, format: ExportFormat): Generator<string> {
  if (format === 'csv') yield `${csvColumns.join(',')}\n`;
  if (format === 'json') yield '[';
  let first = true;
  for (const record of records) {
    if (format === 'ndjson') yield `${canonicalJson(record)}\n`;
    else if (format === 'csv') yield `${csvCells(record).map(csvCell).join(',')}\n`;
    else yield `${first ? '\n' : ',\n'}${canonicalJson(record)}`;
    first = false;
  }
  if (format === 'json') yield first ? ']\n' : '\n]\n';
}

function csvCells(record: InventoryRecord): string[] {
  return [
    record.urn,
    record.kind,
    record.layer,
    record.member,
    record.owner,
    record.owners.join(' '),
    record.names.vi,
    record.names.en,
    record.observed,
    record.declaredAt ?? '',
    record.drift ?? '',
    record.relations.map(({ type, to }) => `${type}=${to}`).join(' '),
    canonicalJson(record.attributes),
  ];
}

/**
 * One cell (RFC 4180) that no spreadsheet takes for a formula: a text that begins with `=`, `+`, `-`, `@`, a tab or a
 * carriage return (also after spaces) gets an apostrophe before it.
 */
export function csvCell(text: string): string {
  const safe = /^\s*[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/u.test(text) || /^[\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/u.test(safe) ? `"${safe.replace(/"/gu, '""')}"` : safe;
}
