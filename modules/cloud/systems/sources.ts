import { compareCodeUnits } from '../../core/index.ts';
import { contains, formatPrefix, overlaps, parsePrefix, subnetAt, type Prefix } from '../../network/index.ts';
import type { PlannedNetwork } from '../synth/world.ts';
import type { SystemShape } from './shape.ts';

/**
 * Prefixes of the segments something in which may open connections to everyone. Who lets in a prefix that these lie in
 * lets them in too, and so a way out to the world becomes a way back inside (SEC-13). Pure.
 * @param networks the tenant's networks as the address plan numbers them
 */
export function worldward({ components, flows }: Pick<SystemShape, 'components' | 'flows'>, networks: readonly PlannedNetwork[]): string[] {
  const leads = new Set(flows.flatMap(({ from, to }) => ('component' in from && 'anywhere' in to ? [from.component] : [])));
  const segments = new Set(components.filter(({ name }) => leads.has(name)).map(({ segment }) => segment));
  return networks
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
  const left = gone.reduce<readonly Prefix[]>((list, one) => list.flatMap((prefix) => around(prefix, one)), whole);
  return [...new Set(left.map(formatPrefix))].sort(compareCodeUnits);
}

function around(prefix: Prefix, taken: Prefix): readonly Prefix[] {
  if (!overlaps(prefix, taken)) return [prefix];
  if (contains(taken, prefix)) return [];
  return [0, 1].flatMap((half) => {
    const part = subnetAt(prefix, prefix.length + 1, half);
    return part ? around(part, taken) : [];
  });
}
