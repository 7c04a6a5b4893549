import * as fs from 'node:fs';
import * as path from 'node:path';
import { API_VERSION, canonicalJson, readTextIfPresent, sha256, writeFileAtomic } from '../../core/index.ts';
import { loadApprovalPolicy, requiredApprovals } from '../approval/index.ts';
import type { Manifest, ManifestStack } from '../manifest.ts';
import type { StackResource } from '../types.ts';
import { preflightFile, preflightText } from '../preflight/file.ts';
import type { Preflight } from '../preflight/types.ts';
import { readBaseline } from './baseline.ts';
import { buildReview } from './build.ts';
import { objectChanges } from './changes.ts';
import { declaredEffects } from './effects.ts';
import type { PlanFacts, ReviewPage } from './facts.ts';
import { reviewMarkdown } from './markdown.ts';
import { reviewText } from './text.ts';
import type { Effect, ObjectChange, Review } from './types.ts';

/** Writes the changes of one saved plan, secrets left out, from what `show -json` printed. Returns the digest. */
export function writeChanges(file: string, stack: string, shown: string, names: ReadonlyMap<string, StackResource>, sandbox: boolean): string {
  const changes = objectChanges(JSON.parse(shown), names, sandbox);
  const text = `${canonicalJson({ apiVersion: API_VERSION, kind: 'PlannedChanges', stack, changes })}\n`;
  writeFileAtomic(file, text, { mode: 0o600, durable: false });
  return sha256(text);
}

/** The changes attribute by attribute, of the stacks they were read for. `directory` is absolute. */
export function readChanges(directory: string, stacks: readonly ManifestStack[]): Map<string, readonly ObjectChange[]> {
  const found = new Map<string, readonly ObjectChange[]>();
  for (const { path: name, saved } of stacks) {
    if (saved?.changes === undefined) continue;
    const text = readTextIfPresent(path.join(directory, saved.changes));
    if (text !== undefined && sha256(text) === saved.changesSha256) found.set(name, (JSON.parse(text) as { readonly changes: ObjectChange[] }).changes);
  }
  return found;
}

/** Effects that follow from declarations alone, of the agencies a plan is about. */
export function effectsBeyondStacks(root: string, manifest: Pick<Manifest, 'selection' | 'stacks'>, facts: PlanFacts | undefined): Effect[] {
  const before = facts?.declared === undefined ? undefined : readBaseline(root);
  if (before === undefined) return [];
  const effects = declaredEffects(before, facts?.declared ?? []);
  const { expression, agency, stack } = manifest.selection;
  if (expression === undefined && agency === undefined && stack === undefined) return effects;
  const agencies = new Set(manifest.stacks.map((one) => one.agency));
  return effects.filter((effect) => agencies.has(effect.agency));
}

/**
 * Writes what people review beside a plan: `summary.txt`, `summary.md` and, where a page can be made, `plan.html`.
 * Returns the manifest with their digests, so that who signs the manifest signs what was read.
 * @throws ProblemError ENGINE-APPROVAL-POLICY
 */
export async function writeReview(
  root: string,
  directory: string,
  manifest: Manifest,
  given: { readonly facts?: PlanFacts | undefined; readonly page?: ReviewPage | undefined; readonly preflight?: Preflight | undefined },
): Promise<Manifest> {
  const { facts } = given;
  const folder = path.join(root, directory);
  const known = {
    names: namesOf(facts, manifest),
    levels: levelsOf(facts, manifest),
    effects: effectsBeyondStacks(root, manifest, facts),
  };
  const policy = loadApprovalPolicy(root);
  const approvalsFor = (effects: readonly Effect[]): ReturnType<typeof requiredApprovals> =>
    policy === undefined ? [] : requiredApprovals(policy, effects, manifest.environment);
  const review = buildReview(manifest, readChanges(folder, manifest.stacks), known, approvalsFor, given.preflight);
  const language = facts?.language ?? 'en';
  const files = new Map([
    ['summary.txt', reviewText(review, language)],
    ['summary.md', reviewMarkdown(review, language)],
  ]);
  if (given.preflight === undefined) fs.rmSync(path.join(folder, preflightFile), { force: true });
  else files.set(preflightFile, preflightText(given.preflight));
  if (given.page === undefined) fs.rmSync(path.join(folder, 'plan.html'), { force: true });
  else files.set('plan.html', await given.page(review, language));
  for (const [name, text] of files) writeFileAtomic(path.join(folder, name), text, { mode: 0o600, durable: false });
  return {
    ...manifest,
    inputs: facts?.inputs,
    facts: { ...known, approvals: review.approvals },
    review: Object.fromEntries([...files].map(([name, text]) => [name, sha256(text)])),
  };
}

/** The review of a plan directory as its manifest tells it; also of directories made before there were reviews. */
export function reviewOf(directory: string, manifest: Manifest): Review {
  return buildReview(
    manifest,
    readChanges(directory, manifest.stacks),
    manifest.facts ?? {},
    () => manifest.facts?.approvals ?? [],
    readPreflight(directory, manifest),
  );
}

function readPreflight(directory: string, { review }: Manifest): Preflight | undefined {
  const text = review?.[preflightFile] === undefined ? undefined : readTextIfPresent(path.join(directory, preflightFile));
  if (text === undefined) return undefined;
  const { mode, pass, fail, unknown, findings } = JSON.parse(text) as Preflight;
  return { mode, pass, fail, unknown, findings };
}

/** Names of the agencies of this plan only: the rest would make every plan change with every new organisation. */
function namesOf(facts: PlanFacts | undefined, { stacks }: Manifest): NonNullable<PlanFacts['names']> {
  const agencies = [...new Set(stacks.map(({ agency }) => agency))].sort();
  return Object.fromEntries(agencies.flatMap((id) => (facts?.names?.[id] === undefined ? [] : [[id, facts.names[id]]])));
}

function levelsOf(facts: PlanFacts | undefined, { stacks }: Manifest): Record<string, number> {
  return Object.fromEntries(stacks.flatMap(({ path: name }) => (facts?.levels?.[name] === undefined ? [] : [[name, facts.levels[name]]])));
}
