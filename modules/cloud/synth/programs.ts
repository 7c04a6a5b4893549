import * as path from 'node:path';
import { listFiles } from '../../core/index.ts';

/** Program files of a folder below `stacks/`, relative to the federation's folder: every .ts but `declarations.ts` and types. */
export function findPrograms(root: string, folder: string): string[] {
  if (folder === '') return [];
  return listFiles(path.join(root, 'stacks', folder), (name) => !name.includes('/') && isProgram(name)).map((name) => `stacks/${folder}/${name}`);
}

function isProgram(name: string): boolean {
  return /\.[cm]?ts$/u.test(name) && !/\.d\.[cm]?ts$/u.test(name) && name !== 'declarations.ts';
}
