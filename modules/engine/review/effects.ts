import { sortedBy } from '../../core/index.ts';
import type { Effect, ObjectChange, ReviewStack } from './types.ts';

/** A fact that follows from the declarations and that others rely on: a block's address, a zone's DS records. */
export interface DeclaredValue {
  readonly effect: 'renumber' | 'ds-change';
  /** Key of the block, name of the zone. */
  readonly subject: string;
  /** Organisation id that answers for it. */
  readonly agency: string;
  readonly value: string;
}

/**
 * Declared values that others rely on and that are no longer what they were when everything was last applied. A block
 * is renumbered when its value changes or it is given back; a new one renumbers nobody. DS records are counted when they
 * come, change or go: each of the three can make a zone unreachable (RFC 6781, section 4.1). Pure.
 */
export function declaredEffects(before: readonly DeclaredValue[], after: readonly DeclaredValue[]): Effect[] {
  const keyOf = ({ effect, subject }: DeclaredValue): string => `${effect} ${subject}`;
  const old = new Map(before.map((value) => [keyOf(value), value]));
  const now = new Map(after.map((value) => [keyOf(value), value]));
  const groups = new Map<string, { effect: DeclaredValue['effect']; agency: string; subjects: string[] }>();
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const [one, other] = [old.get(key), now.get(key)];
    const any = other ?? one;
    if (any === undefined || one?.value === other?.value || (any.effect === 'renumber' && one === undefined)) continue;
    const group = `${any.effect} ${any.agency}`;
    const found = groups.get(group);
    if (found) found.subjects.push(any.subject);
    else groups.set(group, { effect: any.effect, agency: any.agency, subjects: [any.subject] });
  }
  return sortedBy(groups.values(), ({ agency, effect }) => `${agency} ${effect}`).map((group) => ({ ...group, subjects: group.subjects.sort() }));
}

/** What the planned stacks do, one effect of a kind per stack. Pure. */
export function stackEffects(stacks: readonly ReviewStack[]): Effect[] {
  const effects: Effect[] = [];
  for (const { path, agency, level, state, changes, destroy, removed } of stacks) {
    if (state !== 'planned') continue;
    const of = (action: ObjectChange['action']): string[] => changes.filter((change) => change.action === action).map(({ address }) => address);
    const add = (effect: Effect['effect'], subjects: readonly string[]): void => {
      if (subjects.length > 0) effects.push({ effect, agency, stack: path, ...(level === undefined ? {} : { level }), subjects });
    };
    // What is taken in is new to those who answer for it, though it was there before.
    add('create', [...of('create'), ...of('import')].sort());
    add('update', of('update'));
    add('replace', of('replace'));
    const gone = of('delete');
    add('destroy', gone.length === 0 && removed === true && destroy > 0 ? [path] : gone);
    add(
      'renumber',
      changes.filter((change) => (change.action === 'update' || change.action === 'replace') && renumbers(change)).map(({ address }) => address),
    );
  }
  return effects;
}

const address = /^"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*)(?:\/\d{1,3})?"$/iu;

/** Whether an attribute that held an address or prefix will hold another, or one nobody knows yet. */
function renumbers({ attributes }: ObjectChange): boolean {
  return (attributes ?? []).some(
    ({ before, after }) =>
      before !== undefined && after !== undefined && before !== after && address.test(before) && (address.test(after) || !after.startsWith('"')),
  );
}
