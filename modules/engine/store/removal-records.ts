import * as path from 'node:path';
import { API_VERSION, bringForward, canonicalJson, isObject, isSecretName, looksSecret, readTextIfPresent, sha256, writeFileAtomic } from '../../core/index.ts';
import { configurationFile, makeStateFolder, stackFile, stateFolder } from '../folders.ts';
import type { StackRecord } from '../state.ts';
import type { DeclaredStack } from '../types.ts';
import type { States } from './states.ts';

/** Digest of what was last recorded of a stack, in its working folder. */
const recordedFile = 'recorded';

/** What a clean checkout needs of a stack nobody declares any more, kept beside the states. Holds no secret. */
interface RemovalRecord {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'RemovalRecord';
  /** `stack.json`: agency, cloud, order. */
  readonly stack: StackRecord;
  /** What of its configuration a destruction needs; absent for an existing folder, which has its own. */
  readonly configuration?: string | undefined;
}

/**
 * Keeps beside remote states what removing these stacks will take, before they are applied: providers with their versions
 * and settings, cloud, agency, order. Asks the store only where that is news here.
 * @throws ProblemError ENGINE-BACKEND-UNREACHABLE
 */
export async function recordRemovals(root: string, states: States, stacks: readonly DeclaredStack[]): Promise<void> {
  const { common, of } = states;
  if (common.record === undefined) return;
  const news = new Map<string, string>();
  for (const stack of stacks) {
    if (of(stack.path) !== common) continue;
    const { path: name, agency, environment, tenant, cloud, authority, tags, protect, folder, dependsOn, reads } = stack;
    const base = { apiVersion: API_VERSION, kind: 'AppliedStack', path: name, agency, environment, tenant, cloud, authority, tags, protect, folder } as const;
    const record: RemovalRecord = {
      apiVersion: API_VERSION,
      kind: 'RemovalRecord',
      stack: { ...base, dependsOn, reads },
      configuration: stack.json === undefined ? undefined : whatDestroyNeeds(stack.json),
    };
    const text = canonicalJson(record);
    if (readTextIfPresent(path.join(stateFolder(root, name), recordedFile)) !== digestIn(states, text)) news.set(name, text);
  }
  if (news.size === 0) return;
  await common.record(news);
  for (const [name, text] of news) noteRecorded(root, states, name, text);
}

/**
 * Brings what was recorded of stacks that are in the store, not declared and unknown here into their working folders: from
 * then on they are as if they had been applied here.
 */
export async function recallRemovals(root: string, states: States, stacks: readonly string[]): Promise<void> {
  const { common } = states;
  if (common.records === undefined) return;
  const unknown = stacks.filter((stack) => readTextIfPresent(path.join(stateFolder(root, stack), stackFile)) === undefined);
  if (unknown.length === 0) return;
  const records = await common.records();
  for (const stack of unknown) {
    const text = records.get(stack);
    const found = text === undefined ? undefined : readRecord(text);
    if (text === undefined || found === undefined || found.stack.path !== stack) continue;
    const folder = makeStateFolder(root, stack);
    if (found.configuration !== undefined) writeFileAtomic(path.join(folder, configurationFile), found.configuration, { mode: 0o600 });
    writeFileAtomic(path.join(folder, stackFile), `${canonicalJson(found.stack, 2)}\n`, { mode: 0o600 });
    noteRecorded(root, states, stack, text);
  }
}

/**
 * Of a stack's Terraform JSON only what destroying it takes: versions and settings of providers, and the variables, locals and
 * data those settings refer to. What is a secret by name or look, and the defaults of sensitive variables, are not kept of any
 * of it: credentials are the process's own.
 */
export function whatDestroyNeeds(json: string): string {
  const whole: unknown = JSON.parse(json);
  const kept: Record<string, unknown> = {};
  const keep = (keys: readonly string[], value: unknown): void => {
    if (value === undefined) return;
    let at = kept;
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
    at[keys.at(-1) ?? ''] = value;
  };
  for (const name of ['required_providers', 'required_version']) keep(['terraform', name], valueAt(whole, ['terraform', name]));
  const provider = withoutSecrets(valueAt(whole, ['provider']));
  keep(['provider'], provider);
  const open: unknown[] = [provider];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const keys of referencesIn(next)) {
      const found = keptOf(keys, valueAt(whole, keys));
      if (found === undefined || valueAt(kept, keys) !== undefined) continue;
      keep(keys, found);
      open.push(found);
    }
  }
  return canonicalJson(kept, 2);
}

/**
 * What a record holds of a variable, a local or data that a provider's settings refer to. What is secret by name, look or
 * declaration is null there: what refers to it stays valid, and a setting that is null is left to the process's credentials.
 */
function keptOf(keys: readonly string[], found: unknown): unknown {
  const [section, name = ''] = keys;
  if (section === 'variable' && isObject(found)) {
    const { default: value, ...declared } = found;
    if (value === undefined) return found;
    if (found['sensitive'] !== true && !isSecret(name, value)) return { ...declared, default: withoutSecrets(value, true) };
    return found['nullable'] === false ? declared : { ...declared, default: null };
  }
  return section === 'locals' && isSecret(name, found) ? null : withoutSecrets(found, true);
}

/** Whether a value is a secret by the name it stands under or by its look; a reference is not, what it leads to may be. */
function isSecret(name: string, value: unknown): boolean {
  return typeof value === 'string' && !value.includes('${') && (isSecretName(name) || looksSecret(value));
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
}

const sections: Readonly<Record<string, string>> = { var: 'variable', local: 'locals', data: 'data' };

/** What `var.x`, `local.x`, `data.TYPE.NAME` in any text of a value are called in Terraform JSON. */
function referencesIn(value: unknown): string[][] {
  if (typeof value === 'string') {
    return [...value.matchAll(/\b(?:var|local|data\.[\w-]+)\.[\w-]+/gu)].map(([reference]) => {
      const [kind = '', ...names] = reference.split('.');
      return [sections[kind] ?? kind, ...names];
    });
  }
  if (Array.isArray(value)) return (value as unknown[]).flatMap(referencesIn);
  return isObject(value) ? Object.values(value).flatMap(referencesIn) : [];
}

/** A value without its secrets: left out, or null in their place. */
function withoutSecrets(value: unknown, nulled = false): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map((item) => withoutSecrets(item, nulled));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      if (!isSecret(name, item)) return [[name, withoutSecrets(item, nulled)]];
      return nulled ? [[name, null]] : [];
    }),
  );
}

function readRecord(text: string): RemovalRecord | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const value = bringForward(parsed, { file: 'the records beside the states' });
  return isObject(value) && value['kind'] === 'RemovalRecord' && isObject(value['stack']) ? (value as unknown as RemovalRecord) : undefined;
}

function digestIn(states: States, text: string): string {
  return sha256(`${states.identity} ${text}`);
}

function noteRecorded(root: string, states: States, stack: string, text: string): void {
  writeFileAtomic(path.join(makeStateFolder(root, stack), recordedFile), digestIn(states, text), { mode: 0o600, durable: false });
}
