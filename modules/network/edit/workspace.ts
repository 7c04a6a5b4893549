import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Federation } from '../../federation/index.ts';
import { parseYaml, type Source } from '../../core/index.ts';
import { readPlans, type LoadPlansOptions } from '../load.ts';
import type { PlanSet } from '../model.ts';

/** The plans and locks an edit starts from: files of a member, some of them replaced by texts that are not written yet. */
export interface Workspace {
  readonly root: string;
  readonly federation: Federation | undefined;
  readonly options: LoadPlansOptions;
  readonly texts: ReadonlyMap<string, string>;
  readonly planSet: PlanSet;
  exists(file: string): boolean;
}

/**
 * Reads the plans and locks of a member for editing. `texts` stand for files that are not written yet.
 * @throws ProblemError with every problem of every file (CORE-*, NET-*)
 */
export function openWorkspace(
  root: string,
  federation?: Federation,
  options: LoadPlansOptions = {},
  texts: ReadonlyMap<string, string> = options.texts ?? new Map<string, string>(),
): Workspace {
  const read = { parse: parserWithMemory(), ...options };
  return {
    root,
    federation,
    options: read,
    texts,
    planSet: readPlans(root, federation, { ...read, texts }),
    exists: (file) => texts.has(file) || fs.existsSync(path.join(root, file)),
  };
}

/** The same files with some replaced by other texts. */
export function withTexts({ root, federation, options, texts }: Workspace, changed: ReadonlyMap<string, string>): Workspace {
  return openWorkspace(root, federation, options, new Map([...texts, ...changed]));
}

/** An edit reads plans several times, and most of their texts stay as they are: the last few are kept. */
function parserWithMemory(): (file: string, text: string) => Source {
  const known = new Map<string, Source>();
  return (file, text) => {
    const name = `${file}\n${text}`;
    const source = known.get(name) ?? parseYaml(file, text);
    known.delete(name);
    known.set(name, source);
    if (known.size > 16) known.delete(known.keys().next().value ?? '');
    return source;
  };
}
