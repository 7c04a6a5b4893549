import { looksSecret, sortedBy } from '../../core/index.ts';
import type { Manifest, ManifestStack } from '../manifest.ts';
import { sensitiveText } from './changes.ts';
import { stackEffects } from './effects.ts';
import type { Preflight } from '../preflight/types.ts';
import type { Effect, ObjectChange, RequiredApproval, Review, ReviewNames, ReviewStack } from './types.ts';

/** What those who declare know of stacks and agencies and the engine does not. */
export interface ReviewFacts {
  /** Names of agencies by id. */
  readonly names?: Readonly<Record<string, ReviewNames>> | undefined;
  /** Security level by stack path. */
  readonly levels?: Readonly<Record<string, number>> | undefined;
  /** Effects that follow from the declarations alone. */
  readonly effects?: readonly Effect[] | undefined;
}

/** The review of a plan. `details` are the changes attribute by attribute, of the stacks they were read for. Pure. */
export function buildReview(
  manifest: Pick<Manifest, 'id' | 'environment' | 'engine' | 'stacks' | 'purpose'>,
  details: ReadonlyMap<string, readonly ObjectChange[]>,
  facts: ReviewFacts,
  approvalsFor: (effects: readonly Effect[]) => readonly RequiredApproval[] = () => [],
  preflight?: Preflight,
): Review {
  const stacks = sortedBy(
    manifest.stacks.filter((stack) => stack.state !== 'unchanged'),
    ({ agency, path }) => `${agency} ${path}`,
  ).map((stack) => reviewStack(stack, details.get(stack.path), facts.levels?.[stack.path]));
  const unchanged: Record<string, number> = {};
  for (const { state, agency } of manifest.stacks) if (state === 'unchanged') unchanged[agency] = (unchanged[agency] ?? 0) + 1;
  const agencies = new Set(manifest.stacks.map(({ agency }) => agency));
  const effects = [...stackEffects(stacks), ...(facts.effects ?? [])];
  for (const { agency } of effects) agencies.add(agency);
  const names = Object.fromEntries([...agencies].sort().flatMap((id) => (facts.names?.[id] === undefined ? [] : [[id, facts.names[id]]])));
  const { id, environment, engine, purpose } = manifest;
  const told = { ...(purpose === undefined ? {} : { purpose }), ...(preflight === undefined ? {} : { preflight }) };
  return { plan: id, environment, ...told, engine, names, stacks, unchanged, effects, approvals: approvalsFor(effects) };
}

function reviewStack(stack: ManifestStack, detailed: readonly ObjectChange[] | undefined, level: number | undefined): ReviewStack {
  const { path, agency, state, add, change, destroy, waitsFor, outputs, removed, reason, error } = stack;
  const plain = stack.changes.map(({ address, type, actions }): ObjectChange => ({ address, type, action: actions[0] ?? 'no-op' }));
  return {
    path,
    agency,
    state,
    add,
    change,
    destroy,
    waitsFor,
    changes: detailed ?? plain,
    detailed: detailed !== undefined,
    ...(outputs === undefined ? {} : { outputs }),
    ...(removed === undefined ? {} : { removed }),
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error: withoutSecrets(error) }),
    ...(level === undefined ? {} : { level }),
  };
}

/** An engine's error may quote a value: lines with what looks like a secret are left out. */
function withoutSecrets(error: string): string {
  return error
    .split('\n')
    .map((line) => (looksSecret(line) ? sensitiveText : line))
    .join('\n');
}
