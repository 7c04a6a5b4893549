import type { Counts, Moved } from '../../modules/federate.ts';
import type { Verb } from '../kit.ts';

const showVerb: Verb = {
  name: 'system show',
  summary: 'what a declared system became on every cloud it runs over',
  description: `Each part of the system and the kinds of resources (at a site: records) it became in each tenant, with addresses; the names that lead to whichever side answers; and the links its copies travel over.

data of --json: {system, mode, sides: [{tenant, agency, cloud, kind, side, answers, stacks}], parts: [{part, on: [{tenant, kinds, addresses}]}], names: [{name, addresses, planned}], routes: [{from, to, over}]}; side is primary, standby, active or alone, kinds counts by type, planned what the zone plan says of the name (null: nothing), over null where nothing protected is declared.`,
  arguments: [{ syntax: '<system>', description: 'a declared system' }],
  examples: [{ line: 'vcloud system show ndxp', does: 'shows both sides of the exchange platform' }],
  exits: { 0: 'done', 1: 'error', 2: 'shown; copies have no protected link, or the zone plan says something else than the system' },
  async run({ root, asOf, reporter }, [id = '']) {
    const { showSystem } = await import('../../modules/federate/system.ts');
    const { view, text } = await showSystem(root, { asOf, reporter }, id);
    const doubtful =
      view.routes.some(({ over }) => over === null) ||
      view.names.some(({ addresses, planned }) => planned !== null && [...planned].sort().join() !== [...addresses].sort().join());
    return { exit: doubtful ? 2 : 0, data: view, text };
  },
};

const moveVerb: Verb = {
  name: 'system move',
  summary: 'let another tenant answer for a system, step by step; data are never removed by it',
  description: `An edit of the declaration, shown with what it does to stacks and names and written only with --write; \`vcloud plan\` then shows it for review. A tenant that keeps no copy yet becomes the standby first (step copy); the standby and the tenant that answers exchange sides (step swap: names and rules follow, the former stays as standby); --without gives a copy up (step part). To remove a tenant itself, take it out of the declarations.

data of --json: {step, file, stacks: [{path, added, changed, removed}], zones: [{zone, added, removed}], written}; added, changed and removed of a stack are counts by type, those of a zone are records.`,
  arguments: [{ syntax: '<system>', description: 'a declared system' }],
  options: [
    { flags: '--to <tenant>', description: 'the tenant that is to answer' },
    { flags: '--without <tenant>', description: 'the standby that keeps no copy any more' },
    { flags: '--write', description: 'write the declaration; without it the edit is only shown' },
  ],
  examples: [
    { line: 'vcloud system move ndxp --to ndxp-dr', does: 'shows what a swap of the two sides changes' },
    { line: 'vcloud system move ndxp --to ndxp-dr --write', does: 'writes it; then: vcloud plan' },
  ],
  exits: { 0: 'written', 1: 'error or refused; nothing was written', 2: 'shown and not written' },
  async run({ root, asOf, reporter }, [system = ''], options) {
    const { moveSystem } = await import('../../modules/federate/system.ts');
    const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
    const moved = await moveSystem(root, { system, to: text('to'), without: text('without') }, { asOf, reporter, write: options['write'] === true });
    const { step, file, stacks, zones, written } = moved;
    const { lineDiff } = await import('../../modules/network/edit/index.ts');
    return { exit: written ? 0 : 2, data: { step, file, stacks, zones, written }, text: textOf(moved, lineDiff(moved.before, moved.after)) };
  },
};

const steps = {
  copy: 'first of two steps: the tenant becomes the standby; apply it, wait until the copy is complete, then move again',
  swap: 'the two sides exchange; the former one stays as standby with its data',
  part: 'the copy is given up: nothing passes any more; its tenant and data stay until the tenant is taken out of the declarations',
} as const;

function textOf({ step, file, stacks, zones, written }: Moved, diff: readonly string[]): string {
  return [
    steps[step],
    '',
    file,
    ...diff.map((line) => `  ${line}`),
    ...(stacks.length > 0 ? ['', 'stacks'] : []),
    ...stacks.flatMap(({ path, added, changed, removed }) => [
      `  ${path}: ${[counted('added', added), counted('changed', changed), counted('removed', removed)].filter((part) => part !== '').join('; ') || 'outputs or order only'}`,
    ]),
    ...(zones.length > 0 ? ['', 'zones'] : []),
    ...zones.flatMap(({ removed, added }) => [...removed.map((line) => `  - ${line}`), ...added.map((line) => `  + ${line}`)]),
    '',
    written ? `wrote ${file}; review it with: vcloud plan` : 'nothing is written yet: add --write',
  ].join('\n');
}

function counted(word: string, counts: Counts): string {
  const list = Object.entries(counts).map(([type, count]) => `${type} ${count}`);
  return list.length === 0 ? '' : `${word} ${list.join(', ')}`;
}

/** `vcloud system show` and `vcloud system move`. */
export const systemVerbs: readonly Verb[] = [showVerb, moveVerb];
