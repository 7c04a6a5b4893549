import { App } from 'cdktf';
import { didYouMean, fail, sortedBy } from '../../../core/index.ts';
import type { ZoneSet } from '../../../dns/index.ts';
import type { SynthesisedStack } from '../../../engine/index.ts';
import { agencyOf, answeringTenants, type Federation } from '../../../federation/index.ts';
import type { AddressPlan } from '../../../network/index.ts';
import type { Overlay } from '../../../vpn/index.ts';
import { Agency } from '../../program/agency.ts';
import { World } from '../../synth/world.ts';
import { declaredShape } from '../intent.ts';
import { exposedPorts } from '../kubernetes/openings.ts';
import { plannedAddresses } from '../numbering.ts';
import type { PlacedAddress } from '../placed.ts';
import type { SystemShape } from '../shape.ts';
import { answeringEntries } from '../sources.ts';
import { spread } from '../spread/index.ts';
import { routesOf } from '../spread/link.ts';
import { became, type Kinds } from './became.ts';

export { viewText } from './text.ts';

/** One tenant a system runs over. */
export interface Side {
  readonly tenant: string;
  readonly agency: string;
  readonly cloud: string;
  readonly kind: string;
  readonly side: 'primary' | 'standby' | 'active' | 'alone';
  readonly answers: boolean;
  readonly stacks: readonly string[];
}

/** A part of the shape, and what it became on each side. */
export interface PartView {
  readonly part: string;
  readonly on: readonly { readonly tenant: string; readonly kinds: Kinds; readonly addresses: readonly string[] }[];
}

export interface SystemView {
  readonly system: string;
  readonly mode: string | null;
  readonly sides: readonly Side[];
  readonly parts: readonly PartView[];
  /** Names that lead to whichever side answers; `planned` is what the zone plan says of the same name, where it says anything. */
  readonly names: readonly { readonly name: string; readonly addresses: readonly string[]; readonly planned: readonly string[] | null }[];
  /** What copies travel over; null where nothing protected is declared between the two. */
  readonly routes: readonly { readonly from: string; readonly to: string; readonly over: readonly string[] | null }[];
}

export interface ViewInput {
  readonly federation: Federation;
  readonly addresses: AddressPlan;
  readonly zones: ZoneSet;
  readonly overlays: readonly Overlay[];
  readonly stacks: readonly SynthesisedStack[];
}

/**
 * What a declared system became: which parts on which cloud, at which addresses, by which names, over which links.
 * @throws ProblemError CLOUD-SELECT for a system that is not declared
 */
export function systemView({ federation, addresses, zones, overlays, stacks }: ViewInput, id: string): SystemView {
  const system =
    federation.systems.get(id) ??
    fail('CLOUD-SELECT', `there is no system "${id}"`, { hint: didYouMean(id, federation.systems.keys()) ?? 'declare it below `systems:`' });
  const answering = answeringTenants(system);
  const recovery = system.disasterRecovery?.tenant;
  const tenants = [...new Set([...(system.tenants ?? []), ...(recovery === undefined ? [] : [recovery])])].filter((tenant) => federation.tenants.has(tenant));
  const shapes = shapesOf(new World(federation, addresses, zones), tenants);
  const sides = tenants.map((tenant): Side => {
    const found = federation.tenants.get(tenant);
    const cloud = found?.cloud ?? '';
    return {
      tenant,
      agency: agencyOf(federation, found?.owner ?? ''),
      cloud,
      kind: federation.clouds.get(cloud)?.kind ?? 'unknown',
      side: shapes.get(tenant)?.side ?? 'alone',
      answers: answering.includes(tenant),
      stacks: stacks.filter((stack) => stack.tenant === tenant).map(({ path }) => path),
    };
  });
  const columns = tenants.map((tenant) => {
    const { shape, numbers } = shapes.get(tenant) ?? { shape: undefined, numbers: new Map<string, PlacedAddress>() };
    return {
      tenant,
      parts: became(
        stacks.filter((stack) => stack.tenant === tenant),
        shape,
      ),
      shape,
      numbers,
    };
  });
  const clusters = new Set(sides.filter(({ kind }) => kind === 'kubernetes').map(({ tenant }) => tenant));
  const parts = [...new Set(columns.flatMap((column) => [...column.parts.keys()]))].map((part) => ({
    part,
    on: columns.flatMap(({ tenant, parts: became, shape, numbers }) => {
      const kinds = became.get(part);
      return kinds ? [{ tenant, kinds, addresses: addressesOf(part, shape, numbers, clusters.has(tenant)) }] : [];
    }),
  }));
  const names = columns.flatMap(({ shape }) => shape?.names?.filter((one) => one.system === id) ?? []).slice(0, 1);
  return {
    system: id,
    mode: system.disasterRecovery?.mode ?? null,
    sides,
    parts: sortedBy(parts, ({ part }) => part),
    names: names.flatMap(({ zone, records }) =>
      records.map(({ label, addresses: list }) => {
        const name = label === '@' ? zone : `${label}.${zone}`;
        const planned = zones.zones.flatMap((each) =>
          each.records.filter((set) => set.name === name && (set.type === 'A' || set.type === 'AAAA')).flatMap(({ data }) => data),
        );
        return { name, addresses: list.flatMap(textsOf), planned: planned.length === 0 ? null : planned };
      }),
    ),
    routes: routesOf({ federation, addresses, overlays }, new Set([id])).map(({ pair, over }) => ({ from: pair.first, to: pair.second, over: over ?? null })),
  };
}

interface Shaped {
  readonly shape: SystemShape | undefined;
  readonly side: Side['side'];
  readonly numbers: ReadonlyMap<string, PlacedAddress>;
}

/** The shapes of tenants as their stacks were made of them. */
function shapesOf(world: World, tenants: readonly string[]): ReadonlyMap<string, Shaped> {
  const app = new App({ outdir: '.', stackTraces: false });
  const agencies = new Map(world.units.map((unit) => [unit.id, new Agency(app, world, unit)]));
  return new Map(
    tenants.map((id): [string, Shaped] => {
      const agency = [...agencies.values()].find((each) => each.tenants.some((tenant) => tenant.id === id));
      const facts = agency?.ask('tenant', id);
      const [partner] = agency?.ask('partners', id) ?? [];
      const declared = agency && facts ? declaredShape(agency, facts) : undefined;
      const shape = agency && facts && declared ? spread(agency, facts, declared, (other) => declaredShape(agency, other)) : undefined;
      const networks = agency?.ask('networks', id) ?? [];
      const held = (key: string): string[] => textsOf(agency?.ask('allocation', key) ?? {});
      const numbers = agency && shape ? answeringEntries(shape, plannedAddresses(shape, networks), networks, held) : new Map<string, PlacedAddress>();
      return [id, { shape, side: partner?.side ?? 'alone', numbers }];
    }),
  );
}

function addressesOf(part: string, shape: SystemShape | undefined, numbers: ReadonlyMap<string, PlacedAddress>, cluster: boolean): string[] {
  const entry = /^entries\/(.+)$/u.exec(part)?.[1];
  if (entry !== undefined) return textsOf(numbers.get(entry) ?? {});
  // A pod's address is the cluster's to give; only what may be reached from outside has one of the plan, in front of all members.
  if (cluster) return shape && exposedPorts(shape, part).length > 0 ? textsOf(numbers.get(`${part}-1`) ?? {}) : [];
  const replicas = shape?.components.find(({ name }) => name === part)?.replicas ?? 0;
  return Array.from({ length: replicas }, (_, index) => textsOf(numbers.get(`${part}-${index + 1}`) ?? {})).flat();
}

function textsOf({ v4, v6 }: PlacedAddress): string[] {
  return [v4, v6].filter((address) => address !== undefined);
}
