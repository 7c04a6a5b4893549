import { ProblemError, sortedBy, type Problem } from '../core/index.ts';
import type { Engine } from './binary.ts';
import type { EngineCache } from './cache.ts';
import { inputKey } from './manifest.ts';
import { pendingImports } from './orphans/files.ts';
import { listStates, readStackFile, type StackRecord, type StateHead } from './state.ts';
import type { DeclaredStack } from './types.ts';

/** A stack of this run with everything its plan follows from. */
export interface Subject {
  readonly path: string;
  readonly agency: string;
  /** Absent: it is no longer declared. */
  readonly stack?: DeclaredStack | undefined;
  readonly head?: StateHead | undefined;
  readonly reads: Readonly<Record<string, string | null>>;
  readonly dependsOn: readonly string[];
  readonly after: readonly string[];
  readonly key: string;
  /** What its processes reach, and as whom (`Services.actorOf`). */
  readonly actor: string | undefined;
  /** Why it cannot be planned at all: its state is unreadable. */
  readonly broken?: string | undefined;
}

/** Everything the run is about: the chosen stacks, and those that have a state and are declared no more. */
export function gather(
  root: string,
  given: {
    /** All stacks of the synthesis, and those selected. */
    readonly stacks: readonly DeclaredStack[];
    readonly chosen: readonly DeclaredStack[];
    /** Paths selected, of stacks declared no more too. */
    readonly selected: ReadonlySet<string>;
    readonly engine: Engine;
    readonly actorOf: (stack: string) => string | undefined;
    readonly cache: EngineCache;
    /** Collects what was mended. */
    readonly problems: Problem[];
  },
): Subject[] {
  const { selected, chosen, engine, actorOf, cache, problems } = given;
  const read = (name: string): { head?: StateHead | undefined; broken?: string | undefined } => {
    try {
      const mended = cache.state(name);
      problems.push(...mended.problems);
      return { head: mended.head };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(...error.problems);
      return { broken: error.problems.map((found) => found.message).join('; ') };
    }
  };
  const declared = new Set(given.stacks.map((stack) => stack.path));
  const removed: { path: string; agency: string; head: StateHead; record: StackRecord | undefined }[] = [];
  const records = new Map<string, StackRecord>();
  for (const name of listStates(root)) {
    if (declared.has(name)) continue;
    const { head } = read(name);
    const record = readStackFile(root, name);
    const agency = record?.agency ?? name.split('.')[0] ?? name;
    if (record !== undefined) records.set(name, record);
    if (head !== undefined && head.resources > 0 && selected.has(name)) removed.push({ path: name, agency, head, record });
  }
  if (removed.length > 0) {
    for (const stack of chosen) {
      const record = readStackFile(root, stack.path);
      if (record !== undefined) records.set(stack.path, record);
    }
  }
  const heads = new Map<string, StateHead | undefined>();
  const outputsOf = (name: string): string | null => {
    if (!heads.has(name)) heads.set(name, read(name).head);
    return heads.get(name)?.outputs ?? null;
  };
  const readsOf = (names: readonly string[]): Record<string, string | null> => Object.fromEntries(names.map((name) => [name, outputsOf(name)]));
  const subjects: Subject[] = chosen.map((stack) => {
    const { head, broken } = read(stack.path);
    heads.set(stack.path, head);
    return {
      path: stack.path,
      agency: stack.agency,
      stack,
      head,
      broken,
      reads: {},
      dependsOn: stack.dependsOn,
      after: [],
      key: '',
      actor: actorOf(stack.path),
    };
  });
  return sortedBy(
    [
      ...subjects.map((subject): Subject => {
        const { digest, reads: readsFrom = [], dependsOn = [] } = subject.stack ?? {};
        const reads = readsOf(readsFrom);
        const imports = pendingImports(root, subject.path);
        return {
          ...subject,
          reads,
          after: [...new Set([...readsFrom, ...dependsOn])].sort(),
          key: inputKey({ engine, digest, before: subject.head, reads, actor: subject.actor, imports }),
        };
      }),
      ...removed.map(({ path: name, agency, head }): Subject => {
        // Whoever used it when last applied must have let go of it first.
        const after = [...records.values()].filter((other) => [...other.reads, ...other.dependsOn].includes(name)).map((other) => other.path);
        const actor = actorOf(name);
        return {
          path: name,
          agency,
          head,
          actor,
          reads: {},
          dependsOn: [],
          after: after.sort(),
          key: inputKey({ engine, digest: undefined, before: head, reads: {}, actor }),
        };
      }),
    ],
    (subject) => subject.path,
  );
}
