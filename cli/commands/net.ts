import * as fs from 'node:fs';
import * as path from 'node:path';
import type { AddressOutcome, DiffRow, FreeReport, PlanSet, ShownBlock } from '../../modules/network/index.ts';
import { plural, ProblemError } from '../../modules/core/basics.ts';
import type { Federation } from '../../modules/federation/index.ts';
import { columns } from '../columns.ts';
import type { Context, Outcome, Verb } from '../kit.ts';
import { checkPrefixes, freeOfPrefixes, prefixesOption } from './net-prefixes.ts';

export type Options = Readonly<Record<string, unknown>>;

export interface Loaded {
  readonly planSet: PlanSet;
  readonly federation: Federation | undefined;
}

/** Reads the plans; what is declared is loaded only where a rule runs over it (or `always`, and there is a vcloud.yaml). */
export async function load({ root, asOf }: Context, always = false): Promise<Loaded> {
  const { loadAddressPlans, plansNeed } = await import('../../modules/network/index.ts');
  const declared = fs.existsSync(path.join(root, 'vcloud.yaml'));
  const needed = plansNeed(root);
  let federation: Federation | undefined;
  if (declared && (always || needed.federation || needed.extract)) {
    const { loadFederation } = await import('../../modules/federation/index.ts');
    federation = await loadFederation(root, { asOf });
  }
  const { memberReports } = await import('../../modules/federate/delegations.ts');
  return { planSet: await loadAddressPlans(root, federation, { members: await memberReports(root, federation?.settings), asOf }), federation };
}

/** The plans placed, as if allocated. */
export async function planned(context: Context, always = false): Promise<Omit<AddressOutcome, 'locks'> & Loaded> {
  const { planAddresses } = await import('../../modules/network/index.ts');
  const loaded = await load(context, always);
  const outcome = planAddresses(loaded.planSet);
  if (outcome.problems.some(({ severity }) => severity === 'error')) throw new ProblemError(outcome.problems);
  const { addressPlan, diff, problems } = outcome;
  return { addressPlan, diff, problems, ...loaded };
}

const diffLists = ['add', 'release', 'move', 'change'] as const;
const signs = { add: '+', release: '-', move: '>', change: '~' } as const;

function diffText({ diff }: AddressOutcome): string {
  const lines: string[] = [];
  for (const list of diffLists) {
    const rows: readonly DiffRow[] = diff[list];
    const shown = rows.length > 200 ? rows.slice(0, 100) : rows;
    for (const { key, pool, from, to } of shown) {
      const blocks = from === null ? to : to === null ? from : from === to ? to : `${from} -> ${to}`;
      lines.push(`${signs[list]} ${key}  ${blocks ?? ''}  (${pool})${list === 'move' ? '  RENUMBER' : ''}`);
    }
    if (shown.length < rows.length) lines.push(`${signs[list]} ... and ${rows.length - shown.length} more`);
  }
  const counts = diffLists.map((list) => `${diff[list].length} to ${list}`).join(', ');
  return [...lines, `${counts}; ${diff.unchanged} unchanged`].join('\n');
}

/** `--allow-move` alone allows all, with keys those. */
function allowed(value: unknown): boolean | string[] {
  return Array.isArray(value) ? (value as string[]).flatMap((item) => item.split(',')) : value === true;
}

const allocateVerb: Verb = {
  name: 'net allocate',
  summary: 'give every need its addresses and write the locks',
  description:
    'What the locks hold stays; new needs are placed by the strategy of their pool. Releases and renumbering are refused without leave.\nJSON data: { add, release, move, change, unchanged, written }: as net plan, with the lock files that changed.',
  options: [
    { flags: '--allow-release [keys...]', description: 'let keys that left the plan go: all, or those named' },
    { flags: '--allow-move [keys...]', description: 'let keys be renumbered: all, or those named' },
  ],
  examples: [
    { line: 'vcloud net allocate', does: 'allocates what is new' },
    { line: 'vcloud net allocate --allow-release site/mst-dc', does: 'also marks what site/mst-dc holds as released, once no plan needs it' },
  ],
  exits: { 0: 'done', 1: 'error or refused; nothing was written' },
  async run(context, _args, options) {
    const { loadAndAllocate } = await import('../../modules/network/index.ts');
    const outcome = await loadAndAllocate(context.root, async () => (await load(context)).planSet, {
      allowRelease: allowed(options['allowRelease']),
      allowMove: allowed(options['allowMove']),
    });
    const written = outcome.written.length === 0 ? 'the locks are up to date' : `wrote ${outcome.written.join(', ')}`;
    return { exit: 0, data: { ...outcome.diff, written: outcome.written }, text: `${diffText(outcome)}\n${written}` };
  },
};

const showVerb: Verb = {
  name: 'net show',
  summary: 'draw the address tree with what is used and free',
  description:
    'A tree from the pools down, with the free rows between siblings. "given out" counts what keys directly inside hold, "used" the networks of hosts below: addresses of IPv4, /48s or /64s of IPv6. "can double in place": the block beside it is free. Of a block delegated to a member it shows what the last bundle of that member says, with its date: unknown before the first.\nJSON data: a list of { name, kind, prefix, owner, delegated, used, counts, largestFree, onlyKept, canDouble, growth, reported, blocks }; onlyKept where nothing is free but what keys keep for growth; growth the block kept free around it; counts { unit, delegated, used, size }; reported { member, date, delegated, used, largestFree, of } instead of the figures of a delegated block, without date and figures where no bundle said anything.',
  arguments: [{ syntax: '[name]', description: 'a pool or a key; everything without it' }],
  options: [
    { flags: '--family <family>', description: 'only one family', choices: ['v4', 'v6'] },
    { flags: '--depth <levels>', description: 'levels to open below the first', default: '1' },
    { flags: '--free', description: 'also a row for each free block between' },
  ],
  examples: [
    { line: 'vcloud net show', does: 'all pools and what lies directly in them' },
    { line: 'vcloud net show agency/mst --depth 2', does: 'what a ministry holds, two levels deep' },
    { line: 'vcloud net show agency/mst --family v4 --free', does: 'its IPv4 blocks, and what is free between them' },
  ],
  exits: { 0: 'found', 1: 'error', 2: 'nothing allocated' },
  async run(context, [name], options) {
    const { showAddresses } = await import('../../modules/network/index.ts');
    const { addressPlan, planSet } = await planned(context);
    const blocks = showAddresses(addressPlan, {
      name,
      members: planSet.delegation.members,
      family: familyOf(options),
      depth: count(options['depth'], '--depth'),
      free: options['free'] === true,
    });
    return { exit: blocks.length > 0 ? 0 : 2, data: blocks, text: showText(blocks, context.language) || 'no pools' };
  },
};

export function familyOf(options: Options): 'v4' | 'v6' | undefined {
  return options['family'] as 'v4' | 'v6' | undefined;
}

function count(value: unknown, flag: string): number | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : '';
  if (!/^\d{1,3}$/u.test(text))
    throw new ProblemError({ code: 'CLI-USAGE', severity: 'error', message: `${flag} takes a number, not "${text}"`, hint: `write ${flag} 2` });
  return Number(text);
}

function percent(share: number): string {
  const value = share * 100;
  return `${value === 0 || value >= 10 ? value.toFixed(0) : value < 0.1 ? '<0.1' : value.toFixed(1)} %`;
}

function bar(share: number): string {
  const filled = share === 0 ? 0 : Math.max(1, Math.round(share * 10));
  return `[${'#'.repeat(filled)}${'.'.repeat(10 - filled)}]`;
}

function showText(blocks: readonly ShownBlock[], language: Context['language']): string {
  const rows: string[][] = [];
  const walk = (block: ShownBlock, level: number): void => {
    const indent = '  '.repeat(level);
    rows.push(
      block.kind === 'free' ? [`${indent}. ${showWords[language].free}`, block.prefix] : [`${indent}${block.name}`, block.prefix, sharesText(block, language)],
    );
    for (const inner of block.blocks) walk(inner, level + 1);
  };
  for (const block of blocks) walk(block, 0);
  return columns(rows);
}

const showWords = {
  vi: {
    free: 'còn trống',
    given: 'đã cấp',
    used: 'đã dùng',
    of: 'trên',
    double: 'nhân đôi tại chỗ được',
    growth: 'giữ chỗ để mở rộng đến',
    largest: 'khối trống lớn nhất',
    full: 'đã đầy',
    kept: 'phần còn lại chỉ giữ chỗ để mở rộng',
    released: 'đã thu hồi',
    member: 'giao cho',
    unknown: 'chưa rõ',
    noBundle: 'chưa nhận gói nào',
    bundleOf: 'gói ngày',
  },
  en: {
    free: 'free',
    given: 'given out',
    used: 'used',
    of: 'of',
    double: 'can double in place',
    growth: 'room kept to grow to',
    largest: 'largest free',
    full: 'full',
    kept: 'the rest is only kept for growth',
    released: 'released',
    member: 'delegated to',
    unknown: 'unknown',
    noBundle: 'no bundle yet',
    bundleOf: 'bundle of',
  },
} as const;

function sharesText({ kind, delegated, used, counts, largestFree, onlyKept, canDouble, growth, reported }: ShownBlock, language: Context['language']): string {
  const say = showWords[language];
  if (kind === 'released') return say.released;
  if (reported) return reportedText(reported, say) + (canDouble === true ? `, ${say.double}` : '');
  const room = growth === undefined ? '' : `${say.growth} ${growth}`;
  if (delegated === undefined || used === undefined || counts === undefined)
    return [...(canDouble === true ? [say.double] : []), ...(room === '' ? [] : [room])].join(', ');
  const double = canDouble === true ? `, ${say.double}` : '';
  return `${bar(delegated)} ${counts.delegated} ${say.given} (${percent(delegated)}), ${counts.used} ${say.used} (${percent(used)}) ${say.of} ${counts.size} ${counts.unit}, ${largestFree === undefined ? (onlyKept === true ? say.kept : say.full) : `${say.largest} /${largestFree}`}${double}${room === '' ? '' : `, ${room}`}`;
}

/** What a member said of its block: figures with their date, or that nothing is known. */
function reportedText({ member, date, delegated, used, largestFree, of }: NonNullable<ShownBlock['reported']>, say: (typeof showWords)['vi' | 'en']): string {
  const whose = `${say.member} ${member}`;
  if (delegated === undefined || used === undefined) return `${whose}: ${say.unknown} (${date === undefined ? say.noBundle : `${say.bundleOf} ${date}`})`;
  const largest = largestFree === null || largestFree === undefined ? say.full : `${say.largest} /${largestFree}`;
  const former = of === undefined ? '' : ` ${say.of} ${of}`;
  return `${bar(delegated)} ${whose}: ${percent(delegated)} ${say.given}, ${percent(used)} ${say.used}, ${largest}${former} (${say.bundleOf} ${date ?? ''})`;
}

const findVerb: Verb = {
  name: 'net find',
  summary: 'say who holds an address or prefix',
  description:
    'Names the chain of keys from the pool down to the most specific, the organisation that holds it with those above it, and what lies inside a prefix.\nJSON data: a list (one entry for each pool that contains it) of { query, pool, poolPrefix, domain, chain, inside, owners, keptFor }; chain and inside hold { key, prefix, role, state, owner, names, place }, owners { id, names }, nearest first; keptFor { key, prefix, growth } where it is room a key keeps for its growth.',
  arguments: [{ syntax: '<address>', description: 'an address or a prefix' }],
  examples: [
    { line: 'vcloud net find 10.1.2.3', does: 'names the network, the site and the agency it belongs to' },
    { line: 'vcloud net find 3fff:0:1000::/36', does: 'names who holds it and what lies in it' },
  ],
  exits: { 0: 'found', 1: 'error', 2: 'nobody holds it' },
  async run(context, [text = '']) {
    const { findAddress } = await import('../../modules/network/index.ts');
    const { addressPlan, federation } = await planned(context, true);
    const { foundText, withOwners } = await import('./net-find.ts');
    const found = await withOwners(findAddress(addressPlan, text), context.root, federation);
    const held = found.some(({ chain, inside }) => chain.length + inside.length > 0);
    const none = context.language === 'vi' ? `${text} không nằm trong dải nào` : `${text} lies in no pool`;
    return { exit: held ? 0 : 2, data: found, text: found.length === 0 ? none : found.map((one) => foundText(one, context.language)).join('\n\n') };
  },
};

const freeVerb: Verb = {
  name: 'net free',
  summary: 'list free space in a pool or holder',
  description:
    'The maximal free aligned blocks; with --length those that fit, how many blocks of that length there are, and which the next three keys would get. What a key keeps for its growth is not free.\nJSON data: a list of { name, prefix, family, largest, length, fitting, blocks, next }; with --prefixes of { within, used, free, gaps, byLength, count, largest, fitting, blocks }.',
  arguments: [{ syntax: '[name]', description: 'a pool or a key; every pool without it' }],
  options: [
    { flags: '--length <bits>', description: 'only blocks that fit this length' },
    { flags: '--family <family>', description: 'only one family', choices: ['v4', 'v6'] },
    prefixesOption,
    { flags: '--within <prefixes...>', description: 'with --prefixes: the blocks whose free space is wanted (default: all addresses)' },
  ],
  examples: [
    { line: 'vcloud net free --prefixes used.txt --within 10.0.0.0/8', does: 'what a list of used prefixes leaves free' },
    { line: 'vcloud net free', does: 'free space of every pool' },
    { line: 'vcloud net free gov-v6 --length 32', does: 'how many /32 a pool still has, and the next three' },
    { line: 'vcloud net free agency/ha-noi --length 48', does: 'how many /48 are free in what a city holds' },
  ],
  exits: { 0: 'found', 1: 'error', 2: 'nothing is free' },
  async run(context, [name], options) {
    if (typeof options['prefixes'] === 'string') {
      const within = Array.isArray(options['within']) ? (options['within'] as string[]) : [];
      return freeOfPrefixes(options['prefixes'], within, count(options['length'], '--length'));
    }
    const { freeSpace } = await import('../../modules/network/index.ts');
    const { addressPlan, planSet } = await planned(context);
    const reports = freeSpace(addressPlan, { name, family: familyOf(options), length: count(options['length'], '--length'), planSet });
    return { exit: reports.some(({ blocks }) => blocks.length > 0) ? 0 : 2, data: reports, text: reports.map(freeText).join('\n') || 'no pools' };
  },
};

function freeText({ name, prefix, largest, length, fitting, blocks, next }: FreeReport): string {
  const head = `${name}  ${prefix}  ${largest === undefined ? 'nothing is free' : `largest free /${largest}`}`;
  const fits = length === undefined ? '' : `; ${fitting ?? '0'} blocks of /${length}${next.length > 0 ? `, next ${next.join(', ')}` : ''}`;
  const shown = blocks.slice(0, 20).map((block) => `  ${block}`);
  return [head + fits, ...shown, ...(blocks.length > shown.length ? [`  ... and ${blocks.length - shown.length} more`] : [])].join('\n');
}

const checkVerb: Verb = {
  name: 'net check',
  summary: 'check plans, locks and what is declared against each other',
  description:
    'Finds needs without addresses, keys no plan needs, declared objects without addresses and the reverse, and what does not follow the rules of address planning (`vcloud net rules`). Notes are shown and are no findings. Writes nothing.\nJSON data: { keys, pools, findings, notes, rules }: counts, and rules as net rules gives them.\nWith --since: { since, as, changes: [{ key, owner, in, what, place, foreign }] }; in is plan, lock, owners, pool, domain or delegation. Whose a key is, is judged by the plans of that commit; the checkout is not touched.\nWith --prefixes: { lines, valid, invalid, v4, v6, duplicates, covered, overlaps, addresses4, addresses6 } and, if any are invalid, invalidLines as { line, reason, corrected }. duplicates: lines that repeat a prefix of their domain; covered: distinct prefixes inside a shorter one of their domain; overlaps: covered ones whose nearest cover has another owner; addresses: distinct ones, as strings.',
  options: [
    { flags: '--since <commit>', description: 'instead: what changed in plans and locks since a commit of git, and whose keys it touches' },
    { flags: '--as <organisation>', description: 'with --since: the organisation that makes the change; what touches others is a finding' },
    prefixesOption,
    { flags: '--verbose', description: 'also say which rules are switched off, for what and why, and how far IPv6 is' },
  ],
  examples: [
    { line: 'vcloud net check', does: 'checks network-plans/ of this folder' },
    { line: 'vcloud net check --verbose', does: 'also shows what rules leave out, with the reasons' },
    { line: 'vcloud net check --since origin/main --as moh', does: 'names every change to a key that is not of the Ministry of Health or what lies below it' },
    { line: 'vcloud net check --prefixes routes.txt --json', does: 'counts what is invalid, repeated, covered and covered by another owner in a list' },
  ],
  exits: { 0: 'clean', 1: 'could not check: errors in plans or locks', 2: 'findings' },
  async run(context, _args, options): Promise<Outcome> {
    if (typeof options['prefixes'] === 'string') return checkPrefixes(options['prefixes']);
    const { ipv6Progress, reviewAddressPlans } = await import('../../modules/network/index.ts');
    const { planSet, federation } = await load(context, true);
    if (typeof options['since'] === 'string') return (await import('./net-owners.ts')).checkSince(context, planSet, federation, options);
    const { problems, rules } = reviewAddressPlans(planSet, federation, { asOf: context.asOf });
    if (problems.some(({ severity }) => severity === 'error')) throw new ProblemError(problems);
    const notes = problems.filter(({ severity }) => severity === 'note').length;
    const findings = problems.length - notes;
    const { ipv6Line, leftOutText, rulesData } = await import('./net-rules.ts');
    const counts = { keys: planSet.needs.size, pools: planSet.pools.size, findings, notes };
    const head = `${plural(counts.keys, 'key')} in ${plural(counts.pools, 'pool')}: ${findings === 0 ? 'clean' : plural(findings, 'finding')}${notes > 0 ? `, ${plural(notes, 'note')}` : ''}`;
    const more =
      options['verbose'] === true
        ? [...(federation ? [ipv6Line(ipv6Progress(planSet, federation), context.language)] : []), ...leftOutText(rules, context.language)]
        : [];
    return { exit: findings > 0 ? 2 : 0, data: { ...counts, rules: rulesData(rules) }, text: [head, ...more].join('\n'), problems };
  },
};

/** `vcloud net ...`: address plans. */
export const netVerbs: readonly Verb[] = [allocateVerb, showVerb, findVerb, freeVerb, checkVerb];
