import * as fs from 'node:fs';
import * as path from 'node:path';
import { compareCodeUnits, didYouMean, digestOf, problem, Problems, readTextIfPresent, sha256, type Place, type Problem } from '../../core/index.ts';
import type { FolderStack } from '../types.ts';
import { findUnits, isPattern } from './find.ts';
import { ModuleReader, type ModuleInfo } from './module-info.ts';
import { readTerragrunt } from './terragrunt.ts';

/** One line of `stacks:` in `vcloud.yaml`. */
export interface FolderSetting {
  /** A folder with `*.tf`, or a pattern of folders (`units/**`); relative to the federation's folder. */
  readonly path: string;
  /** Organisation whose stacks these are. */
  readonly agency: string;
  /** Path of the stack, where it should not be made from agency and folder. Not with a pattern. */
  readonly name?: string | undefined;
  /** Folders a pattern should leave out, as patterns. */
  readonly except?: readonly string[] | undefined;
  readonly cloud?: string | undefined;
  readonly tenant?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Nothing of these stacks is destroyed by `vcloud destroy` unless it is named. */
  readonly protect?: boolean | undefined;
  /** Files of variables, relative to each folder, as `-var-file` takes them. */
  readonly varFiles?: readonly string[] | undefined;
  /** Stacks (by path) or folders that must be applied before. */
  readonly dependsOn?: readonly string[] | undefined;
  /** `sandbox` says that nothing in these folders is real. */
  readonly environment?: 'sandbox' | 'production' | undefined;
}

export interface Discovered {
  /** In code-unit order of path. */
  readonly stacks: readonly FolderStack[];
  readonly problems: readonly Problem[];
}

export interface DiscoverOptions {
  /** Ids of declared organisations: a stack belongs to one. */
  readonly organisations: ReadonlySet<string>;
  /** Where a line of `stacks:` stands. */
  readonly locate?: ((index: number) => Place | undefined) | undefined;
}

/**
 * Finds the existing folders that are stacks, reads what they depend on, and digests all that the engine would read of them:
 * the folder, local modules at any depth, files of variables, files named as `${path.module}/...` or `../...`. Nothing is
 * run, fetched or written.
 */
export function discoverFolders(root: string, settings: readonly FolderSetting[], options: DiscoverOptions): Discovered {
  const problems = new Problems();
  const units = new Map<string, { readonly setting: FolderSetting; readonly place: Partial<Place> }>();
  settings.forEach((setting, index) => {
    const place = options.locate?.(index) ?? { file: 'vcloud.yaml' };
    if (!options.organisations.has(setting.agency)) {
      problems.error('ENGINE-SOURCE-AGENCY', `"${setting.agency}" is no declared organisation`, {
        ...place,
        hint: didYouMean(setting.agency, options.organisations),
      });
    }
    const found = findUnits(root, setting.path, setting.except ?? []);
    problems.list.push(...found.problems.map((one) => ({ ...place, ...one })));
    if (found.folders.length === 0 && found.problems.length === 0) {
      problems.error('ENGINE-SOURCE-EMPTY', `no folder with *.tf or *.tf.json is at "${setting.path}"`, {
        ...place,
        hint: 'the path is relative to the folder of vcloud.yaml; ** stands for folders at any depth',
      });
    }
    for (const folder of found.folders) {
      const first = units.get(folder);
      // A line of its own says more than a pattern.
      if (first !== undefined && isPattern(setting.path) && !isPattern(first.setting.path)) continue;
      if (first !== undefined && isPattern(setting.path) === isPattern(first.setting.path)) {
        problems.error('ENGINE-SOURCE-TWICE', `"${folder}" is a stack twice, also by line ${first.place.line ?? '?'}`, {
          ...place,
          hint: 'a folder is one stack; use except: in one of the two',
        });
        continue;
      }
      units.set(folder, { setting, place });
    }
  });
  const paths = new Map([...units].map(([folder, { setting }]) => [folder, setting.name ?? stackPath(setting.agency, folder)]));
  findEqualPaths(paths, units, problems);
  const reader = new ModuleReader(root, (folder) => units.has(folder));
  const stacks = [...units].map(([folder, { setting, place }]) => readUnit({ root, folder, setting, place, paths, reader, problems }));
  return { stacks: stacks.sort((a, b) => compareCodeUnits(a.path, b.path)), problems: dedupe(problems.list) };
}

/** `AGENCY.FOLDER.FOLDER`: `/` becomes a dot, what a path of a stack cannot hold a hyphen. */
export function stackPath(agency: string, folder: string): string {
  return `${agency}.${folder.replaceAll('/', '.')}`.replaceAll(/[^A-Za-z0-9.-]/gu, '-');
}

function findEqualPaths(paths: ReadonlyMap<string, string>, units: ReadonlyMap<string, { readonly place: Partial<Place> }>, problems: Problems): void {
  const seen = new Map<string, string>();
  for (const [folder, name] of paths) {
    const other = seen.get(name);
    if (other === undefined) seen.set(name, folder);
    else
      problems.error('ENGINE-SOURCE-NAME', `"${other}" and "${folder}" would both be the stack ${name}`, {
        ...units.get(folder)?.place,
        hint: 'give one of them a line of its own with name:',
      });
  }
}

interface UnitContext {
  readonly root: string;
  readonly folder: string;
  readonly setting: FolderSetting;
  readonly place: Partial<Place>;
  readonly paths: ReadonlyMap<string, string>;
  readonly reader: ModuleReader;
  readonly problems: Problems;
}

function readUnit(unit: UnitContext): FolderStack {
  const { root, folder, setting, place, paths, reader, problems } = unit;
  const modules = modulesOf(unit);
  const own = modules.get(folder);
  for (const info of modules.values()) problems.list.push(...info.problems);
  const files = new Map<string, string>();
  for (const [at, info] of modules) for (const [name, digest] of info.files) files.set(`${at}/${name}`, digest);
  for (const [at, info] of modules)
    for (const written of info.paths) addFile(root, written, written.startsWith('${path.module}/') ? at : folder, files, reader);
  const varFiles = (setting.varFiles ?? []).flatMap((name) => {
    const file = path.posix.normalize(`${folder}/${name}`);
    const bytes = file.startsWith('..') ? undefined : readTextIfPresent(path.join(root, file));
    if (bytes === undefined) {
      problems.error('ENGINE-SOURCE-VARIABLES', `the file of variables "${name}" is not in "${folder}"`, {
        ...place,
        hint: 'varFiles are relative to each folder, and below the folder of vcloud.yaml',
      });
      return [];
    }
    files.set(file, sha256(bytes));
    return [file];
  });
  const name = paths.get(folder) ?? '';
  const before = dependencies(unit);
  const statePath = localStatePath(own);
  const remote = own?.backend !== undefined && own.backend.type !== 'local' ? own.backend : undefined;
  const ownState = remote === undefined ? stateOf(root, folder, statePath) : undefined;
  const remoteState = [...modules.values()].some((info) => info.remoteState);
  const fetched = [...modules.values()].flatMap(({ sources, providers }) => [
    ...providers,
    ...sources.map(({ source, version }) => `${source} ${version ?? ''}`),
  ]);
  const needs =
    fetched.length === 0 && own?.backend === undefined
      ? undefined
      : digestOf([[...new Set(fetched)].sort(), own?.backend ?? null, own?.files.get('.terraform.lock.hcl') ?? null]);
  return {
    path: name,
    agency: setting.agency,
    tenant: setting.tenant,
    cloud: setting.cloud,
    tags: setting.tags,
    protect: setting.protect,
    environment: setting.environment ?? 'production',
    folder: { path: folder, varFiles, needs, locked: own?.files.has('.terraform.lock.hcl') ?? false, ownState, statePath, backend: remote },
    digest: digestOf([[...files].sort(([a], [b]) => compareCodeUnits(a, b)), varFiles, remote ?? null]),
    dependsOn: before,
    // What reads other states has to wait until those it depends on are as they will be.
    reads: remoteState ? before : [],
    resources: [],
  };
}

/** The folder and every local module it calls, at any depth. */
function modulesOf({ root, folder, reader, problems }: UnitContext): Map<string, ModuleInfo> {
  const found = new Map<string, ModuleInfo>();
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const info = found.has(at) ? undefined : reader.read(at);
    if (info === undefined) continue;
    found.set(at, info);
    for (const { source } of info.sources) {
      if (!/^\.\.?(?:\/|$)/u.test(source)) continue;
      const target = path.posix.normalize(`${at}/${source}`).replace(/\/$/u, '');
      if (target.startsWith('..')) {
        problems.error('ENGINE-SOURCE-OUTSIDE', `module source "${source}" leads out of the federation's folder`, {
          file: at,
          hint: 'a plan must follow from files that lie here; move vcloud.yaml further up',
        });
      } else if (!fs.existsSync(path.join(root, target))) {
        problems.error('ENGINE-SOURCE-MODULE', `module source "${source}" is no folder`, {
          file: at,
          hint: 'correct the source; it is relative to the folder it stands in',
        });
      } else open.push(target);
    }
  }
  return found;
}

/** Adds the file, or every file of the folder, that a quoted path means; anything else it may be is none of our business. */
function addFile(root: string, written: string, base: string, files: Map<string, string>, reader: ModuleReader): void {
  const target = path.posix.normalize(`${base}/${written.replace(/^\$\{path\.(?:module|root)\}\//u, '')}`).replace(/\/$/u, '');
  if (target.startsWith('..') || files.has(target)) return;
  const found = fs.statSync(path.join(root, target), { throwIfNoEntry: false });
  if (found?.isFile() === true) files.set(target, sha256(fs.readFileSync(path.join(root, target))));
  else if (found?.isDirectory() === true) for (const [name, digest] of reader.read(target)?.files ?? []) files.set(`${target}/${name}`, digest);
}

/** What must be applied before: `terragrunt.hcl` beside it, and what the settings say. */
function dependencies({ root, folder, setting, place, paths, problems }: UnitContext): string[] {
  const found = new Set<string>();
  const file = `${folder}/terragrunt.hcl`;
  const text = readTextIfPresent(path.join(root, file));
  if (text !== undefined) {
    const read = readTerragrunt(text, file, folder);
    problems.list.push(...read.problems);
    for (const { folder: target, line, column } of read.dependsOn) {
      const stack = paths.get(target);
      if (stack !== undefined) found.add(stack);
      else
        problems.add(
          problem('ENGINE-UNIT-DEPENDENCY', `it depends on "${target}", which is no stack here`, {
            severity: 'warning',
            file,
            line,
            column,
            hint: 'add that folder to stacks: in vcloud.yaml, if it should be applied before this one',
          }),
        );
    }
  }
  for (const name of setting.dependsOn ?? []) {
    const stack = paths.get(name.replace(/\/$/u, '')) ?? name;
    if (name.includes('/') && !paths.has(name.replace(/\/$/u, ''))) {
      problems.error('ENGINE-SOURCE-DEPENDENCY', `"${name}" in dependsOn is no folder that is a stack`, {
        ...place,
        hint: didYouMean(name, new Set(paths.keys())),
      });
    } else found.add(stack);
  }
  found.delete(paths.get(folder) ?? '');
  return [...found].sort(compareCodeUnits);
}

function localStatePath(info: ModuleInfo | undefined): string {
  const written = info?.backend?.type === 'local' ? info.backend.config['path'] : undefined;
  return typeof written === 'string' && written !== '' ? path.posix.normalize(written) : 'terraform.tfstate';
}

/** The folder's own state, where one lies: it goes on to be the state. */
function stateOf(root: string, folder: string, statePath: string): string | undefined {
  const file = path.resolve(root, folder, statePath);
  return fs.existsSync(file) ? path.relative(root, file).split(path.sep).join('/') : undefined;
}

/** Modules are read by many stacks; what is wrong with one is said once. */
function dedupe(list: readonly Problem[]): Problem[] {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}
