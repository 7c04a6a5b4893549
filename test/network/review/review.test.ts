import { describe, expect, it } from 'vitest';
import { loadAddressPlans, parsePrefix, planAddresses } from '../../../modules/network/index.ts';
import { heldAddresses, inUnits, percentText, reviewAddresses, reviewData, reviewMarkdown, reviewText, unitOf } from '../../../modules/network/review/index.ts';
import { federationFolder } from '../folder.ts';

const plan = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools:
  - { name: six, prefix: "3fff::/32", domain: d, strategy: first-fit }
  - { name: four, prefix: 10.0.0.0/16, domain: d }
needs:
  - { key: agency/a, pool: six, length: 40, role: container }
  - { key: site/a, in: agency/a, length: 48 }
  - { key: site/b, in: agency/a, length: 48 }
  - { key: net/a, pool: four, length: 24 }
  - { key: net/moved, pool: four, prefix: 10.0.9.0/24 }
`;
const lock = `apiVersion: vcloud/v1
kind: NetworkLock
allocations:
  agency/a: {v6: "3fff::/40", pool6: six}
  net/a: {v4: "10.0.0.0/24", pool4: four}
  net/gone: {v4: "10.0.4.0/23", pool4: four}
  net/moved: {v4: "10.0.8.0/24", pool4: four}
  site/a: {v6: "3fff::/48", pool6: six}
`;

async function review() {
  const planSet = await loadAddressPlans(federationFolder({ 'network-plans/a.yaml': plan, 'network-plans/a.lock.yaml': lock }));
  return { planSet, review: reviewAddresses(planSet, planAddresses(planSet).diff) };
}

describe('review of a change', () => {
  it('counts what is given out and used before and after, in sites, networks or addresses', async () => {
    const { utilisation } = reviewData((await review()).review);
    expect(
      utilisation.map(({ name, unit, before, after }) => [name, unit, before?.delegated, after?.delegated, before?.used, after?.used, after?.largestFree]),
    ).toEqual([
      // Released 10.0.4.0/23 stays withheld, so it counts as given out, not as used; the move frees what it left.
      ['four', 'addresses', '1,024', '1,024', '1,024', '512', 17],
      ['six', '/48s', '256', '256', '1', '2', 33],
      ['agency/a', '/48s', '1', '2', '1', '2', 41],
    ]);
    expect(utilisation[0]?.after).toMatchObject({ prefix: '10.0.0.0/16', usedAddresses: '512' });
  });

  it('groups + - ~ > = for terminals and merge requests', async () => {
    const { review: found } = await review();
    expect(reviewText(found).split('\n')).toEqual([
      '+ 1 to add',
      '  + site/b  3fff:0:1::/48  (six)',
      '- 1 to release',
      '  - net/gone  10.0.4.0/23  (four)',
      '> 1 to move: RENUMBER',
      '  > net/moved  10.0.8.0/24 -> 10.0.9.0/24  (four)  RENUMBER',
      '= 3 unchanged',
      '',
      'utilisation before -> after',
      '  pool four (v4): delegated 1,024 of 65,536 addresses (1.5 %), used 1,024 -> 512 of 65,536 addresses (0.7 %), largest free /17',
      '  pool six (v6): delegated 256 of 65,536 /48s (0.3 %), used 1 -> 2 of 65,536 /48s (<0.1 %), largest free /33',
      '  agency/a (v6): delegated 1 -> 2 of 256 /48s (0.7 %), used 1 -> 2 of 256 /48s (0.7 %), largest free /41',
      '',
      '1 to add, 1 to release, 1 to move, 0 to change; 3 unchanged',
    ]);
    const markdown = reviewMarkdown({
      ...found,
      effects: {
        zones: [{ zone: 'example.', state: 'changed', added: 2, removed: 1 }],
        overlays: [{ overlay: 'wide', added: ['n1'], removed: [], changed: [], tunnels: { added: 1, removed: 0 } }],
      },
    });
    expect(markdown).toContain('### Address plan: +1 -1 ~0 >1 =3\n');
    expect(markdown).toContain('**One block is renumbered.**');
    expect(markdown).toContain('| > | `net/moved` | `10.0.8.0/24` | `10.0.9.0/24` | `four` |');
    expect(markdown).toContain('- Zones: 1 zone (+2 -1 records)');
  });

  it('long lists are cut and counted by kind', async () => {
    const { review: found } = await review();
    const add = Array.from({ length: 500 }, (_, index) => ({
      key: `commune/${index}`,
      family: 'v6' as const,
      pool: 'six',
      from: null,
      to: `3fff:0:${index.toString(16)}::/48`,
    }));
    const text = reviewText({ diff: { ...found.diff, add }, blocks: [] });
    expect(text).toContain('  + ... and 400 more; of all:\n      500 commune/* in six\n');
    expect(text.split('\n').length).toBeLessThan(120);
  });

  it('the plan before is what the locks hold', async () => {
    const { planSet } = await review();
    const before = heldAddresses(planSet);
    expect([...before.allocations.values()].map(({ key, v4, v6, container }) => [key, v4 ?? v6, container])).toEqual([
      ['agency/a', '3fff::/40', true],
      ['net/a', '10.0.0.0/24', false],
      ['net/gone', '10.0.4.0/23', false],
      ['net/moved', '10.0.8.0/24', false],
      ['site/a', '3fff::/48', false],
    ]);
  });
});

describe('units', () => {
  it('are exact and never say 0 for something', () => {
    expect(inUnits(1n << 128n, 'v6', 64)).toBe('18,446,744,073,709,551,616');
    expect(inUnits(1n << 79n, 'v6', 48)).toBe('0.5');
    expect(inUnits(1n, 'v6', 48)).toBe('<0.01');
    expect(inUnits(0n, 'v6', 48)).toBe('0');
    expect([percentText(0n, 8n), percentText(1n, 1n << 80n), percentText(1n, 8n), percentText(8n, 8n)]).toEqual(['0 %', '<0.1 %', '12 %', '100 %']);
    expect(['3fff::/20', '3fff::/44', '3fff::/112', '10.0.0.0/8'].map((text) => unitOf(parsePrefix(text)))).toEqual([48, 64, 128, 32]);
  });
});
