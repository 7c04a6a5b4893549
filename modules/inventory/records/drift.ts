import { isObject } from '../../core/index.ts';
import type { Drift } from '../types.ts';

/** What was found of one declared resource. */
export interface Comparison {
  readonly drift: Drift;
  /** Paths of the attributes that differ, sorted; never their values, which may be secret. */
  readonly differs: readonly string[];
}

/**
 * Compares what is declared of a resource with what its state holds.
 * Only what is declared is compared: a provider fills in the rest. A text with a reference (`${...}`) is resolved by
 * the engine alone, so it counts as equal as soon as the state holds any value there.
 */
export function compareBodies(declared: unknown, state: unknown): Comparison {
  const differs: string[] = [];
  compareValue(declared, state, '', differs);
  return { drift: differs.length === 0 ? 'in-sync' : 'drifted', differs: differs.sort() };
}

function compareValue(declared: unknown, state: unknown, at: string, differs: string[]): void {
  if (declared === null || declared === undefined) return;
  if (typeof declared === 'string' && declared.includes('${')) {
    if (state === undefined) differs.push(at);
    return;
  }
  if (Array.isArray(declared)) {
    if (!Array.isArray(state)) {
      // Terraform writes a block that stands once as an object or as a list of one, depending on the schema.
      if (declared.length === 1 && isObject(state)) compareValue(declared[0], state, at, differs);
      else if (!(declared.length === 0 && (state === null || state === undefined))) differs.push(at);
      return;
    }
    if (state.length !== declared.length) {
      differs.push(at);
      return;
    }
    declared.forEach((item, index) => compareValue(item, state[index], `${at}[${index}]`, differs));
    return;
  }
  if (isObject(declared)) {
    const held = Array.isArray(state) && state.length === 1 ? (state[0] as unknown) : state;
    if (!isObject(held)) {
      if (Object.keys(declared).length > 0) differs.push(at);
      return;
    }
    for (const key of Object.keys(declared)) compareValue(declared[key], held[key], at === '' ? key : `${at}.${key}`, differs);
    return;
  }
  if (declared !== state && !sameScalar(declared, state)) differs.push(at);
}

/** Terraform converts between text, number and boolean as the attribute's type asks. */
function sameScalar(declared: unknown, state: unknown): boolean {
  return isScalar(declared) && isScalar(state) && String(declared) === String(state);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
