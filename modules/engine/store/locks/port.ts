import { hostname, userInfo } from 'node:os';
import { isObject } from '../../../core/index.ts';

/** What Terraform writes of a lock (`statemgr.LockInfo`): whoever is refused, by whichever program, is shown these fields. */
export interface LockInfo {
  readonly ID: string;
  readonly Operation: string;
  readonly Info: string;
  readonly Who: string;
  readonly Version: string;
  /** RFC 3339. */
  readonly Created: string;
  readonly Path: string;
}

/**
 * The engine's own locks in one kind of backend, kept where and in the form the engine keeps them: a run that holds them
 * excludes engines that know nothing of vcloud, and is excluded by them. Throws an Error where the backend cannot be asked.
 */
export interface LockPort {
  /** What the engine calls the state in a lock. */
  path(stack: string): string;
  /** Puts a lock where there is none, in one step. Hands back the lock that is there instead; undefined: it was put. */
  put(stack: string, info: LockInfo): Promise<LockInfo | undefined>;
  read(stack: string): Promise<LockInfo | undefined>;
  /** Removes the lock if it is this one. */
  remove(stack: string, id: string): Promise<void>;
  /** Why locks of this backend may not keep two apart; undefined: they do. Asked with a lock held. */
  weakness?(stack: string): Promise<string | undefined>;
}

/** A lock as a run of the toolkit writes it. */
export function ownInfo(given: { readonly id: string; readonly plan: string; readonly path: string; readonly created: Date }): LockInfo {
  return {
    ID: given.id,
    Operation: 'OperationTypeApply',
    Info: `process ${process.pid} on ${hostname()}, applying plan ${given.plan}`,
    Who: `${accountName()}@${hostname()}`,
    Version: '',
    Created: given.created.toISOString(),
    Path: given.path,
  };
}

/** A lock from its text; one that cannot be read is a lock all the same. */
export function parseLockInfo(text: string): LockInfo {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const word = (name: string): string => (isObject(value) && typeof value[name] === 'string' ? value[name] : '');
  return {
    ID: word('ID') || 'unknown',
    Operation: word('Operation'),
    Info: word('Info'),
    Who: word('Who') || 'somebody (what the lock says cannot be read)',
    Version: word('Version'),
    Created: word('Created'),
    Path: word('Path'),
  };
}

/** `process 41 on host-a, applying plan 0123..., operator@host-a, since ...`. */
export function holderText({ Info, Who, Operation, Created }: LockInfo): string {
  return [Info === '' ? '' : Info, Who, Info === '' ? Operation : '', Created === '' ? '' : `since ${Created}`].filter((part) => part !== '').join(', ');
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account the machine has no name for, as in many containers.
    return `uid:${process.getuid?.() ?? 'unknown'}`;
  }
}
