import { plural, problem, type Problem } from '../../../modules/core/basics.ts';
import type { PlanRun, StackPlan } from '../../../modules/engine/index.ts';
import type { Context, ExitCode, Verb } from '../../kit.ts';
import { lastWords, reportOption, runHelp, writeReport } from './run.ts';
import { stopOnInterrupt } from './interrupt.ts';
import { selectionHelp, selectionOf, selectionOptions } from './selection.ts';
import { preflightHelp, preflightLine, preflightOption } from './preflight.ts';
import { byAgency, chdir, counts, prepared, textOf, total, words } from './shared.ts';

export const planVerb: Verb = {
  name: 'plan',
  summary: 'work out what would change and save it for apply',
  description: `Synthesises every stack and plans those whose inputs are known, into one directory with the hash of everything the plans follow from. A stack that reads what another has yet to make waits for it; no value is ever assumed. Stacks nothing happened to since their last plan are not planned again (--all plans them too, to see what changed behind our back). A stack that has a state and is no longer declared is only reported, unless --allow-remove allows its destruction.

${preflightHelp} A stack with a fault is refused; the others go on.

${selectionHelp}

${runHelp}

data of --json: {id, directory, engine: {name, version}, environment, stacks: [{path, agency, state, waitsFor, add, change, destroy, outputs, changes: [{address, type, actions}], removed, reason, error, milliseconds, attempts, log}], excluded, limits: {parallelism, init}, approvals: [{rule, agency, count, of, because}], preflight: {mode, pass, fail, unknown, findings: [{check, stacks, result, message, hint, cloud, address, construct, place}]}, unavailable: {reason, hint}}`,
  options: [
    ...selectionOptions,
    { flags: '--all', description: 'plan every stack again' },
    { flags: '--attributes', description: 'read every change attribute by attribute, also where more than 25 stacks are only created' },
    { flags: '--details', description: 'save each plan as JSON too, values included: for the owner only, it may hold secrets' },
    preflightOption,
    reportOption,
    { flags: '--encrypt-to <recipients...>', description: 'encrypt the saved plans to these age recipients (age1...), for transport between jobs' },
    {
      flags: '--key <reference>',
      description: 'sign who planned (file:PATH, ssh:PATH, ssh-agent; the key of a principal), so that a job elsewhere can keep planner and approver apart',
    },
    {
      flags: '--allow-remove [paths...]',
      description: 'plan the destruction of stacks that are no longer declared (all, or those named); what was protected or holds data only where named',
    },
  ],
  examples: [
    { line: 'vcloud plan', does: 'plans everything that changed' },
    { line: 'vcloud plan --agency mst', does: 'plans the stacks of one ministry' },
    {
      line: 'vcloud plan --select "changed and tag:critical" --report plan.json',
      does: 'plans what differs from its last apply and is tagged so; a program reads the rest',
    },
    { line: 'vcloud plan --allow-remove mst.ndxp.workload', does: 'also plans to destroy this stack, which is no longer declared' },
  ],
  exits: { 0: 'no differences', 1: 'error: a stack cannot be planned, or there is no engine on this machine', 2: 'differences' },
  async run(context, _, options) {
    const { lastLines, plan, planReport, preflightProblems, reporting } = await import('../../../modules/engine/index.ts');
    const made = await prepared(context);
    const { federation, stacks, findings, allocated } = made;
    const { engineOptions, planContext } = await import('../../../modules/federate.ts');
    const started = new Date();
    const stop = stopOnInterrupt(context, 'plan');
    const run = await plan({
      root: context.root,
      stacks,
      select: selectionOf(options),
      all: options['all'] === true,
      details: options['details'] === true,
      signal: stop.signal,
      encryptTo: options['encryptTo'] as readonly string[] | undefined,
      allowRemove: options['allowRemove'] as boolean | readonly string[] | undefined,
      attributes: options['attributes'] === true,
      key: textOf(options['key']),
      preflightMode: options['preflight'] === 'static' ? 'static' : 'full',
      ...planContext(context.root, made),
      ...engineOptions(federation.settings),
      onMessage: reporting(context.reporter, context.language),
    }).finally(() => stop.dispose());
    const problems: Problem[] = [...findings, ...(run.problems ?? [])];
    if (run.preflight !== undefined) problems.push(...preflightProblems(run.preflight).filter(({ severity }) => severity !== 'note'));
    if (run.unavailable) problems.push(problem('ENGINE-UNAVAILABLE', run.unavailable.reason, { hint: run.unavailable.hint }));
    for (const stack of run.stacks) if (stack.error !== undefined) problems.push(problem('ENGINE-PLAN-FAILED', stack.error, { subject: stack.path }));
    if (allocated > 0) {
      const message = `${plural(allocated, 'block')} in this plan ${allocated === 1 ? 'is' : 'are'} not in the lock yet`;
      problems.push(
        problem('ENGINE-NOT-ALLOCATED', message, {
          severity: 'warning',
          hint: 'run "vcloud net allocate" and plan again, or another plan may give them to someone else',
        }),
      );
    }
    const exit = planExit(run);
    writeReport(context, options, planReport(run, { started, ended: new Date(), exit, problems }));
    return {
      exit,
      data: run,
      text: `${planText(run, context)}${lastWords(
        context,
        run.stacks.filter((stack) => stack.state === 'failed'),
        lastLines,
      )}`,
      problems,
    };
  },
};

/** Exit code of a plan: 1 where one failed, 0 where nothing is to be done. */
export function planExit(run: PlanRun): ExitCode {
  if (run.unavailable !== undefined || run.stacks.some((stack) => stack.state === 'failed')) return 1;
  return run.stacks.every((stack) => stack.state === 'unchanged') ? 0 : 2;
}

/** A plan as people read it on a terminal. */
export function planText(run: PlanRun, context: Context): string {
  const text = words[context.language];
  if (run.unavailable !== undefined) return '';
  const lines: string[] = [`${run.id}  ${run.engine?.name ?? ''} ${run.engine?.version ?? ''}${run.environment === 'sandbox' ? ` (${text.sandbox})` : ''}`, ''];
  const gone = run.stacks.flatMap((stack) =>
    stack.changes.filter((change) => change.actions.some((action) => action === 'delete' || action === 'replace')).map((change) => ({ stack, change })),
  );
  if (gone.length > 0) {
    lines.push(text.destroyed);
    for (const { stack, change } of gone) lines.push(`  ${change.actions.includes('replace') ? '-/+' : '-'} ${stack.path}  ${change.address}`);
    lines.push('');
  }
  for (const [agency, stacks] of byAgency(run.stacks)) {
    const shown = stacks.filter((stack) => stack.state !== 'unchanged');
    if (shown.length === 0) continue;
    lines.push(`${agency}  ${[counts(total(shown)), keptText(shown, text)].filter((part) => part !== '').join(', ')}`.trimEnd());
    for (const stack of shown) lines.push(`  ${stack.path}  ${stateText(stack, text)}`);
  }
  const unchanged = run.stacks.filter((stack) => stack.state === 'unchanged').length;
  const looked = preflightLine(run.preflight, context.language);
  if (looked !== undefined) lines.push(looked);
  if (unchanged === run.stacks.length) return [...lines, text.nothing].join('\n');
  if (unchanged > 0) lines.push(text.unchanged(unchanged));
  lines.push('', `${text.directory} ${run.directory ?? ''}`);
  if (run.exact !== false) lines.push(`${text.review} ${run.directory ?? ''}/plan.html`);
  const approvals = run.approvals ?? [];
  for (const { rule, count, of } of approvals) lines.push(`${text.approval} ${rule}: ${count} / ${of.join(', ')}`);
  if (approvals.length > 0) lines.push(`${text.next} vcloud approve${chdir(context)} ${run.directory ?? ''} --key ssh-agent`);
  if (run.stacks.some((stack) => stack.state === 'planned'))
    lines.push(`${text.next} vcloud apply${chdir(context)} ${run.directory ?? ''}${run.exact === false ? ' --accept-inexact' : ''}`);
  return lines.join('\n');
}

function stateText(stack: StackPlan, text: (typeof words)['en' | 'vi']): string {
  if (stack.state === 'waits') return `${text.waits} ${stack.waitsFor.join(', ')}`;
  if (stack.state === 'failed') return text.failed;
  if (stack.state === 'skipped') return `-${stack.destroy} ${text.removed}`;
  return [counts(stack), keptText([stack], text)].filter((part) => part !== '').join(', ') || `${text.outputs} ~${stack.outputs ?? 0}`;
}

/** What is taken in or renamed and stays as it is. */
function keptText(stacks: readonly StackPlan[], text: (typeof words)['en' | 'vi']): string {
  const number = (action: 'import' | 'move'): number =>
    stacks.reduce((sum, { changes }) => sum + changes.filter(({ actions }) => actions.includes(action)).length, 0);
  const [taken, renamed] = [number('import'), number('move')];
  return [taken > 0 ? text.taken(taken) : '', renamed > 0 ? text.renamed(renamed) : ''].filter((part) => part !== '').join(', ');
}
