import { isObject, problem, type Problem } from '../../core/index.ts';
import { readState } from '../state.ts';
import type { DeclaredStack, StackPlan, StackResource } from '../types.ts';
import type { MovedAddress } from './with-moves.ts';

/** Parts of a body that are not the object's. */
const meta = new Set(['lifecycle', 'depends_on', 'provider', 'provisioner', 'connection', 'count', 'for_each', 'timeouts', '//']);

/**
 * Pairs of what a plan destroys and creates that look like one object under a new name: of one type, and all that is declared
 * of the new one is what the old one has. A pair is given only where neither fits another one. Empty: none looks so.
 */
export function likelyMoves(root: string, stack: DeclaredStack, changes: StackPlan['changes']): MovedAddress[] {
  const of = (action: string): StackPlan['changes'] => changes.filter(({ actions }) => actions.length === 1 && actions[0] === action);
  const [gone, made] = [of('delete'), of('create')];
  if (stack.json === undefined || gone.length === 0 || made.length === 0) return [];
  const configuration: unknown = JSON.parse(stack.json);
  const groups = isObject(configuration) && isObject(configuration['resource']) ? configuration['resource'] : {};
  const declared = new Map(stack.resources.map((resource) => [resource.address, resource]));
  const held = new Map((readState(root, stack.path) ?? []).map(({ address, attributes }) => [address, attributes]));
  const attributesOf = (address: string): unknown => {
    const plain = held.get(address);
    if (plain !== undefined) return plain;
    const inSandbox = held.get(`terraform_data.${address.replace('.', '__')}`);
    return inSandbox?.['input'];
  };
  const fits = made.map((one) => {
    const body = bodyOf(groups, declared.get(one.address));
    return gone.filter((other) => other.type === one.type && body !== undefined && covers(body, attributesOf(other.address)));
  });
  return made.flatMap((one, index) => {
    const [other, ...more] = fits[index] ?? [];
    if (other === undefined || more.length > 0) return [];
    return fits.filter((list) => list.includes(other)).length === 1 ? [{ from: other.address, to: one.address }] : [];
  });
}

/** What is to be said of them, and what keeps the objects. */
export function likelyMoveProblem(stack: string, pairs: readonly MovedAddress[]): Problem {
  const shown = pairs.slice(0, 3).map(({ from, to }) => `${from} as ${to}`);
  const more = pairs.length > 3 ? ` and ${pairs.length - 3} more` : '';
  const [first] = pairs;
  return problem('ENGINE-LIKELY-MOVE', `it would destroy and make again, with all that is declared the same: ${shown.join(', ')}${more}`, {
    severity: 'warning',
    subject: stack,
    hint: `if it is the same under a new name, "vcloud move ${stack} ${first?.from ?? ''} ${first?.to ?? ''}" keeps it; constructs can be named too`,
  });
}

function bodyOf(groups: Readonly<Record<string, unknown>>, resource: StackResource | undefined): Record<string, unknown> | undefined {
  const [type = '', name = ''] = resource?.planned.split('.') ?? [];
  const named = groups[type];
  const body = isObject(named) ? named[name] : undefined;
  if (!isObject(body)) return undefined;
  const own = resource?.planned === resource?.address ? body : body['input'];
  return isObject(own) ? Object.fromEntries(Object.entries(own).filter(([key]) => !meta.has(key))) : undefined;
}

/** Whether every value that is declared is there; references are not known before, and say nothing. */
function covers(body: Readonly<Record<string, unknown>>, attributes: unknown): boolean {
  if (!isObject(attributes)) return false;
  let literals = 0;
  const same = (declared: unknown, has: unknown): boolean => {
    if (typeof declared === 'string' && declared.includes('${')) return true;
    if (isNothing(declared) && isNothing(has)) return true;
    if (Array.isArray(declared) || Array.isArray(has)) {
      // A single block may be written without a list around it.
      const [one, other] = [listOf(declared), listOf(has)];
      return one.length === other.length && one.every((item, index) => same(item, other[index]));
    }
    if (isObject(declared)) return isObject(has) && Object.entries(declared).every(([key, value]) => same(value, has[key]));
    literals++;
    return declared === has || String(declared) === String(has);
  };
  return Object.entries(body).every(([key, value]) => same(value, attributes[key])) && literals > 0;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}
