import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { handOver, type Prepared } from '../../../modules/federate.ts';
import { loadSettings, type Federation } from '../../../modules/federation/index.ts';
import { stackOf, temporaryRoot } from '../fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

const settings = `apiVersion: vcloud/v1
kind: Federation
member: # who we are
  id: a
  organisation: a
  names: { vi: A, en: A }
`;

function federationOf(state: readonly string[]): { root: string; prepared: () => Omit<Prepared, 'overlays'> } {
  const root = temporaryRoot();
  roots.push(root);
  fs.writeFileSync(path.join(root, 'vcloud.yaml'), settings);
  const stack = stackOf({ path: 'a.b.workload', resources: { x_net__front: { input: {} }, x_net__front_rule: { input: {} } } });
  const folder = path.join(root, '.vcloud/state/a.b.workload');
  fs.mkdirSync(folder, { recursive: true });
  const resources = state.map((name) => ({ mode: 'managed', type: 'terraform_data', name, instances: [{ attributes: { id: name } }] }));
  fs.writeFileSync(path.join(folder, 'terraform.tfstate'), JSON.stringify({ version: 4, serial: 1, lineage: 'l', outputs: {}, resources }));
  const constructs = stack.resources.map((one, index) => ({ ...one, construct: `a.b.workload/front${index === 0 ? '' : '/rule'}` }));
  return {
    root,
    prepared: () => {
      const federation = { settings: loadSettings(root) } as Federation;
      return { federation, stacks: [{ ...stack, resources: constructs }] } as unknown as Prepared;
    },
  };
}

describe('a name within one stack', () => {
  it('is written under moves: once, and nothing else of the file changes', async () => {
    const { root, prepared } = federationOf(['x_net__web', 'x_net__web_rule']);
    const given = { from: 'a.b.workload', address: 'web', to: 'front' };
    expect(await handOver(root, prepared(), given)).toEqual({
      kind: 'declared',
      stack: 'a.b.workload',
      file: 'vcloud.yaml',
      moves: [
        { from: 'x_net.web', to: 'x_net.front' },
        { from: 'x_net.web_rule', to: 'x_net.front_rule' },
      ],
    });
    const text = fs.readFileSync(path.join(root, 'vcloud.yaml'), 'utf8');
    expect(text).toBe(`${settings}moves: [{ stack: a.b.workload, from: web, to: front }]\n`);
    await handOver(root, prepared(), given);
    expect(fs.readFileSync(path.join(root, 'vcloud.yaml'), 'utf8')).toBe(text);
    await handOver(root, prepared(), { ...given, address: 'x_net.web_rule', to: 'x_net.front_rule' });
    expect(loadSettings(root).moves).toHaveLength(2);
  });

  it('is refused where nothing stands under the old name, and nothing is written', async () => {
    const { root, prepared } = federationOf(['x_net__other']);
    for (const [address, to] of [
      ['web', 'front'],
      ['x_net.web', 'x_net.front'],
    ] as const)
      await expect(handOver(root, prepared(), { from: 'a.b.workload', address, to })).rejects.toThrow('ENGINE-MOVES-ABSENT');
    await expect(handOver(root, prepared(), { from: 'a.b.workload', address: 'web', to: 'nothing' })).rejects.toThrow('ENGINE-MOVES-TO');
    expect(fs.readFileSync(path.join(root, 'vcloud.yaml'), 'utf8')).toBe(settings);
  });
});
