import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { childEnvironment, findEngine } from '../../modules/engine/index.ts';
import { readEngineLog } from '../../modules/engine/events.ts';
import { initialisationDigest } from '../../modules/engine/initialise.ts';
import { plannedResource } from '../../modules/engine/resource-names.ts';
import { temporaryRoot } from './fixtures.ts';

const root = temporaryRoot();
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** A folder with programs that only tell a version. */
function programs(name: string, versions: Readonly<Record<string, string>>): Record<string, string> {
  const folder = path.join(root, name);
  fs.mkdirSync(folder);
  for (const [program, version] of Object.entries(versions)) {
    fs.writeFileSync(path.join(folder, program), `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`, { mode: 0o755 });
  }
  return { PATH: `${folder}:/usr/bin:/bin` };
}

describe('finding an engine', () => {
  it('takes terraform before tofu, and what is asked for', async () => {
    const environment = programs('both', { terraform: '1.9.0', tofu: '1.10.2' });
    expect(await findEngine('auto', environment)).toMatchObject({ name: 'terraform', version: '1.9.0' });
    expect(await findEngine('tofu', environment)).toMatchObject({ name: 'tofu', version: '1.10.2' });
  });
  it('passes over one that is too old, and says so when nothing is left', async () => {
    expect(await findEngine('auto', programs('old', { terraform: '1.5.7', tofu: '1.8.0' }))).toMatchObject({ name: 'tofu' });
    expect(await findEngine('auto', programs('older', { terraform: '1.8.5', tofu: '1.7.9' }))).toMatchObject({
      reason: 'terraform 1.8.5 is older than 1.9; tofu 1.7.9 is older than 1.8',
    });
    expect(await findEngine('tofu', programs('none', { terraform: '1.11.0' }))).toMatchObject({ reason: 'tofu is not on PATH' });
  });
  it('asks a program for its version once', async () => {
    const environment = programs('once', { terraform: '1.11.4' });
    const known: Record<string, string> = {};
    await findEngine('auto', environment, known);
    expect(Object.values(known)).toEqual(['1.11.4']);
    const [key = ''] = Object.keys(known);
    expect(await findEngine('auto', environment, { [key]: '1.99.0' })).toMatchObject({ version: '1.99.0' });
  });
});

describe('environment of the engine', () => {
  it('hands on what it needs and no more', () => {
    const settings = path.join(root, 'rc');
    const given = {
      PATH: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      https_proxy: 'p',
      SECRET: 's',
      TF_VAR_x: '1',
      TF_CLI_ARGS: '-destroy',
      TF_CLI_CONFIG_FILE: settings,
    };
    expect(childEnvironment(given, { OS_CLOUD: 'lab' })).toEqual({
      ...{ PATH: '/bin', HOME: '/h', LC_ALL: 'C', https_proxy: 'p', OS_CLOUD: 'lab' },
      ...{ CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', GOGC: '400', GOMEMLIMIT: '512MiB' },
    });
    expect(childEnvironment({ ...given, GOGC: '100' })['GOGC']).toBe('100');
    fs.writeFileSync(settings, '');
    expect(childEnvironment(given)['TF_CLI_CONFIG_FILE']).toBe(settings);
  });
});

describe('log of an apply', () => {
  const resource = (addr: string): object => ({ resource: { addr }, action: 'create' });
  const lines = [
    { type: 'version' },
    { type: 'apply_complete', hook: { ...resource('old.one'), id_value: '0' } },
    { type: 'version' },
    { type: 'apply_start', hook: { resource: { addr: 'data.x.y' }, action: 'read' } },
    { type: 'apply_start', hook: resource('a.one') },
    { type: 'apply_start', hook: resource('a.two') },
    { type: 'apply_start', hook: resource('a.three') },
    { type: 'apply_complete', hook: { ...resource('a.one'), id_value: '1' } },
    { type: 'apply_errored', hook: resource('a.two') },
  ].map((line) => JSON.stringify(line));

  it('tells of the last run only: what completed, what was under way', () => {
    expect(readEngineLog(lines.join('\n'))).toEqual({
      applied: false,
      begun: true,
      completed: [{ address: 'a.one', type: '', action: 'create', id: '1' }],
      // What failed may exist all the same: the answer to the request was lost, or came too late.
      doubtful: [
        { address: 'a.three', type: '' },
        { address: 'a.two', type: '' },
      ],
      inFlight: ['a.three'],
      errors: [],
    });
  });
  it('takes a half line as no end', () => {
    const end = JSON.stringify({ type: 'change_summary', changes: { operation: 'apply' } });
    expect(readEngineLog([...lines, end.slice(0, 30)].join('\n')).applied).toBe(false);
    expect(readEngineLog([...lines, end].join('\n')).applied).toBe(true);
    const planned = JSON.stringify({ type: 'change_summary', changes: { operation: 'plan' } });
    expect(readEngineLog([...lines, planned].join('\n')).applied).toBe(false);
  });
  it('gives errors with address and cause, and a crash as it was printed', () => {
    const error = JSON.stringify({ type: 'diagnostic', diagnostic: { severity: 'error', address: 'a.two', summary: 'No', detail: 'because' } });
    expect(readEngineLog([...lines, error].join('\n')).errors).toEqual(['a.two: No: because']);
    expect(readEngineLog('panic: oh\ngoroutine 1').errors).toEqual(['panic: oh\ngoroutine 1']);
  });
});

describe('init', () => {
  const digest = (value: unknown): string | undefined => initialisationDigest(JSON.stringify(value));
  it('is needed for providers, modules and backends only', () => {
    expect(digest({ resource: { terraform_data: {} }, data: { terraform_remote_state: {} }, output: {} })).toBeUndefined();
    expect(digest({ terraform: { required_providers: {}, required_version: '>= 1.9' } })).toBeUndefined();
    const some = [
      { terraform: { required_providers: { openstack: { version: '3.4.0' } } } },
      { terraform: { required_providers: { openstack: { version: '3.4.1' } } } },
      { terraform: { backend: { local: {} } } },
      { module: { a: {} } },
      { resource: { random_id: {} } },
    ].map(digest);
    expect(some.every((each) => each !== undefined)).toBe(true);
    expect(new Set(some).size).toBe(some.length);
  });
  it('need not run again for another resource of the same provider', () => {
    expect(digest({ resource: { random_id: { a: {} } } })).toBe(digest({ resource: { random_id: { b: {} }, random_pet: { c: {} } } }));
  });
});

describe('names in the sandbox', () => {
  it('leads back to the real address', () => {
    expect(plannedResource('terraform_data.openstack_networking_network_v2__web__a')).toEqual({
      address: 'openstack_networking_network_v2.web__a',
      type: 'openstack_networking_network_v2',
    });
    expect(plannedResource('terraform_data.plain')).toEqual({ address: 'terraform_data.plain', type: 'terraform_data' });
    expect(plannedResource('module.a.openstack_compute_instance_v2.one["x.y"]').type).toBe('openstack_compute_instance_v2');
  });
});
