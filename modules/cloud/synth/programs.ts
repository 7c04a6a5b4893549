import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { compareCodeUnits, listFiles, readTextIfPresent, sha256 } from '../../core/index.ts';

/** The programs of a folder and a digest of every text they are made of. */
export interface ProgramFiles {
  /** Relative to the federation's folder. */
  readonly files: readonly string[];
  /** Digest of these files and of what they import by relative path, near or far. */
  readonly digest: string;
}

/** Finds the programs of a folder below `stacks/`: every .ts file directly in it but `declarations.ts` and types. */
export function findPrograms(root: string, folder: string): ProgramFiles {
  const files = folder === '' ? [] : programsIn(path.join(root, 'stacks', folder)).map((name) => `stacks/${folder}/${name}`);
  const texts = new Map<string, string>();
  for (const file of files) collect(path.join(root, file), texts);
  const listed = [...texts].sort(([a], [b]) => compareCodeUnits(a, b)).map(([file, text]) => `${path.relative(root, file)} ${sha256(text)}`);
  return { files, digest: sha256(listed.join('\n')) };
}

function programsIn(folder: string): string[] {
  return listFiles(folder, (name) => !name.includes('/') && /\.[cm]?ts$/u.test(name) && !/\.d\.[cm]?ts$/u.test(name) && name !== 'declarations.ts');
}

/** A file and all it imports by relative path; what a package holds is the toolkit's version to tell. */
function collect(file: string, texts: Map<string, string>): void {
  if (texts.has(file)) return;
  const text = readTextIfPresent(file);
  if (text === undefined) return;
  texts.set(file, text);
  for (const [, specifier = ''] of text.matchAll(/(?:\bfrom|\bimport|\breadFileSync)\s*\(?\s*(?:new URL\(\s*)?['"](\.{1,2}\/[^'"]+)['"]/gu))
    collect(path.join(path.dirname(file), specifier), texts);
}

/**
 * Stamp of the toolkit's own files: their names, sizes and times. What an older toolkit synthesised is not used again.
 */
export function toolkitStamp(): string {
  const modules = path.resolve(import.meta.dirname, '../..');
  const stamps: string[] = [];
  for (const room of ['core', 'federation', 'cloud']) {
    const folder = path.join(modules, room);
    for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const { size, mtimeMs } = fs.statSync(path.join(entry.parentPath, entry.name));
      stamps.push(`${path.relative(folder, entry.parentPath)}/${entry.name} ${size} ${mtimeMs}`);
    }
  }
  const { size, mtimeMs } = fs.statSync(createRequire(import.meta.url).resolve('cdktf'));
  stamps.push(`cdktf ${size} ${mtimeMs}`);
  return sha256(stamps.sort(compareCodeUnits).join('\n'));
}
