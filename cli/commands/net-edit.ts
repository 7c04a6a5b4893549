import * as fs from 'node:fs';
import * as path from 'node:path';
import { isDate, ProblemError, problem } from '../../modules/core/basics.ts';
import type { Edit, EditOutcome, EditRow, Workspace } from '../../modules/network/index.ts';
import type { Context, OptionSpec, Outcome, Verb } from '../kit.ts';

type Options = Readonly<Record<string, unknown>>;

const writeOption: OptionSpec = { flags: '--write', description: 'write plan, lock and tables; without it the edit is only shown' };
const untilOption: OptionSpec = { flags: '--until <date>', description: 'quarantine: the date until which what is freed is given to nobody' };
const moveOption: OptionSpec = { flags: '--allow-move [keys...]', description: 'let keys be renumbered: all, or those named' };
const releaseOption: OptionSpec = { flags: '--allow-release [keys...]', description: 'let keys lose addresses: all, or those named' };
const familyOption: OptionSpec = { flags: '--family <family>', description: 'the leg that is meant, where a key has two', choices: ['v4', 'v6'] };
const exits = { 0: 'written, or nothing to change', 1: 'error or refused; nothing was written', 2: 'changes shown and not written' } as const;
const json =
  '\nShows the change and writes nothing; --write writes plan, lock and tables together.\nJSON data: { rows, unchanged, files, written }: rows of { kind, key, heirs, family, pool, from, to, until }, kind one of add, release, move, change, rename, drop.';

async function open({ root, asOf }: Context): Promise<Workspace> {
  const { finishWrites, plansNeed } = await import('../../modules/network/index.ts');
  await finishWrites(root);
  const { openWorkspace } = await import('../../modules/network/edit/index.ts');
  const needed = plansNeed(root);
  const { memberReports } = await import('../../modules/federate/delegations.ts');
  const members = await memberReports(root);
  if (!fs.existsSync(path.join(root, 'vcloud.yaml')) || !(needed.federation || needed.extract)) return openWorkspace(root, undefined, { members, asOf });
  const { loadFederation, readExtract } = await import('../../modules/federation/index.ts');
  const federation = await loadFederation(root, { asOf });
  const extract = needed.extract ? readExtract(root, { asOf, member: federation.settings.member.id }) : undefined;
  return openWorkspace(root, federation, { extract, members });
}

async function perform(context: Context, options: Options, make: (workspace: Workspace) => Edit | Promise<Edit>): Promise<Outcome> {
  const { editAddresses, formatEdit, writeEdit } = await import('../../modules/network/edit/index.ts');
  const until = options['until'];
  if (until !== undefined && (typeof until !== 'string' || !isDate(until))) {
    throw new ProblemError(problem('CLI-USAGE', '--until takes a date that exists', { hint: 'write it as 2027-01-01' }));
  }
  const workspace = await open(context);
  const outcome: EditOutcome = editAddresses(workspace, await make(workspace), {
    allowMove: allowed(options['allowMove']),
    allowRelease: allowed(options['allowRelease']),
    until,
  });
  const { refuseDelegated } = await import('../../modules/network/index.ts');
  const refused = refuseDelegated(workspace.planSet, outcome.rows);
  if (refused.length > 0) throw new ProblemError(refused);
  const write = options['write'] === true;
  const written = write ? await writeEdit(workspace, outcome) : [];
  const files = [...outcome.files.keys()];
  const end = files.length === 0 ? 'nothing to change' : write ? `wrote ${written.join(', ')}` : 'nothing is written yet: add --write';
  const rows: readonly EditRow[] = outcome.rows;
  return {
    exit: write || files.length === 0 ? 0 : 2,
    data: { rows, unchanged: outcome.unchanged, files, written },
    text: `${formatEdit(outcome)}\n${end}`,
  };
}

/** `--allow-move` alone allows all, with keys those. */
function allowed(value: unknown): boolean | string[] {
  return Array.isArray(value) ? (value as string[]).flatMap((item) => item.split(',')) : value === true;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function family(options: Options): 'v4' | 'v6' | undefined {
  return options['family'] as 'v4' | 'v6' | undefined;
}

function bits(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const digits = value.replace(/^\//u, '');
  if (!/^\d{1,3}$/u.test(digits)) throw new ProblemError(problem('CLI-USAGE', `"${value}" is not a prefix length`, { hint: 'write 48' }));
  return Number(digits);
}

const renameVerb: Verb = {
  name: 'net rename',
  summary: 'give a key another name; its addresses stay',
  description: `Plan, lock and every "in:" follow. A template names all keys of a rule. Where the data a rule runs over was renamed first, only the lock follows.${json}`,
  arguments: [
    { syntax: '<from>', description: 'a key, or the template of a rule as it stands in the plan' },
    { syntax: '<to>', description: 'the new key or template' },
  ],
  options: [writeOption],
  examples: [
    { line: 'vcloud net rename site/mst-dc site/mst-centre', does: 'shows what would change' },
    { line: "vcloud net rename 'commune/{code}' 'unit/{code}' --write", does: 'renames every key of a rule' },
  ],
  exits,
  run: async (context, [from = '', to = ''], options) => await perform(context, options, () => ({ verb: 'rename', from, to })),
};

const resizeVerb: Verb = {
  name: 'net resize',
  summary: 'make a block larger or smaller, in place where its neighbours are free',
  description: `Growing in place renumbers nothing. Where a neighbour is in the way the block must move, and where it shrinks it gives up addresses: both need leave.${json}`,
  arguments: [
    { syntax: '<key>', description: 'the key' },
    { syntax: '<length>', description: 'the new prefix length' },
  ],
  options: [familyOption, moveOption, releaseOption, untilOption, writeOption],
  examples: [{ line: 'vcloud net resize site/mst-dc 44 --family v6', does: 'shows whether the /44 fits where the site is' }],
  exits,
  run: async (context, [key = '', length = ''], options) =>
    await perform(context, options, () => ({ verb: 'resize', key, length: bits(length) ?? 0, family: family(options) })),
};

const moveVerb: Verb = {
  name: 'net move',
  summary: 'put a key into another pool or holder, or at another prefix',
  description: `Renumbers nothing where the block lies there already; otherwise the key and all that lies in it need leave, and the former blocks stay in quarantine.${json}`,
  arguments: [{ syntax: '<key>', description: 'the key' }],
  options: [
    { flags: '--pool <name>', description: 'the pool it is to lie in' },
    { flags: '--in <key>', description: 'the holder it is to lie in' },
    { flags: '--prefix <prefix>', description: 'the exact prefix' },
    familyOption,
    moveOption,
    untilOption,
    writeOption,
  ],
  examples: [
    { line: 'vcloud net move site/mst-dc --in agency/mae', does: 'shows whether hosts would be renumbered' },
    { line: 'vcloud net move site/mst-dc --in agency/mae --allow-move site/mst-dc --until 2027-01-01 --write', does: 'does it' },
  ],
  exits,
  run: async (context, [key = ''], options) =>
    await perform(context, options, () => ({
      verb: 'move',
      key,
      pool: text(options['pool']),
      in: text(options['in']),
      prefix: text(options['prefix']),
      family: family(options),
    })),
};

const splitVerb: Verb = {
  name: 'net split',
  summary: 'cut a block into 2, 4, 8 ... equal parts; every address stays',
  description: `The parts get the names given, lowest first; what lies in the block goes with its part.${json}`,
  arguments: [{ syntax: '<key>', description: 'the key' }],
  options: [{ flags: '--into <keys...>', description: 'keys of the parts; the old key may be one of them' }, writeOption],
  examples: [{ line: 'vcloud net split site/mst-dc --into site/mst-dc site/mst-lab', does: 'halves what site/mst-dc holds' }],
  exits,
  run: async (context, [key = ''], options) =>
    await perform(context, options, () => ({ verb: 'split', key, into: (options['into'] as string[] | undefined) ?? [] })),
};

const mergeVerb: Verb = {
  name: 'net merge',
  summary: 'put keys together; every address stays',
  description: `Blocks that make up one prefix become one. Others stay side by side as INTO and INTO/from/OLD.\nWith --table, a whole reform at once: each row names its successors in a column, separated by blanks, and the first inherits.${json}`,
  arguments: [{ syntax: '[keys...]', description: 'the keys' }],
  options: [
    { flags: '--into <key>', description: 'the key that holds them afterwards: one of them or a new one' },
    { flags: '--table <file>', description: 'a table of units, one a row, path from the root' },
    { flags: '--key <template>', description: 'how the keys of the table are made, such as "commune/{code}"' },
    { flags: '--successors <column>', description: 'the column that names the successors', default: 'merged_into' },
    { flags: '--units <file>', description: 'the table of units afterwards: those without a predecessor get new blocks' },
    { flags: '--new-in <template>', description: 'the holder of those, such as "province/{province}"' },
    writeOption,
  ],
  examples: [
    { line: 'vcloud net merge site/an-giang-committee site/an-giang-council --into site/an-giang-committee', does: 'shows whether they become one prefix' },
    {
      line: 'vcloud net merge --table network-plans/data/provinces-2024.csv --key "province/{code}" -C examples/merger',
      does: 'merges provinces as the table says',
    },
  ],
  exits,
  run: async (context, keys, options) =>
    await perform(context, options, async (workspace) => {
      const table = text(options['table']);
      if (table === undefined) return { verb: 'merge', keys, into: text(options['into']) ?? keys[0] ?? '' };
      const { mergeByTable } = await import('../../modules/network/merger/index.ts');
      return mergeByTable(workspace, {
        table,
        key: text(options['key']) ?? '',
        successors: text(options['successors']) ?? 'merged_into',
        units: text(options['units']),
        newIn: text(options['newIn']),
      }).edit;
    }),
};

const retireVerb: Verb = {
  name: 'net retire',
  summary: 'take keys out of the plan; their addresses stay in quarantine',
  description: `What they hold is marked released until the date given and given to nobody. With --expired the rows whose date has passed (--as-of) are dropped: their addresses are free then.${json}`,
  arguments: [{ syntax: '[keys...]', description: 'the keys' }],
  options: [{ flags: '--expired', description: 'drop what is past its date instead' }, releaseOption, untilOption, writeOption],
  examples: [
    { line: 'vcloud net retire site/mst-dc --allow-release site/mst-dc --until 2027-01-01 --write', does: 'retires a site' },
    { line: 'vcloud net retire --expired --write', does: 'frees what is past its date' },
  ],
  exits,
  run: async (context, keys, options) =>
    await perform(context, options, () => (options['expired'] === true ? { verb: 'drop-expired', asOf: context.asOf } : { verb: 'retire', keys })),
};

const reserveVerb: Verb = {
  name: 'net reserve',
  summary: 'keep a block for later',
  description: `Adds a need with role reserved: the block is taken, and no network lies in it.${json}`,
  arguments: [{ syntax: '<key>', description: 'the new key' }],
  options: [
    { flags: '--pool <name>', description: 'the pool it is to lie in' },
    { flags: '--in <key>', description: 'the holder it is to lie in' },
    { flags: '--length <bits>', description: 'its prefix length' },
    { flags: '--prefix <prefix>', description: 'its exact prefix' },
    { flags: '--note <text>', description: 'what it is kept for' },
    familyOption,
    writeOption,
  ],
  examples: [{ line: 'vcloud net reserve reserve/metro --pool gov-v6 --length 40 --note "metro line 3"', does: 'shows which block would be kept' }],
  exits,
  run: async (context, [key = ''], options) =>
    await perform(context, options, () => ({
      verb: 'reserve',
      key,
      pool: text(options['pool']),
      in: text(options['in']),
      length: bits(text(options['length'])),
      prefix: text(options['prefix']),
      note: text(options['note']),
      family: family(options),
    })),
};

/** `vcloud net rename` and the other edits: they rewrite plan and lock together and show the change first. */
export const netEditVerbs: readonly Verb[] = [splitVerb, mergeVerb, moveVerb, resizeVerb, retireVerb, reserveVerb, renameVerb];
