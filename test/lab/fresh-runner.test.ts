import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, ensureSigningKey, sha256 } from '../../modules/core/index.ts';
import { apply, approve, plan, type SynthesisedStack } from '../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../engine/fixtures.ts';
import { because, present, providerMirror } from './support/lab.ts';

const mirror = providerMirror();
const why = `${because(mirror)}${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`;

/** A stack that needs the OpenStack provider and asks no cloud. */
function withProvider(name: string): SynthesisedStack {
  const stack = stackOf({ path: name, resources: { one: { input: 1 } } });
  const openstack = { source: 'registry.terraform.io/terraform-provider-openstack/openstack' };
  const json = canonicalJson({ ...(JSON.parse(stack.json ?? '') as object), terraform: { required_providers: { openstack } } }, 2);
  return { ...stack, json, digest: sha256(json) };
}

describe.skipIf(why !== '')(`a plan with providers, on a runner that never saw them${why}`, () => {
  const configuration = process.env['TF_CLI_CONFIG_FILE'];
  const roots: string[] = [];
  const newRoot = (): string => {
    const root = temporaryRoot();
    roots.push(root);
    return root;
  };
  const lockOf = (root: string): string => fs.readFileSync(path.join(root, '.vcloud/state/a.lab.workload/.terraform.lock.hcl'), 'utf8');
  /** What a pipeline carries from one job to the next: the plan directory and nothing else. */
  const runner = (from: string, directory: string): string => {
    const root = newRoot();
    fs.cpSync(path.join(from, directory), path.join(root, directory), { recursive: true });
    return root;
  };
  beforeAll(() => {
    process.env['TF_CLI_CONFIG_FILE'] = present(mirror).configurationFile;
  });
  afterAll(() => {
    if (configuration === undefined) delete process.env['TF_CLI_CONFIG_FILE'];
    else process.env['TF_CLI_CONFIG_FILE'] = configuration;
    for (const root of roots) fs.rmSync(root, { recursive: true, force: true });
  });

  it('is applied with the very providers of the plan, and refused where they cannot be had', async () => {
    const stacks = [withProvider('a.lab.workload')];
    const one = newRoot();
    const { directory = '' } = await plan({ root: one, stacks });
    const fresh = runner(one, directory);
    expect((await apply({ root: fresh, directory, stacks })).stacks).toMatchObject([{ result: 'applied' }]);
    expect(lockOf(fresh)).toBe(lockOf(one));
    expect(lockOf(fresh)).toContain('openstack');

    const offline = runner(one, directory);
    const settings = path.join(offline, 'terraform.rc');
    fs.mkdirSync(path.join(offline, 'empty'));
    fs.writeFileSync(settings, `provider_installation {\n  filesystem_mirror {\n    path = "${offline}/empty"\n  }\n}\n`);
    process.env['TF_CLI_CONFIG_FILE'] = settings;
    await expect(apply({ root: offline, directory, stacks })).rejects.toThrow(/ENGINE-PROVIDER-ABSENT/u);
    process.env['TF_CLI_CONFIG_FILE'] = present(mirror).configurationFile;
    expect((await apply({ root: offline, directory, stacks })).stacks).toMatchObject([{ result: 'applied' }]);
  }, 120_000);

  it('is approved where there are none, and what it does is read where it is applied', async () => {
    const stacks = [withProvider('a.lab.workload')];
    const one = newRoot();
    const { publicKey } = ensureSigningKey(one);
    const policy = `apiVersion: vcloud/v1\nkind: ApprovalPolicy\nprincipals:\n  - { id: a.security, organisation: a, keys: [{ ed25519: ${publicKey} }] }\nrules:\n  - { id: all, when: {}, require: { of: [a.security] } }\n`;
    const { directory = '' } = await plan({ root: one, stacks });
    const reviewer = runner(one, directory);
    fs.cpSync(path.join(one, '.vcloud/keys'), path.join(reviewer, '.vcloud/keys'), { recursive: true });
    const fresh = runner(one, directory);
    for (const root of [reviewer, fresh]) {
      fs.mkdirSync(path.join(root, 'policies'));
      fs.writeFileSync(path.join(root, 'policies/approvals.yaml'), policy);
    }
    await expect(apply({ root: fresh, directory, stacks })).rejects.toThrow(/ENGINE-APPROVAL-MISSING.*because of create a\.lab\.workload/u);
    const asOf = new Date().toISOString().slice(0, 10);
    expect((await approve({ root: reviewer, directory, stacks, asOf })).missing).toEqual([]);
    fs.cpSync(path.join(reviewer, directory, 'approvals'), path.join(fresh, directory, 'approvals'), { recursive: true });
    expect((await apply({ root: fresh, directory, stacks })).stacks).toMatchObject([{ result: 'applied' }]);
  }, 120_000);
});
