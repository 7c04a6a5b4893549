import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Adoption, PlanSet } from '../../modules/network/index.ts';
import { fail, plural, problem, type Problem } from '../../modules/core/basics.ts';
import type { Context, Verb } from '../kit.ts';

/** Findings of one kind that are printed for people; --json has them all. */
const printed = 20;

/** What the folder plans already, if it plans anything. */
async function existingPlans({ root, asOf }: Context): Promise<PlanSet | undefined> {
  if (!fs.existsSync(path.join(root, 'network-plans'))) return undefined;
  const { loadAddressPlans, plansNeed } = await import('../../modules/network/index.ts');
  const needed = plansNeed(root);
  if (!fs.existsSync(path.join(root, 'vcloud.yaml')) || !(needed.federation || needed.extract)) return await loadAddressPlans(root);
  const { loadFederation } = await import('../../modules/federation/index.ts');
  return await loadAddressPlans(root, await loadFederation(root, { asOf }));
}

function counted(problems: readonly Problem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of problems) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** The first problems of each kind, and how many more there are. */
function shortened(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, number>();
  const shown = problems.filter(({ code }) => {
    const number = (seen.get(code) ?? 0) + 1;
    seen.set(code, number);
    return number <= printed;
  });
  const more = [...seen]
    .filter(([, number]) => number > printed)
    .map(([code, number]) => problem(code, `${number - printed} more of this kind`, { severity: 'warning', hint: '--json lists all' }));
  return [...shown, ...more];
}

function summary({ format, sheets, pools, needs, files, problems }: Adoption, dryRun: boolean): string {
  const lines = sheets.map(({ name, hidden, rows, adopted, columns }) => {
    const guessed = Object.entries(columns).map(([field, headings]) => `${field} = ${headings.join(' + ')}`);
    const title = `${name === '' ? 'table' : name}${hidden ? ' (hidden)' : ''}`;
    return guessed.length === 0 ? `${title}: no addresses` : `${title}: ${adopted} of ${plural(rows, 'filled row')} hold addresses; ${guessed.join(', ')}`;
  });
  const containers = needs.filter(({ role }) => role === 'container').length;
  const text = [
    `read as ${format}`,
    ...lines,
    `${plural(needs.length, 'key')} (${plural(containers, 'container')}) in ${plural(pools.length, 'pool')}; ${problems.length === 0 ? 'nothing to look at' : plural(problems.length, 'finding')}`,
  ];
  if (!dryRun)
    return [...text, `wrote ${[...files.keys()].join(', ')}`, '', 'Next: vcloud net plan (no changes), then correct the plan where the findings say so'].join(
      '\n',
    );
  return [...text, ...[...files].map(([name, content]) => `\n--- ${name}\n${content}`)].join('\n');
}

const adoptVerb: Verb = {
  name: 'net adopt',
  summary: 'make a plan and its lock of a spreadsheet or an export, keeping every address',
  description: [
    'Reads XLSX (also XLS), CSV, NetBox and phpIPAM exports and RPSL inetnum/inet6num objects, known by their content. Columns are',
    'found by their headings, English or Vietnamese; a small YAML corrects what is guessed wrongly. Writes network-plans/NAME.yaml and its',
    'lock (and data/NAME.csv for more than 1,000 keys); never overwrites a file. What is doubtful is listed by sheet and cell.',
    '',
    'A mapping (its schema: vcloud schema adopt-mapping), every field optional:',
    '  apiVersion: vcloud/v1',
    '  kind: AdoptMapping',
    '  columns: { prefix: "Dải IP", owner: C, note: null }   # heading, column letter or number; null: none',
    '  headerRow: 4                                          # 0: the sheet has no headings',
    '  domain: tslcd                                         # of rows that name no VRF',
    '  sheets: { "Cũ": { skip: true }, "WAN": { columns: { prefix: A } } }',
    '  owners: { "Sở Y tế": so-y-te }                        # text in the file: organisation id',
    '  domains: { "VRF nội bộ": tslcd }',
    '  statuses: { "đang dùng": active }                     # active, reserved, container, free',
    'Fields: prefix, address, mask, first, last, count, domain, status, role, owner, site, vlan, name, description, note.',
    '',
    'JSON data: { name, format, keys, containers, pools: [{ name, prefix, domain }], sheets: [{ name, hidden, rows, adopted, columns }],',
    'findings: { CODE: count }, files: [paths], written, plan, lock }; plan and lock are texts with --dry-run, else null.',
  ].join('\n'),
  arguments: [{ syntax: '<file>', description: 'the file to adopt, relative to -C' }],
  options: [
    { flags: '--mapping <file>', description: 'YAML that corrects what is guessed' },
    { flags: '--name <name>', description: 'name of the plan (default: that of the file)' },
    { flags: '--dry-run', description: 'print what would be written, write nothing' },
  ],
  examples: [
    { line: 'vcloud net adopt examples/adopt/so-lieu-dia-chi.xlsx --dry-run', does: 'shows what would be made of a workbook' },
    { line: 'vcloud net adopt prefixes.csv --name office', does: 'writes network-plans/office.yaml and its lock' },
    { line: 'vcloud net adopt plan.xlsx --mapping mapping.yaml', does: 'the same with columns corrected' },
  ],
  exits: { 0: 'adopted, nothing to look at', 1: 'nothing could be read, or a file would be overwritten; nothing was written', 2: 'adopted, with findings' },
  async run(context, [file = ''], options) {
    const { adoptFile, formatPrefix } = await import('../../modules/network/index.ts');
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
    const name = text(options['name']);
    if (name !== undefined && !/^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$/u.test(name)) {
      fail('NET-ADOPT-NAME', `"${name}" cannot be the name of a plan`, { hint: 'letters, digits, hyphens and underscores' });
    }
    const dryRun = options['dryRun'] === true;
    const adoption = await adoptFile(context.root, file, { mapping: text(options['mapping']), name, existing: await existingPlans(context), dryRun });
    const { format, pools, needs, files, sheets, problems } = adoption;
    const lockFile = `network-plans/${adoption.name}.lock.yaml`;
    return {
      exit: problems.length > 0 ? 2 : 0,
      data: {
        name: adoption.name,
        format,
        keys: needs.length,
        containers: needs.filter(({ role }) => role === 'container').length,
        pools: pools.map((pool) => ({ name: pool.name, prefix: formatPrefix(pool.prefix), domain: pool.domain })),
        sheets,
        findings: counted(problems),
        files: [...files.keys()],
        written: !dryRun,
        plan: dryRun ? (files.get(`network-plans/${adoption.name}.yaml`) ?? null) : null,
        lock: dryRun ? (files.get(lockFile) ?? null) : null,
      },
      text: summary(adoption, dryRun),
      problems: context.json ? problems : shortened(problems),
    };
  },
};

/** `vcloud net adopt`. */
export const netAdoptVerbs: readonly Verb[] = [adoptVerb];
