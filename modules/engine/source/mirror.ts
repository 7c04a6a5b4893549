import * as fs from 'node:fs';
import * as path from 'node:path';
import { canonicalJson, digestOf, fail, privateFolder, writeFileAtomic } from '../../core/index.ts';
import { erroredFile, makeStateFolder, mirrorFolder, stateFile } from '../folders.ts';
import { pendingImports, withImports } from '../orphans/files.ts';
import type { States } from '../store/states.ts';
import type { FolderSource } from '../types.ts';
import type { Workspace } from '../workspace.ts';

/** Name of the file that writes the federation's backend into a mirror; nobody's configuration is called that. */
const backendFile = 'vcloud-backend.tf.json';
/** And of the file that says what the next plan imports. */
const importsFile = 'vcloud-imports.tf.json';
/** What the engine makes in its working folder itself and must find there again. */
const ofTheEngine = new Set(['.terraform', '.terraform.lock.hcl', '.terraform.tfstate.lock.info', backendFile, importsFile, erroredFile]);
/** Of a folder of theirs, never linked: what their own runs left, and what is no configuration. */
const neverLinked = new Set(['.terraform', '.git', '.vcloud', '.terragrunt-cache']);

/**
 * Makes ready the mirror of an existing folder: real folders down to it, links to its files and to everything beside its
 * ancestors, so that `../modules/x`, `file("../common.yaml")` and the like lead where they did. Its state is a link to where
 * the state is kept. The lock file is a link to theirs, or made here where they have none.
 */
export function mirrorUnit(root: string, stack: string, source: FolderSource, states: States): Workspace {
  const folder = mirrorFolder(root, source.path);
  mirrorAncestors(root, source.path);
  const block = states.of(stack).block(stack);
  const wanted = new Map<string, string>();
  for (const entry of fs.readdirSync(path.join(root, source.path))) {
    // Folders that are stacks themselves are real folders of the mirror.
    if (neverLinked.has(entry) || isState(entry, source) || isReal(path.join(folder, entry))) continue;
    wanted.set(entry, path.join(root, source.path, entry));
  }
  if (block === undefined || source.ownState !== undefined) linkState(root, stack, source, folder, wanted);
  reconcile(folder, wanted, true);
  const written = path.join(folder, backendFile);
  if (block === undefined || source.backend !== undefined) fs.rmSync(written, { force: true });
  else writeFileAtomic(written, canonicalJson({ terraform: { backend: { [block.type]: block.config } } }, 2), { mode: 0o600, durable: false });
  const imports = pendingImports(root, stack);
  const importing = path.join(folder, importsFile);
  if (imports.length === 0) fs.rmSync(importing, { force: true });
  else writeFileAtomic(importing, withImports('{}', imports), { mode: 0o600, durable: false });
  const needs = source.needs === undefined && block === undefined ? undefined : digestOf([source.needs ?? null, block === undefined ? null : { ...block }]);
  return {
    folder,
    initArguments: [...(source.locked ? ['-lockfile=readonly'] : []), '-reconfigure'],
    planArguments: source.varFiles.map((file) => `-var-file=${path.join(root, file)}`),
    needs,
  };
}

/** The engine follows a link to its state, and writes through it. */
function linkState(root: string, stack: string, source: FolderSource, folder: string, wanted: Map<string, string>): void {
  const kept = path.join(makeStateFolder(root, stack), stateFile);
  if (source.ownState !== undefined) link(kept, path.join(root, source.ownState));
  // Unlocking, the engine removes the state it was given if it was not there before: the link, and not the file behind it.
  else if (!fs.existsSync(kept)) fs.writeFileSync(kept, '', { mode: 0o600, flag: 'wx' });
  if (source.ownState !== undefined && path.isAbsolute(source.statePath)) return;
  const place = path.join(folder, source.statePath);
  if (fs.lstatSync(place, { throwIfNoEntry: false })?.isFile() === true) {
    fail('ENGINE-SOURCE-STATE', 'a state was written into its mirror instead of where it is kept', {
      file: path.relative(root, place),
      subject: stack,
      hint: `look at both files; if this one is newer, move it over ${path.relative(root, kept)}`,
    });
  }
  if (path.dirname(place) === folder) {
    wanted.set(path.basename(place), kept);
    return;
  }
  // `path = "../states/x.tfstate"`: where that folder is theirs, the state in it is too.
  if (source.ownState !== undefined && fs.existsSync(place)) return;
  const parent = fs.existsSync(path.dirname(place)) ? fs.realpathSync(path.dirname(place)) : path.dirname(place);
  if (parent !== path.dirname(place)) {
    fail('ENGINE-SOURCE-BACKEND', `its backend keeps the state at ${source.statePath}, in a folder that is not the stack's own, and no state is there`, {
      file: source.path,
      subject: stack,
      hint: 'nothing may be made in a folder of yours: leave the path of the backend out, or put the state there that it had',
    });
  }
  fs.mkdirSync(path.dirname(place), { recursive: true, mode: 0o700 });
  link(place, kept);
}

/** Real folders from the mirror's root down to the unit's, everything beside them linked. */
function mirrorAncestors(root: string, folder: string): void {
  const parts = folder.split('/');
  for (let depth = 0; depth < parts.length; depth++) {
    const above = parts.slice(0, depth).join('/');
    const here = privateFolder(root, 'mirror', ...parts.slice(0, depth));
    const next = path.join(here, parts[depth] ?? '');
    if (fs.lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink() === true) fs.unlinkSync(next);
    fs.mkdirSync(next, { recursive: true, mode: 0o700 });
    const wanted = new Map<string, string>();
    for (const entry of fs.readdirSync(path.join(root, above))) {
      if (!neverLinked.has(entry) && !isReal(path.join(here, entry))) wanted.set(entry, path.join(root, above, entry));
    }
    reconcile(here, wanted, depth > 0);
  }
}

/** Makes the links of a mirrored folder those that are wanted; what is a real folder or the engine's stays. */
function reconcile(folder: string, wanted: ReadonlyMap<string, string>, keepFiles: boolean): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (wanted.has(entry.name) || entry.isDirectory()) continue;
    // What a provisioner or a provider wrote beside the configuration is not ours to remove.
    if (entry.isSymbolicLink() || (!keepFiles && !ofTheEngine.has(entry.name))) fs.unlinkSync(path.join(folder, entry.name));
  }
  for (const [name, target] of wanted) link(path.join(folder, name), target);
}

/** A relative link, made anew only where it leads elsewhere: other processes read the mirror meanwhile. */
function link(place: string, target: string): void {
  const relative = path.relative(path.dirname(place), target);
  const before = fs.lstatSync(place, { throwIfNoEntry: false });
  if (before?.isSymbolicLink() === true) {
    if (fs.readlinkSync(place) === relative) return;
    fs.unlinkSync(place);
  } else if (before !== undefined) return;
  try {
    fs.symlinkSync(relative, place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function isReal(place: string): boolean {
  return fs.lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** States of theirs are linked on purpose or not at all. */
function isState(entry: string, source: FolderSource): boolean {
  return /^terraform\.tfstate/u.test(entry) || entry === source.statePath || entry === '.terraform.tfstate.lock.info';
}
