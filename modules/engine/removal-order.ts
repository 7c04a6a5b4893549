import { compareCodeUnits, problem, type Problem } from '../core/index.ts';

/** A stack of a run: what it comes after as declared now, and what it used when it was last applied. */
export interface OrderedUnit {
  readonly id: string;
  readonly after: readonly string[];
  /** Stacks it read or depended on when it was last applied. */
  readonly before: readonly string[];
  /** It is to be destroyed: all it used, it lets go of. */
  readonly removed: boolean;
}

/**
 * Adds the order of removals: a stack that used another and does so no more is applied before that other one, which may
 * lose what was used (a reference that appears wants the opposite order, and has it by `after`). Where that would close a
 * circle the order as declared stays, and a warning says so.
 */
export function orderRemovals(units: readonly OrderedUnit[]): {
  readonly after: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
} {
  const after = new Map(units.map((unit) => [unit.id, [...unit.after]]));
  const problems: Problem[] = [];
  for (const unit of [...units].sort((a, b) => compareCodeUnits(a.id, b.id))) {
    const kept = new Set(unit.removed ? [] : unit.after);
    for (const producer of [...new Set(unit.before)].sort(compareCodeUnits)) {
      const list = after.get(producer);
      if (list === undefined || producer === unit.id || kept.has(producer) || list.includes(unit.id)) continue;
      const trail = pathTo(unit.id, producer, after);
      if (trail === undefined) list.push(unit.id);
      else {
        problems.push(
          problem('ENGINE-REMOVAL-ORDER', `it used ${producer} when it was last applied and does so no more, but still comes after it: ${trail.join(' -> ')}`, {
            severity: 'warning',
            subject: unit.id,
            hint: `if ${producer} loses what was used, apply in two steps: first without the reference, then the removal`,
          }),
        );
      }
    }
  }
  return { after: new Map([...after].map(([id, list]) => [id, [...list].sort(compareCodeUnits)])), problems };
}

/** A way from a stack to one it comes after, directly or through others; undefined: there is none. */
function pathTo(from: string, to: string, after: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open = [from];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const other of after.get(next) ?? []) {
      if (cameFrom.has(other)) continue;
      cameFrom.set(other, next);
      if (other === to) {
        const trail = [to];
        for (let at = cameFrom.get(to); at !== undefined; at = at === from ? undefined : cameFrom.get(at)) trail.unshift(at);
        return trail;
      }
      open.push(other);
    }
  }
  return undefined;
}
