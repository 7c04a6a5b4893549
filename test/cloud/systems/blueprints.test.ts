import * as fs from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError, type Problem } from '../../../modules/core/index.ts';
import { meaningOf } from '../../../modules/cloud/systems/blueprints/parameter.ts';
import { sizesOf } from '../../../modules/cloud/systems/blueprints/kit.ts';
import {
  blueprintReference,
  describeBlueprint,
  systemBlueprints,
  type Blueprint,
  type Flow,
  type Peer,
  type SystemIntent,
  type SystemShape,
} from '../../../modules/cloud/systems/index.ts';
import type { z } from 'zod';

const blueprints = [...systemBlueprints.values()];
const named = (name: string): Blueprint => systemBlueprints.get(name) ?? expect.fail(`no blueprint ${name}`);
const partner = { tenant: 'second', side: 'primary', rpoMinutes: 90, rtoMinutes: 240, samePlace: false } as const;

function intent({ example, segments }: Blueprint, changes: Partial<SystemIntent> = {}): SystemIntent {
  return {
    tenant: { id: 'first', names: { vi: 'First', en: 'First' }, owner: 'works', region: undefined, size: undefined, zone: undefined },
    level: 3,
    dataClass: 'shared',
    carriers: [],
    segments: [...Object.keys(segments), 'management'],
    size: {},
    parameters: example,
    partners: [partner],
    ...changes,
  };
}

/** Any intent a blueprint accepts: members, carriers and who is behind them, partners, administration, logs. */
function intents(blueprint: Blueprint): fc.Arbitrary<SystemIntent> {
  const sizes = [...sizesOf(blueprint.members)].map(
    ([name, { least }]) => [name, fc.option(fc.integer({ min: least, max: least + 4 }), { nil: undefined })] as const,
  );
  const peers = fc.uniqueArray(fc.constantFrom('internet=anywhere', 'dedicated=domain/dedicated', 'city=agency/city'), { minLength: 1 });
  const optional = fc.record(
    {
      audience: peers,
      administrationPort: fc.integer({ min: 1, max: 65_535 }),
      logs: fc.constant(['tenant/logs/app:6514']),
      names: fc.constant('tenant/names/app'),
      time: fc.constant('tenant/names/app'),
      certificate: fc.constant('own-certificate'),
      connections: fc.integer({ min: 1, max: 5000 }),
    },
    { requiredKeys: [] },
  );
  return fc
    .record({
      size: fc.record(Object.fromEntries(sizes)),
      optional,
      partners: fc.subarray([partner, { ...partner, tenant: 'third', side: 'standby' as const, rpoMinutes: 10 }], {
        minLength: blueprint.needsPartner === true ? 1 : 0,
      }),
      level: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      dataClass: fc.constantFrom('open' as const, 'shared' as const, 'personal' as const, 'secret' as const, undefined),
    })
    .map(({ size, optional: more, partners, level, dataClass }) =>
      intent(blueprint, {
        size: Object.fromEntries(Object.entries(size).filter(([, value]) => value !== undefined)) as Record<string, number>,
        parameters: { ...blueprint.example, ...more },
        carriers: (more.audience ?? []).map((line) => line.split('=')[0] ?? ''),
        partners,
        level,
        dataClass,
      }),
    );
}

function problemsOf(work: () => unknown): readonly Problem[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

const names = (parts: readonly { readonly name: string }[]): string[] => parts.map(({ name }) => name);
const ends = (flow: Flow): Peer[] => [flow.from, flow.to];
const segmentOf = (shape: SystemShape, name: string): string | undefined => shape.components.find((component) => component.name === name)?.segment;

describe.each(blueprints.map((one) => [one.name, one] as const))('blueprint %s', (name, blueprint) => {
  it('makes a whole system of anything it accepts', () => {
    fc.assert(
      fc.property(intents(blueprint), (declared) => {
        const shape = blueprint.shape(declared);
        const { components, segments, entries, keys, stores, flows, claims, replicas } = shape;
        // One name for one part: what a part became is read off construct paths.
        const parts = [components, segments, entries, keys, stores].flatMap(names);
        expect(parts.filter((part, index) => parts.indexOf(part) !== index)).toEqual([]);
        for (const component of components) {
          expect(names(segments)).toContain(component.segment);
          for (const key of component.keys ?? []) expect(names(keys)).toContain(key);
          expect(component.ports.filter(({ name: one }, index, list) => list.findIndex((other) => other.name === one) !== index)).toEqual([]);
        }
        for (const flow of flows) {
          expect(ends(flow).some((end) => 'component' in end)).toBe(true);
          for (const end of ends(flow)) {
            if ('component' in end) expect(names(components)).toContain(end.component);
            if ('segment' in end) expect(names(segments)).toContain(end.segment);
          }
          const target = 'component' in flow.to ? components.find((component) => 'component' in flow.to && component.name === flow.to.component) : undefined;
          if (target) expect(names(target.ports)).toContain(flow.port);
          else expect(flow.port).toBeTypeOf('number');
          expect(flow.why).not.toBe('');
        }
        for (const { component, port } of [...entries, ...replicas])
          expect(names(components.find((one) => one.name === component)?.ports ?? [])).toContain(port);
        for (const { tls } of entries) if (tls.at === 'entry') expect(names(keys)).toContain(tls.certificate);
        for (const claim of claims) {
          expect(claim.id).toMatch(/^(?:SEC|CLD|CON|INT|NDX)-\d+$/u);
          expect(claim.parts.filter((part) => !parts.includes(part))).toEqual([]);
          expect(claim.parts).not.toEqual([]);
        }
        expect(JSON.stringify(blueprint.shape(declared))).toBe(JSON.stringify(shape));
      }),
      { numRuns: 40 },
    );
  });

  it('lets nobody in but through entries and stated links, and nobody at all into the data zone', () => {
    fc.assert(
      fc.property(intents(blueprint), (declared) => {
        const shape = blueprint.shape(declared);
        const partners = declared.partners.map(({ tenant }) => `tenant/${tenant}/`);
        for (const { from } of shape.flows) expect(from).not.toHaveProperty('anywhere');
        for (const entry of shape.entries) expect(segmentOf(shape, entry.component)).not.toBe('data');
        for (const { from, to } of shape.flows) {
          const into = 'component' in to && segmentOf(shape, to.component) === 'data';
          if (into && 'key' in from) expect(partners.some((prefix) => from.key.startsWith(prefix))).toBe(true);
          if (into && 'segment' in from) expect(from.segment).toBe('management');
          // Nobody leaves it for the world either.
          if ('component' in from && segmentOf(shape, from.component) === 'data') expect(to).not.toHaveProperty('anywhere');
        }
        for (const { name: segment, egress } of shape.segments) {
          const leaves = shape.flows.some(
            ({ from, to }) => 'component' in from && segmentOf(shape, from.component) === segment && ('key' in to || 'anywhere' in to),
          );
          expect(egress === true).toBe(leaves);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('claims as much as its form shows: volumes kept, pairs apart, entries limited', () => {
    fc.assert(
      fc.property(intents(blueprint), (declared) => {
        const shape = blueprint.shape(declared);
        const claimed = (id: string): readonly string[] => shape.claims.find((claim) => claim.id === id)?.parts ?? [];
        expect(claimed('SEC-5')).toEqual(names(shape.components.filter(({ storage }) => storage !== undefined)));
        for (const { storage } of shape.components) if (storage) expect(storage.backup).toBeDefined();
        expect(claimed('SEC-2')).toEqual(names(shape.components.filter(({ replicas }) => replicas > 1)));
        expect(claimed('SEC-8')).toEqual(names(shape.entries.filter(({ connections }) => connections !== undefined)));
        // The strictest recovery point bounds how old a copy may be, down to an hour.
        const points = declared.partners.map(({ rpoMinutes }) => rpoMinutes ?? Infinity);
        for (const { storage } of shape.components)
          if (storage?.backup && points.length > 0) expect(storage.backup.everyHours * 60).toBeLessThanOrEqual(Math.max(60, Math.min(...points)));
      }),
      { numRuns: 20 },
    );
  });

  it('refuses what is missing, wrong or unknown: tenant, parameter, what it is for, an example; all at once', () => {
    const required = Object.entries(blueprint.parameters.shape).filter(([, schema]) => !(schema as z.ZodType).safeParse(undefined).success);
    expect(required.length).toBeGreaterThan(2);
    const found = problemsOf(() => blueprint.shape(intent(blueprint, { parameters: {} })));
    expect(found).toHaveLength(required.length);
    for (const [parameter, schema] of required) {
      const { says } = meaningOf(schema as z.ZodType);
      expect(says).not.toBe('');
      expect(found.map(({ code, message }) => `${code} ${message}`)).toContain(
        `CLOUD-PARAMETER tenant "first": blueprint ${name} needs the parameter "${parameter}": ${says}`,
      );
      expect(found.some(({ hint }) => hint?.includes(`{ ${parameter}: `))).toBe(true);
    }
    const misspelt = problemsOf(() => blueprint.shape(intent(blueprint, { parameters: { ...blueprint.example, entryPorts: 1 }, size: { vcpu: 2 } })));
    expect(misspelt.map(({ code, hint }) => `${code} ${hint ?? ''}`)).toEqual([
      expect.stringContaining('entryPort') as unknown,
      expect.stringContaining('vcpus') as unknown,
    ]);
    const carried = problemsOf(() => blueprint.shape(intent(blueprint, { carriers: ['satellite'] })));
    expect(carried.map(({ message }) => message)).toEqual([expect.stringContaining('links run on "satellite"') as unknown]);
    const unnumbered = problemsOf(() => blueprint.shape(intent(blueprint, { segments: [] })));
    expect(unnumbered.map(({ code }) => code)).toEqual(Object.keys(blueprint.segments).map(() => 'CLOUD-NOT-NUMBERED'));
  });

  it('runs the container images it is told, and refuses names of what it has not', () => {
    const shape = blueprint.shape(intent(blueprint));
    for (const { name: component } of shape.components) {
      const told = blueprint.shape(intent(blueprint, { parameters: { ...blueprint.example, containerImages: [`${component}=works/own:2.1`] } }));
      expect(told.components.filter(({ image }) => image.container === 'works/own:2.1').map(({ name: one }) => one)).toEqual([component]);
    }
    const [first] = names(shape.components);
    const misspelt = problemsOf(() =>
      blueprint.shape(intent(blueprint, { parameters: { ...blueprint.example, containerImages: [`${first}1=works/own:2.1`] } })),
    );
    expect(misspelt).toEqual([
      expect.objectContaining({ code: 'CLOUD-PARAMETER', subject: 'tenant/first', hint: expect.stringContaining(String(first)) as unknown }),
    ]);
  });

  it('says of every parameter what it is for, and has no official default for a port', () => {
    for (const [parameter, schema] of Object.entries(blueprint.parameters.shape)) {
      const { says, type } = meaningOf(schema as z.ZodType);
      expect(says, parameter).not.toBe('');
      const fallback = (schema as z.ZodType).safeParse(undefined);
      if (type === 'port' && fallback.success && fallback.data !== undefined) expect(says, parameter).toMatch(/RFC \d+/u);
    }
  });
});

describe('what each is for', () => {
  it('exchange-node is refused without the authorities that make an exchange provable', () => {
    for (const missing of ['certificateAuthority', 'timeStampAuthority', 'register']) {
      const rest = Object.fromEntries(Object.entries(named('exchange-node').example).filter(([name]) => name !== missing));
      const found = problemsOf(() => named('exchange-node').shape(intent(named('exchange-node'), { parameters: rest })));
      expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([
        expect.stringMatching(new RegExp(`^CLOUD-PARAMETER tenant "first": .*"${missing}"`, 'u')) as unknown,
      ]);
    }
    expect(problemsOf(() => named('exchange-node').shape(intent(named('exchange-node'), { size: { node: 1 } }))).map(({ code }) => code)).toEqual([
      'CLOUD-SIZE',
    ]);
    for (const { name, storage } of named('exchange-node').shape(intent(named('exchange-node'))).components)
      expect(storage !== undefined).toBe(name === 'journal');
  });

  it('message-broker keeps to protocols that are allowed', () => {
    const broker = named('message-broker');
    const found = problemsOf(() => broker.shape(intent(broker, { parameters: { ...broker.example, protocol: 'in-house' } })));
    expect(found).toMatchObject([{ code: 'CLOUD-PARAMETER', hint: 'allowed: amqp-1.0, mqtt-5.0' }]);
  });

  it('data-store is refused without another place, and takes loss and time from its system', () => {
    const store = named('data-store');
    expect(problemsOf(() => store.shape(intent(store, { partners: [] }))).map(({ code }) => code)).toEqual(['CLOUD-PARTNER']);
    expect(problemsOf(() => store.shape(intent(store, { partners: [{ tenant: 'second', side: 'primary' }] }))).map(({ code }) => code)).toEqual([
      'CLOUD-PARTNER',
    ]);
    expect(problemsOf(() => store.shape(intent(store, { partners: [{ ...partner, samePlace: true }] }))).map(({ code }) => code)).toEqual(['CLOUD-PARTNER']);
    const shape = store.shape(intent(store));
    expect(shape.replicas).toEqual([{ component: 'store', port: 'copies', tenant: 'second', side: 'primary', rpoMinutes: 90, rtoMinutes: 240 }]);
    expect(shape.components.find(({ name }) => name === 'store')?.storage?.backup).toEqual({ everyHours: 1, keepDays: 30 });
  });

  it('archive: who reads cannot reach what deposits, and nothing reads or writes but by its own port', () => {
    const archive = named('archive');
    const objects = { storeClass: 'write-once', objectStore: ['site/storage:443'] };
    for (const medium of ['volumes', 'objects']) {
      const shape = archive.shape(intent(archive, { parameters: { ...archive.example, medium, ...(medium === 'objects' ? objects : {}) } }));
      const toVault = shape.flows.filter(({ to }) => 'component' in to && to.component === 'vault');
      expect(toVault.filter(({ from }) => 'component' in from && from.component === 'reading').map(({ port }) => port)).toEqual(['records']);
      expect(toVault.filter(({ from }) => 'component' in from && from.component === 'intake').map(({ port }) => port)).toEqual(['deposits']);
      expect(shape.stores.map(({ writeOnceDays, class: policy }) => [writeOnceDays, policy])).toEqual(medium === 'objects' ? [[3650, 'write-once']] : []);
      const out = shape.flows.filter(({ from, to }) => 'component' in from && from.component === 'vault' && 'key' in to && to.key === 'site/storage');
      expect(out.map(({ port }) => port)).toEqual(medium === 'objects' ? [443] : []);
    }
    const refused = (parameters: object): string[] =>
      problemsOf(() => archive.shape(intent(archive, { parameters: { ...archive.example, ...parameters } }))).map(({ message }) => message);
    expect(refused({ medium: 'objects' })).toEqual([expect.stringContaining('needs the parameter "objectStore"') as unknown]);
    expect(refused(objects)).toEqual([expect.stringContaining('has no use for "storeClass": its medium is volumes') as unknown]);
  });

  it('crawler: whatever reaches the world opens nothing inside', () => {
    fc.assert(
      fc.property(intents(named('crawler')), (declared) => {
        const { flows, components } = named('crawler').shape(declared);
        const outside = components.filter(({ segment }) => segment === 'egress').map(({ name }) => name);
        expect(outside).toEqual(['crawler']);
        for (const { from, to } of flows) {
          if (!('component' in from)) continue;
          if (outside.includes(from.component)) expect(to).not.toHaveProperty('component');
          else expect(to).not.toHaveProperty('anywhere');
        }
      }),
      { numRuns: 20 },
    );
  });

  it('edge: with every flow to and from its centre gone, devices are still answered and what they say is kept', () => {
    fc.assert(
      fc.property(intents(named('edge')), (declared) => {
        const { flows, entries, components, keys, claims } = named('edge').shape({ ...declared, partners: [] });
        const inside = flows.filter(({ from, to }) => 'component' in from && 'component' in to);
        const reached = new Set(entries.map(({ component }) => component));
        for (let grew = true; grew;) {
          grew = false;
          for (const { from, to } of inside)
            if ('component' in from && 'component' in to && reached.has(from.component) && !reached.has(to.component)) {
              reached.add(to.component);
              grew = true;
            }
        }
        expect([...reached].sort()).toEqual(['buffer', 'gateway', 'local', 'resolver']);
        // Only the forwarder knows that there is a centre, and nothing waits for something from there.
        const centre = flows.filter(({ to }) => 'key' in to && to.key === 'tenant/city-centre/app');
        expect(centre.map(({ from }) => 'component' in from && from.component)).toEqual(['forwarder']);
        expect(JSON.stringify(components)).not.toContain('city-centre');
        expect(keys.filter(({ origin }) => origin === 'given').length).toBe(declared.parameters['certificate'] === undefined ? 0 : 1);
        expect(claims.map(({ id }) => id)).toContain('SEC-6');
      }),
      { numRuns: 20 },
    );
  });

  it('integration-bus: an image of one adapter goes before that of all of them', () => {
    const bus = named('integration-bus');
    const { components } = bus.shape(
      intent(bus, { parameters: { ...bus.example, containerImages: ['adapter=works/any:1', 'adapter-records=works/records:2'] } }),
    );
    expect(components.filter(({ name }) => name.startsWith('adapter')).map(({ name, image }) => [name, image.container])).toEqual([
      ['adapter-records', 'works/records:2'],
      ['adapter-cases', 'works/any:1'],
    ]);
  });

  it('shared-service gives each consumer an entry with a limit of its own', () => {
    const service = named('shared-service');
    const { entries } = service.shape(intent(service));
    expect(entries.map(({ name, from, connections }) => [name, 'key' in from && from.key, connections])).toEqual([
      ['calls', 'domain/dedicated', undefined],
      ['for-works', 'agency/works', 500],
      ['for-roads', 'agency/roads', 500],
    ]);
  });
});

describe('what people read of the kinds', () => {
  it('is in docs/blueprints.md, as `npm run docs` writes it', () => {
    expect(fs.readFileSync(new URL('../../../docs/blueprints.md', import.meta.url), 'utf8')).toBe(blueprintReference(systemBlueprints));
  });

  it('lists every network, size and parameter a tenant may have, and at least ten requirements for each kind', () => {
    for (const blueprint of blueprints) {
      const { segments, parameters, claims, sizes } = describeBlueprint(blueprint);
      expect(segments.map(({ name }) => name)).toEqual([...Object.keys(blueprint.segments), 'management']);
      expect(parameters.map(({ name }) => name).sort()).toEqual(Object.keys(blueprint.parameters.shape).sort());
      expect(sizes.length).toBeGreaterThan(Object.keys(blueprint.members).length);
      expect(new Set(claims.map(({ id }) => id)).size).toBeGreaterThanOrEqual(10);
      expect(claims.filter(({ id }, index) => claims.findIndex((other) => other.id === id) !== index)).toEqual([]);
    }
  });
});
