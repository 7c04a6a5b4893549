import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeclaredStack } from '../../modules/engine/index.ts';
import { readStackFile } from '../../modules/engine/state.ts';
import { recallRemovals, recordRemovals, whatDestroyNeeds } from '../../modules/engine/store/removal-records.ts';
import type { States } from '../../modules/engine/store/states.ts';
import type { StateStore } from '../../modules/engine/store/types.ts';
import { stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
const newRoot = (): string => {
  const root = temporaryRoot();
  roots.push(root);
  return root;
};
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

/** A remote store's records, and how often it was asked. */
function statesWith(records: Map<string, string>): { states: States; asked: string[] } {
  const asked: string[] = [];
  const common = {
    type: 's3',
    records: () => {
      asked.push('read');
      return Promise.resolve(records);
    },
    record: (given: ReadonlyMap<string, string>) => {
      asked.push('write');
      for (const [stack, text] of given) records.set(stack, text);
      return Promise.resolve();
    },
  } as unknown as StateStore;
  return { states: { identity: 's3 states/', common, of: () => common }, asked };
}

describe('what a removal takes', () => {
  it('is versions and settings of providers and what those refer to; no resource, no secret', () => {
    const configuration = {
      terraform: { required_version: '>= 1.9', required_providers: { kubernetes: { source: 'hashicorp/kubernetes', version: '2.38.0' } }, backend: { s3: {} } },
      provider: {
        kubernetes: [{ alias: 'b', host: '${data.terraform_remote_state.a_b_c.outputs.host}', token: 'planted-token-9f2c', insecure: '${local.open}' }],
        openstack: { user_name: 'portal', password: '${var.word}' },
      },
      variable: { word: { sensitive: true }, other: {} },
      locals: { open: '${local.deeper}', deeper: true, unused: 1 },
      data: { terraform_remote_state: { a_b_c: { backend: 'local', config: { path: '../a.b.c/terraform.tfstate' } }, x: {} } },
      resource: { kubernetes_secret_v1: { one: { data: { k: 'v' } } } },
      output: { id: { value: 1 } },
    };
    expect(JSON.parse(whatDestroyNeeds(JSON.stringify(configuration)))).toEqual({
      terraform: { required_version: '>= 1.9', required_providers: configuration.terraform.required_providers },
      provider: {
        kubernetes: [{ alias: 'b', host: '${data.terraform_remote_state.a_b_c.outputs.host}', insecure: '${local.open}' }],
        openstack: configuration.provider.openstack,
      },
      variable: { word: { sensitive: true } },
      locals: { open: '${local.deeper}', deeper: true },
      data: { terraform_remote_state: { a_b_c: configuration.data.terraform_remote_state.a_b_c } },
    });
    expect(JSON.parse(whatDestroyNeeds('{"resource":{"terraform_data":{"a":{}}}}'))).toEqual({});
  });

  it('holds no secret of the variables, locals and data that settings of providers refer to', () => {
    const configuration = {
      provider: {
        openstack: {
          user_name: '${local.api_token}',
          password: '${var.word}',
          auth_url: '${var.url}',
          region: '${local.place.region}',
          tenant_name: '${var.password}',
        },
        kubernetes: { host: '${data.external.login.result.host}' },
      },
      variable: {
        word: { default: 'planted-secret-1', sensitive: true, type: 'string' },
        password: { default: 'planted-secret-2' },
        url: { default: 'https://identity.example.org' },
      },
      locals: { api_token: 'planted-secret-3', place: { region: 'north', password: 'planted-secret-4' } },
      data: { external: { login: { program: ['login'], query: { password: 'planted-secret-5', user: 'portal' } } } },
    };
    const kept = whatDestroyNeeds(JSON.stringify(configuration));
    expect(kept).not.toContain('planted-secret');
    expect(JSON.parse(kept)).toEqual({
      provider: configuration.provider,
      variable: { word: { sensitive: true, type: 'string', default: null }, password: { default: null }, url: configuration.variable.url },
      locals: { api_token: null, place: { region: 'north', password: null } },
      data: { external: { login: { program: ['login'], query: { password: null, user: 'portal' } } } },
    });
  });

  it('is recorded once, and known in a clean checkout that declares the stack no more', async () => {
    const records = new Map<string, string>();
    const [one, two] = [newRoot(), newRoot()];
    const { states, asked } = statesWith(records);
    const json = JSON.stringify({ provider: { openstack: { cloud: 'x' } }, resource: {} });
    const stack: DeclaredStack = { ...stackOf({ path: 'a.b.c', resources: {}, dependsOn: ['a.b.platform'] }), json, cloud: 'south', environment: 'production' };
    await recordRemovals(one, states, [stack]);
    await recordRemovals(one, states, [stack]);
    expect(asked).toEqual(['write']);
    await recordRemovals(one, states, [{ ...stack, cloud: 'north' }]);
    expect(asked).toEqual(['write', 'write']);

    await recallRemovals(two, states, ['a.b.c', 'never.recorded.x']);
    expect(readStackFile(two, 'a.b.c')).toMatchObject({ agency: 'a', cloud: 'north', environment: 'production', dependsOn: ['a.b.platform'] });
    expect(JSON.parse(fs.readFileSync(path.join(two, '.vcloud/state/a.b.c/main.tf.json'), 'utf8'))).toEqual({ provider: { openstack: { cloud: 'x' } } });
    expect(fs.existsSync(path.join(two, '.vcloud/state/never.recorded.x/stack.json'))).toBe(false);
    // What is known here is not asked for again.
    await recallRemovals(two, states, ['a.b.c']);
    expect(asked.filter((word) => word === 'read')).toHaveLength(1);
  });

  it('of another stack, or of a newer toolkit, is not taken for this one', async () => {
    const root = newRoot();
    const record = (path: string, apiVersion = 'vcloud/v1'): string =>
      JSON.stringify({ apiVersion, kind: 'RemovalRecord', stack: { apiVersion: 'vcloud/v1', kind: 'AppliedStack', path }, configuration: '{}' });
    const { states } = statesWith(
      new Map([
        ['a.b.c', record('../../elsewhere')],
        ['d.e.f', 'cut o'],
      ]),
    );
    await recallRemovals(root, states, ['a.b.c', 'd.e.f']);
    expect(fs.existsSync(path.join(root, '.vcloud/state'))).toBe(false);
    const newer = statesWith(new Map([['a.b.c', record('a.b.c', 'vcloud/v9')]]));
    await expect(recallRemovals(root, newer.states, ['a.b.c'])).rejects.toThrow('CORE-VERSION');
  });
});
