import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, describe, expect, it } from 'vitest';
import { apply, plan } from '../../modules/engine/index.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

describe.skipIf(noEngine !== undefined)('an encrypted plan directory', () => {
  const stacks = [stackOf({ path: 'a.net.workload', resources: { x_y__one: { input: { psk: 'planted-secret-3f7a' } } } })];

  it('holds no secret in clear, is applied with the key alone, and leaves nothing decrypted behind', async () => {
    const root = temporaryRoot();
    roots.push(root);
    const [mine, other] = [await generateX25519Identity(), await generateX25519Identity()];
    fs.writeFileSync(path.join(root, 'mine.key'), `# created for a test\n${mine}\n`, { mode: 0o600 });
    fs.writeFileSync(path.join(root, 'other.key'), other, { mode: 0o600 });
    fs.writeFileSync(path.join(root, 'empty.key'), '# nothing\n', { mode: 0o600 });
    const run = await plan({ root, stacks, details: true, encryptTo: [await identityToRecipient(mine)] });
    const directory = path.join(root, run.directory ?? '');
    const saved = (): string[] => fs.readdirSync(path.join(directory, 'stacks')).sort();
    const sealed = saved();
    expect(sealed).toEqual(expect.arrayContaining(['a.net.workload.json.age', 'a.net.workload.tfplan.age']));
    // What people review has no secret in it and stays readable.
    expect(sealed.filter((name) => !name.endsWith('.age'))).toEqual(sealed.filter((name) => name.endsWith('.changes.json')));
    for (const name of saved()) {
      const bytes = fs.readFileSync(path.join(directory, 'stacks', name));
      if (!name.endsWith('.changes.json')) expect(bytes.toString('latin1')).toMatch(/^age-encryption\.org\/v1\n/u);
      expect(bytes.includes('planted-secret')).toBe(false);
    }
    const given = { root, stacks, directory: run.directory ?? '' };
    await expect(apply(given)).rejects.toThrow('ENGINE-PLAN-SEALED');
    await expect(apply({ ...given, identity: 'file:other.key' })).rejects.toThrow('ENGINE-IDENTITY');
    await expect(apply({ ...given, identity: 'file:nowhere.key' })).rejects.toMatchObject({ problems: [{ code: 'ENGINE-CREDENTIALS', file: '--identity' }] });
    await expect(apply({ ...given, identity: 'file:empty.key' })).rejects.toThrow('holds no age identity');
    expect(saved()).toEqual(sealed);
    expect((await apply({ ...given, identity: 'file:mine.key' })).stacks.map(({ result }) => result)).toEqual(['applied']);
    expect(saved()).toEqual(sealed);
  });

  it('is not touched by a second apply of it, and what a killed one left decrypted is removed by the next', async () => {
    const root = temporaryRoot();
    roots.push(root);
    const key = await generateX25519Identity();
    fs.writeFileSync(path.join(root, 'mine.key'), key, { mode: 0o600 });
    const slow = { input: 'x', provisioner: [{ 'local-exec': { command: `while [ ! -e ${root}/go ]; do sleep 0.05; done` } }] };
    const both = [
      stackOf({ path: 'a.net.platform', resources: { x_y__one: slow } }),
      stackOf({ path: 'a.net.workload', resources: { x_y__two: { input: 'planted-secret-3f7a' } }, dependsOn: ['a.net.platform'] }),
    ];
    const run = await plan({ root, stacks: both, encryptTo: [await identityToRecipient(key)] });
    const directory = run.directory ?? '';
    const clear = (): string[] => fs.globSync('.vcloud/{plans,opened}/**/*.tfplan', { cwd: root });
    fs.mkdirSync(path.join(root, '.vcloud/opened/stacks'), { recursive: true });
    fs.writeFileSync(path.join(root, '.vcloud/opened/stacks/of.a.killed.run.tfplan'), '');
    const given = { root, stacks: both, directory, identity: 'file:mine.key' };
    const first = apply(given);
    fs.writeFileSync(path.join(root, 'stacks.json'), JSON.stringify(both));
    await until(() => clear().length === 2);
    const second = spawnSync(process.execPath, [path.join(import.meta.dirname, 'apply-driver.ts'), root, path.join(root, 'stacks.json'), directory], {
      encoding: 'utf8',
      env: { ...process.env, VCLOUD_TEST_IDENTITY: 'file:mine.key' },
    });
    expect(second.stderr).toContain('CORE-LOCKED');
    expect(clear()).toHaveLength(2);
    fs.writeFileSync(path.join(root, 'go'), '');
    expect((await first).stacks.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect(clear()).toEqual([]);
  });

  it('is not made for what is no recipient, and a secret key is not repeated', async () => {
    const root = temporaryRoot();
    roots.push(root);
    const key = await generateX25519Identity();
    const error = await plan({ root, stacks, encryptTo: [key] }).catch((caught: unknown) => String(caught));
    expect(error).toContain('ENGINE-RECIPIENT');
    expect(error).not.toContain(key);
    expect(fs.existsSync(path.join(root, '.vcloud'))).toBe(false);
  });
});

async function until(done: () => boolean): Promise<void> {
  for (let waited = 0; !done(); waited += 20) {
    if (waited > 20_000) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
