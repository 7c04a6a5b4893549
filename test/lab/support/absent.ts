/** Something of the lab that is not on this machine, and why, in words for the title of a skipped test. */
export interface Absent {
  readonly absent: string;
}

export function isAbsent(thing: unknown): thing is Absent {
  return typeof thing === 'object' && thing !== null && 'absent' in thing;
}

/** What ends the title of a suite that needs `things`: empty when all are here, else ` (skipped: reason; reason)`. */
export function because(...things: readonly unknown[]): string {
  const reasons = things.filter(isAbsent).map(({ absent }) => absent);
  return reasons.length === 0 ? '' : ` (skipped: ${reasons.join('; ')})`;
}

/** The thing itself, in the body of a suite that is skipped where it is absent. */
export function present<Thing>(thing: Thing | Absent): Thing {
  if (isAbsent(thing)) throw new Error(thing.absent);
  return thing;
}
