import { problem, type Problem } from '../../core/index.ts';
import { examine, settleIfAnswered, unansweredText, unaskable, type Finding } from './find.ts';
import { clearUnrecorded, reopenSettled, stacksToAnswer } from './files.ts';
import type { OrphanReport } from './types.ts';

/**
 * Before anything is planned: asks the clouds of stacks a crash left a question about. What nothing is left of is settled
 * here; of the rest the plan is refused, because it would make again what exists.
 */
export async function unansweredStacks(finding: Finding, chosen: (stack: string) => boolean): Promise<ReadonlyMap<string, OrphanReport>> {
  const unanswered = new Map<string, OrphanReport>();
  for (const stack of stacksToAnswer(finding.root)) {
    if (!chosen(stack)) continue;
    const report = await reportOf(finding, stack);
    if (!settleIfAnswered(finding, report)) unanswered.set(stack, report);
  }
  return unanswered;
}

/**
 * A second look, right before a stack is applied: what an earlier apply had in flight and nobody found when it was planned may
 * have been made since, late. Returns why it must not be applied, and the question is open again; undefined: it may.
 */
export async function secondLook(finding: Finding, stack: string): Promise<string | undefined> {
  if (!reopenSettled(finding.root, stack)) return undefined;
  const report = await reportOf(finding, stack);
  if (report.settled) {
    clearUnrecorded(finding.root, stack);
    return undefined;
  }
  return `made late, after it was planned: ${unansweredText(report)}`;
}

/** What is left over of one stack; that nobody could be asked is part of the answer. */
export async function reportOf(finding: Finding, stack: string): Promise<OrphanReport> {
  const agency = finding.stacks.find((one) => one.path === stack)?.agency ?? stack.split('.')[0] ?? stack;
  try {
    return (await examine(finding, stack)).report;
  } catch (error) {
    return unaskable(finding.root, stack, agency, error);
  }
}

/** The problem of a stack that is not planned before its question is answered. */
export function orphanProblem(report: OrphanReport): Problem {
  return problem('ENGINE-ORPHANS', unansweredText(report), {
    severity: 'warning',
    subject: report.stack,
    hint: `see "vcloud orphans list ${report.stack}"; nothing of this stack is planned or applied until it is answered`,
  });
}
