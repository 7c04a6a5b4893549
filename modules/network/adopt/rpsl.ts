import type { Problem } from '../../core/index.ts';
import { readBlocks } from './blocks.ts';
import type { AdoptRecord, ReadRecords } from './records.ts';
import { finding, shown, type CellPlace } from './table.ts';

/** One attribute of an object, with the line it begins on. */
interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

const kinds = new Set(['inetnum', 'inet6num']);

/** Whether a text is a set of RPSL objects (RFC 2622, RFC 2725) with address blocks in them. */
export function looksLikeRpsl(text: string): boolean {
  return /^\ufeff?(?:[%#][^\n]*\n|[ \t\r]*\n)*[A-Za-z][A-Za-z0-9_-]*:[ \t]/u.test(text) && /^\ufeff?inet6?num:/imu.test(text);
}

/** Reads the inetnum and inet6num objects of a registry's answer or dump; other objects are left out. */
export function readRpsl(file: string, text: string): ReadRecords {
  const records: AdoptRecord[] = [];
  const problems: Problem[] = [];
  let rows = 0;
  for (const object of objectsOf(text)) {
    const [head] = object;
    if (!head || !kinds.has(head.name)) continue;
    rows++;
    const place: CellPlace = { sheet: '', row: head.line, line: head.line, column: 0, label: `${head.name}, line ${head.line}` };
    const read = readBlocks(head.value);
    for (const { text: part, cause } of read.unreadable) {
      problems.push(finding(file, 'NET-ADOPT-UNREADABLE', place, `${shown(part)} cannot be read: ${cause}`, 'write "first - last", or a prefix for inet6num'));
    }
    for (const { code, message, hint } of read.remarks) problems.push(finding(file, code, place, message, hint));
    if (read.blocks.length === 0) continue;
    const value = (name: string): string => object.find((attribute) => attribute.name === name)?.value ?? '';
    const all = (name: string): string =>
      object
        .filter((attribute) => attribute.name === name)
        .map((attribute) => attribute.value)
        .join('; ');
    const status = value('status');
    records.push({
      order: records.length,
      place,
      blocks: read.blocks,
      domain: '',
      owner: value('org') || value('mnt-by'),
      site: '',
      name: value('netname'),
      description: all('descr'),
      note: all('remarks'),
      vlan: '',
      status,
      meaning: /^(?:ALLOCATED|AGGREGATED|SUB-ALLOCATED)/iu.test(status) ? 'container' : /RESERVED/iu.test(status) ? 'reserved' : 'active',
      role: '',
      group: '',
      outer: false,
    });
  }
  const columns = { prefix: ['inetnum', 'inet6num'], name: ['netname'], owner: ['org', 'mnt-by'], description: ['descr'], status: ['status'] };
  return { records, problems, sheets: [{ name: '', hidden: false, rows, adopted: records.length, columns }] };
}

/** Objects stand apart by empty lines; a line that begins with a blank or `+` continues the attribute above (RFC 2622, section 2). */
function* objectsOf(text: string): Generator<Attribute[]> {
  let object: Attribute[] = [];
  let line = 0;
  for (const raw of text.replace(/^\ufeff/u, '').split(/\r\n?|\n/u)) {
    line++;
    if (raw.trim() === '' && !raw.startsWith('+')) {
      if (object.length > 0) yield object;
      object = [];
      continue;
    }
    if (/^[%#]/u.test(raw)) continue;
    const written = raw.replace(/#.*$/u, '');
    const attribute = /^([A-Za-z][A-Za-z0-9_-]*):\s*(.*)$/u.exec(written);
    const before = object.at(-1);
    if (attribute) object.push({ name: (attribute[1] ?? '').toLowerCase(), value: (attribute[2] ?? '').trim(), line });
    else if (before && /^[ \t+]/u.test(raw)) object[object.length - 1] = { ...before, value: `${before.value} ${written.slice(1).trim()}`.trim() };
  }
  if (object.length > 0) yield object;
}
