import * as fs from 'node:fs';
import * as path from 'node:path';
import { digestOf, fail, plural, privateFolder, problem, ProblemError, silent, sortedBy, withWriteLock } from '../../../core/index.ts';
import { childEnvironment } from '../../environment.ts';
import { planDirectory, planLogFile, stateFile, stateFolder, statesFolder } from '../../folders.ts';
import { appendLog, currentActor } from '../../log/index.ts';
import type { PlanOptions } from '../../plan.ts';
import { pendingImports } from '../../orphans/files.ts';
import { removeOldPlans } from '../../plan-files.ts';
import { runUnits } from '../../queue.ts';
import { limitsOf } from '../../schedule/index.ts';
import { chooseStacks, type Selectable } from '../../select/index.ts';
import { parseState, readStackFile } from '../../state.ts';
import type { Action, DeclaredStack, PlanRun, StackPlan } from '../../types.ts';
import { requirePromise } from '../promises.ts';
import { findPulumi, isEngineFound, providerProgram } from './find.ts';
import { previewFile, writePreview, type PreviewedStack } from './preview-file.ts';
import type { Program, PulumiChange } from './program.ts';
import { hasPulumiState, runPulumi } from './run.ts';
import { environments, passphraseOf, renderAll } from './setting.ts';

/** What a preview does to nothing that exists any more in the declarations. */
const nothing: Program = { providers: [], resources: [], outputs: {} };

/**
 * `plan` with Pulumi: a preview of every selected stack, recorded as one. It is not exact, and says so (ENGINE-INEXACT).
 * @throws ProblemError ENGINE-PROMISE, ENGINE-PULUMI-* (everything that cannot be carried over, of all stacks), ENGINE-OTHER-STATE
 */
export async function previewAll(options: PlanOptions): Promise<PlanRun> {
  const { root, reporter = silent } = options;
  if (options.backend !== undefined && options.backend.type !== 'local') requirePromise('pulumi', 'backends', `backend: ${options.backend.type}`);
  if (options.encryptTo !== undefined || options.details === true)
    requirePromise('pulumi', 'review', options.details === true ? '--details' : 'an encrypted plan directory');
  if (options.destroy !== undefined) requirePromise('pulumi', 'destroy', 'vcloud destroy');
  const importing = options.stacks.find(({ path: name }) => pendingImports(root, name).length > 0);
  if (importing !== undefined) requirePromise('pulumi', 'import', `an import asked for (${importing.path})`);
  const child = childEnvironment(process.env, options.environment);
  return await withWriteLock(root, 'plan', async () => {
    const removed = removedStacks(root, options.stacks);
    const candidates: Selectable[] = [...options.stacks, ...removed];
    const choice = chooseStacks(options.select ?? {}, { stacks: candidates, changed: () => new Set(candidates.map((stack) => stack.path)) });
    const chosen = sortedBy(
      options.stacks.filter((stack) => choice.paths.has(stack.path)),
      (stack) => stack.path,
    );
    const environment = chosen.some((stack) => stack.environment === 'production') || chosen.length === 0 ? 'production' : 'sandbox';
    const engine = findPulumi(child);
    const empty = { waitsFor: [], add: 0, change: 0, destroy: 0, changes: [], milliseconds: 0 };
    if (!isEngineFound(engine)) {
      const stacks = chosen.map(({ path: name, agency }): StackPlan => ({ ...empty, path: name, agency, state: 'skipped', reason: engine.reason }));
      return { id: digestOf(chosen.map((stack) => stack.digest)).slice(0, 16), environment, stacks, unavailable: engine };
    }
    refuseOtherStates(root, chosen);
    const programs = await renderAll(chosen, options);
    const passphrase = passphraseOf(root, options);
    const environmentOf = environments(options);
    const providers = providersOf(root, programs, child);
    const version = { name: 'pulumi', version: engine.version } as const;
    const id = digestOf([
      version,
      chosen.map(({ path: name, digest }) => [name, digest]),
      removed.map(({ path: name }) => name),
      options.allowRemove ?? false,
    ]).slice(0, 16);
    const directory = planDirectory(id);
    privateFolder(root, 'plans', id);
    privateFolder(root, 'logs', id);
    const limits = limitsOf(options, child);
    const results = new Map<string, { readonly plan: StackPlan; readonly previewed: PreviewedStack }>();
    const subjects = [
      ...chosen.map((stack) => ({ path: stack.path, agency: stack.agency, digest: stack.digest, after: stack.dependsOn, gone: false })),
      ...removed
        .filter(({ path: name }) => choice.paths.has(name))
        .map((stack) => ({ path: stack.path, agency: stack.agency, digest: undefined, after: usersOf(root, stack.path), gone: true })),
    ];
    const known = new Set(subjects.map((subject) => subject.path));
    await runUnits(
      subjects.map((subject) => ({ id: subject.path, after: [] })),
      { parallelism: limits.parallelism, signal: options.signal },
      async (name) => {
        const subject = subjects.find((one) => one.path === name);
        if (subject === undefined) return true;
        const { path: stack, agency, digest, gone } = subject;
        const base = { ...empty, path: stack, agency, ...(gone ? { removed: true } : {}) };
        const after = subject.after.filter((other) => known.has(other));
        const end = (plan: StackPlan, changes: readonly PulumiChange[] = []): boolean => {
          const { state, error } = plan;
          results.set(stack, { plan, previewed: { path: stack, agency, state: state as PreviewedStack['state'], digest, after, changes, error } });
          reporter.note(`${stack}: ${state}${error === undefined ? '' : `: ${error.split('\n')[0] ?? ''}`}`);
          return true;
        };
        const allowed = options.allowRemove === true || (Array.isArray(options.allowRemove) && (options.allowRemove as readonly string[]).includes(stack));
        if (gone && !allowed) return end({ ...base, state: 'skipped', reason: 'no longer declared, and destroyed only when allowed (--allow-remove)' });
        const log = planLogFile(id, stack);
        const program = programs.get(stack) ?? nothing;
        let ended;
        try {
          ended = await runPulumi({
            root,
            engine,
            environment: environmentOf(stack),
            passphrase,
            log: path.join(root, log),
            operation: gone ? 'preview-destroy' : 'preview',
            stack,
            program,
            providers,
          });
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          return end({ ...base, state: 'failed', error: error.message });
        }
        const { ok, changes, milliseconds } = ended;
        if (!ok) return end({ ...base, state: 'failed', error: ended.error ?? '', milliseconds, log });
        const shown = changes.map((change) => ({ address: change.address, type: change.type, actions: [actionOf(change.operation)] }));
        const counted = (...wanted: readonly Action[]): number => shown.filter(({ actions }) => actions.some((action) => wanted.includes(action))).length;
        const figures = { add: counted('create', 'replace'), change: counted('update'), destroy: counted('delete', 'replace') };
        return end({ ...base, ...figures, changes: shown, state: changes.length === 0 ? 'unchanged' : 'planned', milliseconds, log }, changes);
      },
    );
    const ordered = sortedBy([...results.values()], ({ plan }) => plan.path);
    const preview = { id, engine: version, environment, stacks: ordered.map((stack) => stack.previewed) } as const;
    const digest = writePreview(root, directory, preview);
    appendLog(root, {
      event: 'plan',
      by: currentActor(),
      plan: id,
      manifest: digest,
      details: { engine: `pulumi ${engine.version}`, environment, exact: false },
    });
    removeOldPlans(root, id);
    reporter.end(`${plural(ordered.length, 'stack')} previewed`);
    const problems = [
      ...choice.problems,
      problem('ENGINE-INEXACT', 'this is a preview of Pulumi and no plan: what is applied is worked out again then', {
        severity: 'warning',
        file: `${directory}/${previewFile}`,
        hint: '"vcloud apply" takes it only with --accept-inexact; for exactly what was reviewed, set engine.binary to terraform or tofu',
      }),
    ];
    return { id, directory, engine: version, exact: false, environment, stacks: ordered.map(({ plan }) => plan), limits, problems };
  });
}

/** Provider -> its program, of all that any stack needs. */
export function providersOf(root: string, programs: ReadonlyMap<string, Program>, environment: Readonly<Record<string, string>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { providers } of programs.values()) for (const provider of providers) found[provider.name] ??= providerProgram(root, provider, environment);
  return found;
}

/**
 * Refuses stacks that Terraform or OpenTofu holds: everything they have would be made a second time.
 * @throws ProblemError ENGINE-OTHER-STATE naming all of them
 */
export function refuseOtherStates(root: string, stacks: readonly DeclaredStack[]): void {
  const held = stacks.filter(({ path: name }) => {
    const file = path.join(stateFolder(root, name), stateFile);
    return fs.existsSync(file) && (parseState(fs.readFileSync(file, 'utf8'))?.head.resources ?? 1) > 0;
  });
  if (held.length === 0) return;
  fail('ENGINE-OTHER-STATE', `${held.map((stack) => stack.path).join(', ')}: applied with Terraform or OpenTofu, whose state Pulumi does not read`, {
    file: 'vcloud.yaml',
    hint: 'set engine.binary back; Pulumi would make everything a second time',
  });
}

interface RemovedStack extends Selectable {
  readonly removed: true;
}

/** Stacks Pulumi has a state of and nobody declares any more. */
function removedStacks(root: string, stacks: readonly DeclaredStack[]): RemovedStack[] {
  const declared = new Set(stacks.map((stack) => stack.path));
  const folder = statesFolder(root);
  const names = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  return names
    .filter((name) => !declared.has(name) && hasPulumiState(root, name) && readStackFile(root, name) !== undefined)
    .map((name): RemovedStack => {
      const record = readStackFile(root, name);
      const agency = record?.agency ?? name.split('.')[0] ?? name;
      return {
        path: name,
        agency,
        tenant: record?.tenant,
        cloud: record?.cloud,
        tags: record?.tags,
        dependsOn: record?.dependsOn ?? [],
        reads: [],
        removed: true,
      };
    });
}

/** Stacks that were applied as users of another: they go first. */
function usersOf(root: string, name: string): string[] {
  return fs
    .readdirSync(statesFolder(root))
    .filter((other) => other !== name && readStackFile(root, other)?.dependsOn.includes(name) === true)
    .sort();
}

/** Pulumi's operations in the words of plans. */
function actionOf(operation: string): Action {
  if (operation === 'create' || operation === 'import') return 'create';
  if (operation.startsWith('delete') || operation === 'discard') return 'delete';
  return operation.includes('replace') ? 'replace' : 'update';
}
