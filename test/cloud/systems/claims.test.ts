import { describe, expect, it } from 'vitest';
import { exampleIntent } from '../../../modules/cloud/systems/describe.ts';
import { systemBlueprints, type Peer, type SystemShape } from '../../../modules/cloud/systems/index.ts';
import { checks } from '../../lab/blueprints/checks.ts';
import type { Live, LiveRule } from '../../lab/blueprints/live.ts';
import { liveProject } from './live-project.ts';

const shapeOf = (name: string): SystemShape => {
  const blueprint = systemBlueprints.get(name) ?? expect.fail(name);
  return blueprint.shape(exampleIntent(blueprint));
};
const by = (shape: SystemShape, id: string): string => shape.claims.find((claim) => claim.id === id)?.by ?? expect.fail(id);

describe('what kinds of systems claim', () => {
  it('CON-1 names whoever comes in past the entries', () => {
    const broker = by(shapeOf('message-broker'), 'CON-1');
    expect(broker).toContain('tenant/documents/app to adapter');
    expect(broker).toContain('tenant/example-elsewhere/data to ledger');
    // It has no copy elsewhere and nobody else to let in.
    expect(by(shapeOf('edge'), 'CON-1')).toBe('from outside of the tenant the only ways in are entries');
    for (const blueprint of systemBlueprints.values()) {
      const shape = blueprint.shape(exampleIntent(blueprint));
      const past = shape.flows.flatMap(({ from, to }) => ('key' in from && 'component' in to ? [`${from.key} to ${to.component}`] : []));
      for (const way of past) expect(by(shape, 'CON-1'), blueprint.name).toContain(way);
    }
  });

  it('CON-1 is checked by every prefix a group lets in, whoever it is', () => {
    const shape = shapeOf('message-broker');
    const held: Record<string, readonly string[]> = {
      'tenant/documents/app': ['10.1.0.0/24'],
      'tenant/example-elsewhere/data': ['10.2.0.0/24'],
      'tenant/t/app': ['10.9.0.0/24'],
    };
    const ingress = (remote: string, port: number): LiveRule => ({ direction: 'ingress', protocol: 'tcp', port, remotes: [remote] });
    const live = (rules: Record<string, readonly LiveRule[]>): Live => liveProject({ rules: new Map(Object.entries(rules)) });
    const faults = (rules: Record<string, readonly LiveRule[]>): readonly string[] =>
      checks['CON-1']?.faults({ live: live(rules), shape, claim: { id: 'CON-1', by: '', parts: [] }, prefixes: (key) => held[key] ?? [], mark: '' }) ?? [];
    expect(
      faults({
        adapter: [ingress('10.1.0.0/24', 8080)],
        ledger: [ingress('10.2.0.0/24', 9092), ingress('group:broker', 9092)],
        broker: [ingress('10.9.0.0/24', 5671)],
      }),
    ).toEqual([]);
    expect(faults({ broker: [ingress('10.1.0.0/24', 5671)] })).toEqual(['broker lets in 10.1.0.0/24 5671']);
    expect(faults({ adapter: [ingress('10.1.0.0/24', 22)], essentials: [ingress('10.7.0.0/16', 53)] })).toEqual([
      'adapter lets in 10.1.0.0/24 22',
      'essentials lets in 10.7.0.0/16 53',
    ]);
  });

  it('NDX-13 names what leaves besides the bus', () => {
    const shape = shapeOf('integration-bus');
    const out = (peer: Peer): string => ('component' in peer ? peer.component : '');
    const leaving = new Set(shape.flows.filter(({ to }) => 'key' in to).map(({ from }) => out(from)));
    expect([...leaving].filter((name) => name !== 'bus')).not.toEqual([]);
    for (const word of ['adapters', 'logs', 'copies']) expect(by(shape, 'NDX-13')).toContain(word);
  });

  it('no key is claimed to be read, or kept from anybody: who is told of it is all that is made', () => {
    for (const blueprint of systemBlueprints.values())
      for (const claim of blueprint.shape(exampleIntent(blueprint)).claims)
        expect(claim.by, `${blueprint.name} ${claim.id}`).not.toMatch(/key[^,;]* (?:is|are) read|read by/u);
  });
});
