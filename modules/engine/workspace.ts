import * as fs from 'node:fs';
import * as path from 'node:path';
import { readTextIfPresent, writeFileAtomic } from '../core/index.ts';
import { configurationFile, makeStateFolder, mirrorFolder, stateFile } from './folders.ts';
import { initialisationDigest } from './initialise.ts';
import { pendingImports, withImports } from './orphans/files.ts';
import { mirrorUnit } from './source/mirror.ts';
import { readStackFile } from './state.ts';
import { withBackend } from './store/blocks.ts';
import type { States } from './store/states.ts';
import type { DeclaredStack } from './types.ts';

/** Where the engine's processes of one stack run, and what they are told. */
export interface Workspace {
  /** Absolute path of their working folder. */
  readonly folder: string;
  /** Arguments of `init` beyond the usual. */
  readonly initArguments: readonly string[];
  /** Arguments of `plan` beyond the usual. */
  readonly planArguments: readonly string[];
  /** What `init` has to fetch, as a digest; undefined: nothing. */
  readonly needs: string | undefined;
}

/**
 * Makes ready what the engine needs to plan a stack: the synthesised configuration with its backend in the working folder,
 * or a mirror of the existing folder. Without `stack` it is declared no more, and its last configuration is used.
 */
export function openWorkspace(root: string, name: string, stack: DeclaredStack | undefined, states: States): Workspace {
  const folder = makeStateFolder(root, name);
  const source = stack === undefined ? readStackFile(root, name)?.folder : stack.folder;
  if (source !== undefined) {
    const workspace = mirrorUnit(root, name, source, states);
    if (states.of(name).block(name) === undefined) forgetBackend(workspace.folder);
    return workspace;
  }
  const configuration = path.join(folder, configurationFile);
  const before = readTextIfPresent(configuration);
  const text = withImports(
    withBackend(stack?.json ?? before ?? '{}', name, (other) => states.of(other).block(other)),
    stack === undefined ? [] : pendingImports(root, name),
  );
  if (text !== before) writeFileAtomic(configuration, text, { mode: 0o600, durable: stack === undefined });
  if (states.of(name).block(name) === undefined) forgetBackend(folder);
  return { folder, initArguments: ['-reconfigure'], planArguments: [], needs: initialisationDigest(text) };
}

/** The backend a folder was initialised for before: with files again, the engine would ask for it and stop. */
function forgetBackend(folder: string): void {
  const file = path.join(folder, '.terraform', stateFile);
  const text = readTextIfPresent(file);
  if (text !== undefined && !/"type":\s*"local"/u.test(text)) fs.rmSync(file);
}

/** Working folder of a stack's processes, without making anything ready. */
export function workspaceFolder(root: string, name: string, stack: Pick<DeclaredStack, 'folder'> | undefined): string {
  const source = stack === undefined ? readStackFile(root, name)?.folder : stack.folder;
  return source === undefined ? makeStateFolder(root, name) : mirrorFolder(root, source.path);
}

/** Whether `init` has to run before anything else. */
export function mustInitialise(workspace: Workspace, initialised: string | undefined): boolean {
  return workspace.needs !== undefined && (workspace.needs !== initialised || !fs.existsSync(path.join(workspace.folder, '.terraform')));
}
