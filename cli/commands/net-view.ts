import * as fs from 'node:fs';
import * as path from 'node:path';
import { canonicalJson, fail, readTextIfPresent, writeFileAtomic } from '../../modules/core/basics.ts';
import type { ReviewEffects } from '../../modules/network/index.ts';
import type { Context, Verb } from '../kit.ts';
import { familyOf, planned } from './net.ts';

const planVerb: Verb = {
  name: 'net plan',
  summary: 'show what allocating addresses would change',
  description:
    'Compares the plans in network-plans/ with their locks: + adds, - releases, ~ changes that keep addresses, > moves (renumbering), = what stays, how full pools and holders are before and after, and which zones and overlays would gain or lose what. The plan of a member also names every proposal of the centre with the keys, zones and overlays it concerns, until it is answered and carried out; that of the centre says how each stands. Writes nothing.\nJSON data: { add, release, move, change, unchanged }: lists of { key, family, pool, from, to } sorted by key, unchanged a number; beside them utilisation (a list of { name, kind, family, pool, unit, before, after }, each of these { prefix, delegated, used, delegatedAddresses, usedAddresses, largestFree }), zones ({ zone, state, added, removed }), overlays ({ overlay, added, removed, changed, tunnels }), at a centre proposals ({ member, proposal, state, overdue, reason, remaining, reported }; state is waiting, accepted, in-use, empty, refused or done) and at a member received ({ proposal, declared, state, overdue, reason, blocks, gives, keys, todo, zones, overlays }; state is unanswered, refused, open, accepted or done).',
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
  exits: { 0: 'no differences', 1: 'error', 2: 'differences, or a proposal that asks for an act' },
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
    const delegation = await delegationOf(context, outcome);
    const review = reviewAddresses(planSet, diff, effects);
    const data = { ...reviewData(review), ...delegation.data };
    const { format } = options;
    const below =
      delegation.lines.length === 0
        ? ''
        : `\n\n${format === 'markdown' ? `#### Delegation\n\n\`\`\`\n${delegation.lines.join('\n')}\n\`\`\`\n` : delegation.lines.join('\n')}`;
    const text = format === 'json' ? canonicalJson(data, 2) : (format === 'markdown' ? reviewMarkdown(review).trimEnd() : reviewText(review)) + below;
    return { exit: changeCount(diff) > 0 || delegation.open ? 2 : 0, data, text, problems: outcome.problems };
  },
};

/** What delegation adds to a plan: a member's proposals to answer with all they concern, a centre's with how they stand. */
async function delegationOf(context: Context, { planSet, addressPlan, federation, problems }: Awaited<ReturnType<typeof planned>>) {
  const { proposalStatuses, proposalViews, statusesText, viewsText } = await import('../../modules/network/delegation/index.ts');
  const statuses = proposalStatuses(planSet);
  const views = proposalViews(planSet, addressPlan);
  const known = federation ?? (views.length > 0 ? await declared(context) : undefined);
  const { concernedBy } = await import('../../modules/federate/delegations.ts');
  const concerned = known && views.length > 0 ? await concernedBy(context.root, known, addressPlan, views) : views;
  return {
    data: { proposals: statuses, received: concerned },
    lines: [...statusesText(statuses), ...viewsText(concerned)],
    open:
      problems.some(({ code, severity }) => severity === 'warning' && code.startsWith('NET-DELEGATION')) ||
      views.some(({ state }) => state === 'unanswered' || state === 'open') ||
      statuses.some(({ state, overdue }) => overdue || (state !== 'waiting' && state !== 'in-use' && state !== 'done')),
  };
}

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

const bitsVerb: Verb = {
  name: 'net bits',
  summary: 'show which bits of an address say what',
  description:
    'A ruler of one address: its digits, and below them the pool, agency, site, subnet and host they belong to, from the chain of keys that hold it.\nJSON data: a list (one entry for each pool that contains it) of { address, pool, domain, bits, fields }; fields hold { name, from, to, value, key, prefix, owner }.',
  arguments: [{ syntax: '<address>', description: 'an address or a prefix' }],
  examples: [{ line: 'vcloud net bits 3fff:900:100::5', does: 'names the bits of the pool, the agency, the site and the host' }],
  exits: { 0: 'found', 1: 'error', 2: 'it lies in no pool' },
  async run(context, [text = '']) {
    const { bitRulers, rulerText } = await import('../../modules/network/picture/index.ts');
    const rulers = bitRulers((await planned(context)).addressPlan, text);
    return { exit: rulers.length > 0 ? 0 : 2, data: rulers, text: rulers.map(rulerText).join('\n\n') || `${text} lies in no pool` };
  },
};

const mapVerb: Verb = {
  name: 'net map',
  summary: 'draw a block and what lies in it',
  description:
    'A map along a Hilbert curve, to scale: .svg is one picture of one block, .html a page with zoom and search in both languages, which holds every pool where no name is given. The same plan gives the same bytes.\nJSON data: { file, bytes, blocks }: blocks the roots drawn.',
  arguments: [{ syntax: '[name]', description: 'a pool or a key' }],
  options: [
    { flags: '-o, --output <file>', description: 'where to write: FILE.svg or FILE.html', default: 'out/network.html' },
    { flags: '--family <family>', description: 'only one family; a picture shows IPv6 where a key has both', choices: ['v4', 'v6'] },
  ],
  examples: [
    { line: 'vcloud net map -o out/network.html', does: 'draws every pool on one page' },
    { line: 'vcloud net map agency/ha-noi --family v4 -o ha-noi.svg', does: 'draws what an agency holds' },
  ],
  exits: { 0: 'written', 1: 'error; nothing was written' },
  async run(context, [name], options) {
    const output = String(options['output']);
    const kind = /\.(svg|html)$/u.exec(output)?.[1] ?? fail('CLI-USAGE', `cannot tell what ${output} should be`, { hint: 'name a .svg or a .html file' });
    const { blocksHtml, blocksOf, blockSvg } = await import('../../modules/network/picture/index.ts');
    const roots = blocksOf((await planned(context)).addressPlan, name, familyOf(options));
    const [first] = roots;
    if (!first) fail('NET-MAP-EMPTY', 'there is nothing to draw', { hint: 'see `vcloud net show`' });
    if (kind === 'svg' && name === undefined && roots.length > 1) {
      fail('CLI-USAGE', 'a picture shows one block', { hint: `name one of ${roots.map((root) => root.name).join(', ')}, or write a .html file` });
    }
    const content = kind === 'svg' ? blockSvg(first, context.language) : blocksHtml(roots, context.language);
    writeFileAtomic(path.resolve(context.root, output), content);
    const drawn = kind === 'svg' ? [first] : roots;
    const blocks = drawn.map((root) => ({ name: root.name, prefix: root.text }));
    return {
      exit: 0,
      data: { file: output, bytes: Buffer.byteLength(content), blocks },
      text: `drew ${blocks.map((block) => `${block.name} (${block.prefix})`).join(', ')} to ${output}`,
    };
  },
};

/** `vcloud net ...`: seeing, reviewing and merging address plans. */
export const netViewVerbs: readonly Verb[] = [planVerb, mergeLockVerb, bitsVerb, mapVerb];
