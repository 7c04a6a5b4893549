import { problem, type Problem } from '../../../modules/core/basics.ts';
import type { ApplyRun, StackApply } from '../../../modules/engine/index.ts';
import type { Context, ExitCode, Verb } from '../../kit.ts';
import { byAgency, chdir, prepared, words } from './shared.ts';

export const applyVerb: Verb = {
  name: 'apply',
  summary: 'apply exactly the plans in a plan directory',
  description: `Runs the saved plans of one directory in the order of their dependencies, and plans nothing. Refuses, with nothing changed, when a configuration, the engine, a state or a saved plan is not what it was when the directory was made. Run again after an interruption it skips what is applied already.

Ctrl-C once: no further stack is started, those that run are waited for. Twice: leaves them running alone; the next plan or apply waits for them. A running apply is never signalled, because what it has in flight would be orphaned.

data of --json: {id, stacks: [{path, agency, result, because, milliseconds}]}, result one of applied, unchanged, waits, failed, stopped`,
  arguments: [{ syntax: '<directory>', description: 'plan directory, as "vcloud plan" named it' }],
  examples: [{ line: 'vcloud apply .vcloud/plans/0123456789abcdef', does: 'applies what was reviewed there' }],
  exits: { 0: 'all of it is applied', 1: 'something failed or was refused', 2: 'what was ready is applied, other stacks wait: plan again' },
  async run(context, [directory = '']) {
    const { apply } = await import('../../../modules/engine/index.ts');
    const made = await prepared(context);
    const { federation, stacks } = made;
    const { engineOptions, planContext } = await import('../../../modules/federate.ts');
    const stop = stopOnInterrupt(context);
    try {
      const run = await apply({
        root: context.root,
        directory,
        stacks,
        facts: planContext(context.root, made).facts,
        asOf: context.asOf,
        ...engineOptions(federation.settings),
        reporter: context.reporter,
        signal: stop.signal,
      });
      const problems: Problem[] = [...(run.problems ?? [])];
      for (const stack of run.stacks)
        if (stack.result === 'failed') problems.push(problem('ENGINE-APPLY-FAILED', stack.because ?? '', { subject: stack.path }));
      return { exit: applyExit(run), data: run, text: applyText(run, context), problems };
    } finally {
      stop.dispose();
    }
  },
};

function applyExit(run: ApplyRun): ExitCode {
  if (run.stacks.some((stack) => stack.result === 'failed' || stack.result === 'stopped')) return 1;
  return run.stacks.some((stack) => stack.result === 'waits') ? 2 : 0;
}

/** First Ctrl-C: nothing more is started. Second: we go, the engines stay. */
function stopOnInterrupt({ reporter }: Context): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) {
      reporter.note('left: what was running goes on alone; the next plan or apply waits for it');
      process.exit(1);
    }
    controller.abort();
    reporter.note('stopping: no further stack is started, waiting for those that run (Ctrl-C again leaves them running alone; they are never signalled)');
  };
  process.on('SIGINT', onInterrupt);
  return { signal: controller.signal, dispose: () => process.off('SIGINT', onInterrupt) };
}

function applyText(run: ApplyRun, context: Context): string {
  const text = words[context.language];
  const lines: string[] = [];
  for (const [agency, stacks] of byAgency(run.stacks)) {
    const shown = stacks.filter((stack) => stack.result !== 'unchanged');
    if (shown.length === 0) continue;
    lines.push(agency);
    for (const stack of shown) lines.push(`  ${stack.path}  ${resultText(stack, text)}`);
  }
  const unchanged = run.stacks.filter((stack) => stack.result === 'unchanged').length;
  if (unchanged > 0) lines.push(text.unchanged(unchanged));
  if (run.stacks.some((stack) => stack.result === 'waits' || stack.result === 'failed' || stack.result === 'stopped'))
    lines.push(`${text.next} vcloud plan${chdir(context)}`);
  return lines.join('\n');
}

function resultText(stack: StackApply, text: (typeof words)['en' | 'vi']): string {
  const because = stack.because?.split('\n')[0];
  if (because === undefined) return text.results[stack.result];
  // What it waits for says that it waits.
  return stack.result === 'waits' && because.startsWith('waits ') ? because : `${text.results[stack.result]}: ${because}`;
}
