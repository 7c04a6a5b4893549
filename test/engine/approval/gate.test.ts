import { execFileSync, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { canonicalJson, ensureSigningKey, formatEnvelope, parseEnvelope, ProblemError, sha256, signEnvelope } from '../../../modules/core/index.ts';
import { apply, approve, plan, verifyLog, type PlanFacts, type PlanRun, type SynthesisedStack } from '../../../modules/engine/index.ts';
import type { Manifest } from '../../../modules/engine/manifest.ts';
import { claimAll } from '../../../modules/engine/schedule/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});
function newRoot(): string {
  const root = temporaryRoot();
  roots.push(root);
  return root;
}

const network = (cidr: string): SynthesisedStack =>
  stackOf({ path: 'moh.lab.platform', resources: { openstack_networking_subnet_v2__web: { input: { cidr, psk: 'not-to-be-seen' } } } });
const asOf = '2026-11-22';
const inputs = (files: Record<string, string>): PlanFacts['inputs'] =>
  Object.entries(files).map(([name, text]) => ({
    path: name,
    kind: name.endsWith('.lock.yaml') ? 'lock' : name.startsWith('policies/') ? 'policies' : 'declarations',
    sha256: sha256(text),
  }));
const files = { 'stacks/moh/moh.yaml': 'a', 'network-plans/moh.lock.yaml': 'b', 'policies/rules.yaml': 'c' };
const facts: PlanFacts = { inputs: inputs(files), names: { moh: { vi: 'Bộ Y tế', en: 'Ministry of Health' } } };

async function planned(
  root: string,
  stacks: readonly SynthesisedStack[],
  more: Partial<Parameters<typeof plan>[0]> = {},
): Promise<PlanRun & { directory: string }> {
  const run = await plan({ root, stacks, facts, ...more });
  if (run.directory === undefined) throw new Error('no directory');
  return { ...run, directory: run.directory };
}

async function refusal(work: Promise<unknown>): Promise<string[]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ code, message }) => `${code}: ${message}`);
    throw error;
  }
  throw new Error('expected a refusal');
}

const events = (root: string): string[] => verifyLog(root).list.map(({ event }) => event);

describe.skipIf(noEngine !== undefined)(`what was reviewed is what is applied${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const stacks = [network('10.0.0.0/24')];

  it('refuses a plan whose declarations, locks or policies changed, by name', async () => {
    const root = newRoot();
    const { directory } = await planned(root, stacks);
    const moved = { 'stacks/moh/moh.yaml': 'A', 'network-plans/moh.lock.yaml': 'B', 'policies/new.yaml': 'c' };
    expect(await refusal(apply({ root, directory, stacks, facts: { ...facts, inputs: inputs(moved) } }))).toEqual([
      'ENGINE-STALE-DECLARATIONS: declarations changed since it was planned: stacks/moh/moh.yaml changed',
      'ENGINE-STALE-LOCK: locks changed since it was planned: network-plans/moh.lock.yaml changed',
      'ENGINE-STALE-POLICIES: policies changed since it was planned: policies/new.yaml is new, policies/rules.yaml is gone',
    ]);
    expect(events(root)).toEqual(['plan', 'apply-refused']);
    expect((await apply({ root, directory, stacks, facts })).stacks).toMatchObject([{ result: 'applied' }]);
    expect(events(root)).toEqual(['plan', 'apply-refused', 'apply-start', 'apply-end']);
  });

  it('notes every refusal, whatever it is about, and begins nothing that somebody else has', async () => {
    const root = newRoot();
    const { directory } = await planned(root, stacks);
    const theirs = claimAll(root, ['moh.lab.platform'], 'another', new Map());
    expect((await refusal(apply({ root, directory, stacks, facts })))[0]).toContain('ENGINE-LOCKED');
    theirs.releaseAll();
    const move = path.join(root, '.vcloud/move.json');
    fs.writeFileSync(move, JSON.stringify({ kind: 'StateMove', from: 'a.b', to: 'c.d', address: 'x_y.z' }));
    expect((await refusal(apply({ root, directory, stacks, facts })))[0]).toContain('ENGINE-MOVE-UNFINISHED');
    fs.rmSync(move);
    expect((await refusal(apply({ root, directory, stacks, facts, environment: { PATH: root } })))[0]).toContain('ENGINE-UNAVAILABLE');
    expect(verifyLog(root).list.map(({ event, details }) => [event, details?.['codes']])).toEqual([
      ['plan', undefined],
      ['apply-refused', ['ENGINE-LOCKED']],
      ['apply-refused', ['ENGINE-MOVE-UNFINISHED']],
      ['apply-refused', ['ENGINE-UNAVAILABLE']],
    ]);
    // What was not begun is claimed by nobody either.
    expect((await apply({ root, directory, stacks, facts })).stacks).toMatchObject([{ result: 'applied' }]);
    expect(events(root).slice(-2)).toEqual(['apply-start', 'apply-end']);
  });

  it('refuses what was edited: plan file, summary, changes, manifest', async () => {
    const root = newRoot();
    const { directory } = await planned(root, stacks);
    for (const name of ['stacks/moh.lab.platform.tfplan', 'summary.md', 'stacks/moh.lab.platform.changes.json', 'manifest.json']) {
      const file = path.join(root, directory, name);
      const before = fs.readFileSync(file);
      fs.appendFileSync(file, ' ');
      const code = name.endsWith('.tfplan') ? 'ENGINE-STALE-PLAN' : name === 'manifest.json' ? 'ENGINE-STALE-MANIFEST' : 'ENGINE-STALE-REVIEW';
      expect((await refusal(apply({ root, directory, stacks, facts }))).map((text) => text.split(':')[0])).toEqual([code]);
      fs.writeFileSync(file, before);
    }
    expect((await apply({ root, directory, stacks, facts })).stacks).toMatchObject([{ result: 'applied' }]);
  });

  it('refuses another version of the engine', async () => {
    const root = newRoot();
    const { directory, engine } = await planned(root, stacks);
    const wrapper = path.join(root, 'bin', engine?.name ?? '');
    const real = execFileSync('/bin/sh', ['-c', `command -v ${engine?.name ?? ''}`], { encoding: 'utf8' }).trim();
    fs.mkdirSync(path.dirname(wrapper));
    fs.writeFileSync(wrapper, `#!/bin/sh\nif [ "$1" = version ]; then echo '{"terraform_version":"1.99.0"}'; else exec ${real} "$@"; fi\n`, { mode: 0o755 });
    const environment = { PATH: `${path.dirname(wrapper)}:${process.env['PATH'] ?? ''}` };
    expect((await refusal(apply({ root, directory, stacks, facts, environment })))[0]).toBe(
      `ENGINE-STALE-ENGINE: planned with ${engine?.name ?? ''} ${engine?.version ?? ''}, here is ${engine?.name ?? ''} 1.99.0`,
    );
  });

  it('refuses to go on with a broken log, and says where it broke', async () => {
    const root = newRoot();
    const { directory } = await planned(root, stacks);
    await planned(root, stacks);
    const log = path.join(root, '.vcloud/log.ndjson');
    fs.writeFileSync(log, fs.readFileSync(log, 'utf8').replace('"planned":1', '"planned":0'));
    expect(await refusal(apply({ root, directory, stacks, facts }))).toEqual([
      'ENGINE-LOG-BROKEN: the log is not what was written: entry 1 was edited (entry 1 is not the one the next was written after)',
    ]);
  });

  it('stays refused on a log whose end was cut off, however often it is tried and planned', async () => {
    const root = newRoot();
    const { directory } = await planned(root, stacks);
    await planned(root, stacks);
    const log = path.join(root, '.vcloud/log.ndjson');
    fs.writeFileSync(log, `${fs.readFileSync(log, 'utf8').split('\n')[0] ?? ''}\n`);
    for (let attempt = 0; attempt < 3; attempt++) expect((await refusal(apply({ root, directory, stacks, facts })))[0]).toContain('ENGINE-LOG-BROKEN');
    const { problems } = await planned(root, stacks);
    expect(problems?.map(({ code, severity }) => [code, severity])).toContainEqual(['ENGINE-LOG-BROKEN', 'warning']);
    expect((await refusal(apply({ root, directory, stacks, facts })))[0]).toContain('ENGINE-LOG-BROKEN');
  });

  it('begins nothing it cannot note, and tells what was applied where only the end could not be', async () => {
    const root = newRoot();
    const { directory } = await planned(root, stacks);
    const log = path.join(root, '.vcloud/log.ndjson');
    // The log is a door to nowhere from the first or the second write on.
    const marker = path.join(root, '.vcloud/log.head.json');
    fs.renameSync(log, `${log}.aside`);
    fs.renameSync(marker, `${marker}.aside`);
    fs.symlinkSync(path.join(root, 'no-such-folder/log'), log);
    expect((await refusal(apply({ root, directory, stacks, facts })))[0]).toContain('ENGINE-LOG-UNWRITTEN: "apply-start" could not be noted');
    fs.rmSync(log);
    fs.renameSync(`${log}.aside`, log);
    fs.renameSync(`${marker}.aside`, marker);
    const destroyer = stackOf({
      path: 'moh.lab.platform',
      resources: { x_y__one: { input: 1, provisioner: [{ 'local-exec': { command: `mv ${log} ${log}.aside && ln -s ${root}/no-such-folder/log ${log}` } }] } },
    });
    const second = await planned(root, [destroyer]);
    const run = await apply({ root, directory: second.directory, stacks: [destroyer], facts });
    expect(run.stacks).toMatchObject([{ result: 'applied' }]);
    expect(run.problems?.map(({ code }) => code)).toEqual(['ENGINE-LOG-UNWRITTEN']);
  });

  it('gives the same directory for the same input, byte for byte, without a secret, a time or a path of this machine', async () => {
    const [one, other] = [newRoot(), newRoot()];
    const runs = [await planned(one, stacks), await planned(other, stacks)];
    const read = (root: string, name: string): string => fs.readFileSync(path.join(root, runs[0]?.directory ?? '', name), 'utf8');
    for (const name of ['summary.txt', 'summary.md', 'stacks/moh.lab.platform.changes.json']) {
      expect(read(one, name)).toBe(read(other, name));
      expect(read(one, name)).not.toContain('not-to-be-seen');
      expect(read(one, name)).not.toContain(one);
    }
    expect(read(one, 'summary.txt')).toContain('Ministry of Health (moh)  +1');
    expect(read(one, 'summary.txt')).toContain('cidr = "10.0.0.0/24"');
    expect(read(one, 'summary.txt')).toContain('psk = (sensitive)');
  });
});

describe.skipIf(noEngine !== undefined)('approvals', () => {
  const stacks = [network('10.0.0.0/24')];
  const ssh = spawnSync('ssh-keygen', ['-?']).error === undefined;
  const agent = ssh && spawnSync('ssh-add', ['-?']).error === undefined && spawnSync('ssh-agent', ['-?']).error === undefined;
  const makeKey = (root: string, name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path.join(root, name)]);
    return fs.readFileSync(path.join(root, `${name}.pub`), 'utf8').trim();
  };

  /** A federation whose every plan needs an approval by one principal with this key. */
  function guarded(rule = '', keyOf?: (root: string) => string): string {
    const root = newRoot();
    const key = keyOf?.(root) ?? `{ ed25519: ${ensureSigningKey(root).publicKey} }`;
    fs.mkdirSync(path.join(root, 'policies'));
    fs.writeFileSync(
      path.join(root, 'policies/approvals.yaml'),
      `apiVersion: vcloud/v1\nkind: ApprovalPolicy\nprincipals:\n  - { id: moh.security, organisation: moh, keys: [${key}] }\nrules:\n  - { id: all, when: {}, require: { of: [moh.security] }${rule} }\n`,
    );
    return root;
  }

  it('are asked for by rule and by name, given with the member’s key, and end with their time', async () => {
    const root = guarded(', validFor: 3');
    const { directory } = await planned(root, stacks);
    expect(await refusal(apply({ root, directory, stacks, facts, asOf }))).toEqual([
      'ENGINE-APPROVAL-MISSING: rule "all" asks for 1 approval of moh.security: none counts (because of create moh.lab.platform)',
    ]);
    const given = await approve({ root, directory, stacks, facts, asOf });
    expect(given).toMatchObject({ principal: 'moh.security', missing: [] });
    expect((await refusal(apply({ root, directory, stacks, facts, asOf: '2026-11-26' })))[0]).toContain('given on 2026-11-22, and counts 3 days');
    expect((await apply({ root, directory, stacks, facts, asOf })).stacks).toMatchObject([{ result: 'applied' }]);
    expect(events(root)).toEqual(['plan', 'apply-refused', 'approve', 'apply-refused', 'apply-start', 'apply-end']);
  });

  it('do not count for a directory that was changed, nor for another plan', async () => {
    const root = guarded();
    const { directory } = await planned(root, stacks);
    await approve({ root, directory, stacks, facts, asOf });
    const other = await planned(root, [network('10.0.1.0/24')]);
    fs.cpSync(path.join(root, directory, 'approvals'), path.join(root, other.directory, 'approvals'), { recursive: true });
    expect((await refusal(apply({ root, directory: other.directory, stacks: [network('10.0.1.0/24')], facts, asOf })))[0]).toContain(
      'moh.security approved another plan, or this one before it was changed',
    );
    fs.appendFileSync(path.join(root, directory, 'summary.txt'), 'x');
    expect((await refusal(approve({ root, directory, stacks, facts, asOf })))[0]).toContain('ENGINE-STALE-REVIEW');
  });

  it('do not count from whoever planned, where the rule keeps them apart', async () => {
    const root = guarded(', notBy: [planner]');
    const { directory } = await planned(root, stacks);
    const { missing } = await approve({ root, directory, stacks, facts, asOf });
    expect(missing[0]?.refused).toEqual(['moh.security: it made this plan itself']);
  });

  it('are told apart from who planned in another job too, by what the planner signed and by nothing else', async () => {
    const [one, two] = [newRoot(), newRoot()];
    const [pipeline, security] = [ensureSigningKey(one), ensureSigningKey(two)];
    const policy = `apiVersion: vcloud/v1\nkind: ApprovalPolicy\nprincipals:\n  - { id: moh.pipeline, organisation: moh, keys: [{ ed25519: ${pipeline.publicKey} }] }\n  - { id: moh.security, organisation: moh, keys: [{ ed25519: ${security.publicKey} }] }\nrules:\n  - { id: all, when: {}, require: { of: [moh.security, moh.pipeline] }, notBy: [planner] }\n`;
    for (const root of [one, two]) {
      fs.mkdirSync(path.join(root, 'policies'));
      fs.writeFileSync(path.join(root, 'policies/approvals.yaml'), policy);
    }
    const key = 'file:.vcloud/keys/signing.pem';
    const { directory } = await planned(one, stacks, { key });
    fs.cpSync(path.join(one, directory), path.join(two, 'artefact'), { recursive: true });
    // Another account than the one that planned, as in another job.
    const planner = path.join(two, 'artefact/planned-by.json');
    const signed = fs.readFileSync(planner, 'utf8');
    const envelope = parseEnvelope(signed);
    const statement = Buffer.from(envelope?.payload ?? '', 'base64').toString('utf8');
    const elsewhere = statement.replace(/"user":"[^"]*"/u, '"user":"runner@pipeline"');
    const write = (text: string, by: typeof pipeline): void =>
      fs.writeFileSync(planner, formatEnvelope(signEnvelope('application/vnd.vcloud.plan-made+json', text, by.privateKey)));
    const status = async (): Promise<string> =>
      JSON.stringify((await approve({ root: two, directory: 'artefact', stacks, facts, asOf, status: true })).missing);
    await approve({ root: two, directory: 'artefact', stacks, facts, asOf });

    fs.rmSync(planner);
    expect(await status()).toContain('who planned is neither in the log nor signed for');
    write(elsewhere.replace(/"manifest":"[^"]*"/u, `"manifest":"${'0'.repeat(64)}"`), pipeline);
    expect(await status()).toContain('neither in the log nor signed for');
    fs.writeFileSync(planner, signed.replace(envelope?.payload ?? '', Buffer.from(elsewhere).toString('base64')));
    expect((await refusal(apply({ root: two, directory: 'artefact', stacks, facts, asOf })))[0]).toContain('planned-by.json: no principal signed it');
    write(elsewhere, security);
    expect(await status()).toContain('it made this plan itself');
    write(elsewhere, pipeline);
    expect(await status()).toBe('[]');
    expect((await apply({ root: two, directory: 'artefact', stacks, facts, asOf })).stacks).toMatchObject([{ result: 'applied' }]);
    await expect(planned(one, stacks, { key: 'file:nowhere' })).rejects.toThrow('ENGINE-KEY');
  });

  it('remember the log: cutting it off before they were given is seen', async () => {
    const root = guarded();
    const { directory } = await planned(root, stacks);
    await planned(root, stacks);
    await approve({ root, directory, stacks, facts, asOf });
    const log = path.join(root, '.vcloud/log.ndjson');
    fs.writeFileSync(log, `${fs.readFileSync(log, 'utf8').split('\n')[0] ?? ''}\n`);
    fs.rmSync(path.join(root, '.vcloud/log.head.json'));
    expect((await refusal(apply({ root, directory, stacks, facts, asOf })))[0]).toContain('entry 2 was cut off');
  });

  it('are asked for what the saved plans do, whatever the manifest and the files it names say', async () => {
    const root = newRoot();
    const { publicKey } = ensureSigningKey(root);
    fs.mkdirSync(path.join(root, 'policies'));
    fs.writeFileSync(
      path.join(root, 'policies/approvals.yaml'),
      `apiVersion: vcloud/v1\nkind: ApprovalPolicy\nprincipals:\n  - { id: moh.security, organisation: moh, keys: [{ ed25519: ${publicKey} }] }\nrules:\n  - { id: removal, when: { effects: [destroy], agencies: [moh] }, require: { of: [moh.security] } }\n`,
    );
    const both = [stackOf({ path: 'moh.lab.platform', resources: { x_y__one: { input: 1 }, x_y__two: { input: 2 } } })];
    const one = [stackOf({ path: 'moh.lab.platform', resources: { x_y__one: { input: 1 } } })];
    await apply({ root, directory: (await planned(root, both)).directory, stacks: both, facts, asOf });
    const { directory } = await planned(root, one);
    const file = path.join(root, directory, 'manifest.json');
    const whole = fs.readFileSync(file, 'utf8');
    const changes = path.join(root, directory, 'stacks/moh.lab.platform.changes.json');
    const read = fs.readFileSync(changes, 'utf8');
    const missing = 'ENGINE-APPROVAL-MISSING: rule "removal" asks for 1 approval of moh.security: none counts (because of destroy moh.lab.platform)';
    const untold = 'ENGINE-STALE-REVIEW: its saved plan does what nobody was told: destroy x_y.two';
    type Stack = Manifest['stacks'][number];
    const forged = async (edit: (stack: Stack) => unknown): Promise<string[]> => {
      // As on another machine, whose log does not know the plan.
      for (const name of ['log.ndjson', 'log.head.json']) fs.rmSync(path.join(root, '.vcloud', name), { force: true });
      const manifest = JSON.parse(whole) as Manifest;
      fs.writeFileSync(file, `${canonicalJson({ ...manifest, stacks: manifest.stacks.map(edit) }, 2)}\n`);
      return await refusal(apply({ root, directory, stacks: one, facts, asOf }));
    };
    const silent = ({ saved, ...stack }: Stack): unknown => ({
      ...stack,
      changes: [],
      destroy: 0,
      saved: saved && { plan: saved.plan, sha256: saved.sha256 },
    });
    expect(await forged(silent)).toEqual([untold, missing]);
    expect(await forged((stack) => ({ ...(silent(stack) as Stack), agency: 'mst' }))).toEqual([untold, missing]);
    const edited = read.replace('"action":"delete"', '"action":"update"');
    fs.writeFileSync(changes, edited);
    expect(await forged(({ saved, ...stack }) => ({ ...stack, saved: { ...saved, changesSha256: sha256(edited) } }))).toEqual([untold, missing]);
    // Whoever approves reads what it says: an approval of that does not count for what it does.
    await approve({ root, directory, stacks: one, facts, asOf });
    expect(await refusal(apply({ root, directory, stacks: one, facts, asOf }))).toEqual([untold]);
    fs.writeFileSync(changes, read);
    fs.rmSync(path.join(root, directory, 'approvals'), { recursive: true });
    expect(await forged((stack) => stack)).toEqual([missing]);
    await approve({ root, directory, stacks: one, facts, asOf });
    expect((await apply({ root, directory, stacks: one, facts, asOf })).stacks).toMatchObject([{ result: 'applied' }]);
  });

  it('are asked for by the environment that is declared, and nothing is applied that cannot be read', async () => {
    const root = guarded();
    const policy = path.join(root, 'policies/approvals.yaml');
    fs.writeFileSync(policy, fs.readFileSync(policy, 'utf8').replace('when: {}', 'when: { environments: [production] }'));
    const production = stacks.map((stack) => ({ ...stack, environment: 'production' as const }));
    const { directory } = await planned(root, production);
    for (const name of ['log.ndjson', 'log.head.json']) fs.rmSync(path.join(root, '.vcloud', name));
    const file = path.join(root, directory, 'manifest.json');
    const manifest = JSON.parse(fs.readFileSync(file, 'utf8')) as Manifest;
    fs.writeFileSync(file, `${canonicalJson({ ...manifest, environment: 'sandbox' }, 2)}\n`);
    expect((await refusal(apply({ root, directory, stacks: production, facts, asOf })))[0]).toContain('ENGINE-APPROVAL-MISSING: rule "all"');
    const plan = 'no plan of an engine';
    fs.writeFileSync(path.join(root, directory, manifest.stacks[0]?.saved?.plan ?? ''), plan);
    const unread = manifest.stacks.map(({ saved, ...stack }) => ({ ...stack, saved: { ...saved, sha256: sha256(plan) } }));
    fs.writeFileSync(file, `${canonicalJson({ ...manifest, environment: 'sandbox', stacks: unread }, 2)}\n`);
    expect((await refusal(apply({ root, directory, stacks: production, facts, asOf })))[0]).toContain(
      'ENGINE-PLAN-UNREAD: what its saved plan does cannot be read',
    );
  });

  it('are asked for where an address others rely on changes, although no stack says so', async () => {
    const root = guarded();
    const file = path.join(root, 'policies/approvals.yaml');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('when: {}', 'when: { effects: [renumber] }'));
    const at = (prefix: string): PlanFacts => ({ ...facts, declared: [{ effect: 'renumber', subject: 'commune/1', agency: 'moh', value: prefix }] });
    const first = await planned(root, stacks, { facts: at('10.1.0.0/24') });
    await apply({ root, directory: first.directory, stacks, facts: at('10.1.0.0/24'), asOf });
    const moved = { ...at('10.2.0.0/24'), inputs: inputs({ ...files, 'network-plans/moh.lock.yaml': 'moved' }) };
    const second = await planned(root, stacks, { facts: moved });
    expect(second.approvals).toMatchObject([{ rule: 'all', of: ['moh.security'], because: ['renumber moh: commune/1'] }]);
    expect((await refusal(apply({ root, directory: second.directory, stacks, facts: moved, asOf })))[0]).toContain('renumber moh: commune/1');
    await approve({ root, directory: second.directory, stacks, facts: moved, asOf });
    await apply({ root, directory: second.directory, stacks, facts: moved, asOf });
    expect((await planned(root, stacks, { facts: moved })).approvals).toEqual([]);
  });

  it.skipIf(!agent)('are given with the key an ssh-agent holds', async () => {
    const root = guarded('', (folder) => `{ ssh: "${makeKey(folder, 'key')}" }`);
    const socket = path.join(root, 'agent');
    const daemon = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    const before = process.env['SSH_AUTH_SOCK'];
    try {
      for (let wait = 0; wait < 100 && !fs.existsSync(socket); wait++) await new Promise((resume) => setTimeout(resume, 20));
      process.env['SSH_AUTH_SOCK'] = socket;
      makeKey(root, 'another');
      execFileSync('ssh-add', ['-q', path.join(root, 'another')]);
      execFileSync('ssh-add', ['-q', path.join(root, 'key')]);
      fs.rmSync(path.join(root, 'key'));
      const { directory } = await planned(root, stacks);
      expect(await approve({ root, directory, stacks, facts, asOf, key: 'ssh-agent' })).toMatchObject({ principal: 'moh.security', missing: [] });
    } finally {
      process.env['SSH_AUTH_SOCK'] = before;
      if (before === undefined) delete process.env['SSH_AUTH_SOCK'];
      daemon.kill();
    }
  });

  it.skipIf(!ssh)('are given with SSH keys, and judged by ssh-keygen', async () => {
    const root = guarded('', (folder) => `{ ssh: "${makeKey(folder, 'key')}" }`);
    makeKey(root, 'other');
    const { directory } = await planned(root, stacks);
    expect((await refusal(approve({ root, directory, stacks, facts, asOf, key: 'ssh:other' })))[0]).toContain('belongs to no principal');
    const { file, missing } = await approve({ root, directory, stacks, facts, asOf, key: 'ssh:key' });
    expect(missing).toEqual([]);
    const approval = path.join(root, file ?? '');
    const text = fs.readFileSync(approval, 'utf8');
    // A signature over other bytes is none.
    const envelope = JSON.parse(text) as { payload: string };
    const forged = Buffer.from(Buffer.from(envelope.payload, 'base64').toString('utf8').replace('2026-11-22', '2026-11-23')).toString('base64');
    fs.writeFileSync(approval, text.replace(envelope.payload, forged));
    expect((await refusal(apply({ root, directory, stacks, facts, asOf })))[0]).toContain('no principal signed it');
    fs.writeFileSync(approval, text);
    expect((await apply({ root, directory, stacks, facts, asOf })).stacks).toMatchObject([{ result: 'applied' }]);
  });
});
