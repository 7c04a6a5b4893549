import * as fs from 'node:fs';
import * as path from 'node:path';
import { planDirectory } from '../folders.ts';
import { readJournal } from '../journal.ts';
import { manifestFile, type Manifest } from '../manifest.ts';
import { readManifest } from '../read-manifest.ts';
import { ownEnd } from '../verify.ts';

/**
 * The plan an interrupted run left, as a directory relative to the federation's folder: of those begun and not finished,
 * and of those that plan the rest of such a one, the newest. A plan whose rest was planned again is over. Undefined: none.
 */
export function unfinishedPlan(root: string): string | undefined {
  const plans = path.join(root, '.vcloud', 'plans');
  const found: { readonly manifest: Manifest; readonly touched: number }[] = [];
  for (const id of folderNames(plans)) {
    const file = path.join(plans, id, manifestFile);
    if (!fs.existsSync(file)) continue;
    const manifest = readManifest(path.join(plans, id), planDirectory(id));
    const journal = path.join(root, '.vcloud', 'journal', `${id}.ndjson`);
    const begun = fs.existsSync(journal);
    if (!begun && manifest.continues === undefined) continue;
    found.push({ manifest, touched: Math.max(fs.statSync(file).mtimeMs, begun ? fs.statSync(journal).mtimeMs : 0) });
  }
  const continued = new Set(found.map(({ manifest }) => manifest.continues));
  const open = found.filter(({ manifest }) => !continued.has(manifest.id) && isUnfinished(root, manifest));
  open.sort((a, b) => b.touched - a.touched);
  return open[0] && planDirectory(open[0].manifest.id);
}

function isUnfinished(root: string, manifest: Manifest): boolean {
  const journal = readJournal(root, manifest.id);
  return manifest.stacks.some((stack) => stack.state === 'planned' && ownEnd(stack, journal)?.result !== 'applied');
}

function folderNames(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
