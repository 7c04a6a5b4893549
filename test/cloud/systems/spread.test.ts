import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemBlueprints } from '../../../modules/cloud/systems/index.ts';
import { exampleIntent } from '../../../modules/cloud/systems/describe.ts';
import type { Flow, SystemIntent, SystemShape } from '../../../modules/cloud/systems/shape.ts';
import { needsOf, withReplicas } from '../../../modules/cloud/systems/spread/index.ts';
import { prepare } from '../../../modules/federate/prepare.ts';
import { moveSystem, showSystem } from '../../../modules/federate/system.ts';
import type { SynthesisedStack } from '../../../modules/engine/index.ts';
import { oneIntent } from './one-intent.ts';

const asOf = '2026-01-01';

/** Two tenants with the same blueprint, each the other's partner, and sizes of their own. */
function pair(
  name: string,
  sides: readonly ['primary', 'standby'] | readonly ['active', 'active'],
  sizes: readonly [number, number],
): readonly [SystemShape, SystemShape] {
  const blueprint = systemBlueprints.get(name);
  if (!blueprint) throw new Error(name);
  const [member = ''] = Object.keys(blueprint.members);
  const shape = (id: string, other: string, side: 'primary' | 'standby' | 'active', size: number): SystemShape => {
    const example = exampleIntent(blueprint);
    const intent: SystemIntent = {
      ...example,
      tenant: { ...example.tenant, id },
      size: { [member]: size },
      partners: [{ tenant: other, side, rpoMinutes: 60, rtoMinutes: 240 }],
    };
    return blueprint.shape(intent);
  };
  const [one, other] = [shape('one', 'other', sides[0], sizes[0]), shape('other', 'one', sides[1], sizes[1])];
  const seen = (mine: SystemShape, theirs: SystemShape, id: string, them: string, side: 'primary' | 'standby' | 'active'): SystemShape =>
    withReplicas(id, mine, [{ tenant: them, side, systems: ['s'], shape: theirs }]);
  return [seen(one, other, 'one', 'other', sides[0]), seen(other, one, 'other', 'one', sides[1])];
}

/** What a side lets out to the other, or in from it, as `component, port number`. */
function crossings(shape: SystemShape, other: string, direction: 'in' | 'out'): string[] {
  const key = (peer: Flow['from']): boolean => 'key' in peer && peer.key.startsWith(`tenant/${other}/`);
  return shape.flows
    .flatMap(({ from, to, port }): string[] => {
      const [near, far] = direction === 'in' ? [to, from] : [from, to];
      if (!('component' in near) || !key(far)) return [];
      const component = shape.components.find(({ name }) => name === near.component);
      const number = typeof port === 'number' ? port : component?.ports.find(({ name }) => name === port)?.number;
      return [`${near.component} (${component?.segment}) ${number}`];
    })
    .sort();
}

describe('a system on two sides', () => {
  it('opens at one end what it opens at the other, whichever kind it is, whoever answers and however many there are', () => {
    const replicated = [...systemBlueprints.values()].filter((one) => one.shape(exampleIntent(one)).replicas.length > 0).map(({ name }) => name);
    expect(replicated.length).toBeGreaterThan(4);
    fc.assert(
      fc.property(
        fc.constantFrom(...replicated),
        fc.constantFrom(['primary', 'standby'] as const, ['active', 'active'] as const),
        fc.tuple(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 })),
        (name, sides, sizes) => {
          const [one, other] = pair(name, sides, sizes);
          expect(crossings(one, 'other', 'out')).toEqual(crossings(other, 'one', 'in'));
          expect(crossings(other, 'one', 'out')).toEqual(crossings(one, 'other', 'in'));
          expect(crossings(one, 'other', 'out')).not.toEqual([]);
          // Each side has room for what the other runs, and an active one for both loads.
          for (const [mine, theirs] of [
            [one, other],
            [other, one],
          ] as const) {
            const [own, needs] = [needsOf(mine), needsOf(theirs)];
            const room = mine.room ?? own;
            expect(room.vcpus).toBe(sides[0] === 'active' ? own.vcpus + needs.vcpus : Math.max(own.vcpus, needs.vcpus));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is refused where the two sides are not the same, naming what the other lacks', () => {
    const [one] = pair('web-system', ['primary', 'standby'], [2, 2]);
    const other = { ...one, components: one.components.filter(({ name }) => name !== 'database') };
    expect(() => withReplicas('one', one, [{ tenant: 'other', side: 'primary', systems: ['s'], shape: other }])).toThrow(
      /CLOUD-SPREAD: one and other keep the same data, but other has no component "database"/u,
    );
    const elsewhere = {
      ...one,
      components: one.components.map((each) => ({ ...each, ports: each.ports.map((port) => ({ ...port, number: port.number + 1 })) })),
    };
    expect(() => withReplicas('one', one, [{ tenant: 'other', side: 'primary', systems: ['s'], shape: elsewhere }])).toThrow(
      /listens on 5432\/tcp in one and on 5433\/tcp in other/u,
    );
  });
});

type Body = Record<string, unknown>;
const bodiesOf = (stacks: readonly SynthesisedStack[], tenant: string, type: string): Body[] =>
  stacks
    .filter((stack) => stack.tenant === tenant)
    .flatMap(({ json }) => Object.values((JSON.parse(json) as { resource: Record<string, Record<string, Body>> }).resource[type] ?? {}));

/** Prefixes and ports a tenant's own rules let in from, or out to, as its cloud gets them. */
const rulesAs: Record<string, (stacks: readonly SynthesisedStack[], tenant: string, direction: 'in' | 'out') => string[]> = {
  permits: (stacks, tenant, direction) =>
    bodiesOf(stacks, tenant, 'openstack_networking_secgroup_rule_v2')
      .filter((rule) => rule['direction'] === (direction === 'in' ? 'ingress' : 'egress') && rule['remote_ip_prefix'] !== undefined)
      .map((rule) => `${String(rule['remote_ip_prefix'])} ${String(rule['port_range_min'])}`),
  'permits-south': (stacks, tenant, direction) =>
    bodiesOf(stacks, tenant, 'kubernetes_network_policy_v1').flatMap(({ spec }) =>
      (spec as Body[]).flatMap((one) =>
        ((one[direction === 'in' ? 'ingress' : 'egress'] ?? []) as Body[]).flatMap((rule) =>
          ((rule[direction === 'in' ? 'from' : 'to'] ?? []) as Body[]).flatMap(({ ip_block: block }) =>
            ((block ?? []) as Body[]).flatMap(({ cidr }) => ((rule['ports'] ?? []) as Body[]).map(({ port }) => `${String(cidr)} ${String(port)}`)),
          ),
        ),
      ),
    ),
  'permits-harbour': (stacks, tenant, direction) =>
    bodiesOf(stacks, tenant, 'terraform_data').flatMap(({ input }) =>
      (((input as Body)['rules'] ?? []) as { direction: string; prefixes: string[]; port: number }[])
        .filter((rule) => rule.direction === direction)
        .flatMap(({ prefixes, port }) => prefixes.map((prefix) => `${prefix} ${port}`)),
    ),
};

describe('one declaration on an OpenStack, a Kubernetes and a site', () => {
  it('opens the copies’ conversation in every pair of clouds, at both ends, in both families', async () => {
    const { synthesis, addresses } = await prepare(oneIntent(), { asOf });
    const tenants = Object.keys(rulesAs);
    for (const here of tenants) {
      for (const there of tenants.filter((other) => other !== here)) {
        const { v4, v6 } = addresses.allocations.get(`tenant/${there}/data`) ?? {};
        for (const direction of ['in', 'out'] as const)
          for (const prefix of [v4, v6])
            expect(rulesAs[here]?.(synthesis.stacks, here, direction), `${here} ${direction} ${there}`).toContain(`${prefix} 5432`);
      }
    }
  });

  it('became, part by part, what each cloud has for it; the zone plan and the system say the same names', async () => {
    const { view, text } = await showSystem(oneIntent(undefined, 'sandbox'), { asOf }, 'permits');
    const on = (part: string): Record<string, Record<string, number>> =>
      Object.fromEntries(view.parts.find((one) => one.part === part)?.on.map(({ tenant, kinds }) => [tenant, kinds]) ?? []);
    expect(on('portal')).toMatchObject({
      permits: { openstack_compute_instance_v2: 2, openstack_networking_secgroup_v2: 1 },
      'permits-south': { kubernetes_deployment_v1: 1, kubernetes_network_policy_v1: 1 },
      'permits-harbour': { 'record: member': 2, 'record: rules': 1 },
    });
    expect(on('database')).toMatchObject({
      permits: { openstack_blockstorage_volume_v3: 1 },
      'permits-south': { kubernetes_stateful_set_v1: 1 },
      'permits-harbour': { 'record: copy': 2 },
    });
    expect(Object.keys(on('entries/www')).sort()).toEqual(['permits', 'permits-harbour', 'permits-south']);
    expect(view.names.map(({ name }) => name)).toEqual(['permits.service.works.gov.example.', 'www.permits.service.works.gov.example.']);
    for (const { addresses, planned } of view.names) {
      expect(addresses).toHaveLength(6);
      expect([...(planned ?? [])].sort()).toEqual([...addresses].sort());
    }
    expect(view.routes.map(({ over }) => over?.length)).toEqual([1, 2, 1]);
    expect(text).toContain('networks/web\n  permits          openstack works-cloud');
    expect(text).toMatch(/permits-south +kubernetes works-cluster +no object of its own/u);
    const document = new URL('../../../docs/one-intent.md', import.meta.url);
    const block = /(\$ vcloud system show permits [^\n]*\n)[^]*?(?=\n```)/u;
    const known = fs.readFileSync(document, 'utf8');
    const now = known.replace(block, (_, command: string) => `${command}${text}`);
    // VCLOUD_WRITE_DOCS=1 writes the page anew.
    if (process.env['VCLOUD_WRITE_DOCS'] === '1') fs.writeFileSync(document, now);
    else expect(now).toBe(known);
  });

  it('puts at the site what the racks have room for, and says what people do there; what is short is named', async () => {
    const { synthesis } = await prepare(oneIntent(), { asOf });
    const records = bodiesOf(synthesis.stacks, 'permits-harbour', 'terraform_data').map(({ input }) => input as Body);
    const members = records.filter(({ kind }) => kind === 'member');
    for (const component of ['portal', 'application']) {
      const racks = members.filter(({ name }) => String(name).includes(component)).map(({ rack }) => rack);
      expect([...racks].sort()).toEqual(['harbour-a', 'harbour-b']);
    }
    const steps = records.find(({ kind }) => kind === 'work list')?.['steps'] as string[];
    expect(steps.filter((step) => step.startsWith('On server '))).toHaveLength(5);
    expect(steps.join('\n')).toContain('On harbour-hsm: make the key record-key (encryption)');
    const small = oneIntent((text) => text.replaceAll(/cores: \d+/gu, 'cores: 1').replace(/ {2}- \{ id: harbour-hsm.*\n/u, ''));
    await expect(prepare(small, { asOf })).rejects.toThrow(
      /CLOUD-CAPACITY: site "harbour" has no server left for portal 2, which needs 1 cores, 2 GiB[^]*short: cores, at most 0 left[^]*CLOUD-PLACE: key "record-key" of tenant "permits-harbour" has no place/u,
    );
  });

  it('gives servers to one tenant only', async () => {
    const second = oneIntent((text) =>
      text
        .replace('systems:\n', '  - { id: other, names: { vi: O, en: O }, owner: works, cloud: works-room, blueprint: equipment }\nsystems:\n')
        .replace('\nsystems:\n  # All', '\nsystems:\n  # All'),
    );
    await expect(prepare(second, { asOf })).rejects.toThrow(/CLOUD-CAPACITY: site "harbour" holds several tenants \(other, permits-harbour\) and gives none/u);
    const given = oneIntent((text) =>
      text
        .replace('systems:\n', '  - { id: other, names: { vi: O, en: O }, owner: works, cloud: works-room, blueprint: equipment }\nsystems:\n')
        .replaceAll('site: harbour, rack: harbour-b, unit: 1', 'site: harbour, tenant: permits-harbour, rack: harbour-b, unit: 1'),
    );
    const { synthesis } = await prepare(given, { asOf });
    const servers = bodiesOf(synthesis.stacks, 'permits-harbour', 'terraform_data').flatMap(({ input }) => (input as Body)['server'] ?? []);
    expect([...new Set(servers)].sort()).toEqual(['harbour-2', 'harbour-3']);
  });
});

describe('moving a system', () => {
  const yaml = 'stacks/works/works.yaml';

  it('swaps the sides as an edit: names and settings change, nothing is removed, and swapping back gives the first text', async () => {
    const root = oneIntent();
    const before = fs.readFileSync(path.join(root, yaml), 'utf8');
    const shown = await moveSystem(root, { system: 'register', to: 'register-south' }, { asOf });
    expect(shown).toMatchObject({ step: 'swap', written: false });
    expect(fs.readFileSync(path.join(root, yaml), 'utf8')).toBe(before);
    for (const { added, removed } of shown.stacks) expect([added, removed]).toEqual([{}, {}]);
    expect(shown.stacks.find(({ path: name }) => name === 'works.register.workload')?.changed).toMatchObject({ openstack_dns_recordset_v2: 4 });
    const [zone] = shown.zones;
    expect([zone?.added.length, zone?.removed.length]).toEqual([4, 4]);

    await moveSystem(root, { system: 'register', to: 'register-south' }, { asOf, write: true });
    const { view } = await showSystem(root, { asOf }, 'register');
    expect(view.sides.map(({ tenant, side, answers }) => [tenant, side, answers])).toEqual([
      ['register-south', 'primary', true],
      ['register', 'standby', false],
    ]);
    for (const { addresses, planned } of view.names) expect([...(planned ?? [])].sort()).toEqual([...addresses].sort());
    await moveSystem(root, { system: 'register', to: 'register' }, { asOf, write: true });
    expect(fs.readFileSync(path.join(root, yaml), 'utf8')).toBe(before);
  });

  it('goes to a third cloud in two steps, each with a plan: copy first, then swap; a copy is given up by name', async () => {
    const root = oneIntent((text) =>
      text
        .replace('systems:\n', '  - { id: register-harbour, names: { vi: R, en: R }, owner: works, cloud: works-room, like: register }\nsystems:\n')
        .replace('tenants: [permits, permits-south, permits-harbour]', 'tenants: [permits, permits-south]')
        .replace(/ {2}- \{ id: permits-harbour.*\n/u, ''),
    );
    fs.rmSync(path.join(root, 'network-plans/addresses.lock.yaml'));
    const run = async (move: { to?: string; without?: string }): Promise<Awaited<ReturnType<typeof moveSystem>>> =>
      moveSystem(root, { system: 'register', ...move }, { asOf, write: true });
    await expect(run({ to: 'register-harbour' })).rejects.toThrow(/SYSTEM-MOVE: the other side of register is "register-south"[^]*--without register-south/u);
    await expect(run({ to: 'permits-south', without: 'x' })).rejects.toThrow(/one of --to and --without/u);
    const parted = await run({ without: 'register-south' });
    expect(parted.step).toBe('part');
    // The data of the side that was given up stay with its tenant.
    for (const { removed } of parted.stacks) expect(Object.keys(removed).filter((type) => /volume|stateful|instance|store/u.test(type))).toEqual([]);
    expect((await run({ to: 'register-harbour' })).step).toBe('copy');
    expect((await run({ to: 'register-harbour' })).step).toBe('swap');
    const { view } = await showSystem(root, { asOf }, 'register');
    expect(view.sides.map(({ tenant, side }) => `${tenant} ${side}`)).toEqual(['register-harbour primary', 'register standby']);
    await expect(run({ to: 'register-harbour' })).rejects.toThrow(/runs in "register-harbour" already/u);
  });

  it('is a finding where nothing protected joins the two sites', async () => {
    const root = oneIntent((text) => text.replace(/(id: north-south.*)encrypted: true/u, '$1encrypted: false'));
    const { view } = await showSystem(root, { asOf }, 'register');
    expect(view.routes).toEqual([{ from: 'register', to: 'register-south', over: null }]);
    const { checkFederation } = await import('../../../modules/federate/check.ts');
    const { findings } = await checkFederation(root, { asOf });
    expect(findings.filter(({ code }) => code === 'CLOUD-NO-LINK').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('register keeps its data in register (north) and register-south (south)'),
    );
  });
});
