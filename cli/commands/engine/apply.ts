import { fail, problem, type Problem } from '../../../modules/core/basics.ts';
import type { ApplyRun, becauseText, FollowUp, StackApply } from '../../../modules/engine/index.ts';
import type { Context, Verb } from '../../kit.ts';
import { lastWords, reportOption, runHelp, writeReport } from './run.ts';
import { selectionHelp, selectionOf, selectionOptions } from './selection.ts';
import { stopOnInterrupt } from './interrupt.ts';
import { byAgency, chdir, prepared, textOf, words } from './shared.ts';

export const applyVerb: Verb = {
  name: 'apply',
  summary: 'apply exactly the plans in a plan directory',
  description: `Runs the saved plans of one directory in the order of their dependencies, and plans nothing. Refuses, with nothing changed, when a configuration, the engine, a state or a saved plan is not what it was when the directory was made. Run again after an interruption it skips what is applied already.

--select applies a part of the directory: what depends on a stack that is left out and not applied yet is stopped. The rest is applied by the same directory later, as long as nothing it was made from has changed.

${selectionHelp}

Ctrl-C once: no further stack is started, those that run are waited for. Twice: says what a third time would cost. Three times: leaves them running alone; the next plan or apply waits for them. A running apply is never signalled, because what it has in flight would be orphaned.

Approvals are judged as of today, whatever --as-of says: how long one counts is not for whoever applies to choose.

--resume goes on with an interrupted run: what is applied is skipped, what was never begun is applied as it was planned. A stack cut off half-way cannot be applied from its plan any more; it is planned again, with what is left behind it, into a new directory (exit 2), which is reviewed, approved and applied like any other, because only what was reviewed is applied. Whether it holds anything that was not in the plan that was cut off is said.

${runHelp}

data of --json: {id, directory, stacks: [{path, agency, result, by, because, milliseconds, attempts, cutOff, log}], excluded, limits, followUp: {plan, beyond: [{path, changes}]}}, result one of applied, unchanged, waits, failed, stopped`,
  arguments: [{ syntax: '[directory]', description: 'plan directory, as "vcloud plan" named it; with --resume the newest unfinished one by default' }],
  options: [
    ...selectionOptions,
    { flags: '--resume', description: 'go on with an interrupted run' },
    { flags: '--accept-inexact', description: 'apply a preview of Pulumi, which cannot promise to do exactly that' },
    { flags: '--identity <reference>', description: 'age key that opens an encrypted plan directory: file:PATH or env:NAME' },
    reportOption,
  ],
  examples: [
    { line: 'vcloud apply .vcloud/plans/0123456789abcdef', does: 'applies what was reviewed there' },
    { line: 'vcloud apply --resume', does: 'goes on with the run that was interrupted' },
  ],
  exits: {
    0: 'all of it is applied',
    1: 'something failed or was refused',
    2: 'what was ready is applied; other stacks wait, or what was cut off is planned again',
  },
  async run(context, [directory], options) {
    const resuming = options['resume'] === true;
    if (directory === undefined && !resuming) fail('CLI-USAGE', 'which plan directory?', { hint: 'give the directory "vcloud plan" named, or --resume' });
    const { apply, applyReport, applyVerdict, becauseText, lastLines, reporting, resume } = await import('../../../modules/engine/index.ts');
    const made = await prepared(context);
    const { federation, stacks } = made;
    const { engineOptions, planContext } = await import('../../../modules/federate.ts');
    const stop = stopOnInterrupt(context, 'apply');
    try {
      const started = new Date();
      const common = {
        root: context.root,
        stacks,
        select: selectionOf(options),
        acceptInexact: options['acceptInexact'] === true,
        ...planContext(context.root, made),
        // No day: whoever applies must not choose the one approvals are judged at.
        ...engineOptions(federation.settings),
        identity: textOf(options['identity']),
        onMessage: reporting(context.reporter, context.language),
        signal: stop.signal,
      };
      const { applied: run, followUp } = resuming
        ? await resume({ ...common, directory })
        : { applied: await apply({ ...common, directory: directory ?? '' }), followUp: undefined };
      if (run === undefined) return { exit: 0, data: null, text: words[context.language].nothingLeft };
      const problems: Problem[] = [...(run.problems ?? []), ...(followUp?.plan.problems ?? [])];
      for (const stack of run.stacks)
        if (stack.result === 'failed' && (followUp === undefined || stack.cutOff !== true))
          problems.push(problem('ENGINE-APPLY-FAILED', stack.because ?? '', { subject: stack.path }));
      const exit = applyVerdict(run.stacks, followUp);
      writeReport(context, options, applyReport(run, { started, ended: new Date(), exit, problems, followUp: followUp?.plan.directory }));
      const failed = run.stacks.filter((stack) => stack.result === 'failed');
      const text = `${applyText(run, context, becauseText)}${lastWords(context, failed, lastLines)}${followUp === undefined ? '' : followUpText(followUp, context)}`;
      return { exit, data: followUp === undefined ? run : { ...run, followUp }, text, problems };
    } finally {
      stop.dispose();
    }
  },
};

/** What was cut off, planned again. */
function followUpText({ plan, beyond }: FollowUp, context: Context): string {
  const text = words[context.language];
  const lines = ['', '', `${text.replanned} ${plan.directory ?? ''}`, beyond.length === 0 ? `  ${text.within}` : `  ${text.beyond}`];
  for (const { path, changes } of beyond) for (const { address, actions } of changes) lines.push(`    ${path}  ${address}  ${actions.join(', ')}`);
  if (plan.stacks.some((stack) => stack.state === 'planned')) lines.push(`${text.next} vcloud apply${chdir(context)} ${plan.directory ?? ''}`);
  return lines.join('\n');
}

function applyText(run: ApplyRun, context: Context, because: typeof becauseText): string {
  const text = words[context.language];
  const lines: string[] = [];
  for (const [agency, stacks] of byAgency(run.stacks)) {
    const shown = stacks.filter((stack) => stack.result !== 'unchanged');
    if (shown.length === 0) continue;
    lines.push(agency);
    for (const stack of shown) lines.push(`  ${stack.path}  ${resultText(stack, text, (why) => because(why, context.language))}`);
  }
  const unchanged = run.stacks.filter((stack) => stack.result === 'unchanged').length;
  if (unchanged > 0) lines.push(text.unchanged(unchanged));
  lines.push(totalsText(run, text));
  const interrupted =
    run.stacks.some((stack) => stack.result === 'stopped' && stack.by === undefined) && !run.stacks.some((stack) => stack.result === 'failed');
  if (interrupted) lines.push(`${text.next} vcloud apply${chdir(context)} --resume`);
  else if (run.stacks.some((stack) => stack.result === 'waits' || stack.result === 'failed' || stack.result === 'stopped'))
    lines.push(`${text.next} vcloud plan${chdir(context)}`);
  return lines.join('\n');
}

/** `12 applied, 180 unchanged, 1 failed`, and the time of the slowest. */
function totalsText({ stacks }: ApplyRun, text: (typeof words)['en' | 'vi']): string {
  const order = ['applied', 'unchanged', 'failed', 'stopped', 'waits'] as const;
  return order
    .map((result) => [result, stacks.filter((stack) => stack.result === result).length] as const)
    .filter(([, count]) => count > 0)
    .map(([result, count]) => `${count} ${text.results[result]}`)
    .join(', ');
}

function resultText(stack: StackApply, text: (typeof words)['en' | 'vi'], said: (because: string) => string): string {
  const because = stack.because?.split('\n')[0];
  if (because === undefined) return `${text.results[stack.result]}${stack.milliseconds > 0 ? `  ${(stack.milliseconds / 1000).toFixed(1)} s` : ''}`;
  // What it waits for says that it waits.
  return stack.result === 'waits' && because.startsWith('waits ') ? said(because) : `${text.results[stack.result]}: ${said(because)}`;
}
