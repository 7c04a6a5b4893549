import * as fs from 'node:fs';
import * as path from 'node:path';
import { compareCodeUnits, fail, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import type { PlanSet } from '../model.ts';
import type { KeyOwners } from './owners.ts';

/** Where GitHub looks for the file, in this order; the first there is counts. */
const places = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/** A file of plans or locks, and whom a change of it concerns. */
export interface OwnedFile {
  /** Relative to the federation's folder. */
  readonly file: string;
  /** Organisations whose keys have lines in it. */
  readonly organisations: readonly string[];
  /** People and teams to ask: reviewers of those organisations. */
  readonly reviewers: readonly string[];
}

/** Every file with a line about a key of an organisation that names reviewers, in code-unit order. */
export function ownedFiles(planSet: PlanSet, owners: KeyOwners): OwnedFile[] {
  const reviewers = new Map<string, Set<string>>();
  for (const { organisation, reviewers: list } of planSet.owners) {
    const known = reviewers.get(organisation) ?? new Set();
    list.forEach((reviewer) => known.add(reviewer));
    reviewers.set(organisation, known);
  }
  const files = new Map<string, Set<string>>();
  const { needs, rows, asnNeeds, asnRows } = planSet;
  for (const { key, place } of [...needs.values(), ...rows.values(), ...asnNeeds.values(), ...asnRows.values()]) {
    const { organisation } = owners.of(key);
    if (organisation === undefined || (reviewers.get(organisation)?.size ?? 0) === 0) continue;
    const list = files.get(place.file);
    if (list) list.add(organisation);
    else files.set(place.file, new Set([organisation]));
  }
  return [...files]
    .map(([file, organisations]) => ({
      file,
      organisations: [...organisations].sort(compareCodeUnits),
      reviewers: [...new Set([...organisations].flatMap((organisation) => [...(reviewers.get(organisation) ?? [])]))].sort(compareCodeUnits),
    }))
    .sort((one, other) => compareCodeUnits(one.file, other.file));
}

/**
 * The lines of a CODEOWNERS file (docs.github.com, "About code owners"): one pattern a line, the last that matches counts, and
 * these match one file each, so their order among themselves does not matter. `prefix` leads from the top of the repository to
 * the federation's folder.
 */
export function codeownersLines(files: readonly OwnedFile[], prefix: string): string[] {
  return files.map(({ file, reviewers }) => `${codeownersPattern(`${prefix}${file}`)} ${reviewers.join(' ')}`);
}

/**
 * A path as a pattern for exactly that file. Blanks and the pattern's own signs are escaped as in gitignore; `[`, `]`, `!` and
 * `#` have no escape in CODEOWNERS, so that any one character stands for them.
 */
export function codeownersPattern(file: string): string {
  return `/${file}`.replace(/[\\*? \t]/gu, '\\$&').replace(/[[\]!#]/gu, '?');
}

function marks(prefix: string): { begin: string; end: string } {
  const whose = prefix === '' ? '' : ` (${prefix.replace(/\/$/u, '')})`;
  return { begin: `# BEGIN vcloud net owners${whose}`, end: `# END vcloud net owners${whose}` };
}

/** The block a tool keeps: everything between its marks is rewritten, everything else is somebody's. */
export function codeownersBlock(lines: readonly string[], prefix: string): string {
  const { begin, end } = marks(prefix);
  return [begin, '# Made by `vcloud net owners --write` from `owners:` in network-plans/; one of those named must approve.', ...lines, end, ''].join('\n');
}

/**
 * Puts the block into the repository's CODEOWNERS, in the place it has or at the end, and leaves all other lines.
 * @returns the file, relative to the repository, and whether it changed
 * @throws ProblemError NET-CODEOWNERS where a mark stands without its other half
 */
export function writeCodeowners(top: string, prefix: string, lines: readonly string[]): { file: string; changed: boolean } {
  const file = places.find((name) => fs.existsSync(path.join(top, name))) ?? places[0] ?? '';
  const before = readTextIfPresent(path.join(top, file)) ?? '';
  return { file, changed: writeFileAtomic(path.join(top, file), withBlock(file, before, codeownersBlock(lines, prefix), prefix)) };
}

function withBlock(file: string, before: string, block: string, prefix: string): string {
  const { begin, end } = marks(prefix);
  const rows = before.split('\n');
  const first = rows.indexOf(begin);
  const last = rows.indexOf(end);
  if (first < 0 && last < 0) return before === '' ? block : `${before.replace(/\n*$/u, '\n')}\n${block}`;
  if (first < 0 || last < first || rows.indexOf(begin, first + 1) >= 0 || rows.indexOf(end, last + 1) >= 0) {
    fail('NET-CODEOWNERS', `the block of this tool cannot be told from other lines: "${first < 0 || last < first ? begin : end}" is missing or stands twice`, {
      file,
      line: Math.max(first, last) + 1,
      hint: 'restore the two marks, or remove both with what stands between them',
    });
  }
  return [...rows.slice(0, first), ...block.replace(/\n$/u, '').split('\n'), ...rows.slice(last + 1)].join('\n');
}
