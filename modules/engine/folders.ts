import * as path from 'node:path';
import { fail, privateFolder } from '../core/index.ts';

/** Names inside a stack's working folder. */
export const configurationFile = 'main.tf.json';
export const stateFile = 'terraform.tfstate';
/** The last state that was read whole: what a state cut off by a crash is restored from. */
export const goodStateFile = 'terraform.tfstate.last-good';
/** What the stack was when it was last applied: agency, dependencies, real types of its resources. */
export const stackFile = 'stack.json';
/** Where the engine leaves a state it could not write, in its working folder. */
export const erroredFile = 'errored.tfstate';
/** Present while an apply of the stack runs, or was cut off. */
export const runningFile = 'running.json';
/** Process id of that apply, written by the process itself. */
export const processFile = 'running.pid';

const stackPath = /^[A-Za-z0-9][A-Za-z0-9.-]*$/u;

/** `.vcloud/state`, where each stack has its working folder. */
export function statesFolder(root: string): string {
  return path.join(root, '.vcloud', 'state');
}

/**
 * Working folder of a stack. Does not create it.
 * @throws ProblemError ENGINE-PATH when the stack's path could lead elsewhere.
 */
export function stateFolder(root: string, stack: string): string {
  if (!stackPath.test(stack)) {
    fail('ENGINE-PATH', `"${stack}" cannot be the path of a stack`, {
      subject: stack,
      hint: 'use letters, digits, dots and hyphens, and begin with a letter or digit',
    });
  }
  return path.join(statesFolder(root), stack);
}

/** Working folder of an existing folder's processes: a mirror of it, so that nothing is ever written to theirs. */
export function mirrorFolder(root: string, folder: string): string {
  return path.join(root, '.vcloud', 'mirror', folder);
}

/** Working folder of a stack, made if need be, for the owner's eyes only. */
export function makeStateFolder(root: string, stack: string): string {
  stateFolder(root, stack);
  return privateFolder(root, 'state', stack);
}

/** Folder of a plan relative to the federation's. */
export function planDirectory(id: string): string {
  return `.vcloud/plans/${id}`;
}

/** Log of one stack's plan relative to the federation's folder. */
export function planLogFile(id: string, stack: string): string {
  return `.vcloud/logs/${id}/${stack}.plan.ndjson`;
}

/** Log of one stack's apply relative to the federation's folder. */
export function logFile(id: string, stack: string): string {
  return `.vcloud/logs/${id}/${stack}.ndjson`;
}
