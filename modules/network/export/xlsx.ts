import { looksLikeFormula } from './csv.ts';
import { columns, type ExportRow } from './rows.ts';
import { zipArchive } from './zip.ts';

/** Columns whose cells are numbers. */
const numbers: readonly string[] = ['length', 'depth'];
const widths: Readonly<Record<string, number>> = { prefix: 30, name: 34, owner: 20, holder: 28, first: 30, last: 40, addresses: 16 };

/**
 * The table as a workbook (ECMA-376): one sheet for each pool, heading fixed, filter on. Cells are typed texts and
 * numbers, never formulas; texts that look like one carry the mark (quotePrefix) that keeps them text when edited.
 * Deterministic: the same rows give the same bytes.
 */
export function tableXlsx(rows: readonly ExportRow[]): Uint8Array {
  const pools = [...new Set(rows.map(({ pool }) => pool))];
  const sheets =
    pools.length === 0
      ? [{ name: 'plan', rows: [] as ExportRow[] }]
      : sheetNames(pools).map((name, index) => ({ name, rows: rows.filter(({ pool }) => pool === pools[index]) }));
  const files = new Map<string, string>();
  const xml = (body: string): string => `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${body}`;
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packaged = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  files.set(
    '[Content_Types].xml',
    xml(
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/>${sheets.map((_, index) => `<Override PartName="/xl/worksheets/sheet${index + 1}.xml" ContentType="${type}.worksheet+xml"/>`).join('')}</Types>`,
    ),
  );
  files.set(
    '_rels/.rels',
    xml(`<Relationships xmlns="${packaged}"><Relationship Id="rId1" Type="${relationships}/officeDocument" Target="xl/workbook.xml"/></Relationships>`),
  );
  files.set(
    'xl/workbook.xml',
    xml(
      `<workbook xmlns="${main}" xmlns:r="${relationships}"><sheets>${sheets.map(({ name }, index) => `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`).join('')}</sheets></workbook>`,
    ),
  );
  files.set(
    'xl/_rels/workbook.xml.rels',
    xml(
      `<Relationships xmlns="${packaged}">${sheets.map((_, index) => `<Relationship Id="rId${index + 1}" Type="${relationships}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`).join('')}<Relationship Id="rId${sheets.length + 1}" Type="${relationships}/styles" Target="styles.xml"/></Relationships>`,
    ),
  );
  files.set(
    'xl/styles.xml',
    xml(
      `<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/></cellXfs></styleSheet>`,
    ),
  );
  sheets.forEach(({ rows: inside }, index) => files.set(`xl/worksheets/sheet${index + 1}.xml`, xml(sheetXml(main, inside))));
  return zipArchive(files);
}

function sheetXml(namespace: string, rows: readonly ExportRow[]): string {
  const last = letter(columns.length - 1);
  const heading = `<row r="1">${columns.map((column, index) => textCell(`${letter(index)}1`, column, 1)).join('')}</row>`;
  const body = rows.map((row, at) => {
    const line = at + 2;
    const cells = columns.map((column, index) => {
      const value = String(row[column]);
      const place = `${letter(index)}${line}`;
      if (numbers.includes(column)) return `<c r="${place}"><v>${value}</v></c>`;
      return value === '' ? '' : textCell(place, value, looksLikeFormula(value) ? 2 : 0);
    });
    return `<row r="${line}">${cells.join('')}</row>`;
  });
  const size = columns.map((column, index) => `<col min="${index + 1}" max="${index + 1}" width="${widths[column] ?? 12}" customWidth="1"/>`).join('');
  return `<worksheet xmlns="${namespace}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${size}</cols><sheetData>${heading}${body.join('')}</sheetData><autoFilter ref="A1:${last}${rows.length + 1}"/></worksheet>`;
}

function textCell(place: string, text: string, style: number): string {
  return `<c r="${place}" t="inlineStr"${style === 0 ? '' : ` s="${style}"`}><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

function letter(index: number): string {
  return String.fromCharCode(65 + index);
}

/** Names of sheets: at most 31 characters, none of `[]:*?/\`, different without regard to case. */
function sheetNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const clean = name.replace(/[[\]:*?/\\]/gu, '-');
    let candidate = clean.slice(0, 31);
    for (let number = 2; used.has(candidate.toLowerCase()); number++) candidate = `${clean.slice(0, 31 - `~${number}`.length)}~${number}`;
    used.add(candidate.toLowerCase());
    return candidate;
  });
}

function escapeXml(text: string): string {
  return (
    text
      // XML 1.0 has no other control characters.
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/gu, '')
      .replace(/&/gu, '&amp;')
      .replace(/</gu, '&lt;')
      .replace(/>/gu, '&gt;')
      .replace(/"/gu, '&quot;')
  );
}
