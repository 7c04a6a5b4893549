import * as fs from 'node:fs';
import * as path from 'node:path';
import { isObject, problem, sha256, type JsonObject, type Json, type Problem } from '../../core/index.ts';
import { HclError, readHcl, staticBody, staticText, type HclBlock, type HclFile } from './hcl.ts';

const builtIn = new Set(['terraform_data', 'terraform_remote_state']);

/** What a folder of configuration says of itself, as far as it can be told without running anything. */
export interface ModuleInfo {
  /** Source of each module call. */
  readonly sources: readonly { readonly source: string; readonly version?: string | undefined }[];
  /** First words of the resource types that are not built in, and everything said of providers. */
  readonly providers: readonly string[];
  readonly backend?: { readonly type: string; readonly config: JsonObject } | undefined;
  /** It reads other states. */
  readonly remoteState: boolean;
  /** Quoted texts that look like paths of files. */
  readonly paths: readonly string[];
  /** Name -> digest of every file that lies in the folder itself or below it and is not hidden. */
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** Reads folders of configuration, each once. Paths are relative to the federation's folder. */
export class ModuleReader {
  readonly #root: string;
  readonly #isUnit: (folder: string) => boolean;
  readonly #known = new Map<string, ModuleInfo | undefined>();

  constructor(root: string, isUnit: (folder: string) => boolean) {
    this.#root = root;
    this.#isUnit = isUnit;
  }

  /** Undefined when there is no such folder. */
  read(folder: string): ModuleInfo | undefined {
    if (!this.#known.has(folder)) this.#known.set(folder, this.#read(folder));
    return this.#known.get(folder);
  }

  #read(folder: string): ModuleInfo | undefined {
    const files = new Map<string, string>();
    const made = { sources: [], providers: [], paths: [], problems: [], remoteState: false, backend: undefined } as {
      sources: { source: string; version?: string | undefined }[];
      providers: string[];
      paths: string[];
      problems: Problem[];
      remoteState: boolean;
      backend: ModuleInfo['backend'];
    };
    const walk = (below: string): boolean => {
      let entries: fs.Dirent[];
      try {
        entries = fs.readdirSync(path.join(this.#root, folder, below), { withFileTypes: true });
      } catch {
        return false;
      }
      for (const entry of entries) {
        const name = below === '' ? entry.name : `${below}/${entry.name}`;
        if (entry.isDirectory()) {
          if (!entry.name.startsWith('.') && entry.name !== 'node_modules' && !this.#isUnit(`${folder}/${name}`)) walk(name);
          continue;
        }
        if (notConfiguration(entry.name)) continue;
        let bytes: Buffer;
        try {
          bytes = fs.readFileSync(path.join(this.#root, folder, name));
        } catch {
          continue;
        }
        files.set(name, sha256(bytes));
        if (below !== '') continue;
        if (entry.name.endsWith('.tf.json')) this.#json(`${folder}/${name}`, bytes.toString('utf8'), made);
        else if (entry.name.endsWith('.tf')) this.#hcl(`${folder}/${name}`, bytes.toString('utf8'), made);
      }
      return true;
    };
    if (!walk('')) return undefined;
    return { ...made, files };
  }

  #hcl(file: string, text: string, made: Collected): void {
    let read: HclFile;
    try {
      read = readHcl(text);
    } catch (error) {
      if (!(error instanceof HclError)) throw error;
      made.problems.push(
        problem('ENGINE-SOURCE-HCL', `this is not read as HCL: ${error.message}`, {
          severity: 'warning',
          file,
          line: error.line,
          column: error.column,
          hint: 'the engine will say what is wrong with it; until then its modules and backend are not known',
        }),
      );
      return;
    }
    made.paths.push(...read.texts.filter((one) => /^(?:\$\{path\.(?:module|root)\}\/|\.\.?\/)[^$%]*$/u.test(one)));
    for (const block of read.blocks) {
      if (block.type === 'module') {
        const source = staticText(block.body.attributes.get('source'));
        if (source !== undefined) made.sources.push({ source, version: staticText(block.body.attributes.get('version')) });
      } else if (block.type === 'resource' || block.type === 'data' || block.type === 'ephemeral') noteType(block.labels[0] ?? '', made);
      else if (block.type === 'provider') made.providers.push(`provider ${block.labels[0] ?? ''}`);
      else if (block.type === 'terraform') this.#settings(file, block, made);
    }
  }

  #settings(file: string, settings: HclBlock, made: Collected): void {
    for (const block of settings.body.blocks) {
      if (block.type === 'required_providers')
        made.providers.push(`required ${JSON.stringify([...block.body.attributes].map(([name, { value }]) => [name, value]))}`);
      if (block.type === 'cloud') made.problems.push(refusedCloud(file, block));
      if (block.type !== 'backend') continue;
      const config = staticBody(block.body);
      if (config !== undefined) made.backend = { type: block.labels[0] ?? '', config };
    }
  }

  #json(file: string, text: string, made: Collected): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    const parts = (of: unknown): Record<string, unknown>[] => (Array.isArray(of) ? of : [of]).filter(isObject);
    for (const top of parts(value)) {
      for (const kind of ['resource', 'data', 'ephemeral']) for (const types of parts(top[kind])) for (const type of Object.keys(types)) noteType(type, made);
      for (const calls of parts(top['module']))
        for (const call of Object.values(calls).flatMap(parts)) {
          const { source, version } = call;
          if (typeof source === 'string') made.sources.push({ source, version: typeof version === 'string' ? version : undefined });
        }
      for (const providers of parts(top['provider'])) made.providers.push(...Object.keys(providers).map((name) => `provider ${name}`));
      for (const settings of parts(top['terraform'])) {
        if (settings['required_providers'] !== undefined) made.providers.push(`required ${JSON.stringify(settings['required_providers'])}`);
        if (settings['cloud'] !== undefined) made.problems.push(refusedCloud(file, { line: 1, column: 1 }));
        for (const backends of parts(settings['backend'])) {
          for (const [type, config] of Object.entries(backends)) made.backend = { type, config: (isObject(config) ? config : {}) as JsonObject };
        }
      }
    }
    const texts = (of: Json): string[] =>
      typeof of === 'string' ? [of] : isObject(of) || Array.isArray(of) ? Object.values(of as JsonObject).flatMap(texts) : [];
    made.paths.push(
      ...texts(value as Json).flatMap((one) => [...one.matchAll(/(?:\$\{path\.(?:module|root)\}\/|(?<=^|")\.\.?\/)[^$%"\s]+/gu)].map(([found]) => found)),
    );
  }
}

interface Collected {
  sources: { source: string; version?: string | undefined }[];
  providers: string[];
  paths: string[];
  problems: Problem[];
  remoteState: boolean;
  backend: ModuleInfo['backend'];
}

function noteType(type: string, made: Collected): void {
  if (type === 'terraform_remote_state') made.remoteState = true;
  if (!builtIn.has(type)) made.providers.push(type.split('_')[0] ?? type);
}

function refusedCloud(file: string, place: { readonly line: number; readonly column: number }): Problem {
  return problem('ENGINE-SOURCE-CLOUD', 'a "cloud" block runs plans elsewhere: what was reviewed here would not be what is applied there', {
    file,
    line: place.line,
    column: place.column,
    hint: 'give the folder a backend, or leave the block out and let vcloud.yaml say where states are',
  });
}

/** What runs leave behind, and states: no part of what is declared. */
function notConfiguration(name: string): boolean {
  return (name.startsWith('.') && name !== '.terraform.lock.hcl') || /\.tfstate(?:$|\.)|\.tfplan$|~$/u.test(name);
}
