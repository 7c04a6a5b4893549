import * as fs from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ProblemError, type Reporter } from '../../modules/core/index.ts';
import { ReadyQueue } from '../../modules/engine/index.ts';
import {
  atMost,
  claimAll,
  claimant,
  criticalPaths,
  defaultParallelism,
  Durations,
  durationText,
  limitsOf,
  longestPause,
  pauseBefore,
  readPulse,
  remainingTime,
  RunProgress,
  SilenceWatch,
  transientOf,
  transients,
  withRetry,
  type TimedUnit,
} from '../../modules/engine/schedule/index.ts';
import { temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
function newRoot(): string {
  const root = temporaryRoot();
  roots.push(root);
  return root;
}
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

describe('limits', () => {
  it('cores and memory bound the default, and it is never less than one', () => {
    expect(defaultParallelism({ cores: 8, availableMebibytes: 32_000 })).toBe(8);
    expect(defaultParallelism({ cores: 64, availableMebibytes: 2_048 })).toBe(12);
    expect(defaultParallelism({ cores: 4, availableMebibytes: 60 })).toBe(1);
  });

  it('init runs one at a time where a cache of providers is shared', () => {
    const root = newRoot();
    const settings = path.join(root, 'terraform.rc');
    fs.writeFileSync(settings, 'plugin_cache_dir = "/cache"\n');
    expect(limitsOf({ parallelism: 6, init: 4 }, {})).toEqual({ parallelism: 6, init: 4 });
    expect(limitsOf({ parallelism: 6 }, { TF_PLUGIN_CACHE_DIR: '/cache' })).toEqual({ parallelism: 6, init: 1 });
    expect(limitsOf({ parallelism: 6, init: 4 }, { TF_CLI_CONFIG_FILE: settings })).toEqual({ parallelism: 6, init: 1 });
  });

  it('at most so many run at once, in the order they were asked for', async () => {
    const limited = atMost(2);
    const begun: number[] = [];
    let now = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 9 }, (_, index) =>
        limited(async () => {
          begun.push(index);
          most = Math.max(most, ++now);
          await new Promise((resolve) => setTimeout(resolve, index % 3));
          now--;
        }),
      ),
    );
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(most).toBe(2);
  });
});

describe('transient failures', () => {
  // As engines and providers print them.
  it.each([
    ['Error: Error acquiring the state lock: resource temporarily unavailable', 'the state is locked'],
    ['Error: Failed to query available provider packages: could not query provider registry: the request timed out', 'the registry did not answer'],
    ['Expected HTTP response code [200] when accessing [GET /v2.0/networks], but got 429 instead', 'too many requests'],
    ['got 503 instead: {"message": "The server is currently unavailable."}', 'the service is not available'],
    ['Get "/v2.0/networks": read tcp 192.0.2.1:5000->192.0.2.2:9696: read: connection reset by peer', 'the connection was cut'],
    ['dial tcp 192.0.2.2:5000: connect: connection refused', 'no connection'],
    ['net/http: request canceled (Client.Timeout exceeded while awaiting headers)', 'no answer in time'],
  ])('%s', (message, what) => {
    expect(transientOf(message)?.what).toBe(what);
  });

  it.each([
    'Error: Invalid CIDR 10.1.0.300/24',
    'Authentication failed',
    'got 403 instead',
    'quota exceeded for network',
    'port 5032 is taken',
    'Saved plan is stale',
  ])('not: %s', (message) => {
    expect(transientOf(message)).toBeUndefined();
  });

  it('are tried as often as their kind allows, with pauses inside the bound, and the last result is told', async () => {
    for (const kind of transients) {
      const told: number[] = [];
      const message = { 'the state is locked': 'Error acquiring the state lock', 'the registry did not answer': 'registry: timeout' }[kind.what];
      if (message === undefined) continue;
      let calls = 0;
      const ended = await withRetry(async () => ++calls, { failure: () => message, firstPause: 1, onRetry: (_, attempt) => told.push(attempt) });
      expect(ended).toEqual({ result: kind.attempts, attempts: kind.attempts });
      expect(told).toEqual(Array.from({ length: kind.attempts - 1 }, (_, index) => index + 2));
    }
  });

  it('what succeeds or is final is not tried again', async () => {
    let calls = 0;
    await withRetry(async () => ++calls, { failure: () => undefined });
    await withRetry(async () => ++calls, { failure: () => 'Invalid CIDR' });
    expect(calls).toBe(2);
  });

  it('pauses stay below a bound that doubles and ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const pause = pauseBefore(attempt, 1_000, random);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(Math.min(longestPause, 1_000 * 2 ** (attempt - 1)));
      }),
    );
  });
});

const timed: fc.Arbitrary<TimedUnit[]> = fc
  .array(fc.tuple(fc.option(fc.nat(1000), { nil: undefined }), fc.array(fc.nat(20), { maxLength: 3 })), { minLength: 1, maxLength: 15 })
  .map((rows) =>
    rows.map(([expected, after], index) => ({ id: `u${index}`, expected, after: after.filter((other) => other < index).map((other) => `u${other}`) })),
  );

describe('order and estimate', () => {
  it('a unit weighs at least its own time and that of whatever hangs on it, and no more than the sum', () => {
    fc.assert(
      fc.property(timed, fc.integer({ min: 1, max: 8 }), (units, parallelism) => {
        const weights = criticalPaths(units);
        const known = units.flatMap(({ expected }) => (expected === undefined ? [] : [expected]));
        const mean = known.length === 0 ? 0 : known.reduce((all, one) => all + one, 0) / known.length;
        const own = (unit: TimedUnit): number => unit.expected ?? mean;
        const sum = units.reduce((all, unit) => all + own(unit), 0);
        for (const unit of units) {
          expect(weights.get(unit.id)).toBeLessThanOrEqual(sum + 1e-6);
          for (const before of unit.after) {
            const from = units.find(({ id }) => id === before);
            if (from !== undefined) expect(weights.get(before)).toBeGreaterThanOrEqual(own(from) + (weights.get(unit.id) ?? 0) - 1e-6);
          }
        }
        const rest = remainingTime(units, parallelism);
        if (known.length === 0) expect(rest).toBeUndefined();
        else {
          expect(rest).toBeGreaterThanOrEqual(sum / parallelism - 1e-6);
          expect(rest).toBeLessThanOrEqual(sum + 1e-6);
        }
      }),
    );
  });

  it('the queue hands out the heaviest of what is ready, equal ones by name', () => {
    const units = ['a', 'b', 'c', 'd'].map((id) => ({ id, after: id === 'd' ? ['a'] : [] }));
    const queue = new ReadyQueue(
      units,
      new Map([
        ['a', 1],
        ['b', 1],
        ['c', 5],
        ['d', 9],
      ]),
    );
    expect([queue.take(), queue.take()]).toEqual(['c', 'a']);
    queue.done('a');
    expect([queue.take(), queue.take()]).toEqual(['d', 'b']);
  });

  it('durations are kept, half of them the last run', () => {
    const root = newRoot();
    const first = new Durations(root, 'plan');
    first.add('a', 1000);
    first.save();
    const second = new Durations(root, 'plan');
    second.add('a', 2000);
    second.save();
    expect([new Durations(root, 'plan').of('a'), new Durations(root, 'apply').of('a')]).toEqual([1500, undefined]);
    fs.writeFileSync(path.join(root, '.vcloud/cache/engine/durations.json'), '{"kind":"Eng');
    expect(new Durations(root, 'plan').of('a')).toBeUndefined();
  });

  it('progress tells each unit once, with what is left where it is known', () => {
    const told: string[] = [];
    const reporter: Reporter = {
      start: (step, total) => void told.push(`${step} ${total}`),
      progress: (done, note) => void told.push(`${done} ${note}`),
      unit: ({ id, line, failed }) => void told.push(`${id} ${line} ${failed}`),
      end: () => {},
      note: () => {},
    };
    let now = 0;
    const units = [
      { id: 'a', after: [], expected: 60_000 },
      { id: 'b', after: ['a'], expected: 130_000 },
    ];
    const progress = new RunProgress({ reporter, step: 'plan', units, parallelism: 2, clock: () => now });
    progress.begin('a');
    now = 70_000;
    progress.end('a', { failed: false, line: '+1' });
    progress.end('a', { failed: false, line: '+1' });
    progress.end('elsewhere', { failed: false, line: '' });
    now = 200_000;
    progress.end('b', { failed: true, line: 'failed' });
    expect(told).toEqual(['plan 2', '1 a, about 2 min 10 s left', 'a +1 false', '2 b', 'b failed true']);
  });

  it.each([
    [12, '12 ms'],
    [4_230, '4.2 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('%d is %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });
});

describe('claims', () => {
  const none = new Map();

  it('all or none: a stack somebody else has leaves none claimed, and every holder is named', () => {
    const root = newRoot();
    const theirs = claimAll(root, ['b'], 'theirs', none);
    const held = new Map([['d', { id: '1', who: 'someone, OperationTypeApply', alive: 'yes' as const }]]);
    let problems: readonly { subject?: string | undefined; message: string }[] = [];
    try {
      claimAll(root, ['a', 'b', 'c', 'd'], 'ours', held);
    } catch (error) {
      if (error instanceof ProblemError) ({ problems } = error);
    }
    expect(problems.map(({ subject }) => subject)).toEqual(['b', 'd']);
    expect(problems[0]?.message).toContain(`process ${process.pid}`);
    expect(problems[1]?.message).toContain('someone, OperationTypeApply');
    expect(['a', 'c', 'd'].map((stack) => claimant(root, stack))).toEqual([undefined, undefined, undefined]);
    theirs.releaseAll();
    const ours = claimAll(root, ['a', 'b', 'c'], 'ours', none);
    ours.release('b');
    expect(['a', 'b', 'c'].map((stack) => claimant(root, stack)?.plan)).toEqual(['ours', undefined, 'ours']);
    ours.releaseAll();
  });

  it('a claim whose process is gone, and a lock nobody holds, are no hindrance', () => {
    const root = newRoot();
    claimAll(root, ['a'], 'old', none);
    const file = path.join(root, '.vcloud/state/a/claim.json');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(String(process.pid), '999999999'));
    const held = new Map([['a', { id: '1', who: 'gone', alive: 'no' as const }]]);
    claimAll(root, ['a'], 'new', held).releaseAll();
    expect(fs.existsSync(file)).toBe(false);
  });

  it('a claim that a killed run left is no hindrance, whatever host it ran on and whoever has its number now', () => {
    const root = newRoot();
    const folder = path.join(root, '.vcloud/state/a');
    fs.mkdirSync(folder, { recursive: true });
    for (const [pid, host] of [
      [7, `not-${hostname()}`],
      [process.ppid, hostname()],
      [process.pid, hostname()],
    ] as const) {
      fs.writeFileSync(path.join(folder, 'claim.json'), JSON.stringify({ pid, host, plan: 'new' }));
      expect(claimant(root, 'a')).toBeUndefined();
      const ours = claimAll(root, ['a'], 'new', none);
      expect(claimant(root, 'a')).toEqual({ pid: process.pid, host: hostname(), plan: 'new' });
      ours.releaseAll();
      expect(fs.readdirSync(folder)).toEqual([]);
    }
  });

  it('a lock that may be held is refused with what frees it', () => {
    const held = new Map([['a', { id: '1', who: 'someone', alive: 'unknown' as const }]]);
    expect(() => claimAll(newRoot(), ['a'], 'new', held)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ hint: expect.stringContaining('vcloud state unlock a --force') as string })] }) as Error,
    );
  });
});

describe('silence', () => {
  const line = (type: string, second: number, addr?: string): string =>
    JSON.stringify({
      type,
      '@timestamp': `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
      ...(addr === undefined ? {} : { hook: { resource: { addr } } }),
    });

  it('counting on is nothing that happens', () => {
    const log = [
      line('version', 0),
      line('apply_start', 1, 'a.b'),
      line('apply_start', 2, 'a.c'),
      line('apply_complete', 3, 'a.c'),
      line('apply_progress', 40, 'a.b'),
    ].join('\n');
    expect(readPulse(log)).toEqual({ last: Date.parse('2026-01-01T00:00:03Z'), inFlight: ['a.b'] });
  });

  it('is told once it lasts, then again after twice as long, with what is in flight', () => {
    const root = newRoot();
    const file = path.join(root, 'log');
    fs.writeFileSync(file, line('apply_start', 0, 'a.b'));
    const told: string[] = [];
    const watch = new SilenceWatch((text) => told.push(text), 30);
    watch.add('s', file);
    const began = Date.now();
    for (const seconds of [10, 31, 45, 63, 100]) watch.look(began + seconds * 1000);
    watch.dispose();
    expect(told.map((text) => /for (\d+) s/u.exec(text)?.[1])).toEqual(['31', '63']);
    expect(told[0]).toContain('in flight: a.b');
  });
});
