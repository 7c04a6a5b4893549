// Makes modules/network/registry/special-purpose.json from the two tables IANA publishes:
//   node scripts/special-purpose.ts iana-ipv4-special-registry-1.csv iana-ipv6-special-registry-1.csv 2026-07-18
import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';

const [file4, file6, retrieved] = process.argv.slice(2);
if (file4 === undefined || file6 === undefined || !/^\d{4}-\d{2}-\d{2}$/u.test(retrieved ?? '')) {
  console.error('give the IPv4 table, the IPv6 table and the date they were retrieved (YYYY-MM-DD)');
  process.exit(1);
}

type Cells = Readonly<Record<string, string>>;

/** A cell without the numbers of its footnotes. */
const plain = (cell = ''): string => cell.replaceAll(/\s*\[\d+\]/gu, '').trim();
/** N/A and empty are no statement. */
const stated = (cell?: string): boolean | null => (plain(cell) === 'True' ? true : plain(cell) === 'False' ? false : null);

function kindOf(name: string, reference: string, terminated: string, reachable: boolean | null): string {
  if (/^\d/u.test(terminated)) return 'reserved';
  if (name.startsWith('Documentation')) return 'documentation';
  if (reference.includes('RFC6598')) return 'shared';
  if (/RFC(1918|4193|8215)/u.test(reference)) return 'private';
  return reachable === true ? 'global' : 'reserved';
}

function rowsOf(file: string): object[] {
  const table: Cells[] = parse(fs.readFileSync(file), { columns: true, bom: true });
  return table.flatMap((cells) => {
    const name = plain(cells['Name']).replaceAll('"', '');
    const reference = (cells['RFC'] ?? '').match(/RFC(?: Errata )?\s?\d+/gu)?.join(', ') ?? '';
    const terminated = plain(cells['Termination Date']);
    const globallyReachable = stated(cells['Globally Reachable']);
    return plain(cells['Address Block'])
      .split(/,\s*/u)
      .map((block) => ({
        block,
        name,
        reference: reference.replaceAll(/RFC(\d)/gu, 'RFC $1'),
        allocated: plain(cells['Allocation Date']),
        terminated: /^\d/u.test(terminated) ? terminated : null,
        source: stated(cells['Source']),
        destination: stated(cells['Destination']),
        forwardable: stated(cells['Forwardable']),
        globallyReachable,
        reservedByProtocol: stated(cells['Reserved-by-Protocol']),
        kind: kindOf(name, reference, terminated, globallyReachable),
      }));
  });
}

const registries = [file4, file6].map((file, index) => {
  const name = `iana-ipv${index === 0 ? 4 : 6}-special-registry`;
  return { name, url: `https://www.iana.org/assignments/${name}/${name}-1.csv`, retrieved, rows: rowsOf(file) };
});
// One row a line: what changes at IANA is one line here.
const lines = registries.map(({ rows, ...head }) => {
  const body = rows.map((row) => `      ${JSON.stringify(row)}`).join(',\n');
  return `    {\n${Object.entries(head)
    .map(([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)},`)
    .join('\n')}\n      "rows": [\n${body.replaceAll(/^/gmu, '  ')}\n      ]\n    }`;
});
const target = fileURLToPath(new URL('../modules/network/registry/special-purpose.json', import.meta.url));
fs.writeFileSync(target, `{\n  "registries": [\n${lines.join(',\n')}\n  ]\n}\n`);
