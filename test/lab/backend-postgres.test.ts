import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, ProblemError, type Problem } from '../../modules/core/index.ts';
import {
  apply,
  heldLocks,
  listStacks,
  plan,
  readState,
  unlockStates,
  type ApplyRun,
  type BackendSetting,
  type PlanRun,
  type SynthesisedStack,
} from '../../modules/engine/index.ts';
import { pgTarget } from '../../modules/engine/store/pg-wire.ts';
import { acquireInPostgres } from '../../modules/engine/store/postgres-locks.ts';
import { noEngine, stackOf, temporaryRoot } from '../engine/fixtures.ts';
import { made, operator, outcome, until } from './backend/operators.ts';
import { noPostgres, startPostgres, type PostgresServer } from './backend/postgres.ts';

const skipped = noPostgres ?? noEngine;
/** A federation of its own in the one database. */
const backendOf = (prefix: string): BackendSetting => ({ type: 'pg', prefix, credentials: { PG_CONN_STR: 'env:VCLOUD_TEST_DATABASE' } });

const slow = (agency: string, count: number, seconds = 0.1): SynthesisedStack =>
  stackOf({
    path: `${agency}.lab.workload`,
    resources: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `thing__${agency}${index}`,
        { input: index, provisioner: [{ 'local-exec': { command: `echo ${agency}${index} >> ../../../made.txt; sleep ${seconds}` } }] },
      ]),
    ),
  });
const producer = (size: number): SynthesisedStack =>
  stackOf({
    path: 'a.net.platform',
    resources: { x_y__one: { input: size } },
    outputs: { id: '${terraform_data.x_y__one.id}', size: '${terraform_data.x_y__one.output}' },
  });
const consumer = stackOf({
  path: 'a.net.workload',
  reads: ['a.net.platform'],
  resources: { x_y__two: { input: '${data.terraform_remote_state.a_net_platform.outputs.size}' } },
});

describe.skipIf(skipped !== undefined)(`states on a real PostgreSQL${skipped === undefined ? '' : ` (skipped: ${skipped})`}`, () => {
  let server: PostgresServer;
  const roots: string[] = [];
  const newRoot = (): string => {
    const root = temporaryRoot();
    roots.push(root);
    return root;
  };
  beforeAll(async () => {
    server = await startPostgres();
    process.env['VCLOUD_TEST_DATABASE'] = server.connection;
  });
  afterAll(() => {
    server.remove();
    for (const root of roots) fs.rmSync(root, { recursive: true, force: true });
  });

  let backend = backendOf('laba');
  const planned = async (root: string, stacks: readonly SynthesisedStack[], all = false): Promise<PlanRun & { directory: string }> => {
    const run = await plan({ root, stacks, backend, all });
    return { ...run, directory: run.directory ?? '' };
  };
  const states = (run: PlanRun): Record<string, string> => Object.fromEntries(run.stacks.map((stack) => [stack.path, stack.state]));
  const results = (run: ApplyRun): Record<string, string> => Object.fromEntries(run.stacks.map((stack) => [stack.path, stack.result]));

  it('are planned, applied and then without differences; outputs are read across; another machine knows all of it', async () => {
    const root = newRoot();
    const stacks = [producer(1), consumer];
    const first = await planned(root, stacks);
    expect(states(first)).toEqual({ 'a.net.platform': 'planned', 'a.net.workload': 'waits' });
    expect(results(await apply({ root, stacks, backend, directory: first.directory }))).toEqual({ 'a.net.platform': 'applied', 'a.net.workload': 'waits' });
    const second = await planned(root, stacks);
    expect(states(second)).toEqual({ 'a.net.platform': 'unchanged', 'a.net.workload': 'planned' });
    await apply({ root, stacks, backend, directory: second.directory });
    expect(states(await planned(root, stacks, true))).toEqual({ 'a.net.platform': 'unchanged', 'a.net.workload': 'unchanged' });
    expect(readState(root, 'a.net.workload')?.[0]?.attributes['input']).toBe(1);
    expect(fs.existsSync(path.join(root, '.vcloud/state/a.net.workload/terraform.tfstate'))).toBe(false);
    expect(server.query(`SELECT count(*) FROM "laba_a.net.platform".states`)).toBe('1');

    // A fresh checkout: nothing of `.vcloud` is here, and one of the stacks is declared no more.
    const other = newRoot();
    const seen = await planned(other, [producer(1)]);
    expect(seen.stacks.map(({ path: name, state, removed }) => [name, state, removed ?? false])).toEqual([
      ['a.net.platform', 'unchanged', false],
      ['a.net.workload', 'skipped', true],
    ]);
    // No file holds the password, neither here nor there.
    const password = new URL(server.connection).password;
    for (const folder of [root, other]) expect(filesHolding(folder, password)).toEqual([]);
  });

  it('two operators at once: one applies, the other is refused by name, and nothing is made twice', async () => {
    backend = backendOf('labb');
    const stacks = [slow('b', 6, 3)];
    const [one, two] = [newRoot(), newRoot()];
    const runs = [await planned(one, stacks), await planned(two, stacks)];
    // Listened to from the start: the one that is refused may be gone before the other has begun.
    const outcomes = [one, two].map(async (root, index) => await outcome(operator('apply', root, stacks, backend, runs[index]?.directory)));
    await until(() => [one, two].some((root) => made(root).length > 0));
    // The state has no version yet, so that the store itself is asked.
    const holders = await heldLocks({ root: one, backend, stacks });
    expect(holders.get('b.lab.workload')?.who).toMatch(/^process \d+ on .+, applying plan [0-9a-f]{16}, operator from 127\.0\.0\.1, since /u);
    const ends = (await Promise.all(outcomes)) as { stacks?: ApplyRun['stacks']; refused?: Problem[] }[];
    const done = ends.filter((end) => end.stacks?.[0]?.result === 'applied');
    expect(done).toHaveLength(1);
    const said = JSON.stringify(ends.filter((end) => end !== done[0]));
    expect(said).toMatch(/Saved plan is stale|its state moved|ENGINE-LOCKED/u);
    expect([...made(one), ...made(two)].sort()).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5']);
    for (const root of [one, two]) expect(states(await planned(root, stacks, true))).toEqual({ 'b.lab.workload': 'unchanged' });
  });

  it('of runs that want the same stacks at the same moment one gets all of its own, and the others nothing', async () => {
    const target = pgTarget(server.connection, {});
    for (let round = 0; round < 5; round++) {
      const wanted = Array.from({ length: 8 }, (_, run) => [
        'all.of.them',
        ...Array.from({ length: 20 }, (_, index) => `s${(index * (run + 3) + run) % 40}.x.y`),
      ]);
      const ends = await Promise.allSettled(wanted.map((stacks, run) => acquireInPostgres(target, 'labg', stacks, `${round}-${run}`)));
      const won = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
      expect(won).toHaveLength(1);
      for (const end of ends) if (end.status === 'rejected') expect(String(end.reason)).toMatch(/ENGINE-LOCKED.*process \d+ on .+, applying plan \d-\d/u);
      await won[0]?.release('all.of.them');
      const next = await acquireInPostgres(target, 'labg', ['all.of.them'], 'after');
      await next.releaseAll();
      await won[0]?.releaseAll();
      expect(server.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).toBe('0');
    }
  });

  it('two operators of many stacks: the second is refused all of them, also those not begun; a lost session begins nothing more; a kill leaves no lock', async () => {
    backend = backendOf('labh');
    const stacks = ['h', 'i', 'j', 'k', 'l', 'm'].map((agency) => slow(agency, 1, 2));
    const [one, two] = [newRoot(), newRoot()];
    const first = await planned(one, stacks);
    const second = await planned(two, stacks);
    const running = operator('apply', one, stacks, backend, first.directory);
    const end = outcome(running);
    await until(() => made(one).length > 0);
    const refused = await apply({ root: two, stacks, backend, directory: second.directory }).catch((error: unknown) => error as ProblemError);
    expect(refused).toBeInstanceOf(ProblemError);
    const { problems } = refused as ProblemError;
    expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => 'ENGINE-LOCKED'));
    expect(problems[5]?.message).toContain(`process ${running.pid ?? 0} on `);
    expect(made(two)).toEqual([]);
    const settings = { root: two, backend, stacks };
    await expect(unlockStates(settings, { stacks: ['m.lab.workload'] })).rejects.toThrow(/ENGINE-LOCK-HELD.*process \d+ on /u);
    // The last stack is not begun yet: only the run holds it.
    await unlockStates(settings, { stacks: ['m.lab.workload'], force: true });
    const { stacks: ends = [] } = (await end) as Partial<ApplyRun>;
    expect(ends.filter(({ result }) => result === 'applied').length).toBeLessThan(6);
    expect(ends.find((stack) => stack.path === 'm.lab.workload')).toMatchObject({
      result: 'stopped',
      because: expect.stringContaining('taken from this run') as string,
    });

    const again = operator('apply', one, stacks, backend, first.directory);
    const killed = outcome(again);
    const before = made(one).length;
    await until(() => made(one).length > before);
    again.kill('SIGKILL');
    await killed;
    await until(() => server.query("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'vcloud apply %'") === '0');
    await planned(one, stacks);
    await apply({ root: one, stacks, backend, directory: first.directory });
    expect(made(one).sort()).toEqual(['h0', 'i0', 'j0', 'k0', 'l0', 'm0']);
  });

  it.each(['vcloud', 'engine', 'everything'] as const)(
    'crash of %s: what is in the state is not made again, and the end is without differences',
    async (kind) => {
      const agency = { vcloud: 'c', engine: 'd', everything: 'e' }[kind];
      backend = backendOf(`lab${agency}`);
      const stacks = [slow(agency, 14)];
      const root = newRoot();
      const { directory } = await planned(root, stacks);
      const child = operator('apply', root, stacks, backend, directory);
      const ended = outcome(child);
      const pidFile = path.join(root, `.vcloud/state/${agency}.lab.workload/running.pid`);
      await until(() => fs.existsSync(pidFile) && made(root).length >= 2);
      const pid = Number(fs.readFileSync(pidFile, 'utf8'));
      expect(isAlive(pid)).toBe(true);
      if (kind !== 'engine') child.kill('SIGKILL');
      if (kind !== 'vcloud') process.kill(pid, 'SIGKILL');
      await ended;
      for (let round = 0; round < 3; round++) {
        const next = await planned(root, stacks);
        if (next.stacks.every((stack) => stack.state === 'unchanged')) break;
        await apply({ root, stacks, backend, directory: next.directory });
      }
      expect(states(await planned(root, stacks, true))).toEqual({ [`${agency}.lab.workload`]: 'unchanged' });
      expect(readState(root, `${agency}.lab.workload`)).toHaveLength(14);
      const lines = made(root);
      const twice = [...new Set(lines.filter((line, index) => lines.indexOf(line) !== index))];
      // Killed, the engine cannot say what it had in flight: at most what it does at once, ten.
      expect(twice.length).toBeLessThanOrEqual(kind === 'vcloud' ? 0 : 10);
      expect(new Set(lines).size).toBe(14);
    },
  );

  it('a stack whose path is longer than a name of the database is one stack: here, in a clean checkout, and once it is declared no more', async () => {
    backend = backendOf('labl');
    const root = newRoot();
    const long = stackOf({ path: 'moh.live.production.region-north.networking.shared-services.gateway', resources: { x_y__one: { input: 1 } } });
    const stacks = [long];
    await apply({ root, stacks, backend, directory: (await planned(root, stacks)).directory });
    const schema = server.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'labl\\_moh%'");
    expect(schema).toHaveLength(63);
    const alias = schema.slice('labl_'.length);
    // As a version left it that took the cut name for a stack's.
    fs.mkdirSync(path.join(root, '.vcloud/state', alias), { recursive: true });
    fs.copyFileSync(
      path.join(root, '.vcloud/state', long.path, 'terraform.tfstate.last-good'),
      path.join(root, '.vcloud/state', alias, 'terraform.tfstate.last-good'),
    );
    for (const where of [root, newRoot()]) {
      expect((await listStacks({ root: where, stacks, backend })).map(({ stack }) => stack)).toEqual([long.path]);
      expect((await planned(where, stacks, true)).stacks.map((stack) => [stack.path, stack.state, stack.removed ?? false])).toEqual([
        [long.path, 'unchanged', false],
      ]);
      expect((await planned(where, [], true)).stacks.map((stack) => [stack.path, stack.removed])).toEqual([[long.path, true]]);
    }
    expect((await planned(newRoot(), [], true)).stacks.map((stack) => [stack.path, stack.removed])).toEqual([[long.path, true]]);
  });

  it('a server that does not answer is an error, never "no state"; so is a changed backend', async () => {
    backend = backendOf('laba');
    const root = newRoot();
    const stacks = [producer(1), consumer];
    expect(states(await planned(root, stacks))).toEqual({ 'a.net.platform': 'unchanged', 'a.net.workload': 'unchanged' });
    server.stop();
    try {
      await expect(planned(root, stacks)).rejects.toThrow(/ENGINE-BACKEND-UNREACHABLE/u);
      await expect(planned(newRoot(), stacks)).rejects.toThrow(/ENGINE-BACKEND-UNREACHABLE/u);
    } finally {
      server.start();
    }
    await expect(plan({ root, stacks })).rejects.toThrow(/ENGINE-BACKEND-CHANGED.*"pg laba"[^]*state restore/u);
    server.query('DROP SCHEMA "laba_a.net.platform" CASCADE');
    const lost = await planned(root, stacks);
    expect(lost.stacks[0]).toMatchObject({ state: 'failed', error: expect.stringContaining('the backend has no state any more') as string });
  });
});

function filesHolding(folder: string, text: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => fs.readFileSync(file).includes(text));
}
