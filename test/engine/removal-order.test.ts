import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, plan, ReadyQueue, type SynthesisedStack } from '../../modules/engine/index.ts';
import { orderRemovals, type OrderedUnit } from '../../modules/engine/removal-order.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

/** Stacks in a row, each after and formerly after some of those before it, so that there is no circle at first. */
const units: fc.Arbitrary<OrderedUnit[]> = fc
  .array(fc.tuple(fc.array(fc.nat(15), { maxLength: 3 }), fc.array(fc.nat(15), { maxLength: 3 }), fc.boolean()), { minLength: 2, maxLength: 15 })
  .map((rows) =>
    rows.map(([after, before, removed], index) => ({
      id: `s${index}`,
      after: removed ? [] : [...new Set(after.filter((other) => other < index).map((other) => `s${other}`))],
      before: before.filter((other) => other < rows.length).map((other) => `s${other}`),
      removed,
    })),
  );

describe('the order of removals', () => {
  it('stays as declared where turning it round would close a circle, and a warning says what comes between', () => {
    const unit = (id: string, after: readonly string[], before: readonly string[] = []): OrderedUnit => ({ id, after, before, removed: false });
    const { after, problems } = orderRemovals([unit('a', ['c'], ['b']), unit('b', []), unit('c', ['b'])]);
    expect(after.get('b')).toEqual([]);
    expect(problems).toMatchObject([
      { code: 'ENGINE-REMOVAL-ORDER', severity: 'warning', subject: 'a', message: expect.stringContaining('a -> c -> b') as string },
    ]);
  });

  it('closes no circle, keeps the declared order, and either turns a gone reference round or says why not', () => {
    fc.assert(
      fc.property(units, (given) => {
        const { after, problems } = orderRemovals(given);
        const ordered = given.map(({ id }) => ({ id, after: after.get(id) ?? [] }));
        expect(() => new ReadyQueue(ordered)).not.toThrow();
        for (const unit of given) {
          expect(after.get(unit.id)).toEqual(expect.arrayContaining([...unit.after]));
          for (const producer of unit.before) {
            if (producer === unit.id || (!unit.removed && unit.after.includes(producer))) continue;
            const turned = after.get(producer)?.includes(unit.id) === true;
            expect(turned || problems.some(({ subject, message }) => subject === unit.id && message.includes(producer))).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe.skipIf(noEngine !== undefined)(`a reference that is removed${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  const producer = (outputs: Record<string, string>): SynthesisedStack =>
    stackOf({ path: 'a.net.platform', resources: { net: { input: Object.keys(outputs).join() } }, outputs });
  const consumer = (input: string, reads: readonly string[]): SynthesisedStack => stackOf({ path: 'b.app.workload', reads, resources: { app: { input } } });
  const before = [producer({ id: 'one', size: 'two' }), consumer('${data.terraform_remote_state.a_net_platform.outputs.id}', ['a.net.platform'])];
  const after = [producer({ size: 'two' }), consumer('none', [])];
  const order = (root: string, id: string): string[] =>
    fs
      .readFileSync(path.join(root, `.vcloud/journal/${id}.ndjson`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; stack: string })
      .map(({ event, stack }) => `${event} ${stack.split('.')[0] ?? ''}`);

  async function applied(): Promise<string> {
    const root = temporaryRoot();
    for (let wave = 0; wave < 2; wave++) {
      const { directory = '' } = await plan({ root, stacks: before });
      await apply({ root, directory, stacks: before });
    }
    return root;
  }

  it('is let go of by the consumer before the producer loses the output', async () => {
    const root = await applied();
    const { id, directory = '' } = await plan({ root, stacks: after });
    const run = await apply({ root, directory, stacks: after, parallelism: 4 });
    expect(run.stacks.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect(order(root, id)).toEqual(['start b', 'end b', 'start a', 'end a']);
    // Once let go of, neither comes after the other any more.
    const next = await plan({ root, stacks: [producer({ id: 'three' }), after[1] as SynthesisedStack] });
    const manifest = JSON.parse(fs.readFileSync(path.join(root, next.directory ?? '', 'manifest.json'), 'utf8')) as { stacks: { after: string[] }[] };
    expect(manifest.stacks.map((stack) => stack.after)).toEqual([[], []]);
    fs.rmSync(root, { recursive: true, force: true });
  });

  it('stays with the producer while the consumer cannot let go', async () => {
    const root = await applied();
    const stuck = [
      after[0] as SynthesisedStack,
      stackOf({ path: 'b.app.workload', resources: { app: { input: 'none' }, bad: { provisioner: [{ 'local-exec': { command: 'exit 1' } }] } } }),
    ];
    for (let attempt = 0; attempt < 2; attempt++) {
      const { directory = '' } = await plan({ root, stacks: stuck });
      const run = await apply({ root, directory, stacks: stuck });
      expect(run.stacks.map(({ result, by }) => [result, by])).toEqual([
        ['stopped', 'b.app.workload'],
        ['failed', undefined],
      ]);
    }
    fs.rmSync(root, { recursive: true, force: true });
  });
});
