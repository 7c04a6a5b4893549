import { didYouMean, fail } from '../../core/index.ts';
import { maskedAttributes, type Masked } from './mask.ts';
import { parseState, resourcesIn } from '../state.ts';
import { changedStacks, chooseStacks, selectables, type Selection } from '../select/index.ts';
import { openForStates, type OpenStates, type StateOptions } from './open.ts';
import type { LockHolder } from './types.ts';

export interface StateListing {
  readonly stack: string;
  /** Where it is kept: `local`, `pg`, `s3`, `kubernetes`, or what its own folder names. */
  readonly backend: string;
  readonly serial: number;
  readonly lineage: string;
  readonly resources: number;
  readonly lock?: LockHolder | undefined;
  /** Whether somebody holds its lock cannot be told: its backend cannot be asked without releasing it. */
  readonly lockUntold?: true | undefined;
}

/**
 * Every state, with its version and who holds its lock. Changes nothing.
 * @throws ProblemError ENGINE-NOTHING-SELECTED, ENGINE-BACKEND-UNREACHABLE, ENGINE-STATE-UNREADABLE: a list that is not whole is none
 */
export async function listStacks(options: StateOptions, select: Selection = {}): Promise<StateListing[]> {
  const open = await openForStates(options);
  const wanted = await chosenStates(options, open, select);
  const groups = byStore(wanted, open.of);
  const found: StateListing[] = [];
  for (const [store, stacks] of groups) {
    const [texts, locks] = [await store.read(stacks), await store.locks(stacks)];
    const untold = store.tellsLocks?.() === false ? ({ lockUntold: true } as const) : {};
    for (const [stack, text] of texts) {
      const head = parseState(text)?.head;
      if (head === undefined) continue;
      const { serial, lineage, resources } = head;
      found.push({ stack, backend: store.type, serial, lineage, resources, lock: locks.get(stack), ...untold });
    }
  }
  return found.sort((a, b) => (a.stack < b.stack ? -1 : 1));
}

/**
 * Stacks with a state that a selection chooses.
 * @throws ProblemError ENGINE-NOTHING-SELECTED
 */
export async function chosenStates(options: StateOptions, open: OpenStates, select: Selection): Promise<string[]> {
  return chooseStates(options, open, await open.known(), select);
}

/** Of these stacks those a selection chooses, declared or not. */
export function chooseStates(options: StateOptions, open: Pick<OpenStates, 'cache'>, known: readonly string[], select: Selection): string[] {
  const declared = selectables(options.root, options.stacks);
  // What others made, and is not declared here, is known by its path alone.
  const others = known.filter((name) => !declared.some(({ path }) => path === name));
  const stacks = [...declared, ...others.map((path) => ({ path, agency: path.split('.')[0] ?? path, dependsOn: [], reads: [], removed: true }))];
  const { paths } = chooseStacks(select, { stacks, changed: () => changedStacks(options.root, options.stacks, open.cache) });
  return known.filter((name) => paths.has(name));
}

/** Locks held now, by stack, also of states that are only being made. */
export async function heldLocks(options: StateOptions): Promise<ReadonlyMap<string, LockHolder>> {
  const open = await openForStates(options);
  const wanted = [...new Set([...options.stacks.map((stack) => stack.path), ...(await open.known())])].sort();
  const held = new Map<string, LockHolder>();
  for (const [store, stacks] of byStore(wanted, open.of)) for (const [stack, holder] of await store.locks(stacks)) held.set(stack, holder);
  return held;
}

export interface ShownResource {
  readonly address: string;
  readonly type: string;
  readonly id: string | null;
  readonly attributes: Masked;
}

/** Resources of one state with everything secret masked; undefined when it has none. */
export async function showState(options: StateOptions, stack: string): Promise<ShownResource[] | undefined> {
  const open = await openForStates(options);
  const text = (await open.of(stack).read([stack])).get(stack);
  const state = text === undefined ? undefined : parseState(text)?.state;
  if (state === undefined) return undefined;
  return resourcesIn(stack, state).map(({ address, type, attributes, sensitive }) => {
    const id = attributes['id'];
    return { address, type, id: typeof id === 'string' ? id : null, attributes: maskedAttributes(attributes, sensitive, type) };
  });
}

export interface Unlocked {
  readonly stack: string;
  readonly holder: LockHolder;
  readonly released: boolean;
}

/**
 * Releases locks whose holder is gone: of all states, of those a selection chooses, or of those named. A holder that lives, or that nobody can tell of, is
 * named and refused unless `force`; then what it runs may lose what it does.
 * @throws ProblemError ENGINE-STATE-UNKNOWN, ENGINE-LOCK-UNTOLD, ENGINE-LOCK-HELD naming every holder, with nothing released of those named
 */
export async function unlockStates(
  options: StateOptions,
  given: { readonly stacks?: readonly string[] | undefined; readonly select?: Selection | undefined; readonly force?: boolean | undefined },
): Promise<Unlocked[]> {
  const open = await openForStates(options);
  const known = await open.known();
  const wanted = given.stacks ?? chooseStates(options, open, known, given.select ?? {});
  const held: { stack: string; holder: LockHolder }[] = [];
  for (const [store, stacks] of byStore(wanted, open.of)) for (const [stack, holder] of await store.locks(stacks)) held.push({ stack, holder });
  held.sort((a, b) => (a.stack < b.stack ? -1 : 1));
  const unknown = wanted.find((stack) => !known.includes(stack) && !held.some((one) => one.stack === stack));
  if (unknown !== undefined)
    fail('ENGINE-STATE-UNKNOWN', 'no stack of this path has a state or a lock', {
      subject: unknown,
      hint: didYouMean(unknown, known) ?? 'see "vcloud state list"',
    });
  const untold = given.stacks?.find((stack) => open.of(stack).tellsLocks?.() === false);
  if (untold !== undefined)
    fail('ENGINE-LOCK-UNTOLD', `the backend (${open.of(untold).type}) cannot be asked who holds the lock without releasing it`, {
      subject: untold,
      hint: 'its own tools say who holds it, and so does the refusal of whoever is kept out; "terraform force-unlock ID" in that folder releases it',
    });
  const living = held.filter(({ holder }) => holder.alive !== 'no');
  // Asked for by name, a refusal is an error; asked for all stale ones, what is not stale just stays.
  if (living.length > 0 && given.force !== true && given.stacks !== undefined) {
    const [first] = living;
    fail(
      'ENGINE-LOCK-HELD',
      living.map(({ stack, holder }) => `${stack} is locked by ${holder.who}${holder.alive === 'yes' ? ', which lives' : ''}`).join('; '),
      {
        subject: first?.stack,
        hint: 'wait for it to end; if you know that it is gone, give --force (an apply that still runs could then not write its state)',
      },
    );
  }
  const released: Unlocked[] = [];
  for (const { stack, holder } of held) {
    const may = holder.alive === 'no' || given.force === true;
    if (may) await open.of(stack).unlock(stack, holder);
    released.push({ stack, holder, released: may });
  }
  return released;
}

/** Stacks by the store that keeps them: a store is asked once. */
export function byStore<S>(stacks: readonly string[], of: (stack: string) => S): Map<S, string[]> {
  const groups = new Map<S, string[]>();
  for (const stack of stacks) {
    const store = of(stack);
    const group = groups.get(store);
    if (group === undefined) groups.set(store, [stack]);
    else group.push(stack);
  }
  return groups;
}
