import * as fs from 'node:fs';
import * as path from 'node:path';
import { isObject, problem, sha256, type Problem } from '../../core/index.ts';
import type { Engine } from '../binary.ts';
import { realNames, type Manifest, type ManifestStack } from '../manifest.ts';
import { runEngine } from '../process.ts';
import { objectChanges } from '../review/changes.ts';
import { readChanges } from '../review/write.ts';
import type { Effect, ObjectChange } from '../review/types.ts';
import { atMost } from '../schedule/index.ts';
import { readStackFile } from '../state.ts';
import type { Action, DeclaredStack } from '../types.ts';
import { workspaceFolder } from '../workspace.ts';

/** What reading saved plans takes. */
export interface PlanReader {
  readonly engine: Engine;
  /** Environment of its processes; no credentials are needed. */
  readonly environment: Readonly<Record<string, string>>;
  /** Plans read at once. */
  readonly parallelism: number;
  /** Seconds one may take. */
  readonly timeout?: number | undefined;
}

/** A manifest as its saved plans have it: what they do, object by object, in place of what the manifest says that they do. */
export interface SavedManifest {
  readonly manifest: Manifest;
  readonly changes: ReadonlyMap<string, readonly ObjectChange[]>;
  /** Plans that cannot be read, or that do what nobody was told. */
  readonly problems: readonly Problem[];
}

/**
 * What the saved plans of a directory do, read by the engine from the very files that would be applied (`show -json`), and
 * whose they are as it is declared here. A manifest says both too, but whoever made the directory wrote it: what it leaves
 * out would need no approval. Only files whose digest is that of the manifest are read; others are refused elsewhere.
 */
export async function readSavedPlans(
  given: { readonly root: string; readonly directory: string; readonly shown: string; readonly manifest: Manifest; readonly stacks: readonly DeclaredStack[] },
  reader: PlanReader,
): Promise<SavedManifest> {
  const { root, directory, manifest } = given;
  const declared = new Map(given.stacks.map((stack) => [stack.path, stack]));
  const told = readChanges(directory, manifest.stacks);
  const changes = new Map<string, readonly ObjectChange[]>();
  const problems: Problem[] = [];
  const once = atMost(reader.parallelism);
  const environments = new Set<string>([manifest.environment]);
  const stacks = await Promise.all(
    manifest.stacks.map(async (stack): Promise<ManifestStack> => {
      const now = declared.get(stack.path);
      const record = now ?? readStackFile(root, stack.path);
      environments.add(record?.environment ?? manifest.environment);
      const of = { ...stack, agency: record?.agency ?? stack.agency };
      const file = path.join(directory, stack.saved?.plan ?? '');
      if (stack.state !== 'planned' || stack.saved === undefined || !isWhole(file, stack.saved.sha256)) return of;
      const { saved } = stack;
      const found = await once(async () => await shownPlan(reader, workspaceFolder(root, stack.path, now), file));
      if ('failed' in found) {
        problems.push(
          problem('ENGINE-PLAN-UNREAD', `what its saved plan does cannot be read, so nobody can tell who must approve it: ${found.failed}`, {
            file: `${given.shown}/${saved.plan}`,
            subject: stack.path,
            hint: 'apply it where the engine can read it, with the providers it was planned with; or plan again',
          }),
        );
        return of;
      }
      const sandbox = (record?.environment ?? manifest.environment) === 'sandbox' && now?.folder === undefined;
      const list = objectChanges(found.plan, realNames(now ?? { resources: [] }), sandbox);
      changes.set(stack.path, list);
      const untold = untoldChanges(list, stack, told.get(stack.path));
      if (untold.length > 0) {
        const more = untold.length > 3 ? `; ${untold.length - 3} more` : '';
        problems.push(
          problem('ENGINE-STALE-REVIEW', `its saved plan does what nobody was told: ${untold.slice(0, 3).join('; ')}${more}`, {
            file: `${given.shown}/${saved.plan}`,
            subject: stack.path,
            hint: 'ask who made this directory; plan again and review the new one; nothing was changed',
          }),
        );
      }
      return { ...of, removed: now === undefined, destroy: list.filter(({ action }) => action === 'delete' || action === 'replace').length };
    }),
  );
  return { manifest: { ...manifest, environment: environments.has('production') ? 'production' : 'sandbox', stacks }, changes, problems };
}

async function shownPlan(reader: PlanReader, folder: string, file: string): Promise<{ readonly plan: unknown } | { readonly failed: string }> {
  const { engine, environment, timeout } = reader;
  const ended = await runEngine({ binary: engine.binary, arguments: ['show', '-json', file], folder, environment, timeout });
  if (ended.code !== 0) return { failed: ended.stderr.trim() || `the engine ended with ${ended.code ?? ended.signal ?? 'no exit code'}` };
  try {
    const plan: unknown = JSON.parse(ended.stdout);
    if (isObject(plan) && typeof plan['format_version'] === 'string') return { plan };
  } catch {
    // Told below.
  }
  return { failed: 'the engine printed no plan' };
}

const kinds: Readonly<Partial<Record<Action, Effect['effect']>>> = {
  create: 'create',
  import: 'create',
  update: 'update',
  replace: 'replace',
  delete: 'destroy',
};

/** What a plan does that one of the two places people read from (the manifest, the changes attribute by attribute) does not tell. */
function untoldChanges(list: readonly ObjectChange[], stack: ManifestStack, details: readonly ObjectChange[] | undefined): string[] {
  const places = [
    new Set(stack.changes.flatMap(({ address, actions }) => actions.map((action) => `${kinds[action] ?? action} ${address}`))),
    ...(details === undefined ? [] : [new Set(details.map(({ address, action }) => `${kinds[action] ?? action} ${address}`))]),
  ];
  return list.map(({ address, action }) => `${kinds[action] ?? action} ${address}`).filter((one) => places.some((place) => !place.has(one)));
}

function isWhole(file: string, digest: string): boolean {
  try {
    return sha256(fs.readFileSync(file)) === digest;
  } catch {
    return false;
  }
}
