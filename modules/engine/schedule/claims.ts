import * as fs from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { problem, ProblemError, readTextIfPresent, type Problem } from '../../core/index.ts';
import { makeStateFolder, stateFolder } from '../folders.ts';
import type { LockHolder } from '../store/types.ts';

/** `claim.json` in a stack's working folder: the run that is going to apply it, or does. */
export const claimFile = 'claim.json';

/** Who claims a stack. */
export interface Claimant {
  readonly pid: number;
  readonly host: string;
  /** Id of the plan that is applied. */
  readonly plan: string;
}

/** Claims of this process: file -> what was written to it. */
const own = new Map<string, string>();

/** Stacks a run has for itself. */
export interface Claims {
  /** One stack is done: others may have it. */
  release(stack: string): void;
  releaseAll(): void;
}

/**
 * Claims all stacks of a run before the first is applied, or none. To be called under the write lock: of this folder no other
 * process applies then, and a claim that is not of this one was left by a killed run, whatever host or number it names; it is
 * taken over. Whether its engine still runs was settled before. Locks engines hold in the store (`held`) count as well: half of a run must
 * not stand because of a stack that could never have been applied.
 * @throws ProblemError ENGINE-LOCKED for every stack that somebody else has, naming the holder; ENGINE-STATE-FOLDER where
 * nothing can be written (read-only, full), which an apply would find out half-way
 */
export function claimAll(root: string, stacks: readonly string[], plan: string, held: ReadonlyMap<string, LockHolder>): Claims {
  const mine: Claimant = { pid: process.pid, host: hostname(), plan };
  const taken: string[] = [];
  const refused: Problem[] = [];
  const free = (stack: string): void => {
    const file = path.join(stateFolder(root, stack), claimFile);
    own.delete(file);
    fs.rmSync(file, { force: true });
  };
  try {
    for (const stack of stacks) {
      const holder = held.get(stack);
      if (holder !== undefined && holder.alive !== 'no')
        refused.push(refusal(stack, holder.who, `; if that process is gone on its host, "vcloud state unlock ${stack} --force" frees the stack`));
      else {
        const other = written(stack, () => claim(root, stack, mine));
        if (other instanceof ProblemError) {
          refused.push(...other.problems);
          continue;
        }
        if (other === undefined) taken.push(stack);
        else refused.push(refusal(stack, `process ${other.pid} on ${other.host}, applying plan ${other.plan}`));
      }
    }
  } catch (error) {
    for (const stack of taken) free(stack);
    throw error;
  }
  if (refused.length > 0) {
    for (const stack of taken) free(stack);
    throw new ProblemError(refused);
  }
  const open = new Set(taken);
  const release = (stack: string): void => {
    if (open.delete(stack)) free(stack);
  };
  return { release, releaseAll: () => [...open].forEach(release) };
}

/** Which run of this process has claimed a stack; undefined: none, whatever a killed run left there. */
export function claimant(root: string, stack: string): Claimant | undefined {
  const file = path.join(stateFolder(root, stack), claimFile);
  const text = readTextIfPresent(file);
  return text === undefined || own.get(file) !== text ? undefined : (JSON.parse(text) as Claimant);
}

/** Claims one stack; gives whoever has it instead. The file appears with its content in one step. */
function claim(root: string, stack: string, mine: Claimant): Claimant | undefined {
  const folder = makeStateFolder(root, stack);
  const file = path.join(folder, claimFile);
  const draft = path.join(folder, `.${claimFile}.${process.pid}.tmp`);
  const text = JSON.stringify(mine);
  fs.writeFileSync(draft, text, { mode: 0o600 });
  try {
    for (;;) {
      try {
        fs.linkSync(draft, file);
        own.set(file, text);
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const other = claimant(root, stack);
      if (other !== undefined) return other;
      fs.rmSync(file, { force: true });
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Does what writes; a disk that takes nothing is a problem, not a fault. */
function written<T>(stack: string, work: () => T): T | ProblemError {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || !['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT'].includes(code)) throw error;
    return new ProblemError(
      problem('ENGINE-STATE-FOLDER', `nothing can be written where its state lies: ${message.split(',')[0] ?? code}; no stack was applied`, {
        file: `.vcloud/state/${stack}`,
        subject: stack,
        hint:
          code === 'ENOSPC' || code === 'EDQUOT'
            ? 'make room on the disk, then apply the same directory'
            : 'make the folder writable, then apply the same directory',
      }),
    );
  }
}

function refusal(stack: string, who: string, otherwise = ''): Problem {
  return problem('ENGINE-LOCKED', `somebody else has it: ${who}; no stack was applied`, { subject: stack, hint: `wait for them to end${otherwise}` });
}
