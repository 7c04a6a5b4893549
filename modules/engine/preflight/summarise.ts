import { plural, problem, sortedBy, type Problem } from '../../core/index.ts';
import type { Preflight, PreflightMode, PreflightResult } from './types.ts';

/** Counts passes and puts the rest in order. Pure. */
export function summarisePreflight(mode: PreflightMode, results: readonly PreflightResult[]): Preflight {
  const of = (verdict: PreflightResult['result']): PreflightResult[] => results.filter(({ result }) => result === verdict);
  const ordered = (list: readonly PreflightResult[]): PreflightResult[] =>
    sortedBy(list, ({ stacks, check, address, message }) => [stacks.join(' '), check, address ?? '', message].join('\n'));
  const [failed, unknown] = [of('fail'), of('unknown')];
  return { mode, pass: of('pass').length, fail: failed.length, unknown: unknown.length, findings: [...ordered(failed), ...ordered(unknown)] };
}

/** Stack -> its faults: such a stack is not planned. */
export function refusedStacks(results: readonly PreflightResult[]): Map<string, PreflightResult[]> {
  const refused = new Map<string, PreflightResult[]>();
  for (const result of results) {
    if (result.result !== 'fail') continue;
    for (const stack of result.stacks) refused.set(stack, [...(refused.get(stack) ?? []), result]);
  }
  return refused;
}

/** Why a stack is not planned, in one line. */
export function refusalText(faults: readonly PreflightResult[]): string {
  const [first] = faults;
  return `refused by preflight: ${plural(faults.length, 'fault')} (${first?.check ?? ''}: ${first?.message ?? ''}${faults.length > 1 ? '; ...' : ''})`;
}

/** Faults and what could not be looked at, as problems with their places. */
export function preflightProblems({ findings }: Preflight): Problem[] {
  return findings.map(({ check, stacks, result, message, hint, address, place, cloud }) => {
    const subject = [stacks.join(', ') || (cloud === undefined ? '' : `cloud ${cloud}`), address ?? ''].filter((part) => part !== '').join(' ');
    return problem(result === 'fail' ? 'ENGINE-PREFLIGHT' : 'ENGINE-PREFLIGHT-UNKNOWN', `${check}: ${message}`, {
      ...place,
      // That a sandbox asks nobody is as it should be.
      severity: result === 'fail' ? 'error' : stacks.length > 0 ? 'warning' : 'note',
      subject: subject === '' ? undefined : subject,
      hint,
    });
  });
}
