import * as fs from 'node:fs';
import * as path from 'node:path';
import { compareCodeUnits, isObject, sha256, writeFileAtomic } from '../core/index.ts';
import type { Engine } from './binary.ts';
import { readEngineLog } from './events.ts';
import { configurationFile, makeStateFolder } from './folders.ts';
import { initialisationDigest } from './initialise.ts';
import { runEngine, type Ended } from './process.ts';
import { plannedResource } from './resource-names.ts';
import type { Action, StackPlan, StackResource } from './types.ts';

/** What planning one stack takes. */
export interface StackPlanning {
  readonly root: string;
  readonly engine: Engine;
  readonly environment: Readonly<Record<string, string>>;
  readonly path: string;
  readonly agency: string;
  /** Configuration; absent: the stack is to be destroyed as it was last planned. */
  readonly json?: string | undefined;
  /** Real names by planned address. */
  readonly names: ReadonlyMap<string, StackResource>;
  readonly sandbox: boolean;
  /** Absolute paths the plan and its JSON are to be written to. */
  readonly planFile: string;
  readonly jsonFile: string;
  /** What the folder was initialised for. */
  readonly initialised: string | undefined;
  /** Runs one `init` at a time: parallel ones race on a shared cache of providers. */
  readonly initOnce: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface StackPlanned {
  readonly plan: StackPlan;
  readonly initialised?: string | undefined;
  /** SHA-256 of the two files, where there are changes. */
  readonly saved?: { readonly sha256: string; readonly jsonSha256: string } | undefined;
}

/** Plans one stack: `plan`, and `show` only where something would change. Failures are values. */
export async function planStack(planning: StackPlanning): Promise<StackPlanned> {
  const folder = makeStateFolder(planning.root, planning.path);
  const configuration = path.join(folder, configurationFile);
  const destroy = planning.json === undefined;
  if (planning.json !== undefined) writeFileAtomic(configuration, planning.json, { mode: 0o600, durable: false });
  else if (!fs.existsSync(configuration)) writeFileAtomic(configuration, '{}', { mode: 0o600 });
  let milliseconds = 0;
  const run = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await runEngine({ binary: planning.engine.binary, arguments: args, folder, environment: planning.environment });
    milliseconds += ended.milliseconds;
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
    ...(destroy ? { removed: true } : {}),
  };
  const failed = (ended: Ended): StackPlanned => ({ plan: { ...empty, state: 'failed', error: errorOf(ended), milliseconds } });

  const needs = initialisationDigest(planning.json ?? fs.readFileSync(configuration, 'utf8'));
  let initialised = planning.initialised;
  if (needs !== undefined && (needs !== initialised || !fs.existsSync(path.join(folder, '.terraform')))) {
    const ended = await planning.initOnce(() => run('init', '-input=false', '-no-color'));
    if (ended.code !== 0) return failed(ended);
    initialised = needs;
  }
  // A run that was killed may still be giving back its lock.
  const args = ['plan', '-json', '-input=false', '-lock-timeout=60s', '-detailed-exitcode', `-out=${planning.planFile}`];
  const ended = await run(...args, ...(destroy ? ['-destroy'] : []));
  if (ended.code === 0) {
    fs.rmSync(planning.planFile, { force: true });
    return { plan: { ...empty, state: 'unchanged', milliseconds }, initialised };
  }
  if (ended.code !== 2) return failed(ended);
  const shown = await run('show', '-json', planning.planFile);
  if (shown.code !== 0) return failed(shown);
  writeFileAtomic(planning.jsonFile, shown.stdout, { mode: 0o600, durable: false });
  const summary = summarise(shown.stdout, planning.names, planning.sandbox);
  return {
    plan: { ...empty, ...summary, state: 'planned', milliseconds },
    initialised,
    saved: { sha256: sha256(fs.readFileSync(planning.planFile)), jsonSha256: sha256(shown.stdout) },
  };
}

function errorOf(ended: Ended): string {
  const { errors } = readEngineLog(ended.stdout);
  const text = [...errors, ended.stderr.trim()].filter((part) => part !== '').join('\n');
  if (text !== '') return text;
  return ended.signal === undefined ? `the engine ended with ${ended.code ?? 'no exit code'}` : `the engine was ended by ${ended.signal}`;
}

/** Counts and changes of a plan in `show -json` form. A replacement counts as one destroyed and one added. */
export function summarise(
  text: string,
  names: ReadonlyMap<string, StackResource>,
  sandbox: boolean,
): Pick<StackPlan, 'add' | 'change' | 'destroy' | 'changes' | 'outputs'> {
  const value: unknown = JSON.parse(text);
  const plan = isObject(value) ? value : {};
  const counts = { add: 0, change: 0, destroy: 0 };
  const changes: { address: string; type: string; actions: readonly Action[] }[] = [];
  for (const entry of Array.isArray(plan['resource_changes']) ? (plan['resource_changes'] as unknown[]) : []) {
    if (!isObject(entry) || entry['mode'] !== 'managed' || typeof entry['address'] !== 'string') continue;
    const actions = actionsOf(entry['change']);
    if (actions.length === 1 && actions[0] === 'no-op') continue;
    if (actions.includes('create') || actions.includes('replace')) counts.add++;
    if (actions.includes('delete') || actions.includes('replace')) counts.destroy++;
    if (actions.includes('update')) counts.change++;
    const base = entry['address'].replace(/\[[^\]]*\]$/u, '');
    const known = names.get(entry['address']) ?? names.get(base);
    const real = sandbox ? plannedResource(entry['address']) : { address: entry['address'], type: String(entry['type']) };
    changes.push({ address: known?.address ?? real.address, type: known?.type ?? real.type, actions });
  }
  const outputs = Object.values(isObject(plan['output_changes']) ? plan['output_changes'] : {}).filter((change) => !actionsOf(change).includes('no-op')).length;
  return { ...counts, changes: changes.sort((a, b) => compareCodeUnits(a.address, b.address)), outputs };
}

function actionsOf(change: unknown): Action[] {
  const actions = isObject(change) && Array.isArray(change['actions']) ? (change['actions'] as Action[]) : [];
  return actions.includes('delete') && actions.includes('create') ? ['replace'] : actions;
}
