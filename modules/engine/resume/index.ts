import * as path from 'node:path';
import { requirePromise } from '../adapters/promises.ts';
import { apply, type ApplyOptions } from '../apply.ts';
import { plan, type PlanOptions } from '../plan.ts';
import { readManifest } from '../read-manifest.ts';
import { canonicalText } from '../select/index.ts';
import type { ApplyRun, PlanRun, StackApply, StackPlan } from '../types.ts';
import { unfinishedPlan } from './find.ts';

export { unfinishedPlan } from './find.ts';

export interface ResumeOptions extends Omit<ApplyOptions, 'directory'>, Pick<PlanOptions, 'init' | 'details' | 'attributes' | 'page'> {
  /** Plan directory; by default the newest one that was begun and not finished. */
  readonly directory?: string | undefined;
}

/** What of an interrupted run was left, planned again. */
export interface FollowUp {
  readonly plan: PlanRun;
  /**
   * Stacks whose new plan holds changes that were not in the plan that was cut off, with those changes. Empty: what is
   * left is part of what was reviewed.
   */
  readonly beyond: readonly { readonly path: string; readonly changes: StackPlan['changes'] }[];
}

export interface ResumeRun {
  /** Absent: no run was interrupted. */
  readonly applied?: ApplyRun | undefined;
  /** Absent: nothing has to be planned again. */
  readonly followUp?: FollowUp | undefined;
}

/**
 * Goes on with a run that was interrupted. What is applied is skipped, what was never begun is applied as it was planned.
 * A stack cut off half-way cannot be: its plan is of a state that has moved. It is planned again, with all that is left
 * behind it, into a directory of its own, which is to be reviewed and applied like any other: here, too, what is applied
 * is what was reviewed.
 * @throws ProblemError as {@link apply} and {@link plan}
 */
export async function resume(options: ResumeOptions): Promise<ResumeRun> {
  const { root } = options;
  requirePromise(options.binary, 'resume', 'apply --resume');
  const directory = options.directory ?? unfinishedPlan(root);
  if (directory === undefined) return {};
  const manifest = readManifest(path.resolve(root, directory), directory);
  const applied = await apply({ ...options, directory });
  const cutOff = applied.stacks.filter((stack) => stack.cutOff === true);
  if (cutOff.length === 0 || options.signal?.aborted === true) return { applied };
  const left = applied.stacks.filter((stack) => stack.result !== 'applied' && stack.result !== 'unchanged').map((stack) => stack.path);
  const removed = manifest.stacks.filter((stack) => stack.removed === true && stack.state === 'planned').map((stack) => stack.path);
  const followUp = await plan({
    ...options,
    select: { expressions: left.map((glob) => canonicalText({ kind: 'field', field: 'path', glob, column: 1 })) },
    allowRemove: removed.length === 0 ? undefined : removed,
    // What was allowed to go was allowed when that plan was made, and what is left of it is among that.
    destroy: manifest.purpose === undefined ? undefined : { allow: left },
    continues: manifest.id,
  });
  return { applied, followUp: { plan: followUp, beyond: beyondReview(followUp.stacks, manifest.stacks) } };
}

/** Changes that are planned now and were not before: another action, or another resource. */
export function beyondReview(now: readonly StackPlan[], before: readonly Pick<StackPlan, 'path' | 'changes'>[]): FollowUp['beyond'] {
  const reviewed = new Map(before.map(({ path: name, changes }) => [name, new Set(changes.map(changeKey))]));
  return now
    .map(({ path: name, changes }) => ({ path: name, changes: changes.filter((change) => reviewed.get(name)?.has(changeKey(change)) !== true) }))
    .filter(({ changes }) => changes.length > 0);
}

function changeKey({ address, actions }: StackPlan['changes'][number]): string {
  return `${address} ${actions.join(' ')}`;
}

/** Exit code of `apply` and of `apply --resume`: 1 failed or stopped, 2 something waits or was planned again, 0 all is applied. */
export function applyVerdict(stacks: readonly StackApply[], followUp?: FollowUp): 0 | 1 | 2 {
  if (followUp !== undefined) {
    if (followUp.plan.directory !== undefined && followUp.plan.stacks.every((stack) => stack.state === 'unchanged')) return 0;
    if (followUp.plan.unavailable !== undefined || followUp.plan.stacks.some((stack) => stack.state === 'failed')) return 1;
    const again = new Set(followUp.plan.stacks.map((stack) => stack.path));
    return stacks.some((stack) => (stack.result === 'failed' || stack.result === 'stopped') && !again.has(stack.path)) ? 1 : 2;
  }
  if (stacks.some((stack) => stack.result === 'failed' || stack.result === 'stopped')) return 1;
  return stacks.some((stack) => stack.result === 'waits') ? 2 : 0;
}
