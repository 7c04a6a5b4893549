import * as path from 'node:path';
import { fail, writeTree, type Problem } from '../core/index.ts';
import { loadSettings } from '../federation/index.ts';
import type { ApplyRun, DeclaredStack, PlanRun, StateResource } from '../engine/types.ts';
import type { AuditRun } from '../policy/types.ts';
import type { Clock } from './clock.ts';
import { engineOptions } from './existing.ts';
import { planContext } from './plan-facts.ts';
import { prepare, type Prepared } from './prepare.ts';

export interface MemberOptions {
  readonly asOf: string;
  /** Plan and apply, wave by wave, until nothing is left to do. For the sandbox only. */
  readonly apply: boolean;
}

/** One member's own part of the main job, done in its own folder with its own locks, states and keys. */
export interface MemberRun extends Prepared {
  readonly plan: PlanRun;
  readonly applied?: ApplyRun | undefined;
  /** Absent where the member has no policies, neither its own nor delivered ones. */
  readonly audit?: AuditRun | undefined;
  /** By stack path; stacks without a state are absent. */
  readonly states: ReadonlyMap<string, readonly StateResource[]>;
  /** Files of `out/` that this run added, changed or removed. */
  readonly written: number;
  readonly problems: readonly Problem[];
}

/**
 * Load, allocate, zones, overlays, synthesise, plan, [apply], audit: the steps a member does alone.
 * @throws ProblemError of the step that found errors; nothing of that step is written then
 */
export async function runMember(root: string, clock: Clock, options: MemberOptions): Promise<MemberRun> {
  if (options.apply) refuseOutsideSandbox(root);
  const prepared = await prepare(root, { asOf: options.asOf, clock, allocate: true });
  const written = writeArtefacts(root, prepared);
  const { plan, applied } = await planAndApply(root, clock, prepared, options.apply);
  const audit = await auditStep(root, clock, prepared, options.asOf);
  const states = await readStates(root, prepared);
  return {
    ...prepared,
    plan,
    applied,
    audit,
    states,
    written: written + (prepared.allocated > 0 ? 1 : 0),
    problems: [...prepared.findings, ...(plan.problems ?? []), ...(applied?.problems ?? [])],
  };
}

/** Plans nobody has read are applied in the sandbox only. */
function refuseOutsideSandbox(root: string): void {
  const { environment } = loadSettings(root);
  if (environment === 'sandbox') return;
  fail('FEDERATE-APPLY', `--apply plans and applies in one go, which is for the sandbox only; this federation's environment is ${environment}`, {
    file: 'vcloud.yaml',
    hint: 'run `vcloud plan`, read the plan, then `vcloud apply DIR`',
  });
}

/** What lies in somebody's folder is real unless its owner says otherwise. */
function refuseUnread(stack: DeclaredStack): never {
  fail('FEDERATE-APPLY', `--apply plans and applies in one go, which is for the sandbox only; ${stack.path} is an existing folder`, {
    file: stack.folder?.path,
    subject: stack.path,
    hint: 'run `vcloud plan`, read the plan, then `vcloud apply DIR`; or say environment: sandbox in its line of vcloud.yaml, if nothing in it is real',
  });
}

/** Writes what others read: zones, overlays, the synthesised stacks. Returns how many files changed. */
export function writeArtefacts(root: string, { zones, overlays, synthesis }: Pick<Prepared, 'zones' | 'overlays' | 'synthesis'>): number {
  const trees: [string, ReadonlyMap<string, string>][] = [
    ['dns', zones.files],
    ['vpn', overlays.files],
    ['stacks', new Map(synthesis.stacks.map((stack) => [`${stack.path}/main.tf.json`, stack.json]))],
  ];
  return trees.reduce((sum, [name, files]) => {
    const { added, changed, removed } = writeTree(path.join(root, 'out', name), files);
    return sum + added.length + changed.length + removed.length;
  }, 0);
}

async function planAndApply(root: string, clock: Clock, prepared: Prepared, wantApply: boolean): Promise<{ plan: PlanRun; applied?: ApplyRun | undefined }> {
  const { apply, plan } = await import('../engine/index.ts');
  const { stacks } = prepared;
  const real = stacks.find((stack) => stack.folder !== undefined && stack.environment === 'production');
  if (wantApply && real !== undefined) refuseUnread(real);
  const engine = { root, stacks, ...planContext(root, prepared), ...engineOptions(prepared.federation.settings), reporter: clock.inner };
  const planOnce = (): Promise<PlanRun> =>
    clock.step('plan', async () => {
      const run = await plan(engine);
      return { value: run, summary: planSummary(run) };
    });
  let run = await planOnce();
  if (!wantApply) return { plan: run };
  const done = new Map<string, ApplyRun['stacks'][number]>();
  let last: ApplyRun | undefined;
  // Stacks that read another's outputs can only be planned once that one is applied: each wave frees the next.
  while (run.directory !== undefined && run.stacks.some((stack) => stack.state === 'planned')) {
    const { directory } = run;
    const applied = await clock.step('apply', async () => {
      const result = await apply({ ...engine, directory });
      const count = result.stacks.filter((stack) => stack.result === 'applied').length;
      return { value: result, summary: `${count} stacks applied in the ${run.environment}` };
    });
    for (const stack of applied.stacks) if (stack.result !== 'waits' && stack.result !== 'unchanged') done.set(stack.path, stack);
    last = { ...applied, stacks: [...done.values()] };
    if (!applied.stacks.some((stack) => stack.result === 'applied') || applied.stacks.some((stack) => stack.result === 'failed')) break;
    run = await planOnce();
  }
  return { plan: run, applied: last ?? { id: run.id, stacks: [] } };
}

function planSummary(run: PlanRun): string {
  if (run.unavailable) return `not done: ${run.unavailable.reason}`;
  const sum = (field: 'add' | 'change' | 'destroy'): number => run.stacks.reduce((total, stack) => total + stack[field], 0);
  const of = (state: string): number => run.stacks.filter((stack) => stack.state === state).length;
  const parts = [`${of('planned')} stacks with changes (+${sum('add')} ~${sum('change')} -${sum('destroy')})`, `${of('unchanged')} unchanged`];
  if (of('waits') > 0) parts.push(`${of('waits')} wait`);
  if (of('failed') > 0) parts.push(`${of('failed')} failed`);
  return parts.join(', ');
}

async function auditStep(root: string, clock: Clock, prepared: Prepared, asOf: string): Promise<AuditRun | undefined> {
  const { audit, hasPolicies, loadPolicies } = await import('../policy/index.ts');
  if (!hasPolicies(root)) return undefined;
  return clock.step('audit', async () => {
    const run = audit(prepared, loadPolicies(root), { asOf });
    const { totals } = run;
    return {
      value: run,
      summary: `${run.rules} rules: ${totals.fail} fail, ${totals.unknown} unknown, ${totals.pass} pass, ${totals.waived} waived`,
    };
  });
}

async function readStates(root: string, prepared: Prepared): Promise<Map<string, readonly StateResource[]>> {
  const { listStates, readState } = await import('../engine/index.ts');
  const known = new Set(prepared.stacks.map((stack) => stack.path));
  const states = new Map<string, readonly StateResource[]>();
  for (const stack of listStates(root)) {
    const resources = readState(root, stack);
    if (resources !== undefined && (known.has(stack) || resources.length > 0)) states.set(stack, resources);
  }
  return states;
}
