import * as fs from 'node:fs';
import * as path from 'node:path';
import { listFiles, parseEnvelope, readTextIfPresent } from '../core/index.ts';

/** A file that says, or should say, which version of which kind it is. */
export interface FoundFile {
  /** Relative to the federation's folder. */
  readonly file: string;
  /** As it stands in the file; undefined where it says none. */
  readonly kind: string | undefined;
  readonly version: string | undefined;
  /** `yaml` and `json` can be edited; an envelope is signed, the others belong to other programs. */
  readonly form: 'yaml' | 'json' | 'envelope' | 'delivered' | 'sqlite' | 'terraform';
  readonly text: string;
}

/** Folders of people's files, and the pattern of those that have a kind. */
const declared = ['stacks', 'network-plans', 'policies'];
const privateFiles = [
  'registry.json',
  'bundle.json',
  'extract.json',
  'applied.json',
  'backend.json',
  'log.head.json',
  'network-write.json',
  'cache/engine/cache.json',
  'cache/engine/durations.json',
];
const yamlName = /\.ya?ml$/u;

/**
 * Every file of a federation that has a version, in order: what people write, locks, what lies in `.vcloud/`, what was made
 * for others in `out/`. `named` are further files, relative to the root (an AdoptMapping lies anywhere).
 */
export function findFiles(root: string, named: readonly string[] = []): FoundFile[] {
  const found: FoundFile[] = [];
  const add = (file: string, read: (file: string, text: string) => FoundFile | undefined): void => {
    const text = readTextIfPresent(path.join(root, file));
    const one = text === undefined ? undefined : read(file, text);
    if (one) found.push(one);
  };
  for (const file of named) add(file, file.endsWith('.json') ? readJson : readYaml);
  add('vcloud.yaml', readYaml);
  for (const folder of declared)
    for (const name of listFiles(path.join(root, folder), (candidate) => yamlName.test(candidate))) add(`${folder}/${name}`, readYaml);
  for (const name of listFiles(path.join(root, '.vcloud/policies'), (candidate) => yamlName.test(candidate)))
    add(`.vcloud/policies/${name}`, (file, text) => ({ ...readYaml(file, text), form: 'delivered' }));
  for (const name of privateFiles) add(`.vcloud/${name}`, readJson);
  for (const plan of foldersIn(root, '.vcloud/plans')) add(`${plan}/manifest.json`, readJson);
  for (const stack of foldersIn(root, '.vcloud/state')) {
    add(`${stack}/stack.json`, readJson);
    add(`${stack}/running.json`, readJson);
    add(`${stack}/terraform.tfstate`, readState);
  }
  const inventory = readInventory(root);
  if (inventory) found.push(inventory);
  // Stacks are Terraform's JSON, which has no version of ours.
  for (const name of listFiles(path.join(root, 'out'), (candidate) => candidate.endsWith('.json') && !candidate.startsWith('stacks/')))
    add(`out/${name}`, readJson);
  const seen = new Set<string>();
  return found.filter(({ file }) => !seen.has(file) && seen.add(file));
}

function foldersIn(root: string, folder: string): string[] {
  try {
    return fs
      .readdirSync(path.join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${folder}/${name}`)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The two lines by their text alone: a lock of 100,000 keys is not parsed to learn its version. */
function readYaml(file: string, text: string): FoundFile {
  const line = (key: string): string | undefined =>
    new RegExp(`^${key}:[ \\t]*(["']?)([^"'\\s#]+)\\1[ \\t]*(?:#.*)?$`, 'mu').exec(text.replaceAll('\r', ''))?.[2];
  return { file, kind: line('kind'), version: line('apiVersion'), form: 'yaml', text };
}

/** A JSON document with a version, or an envelope around one; others' JSON is passed over. */
function readJson(file: string, text: string): FoundFile | undefined {
  const envelope = parseEnvelope(text);
  if (envelope?.payloadType.startsWith('application/vnd.vcloud.') === true) {
    const payload = parse(Buffer.from(envelope.payload, 'base64').toString('utf8'));
    return payload && { file, ...headOf(payload), form: 'envelope', text };
  }
  const value = parse(text);
  const head = value && headOf(value);
  return head?.version === undefined && head?.kind === undefined ? undefined : { file, ...head, form: 'json', text };
}

function readState(file: string, text: string): FoundFile | undefined {
  const version = parse(text)?.['version'];
  return typeof version === 'number' ? { file, kind: 'Terraform state', version: String(version), form: 'terraform', text: '' } : undefined;
}

/** The version of the tables stands in the database's header: `user_version`, 4 bytes at offset 60 (SQLite file format, 1.3). */
function readInventory(root: string): FoundFile | undefined {
  const file = '.vcloud/inventory.sqlite';
  let descriptor: number;
  try {
    descriptor = fs.openSync(path.join(root, file), 'r');
  } catch {
    return undefined;
  }
  try {
    const head = Buffer.alloc(100);
    if (fs.readSync(descriptor, head, 0, 100, 0) < 100) return undefined;
    return { file, kind: 'Inventory', version: String(head.readUInt32BE(60)), form: 'sqlite', text: '' };
  } finally {
    fs.closeSync(descriptor);
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function headOf({ kind, apiVersion }: Record<string, unknown>): { kind: string | undefined; version: string | undefined } {
  return { kind: typeof kind === 'string' ? kind : undefined, version: typeof apiVersion === 'string' ? apiVersion : undefined };
}
