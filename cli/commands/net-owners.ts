import { compareCodeUnits, plural, ProblemError } from '../../modules/core/basics.ts';
import type { Federation } from '../../modules/federation/index.ts';
import type { PlanSet } from '../../modules/network/index.ts';
import type { KeyOwners } from '../../modules/network/owners/index.ts';
import { columns } from '../columns.ts';
import type { Context, Outcome, Verb } from '../kit.ts';
import { load, type Options } from './net.ts';

const ownersVerb: Verb = {
  name: 'net owners',
  summary: 'say whose keys are whose, and whom to ask when they change',
  description:
    'Every key belongs to the organisation of the most specific pattern of `owners:` that matches it; else to the object its rule was repeated for or its `owner:`; else to whoever owns the holder it lies in; else to the organisation of this member. With --codeowners the lines of a CODEOWNERS file: every file that has lines about keys of organisations with reviewers. --write puts them into the CODEOWNERS of the repository, between marks; all other lines stay.\nJSON data: { keys: [{ key, owner, by, pattern }], organisations: [{ organisation, keys, reviewers }] }; by is pattern, plan, holder or member. With --codeowners { files: [{ file, organisations, reviewers }], lines, written }.',
  arguments: [{ syntax: '[key]', description: 'a key; a summary by organisation without it' }],
  options: [
    { flags: '--codeowners', description: 'print a CODEOWNERS file for GitHub' },
    { flags: '--write', description: 'write it into the repository, beside what else stands there' },
  ],
  examples: [
    { line: 'vcloud net owners', does: 'how many keys each organisation has, and who reviews them' },
    { line: 'vcloud net owners site/mst-dc', does: 'whose a key is and why' },
    { line: 'vcloud net owners --codeowners --write', does: 'keeps .github/CODEOWNERS up to date' },
  ],
  exits: { 0: 'found', 1: 'error: two organisations own one key, or a key is unknown; nothing was written', 2: 'no keys' },
  async run(context, [key], options) {
    const { KeyOwners } = await import('../../modules/network/owners/index.ts');
    const { planSet, federation } = await load(context, true);
    const owners = new KeyOwners(planSet, federation);
    const conflicts = owners.conflicts();
    if (conflicts.length > 0) throw new ProblemError(conflicts);
    if (options['codeowners'] === true || options['write'] === true) return codeowners(context, planSet, owners, options);
    const known = owners.keys();
    if (key !== undefined && !known.includes(key))
      throw new ProblemError({ code: 'NET-UNKNOWN', severity: 'error', message: `no plan and no lock knows "${key}"`, hint: 'see `vcloud net owners --json`' });
    const rows = (key === undefined ? known : [key]).map((name) => {
      const { organisation, by, rule } = owners.of(name);
      return { key: name, owner: organisation, by, pattern: rule?.pattern, place: rule?.place };
    });
    const organisations = byOrganisation(rows, planSet);
    const text =
      key === undefined
        ? columns(organisations.map(({ organisation, keys, reviewers }) => [organisation ?? 'nobody', plural(keys, 'key'), reviewers.join(' ')]))
        : rows
            .map(
              ({ owner, by, pattern, place }) =>
                `${key}  ${owner ?? 'nobody'}  ${reasons[by]}${pattern === undefined ? '' : ` "${pattern}" (${place?.file ?? ''}:${place?.line ?? 1})`}`,
            )
            .join('\n');
    return { exit: rows.length > 0 ? 0 : 2, data: { keys: rows, organisations }, text: text || 'no keys' };
  },
};

const reasons = { pattern: 'by the pattern', plan: 'by the plan', holder: 'by the holder it lies in', member: 'as nobody else owns it' } as const;

function byOrganisation(
  rows: readonly { readonly owner: string | undefined }[],
  planSet: PlanSet,
): { organisation: string | undefined; keys: number; reviewers: string[] }[] {
  const counts = new Map<string | undefined, number>();
  for (const { owner } of rows) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return [...counts]
    .map(([organisation, keys]) => ({
      organisation,
      keys,
      reviewers: [...new Set(planSet.owners.flatMap((rule) => (rule.organisation === organisation ? rule.reviewers : [])))].sort(compareCodeUnits),
    }))
    .sort((one, other) => compareCodeUnits(one.organisation ?? '', other.organisation ?? ''));
}

async function codeowners({ root }: Context, planSet: PlanSet, owners: KeyOwners, options: Options): Promise<Outcome> {
  const { codeownersBlock, codeownersLines, gitFolder, ownedFiles, writeCodeowners } = await import('../../modules/network/owners/index.ts');
  const files = ownedFiles(planSet, owners);
  const { top, prefix } = gitFolder(root) ?? { top: root, prefix: '' };
  const lines = codeownersLines(files, prefix);
  const written = options['write'] === true ? writeCodeowners(top, prefix, lines) : undefined;
  return {
    exit: files.length > 0 ? 0 : 2,
    data: { files, lines, written },
    text: written ? `${written.file}: ${written.changed ? `wrote ${plural(lines.length, 'line')}` : 'up to date'}` : codeownersBlock(lines, prefix),
  };
}

/** `net check --since`: whose keys the changes since a commit touch. */
export async function checkSince(context: Context, planSet: PlanSet, federation: Federation | undefined, options: Options): Promise<Outcome> {
  const { changesSince } = await import('../../modules/network/owners/index.ts');
  const organisation = typeof options['as'] === 'string' ? options['as'] : undefined;
  const { changes, findings } = await changesSince(context.root, planSet, federation, { since: String(options['since']), organisation, asOf: context.asOf });
  const counts = new Map<string, number>();
  for (const { owner = 'nobody' } of changes) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const rows = changes.map(({ key, owner, in: part, what, place, foreign }) => [
    foreign ? '!' : '.',
    key,
    owner ?? 'nobody',
    `${part} ${what}`,
    `${place.file}:${place.line ?? 1}`,
  ]);
  const summary = `${plural(changes.length, 'change')} since ${String(options['since'])}${
    changes.length === 0
      ? ''
      : `: ${[...counts]
          .sort(([one], [other]) => compareCodeUnits(one, other))
          .map(([owner, count]) => `${owner} ${count}`)
          .join(', ')}`
  }${organisation === undefined ? '' : `; ${findings.length} of others than ${organisation}`}`;
  return {
    exit: findings.length > 0 ? 2 : 0,
    data: { since: options['since'], as: organisation, changes },
    text: [...(rows.length > 0 ? [columns(rows.slice(0, 200))] : []), ...(rows.length > 200 ? [`... and ${rows.length - 200} more`] : []), summary].join('\n'),
    problems: findings,
  };
}

/** `vcloud net owners`. */
export const netOwnersVerbs: readonly Verb[] = [ownersVerb];
