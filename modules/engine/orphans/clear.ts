import * as path from 'node:path';
import { isObject, problem, ProblemError, readTextIfPresent, type Problem } from '../../core/index.ts';
import { parseEvent } from '../events.ts';
import type { DeclaredStack } from '../types.ts';
import { providersOf } from './find.ts';
import type { CloudPort, Removed } from './types.ts';

/**
 * What an apply destroyed, from its log: only what the engine said is gone, with the id it had.
 * @param text `-json` output of one apply; of several in one file the last counts
 */
export function removedIn(text: string): Removed[] {
  const ids = new Map<string, string>();
  const removed: Removed[] = [];
  for (const line of text.split('\n')) {
    const event = parseEvent(line);
    if (event?.['type'] === 'version') {
      ids.clear();
      removed.length = 0;
    }
    const hook = isObject(event?.['hook']) ? event['hook'] : {};
    const resource = isObject(hook['resource']) ? hook['resource'] : {};
    const { addr: address, resource_type: type } = resource;
    if (hook['action'] !== 'delete' || typeof address !== 'string' || typeof type !== 'string') continue;
    if (event?.['type'] === 'apply_start' && typeof hook['id_value'] === 'string') ids.set(address, hook['id_value']);
    const id = ids.get(address);
    if (event?.['type'] === 'apply_complete' && id !== undefined) removed.push({ address, type, id });
  }
  return removed;
}

/**
 * Has the cloud's own remainders of what a stack's apply destroyed taken away, and says so: what a cloud made by itself for an
 * object and keeps without it belongs to no state, and would be there for ever. Never fails an apply that ended well.
 */
export async function clearRemainders(given: {
  readonly root: string;
  readonly clouds: CloudPort | undefined;
  readonly stack: string;
  readonly declared: DeclaredStack | undefined;
  /** Log of the apply, relative to `root`. */
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<Problem[]> {
  const { root, clouds, stack, declared, log, environment } = given;
  if (clouds?.clear === undefined) return [];
  const removed = removedIn(readTextIfPresent(path.join(root, log)) ?? '');
  if (removed.length === 0) return [];
  try {
    const cleared = await clouds.clear({ root, stack, providers: providersOf(root, stack, declared), environment, removed });
    return cleared.map(({ what, because, left }) =>
      left === undefined
        ? problem('ENGINE-CLEARED', `${what} was removed too: ${because}`, { severity: 'note', subject: stack })
        : problem('ENGINE-REMAINS', `${what} is left: ${left}`, {
            severity: 'warning',
            subject: stack,
            hint: `${because}; have the cloud's operator delete it`,
          }),
    );
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map((found) => ({ ...found, severity: 'warning' as const, subject: found.subject ?? stack }));
  }
}
