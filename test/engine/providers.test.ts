import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { canonicalJson, ensureSigningKey } from '../../modules/core/index.ts';
import { apply, approve, plan } from '../../modules/engine/index.ts';
import { lockIn } from '../../modules/engine/approval/plan-lock.ts';
import { manifestFile, type Manifest } from '../../modules/engine/manifest.ts';
import { providerChange, providersIn } from '../../modules/engine/providers.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const root = temporaryRoot();
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const lock = (version: string): string => `# This file is maintained automatically by "terraform init".
provider "registry.example/terraform-provider-openstack/openstack" {
  version     = "${version}"
  constraints = "~> 3.0"
  hashes = [
    "h1:AAAA=",
  ]
}

provider "registry.example/hashicorp/random" {
  version = "3.7.2"
}
`;

describe('providers of a working folder', () => {
  it('are read from the lock file, and a change of them is named', () => {
    fs.mkdirSync(root, { recursive: true });
    expect(providersIn(root)).toBeUndefined();
    fs.writeFileSync(path.join(root, '.terraform.lock.hcl'), lock('3.4.0'));
    const before = providersIn(root);
    expect(before).toEqual({ 'registry.example/terraform-provider-openstack/openstack': '3.4.0', 'registry.example/hashicorp/random': '3.7.2' });
    expect(providerChange(before, before)).toBeUndefined();
    fs.writeFileSync(path.join(root, '.terraform.lock.hcl'), lock('3.5.0'));
    expect(providerChange(before, providersIn(root))).toBe('terraform-provider-openstack/openstack was 3.4.0, is 3.5.0');
    expect(providerChange(before, undefined)).toContain('hashicorp/random was 3.7.2, is absent');
  });

  it.skipIf(noEngine !== undefined)('are compared only where there are any: who approves needs none, and an apply takes them from the plan', async () => {
    const stacks = [stackOf({ path: 'a.b.c', resources: { x_y__one: { input: 1 } } })];
    const [one, two] = [path.join(root, 'one'), path.join(root, 'two')];
    for (const folder of [one, two]) fs.mkdirSync(folder, { recursive: true });
    const { directory = '' } = await plan({ root: one, stacks });
    const saved = fs.readFileSync(path.join(one, directory, 'stacks/a.b.c.tfplan'));
    expect(lockIn(saved)).toMatch(/maintained automatically by "(?:terraform|tofu) init"/u);
    for (let size = 0; size < saved.length; size += 97) expect(lockIn(saved.subarray(0, size))).toBeUndefined();
    fs.cpSync(path.join(one, directory), path.join(two, directory), { recursive: true });
    const file = path.join(two, directory, manifestFile);
    const manifest = JSON.parse(fs.readFileSync(file, 'utf8')) as Manifest;
    const providers = { 'registry.example/hashicorp/random': '3.7.2' };
    const stack = manifest.stacks.map((made) => ({ ...made, saved: made.saved && { ...made.saved, providers } }));
    fs.writeFileSync(file, `${canonicalJson({ ...manifest, stacks: stack }, 2)}\n`);
    ensureSigningKey(two);
    expect((await approve({ root: two, directory, stacks, asOf: '2026-11-22' })).file).toContain('approvals/');
    await expect(apply({ root: two, directory, stacks })).rejects.toThrow(/ENGINE-STALE-PROVIDER.*random was 3\.7\.2, is absent/u);
  });

  it.skipIf(noEngine !== undefined)('that are not those of the plan make apply refuse it', async () => {
    const stacks = [stackOf({ path: 'a.b.c', resources: { x_y__one: { input: 1 } } })];
    const run = await plan({ root, stacks });
    const directory = run.directory ?? '';
    const folder = path.join(root, '.vcloud/state/a.b.c');
    // As a plan with a provider writes it: built-in resources need none, and there is no registry here.
    fs.writeFileSync(path.join(folder, '.terraform.lock.hcl'), lock('3.4.0'));
    const file = path.join(root, directory, manifestFile);
    const manifest = JSON.parse(fs.readFileSync(file, 'utf8')) as Manifest;
    const stack = manifest.stacks.map((one) => ({ ...one, saved: one.saved && { ...one.saved, providers: providersIn(folder) } }));
    const text = `${canonicalJson({ ...manifest, stacks: stack }, 2)}\n`;
    fs.writeFileSync(file, text);
    fs.rmSync(path.join(root, '.vcloud/log.ndjson'));
    fs.rmSync(path.join(root, '.vcloud/log.head.json'));
    fs.writeFileSync(path.join(folder, '.terraform.lock.hcl'), lock('3.5.0'));
    await expect(apply({ root, directory, stacks })).rejects.toThrow(/ENGINE-STALE-PROVIDER.*openstack was 3\.4\.0, is 3\.5\.0/u);
  });
});
