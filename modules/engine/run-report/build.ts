import { API_VERSION, sortedBy, type Problem } from '../../core/index.ts';
import type { ApplyRun, PlanRun, StackApply, StackPlan } from '../types.ts';
import type { RunReport, RunReportStack } from './schema.ts';

/** What the caller knows of a run beside its result. */
export interface RunFrame {
  readonly started: Date;
  readonly ended: Date;
  readonly exit: 0 | 1 | 2;
  readonly problems: readonly Problem[];
  readonly followUp?: string | undefined;
}

/** The report of a run of `plan`. */
export function planReport(run: PlanRun, frame: RunFrame): RunReport {
  return build('plan', run, run.stacks.map(ofPlan), frame);
}

/** The report of a run of `apply`. */
export function applyReport(run: ApplyRun, frame: RunFrame): RunReport {
  return build('apply', run, run.stacks.map(ofApply), frame);
}

function ofPlan(stack: StackPlan): RunReportStack {
  const { path, agency, state, waitsFor, add, change, destroy, reason, error, milliseconds, attempts = 1, log } = stack;
  const base = { path, agency, milliseconds: Math.round(milliseconds), attempts, log };
  switch (state) {
    case 'planned':
    case 'unchanged':
      return { ...base, result: 'succeeded', state, add, change, destroy };
    case 'waits':
      return { ...base, result: 'waits', by: waitsFor[0], because: `waits for ${waitsFor.join(', ')}` };
    case 'skipped':
      return { ...base, result: 'excluded', because: reason };
    case 'failed':
      return { ...base, result: 'failed', because: error };
  }
}

function ofApply(stack: StackApply): RunReportStack {
  const { path, agency, result, by, because, milliseconds, attempts = 1, log } = stack;
  const base = { path, agency, milliseconds: Math.round(milliseconds), attempts, log, because };
  if (result === 'applied' || result === 'unchanged') return { ...base, result: 'succeeded', state: result };
  return { ...base, result, by };
}

function build(verb: RunReport['verb'], run: PlanRun | ApplyRun, known: readonly RunReportStack[], frame: RunFrame): RunReport {
  const { id, directory, engine, environment, excluded = [], limits } = run;
  const left = excluded.map((path): RunReportStack => ({ path, result: 'excluded', because: 'not selected', milliseconds: 0, attempts: 0 }));
  const stacks = sortedBy([...known, ...left], (stack) => stack.path);
  const of = (result: RunReportStack['result']): number => stacks.filter((stack) => stack.result === result).length;
  return {
    apiVersion: API_VERSION,
    kind: 'RunReport',
    verb,
    id,
    directory,
    environment,
    engine,
    started: frame.started.toISOString(),
    ended: frame.ended.toISOString(),
    exit: frame.exit,
    limits,
    totals: { succeeded: of('succeeded'), failed: of('failed'), excluded: of('excluded'), waits: of('waits'), stopped: of('stopped') },
    stacks,
    followUp: frame.followUp,
    problems: frame.problems.map(({ code, severity, message, hint, subject, file, line, column }) => ({
      code,
      severity,
      message,
      hint,
      subject,
      file,
      line,
      column,
    })),
  };
}
