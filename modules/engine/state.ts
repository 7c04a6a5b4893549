import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  bringForward,
  compareCodeUnits,
  digestOf,
  fail,
  isObject,
  plural,
  problem,
  readTextIfPresent,
  writeFileAtomic,
  type JsonObject,
  type Problem,
} from '../core/index.ts';
import { erroredFile, goodStateFile, mirrorFolder, stackFile, stateFile, stateFolder, statesFolder } from './folders.ts';
import { plannedResource } from './resource-names.ts';
import { sensitiveShape } from './store/mask.ts';
import type { FolderSource, StateResource } from './types.ts';

/** What identifies one version of a state, and what others may read of it. */
export interface StateHead {
  readonly serial: number;
  readonly lineage: string;
  /** Number of resource instances. */
  readonly resources: number;
  /** SHA-256 of the outputs. */
  readonly outputs: string;
}

/** Reads a state's text; undefined when it is no whole state (cut off, empty, something else). */
export function parseState(text: string): { readonly head: StateHead; readonly state: Record<string, unknown> } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || typeof value['serial'] !== 'number' || typeof value['lineage'] !== 'string') return undefined;
  const resources = Array.isArray(value['resources']) ? (value['resources'] as unknown[]) : [];
  let count = 0;
  for (const resource of resources) {
    if (isObject(resource) && resource['mode'] === 'managed' && Array.isArray(resource['instances'])) count += resource['instances'].length;
  }
  return {
    head: { serial: value['serial'], lineage: value['lineage'], resources: count, outputs: digestOf(value['outputs'] ?? {}) },
    state: value,
  };
}

/**
 * Copies a whole state aside when it is newer than the copy, because the engine rewrites its state in place: killed at
 * the wrong moment it leaves an empty file. `durable` also survives a power cut.
 */
export function keepGoodState(folder: string, options: { readonly durable: boolean }): StateHead | undefined {
  const text = readTextIfPresent(path.join(folder, stateFile));
  const found = text === undefined ? undefined : parseState(text);
  if (text === undefined || found === undefined) return undefined;
  writeFileAtomic(path.join(folder, goodStateFile), text, { mode: 0o600, durable: options.durable });
  return found.head;
}

/** A state made fit to use, and what had to be done for it. */
export interface MendedState {
  /** Absent when there is no state. */
  readonly head?: StateHead | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Makes sure the state of a stack is whole before anything is planned on it. A state that is empty, cut off or gone
 * where one was before is restored from the copy aside; it is never taken for "nothing exists".
 * @throws ProblemError ENGINE-STATE-UNREADABLE when it cannot be read and there is no copy, ENGINE-STATE-ERRORED when the
 * engine itself left it elsewhere, ENGINE-STATE-OTHER when it is none of the versions of the one seen before.
 */
export function mendState(root: string, stack: string): MendedState {
  const folder = stateFolder(root, stack);
  refuseErrored(root, stack, { remote: false });
  // An existing folder's own state is behind a link, and stays where it is.
  const file = throughLink(path.join(folder, stateFile));
  const shown = `.vcloud/state/${stack}/${stateFile}`;
  const text = readTextIfPresent(file);
  const current = text === undefined ? undefined : parseState(text);
  const goodText = readTextIfPresent(path.join(folder, goodStateFile));
  const good = goodText === undefined ? undefined : parseState(goodText);
  if (current !== undefined && text !== undefined) {
    refuseOther(stack, current.head, good?.head);
    const behind = good !== undefined && good.head.lineage === current.head.lineage && good.head.serial > current.head.serial;
    if (!behind) keepGoodState(folder, { durable: true });
    return {
      head: current.head,
      problems: behind
        ? [
            problem('ENGINE-STATE-OLDER', `the state is older than one seen before (serial ${current.head.serial}, seen ${good.head.serial})`, {
              severity: 'warning',
              file: shown,
              subject: stack,
              hint: `if nobody put it back on purpose, copy ${goodStateFile} over it`,
            }),
          ]
        : [],
    };
  }
  if (good === undefined || goodText === undefined) {
    if (text === undefined || text === '') return { problems: [] };
    return refuseUnreadable(stack);
  }
  if (text !== undefined && text !== '') writeFileAtomic(path.join(folder, `${stateFile}.broken`), text, { mode: 0o600 });
  writeFileAtomic(file, goodText, { mode: 0o600 });
  const what = text === undefined ? 'gone' : text === '' ? 'empty' : 'cut off';
  return {
    head: good.head,
    problems: [
      problem('ENGINE-STATE-RESTORED', `the state was ${what}; restored the last whole one (serial ${good.head.serial}, ${good.head.resources} resources)`, {
        severity: 'warning',
        file: shown,
        subject: stack,
        hint: 'an apply was killed while it wrote; what it had made and not recorded is named in its log',
      }),
    ],
  };
}

/**
 * Refuses a state that is not a later version of the one seen before, while that one held something: planned on it, all that
 * is known of would be made again.
 */
function refuseOther(stack: string, head: StateHead, good: StateHead | undefined): void {
  if (good === undefined || good.lineage === head.lineage || good.resources === 0) return;
  fail(
    'ENGINE-STATE-OTHER',
    `this is another state (lineage ${head.lineage.slice(0, 8)}, ${plural(head.resources, 'resource')}) than the one seen before (lineage ${good.lineage.slice(0, 8)}, serial ${good.serial}, ${plural(good.resources, 'resource')})`,
    {
      file: `.vcloud/state/${stack}/${stateFile}`,
      subject: stack,
      hint: `if nobody put it there on purpose, copy ${goodStateFile} over it; if it is meant, remove ${goodStateFile}`,
    },
  );
}

/** @throws ProblemError ENGINE-STATE-UNREADABLE */
export function refuseUnreadable(stack: string): never {
  return fail('ENGINE-STATE-UNREADABLE', 'the state is cut off or no state at all, and there is no copy of it', {
    file: `.vcloud/state/${stack}/${stateFile}`,
    subject: stack,
    hint: `look at ${stateFile}.backup beside it, or restore the file from your own backup; do not delete it: what exists would be created again`,
  });
}

/**
 * Refuses a stack whose state the engine could not write: what it left is newer than what is kept.
 * @throws ProblemError ENGINE-STATE-ERRORED
 */
export function refuseErrored(root: string, stack: string, { remote }: { readonly remote: boolean }): void {
  const left = erroredFiles(root, stack).find((file) => fs.existsSync(file));
  if (left === undefined) return;
  const kept = remote
    ? `run "terraform state push ${erroredFile}" in its folder with the backend's credentials, remove the file`
    : `move ${erroredFile} over .vcloud/state/${stack}/${stateFile}${fs.lstatSync(path.join(stateFolder(root, stack), stateFile), { throwIfNoEntry: false })?.isSymbolicLink() === true ? ' (the file its link leads to)' : ''}`;
  fail('ENGINE-STATE-ERRORED', `the engine could not write the state at the end of an apply and left it in ${erroredFile}`, {
    file: path.relative(root, left).split(path.sep).join('/'),
    subject: stack,
    hint: `see that there is room where it is kept, ${kept}, and plan again`,
  });
}

/** Where the engine would leave a state it cannot write: its working folder, which for an existing folder is a mirror of that. */
export function erroredFiles(root: string, stack: string): string[] {
  const folder = fs.existsSync(mirrorFolder(root, '')) ? readStackFile(root, stack)?.folder : undefined;
  const folders = [stateFolder(root, stack), ...(folder === undefined ? [] : [mirrorFolder(root, folder.path)])];
  return folders.map((one) => path.join(one, erroredFile));
}

/**
 * Resources of one stack as its state holds them, in address order; undefined when it has no state.
 * Reads the copy aside where the state itself is cut off. Real types are given even in the sandbox by `type`.
 */
export function readState(root: string, stack: string): StateResource[] | undefined {
  const folder = stateFolder(root, stack);
  for (const name of [stateFile, goodStateFile]) {
    const text = readTextIfPresent(path.join(folder, name));
    const found = text === undefined ? undefined : parseState(text);
    if (found !== undefined) return resourcesIn(stack, found.state).map(({ address, type, attributes }) => ({ stack, address, type, attributes }));
  }
  return undefined;
}

/** Stacks that have a working folder with a state, in code-unit order. */
export function listStates(root: string): string[] {
  let names: string[];
  try {
    names = fs.readdirSync(statesFolder(root));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => !name.startsWith('.') && [stateFile, goodStateFile].some((file) => fs.existsSync(path.join(statesFolder(root), name, file))))
    .sort(compareCodeUnits);
}

/** What a stack was when it was last applied; undefined when that was never written. */
export function readStackFile(root: string, stack: string): StackRecord | undefined {
  const text = readTextIfPresent(path.join(stateFolder(root, stack), stackFile));
  if (text === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const value = bringForward(parsed, { file: `.vcloud/state/${stack}/${stackFile}` });
  return isObject(value) && value['kind'] === 'AppliedStack' ? (value as unknown as StackRecord) : undefined;
}

/** `stack.json` in a stack's working folder. */
export interface StackRecord {
  readonly apiVersion: string;
  readonly kind: 'AppliedStack';
  readonly path: string;
  readonly agency: string;
  readonly environment: 'sandbox' | 'production';
  readonly tenant?: string | undefined;
  readonly cloud?: string | undefined;
  readonly authority?: 'operator' | 'tenant' | undefined;
  readonly tags?: readonly string[] | undefined;
  /** It was declared protected. */
  readonly protect?: boolean | undefined;
  /** The existing folder it is, where it is one. */
  readonly folder?: FolderSource | undefined;
  readonly dependsOn: readonly string[];
  readonly reads: readonly string[];
  /** What its last apply that ended well was of: its configuration, and the outputs it read. */
  readonly applied?: { readonly digest: string; readonly reads: Readonly<Record<string, string | null>> } | undefined;
}

/** The file behind a link; the link's target also where nothing is there yet. */
export function throughLink(file: string): string {
  try {
    return path.resolve(path.dirname(file), fs.readlinkSync(file));
  } catch {
    return file;
  }
}

/** A resource of a state and which of its values the state marks as sensitive. */
export interface MarkedResource extends StateResource {
  readonly sensitive: unknown;
}

/** Resources of a parsed state, in address order, with their marks. */
export function resourcesIn(stack: string, state: Record<string, unknown>): MarkedResource[] {
  const result: MarkedResource[] = [];
  for (const resource of Array.isArray(state['resources']) ? (state['resources'] as unknown[]) : []) {
    if (!isObject(resource) || resource['mode'] !== 'managed' || !Array.isArray(resource['instances'])) continue;
    const base = `${typeof resource['module'] === 'string' ? `${resource['module']}.` : ''}${String(resource['type'])}.${String(resource['name'])}`;
    for (const instance of resource['instances'] as unknown[]) {
      if (!isObject(instance) || !isObject(instance['attributes'])) continue;
      const key = instance['index_key'];
      const address = key === undefined ? base : `${base}[${JSON.stringify(key)}]`;
      const attributes = unwrapped(String(resource['type']), instance['attributes']);
      result.push({ stack, address, type: plannedResource(address).type, attributes, sensitive: sensitiveShape(instance['sensitive_attributes']) });
    }
  }
  return result.sort((a, b) => compareCodeUnits(a.address, b.address));
}

/** `terraform_data` keeps values of any type as `{ type, value }`; readers want the value. */
function unwrapped(type: string, attributes: Record<string, unknown>): JsonObject {
  if (type !== 'terraform_data') return attributes as JsonObject;
  const entries = Object.entries(attributes).map(([name, value]) => [name, isWrapped(value) ? value['value'] : value]);
  return Object.fromEntries(entries) as JsonObject;
}

function isWrapped(value: unknown): value is { readonly value: unknown } {
  return isObject(value) && 'type' in value && 'value' in value && Object.keys(value).length === 2;
}
