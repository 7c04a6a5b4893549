import * as path from 'node:path';
import { API_VERSION, fail, plural, privateFolder, problem, ProblemError, Problems, silent, withWriteLock, type Problem } from '../../../core/index.ts';
import { loadApprovalPolicy } from '../../approval/policy.ts';
import type { ApplyOptions } from '../../apply.ts';
import { childEnvironment } from '../../environment.ts';
import { logFile, makeStateFolder } from '../../folders.ts';
import { appendLog, currentActor, logProblems, verifyLog } from '../../log/index.ts';
import { runUnits } from '../../queue.ts';
import { writeStackFile } from '../../running.ts';
import { limitsOf } from '../../schedule/index.ts';
import type { ApplyRun, StackApply } from '../../types.ts';
import { unavailable } from '../../verify.ts';
import { requirePromise } from '../promises.ts';
import { findPulumi, isEngineFound } from './find.ts';
import { providersOf, refuseOtherStates } from './preview.ts';
import { readPreview, type PreviewedStack } from './preview-file.ts';
import { runPulumi } from './run.ts';
import { environments, passphraseOf, renderAll } from './setting.ts';

const again = 'run "vcloud plan" again and review the new preview; nothing was changed';

/**
 * `apply` with Pulumi, of a directory that holds a preview. Taken only where `acceptInexact` says that this is known. Each stack
 * is previewed again immediately before, and refused where that shows other changes; what happens after that moment is Pulumi's.
 * @throws ProblemError ENGINE-PROMISE, ENGINE-INEXACT, ENGINE-STALE-ENGINE, ENGINE-STALE-STACK, ENGINE-OTHER-STATE, ENGINE-LOG-BROKEN
 */
export async function updateAll(options: ApplyOptions): Promise<ApplyRun> {
  const { root, reporter = silent } = options;
  if (loadApprovalPolicy(root) !== undefined) requirePromise('pulumi', 'exactPlan', 'policies/approvals.yaml');
  const directory = path.resolve(root, options.directory);
  const shown = (path.relative(root, directory) || '.').split(path.sep).join('/');
  const { preview, digest } = readPreview(directory, shown);
  if (options.acceptInexact !== true) {
    fail('ENGINE-INEXACT', `${shown} holds a preview of Pulumi: it cannot be applied exactly`, {
      file: `${shown}/preview.json`,
      hint: 'add --accept-inexact to have it worked out again and applied, or set engine.binary to terraform or tofu and plan',
    });
  }
  const child = childEnvironment(process.env, options.environment);
  return await withWriteLock(root, 'apply', async () => {
    const engine = findPulumi(child);
    if (!isEngineFound(engine)) throw new ProblemError(unavailable(engine));
    const current = new Map(options.stacks.map((stack) => [stack.path, stack]));
    const stale = new Problems();
    for (const broken of logProblems(verifyLog(root))) if (broken.severity === 'error') stale.absorb(new ProblemError(broken));
    if (engine.version !== preview.engine.version)
      stale.error('ENGINE-STALE-ENGINE', `previewed with pulumi ${preview.engine.version}, here is ${engine.version}`, { hint: again });
    for (const { path: subject, digest: before } of preview.stacks) {
      if (current.get(subject)?.digest !== before)
        stale.error('ENGINE-STALE-STACK', 'it is not declared any more as it was when it was previewed', { subject, hint: again });
    }
    const log = (event: string, details: Record<string, number | boolean>): void => {
      appendLog(root, { event, by: currentActor(), plan: preview.id, manifest: digest, details: { exact: false, ...details } });
    };
    stale.throwIfErrors();
    const chosen = preview.stacks.flatMap((stack) => current.get(stack.path) ?? []);
    refuseOtherStates(root, chosen);
    const programs = await renderAll(chosen, options);
    const passphrase = passphraseOf(root, options);
    const environmentOf = environments(options);
    const providers = providersOf(root, programs, child);
    const limits = limitsOf(options, child);
    privateFolder(root, 'logs', preview.id);
    log('apply-start', { stacks: preview.stacks.length });
    const results = new Map<string, StackApply>();
    const byPath = new Map(preview.stacks.map((stack) => [stack.path, stack]));

    async function one(stack: PreviewedStack): Promise<StackApply> {
      const base = { path: stack.path, agency: stack.agency, milliseconds: 0 };
      if (stack.state === 'unchanged') return { ...base, result: 'unchanged' };
      if (stack.state === 'skipped') return { ...base, result: 'waits', because: 'its removal was not allowed' };
      if (stack.state === 'failed') return { ...base, result: 'failed', because: `could not be previewed: ${stack.error ?? ''}` };
      const declared = current.get(stack.path);
      makeStateFolder(root, stack.path);
      if (declared !== undefined) {
        const { path: name, agency, environment, tenant, cloud, authority, tags, dependsOn, reads } = declared;
        const record = { path: name, agency, environment, tenant, cloud, authority, tags, dependsOn, reads };
        writeStackFile(root, { apiVersion: API_VERSION, kind: 'AppliedStack', ...record });
      }
      const file = logFile(preview.id, stack.path);
      const ended = await runPulumi({
        root,
        engine: engine as Exclude<typeof engine, { reason: string }>,
        environment: environmentOf(stack.path),
        passphrase,
        log: path.join(root, file),
        operation: declared === undefined ? 'destroy' : 'up',
        stack: stack.path,
        program: programs.get(stack.path) ?? { providers: [], resources: [], outputs: {} },
        providers,
        expected: stack.changes,
      });
      const { ok, milliseconds, error, reason } = ended;
      if (ok) return { ...base, result: 'applied', milliseconds, log: file };
      const hint =
        reason === 'locked'
          ? '; when no such process lives: pulumi cancel, and look in the cloud for what it had in flight'
          : reason === 'moved'
            ? `; ${again}`
            : '';
      return { ...base, result: 'failed', because: `${error ?? ''}${hint} (log: ${file})`, milliseconds, log: file };
    }

    const ends = await runUnits(
      preview.stacks.map(({ path: id, after }) => ({ id, after })),
      { parallelism: limits.parallelism, signal: options.signal },
      async (name) => {
        const stack = byPath.get(name);
        if (stack === undefined) return true;
        let result: StackApply;
        try {
          result = await one(stack);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          result = { path: name, agency: stack.agency, result: 'failed', because: error.message, milliseconds: 0 };
        }
        results.set(name, result);
        reporter.note(`${name}: ${result.result}${result.because === undefined ? '' : `: ${result.because.split('\n')[0] ?? ''}`}`);
        return result.result === 'applied' || result.result === 'unchanged';
      },
    );
    for (const [name, end] of ends) {
      const stack = byPath.get(name);
      if (stack === undefined || results.has(name)) continue;
      const because = end.end === 'stopped' ? `${end.by} did not end well` : 'interrupted before it began';
      results.set(name, { path: name, agency: stack.agency, result: 'stopped', because, by: end.end === 'stopped' ? end.by : undefined, milliseconds: 0 });
    }
    const stacks = preview.stacks.flatMap((stack) => results.get(stack.path) ?? []);
    log('apply-end', { stacks: stacks.length, failed: stacks.filter((stack) => stack.result === 'failed').length });
    reporter.end(plural(stacks.length, 'stack'));
    const problems: Problem[] = [
      problem('ENGINE-INEXACT', 'applied with Pulumi: not a reviewed plan, but what it worked out again', { severity: 'warning', hint: 'see docs/engines.md' }),
    ];
    return { id: preview.id, directory: shown, engine: preview.engine, environment: preview.environment, stacks, limits, problems };
  });
}
