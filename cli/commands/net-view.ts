import * as fs from 'node:fs';
import * as path from 'node:path';
import { canonicalJson, fail, readTextIfPresent, writeFileAtomic } from '../../modules/core/index.ts';
import type { ReviewEffects } from '../../modules/network/index.ts';
import type { Context, Verb } from '../kit.ts';
import { planned } from './net.ts';

const planVerb: Verb = {
  name: 'net plan',
  summary: 'show what allocating addresses would change',
  description:
    'Compares the plans in network-plans/ with their locks: + adds, - releases, ~ changes that keep addresses, > moves (renumbering), = what stays, how full pools and holders are before and after, and which zones and overlays would gain or lose what. Writes nothing.\nJSON data: { add, release, move, change, unchanged }: lists of { key, family, pool, from, to } sorted by key, unchanged a number; beside them utilisation (a list of { name, kind, family, pool, unit, before, after }, each of these { prefix, delegated, used, delegatedAddresses, usedAddresses, largestFree }), zones ({ zone, state, added, removed }) and overlays ({ overlay, added, removed, changed, tunnels }).',
  options: [
    {
      flags: '--format <format>',
      description: 'how people read it: text, Markdown for a merge request, or the data alone',
      choices: ['text', 'json', 'markdown'],
      default: 'text',
    },
    { flags: '--no-effects', description: 'leave out what zones and overlays gain and lose' },
  ],
  examples: [
    { line: 'vcloud net plan', does: 'shows every key that would get, lose or change its block' },
    { line: 'vcloud net plan --format markdown', does: 'the same as a comment on a merge request' },
    { line: 'vcloud net plan --json', does: 'the same for programs' },
  ],
  exits: { 0: 'no differences', 1: 'error', 2: 'differences' },
  async run(context, _args, options) {
    const outcome = await planned(context);
    const { changeCount, heldAddresses, reviewAddresses, reviewData, reviewMarkdown, reviewText } = await import('../../modules/network/review/index.ts');
    const { planSet, diff, addressPlan } = outcome;
    let effects: ReviewEffects | undefined;
    if (changeCount(diff) > 0 && options['effects'] !== false) {
      const federation = outcome.federation ?? (await declared(context));
      if (federation) {
        const { effectsOf } = await import('../../modules/federate.ts');
        effects = await effectsOf(context.root, federation, heldAddresses(planSet), addressPlan);
      }
    }
    const review = reviewAddresses(planSet, diff, effects);
    const data = reviewData(review);
    const { format } = options;
    const text = format === 'markdown' ? reviewMarkdown(review) : format === 'json' ? canonicalJson(data, 2) : reviewText(review);
    return { exit: changeCount(diff) > 0 ? 2 : 0, data, text };
  },
};

/** What is declared, where there is a federation around the plans. */
async function declared({ root, asOf }: Context) {
  if (!fs.existsSync(path.join(root, 'vcloud.yaml'))) return undefined;
  const { loadFederation } = await import('../../modules/federation/index.ts');
  return await loadFederation(root, { asOf });
}

const mergeLockVerb: Verb = {
  name: 'net merge-lock',
  summary: 'merge two versions of a lock, as a merge driver of git',
  description:
    'Merges by key: what only one branch changed is taken from it. Where both placed blocks over each other, or gave one key different blocks, both rows are left between conflict marks, which no verb reads, and the merge fails. The result goes to OURS.\nTell git once per checkout:\n  git config merge.vcloud-lock.driver "npx vcloud net merge-lock %O %A %B %P"\nand in .gitattributes:\n  **/network-plans/*.lock.yaml merge=vcloud-lock\nJSON data: { file, conflicts }: conflicts a number; they are in problems.',
  arguments: [
    { syntax: '<base>', description: 'the common ancestor (%O)' },
    { syntax: '<ours>', description: 'this branch (%A); the merged lock is written here' },
    { syntax: '<theirs>', description: 'the other branch (%B)' },
    { syntax: '[path]', description: 'name of the lock for messages (%P)' },
  ],
  examples: [{ line: 'vcloud net merge-lock base.yaml ours.yaml theirs.yaml', does: 'merges theirs into ours.yaml' }],
  exits: { 0: 'merged', 1: 'conflicts, or not a lock' },
  async run(_context, [base = '', ours = '', theirs = '', name]) {
    const { mergeLocks } = await import('../../modules/network/review/index.ts');
    // git names its files relative to the folder it runs in, so -C does not apply.
    const read = (file: string): string =>
      readTextIfPresent(path.resolve(file)) ?? fail('NET-MERGE-FILE', `${file} cannot be read`, { hint: 'give three files: %O %A %B' });
    const merged = mergeLocks({ base: read(base), ours: read(ours), theirs: read(theirs) }, name ?? ours);
    writeFileAtomic(path.resolve(ours), merged.text);
    const { conflicts } = merged;
    const data = { file: name ?? ours, conflicts: conflicts.length };
    return { exit: conflicts.length > 0 ? 1 : 0, data, text: conflicts.length > 0 ? '' : `merged ${data.file}`, problems: conflicts };
  },
};

/** `vcloud net ...`: seeing, reviewing and merging address plans. */
export const netViewVerbs: readonly Verb[] = [planVerb, mergeLockVerb];
