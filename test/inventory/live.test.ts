import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Federation } from '../../modules/federation/index.ts';
import type { StateResource } from '../../modules/engine/types.ts';
import { liveRecords, listRecords, openStore, showRecord, submit, type InventoryRecord, type LiveProject } from '../../modules/inventory/index.ts';
import { centre as makeCentre } from './support.ts';

const types = ['openstack_networking_network_v2', 'openstack_networking_port_v2', 'openstack_lb_member_v2'] as const;
const stack = 'lab.portal.workload';

interface World {
  /** Ids by type. */
  readonly there: Readonly<Record<string, readonly string[]>>;
  /** Types that cannot be read today. */
  readonly dark: readonly string[];
}

const worlds: fc.Arbitrary<readonly World[]> = fc.array(
  fc.record({
    there: fc.record(Object.fromEntries(types.map((type) => [type, fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))]))),
    dark: fc.subarray([...types]),
  }),
  { minLength: 1, maxLength: 5 },
);

function projectOf({ there, dark }: World): LiveProject {
  return {
    ...{ cloud: 'hall', project: { id: 'p', name: 'portal' }, stacks: [stack] },
    // A kind that failed half-way shows the first of what there is.
    objects: types.flatMap((type) => (there[type] ?? []).slice(0, dark.includes(type) ? 1 : 5).map((id) => ({ type, id, name: `${type} ${id}` }))),
    kinds: types.map((type) => ({ type, state: dark.includes(type) ? ('failed' as const) : ('whole' as const) })),
  };
}

const day = (index: number): string => `2026-03-0${index + 1}`;

describe('the live layer', () => {
  let centre: Federation;
  beforeAll(async () => {
    ({ federation: centre } = await makeCentre());
  });

  it('takes nothing for gone that was not read, and nothing for there that was read and is not', () => {
    fc.assert(
      fc.property(worlds, (sequence) => {
        const store = openStore(':memory:');
        // What somebody with a notebook would hold: by type, ids with the day they were last seen.
        const notebook = new Map<string, Map<string, string>>(types.map((type) => [type, new Map()]));
        sequence.forEach((world, index) => {
          const layer = liveRecords(centre, day(index), [projectOf(world)], new Map());
          const guard = { share: 1, least: 1_000 };
          submit(store, {
            member: centre.settings.member.id,
            observed: day(index),
            records: layer.records,
            layers: ['live'],
            keep: { live: layer.keep },
            guard,
          });
          for (const type of types) {
            const seen = notebook.get(type) ?? new Map<string, string>();
            const dark = world.dark.includes(type);
            if (!dark) seen.clear();
            for (const id of (world.there[type] ?? []).slice(0, dark ? 1 : 5)) seen.set(id, day(index));
          }
        });
        const held = [...listRecords(store, { layer: 'live' })].map(
          ({ attributes, observed }) => `${attributes['type'] as string} ${attributes['id'] as string} ${observed}`,
        );
        const wanted = [...notebook].flatMap(([type, seen]) => [...seen].map(([id, date]) => `${type} ${id} ${date}`));
        store.close();
        expect(held.sort()).toEqual(wanted.sort());
      }),
      { numRuns: 60 },
    );
  });

  it('stands beside what a state holds, says what the cloud no longer shows, and finds what nobody holds', () => {
    const [network, port] = types;
    const held = (address: string, type: string, id: string): StateResource => ({ stack, address, type, attributes: { id } });
    const states = new Map([[stack, [held('a.one', network, 'a'), held('a.two', network, 'gone'), held('p.one', port, 'unread')]]]);
    const project: LiveProject = {
      ...{ cloud: 'hall', project: { id: 'p', name: 'portal' }, stacks: [stack] },
      objects: [
        { type: network, id: 'a', name: 'web', created: '2026-01-01T00:00:00Z', holder: { stack, address: 'a.one' } },
        { type: network, id: 'x', name: 'forgotten' },
      ],
      kinds: [
        { type: network, state: 'whole' },
        { type: port, state: 'failed', reason: '503' },
      ],
    };
    const { records, keep } = liveRecords(centre, '2026-03-01', [project], states);
    const short = ({ urn, drift, attributes }: InventoryRecord): unknown => [urn.split(':').slice(4).join(':'), drift ?? '-', attributes['created'] ?? '-'];
    expect(records.map(short)).toEqual([
      [`${stack}/a.one`, '-', '2026-01-01T00:00:00Z'],
      [`hall/p/${network}/x`, 'unmanaged', '-'],
      [`${stack}/a.two`, 'missing', '-'],
    ]);
    const store = openStore(':memory:');
    submit(store, { member: centre.settings.member.id, observed: '2026-03-01', records, layers: ['live'] });
    expect(showRecord(store, records[1]?.urn ?? '')?.record.attributes).toMatchObject({ cloud: 'hall', project: 'portal', id: 'x', name: 'forgotten' });
    store.close();
    const of = (type: string): InventoryRecord => ({ ...(records[0] as InventoryRecord), attributes: { cloud: 'hall', projectId: 'p', type } });
    expect([network, port].map((type) => keep(of(type)))).toEqual([false, true]);
    expect(keep({ ...of(network), attributes: { cloud: 'elsewhere', projectId: 'p', type: network } })).toBe(true);
  });
});
