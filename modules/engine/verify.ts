import * as fs from 'node:fs';
import * as path from 'node:path';
import { problem, Problems, sha256, type Problem } from '../core/index.ts';
import type { Engine } from './binary.ts';
import type { EngineCache } from './cache.ts';
import type { JournalEnd } from './journal.ts';
import { type Manifest, type ManifestStack, type StackActor, type StateVersion } from './manifest.ts';
import { resolveSelection, selectionExpression } from './select/index.ts';
import type { DeclaredStack } from './types.ts';

const again = 'plan again and review the new directory; nothing was changed';

/** Everything that moved between a plan and now: any of it makes the plan a plan of something else. */
export function findStale(given: {
  readonly manifest: Manifest;
  /** Absolute path of the plan directory. */
  readonly directory: string;
  readonly shown: string;
  readonly engine: Engine;
  readonly stacks: readonly DeclaredStack[];
  readonly journal: ReadonlyMap<string, JournalEnd>;
  readonly cache: EngineCache;
  /** Where states are kept now. */
  readonly backend: string;
}): { readonly stale: readonly Problem[]; readonly notes: readonly Problem[] } {
  const { manifest, engine, journal, cache } = given;
  const stale = new Problems();
  const notes: Problem[] = [];
  if (engine.name !== manifest.engine.name || engine.version !== manifest.engine.version) {
    stale.error('ENGINE-STALE-ENGINE', `planned with ${manifest.engine.name} ${manifest.engine.version}, here is ${engine.name} ${engine.version}`, {
      hint: again,
    });
  }
  if (manifest.backend !== undefined && manifest.backend !== given.backend) {
    stale.error('ENGINE-STALE-BACKEND', `planned on the states in "${manifest.backend}", and vcloud.yaml says that they are in "${given.backend}"`, {
      file: 'vcloud.yaml',
      hint: 'apply it where backend: names that store; if the states were moved since, plan again',
    });
  }
  const current = new Map(given.stacks.map((stack) => [stack.path, stack]));
  const { selection } = manifest;
  const planned = new Set([...manifest.stacks.map((stack) => stack.path), ...(selection.excluded ?? [])]);
  const declaredSince = given.stacks.filter((stack) => !planned.has(stack.path));
  const expressions = selection.expression === undefined ? undefined : [selection.expression];
  const expression = selectionExpression({ agency: selection.agency, stack: selection.stack, expressions });
  // What is new has never been applied, whatever else happened since.
  const chosen = expression && resolveSelection(expression, { stacks: given.stacks, changed: () => new Set(declaredSince.map((stack) => stack.path)) }).paths;
  for (const stack of declaredSince) {
    if (chosen?.has(stack.path) ?? true) {
      stale.error('ENGINE-STALE-STACK', 'declared since the plan was made', { subject: stack.path, hint: again });
    }
  }
  for (const stack of manifest.stacks) {
    const subject = stack.path;
    const now = current.get(stack.path);
    if (stack.digest === undefined) {
      if (now !== undefined) stale.error('ENGINE-STALE-STACK', 'planned for removal and declared again since', { subject, hint: again });
    } else if (now === undefined) stale.error('ENGINE-STALE-STACK', 'no longer declared', { subject, hint: again });
    else if (now.digest !== stack.digest) {
      stale.error('ENGINE-STALE-STACK', `its configuration changed (${stack.digest.slice(0, 12)} -> ${now.digest.slice(0, 12)})`, { subject, hint: again });
    } else if (stack.actor !== undefined && actorText(now) !== actorText(stack.actor)) {
      stale.error('ENGINE-STALE-STACK', `where it runs, and as whom, changed (${actorText(stack.actor)} -> ${actorText(now)})`, { subject, hint: again });
    }
    if (stack.state !== 'planned') {
      // Nothing of it is applied, but a state that moved says that something newer was.
      try {
        const { head } = cache.state(stack.path);
        if (!sameVersion(stack.before, head)) {
          stale.error('ENGINE-STALE-STATE', `its state moved: planned beside ${shownVersion(stack.before)}, now ${shownVersion(head)}`, {
            subject,
            hint: again,
          });
        }
      } catch (error) {
        stale.absorb(error);
      }
      continue;
    }
    if (!filesAreWhole(given.directory, stack)) {
      stale.error('ENGINE-STALE-PLAN', 'its saved plan is missing or not the one that was made', {
        file: `${given.shown}/${stack.saved?.plan ?? ''}`,
        subject,
        hint: again,
      });
    }
    try {
      const mended = cache.state(stack.path);
      notes.push(...mended.problems);
      const before = ownEnd(stack, journal);
      // What this directory's own run did to the state is no move.
      const expected: readonly (StateVersion | undefined)[] =
        before === undefined ? [stack.before] : before.result === 'applied' ? [before.state] : [before.state, stack.before];
      if (!expected.some((version) => sameVersion(version, mended.head))) {
        stale.error('ENGINE-STALE-STATE', `its state moved: planned on ${shownVersion(expected[0])}, now ${shownVersion(mended.head)}`, {
          subject,
          hint: again,
        });
      }
      for (const [producer, outputs] of Object.entries(stack.reads)) {
        if (before?.result !== 'applied' && (cache.state(producer).head?.outputs ?? null) !== outputs) {
          stale.error('ENGINE-STALE-INPUT', `outputs it reads from ${producer} changed`, { subject, hint: again });
        }
      }
    } catch (error) {
      stale.absorb(error);
    }
  }
  return { stale: stale.list, notes };
}

/** How this very plan of the stack ended before; undefined when it has not been applied. */
export function ownEnd(stack: ManifestStack, journal: ReadonlyMap<string, JournalEnd>): JournalEnd | undefined {
  const end = journal.get(stack.path);
  return end?.key === stack.key ? end : undefined;
}

export function sameVersion(a: StateVersion | undefined, b: StateVersion | undefined): boolean {
  return a?.serial === b?.serial && a?.lineage === b?.lineage;
}

function actorText({ cloud, tenant, authority }: StackActor): string {
  return `cloud ${cloud ?? 'none'}, tenant ${tenant ?? 'none'}${authority === undefined ? '' : `, as ${authority}`}`;
}

function shownVersion(version: StateVersion | undefined): string {
  return version === undefined ? 'no state' : `serial ${version.serial} of ${version.lineage.slice(0, 8)}`;
}

function filesAreWhole(directory: string, stack: ManifestStack): boolean {
  if (stack.saved === undefined) return false;
  try {
    return sha256(fs.readFileSync(path.join(directory, stack.saved.plan))) === stack.saved.sha256;
  } catch {
    return false;
  }
}

/** The problem of a machine without an engine. */
export function unavailable(found: { readonly reason: string; readonly hint: string }): Problem {
  return problem('ENGINE-UNAVAILABLE', found.reason, { hint: found.hint });
}
