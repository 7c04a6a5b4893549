import * as path from 'node:path';
import { API_VERSION, bringForward, canonicalJson, fail, isObject, privateFolder, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import { statesFolder } from '../folders.ts';
import { listStates } from '../state.ts';

function backendFile(root: string): string {
  return path.join(statesFolder(root), '..', 'backend.json');
}

/** Where this folder's states are kept, as last used; `local` where nothing says so and there are states. */
function heldBackend(root: string): string | undefined {
  const text = readTextIfPresent(backendFile(root));
  if (text === undefined) return listStates(root).length > 0 ? 'local' : undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const value = bringForward(parsed, { file: '.vcloud/backend.json' });
  return isObject(value) && typeof value['backend'] === 'string' ? value['backend'] : undefined;
}

/**
 * Refuses to go on with another backend than the one the states are in: there they would seem absent, and everything
 * would be created again.
 * @throws ProblemError ENGINE-BACKEND-CHANGED
 */
export function holdBackend(root: string, identity: string): void {
  const held = heldBackend(root);
  if (held === identity) return;
  if (held === undefined) {
    moveBackend(root, identity);
    return;
  }
  fail('ENGINE-BACKEND-CHANGED', `the states are kept in "${held}", and vcloud.yaml now says "${identity}"`, {
    file: 'vcloud.yaml',
    hint: 'put the old backend back and run "vcloud state backup DIR"; then set the new one and run "vcloud state restore DIR"',
  });
}

/** Notes that the states are in another backend from now on. */
export function moveBackend(root: string, identity: string): void {
  privateFolder(root, 'state');
  if (identity === 'local' && readTextIfPresent(backendFile(root)) === undefined) return;
  writeFileAtomic(backendFile(root), `${canonicalJson({ apiVersion: API_VERSION, kind: 'StateBackend', backend: identity })}\n`, { mode: 0o600 });
}
