import * as fs from 'node:fs';
import * as path from 'node:path';
import { countRecords, openInventory, searchInventory, sortRecords, submit, summarise, type InventoryRecord } from '../modules/inventory/index.ts';
import { expect, measureCommand, measureHere, measureOne, measurePart, temporaryFolder, type Parts } from './measure.ts';
import { installed, isAbsent } from './peers.ts';
import type { Bar, Benchmark, Row } from './table.ts';

const agencies = 100;
const kinds = ['system', 'site', 'prefix', 'zone', 'stack', 'resource', 'tunnel', 'network'];
const asOf = '2026-11-22';

/** Records from NDJSON into the store with full text, and found again; beside the same rows put in by Python's sqlite3. */
export const benchmark: Benchmark = {
  name: 'inventory',
  about: `records of ${agencies} agencies and ${kinds.length} kinds from NDJSON into the store with full text, in as many reports as named`,
  run: async ({ full }) => {
    const rows: Row[] = [];
    // The way of a centre is many reports of some thousand records; one report of a million fits, but takes its memory.
    for (const [count, reports, bar, python] of [
      [200_000, 1, { cpuSeconds: 1.8 }, true],
      [1_000_000, agencies, { cpuSeconds: 9 }, full],
    ] as const) {
      const folder = temporaryFolder();
      measureOne('inventory', 'generate', folder, String(count), String(reports));
      const shown = count.toLocaleString('en-US');
      const work = `${shown} records in`;
      const who = `submit, ${reports} ${reports === 1 ? 'report' : 'reports'}`;
      rows.push({ work, who, scope: 'command', ...measureOne('inventory', 'ingest', folder, String(count)), bar: bar satisfies Bar });
      if (python) rows.push(pythonRow(folder, work, count));
      rows.push(...searched(folder, shown, who));
      fs.rmSync(folder, { recursive: true, force: true });
    }
    return rows;
  },
};

/** One record of the generated inventory; every 5,000th system is called the same. */
function recordOf(index: number, member: string): InventoryRecord {
  const agency = `agency-${index % agencies}`;
  const kind = kinds[Math.floor(index / agencies) % kinds.length] ?? '';
  const name = index % 5000 === 0 ? 'Nền tảng điều phối' : `Máy chủ ${index.toString(36)}`;
  return {
    urn: `urn:vcloud:${member}:${kind}:item-${index}`,
    kind,
    layer: 'declared',
    member,
    owner: agency,
    owners: [agency, 'viet-nam'],
    names: { vi: name, en: `Item ${index}` },
    observed: asOf,
    declaredAt: `stacks/${agency}/file.yaml:${(index % 900) + 1}:5`,
    relations: [{ type: 'operatedBy', to: `urn:vcloud:${member}:organisation:${agency}` }],
    attributes: {
      address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      flavor: `c${index % 16}m${index % 64}`,
      environment: 'production',
    },
  };
}

function organisationsOf(member: string): InventoryRecord[] {
  const base = { kind: 'organisation', layer: 'declared', member, observed: asOf, relations: [], attributes: {} } as const;
  const nation = {
    ...base,
    urn: `urn:vcloud:${member}:organisation:viet-nam`,
    owner: 'viet-nam',
    owners: ['viet-nam'],
    names: { vi: 'Việt Nam', en: 'Viet Nam' },
  };
  const own = Array.from({ length: agencies }, (_, number) => {
    const id = `agency-${number}`;
    return {
      ...base,
      urn: `urn:vcloud:${member}:organisation:${id}`,
      owner: id,
      owners: [id, 'viet-nam'],
      names: { vi: `Cơ quan ${number}`, en: `Agency ${number}` },
    };
  });
  return [nation, ...own];
}

function reportsIn(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .sort();
}

/** The same rows, columns, index and roll-up as one would write them with Python's sqlite3. */
const pythonScript = `
import glob, json, sqlite3, unicodedata, os, sys
def fold(text):
    text = unicodedata.normalize('NFD', text.lower())
    return ''.join(c for c in text if not unicodedata.combining(c)).replace('đ', 'd')
path = sys.argv[1]
db = sqlite3.connect(path)
db.executescript("""
PRAGMA page_size = 8192; PRAGMA cache_size = -131072;
CREATE TABLE record (id INTEGER PRIMARY KEY, member TEXT, urn TEXT, kind TEXT, owner TEXT, layer TEXT, body TEXT);
CREATE VIRTUAL TABLE text USING fts5 (name, context, content = '', detail = none);
""")
names = {}
def rows():
    for file in sorted(glob.glob('*.ndjson')):
        with open(file) as lines:
            for line in lines:
                record = json.loads(line)
                yield record, line
count = 0
text = []
with db:
    for record, line in rows():
        if record['kind'] == 'organisation':
            names[record['owner']] = record['names']['vi'] + ' ' + record['names']['en']
        count += 1
        db.execute('INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)', (count, record['member'], record['urn'], record['kind'], record['owner'], record['layer'], line))
        name = fold(record['names']['vi'] + ' ' + record['names']['en'])
        context = record['urn'] + ' ' + ' '.join(map(str, record['attributes'].values())) + ' ' + ' '.join(names.get(o, o) for o in record['owners'])
        db.execute('INSERT INTO text (rowid, name, context) VALUES (?, ?, ?)', (count, name, fold(context)))
    db.execute('CREATE UNIQUE INDEX record_urn ON record (urn, member)')
    db.execute('CREATE INDEX record_owner ON record (owner, kind)')
print(db.execute('SELECT count(*) FROM record').fetchone()[0], db.execute("SELECT count(*) FROM text WHERE text MATCH 'nen AND tang AND dieu AND phoi'").fetchone()[0])
`;

function pythonRow(folder: string, work: string, count: number): Row {
  const who = 'Python sqlite3 + FTS5';
  const python = installed('python3');
  if (isAbsent(python)) return { work, who, absent: python.absent };
  const usage = measureCommand(python.command, ['-c', pythonScript, path.join(folder, 'python.sqlite')], { cwd: folder });
  expect(usage.stdout.trim() === `${count + agencies + 1} ${count / 5000}`, `Python put in ${usage.stdout}`);
  return { work, who, scope: 'command', ...usage, answer: `${usage.stdout.trim().replace(' ', ' records, ')} found` };
}

function searched(folder: string, shown: string, who: string): Row[] {
  const work = (what: string): string => `${what} in ${shown} (${who.replace('submit, ', '')})`;
  const names = ['four words, median of 50', 'an address, median of 50', 'counts by kind and agency'];
  return measurePart('inventory', 'search', folder).map((figures, index) => {
    const what = names[index] ?? '';
    return {
      work: work(what),
      who: index === 2 ? 'summarise' : 'searchInventory',
      scope: 'in process',
      ...figures,
      bar: { wallSeconds: index === 2 ? 0.1 : 0.02 },
    };
  });
}

export const parts: Parts = {
  generate: async (folder = '', count = '', reports = '') => {
    const each = Number(count) / Number(reports);
    for (let report = 0; report < Number(reports); report++) {
      const member = `member-${String(report).padStart(3, '0')}`;
      const out = fs.openSync(path.join(folder, `${member}.ndjson`), 'w');
      if (report === 0)
        fs.writeSync(
          out,
          organisationsOf(member)
            .map((record) => `${JSON.stringify(record)}\n`)
            .join(''),
        );
      for (let from = 0; from < each; from += 10_000) {
        const lines: string[] = [];
        for (let index = from; index < Math.min(from + 10_000, each); index++) lines.push(`${JSON.stringify(recordOf(report * each + index, member))}\n`);
        fs.writeSync(out, lines.join(''));
      }
      fs.closeSync(out);
    }
    return [{ answer: '' }];
  },
  ingest: async (folder = '', count = '') => {
    const store = openInventory(folder, { create: true });
    for (const file of reportsIn(folder)) {
      const text = fs.readFileSync(path.join(folder, file));
      const records: InventoryRecord[] = [];
      for (let from = 0; from < text.length;) {
        const end = text.indexOf(10, from);
        records.push(JSON.parse(text.toString('utf8', from, end)) as InventoryRecord);
        from = end + 1;
      }
      submit(store, { member: file.replace('.ndjson', ''), observed: asOf, records: sortRecords(records) });
    }
    const total = countRecords(store, {});
    expect(total === Number(count) + agencies + 1, `${total} records`);
    const found = countRecordsFound(store);
    expect(found === Math.min(Number(count) / 5000, 400), `${found} found`);
    store.close();
    return [{ answer: `${total} records, ${found} found` }];
  },
  search: async (folder = '') => {
    const store = openInventory(folder, { readOnly: true });
    const answers = [
      await median(50, () => searchInventory(store, 'nền tảng điều phối').records.length, 20),
      await median(50, (turn) => searchInventory(store, `10.0.${turn}.77`).records.length, 1),
      await median(5, () => summarise(store).total, countRecords(store, {})),
    ];
    store.close();
    return answers;
  },
};

function countRecordsFound(store: ReturnType<typeof openInventory>): number {
  return searchInventory(store, 'nền tảng điều phối', { limit: 400 }).records.length;
}

async function median(times: number, work: (turn: number) => number, least: number): Promise<{ cpuSeconds: number; wallSeconds: number; answer: string }> {
  const runs: { value: number; cpuSeconds: number; wallSeconds: number }[] = [];
  for (let turn = 0; turn < times; turn++) runs.push(await measureHere(() => work(turn)));
  expect(
    runs.every(({ value }) => value >= least),
    `found ${runs.map(({ value }) => value).join(' ')}`,
  );
  runs.sort((one, other) => one.wallSeconds - other.wallSeconds);
  const middle = runs[times >> 1] ?? runs[0];
  const slowest = runs.at(-1)?.wallSeconds ?? 0;
  return {
    cpuSeconds: middle?.cpuSeconds ?? 0,
    wallSeconds: middle?.wallSeconds ?? 0,
    answer: `${middle?.value ?? 0}; slowest ${(slowest * 1000).toFixed(1)} ms`,
  };
}
