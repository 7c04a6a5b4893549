import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadyQueue, runUnits, type Unit } from '../../modules/engine/index.ts';

/** Graphs without circles: a unit comes after some of those with a lower number; names are shuffled so that order of names says nothing. */
const graph = fc
  .tuple(fc.integer({ min: 1, max: 25 }), fc.infiniteStream(fc.nat()), fc.infiniteStream(fc.nat({ max: 9 })))
  .map(([size, names, dice]): Unit[] => {
    const label = Array.from({ length: size }, (_, index) => `${(names.next().value ?? 0) % 1000}-${index}`);
    return label.map((id, index) => ({ id, after: [...label.slice(0, index).filter(() => (dice.next().value ?? 0) < 2), 'elsewhere'] }));
  });

/** All units that come after `id`, directly or through others. */
function dependents(units: readonly Unit[], id: string): Set<string> {
  const found = new Set<string>();
  for (let grown = true; grown;) {
    const before = found.size;
    for (const unit of units) if (unit.after.some((other) => other === id || found.has(other))) found.add(unit.id);
    grown = found.size > before;
  }
  return found;
}

describe('ready queue', () => {
  it('hands every unit out once, after everything it comes after, and never idles while something is ready', () => {
    fc.assert(
      fc.property(graph, fc.integer({ min: 1, max: 6 }), fc.infiniteStream(fc.nat()), (units, parallelism, picks) => {
        const queue = new ReadyQueue(units);
        const after = new Map(units.map((unit) => [unit.id, unit.after.filter((id) => id !== 'elsewhere')]));
        const done = new Set<string>();
        const running: string[] = [];
        const taken: string[] = [];
        while (done.size < units.length) {
          while (running.length < parallelism) {
            const id = queue.take();
            if (id === undefined) break;
            expect(after.get(id)?.every((other) => done.has(other))).toBe(true);
            running.push(id);
            taken.push(id);
          }
          const idle = units.filter((unit) => !taken.includes(unit.id) && after.get(unit.id)?.every((other) => done.has(other)));
          expect(running.length === parallelism || idle.length === 0).toBe(true);
          const [ended = ''] = running.splice((picks.next().value ?? 0) % running.length, 1);
          queue.done(ended);
          done.add(ended);
        }
        expect(new Set(taken).size).toBe(units.length);
        expect(queue.take()).toBeUndefined();
        expect(queue.left).toEqual([]);
      }),
    );
  });

  it('stops exactly what depends on a failed unit', async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 6 }), fc.nat(), async (units, parallelism, pick) => {
        const bad = units[pick % units.length]?.id ?? '';
        const ran: string[] = [];
        let most = 0;
        let now = 0;
        const ends = await runUnits(units, { parallelism }, async (id) => {
          ran.push(id);
          most = Math.max(most, ++now);
          await Promise.resolve();
          now--;
          return id !== bad;
        });
        const stopped = dependents(units, bad);
        for (const { id } of units) expect(ends.get(id)?.end).toBe(id === bad ? 'failed' : stopped.has(id) ? 'stopped' : 'done');
        expect(ran.some((id) => stopped.has(id))).toBe(false);
        expect(most).toBeLessThanOrEqual(parallelism);
      }),
    );
  });

  it('does not depend on the order units are given in', () => {
    fc.assert(
      fc.property(graph, (units) => {
        const order = (list: readonly Unit[]): string[] => {
          const queue = new ReadyQueue(list);
          const taken: string[] = [];
          for (let id = queue.take(); id !== undefined; id = queue.take()) {
            taken.push(id);
            queue.done(id);
          }
          return taken;
        };
        expect(order([...units].reverse())).toEqual(order(units));
      }),
    );
  });

  it('refuses every circle and names one that is really there', () => {
    fc.assert(
      fc.property(graph, fc.nat(), fc.nat(), (units, a, b) => {
        const from = units[a % units.length]?.id ?? '';
        const reach = [from, ...dependents(units, from)];
        const to = reach[b % reach.length] ?? from;
        // `to` comes after `from` already (or is it): making `from` come after `to` closes a circle.
        const closed = units.map((unit) => (unit.id === from ? { ...unit, after: [...unit.after, to] } : unit));
        let message = '';
        try {
          new ReadyQueue(closed);
        } catch (error) {
          message = error instanceof Error ? error.message : '';
        }
        const trail = /circle: (.*)/u.exec(message)?.[1]?.split(' -> ') ?? [];
        expect(trail.length).toBeGreaterThan(1);
        expect(trail[0]).toBe(trail.at(-1));
        for (const [index, id] of trail.slice(0, -1).entries()) expect(closed.find((unit) => unit.id === id)?.after).toContain(trail[index + 1]);
      }),
    );
  });

  it('starts nothing more after the signal and lets what runs end', async () => {
    const controller = new AbortController();
    const units = ['a', 'b', 'c', 'd'].map((id) => ({ id, after: id === 'd' ? ['a'] : [] }));
    const ends = await runUnits(units, { parallelism: 2, signal: controller.signal }, async (id) => {
      if (id === 'b') controller.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      return true;
    });
    expect(Object.fromEntries([...ends].map(([id, end]) => [id, end.end]))).toEqual({ a: 'done', b: 'done', c: 'left', d: 'left' });
  });

  it('throws what the work throws once the running units have ended', async () => {
    let ended = false;
    const units = ['a', 'b', 'c'].map((id) => ({ id, after: [] }));
    const run = runUnits(units, { parallelism: 2 }, async (id) => {
      if (id === 'a') throw new Error('no');
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended = true;
      return true;
    });
    await expect(run).rejects.toThrow('no');
    expect(ended).toBe(true);
  });
});
