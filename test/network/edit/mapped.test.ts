import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../modules/core/index.ts';
import { loadAddressPlans, planAddresses } from '../../../modules/network/index.ts';
import { editAddresses, openWorkspace } from '../../../modules/network/edit/index.ts';
import { federationFolder } from '../folder.ts';

const head = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: a }
domains: [{ name: d }]
pools:
  - { name: p6, prefix: "3fff::/20", domain: d, strategy: mapped }
  - { name: p4, prefix: 10.0.0.0/8, domain: d, strategy: mapped }
needs:
`;
const rules = `  - { forEach: { csv: t.csv }, key: "province/{province}", role: container, pool: p6, length: 32, at: "{province}" }
  - { forEach: { csv: u.csv }, key: "commune/{code}", in: "province/{province}", length: 48, at: "{code}" }
`;

async function heldOf(needs: string, files: Record<string, string> = {}): Promise<Record<string, string | undefined>> {
  const outcome = planAddresses(await loadAddressPlans(federationFolder({ 'network-plans/a.yaml': head + needs, ...files })));
  if (outcome.problems.length > 0) throw new ProblemError(outcome.problems);
  return Object.fromEntries([...outcome.addressPlan.allocations.values()].map(({ key, v4, v6 }) => [key, v6 ?? v4]));
}

const tables = { 'network-plans/t.csv': 'province\n01\n79\n', 'network-plans/u.csv': 'code,province\n00004,01\n26740,79\n' };

describe('mapped needs', () => {
  it('turn fields of the key into bits of the address', async () => {
    expect(await heldOf(rules, tables)).toEqual({
      'province/01': '3fff:1::/32',
      'province/79': '3fff:4f::/32',
      'commune/00004': '3fff:1:4::/48',
      // 26740 is 0x6874.
      'commune/26740': '3fff:4f:6874::/48',
    });
    expect(await heldOf('  - { key: x, pool: p4, length: 16, at: 0xff }\n')).toEqual({ x: '10.255.0.0/16' });
  });

  it('lie where they lie whatever else is in the plan', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 8 }), async (numbers) => {
        const needs = numbers.map((number) => `  - { key: n/${number}, pool: p4, length: 16, at: ${number} }\n`).join('');
        expect(await heldOf(needs)).toEqual(Object.fromEntries(numbers.map((number) => [`n/${number}`, `10.${number}.0.0/16`])));
      }),
      { numRuns: 20 },
    );
  });

  it('refuse numbers there is no block for, needs that say none, and two for one block', async () => {
    const load = (needs: string) => async () => await heldOf(needs);
    await expect(load('  - { key: x, pool: p4, length: 16, at: 256 }\n')).rejects.toThrow('a /8 has 256');
    await expect(load('  - { key: x, pool: p4, length: 16, at: "7a" }\n')).rejects.toThrow('NET-NUMBER');
    await expect(load('  - { key: x, pool: p4, length: 16 }\n')).rejects.toThrow('NET-FIXED');
    await expect(load('  - { key: x, pool: p4, prefix: 10.1.0.0/16, at: 1 }\n')).rejects.toThrow('NET-NEED');
    await expect(load('  - { key: x, pool: p4, length: 16, at: 1 }\n  - { key: y, pool: p4, length: 16, at: 1 }\n')).rejects.toThrow('overlaps');
  });

  it('are renumbered by another number only with leave', () => {
    const root = federationFolder({ 'network-plans/a.yaml': `${head}  - { key: x, pool: p4, length: 16, at: 1 }\n` });
    for (const [file, text] of planAddresses(openWorkspace(root).planSet).locks) fs.writeFileSync(path.join(root, file), text);
    const workspace = openWorkspace(root);
    const moved = editAddresses(workspace, { verb: 'move', key: 'x', prefix: '10.9.0.0/16' }, { allowMove: ['x'] });
    expect(moved.files.get('network-plans/a.yaml')).toContain('{ key: x, pool: p4, prefix: 10.9.0.0/16 }');
    expect(() => editAddresses(workspace, { verb: 'move', key: 'x', prefix: '10.9.0.0/16' })).toThrow('NET-MOVE');
  });
});
