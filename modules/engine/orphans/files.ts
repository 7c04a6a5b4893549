import * as fs from 'node:fs';
import * as path from 'node:path';
import { API_VERSION, bringForward, canonicalJson, isObject, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import { stateFolder, statesFolder } from '../folders.ts';
import type { Unrecorded, UnrecordedFile } from './types.ts';

const unrecordedFile = 'unrecorded.json';
const importsFile = 'imports.json';
/** What was once unrecorded and then found to be nowhere: looked for again before the stack is applied. */
const settledFile = 'settled.json';

/** Types of providers that keep nothing outside of the state. */
const onlyInState = /^(?:terraform_data$|null_resource$|random_|tls_|time_|local_)/u;

/** Notes what a crash left, beside what earlier ones did. Called before the end is in the journal, so that no crash loses it. */
export function noteUnrecorded(root: string, given: Omit<UnrecordedFile, 'apiVersion' | 'kind'>): void {
  const resources = given.resources.filter(({ type }) => !onlyInState.test(type));
  if (resources.length === 0) return;
  const before = readUnrecorded(root, given.stack);
  const merged = new Map<string, Unrecorded>();
  for (const one of [...(before?.resources ?? []), ...resources]) merged.set(`${one.address} ${one.id ?? ''}`, one);
  write(root, { ...given, since: before?.since ?? given.since, resources: [...merged.values()] });
}

export function readUnrecorded(root: string, stack: string): UnrecordedFile | undefined {
  const value = readJson(root, stack, unrecordedFile);
  return isObject(value) && value['kind'] === 'UnrecordedResources' ? (value as unknown as UnrecordedFile) : undefined;
}

/** All of it is answered, or these addresses are. */
export function clearUnrecorded(root: string, stack: string): void {
  fs.rmSync(path.join(stateFolder(root, stack), unrecordedFile), { force: true });
}

/** Nothing of it was found: the question is put aside until the stack is applied, because a cloud may carry requests out late. */
export function settleUnrecorded(root: string, stack: string): void {
  const folder = stateFolder(root, stack);
  if (fs.existsSync(path.join(folder, unrecordedFile))) fs.renameSync(path.join(folder, unrecordedFile), path.join(folder, settledFile));
}

/** Asks a settled question again. Returns whether there is one. */
export function reopenSettled(root: string, stack: string): boolean {
  const folder = stateFolder(root, stack);
  if (!fs.existsSync(path.join(folder, settledFile))) return false;
  fs.renameSync(path.join(folder, settledFile), path.join(folder, unrecordedFile));
  return true;
}

function write(root: string, file: Omit<UnrecordedFile, 'apiVersion' | 'kind'>): void {
  const text = `${canonicalJson({ apiVersion: API_VERSION, kind: 'UnrecordedResources', ...file }, 2)}\n`;
  writeFileAtomic(path.join(stateFolder(root, file.stack), unrecordedFile), text, { mode: 0o600 });
}

/** Stacks about which a crash left a question, in code-unit order. */
export function stacksToAnswer(root: string): string[] {
  let names: string[];
  try {
    names = fs.readdirSync(statesFolder(root)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names.filter((name) => fs.existsSync(path.join(statesFolder(root), name, unrecordedFile)));
}

/** One object that exists and that the next plan is to take into the state. */
export interface PendingImport {
  /** Address in the configuration that is planned. */
  readonly to: string;
  readonly id: string;
}

/** What the next plan of a stack imports, by address; empty where nothing is. */
export function pendingImports(root: string, stack: string): readonly PendingImport[] {
  const value = readJson(root, stack, importsFile);
  return isObject(value) && Array.isArray(value['imports']) ? (value['imports'] as PendingImport[]) : [];
}

/** Makes the next plan of a stack import these, in place of what was to be imported. None: takes the file away. */
export function writeImports(root: string, stack: string, imports: readonly PendingImport[]): void {
  const file = path.join(stateFolder(root, stack), importsFile);
  if (imports.length === 0) {
    fs.rmSync(file, { force: true });
    return;
  }
  const sorted = [...imports].sort((a, b) => (a.to < b.to ? -1 : 1));
  writeFileAtomic(file, `${canonicalJson({ apiVersion: API_VERSION, kind: 'PendingImports', stack, imports: sorted }, 2)}\n`, { mode: 0o600 });
}

/** A configuration with import blocks (Terraform 1.5 and later, OpenTofu). */
export function withImports(json: string, imports: readonly PendingImport[]): string {
  const configuration: unknown = JSON.parse(json);
  if (imports.length === 0 || !isObject(configuration)) return json;
  const own = Array.isArray(configuration['import']) ? (configuration['import'] as unknown[]) : [];
  return canonicalJson({ ...configuration, import: [...own, ...imports.map(({ to, id }) => ({ to, id }))] }, 2);
}

function readJson(root: string, stack: string, name: string): unknown {
  const text = readTextIfPresent(path.join(stateFolder(root, stack), name));
  return text === undefined ? undefined : bringForward(JSON.parse(text), { file: `.vcloud/state/${stack}/${name}` });
}
