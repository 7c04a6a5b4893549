import * as path from 'node:path';
import { API_VERSION, canonicalJson, isObject, privateFolder, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import type { Unit } from '../queue.ts';

type Verb = 'plan' | 'apply';

/** How long stacks took before, by verb: half of what is known is the last run. Losing the file costs order and estimates only. */
export class Durations {
  readonly #file: string;
  readonly #verb: Verb;
  readonly #all: Record<string, Record<string, number>>;

  constructor(root: string, verb: Verb) {
    this.#file = path.join(privateFolder(root, 'cache', 'engine'), 'durations.json');
    this.#verb = verb;
    this.#all = read(this.#file);
  }

  /** Milliseconds one stack may take; undefined where it never ran. */
  of(stack: string): number | undefined {
    return this.#all[this.#verb]?.[stack];
  }

  add(stack: string, milliseconds: number): void {
    const known = (this.#all[this.#verb] ??= {});
    const before = known[stack];
    known[stack] = Math.round(before === undefined ? milliseconds : (before + milliseconds) / 2);
  }

  save(): void {
    writeFileAtomic(this.#file, canonicalJson({ apiVersion: API_VERSION, kind: 'EngineDurations', ...this.#all }), { mode: 0o600, durable: false });
  }
}

function read(file: string): Record<string, Record<string, number>> {
  const found: Record<string, Record<string, number>> = {};
  try {
    const value: unknown = JSON.parse(readTextIfPresent(file) ?? '');
    if (!isObject(value) || value['kind'] !== 'EngineDurations') return found;
    for (const verb of ['plan', 'apply']) {
      const known = value[verb];
      if (isObject(known)) found[verb] = Object.fromEntries(Object.entries(known).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
    }
  } catch {
    // A file cut off is as good as none.
  }
  return found;
}

/** Where work goes: `waits` and such take no time. */
export interface TimedUnit extends Unit {
  /** Milliseconds it is expected to take; undefined: not known. */
  readonly expected?: number | undefined;
}

/**
 * Time from the start of each unit to the end of the longest chain that hangs on it. Handing out the longest first keeps
 * a run from ending with one long chain alone. A unit whose time is not known counts as the mean of the known ones.
 * Units must be free of circles.
 */
export function criticalPaths(units: readonly TimedUnit[]): Map<string, number> {
  const mean = meanOf(units);
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const dependents = new Map<string, string[]>();
  for (const { id, after } of units) {
    for (const other of after) {
      const list = dependents.get(other);
      if (list === undefined) dependents.set(other, [id]);
      else list.push(id);
    }
  }
  const found = new Map<string, number>();
  for (const { id: start } of units) {
    const open = [{ id: start, leave: false }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { id, leave } = next;
      if (found.has(id)) continue;
      const behind = (dependents.get(id) ?? []).filter((other) => byId.has(other));
      if (leave) found.set(id, (byId.get(id)?.expected ?? mean) + behind.reduce((most, other) => Math.max(most, found.get(other) ?? 0), 0));
      else {
        open.push({ id, leave: true });
        for (const other of behind) if (!found.has(other)) open.push({ id: other, leave: false });
      }
    }
  }
  return found;
}

/**
 * Milliseconds a run still needs: no less than its longest chain, no less than all work spread over `parallelism`.
 * Undefined where nothing is known of any unit.
 */
export function remainingTime(left: readonly TimedUnit[], parallelism: number): number | undefined {
  if (left.length === 0) return 0;
  if (left.every((unit) => unit.expected === undefined)) return undefined;
  const mean = meanOf(left);
  const sum = left.reduce((all, unit) => all + (unit.expected ?? mean), 0);
  return Math.max(sum / parallelism, ...criticalPaths(left).values());
}

function meanOf(units: readonly TimedUnit[]): number {
  const known = units.flatMap((unit) => (unit.expected === undefined ? [] : [unit.expected]));
  return known.length === 0 ? 0 : known.reduce((all, one) => all + one, 0) / known.length;
}
