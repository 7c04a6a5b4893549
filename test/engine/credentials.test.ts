import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../modules/core/index.ts';
import { apply, plan, resolveCredentials, type SynthesisedStack } from '../../modules/engine/index.ts';
import { openServices } from '../../modules/engine/credentials/index.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});
function newRoot(): string {
  const root = temporaryRoot();
  roots.push(root);
  return root;
}

describe('references to credentials', () => {
  const context = (root: string): Parameters<typeof resolveCredentials>[1] => ({
    root,
    subject: 'cloud "hn1"',
    environment: { HN1_OS_TOKEN: 'one', HN1_OS_AUTH_URL: 'https://one.example', HN2_OS_TOKEN: 'two', HOME: root },
  });

  it.each(['clouds.yaml', 'secure.yaml'])('of a %s that is no YAML name the place and show nothing of it', (name) => {
    const root = newRoot();
    fs.writeFileSync(path.join(root, 'clouds.yaml'), 'clouds:\n  hn1: { auth: { auth_url: https://one.example } }\n');
    fs.writeFileSync(path.join(root, name), 'clouds:\n  hn1:\n    auth:\n      password: S3cr3t: pass\n');
    const thrown = (): unknown => {
      try {
        return resolveCredentials('clouds.yaml:hn1', context(root));
      } catch (error) {
        return error;
      }
    };
    const error = thrown();
    if (!(error instanceof ProblemError)) throw new Error('no problem was raised');
    expect(error.problems).toMatchObject([{ code: 'ENGINE-CREDENTIALS', line: 4, column: 17 }]);
    expect(error.problems[0]?.file).toContain(name);
    expect(JSON.stringify(error.problems) + error.message).not.toContain('S3cr3t');
  });

  it('resolve to the variables of one process and nothing more', () => {
    const root = newRoot();
    fs.writeFileSync(path.join(root, 'rc'), '# comment\nexport OS_USERNAME="me"\nOS_PASSWORD=a=b c\n');
    fs.writeFileSync(path.join(root, 'key'), 'secret\n');
    fs.writeFileSync(
      path.join(root, 'clouds.yaml'),
      'clouds:\n  hn1:\n    auth: {auth_url: https://one.example, application_credential_id: x}\n    region_name: R\n    verify: false\n  hn2: {auth: {token: other}}\n',
    );
    fs.writeFileSync(path.join(root, 'secure.yaml'), 'clouds:\n  hn1: {auth: {application_credential_secret: s}}\n');
    expect(resolveCredentials('env:HN1_*', context(root))).toEqual({ OS_TOKEN: 'one', OS_AUTH_URL: 'https://one.example' });
    expect(resolveCredentials('env:HN1_OS_TOKEN', context(root))).toEqual({ HN1_OS_TOKEN: 'one' });
    expect(resolveCredentials('file:rc', context(root))).toEqual({ OS_USERNAME: 'me', OS_PASSWORD: 'a=b c' });
    expect(resolveCredentials({ OS_TOKEN: 'env:HN2_OS_TOKEN', KEY: 'file:key' }, context(root))).toEqual({ OS_TOKEN: 'two', KEY: 'secret' });
    expect(resolveCredentials('clouds.yaml:hn1', context(root))).toEqual({
      OS_AUTH_URL: 'https://one.example',
      OS_APPLICATION_CREDENTIAL_ID: 'x',
      OS_APPLICATION_CREDENTIAL_SECRET: 's',
      OS_REGION_NAME: 'R',
      OS_INSECURE: 'true',
    });
  });

  it.each([
    ['env:NOPE', 'the variable NOPE is not set'],
    ['env:NOPE_*', 'no variable begins with NOPE_'],
    ['file:nowhere', 'the file nowhere is not there'],
    ['clouds.yaml:hn1', 'there is no clouds.yaml'],
    ['vault:kv/x', 'vault: is not resolved here'],
    ['hunter2', 'is no reference'],
  ])('%s is refused: %s', (reference, message) => {
    expect(() => resolveCredentials(reference, context(newRoot()))).toThrow(message);
  });
});

describe.skipIf(noEngine !== undefined)(`two tokens of two clouds${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const tokens = { one: 'planted-token-of-cloud-one-5d1f', two: 'planted-token-of-cloud-two-9a3c' };
  const credentials = { one: 'env:ONE_*', two: { OS_TOKEN: 'file:two.token' } };
  /** Each process writes down what it can see: its own environment and that of the engine that started it. */
  const recording = (cloud: 'one' | 'two'): SynthesisedStack => ({
    ...stackOf({
      path: `a.${cloud}.workload`,
      resources: {
        x_y__see: {
          input: cloud,
          provisioner: [{ 'local-exec': { command: `cat /proc/self/environ /proc/$PPID/environ > "$OUT_${cloud}" 2>/dev/null || env > "$OUT_${cloud}"` } }],
        },
      },
    }),
    cloud,
  });

  it("are each seen by their own cloud's processes alone, and no file holds either", async () => {
    const root = newRoot();
    const out = newRoot();
    fs.writeFileSync(path.join(root, 'two.token'), tokens.two, { mode: 0o600 });
    process.env['ONE_OS_TOKEN'] = tokens.one;
    const environment = { OUT_one: path.join(out, 'one'), OUT_two: path.join(out, 'two') };
    try {
      const stacks = [recording('one'), recording('two')];
      const run = await plan({ root, stacks, credentials, environment, details: true });
      const applied = await apply({ root, stacks, credentials, environment, directory: run.directory ?? '' });
      expect(applied.stacks.map(({ result }) => result)).toEqual(['applied', 'applied']);
      const seen = Object.fromEntries((['one', 'two'] as const).map((cloud) => [cloud, fs.readFileSync(path.join(out, cloud), 'utf8')]));
      expect(seen['one']).toContain(`OS_TOKEN=${tokens.one}`);
      expect(seen['two']).toContain(`OS_TOKEN=${tokens.two}`);
      expect(seen['one']).not.toContain(tokens.two);
      expect(seen['two']).not.toContain(tokens.one);
      // Nor what is ours and of no business of theirs.
      expect(seen['two']).not.toMatch(/ONE_OS_TOKEN|npm_|VITEST/u);
      fs.rmSync(path.join(root, 'two.token'));
      const holding = execFileSync('sh', ['-c', `grep -rlE "${tokens.one}|${tokens.two}" "$0" || true`, root], { encoding: 'utf8' });
      expect(holding).toBe('');
    } finally {
      delete process.env['ONE_OS_TOKEN'];
    }
  });

  it('that do not resolve fail their own stacks alone; what steers the engine is not theirs to set', async () => {
    const root = newRoot();
    const stacks = [recording('one'), { ...recording('two'), cloud: undefined }];
    const run = await plan({ root, stacks, credentials });
    expect(run.stacks.map(({ state, error }) => [state, error?.includes('no variable begins with ONE_') ?? false])).toEqual([
      ['failed', true],
      ['planned', false],
    ]);
    fs.writeFileSync(path.join(root, 'rc'), 'TF_CLI_ARGS_apply=-auto-approve\n');
    const steered = await plan({ root, stacks, credentials: { one: 'file:rc' } });
    expect(steered.stacks[0]?.error).toContain('TF_CLI_ARGS_apply, which steers the engine itself');
  });
});

describe('credentials of a tenant', () => {
  const operator = {
    OS_AUTH_URL: 'https://cloud.example/v3',
    OS_USERNAME: 'operator',
    OS_PASSWORD: 'planted-of-the-operator-7c2e',
    OS_PROJECT_ID: 'a1',
    OS_PROJECT_NAME: 'admin',
  };
  const own = {
    OS_AUTH_URL: 'https://cloud.example/v3',
    OS_APPLICATION_CREDENTIAL_ID: 'x',
    OS_APPLICATION_CREDENTIAL_SECRET: 'planted-of-the-tenant-4b8d',
  };
  const written = (name: string, variables: Record<string, string>, root: string): string => {
    const text = Object.entries(variables).map(([variable, value]) => `${variable}=${value}\n`);
    fs.writeFileSync(path.join(root, name), text.join(''), { mode: 0o600 });
    return `file:${name}`;
  };
  const stack = (part: 'platform' | 'workload', more: Partial<SynthesisedStack> = {}): SynthesisedStack => ({
    ...stackOf({ path: `a.shop.${part}`, resources: {} }),
    cloud: 'mst',
    tenant: 'shop',
    authority: part === 'platform' ? 'operator' : 'tenant',
    ...more,
  });
  type Given = Pick<Parameters<typeof openServices>[0], 'credentials' | 'tenantCredentials'>;
  const seenBy = (root: string, one: SynthesisedStack, given: Given): Readonly<Record<string, string>> =>
    openServices({ root, engine: { name: 'terraform', version: '1', binary: '' }, environment: {}, stacks: [one], ...given }).environmentOf(one.path);

  it("are all its own stacks see; those of its landing zone see the operator's alone", () => {
    const root = newRoot();
    const given = { credentials: { mst: written('operator', operator, root) }, tenantCredentials: { mst: { shop: written('shop', own, root) } } };
    expect(seenBy(root, stack('platform'), given)).toEqual(operator);
    expect(seenBy(root, stack('workload'), given)).toEqual(own);
    // An existing folder that says whose tenant it is.
    expect(seenBy(root, stack('workload', { authority: undefined }), given)).toEqual(own);
  });

  it("are, where it has none, the operator's turned to its project, whatever they said before", () => {
    const root = newRoot();
    const given = { credentials: { mst: written('operator', { ...operator, OS_TENANT_NAME: 'admin', OS_SYSTEM_SCOPE: 'all' }, root) } };
    const rest = Object.fromEntries(Object.entries(operator).filter(([name]) => name !== 'OS_PROJECT_ID'));
    expect(seenBy(root, stack('workload'), given)).toEqual({ ...rest, OS_PROJECT_NAME: 'shop' });
    const bound = { credentials: { mst: written('bound', own, root) } };
    expect(seenBy(root, stack('platform'), bound)).toEqual(own);
    expect(() => seenBy(root, stack('workload'), bound)).toThrow('an application credential, which is of one project and cannot act in that of tenant "shop"');
  });

  it('are looked for in clouds.yaml by the name of the cloud where nothing is said, for what is real', () => {
    const root = newRoot();
    fs.writeFileSync(path.join(root, 'clouds.yaml'), 'clouds:\n  mst: {auth: {auth_url: https://cloud.example, username: me, password: p}}\n');
    expect(seenBy(root, stack('platform', { environment: 'production' }), {})).toEqual({
      OS_AUTH_URL: 'https://cloud.example',
      OS_USERNAME: 'me',
      OS_PASSWORD: 'p',
    });
    expect(seenBy(root, stack('platform', { environment: 'sandbox' }), {})).toEqual({});
  });

  it.each([
    [{ OS_USERNAME: 'me', OS_PASSWORD: 'p' }, 'OS_AUTH_URL'],
    [{ OS_AUTH_URL: 'https://cloud.example' }, 'OS_USERNAME, OS_PASSWORD'],
    [{ OS_AUTH_URL: 'https://cloud.example', OS_USERNAME: 'me', OS_PASSWORD: '' }, 'OS_PASSWORD'],
    [{ OS_AUTH_URL: 'https://cloud.example', OS_APPLICATION_CREDENTIAL_ID: 'x' }, 'OS_APPLICATION_CREDENTIAL_SECRET'],
    [{ OS_AUTH_URL: 'https://cloud.example', OS_APPLICATION_CREDENTIAL_SECRET: 'planted' }, 'OS_APPLICATION_CREDENTIAL_ID'],
    [{ OS_AUTH_URL: 'https://cloud.example', OS_APPLICATION_CREDENTIAL_NAME: 'n', OS_APPLICATION_CREDENTIAL_SECRET: 'planted' }, 'OS_USERNAME (an application'],
  ])('that cannot be enough for a log-in are refused before anything is asked: %j', (variables, missing) => {
    const root = newRoot();
    const given = { credentials: { mst: written('some', variables, root) } };
    expect(() => seenBy(root, stack('platform'), given)).toThrow(`the credentials of cloud "mst" do not say ${missing}`);
    expect(() => seenBy(root, stack('platform'), given)).not.toThrow('planted');
  });

  it.skipIf(noEngine !== undefined)('never meet in one process: each sees what its stack acts as, and no file holds either', async () => {
    const root = newRoot();
    const out = newRoot();
    const secrets = newRoot();
    const seeing = (part: 'platform' | 'workload'): SynthesisedStack => ({
      ...stack(part),
      ...stackOf({
        path: `a.shop.${part}`,
        resources: {
          x_y__see: {
            input: part,
            provisioner: [{ 'local-exec': { command: `cat /proc/self/environ /proc/$PPID/environ > "$OUT/${part}" 2>/dev/null || env > "$OUT/${part}"` } }],
          },
        },
      }),
      cloud: 'mst',
      tenant: 'shop',
    });
    const stacks = [seeing('platform'), seeing('workload')];
    const given = {
      credentials: { mst: `file:${path.join(secrets, written('operator', operator, secrets).slice(5))}` },
      tenantCredentials: { mst: { shop: `file:${path.join(secrets, written('shop', own, secrets).slice(5))}` } },
      environment: { OUT: out },
    };
    const run = await plan({ root, stacks, details: true, ...given });
    const applied = await apply({ root, stacks, directory: run.directory ?? '', ...given });
    expect(applied.stacks.map(({ result }) => result)).toEqual(['applied', 'applied']);
    const [platform, workload] = ['platform', 'workload'].map((part) => fs.readFileSync(path.join(out, part), 'utf8'));
    expect(platform).toContain(operator.OS_PASSWORD);
    expect(platform).not.toContain(own.OS_APPLICATION_CREDENTIAL_SECRET);
    expect(workload).toContain(own.OS_APPLICATION_CREDENTIAL_SECRET);
    expect(workload).not.toContain(operator.OS_PASSWORD);
    expect(
      execFileSync('sh', ['-c', `grep -rlE "${operator.OS_PASSWORD}|${own.OS_APPLICATION_CREDENTIAL_SECRET}" "$0" || true`, root], { encoding: 'utf8' }),
    ).toBe('');
  });
});
