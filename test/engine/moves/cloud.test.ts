import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { apply, drift, plan, type PlanRun, type SynthesisedStack } from '../../../modules/engine/index.ts';
import { ProblemError } from '../../../modules/core/index.ts';
import { noEngine, stackOf, temporaryRoot } from '../fixtures.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true });
});

const name = 'a.t.workload';
const declared = (more: Partial<SynthesisedStack>): SynthesisedStack[] => [
  { ...stackOf({ path: name, resources: { n: { input: 'x' } } }), tenant: 't', ...more },
];
const keyIn = (root: string, { directory = '' }: PlanRun): unknown =>
  (JSON.parse(fs.readFileSync(path.join(root, directory, 'manifest.json'), 'utf8')) as { stacks: { key: string }[] }).stacks[0]?.key;

function newRoot(): string {
  const root = temporaryRoot();
  roots.push(root);
  return root;
}

async function applied(root: string, stacks: readonly SynthesisedStack[], more: Partial<Parameters<typeof plan>[0]> = {}): Promise<PlanRun> {
  const run = await plan({ root, stacks, ...more });
  expect((await apply({ root, stacks, directory: run.directory ?? '', ...more })).stacks[0]?.result).toBe('applied');
  return run;
}

describe.skipIf(noEngine !== undefined)('the same configuration in another cloud', () => {
  it('is another plan, and the plan of the one is not applied to the other', async () => {
    const root = newRoot();
    const north = await plan({ root, stacks: declared({ cloud: 'north' }) });
    const south = await plan({ root, stacks: declared({ cloud: 'south' }) });
    expect(south.id).not.toBe(north.id);
    expect(south.stacks[0]?.milliseconds).toBeGreaterThan(0);
    const refused = await apply({ root, stacks: declared({ cloud: 'south' }), directory: north.directory ?? '' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemError);
    expect((refused as ProblemError).problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'ENGINE-STALE-STACK where it runs, and as whom, changed (cloud north, tenant t -> cloud south, tenant t)',
    ]);
    expect((await apply({ root, stacks: declared({ cloud: 'south' }), directory: south.directory ?? '' })).stacks[0]?.result).toBe('applied');
  });

  it('is refused while the objects are in the first one: planned, destroyed and read nowhere else', async () => {
    const root = newRoot();
    await applied(root, declared({ cloud: 'north' }));
    const state = fs.readFileSync(path.join(root, '.vcloud/state', name, 'terraform.tfstate'), 'utf8');
    const south = declared({ cloud: 'south' });
    for (const destroy of [undefined, {}]) {
      const run = await plan({ root, stacks: south, destroy });
      expect(run.stacks[0]).toMatchObject({ state: 'failed', error: '1 object of it is in cloud "north", and it is declared in "south"' });
      expect(run.problems).toMatchObject([{ code: 'ENGINE-CLOUD-CHANGED', subject: name, hint: expect.stringContaining('vcloud system move') as string }]);
    }
    expect((await drift({ root, stacks: south })).stacks[0]).toMatchObject({
      state: 'unknown',
      unknown: [{ because: expect.stringContaining('"north"') as string }],
    });
    expect(fs.readFileSync(path.join(root, '.vcloud/state', name, 'terraform.tfstate'), 'utf8')).toBe(state);
    // Declared where it is again it is as it was; once nothing of it is left it may go where it likes.
    expect((await plan({ root, stacks: declared({ cloud: 'north' }) })).stacks[0]?.state).toBe('unchanged');
    await applied(root, declared({ cloud: 'north' }), { destroy: {} });
    await applied(root, south);
    expect(JSON.parse(fs.readFileSync(path.join(root, '.vcloud/state', name, 'stack.json'), 'utf8'))).toMatchObject({ cloud: 'south' });
  });

  it('is looked at again where credentials come from elsewhere, or another acts; the record says who', async () => {
    const root = newRoot();
    for (const file of ['one.env', 'other.env']) fs.writeFileSync(path.join(root, file), 'MARK=x\n', { mode: 0o600 });
    const stacks = declared({ cloud: 'north' });
    const from = (file: string): { credentials: Record<string, string> } => ({ credentials: { north: `file:${file}` } });
    const first = await plan({ root, stacks, ...from('one.env') });
    expect(keyIn(root, await plan({ root, stacks, ...from('other.env') }))).not.toBe(keyIn(root, first));
    await applied(root, stacks, from('one.env'));
    const looks = async (given: readonly SynthesisedStack[], file: string): Promise<boolean> => {
      const [stack] = (await plan({ root, stacks: given, ...from(file) })).stacks;
      expect(stack?.state).toBe('unchanged');
      return (stack?.milliseconds ?? 0) > 0;
    };
    // What was applied is known by the same digest as what is planned: it is not asked about again.
    expect(await looks(stacks, 'one.env')).toBe(false);
    expect(await looks(stacks, 'other.env')).toBe(true);
    expect(await looks(stacks, 'other.env')).toBe(false);
    expect(await looks(declared({ cloud: 'north', tenant: 'u', protect: true }), 'other.env')).toBe(true);
    expect(JSON.parse(fs.readFileSync(path.join(root, '.vcloud/state', name, 'stack.json'), 'utf8'))).toMatchObject({ tenant: 'u', protect: true });
  });
});
