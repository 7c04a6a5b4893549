import * as fs from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  apply,
  applyReport,
  applyVerdict,
  plan,
  planReport,
  resume,
  runReportSchema,
  unfinishedPlan,
  type SynthesisedStack,
} from '../../modules/engine/index.ts';
import { beyondReview } from '../../modules/engine/resume/index.ts';
import { noEngine, stackOf, temporaryRoot } from './fixtures.ts';

const roots: string[] = [];
function newRoot(): string {
  const root = temporaryRoot();
  roots.push(root);
  return root;
}
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

describe('what a follow-up holds beyond what was reviewed', () => {
  const change = (address: string, action: 'create' | 'replace'): { address: string; type: string; actions: ['create' | 'replace'] } => ({
    address,
    type: 't',
    actions: [action],
  });
  const stack = (changes: ReturnType<typeof change>[]): Parameters<typeof beyondReview>[0][number] => {
    return { path: 'a', agency: 'a', state: 'planned', waitsFor: [], add: 0, change: 0, destroy: 0, changes, milliseconds: 0 };
  };
  it('another resource or another action, and nothing else', () => {
    const before = [stack([change('x', 'create'), change('y', 'create')])];
    expect(beyondReview([stack([change('y', 'create')])], before)).toEqual([]);
    expect(beyondReview([stack([change('y', 'replace'), change('z', 'create')])], before)).toEqual([
      { path: 'a', changes: [change('y', 'replace'), change('z', 'create')] },
    ]);
  });
});

describe.skipIf(noEngine !== undefined)(`a run that was cut off${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`, () => {
  // The second resource ends the engine the first time.
  const half: SynthesisedStack = stackOf({
    path: 'a.lab.half',
    resources: {
      first: { input: 1 },
      second: {
        input: 2,
        depends_on: ['terraform_data.first'],
        provisioner: [{ 'local-exec': { command: 'mkdir ../../../once 2>/dev/null && sleep 0.2 && kill -9 $PPID; true' } }],
      },
    },
  });
  const stacks = [
    half,
    stackOf({ path: 'b.lab.after', dependsOn: ['a.lab.half'], resources: { x: { input: 1 } } }),
    stackOf({ path: 'c.lab.other', resources: { x: { input: 1 } } }),
  ];

  it('is planned again where it was half-way, named by what continues it, and ends with nothing to do', async () => {
    const root = newRoot();
    const first = await plan({ root, stacks });
    expect(unfinishedPlan(root)).toBeUndefined();
    const run = await resume({ root, stacks, directory: first.directory });
    expect(run.applied?.stacks.map(({ path: name, result, cutOff }) => [name, result, cutOff])).toEqual([
      ['a.lab.half', 'failed', true],
      ['b.lab.after', 'stopped', undefined],
      ['c.lab.other', 'applied', undefined],
    ]);
    expect(applyVerdict(run.applied?.stacks ?? [], run.followUp)).toBe(2);
    expect(run.followUp?.plan.continues).toBe(first.id);
    expect(run.followUp?.plan.stacks.map(({ path: name, add }) => [name, add])).toEqual([
      ['a.lab.half', 1],
      ['b.lab.after', 1],
    ]);
    expect(run.followUp?.beyond).toEqual([]);
    expect(unfinishedPlan(root)).toBe(run.followUp?.plan.directory);

    const second = await resume({ root, stacks });
    expect(second.applied?.stacks.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect([applyVerdict(second.applied?.stacks ?? [], second.followUp), second.followUp]).toEqual([0, undefined]);
    expect(await resume({ root, stacks })).toEqual({});
    expect((await plan({ root, stacks, all: true })).stacks.every(({ state }) => state === 'unchanged')).toBe(true);
  });

  it('the reports of its plan and apply are what the schema says, with every stack in one of five results', async () => {
    const root = newRoot();
    const planned = await plan({ root, stacks, select: { expressions: ['not c.*'] } });
    const frame = { started: new Date(0), ended: new Date(1000), exit: 1 as const, problems: planned.problems ?? [] };
    const asWritten = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    const one = runReportSchema.parse(asWritten(planReport(planned, frame)));
    expect(one.stacks.map(({ path: name, result }) => [name, result])).toEqual([
      ['a.lab.half', 'succeeded'],
      ['b.lab.after', 'succeeded'],
      ['c.lab.other', 'excluded'],
    ]);
    const run = await apply({ root, directory: planned.directory ?? '', stacks });
    const other = runReportSchema.parse(asWritten(applyReport(run, { ...frame, problems: run.problems ?? [] })));
    expect(other.totals).toEqual({ succeeded: 0, failed: 1, excluded: 1, waits: 0, stopped: 1 });
    expect(other.stacks.find(({ result }) => result === 'stopped')).toMatchObject({ path: 'b.lab.after', by: 'a.lab.half' });
    for (const { log } of one.stacks) if (log !== undefined) expect(fs.statSync(`${root}/${log}`).mode & 0o777).toBe(0o600);
  });
});
