import * as path from 'node:path';
import { parseCsv, plural, ProblemError, readText, writeFileAtomic } from '../../modules/core/index.ts';
import { editAddresses, lineDiff, openWorkspace, writeEdit, type Edit, type EditOutcome, type Workspace } from '../../modules/network/edit/index.ts';
import { planAddresses, type AddressPlan } from '../../modules/network/index.ts';
import { mergeByTable, mergerReport, type Merger, type MergerReport } from '../../modules/network/merger/index.ts';

const data = 'network-plans/data';

/** The reform of one nation, carried out on its plan. */
export interface NationMerger {
  /** Text of the plan before. */
  readonly plan: string;
  readonly before: AddressPlan;
  readonly after: Workspace;
  readonly afterPlan: AddressPlan;
  readonly communes: Merger;
  /** One line for each step. */
  readonly steps: readonly { readonly command: string; readonly outcome: EditOutcome }[];
  /** Former key -> key that holds its addresses now. */
  readonly heirs: ReadonlyMap<string, string>;
  readonly report: MergerReport;
}

/**
 * Carries out the merger of `examples/merger` in a folder: allocates the plan of 2024, then three edits, each written as the
 * verbs write them. `root` is changed.
 * @throws ProblemError NET-*
 */
export async function mergeNation(root: string): Promise<NationMerger> {
  const plan = readText(root, 'network-plans/nation.yaml');
  let workspace = openWorkspace(root);
  const first = planAddresses(workspace.planSet);
  if (first.problems.length > 0) throw new ProblemError(first.problems);
  for (const [file, text] of first.locks) writeFileAtomic(path.join(root, file), text);
  workspace = openWorkspace(root);
  const steps: { command: string; outcome: EditOutcome }[] = [];
  const heirs = new Map<string, string>();
  const step = async (command: string, edit: Edit): Promise<void> => {
    const outcome = editAddresses(workspace, edit);
    await writeEdit(workspace, outcome);
    steps.push({ command, outcome });
    for (const { kind, key, heirs: now } of outcome.rows) if (kind === 'rename') heirs.set(key, now?.[0] ?? key);
    workspace = openWorkspace(root);
  };
  const tables = (level: string): string => `${data}/${level}-2024.csv`;
  const provinces = mergeByTable(workspace, { table: tables('provinces'), key: 'province/{code}', successors: 'merged_into' });
  await step(`net merge --table ${tables('provinces')} --key "province/{code}" --write`, provinces.edit);
  await step('net rename "district/{code}" "legacy/district/{code}" --write', { verb: 'rename', from: 'district/{code}', to: 'legacy/district/{code}' });
  const communes = mergeByTable(workspace, {
    table: tables('communes'),
    key: 'commune/{code}',
    successors: 'merged_into',
    units: `${data}/communes-2025.csv`,
    newIn: 'province/{province}',
  });
  await step(
    `net merge --table ${tables('communes')} --key "commune/{code}" --units ${data}/communes-2025.csv --new-in "province/{province}" --write`,
    communes.edit,
  );
  const regionOf = new Map(
    parseCsv('', readText(root, `${data}/communes-2025.csv`)).rows.map(({ cells }) => [
      `commune/${cells['code'] ?? ''}`,
      `province/${cells['province'] ?? ''}`,
    ]),
  );
  const own =
    (level: string) =>
    (key: string): string | undefined =>
      key.startsWith(`${level}/`) ? key.replace(/\/from\/.*$/u, '') : undefined;
  const { addressPlan: afterPlan } = planAddresses(workspace.planSet);
  const report = mergerReport(
    first.addressPlan,
    afterPlan,
    { unitOf: own('commune'), regionOf: own('province'), regionOfUnit: (unit) => regionOf.get(unit) },
    heirs,
  );
  return { plan, before: first.addressPlan, after: workspace, afterPlan, communes, steps, heirs, report };
}

/** The report as it stands in docs/merger-2025.md. */
export function nationText(root: string, nation: NationMerger): string {
  const { report, communes, steps, afterPlan, after, before } = nation;
  const { units, regions, rows, spread } = report;
  const n = (value: number): string => value.toLocaleString('en-US');
  const names = nameTables(root);
  const inside = new Map<string, number>();
  for (const need of after.planSet.needs.values()) {
    if (need.role === 'container') inside.set(need.key, (need.v6?.legs ?? []).length);
  }
  const districts = [...inside].filter(([key]) => key.startsWith('legacy/district/'));
  const empty = districts.filter(([, count]) => count === 0).map(([key]) => key);
  const merged = rows.filter(({ outside }) => outside.v6 > 1);
  const moves = rows.reduce((sum, row) => sum + row.moves, 0);
  const surplus = units.v6.after.blocks - units.v6.after.units.length;
  const counts = [...afterPlan.allocations.keys()];
  const renumbered = steps.reduce((sum, { outcome }) => sum + outcome.rows.filter(({ kind }) => kind === 'move' || kind === 'release').length, 0);
  const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(0)} %`;
  const worst = [...units.v6.after.units].sort((one, other) => other.announced.length - one.announced.length || (one.unit < other.unit ? -1 : 1)).slice(0, 5);
  const band = (from: number, to: number): number => [...spread].reduce((sum, [size, count]) => (size >= from && size <= to ? sum + count : sum), 0);
  const level = (count: { before: { announced: number }; after: { announced: number } }): string =>
    `${n(count.before.announced)} | ${n(count.after.announced)}`;
  return `# The merger of 2025: 63 provinces to 34, without renumbering a host

On 1 July 2025 Viet Nam's 63 provinces, 696 districts and 10,035 communes became 34 provinces and 3,321 communes. This page carries the
reform out on an address plan and counts what it leaves behind. It is written by \`examples/merger/report.ts\`; run it to get the same figures.
The tables are in \`examples/merger\` (source in its README); the addresses are invented.

## What was done

The plan of 2024 is three rules over three tables. Allocated, it holds ${n(before.allocations.size)} keys. Then three commands:

\`\`\`
${steps.map(({ command }) => `vcloud ${command}`).join('\n')}
\`\`\`

Each shows its change first and writes plan, lock and tables only with \`--write\`. In the plan they change ${plural(changedLines(nation), 'line')}; the tables get a
column for what no longer follows from a code; the lock gets other keys with the same addresses.

| | IPv4 and IPv6 blocks |
|---|---:|
| held before, and held by the same unit or its heir now | ${n(report.kept)} |
| lost | ${n(report.lost.length)} |
| renumbered or released | ${n(renumbered)} |
| new | ${n(2 * communes.without.length)} |

- **Divided communes**: ${n(communes.divided.length)} communes went to several. Their block went to the first successor named; the others got none of it.
- **New blocks**: ${communes.without.length} communes inherit nothing. Five are special zones that had no commune before. One is first heir of nobody: it got parts of
  communes whose block went elsewhere. ${communes.without.map((key) => `${names.commune(key)} (\`${key}\`)`).join(', ')}.
- **Districts** exist no more. Their ${n(districts.length)} blocks are \`legacy/district/...\` and hold what lies in them until it is empty. ${empty.length} are empty now
  (${empty.map((key) => `\`${key}\``).join(', ')}): \`vcloud net retire\` takes them out, with a date until which nobody gets the addresses.
- **Keys**: a commune's own block is \`commune/00097\`; what it inherited is \`commune/00097/from/00001\`, so that its origin can be read from the key.
  The plan holds ${n(counts.length)} keys.

## What is fragmented now

| prefixes announced | 2024 IPv6 | now IPv6 | 2024 IPv4 | now IPv4 |
|---|---:|---:|---:|---:|
| by provinces to the nation | ${level(regions.v6)} | ${level(regions.v4)} |
| by communes to their province | ${level(units.v6)} | ${level(units.v4)} |

Prefixes are counted after joining neighbours, for each province or commune by itself. ${n(units.v6.after.blocks)} blocks of communes in each family.

| IPv6 prefixes of one commune | communes | share |
|---|---:|---:|
${[
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 5],
  [6, 10],
  [11, 1000],
]
  .map(
    ([from = 0, to = 0]) =>
      `| ${from === to ? from : to === 1000 ? `${from} and more` : `${from}-${to}`} | ${n(band(from, to))} | ${share(band(from, to), units.v6.after.units.length)} |`,
  )
  .join('\n')}

Most scattered: ${worst.map(({ unit, announced }) => `${names.commune(unit)} (${announced.length})`).join(', ')}.

## What a renumbering would save

| | blocks to renumber in each family | IPv6 prefixes saved | IPv4 prefixes saved |
|---|---:|---:|---:|
| each of the ${merged.length} provinces that announce several moves into the former province that holds most of its communes | ${n(moves)} | ${n(regions.v6.after.announced - rows.length)} of ${n(regions.v6.after.announced)} between provinces | ${n(regions.v4.after.announced - rows.length)} of ${n(regions.v4.after.announced)} |
| each commune keeps one block and gives the others back | ${n(surplus)} | ${n(units.v6.after.announced - units.v6.after.units.length)} of ${n(units.v6.after.announced)} inside provinces | ${n(units.v4.after.announced - units.v4.after.units.length)} of ${n(units.v4.after.announced)} |

The first costs ${share(moves, units.v6.after.blocks)} of all blocks and gains ${n(regions.v6.after.announced - rows.length)} routes: a national table of ${n(regions.v6.after.announced)} routes is no reason to renumber. The second is worth
doing as equipment is replaced: one commune at a time, \`net move KEY --in ... --allow-move KEY\`, with the former block in quarantine.

## By province

"Outside": prefixes the province announces to the nation. "Inside": prefixes its communes announce to it, in brackets the number of communes, which is
what a renumbering would leave. "To move": blocks outside of its largest former province.

| province | former | outside IPv6 | outside IPv4 | blocks | inside IPv6 | inside IPv4 | to move |
|---|---:|---:|---:|---:|---:|---:|---:|
${rows
  .map(
    (row) =>
      `| ${row.region.slice('province/'.length)} ${names.province(row.region)} | ${regions.v6.after.units.find(({ unit }) => unit === row.region)?.blocks.length ?? 0} | ${row.outside.v6} | ${row.outside.v4} | ${n(row.blocks)} | ${n(row.announced.v6)} (${row.units}) | ${n(row.announced.v4)} | ${n(row.moves)} |`,
  )
  .join('\n')}
| **all** | ${regions.v6.after.blocks} | ${regions.v6.after.announced} | ${regions.v4.after.announced} | ${n(units.v6.after.blocks)} | ${n(units.v6.after.announced)} (${n(units.v6.after.units.length)}) | ${n(units.v4.after.announced)} | ${n(moves)} |
`;
}

/** Lines of the plan that the edits wrote. */
function changedLines({ steps, plan }: NationMerger): number {
  return lineDiff(plan, steps.at(-1)?.outcome.files.get('network-plans/nation.yaml') ?? plan).filter((line) => line.startsWith('+')).length;
}

function nameTables(root: string): { commune(key: string): string; province(key: string): string } {
  const table = (file: string): Map<string, string> =>
    new Map(parseCsv(file, readText(root, `${data}/${file}`)).rows.map(({ cells }) => [cells['code'] ?? '', cells['name'] ?? '']));
  const communes = table('communes-2025.csv');
  const provinces = table('provinces-2025.csv');
  const last = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
  return { commune: (key) => communes.get(last(key)) ?? key, province: (key) => provinces.get(last(key)) ?? key };
}
