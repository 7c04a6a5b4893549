import * as path from 'node:path';
import { isObject, problem, readTextIfPresent, type Json, type JsonObject, type Problem } from '../core/index.ts';
import { goodStateFile, stateFile, stateFolder } from './folders.ts';
import { maskedAttributes } from './store/mask.ts';
import { parseState, resourcesIn } from './state.ts';
import type { DeclaredStack, HeldStack } from './types.ts';

/**
 * What existing folders made, as their states say: HCL is not evaluated, so only the state tells what is there. Secrets are
 * masked, and what providers write for "none" is left out. A state that is not known here (kept in the folder's own backend
 * and never planned here) is no empty one: the stack comes without resources, and a warning says so.
 */
export function heldStacks(root: string, stacks: readonly DeclaredStack[]): { readonly held: readonly HeldStack[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const held = stacks.flatMap((stack): HeldStack[] => {
    const { folder } = stack;
    if (folder === undefined) return [];
    const { path: name, agency, tenant, cloud, environment, digest, dependsOn } = stack;
    const state = stateOf(root, name, folder.ownState);
    if (state === undefined) {
      problems.push(
        problem('ENGINE-STATE-UNSEEN', 'its state was not seen here yet, so nothing is known of what it made', {
          severity: 'warning',
          file: folder.path,
          subject: name,
          hint: `"vcloud plan --stack ${name}" asks for it`,
        }),
      );
    }
    const resources = state === undefined ? undefined : resourcesIn(name, state);
    return [
      {
        path: name,
        agency,
        tenant,
        cloud,
        environment,
        digest,
        dependsOn,
        folder: folder.path,
        resources: resources?.map(({ address, type, attributes, sensitive }) => ({
          stack: name,
          address,
          type,
          attributes: withoutNothing(maskedAttributes(attributes, sensitive, type)),
        })),
      },
    ];
  });
  return { held, problems };
}

function stateOf(root: string, name: string, own: string | undefined): Record<string, unknown> | undefined {
  const folder = stateFolder(root, name);
  const files = [path.join(folder, stateFile), path.join(folder, goodStateFile), ...(own === undefined ? [] : [path.join(root, own)])];
  for (const file of files) {
    const text = readTextIfPresent(file);
    const found = text === undefined ? undefined : parseState(text);
    if (found !== undefined) return found.state;
  }
  return undefined;
}

/** Without null, "", [] and {}: a provider gives any of them for what nobody set. */
function withoutNothing(attributes: JsonObject): JsonObject {
  const isNothing = (value: Json): boolean =>
    value === null || value === '' || (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => !isNothing(value)));
}
