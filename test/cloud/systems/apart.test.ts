import { describe, expect, it } from 'vitest';
import { exampleIntent } from '../../../modules/cloud/systems/describe.ts';
import { systemBlueprints } from '../../../modules/cloud/systems/index.ts';
import { workList } from '../../../modules/cloud/systems/site/work.ts';
import { checks } from '../../lab/blueprints/checks.ts';
import type { Live } from '../../lab/blueprints/live.ts';
import { liveProject } from './live-project.ts';

const blueprint = systemBlueprints.get('exchange-node') ?? expect.fail('no exchange-node');
const shape = blueprint.shape(exampleIntent(blueprint));

describe('members of one kind on different hosts', () => {
  it('is claimed while there are enough hosts, and no more', () => {
    for (const id of ['SEC-2', 'NDX-7']) expect(shape.claims.find((claim) => claim.id === id)?.by).toContain('while there are enough');
    expect(JSON.stringify([...systemBlueprints.values()].map((one) => one.shape(exampleIntent(one)).claims))).not.toContain('never share');
  });

  it.each(['SEC-2', 'NDX-7'])('%s is checked by the policy that is there, whole, and by exactly the members', (id) => {
    const claim = { id, by: '', parts: ['node'] };
    const servers = ['1', '2'].map((server) => ({ id: server, status: 'ACTIVE', metadata: { role: 'node' } }));
    const live = (group: object): Live => liveProject({ servers, serverGroups: [{ name: 't-node', ...group }] });
    const faults = (group: object): readonly string[] => checks[id]?.faults({ live: live(group), shape, claim, prefixes: () => [], mark: '' }) ?? [];
    expect(faults({ policies: ['soft-anti-affinity'], members: ['2', '1'] })).toEqual([]);
    expect(faults({ policy: 'soft-anti-affinity', members: ['1', '2'] })).toEqual([]);
    for (const group of [
      { policies: ['soft-anti-affinity'], members: ['1'] },
      { policies: ['anti-affinity'], members: ['1', '2'] },
      { policies: ['soft-affinity'], members: ['1', '2'] },
      {},
    ])
      expect(faults(group)).toEqual(['members of node are not kept apart']);
  });

  it('is told to the people of a site where it does not hold', () => {
    const steps = (servers: readonly string[]): string[] =>
      workList({
        site: 'harbour',
        shape: { ...shape, segments: [], entries: [], keys: [], replicas: [] },
        positions: servers.map((server, index) => ({ component: 'node', member: index + 1, server })),
        equipment: { racks: [], servers: [], appliances: [], tenants: [] },
        networks: [],
        addresses: new Map(),
        devices: { rules: [], entries: [], stores: [], keys: [] },
        rules: new Map(),
      });
    expect(steps(['one', 'two'])).toEqual([]);
    expect(steps(['one', 'two', 'one'])).toEqual(['Members 1, 3 of node stand on one server, one: what is lost with it is lost to all of them.']);
  });
});
