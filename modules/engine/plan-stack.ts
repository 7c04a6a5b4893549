import * as fs from 'node:fs';
import * as path from 'node:path';
import { isObject, ProblemError, readTextIfPresent, sha256, writeFileAtomic } from '../core/index.ts';
import type { Engine } from './binary.ts';
import { readEngineLog } from './events.ts';
import { configurationFile } from './folders.ts';
import type { SavedDigests } from './manifest.ts';
import { runEngine, type Ended } from './process.ts';
import { providersIn } from './providers.ts';
import { writeChanges } from './review/index.ts';
import { summarise } from './summarise.ts';
import type { States } from './store/states.ts';
import type { DeclaredStack, StackPlan, StackResource } from './types.ts';
import { mustInitialise, openWorkspace, type Workspace } from './workspace.ts';

/** What planning one stack takes. */
export interface StackPlanning {
  readonly root: string;
  readonly engine: Engine;
  /** Environment of its processes, credentials included; throws a ProblemError where they do not resolve. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** Absolute path of the file that gets what `init` and `plan` say; its folder is there. */
  readonly log?: string | undefined;
  /** Seconds one call of the engine may take. */
  readonly timeout?: number | undefined;
  readonly path: string;
  readonly agency: string;
  /** Absent: the stack is to be destroyed as it was last planned. */
  readonly stack?: DeclaredStack | undefined;
  /** Plan its destruction, although it is declared. */
  readonly destroy?: boolean | undefined;
  readonly states: States;
  /** Real names by planned address. */
  readonly names: ReadonlyMap<string, StackResource>;
  readonly sandbox: boolean;
  /** Absolute path the plan is to be written to. */
  readonly planFile: string;
  /** Absolute path its JSON is to be written to; absent: not wanted. */
  readonly jsonFile?: string | undefined;
  /** Absolute path its changes are to be written to attribute by attribute, without secrets; absent: not wanted. */
  readonly changesFile?: string | undefined;
  /** Is given what `show -json` prints of a saved plan. */
  readonly onShown?: ((shown: string) => Promise<void> | undefined) | undefined;
  /** What the folder was initialised for. */
  readonly initialised: string | undefined;
  /** Runs one `init` at a time: parallel ones race on a shared cache of providers. */
  readonly initOnce: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface StackPlanned {
  readonly plan: StackPlan;
  readonly initialised?: string | undefined;
  /** Digests of what was saved, where there are changes. */
  readonly saved?: SavedDigests | undefined;
}

/** Plans one stack. Failures are values. */
export async function planStack(planning: StackPlanning): Promise<StackPlanned> {
  try {
    const workspace = openWorkspace(planning.root, planning.path, planning.stack, planning.states);
    return await planIn(workspace, planning.environment(), planning);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { path, agency } = planning;
    const plan = { path, agency, waitsFor: [], add: 0, change: 0, destroy: 0, changes: [], milliseconds: 0 };
    return {
      plan: { ...plan, state: 'failed', error: error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`)).join('\n') },
    };
  }
}

async function planIn(workspace: Workspace, environment: Readonly<Record<string, string>>, planning: StackPlanning): Promise<StackPlanned> {
  const destroy = planning.stack === undefined || planning.destroy === true;
  let milliseconds = 0;
  const run = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await runEngine({ binary: planning.engine.binary, arguments: args, folder: workspace.folder, environment, timeout: planning.timeout });
    milliseconds += ended.milliseconds;
    // What `show` prints are values.
    if (args[0] !== 'show' && planning.log !== undefined) fs.appendFileSync(planning.log, `${ended.stdout}${ended.stderr}`, { mode: 0o600 });
    return ended;
  };
  const empty = {
    path: planning.path,
    agency: planning.agency,
    waitsFor: [],
    add: 0,
    change: 0,
    destroy: 0,
    changes: [],
    ...(planning.stack === undefined ? { removed: true } : {}),
  };
  const failed = (ended: Ended): StackPlanned => ({
    plan: { ...empty, state: 'failed', error: `${errorOf(ended)}${planning.stack === undefined ? removedHint(workspace.folder) : ''}`, milliseconds },
  });

  let initialised = planning.initialised;
  if (mustInitialise(workspace, initialised)) {
    const ended = await planning.initOnce(() => run('init', '-input=false', '-no-color', ...workspace.initArguments));
    if (ended.code !== 0) return failed(ended);
    initialised = workspace.needs;
  }
  // A run that was killed may still be giving back its lock.
  const args = ['plan', '-json', '-input=false', '-lock-timeout=60s', '-detailed-exitcode', `-out=${planning.planFile}`];
  const ended = await run(...args, ...workspace.planArguments, ...(destroy ? ['-destroy'] : []));
  if (ended.code === 0) {
    fs.rmSync(planning.planFile, { force: true });
    return { plan: { ...empty, state: 'unchanged', milliseconds }, initialised };
  }
  if (ended.code !== 2) return failed(ended);
  const summary = summarise(ended.stdout, planning.names, planning.sandbox && planning.stack?.folder === undefined);
  const detailed = await saveDetails(run, planning);
  if ('code' in detailed) return failed(detailed);
  return {
    plan: { ...empty, ...summary, state: 'planned', milliseconds },
    initialised,
    saved: {
      sha256: sha256(fs.readFileSync(planning.planFile)),
      ...detailed,
      providers: workspace.needs === undefined ? undefined : providersIn(workspace.folder),
    },
  };
}

/** Writes what was asked for of a saved plan: its JSON, values included, and its changes without secrets. Returns the digests, or how it failed. */
async function saveDetails(
  run: (...args: readonly string[]) => Promise<Ended>,
  { planFile, jsonFile, changesFile, onShown, path: name, names, sandbox, stack }: StackPlanning,
): Promise<Pick<SavedDigests, 'jsonSha256' | 'changesSha256'> | Ended> {
  if (jsonFile === undefined && changesFile === undefined && onShown === undefined) return {};
  const shown = await run('show', '-json', planFile);
  if (shown.code !== 0) return shown;
  await onShown?.(shown.stdout);
  if (jsonFile !== undefined) writeFileAtomic(jsonFile, shown.stdout, { mode: 0o600, durable: false });
  return {
    jsonSha256: jsonFile === undefined ? undefined : sha256(shown.stdout),
    changesSha256: changesFile === undefined ? undefined : writeChanges(changesFile, name, shown.stdout, names, sandbox && stack?.folder === undefined),
  };
}

/** What to do about a stack that is declared no more and cannot be planned without its configuration. */
function removedHint(folder: string): string {
  const configuration: unknown = JSON.parse(readTextIfPresent(path.join(folder, configurationFile)) ?? '{}');
  const known = isObject(configuration) && ['provider', 'resource'].some((part) => part in configuration);
  return known
    ? ''
    : '\nit is declared no more, and nothing is recorded of its providers (it was applied by an earlier version, or elsewhere): declare it as it was, run "vcloud destroy --stack" on it and apply that, then take the declaration out';
}

function errorOf(ended: Ended): string {
  const { errors } = readEngineLog(ended.stdout);
  const text = [...errors, ended.stderr.trim()].filter((part) => part !== '').join('\n');
  if (text !== '') return text;
  return ended.signal === undefined ? `the engine ended with ${ended.code ?? 'no exit code'}` : `the engine was ended by ${ended.signal}`;
}
