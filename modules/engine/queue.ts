import { compareCodeUnits, fail } from '../core/index.ts';

/** One unit of work and what must be done before it; names that are no unit of this run do not hold it up. */
export interface Unit {
  readonly id: string;
  readonly after: readonly string[];
}

/**
 * Which units may run now, given which are done: a queue without barriers, so that one slow unit holds up only
 * what depends on it. Ready units come heaviest first, equal ones in code-unit order. When one fails, everything that depends on it,
 * directly or through others, is stopped and will never be handed out.
 */
export class ReadyQueue {
  readonly #pending = new Map<string, Set<string>>();
  readonly #dependents = new Map<string, string[]>();
  readonly #running = new Set<string>();
  readonly #weights: ReadonlyMap<string, number>;
  #ready: string[] = [];

  /**
   * @param weights how much hangs on a unit (time of the longest chain from its start); none: 0
   * @throws ProblemError ENGINE-CYCLE naming the cycle.
   */
  constructor(units: readonly Unit[], weights: ReadonlyMap<string, number> = new Map()) {
    this.#weights = weights;
    const ids = new Set(units.map((unit) => unit.id));
    for (const { id, after } of units) {
      const waits = new Set(after.filter((other) => ids.has(other)));
      this.#pending.set(id, waits);
      for (const other of waits) {
        const list = this.#dependents.get(other);
        if (list === undefined) this.#dependents.set(other, [id]);
        else list.push(id);
      }
    }
    const cycle = findCycle(this.#pending);
    if (cycle !== undefined) {
      fail('ENGINE-CYCLE', `stacks depend on each other in a circle: ${cycle.join(' -> ')}`, {
        subject: cycle[0],
        hint: 'remove one of these dependencies, or move what both sides need into a stack of its own',
      });
    }
    for (const [id, waits] of this.#pending) if (waits.size === 0) this.#ready.push(id);
    this.#order();
    for (const id of this.#ready) this.#pending.delete(id);
  }

  /** The next unit to run, or undefined when none is ready now. */
  take(): string | undefined {
    const id = this.#ready.shift();
    if (id !== undefined) this.#running.add(id);
    return id;
  }

  /** A unit ended well: what waited only for it becomes ready. */
  done(id: string): void {
    this.#leave(id);
    const freed: string[] = [];
    for (const dependent of this.#dependents.get(id) ?? []) {
      const waits = this.#pending.get(dependent);
      if (waits === undefined) continue;
      waits.delete(id);
      if (waits.size > 0) continue;
      this.#pending.delete(dependent);
      freed.push(dependent);
    }
    if (freed.length === 0) return;
    this.#ready = [...this.#ready, ...freed];
    this.#order();
  }

  /** A unit failed. Returns what is stopped by it, in code-unit order. */
  failed(id: string): string[] {
    this.#leave(id);
    const stopped: string[] = [];
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const dependent of this.#dependents.get(next) ?? []) {
        if (!this.#pending.delete(dependent)) continue;
        stopped.push(dependent);
        open.push(dependent);
      }
    }
    return stopped.sort(compareCodeUnits);
  }

  /** Units neither handed out nor stopped. */
  get left(): string[] {
    return [...this.#ready, ...this.#pending.keys()].sort(compareCodeUnits);
  }

  get running(): number {
    return this.#running.size;
  }

  #order(): void {
    const weight = (id: string): number => this.#weights.get(id) ?? 0;
    this.#ready.sort((a, b) => weight(b) - weight(a) || compareCodeUnits(a, b));
  }

  #leave(id: string): void {
    if (!this.#running.delete(id)) throw new Error(`${id} is not running`);
  }
}

/** A cycle as a path that ends where it began; undefined when there is none. */
function findCycle(after: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const finished = new Set<string>();
  for (const start of [...after.keys()].sort(compareCodeUnits)) {
    const trail: string[] = [];
    const onTrail = new Set<string>();
    const open: { id: string; leave: boolean }[] = [{ id: start, leave: false }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.leave) {
        trail.pop();
        onTrail.delete(next.id);
        finished.add(next.id);
        continue;
      }
      if (onTrail.has(next.id)) return [...trail.slice(trail.indexOf(next.id)), next.id];
      if (finished.has(next.id)) continue;
      trail.push(next.id);
      onTrail.add(next.id);
      open.push({ id: next.id, leave: true });
      for (const other of after.get(next.id) ?? []) open.push({ id: other, leave: false });
    }
  }
  return undefined;
}

/** How a unit ended: `stopped` because of `by`, `left` because no more were to be started. */
export type UnitEnd = { readonly end: 'done' } | { readonly end: 'failed' } | { readonly end: 'stopped'; readonly by: string } | { readonly end: 'left' };

/**
 * Runs all units in order, at most `parallelism` at once. `work` says whether its unit ended well; what it throws ends
 * the run once the running units have ended. After `signal` nothing is started any more.
 */
export async function runUnits(
  units: readonly Unit[],
  options: { readonly parallelism: number; readonly signal?: AbortSignal | undefined; readonly weights?: ReadonlyMap<string, number> | undefined },
  work: (id: string) => Promise<boolean>,
): Promise<Map<string, UnitEnd>> {
  const queue = new ReadyQueue(units, options.weights);
  const ends = new Map<string, UnitEnd>();
  const running = new Set<Promise<void>>();
  let thrown: { readonly error: unknown } | undefined;
  const one = async (id: string): Promise<void> => {
    try {
      if (await work(id)) {
        ends.set(id, { end: 'done' });
        queue.done(id);
        return;
      }
    } catch (error) {
      thrown ??= { error };
    }
    ends.set(id, { end: 'failed' });
    for (const stopped of queue.failed(id)) ends.set(stopped, { end: 'stopped', by: id });
  };
  for (;;) {
    while (running.size < options.parallelism && thrown === undefined && options.signal?.aborted !== true) {
      const id = queue.take();
      if (id === undefined) break;
      const job: Promise<void> = one(id).finally(() => running.delete(job));
      running.add(job);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (thrown !== undefined) throw thrown.error;
  for (const id of queue.left) ends.set(id, { end: 'left' });
  return ends;
}
