import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail } from '../../core/index.ts';
import type { PlanSet } from '../model.ts';
import type { Adoption } from './adopt.ts';

export interface AdoptFileOptions {
  /** Path of a mapping (`kind: AdoptMapping`) that corrects what is guessed, relative to `root`. */
  readonly mapping?: string | undefined;
  /** Name of the plan; by default that of the file. */
  readonly name?: string | undefined;
  /** The plans of the folder, whose keys, pools and domains are left alone. */
  readonly existing?: PlanSet | undefined;
  /** Only propose, write nothing. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Reads a workbook (XLSX, XLS), CSV, NetBox or phpIPAM export or RPSL objects and writes the plan and lock that hold
 * every address in it. Never overwrites a file.
 * @param file path of the file, relative to `root` or absolute
 * @throws ProblemError NET-ADOPT-NOTHING, NET-ADOPT-WORKBOOK, NET-ADOPT-ENCODING, NET-ADOPT-HELD, NET-ADOPT-EXISTS, CORE-FILE-MISSING, CORE-LOCKED
 */
export async function adoptFile(root: string, file: string, options: AdoptFileOptions = {}): Promise<Adoption> {
  // Nothing of it is needed by other verbs.
  const { adopt, writeAdoption, readMapping } = await import('./index.ts');
  const whole = path.resolve(root, file);
  const relative = path.relative(root, whole);
  const named = relative.startsWith('..') || path.isAbsolute(relative) ? path.basename(file) : relative.split(path.sep).join('/');
  const mapping = options.mapping === undefined ? undefined : readMapping(root, options.mapping);
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(whole);
  } catch (error) {
    return fail('CORE-FILE-MISSING', `cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, { file: named, hint: 'check the path' });
  }
  const adoption = await adopt(named, bytes, { mapping, name: options.name, existing: options.existing });
  if (options.dryRun !== true) await writeAdoption(root, adoption);
  return adoption;
}
