import { compareCodeUnits } from '../../core/index.ts';
import { formatPrefix, overlaps, parsePrefix, subtract } from '../../network/index.ts';
import type { PlannedNetwork } from '../synth/world.ts';
import type { PlacedAddress } from './placed.ts';
import type { Entry, SystemShape } from './shape.ts';

/**
 * Prefixes of the segments something in which may open connections to everyone, on every side of the system. Who lets in a
 * prefix that these lie in lets them in too, and so a way out to the world becomes a way back inside (SEC-13). Pure but for `networksOf`.
 * @param networksOf a tenant's networks as the address plan numbers them; sides of a system have segments of the same names
 */
export function worldward(
  { components, flows, replicas }: Pick<SystemShape, 'components' | 'flows' | 'replicas'>,
  tenant: string,
  networksOf: (tenant: string) => readonly PlannedNetwork[],
): string[] {
  const leads = new Set(flows.flatMap(({ from, to }) => ('component' in from && 'anywhere' in to ? [from.component] : [])));
  const segments = new Set(components.filter(({ name }) => leads.has(name)).map(({ segment }) => segment));
  if (segments.size === 0) return [];
  return [...new Set([tenant, ...replicas.map((replica) => replica.tenant)])]
    .flatMap(networksOf)
    .filter(({ name }) => segments.has(name))
    .flatMap(({ v4, v6 }) => [v4, v6])
    .filter((prefix) => prefix !== undefined);
}

/**
 * The same addresses but for those of `taken`, as the fewest prefixes: what `taken` lies in is split around it. Where nothing
 * overlaps the list comes back as it is; a split one in code-unit order, the order in which Octavia gives it back. Pure.
 * @param prefixes of both families, in any notation the plan has
 */
export function without(prefixes: readonly string[], taken: readonly string[]): readonly string[] {
  const gone = taken.map((text) => parsePrefix(text));
  const whole = prefixes.map((text) => parsePrefix(text));
  if (!whole.some((prefix) => gone.some((one) => overlaps(prefix, one)))) return prefixes;
  return [...new Set(whole.flatMap((prefix) => subtract(prefix, gone)).map(formatPrefix))].sort(compareCodeUnits);
}

/**
 * Of an address what somebody can come to: an entry answers in the families its callers have prefixes of, and in no other
 * has it a listener, a Service's address or a name. Pure.
 * @param sources prefixes that may come; undefined for everyone
 */
export function answering({ v4, v6 }: PlacedAddress, sources: readonly string[] | undefined): PlacedAddress {
  const called = (six: boolean): boolean => sources === undefined || sources.some((prefix) => prefix.includes(':') === six);
  return { ...(v4 !== undefined && called(false) ? { v4 } : {}), ...(v6 !== undefined && called(true) ? { v6 } : {}) };
}

/**
 * Who may come to an entry, as far as that is said in prefixes: undefined for everyone, and for members of the same system,
 * which have every family the entry has.
 * @param held what a key holds; nothing where the plan has no such key
 */
export function callersOf(
  { from }: Pick<Entry, 'from'>,
  networks: readonly PlannedNetwork[],
  held: (key: string) => readonly string[],
): readonly string[] | undefined {
  if ('anywhere' in from || 'component' in from) return undefined;
  if ('key' in from) return held(from.key);
  return networks.filter(({ name }) => name === from.segment).flatMap(({ v4, v6 }) => [v4, v6].filter((prefix) => prefix !== undefined));
}

/** Planned addresses, with those of entries only in the families they answer in. Numbers stay what they are. Pure. */
export function answeringEntries(
  { entries }: Pick<SystemShape, 'entries'>,
  planned: ReadonlyMap<string, PlacedAddress>,
  networks: readonly PlannedNetwork[],
  held: (key: string) => readonly string[],
): ReadonlyMap<string, PlacedAddress> {
  return new Map([...planned, ...entries.map((entry) => [entry.name, answering(planned.get(entry.name) ?? {}, callersOf(entry, networks, held))] as const)]);
}
