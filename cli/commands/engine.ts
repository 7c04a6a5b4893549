import * as path from 'node:path';
import { plural, problem, type Problem } from '../../modules/core/basics.ts';
import type { ApplyRun, PlanRun, StackApply, StackPlan } from '../../modules/engine/index.ts';
import type { Prepared } from '../../modules/federate.ts';
import type { Context, ExitCode, Verb } from '../kit.ts';

const selectors = [
  { flags: '--agency <id>', description: 'only the stacks of this organisation' },
  { flags: '--stack <path>', description: 'only this stack' },
] as const;

export const engineVerbs: readonly Verb[] = [
  {
    name: 'plan',
    summary: 'work out what would change and save it for apply',
    description: `Synthesises every stack and plans those whose inputs are known, into one directory with the hash of everything the plans follow from. A stack that reads what another has yet to make waits for it; no value is ever assumed. Stacks nothing happened to since their last plan are not planned again (--all plans them too, to see what changed behind our back). A stack that has a state and is no longer declared is only reported, unless --allow-remove allows its destruction.

data of --json: {id, directory, engine: {name, version}, environment, stacks: [{path, agency, state, waitsFor, add, change, destroy, outputs, changes: [{address, type, actions}], removed, reason, error, milliseconds}], unavailable: {reason, hint}}`,
    options: [
      ...selectors,
      { flags: '--all', description: 'plan every stack again' },
      { flags: '--details', description: 'save each plan as JSON too, values included: for the owner only, it may hold secrets' },
      { flags: '--allow-remove [paths...]', description: 'plan the destruction of stacks that are no longer declared (all, or those named)' },
    ],
    examples: [
      { line: 'vcloud plan', does: 'plans everything that changed' },
      { line: 'vcloud plan --agency mst', does: 'plans the stacks of one ministry' },
      { line: 'vcloud plan --allow-remove mst.ndxp.workload', does: 'also plans to destroy this stack, which is no longer declared' },
    ],
    exits: { 0: 'no differences', 1: 'error: a stack cannot be planned, or there is no engine on this machine', 2: 'differences' },
    async run(context, _, options) {
      const { plan } = await import('../../modules/engine/index.ts');
      const { federation, synthesis, allocated } = await prepared(context);
      const { settings } = federation;
      const run = await plan({
        root: context.root,
        stacks: synthesis.stacks,
        select: { agency: textOf(options['agency']), stack: textOf(options['stack']) },
        all: options['all'] === true,
        details: options['details'] === true,
        allowRemove: options['allowRemove'] as boolean | readonly string[] | undefined,
        binary: settings.engine.binary,
        parallelism: settings.engine.parallelism,
        reporter: context.reporter,
      });
      const problems: Problem[] = [...(run.problems ?? [])];
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
      return { exit: planExit(run), data: run, text: planText(run, context), problems };
    },
  },
  {
    name: 'apply',
    summary: 'apply exactly the plans in a plan directory',
    description: `Runs the saved plans of one directory in the order of their dependencies, and plans nothing. Refuses, with nothing changed, when a configuration, the engine, a state or a saved plan is not what it was when the directory was made. Run again after an interruption it skips what is applied already.

Ctrl-C once: no further stack is started, those that run are waited for. Twice: leaves them running alone; the next plan or apply waits for them. A running apply is never signalled, because what it has in flight would be orphaned.

data of --json: {id, stacks: [{path, agency, result, because, milliseconds}]}, result one of applied, unchanged, waits, failed, stopped`,
    arguments: [{ syntax: '<directory>', description: 'plan directory, as "vcloud plan" named it' }],
    examples: [{ line: 'vcloud apply .vcloud/plans/0123456789abcdef', does: 'applies what was reviewed there' }],
    exits: { 0: 'all of it is applied', 1: 'something failed or was refused', 2: 'what was ready is applied, other stacks wait: plan again' },
    async run(context, [directory = '']) {
      const { apply } = await import('../../modules/engine/index.ts');
      const { federation, synthesis } = await prepared(context);
      const { settings } = federation;
      const stop = stopOnInterrupt(context);
      try {
        const run = await apply({
          root: context.root,
          directory,
          stacks: synthesis.stacks,
          binary: settings.engine.binary,
          parallelism: settings.engine.parallelism,
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
  },
  {
    name: 'state list',
    summary: 'stacks that have a state',
    description: 'data of --json: [{stack, resources}]',
    examples: [{ line: 'vcloud state list', does: 'lists stacks with the number of resources their state holds' }],
    exits: { 0: 'found', 1: 'error', 2: 'no stack has a state' },
    async run({ root }) {
      const { listStates, readState } = await import('../../modules/engine/index.ts');
      const data = listStates(root).map((stack) => ({ stack, resources: readState(root, stack)?.length ?? 0 }));
      return { exit: data.length > 0 ? 0 : 2, data, text: data.map(({ stack, resources }) => `${stack}  ${resources}`).join('\n') };
    },
  },
  {
    name: 'state show',
    summary: 'resources in the state of one stack',
    description: 'Addresses, types and ids only: a state holds secrets in clear. data of --json: [{address, type, id}]',
    arguments: [{ syntax: '<stack>', description: 'path of the stack' }],
    examples: [{ line: 'vcloud state show mst.ndxp.platform', does: 'lists what this stack made' }],
    exits: { 0: 'found', 1: 'error', 2: 'the stack has no state' },
    async run({ root }, [stack = '']) {
      const { readState } = await import('../../modules/engine/index.ts');
      const data = (readState(root, stack) ?? []).map(({ address, type, attributes }) => ({ address, type, id: textOf(attributes['id']) ?? null }));
      return { exit: data.length > 0 ? 0 : 2, data, text: data.map(({ address, id }) => `${address}  ${id ?? ''}`).join('\n') };
    },
  },
];

async function prepared({ root, asOf, reporter }: Context): Promise<Prepared> {
  const { prepare } = await import('../../modules/federate.ts');
  return await prepare(root, { asOf, reporter });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function planExit(run: PlanRun): ExitCode {
  if (run.unavailable !== undefined || run.stacks.some((stack) => stack.state === 'failed')) return 1;
  return run.stacks.every((stack) => stack.state === 'unchanged') ? 0 : 2;
}

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

const words = {
  en: {
    nothing: 'No differences.',
    destroyed: 'Destroyed or replaced:',
    unchanged: (count: number) => `${plural(count, 'stack')} unchanged`,
    waits: 'waits for',
    failed: 'failed',
    removed: 'no longer declared; kept (allow its destruction with --allow-remove)',
    outputs: 'outputs',
    directory: 'Plan directory:',
    next: 'Next:',
    again: 'Some stacks wait for others:',
    sandbox: 'sandbox: nothing real is touched',
    results: { applied: 'applied', unchanged: 'unchanged', failed: 'failed', stopped: 'stopped', waits: 'waits' },
  },
  vi: {
    nothing: 'Không có khác biệt.',
    destroyed: 'Sẽ bị xóa hoặc thay thế:',
    unchanged: (count: number) => `${count} ngăn xếp không đổi`,
    waits: 'chờ',
    failed: 'lỗi',
    removed: 'không còn được khai báo; vẫn giữ (cho phép xóa bằng --allow-remove)',
    outputs: 'đầu ra',
    directory: 'Thư mục kế hoạch:',
    next: 'Tiếp theo:',
    again: 'Một số ngăn xếp đang chờ:',
    sandbox: 'môi trường thử: không chạm vào hệ thống thật',
    results: { applied: 'đã áp dụng', unchanged: 'không đổi', failed: 'lỗi', stopped: 'đã dừng', waits: 'chờ' },
  },
} as const;

function planText(run: PlanRun, context: Context): string {
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
    lines.push(`${agency}  ${counts(total(shown))}`.trimEnd());
    for (const stack of shown) lines.push(`  ${stack.path}  ${stateText(stack, text)}`);
  }
  const unchanged = run.stacks.filter((stack) => stack.state === 'unchanged').length;
  if (unchanged === run.stacks.length) return [...lines, text.nothing].join('\n');
  if (unchanged > 0) lines.push(text.unchanged(unchanged));
  lines.push('', `${text.directory} ${run.directory ?? ''}`);
  if (run.stacks.some((stack) => stack.state === 'planned')) lines.push(`${text.next} vcloud apply${chdir(context)} ${run.directory ?? ''}`);
  return lines.join('\n');
}

function stateText(stack: StackPlan, text: (typeof words)['en' | 'vi']): string {
  if (stack.state === 'waits') return `${text.waits} ${stack.waitsFor.join(', ')}`;
  if (stack.state === 'failed') return text.failed;
  if (stack.state === 'skipped') return `-${stack.destroy} ${text.removed}`;
  return counts(stack) || `${text.outputs} ~${stack.outputs ?? 0}`;
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

/** `+3 ~1 -2`, zeros left out. */
function counts({ add, change, destroy }: Pick<StackPlan, 'add' | 'change' | 'destroy'>): string {
  return [add > 0 ? `+${add}` : '', change > 0 ? `~${change}` : '', destroy > 0 ? `-${destroy}` : ''].filter((part) => part !== '').join(' ');
}

function total(stacks: readonly StackPlan[]): Pick<StackPlan, 'add' | 'change' | 'destroy'> {
  const planned = stacks.filter((stack) => stack.state === 'planned');
  const sum = (field: 'add' | 'change' | 'destroy'): number => planned.reduce((all, stack) => all + stack[field], 0);
  return { add: sum('add'), change: sum('change'), destroy: sum('destroy') };
}

function byAgency<T extends { readonly agency: string }>(stacks: readonly T[]): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const stack of stacks) {
    const group = groups.get(stack.agency);
    if (group === undefined) groups.set(stack.agency, [stack]);
    else group.push(stack);
  }
  return [...groups];
}

/** ` -C FOLDER` where the federation is not the current folder. */
function chdir({ root }: Context): string {
  const relative = path.relative(process.cwd(), root);
  return relative === '' ? '' : ` -C ${relative}`;
}
