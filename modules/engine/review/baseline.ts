import * as path from 'node:path';
import { API_VERSION, canonicalJson, isObject, privateFolder, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import type { DeclaredValue } from './effects.ts';

const file = 'applied.json';

/** The declared values as they were when what they led to was last applied; undefined before that: then nobody relies on any. */
export function readBaseline(root: string): readonly DeclaredValue[] | undefined {
  const text = readTextIfPresent(path.join(root, '.vcloud', file));
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return isObject(value) && Array.isArray(value['values']) ? (value['values'] as DeclaredValue[]) : undefined;
}

/** Keeps the declared values once what they led to is applied. */
export function writeBaseline(root: string, values: readonly DeclaredValue[]): void {
  const text = canonicalJson({ apiVersion: API_VERSION, kind: 'AppliedDeclarations', values });
  writeFileAtomic(path.join(privateFolder(root), file), `${text}\n`, { mode: 0o600 });
}

/**
 * The baseline after an apply. With everything applied it is what is declared now. Otherwise only the agencies of which
 * every declared stack is applied move on: what the others rely on has not changed yet. The first apply of all starts
 * from what is declared, because nobody can tell what was before. Pure.
 */
export function nextBaseline(given: {
  readonly before: readonly DeclaredValue[] | undefined;
  readonly declared: readonly DeclaredValue[];
  /** Declared stacks, and the paths of those that are as declared now. */
  readonly stacks: readonly { readonly path: string; readonly agency: string }[];
  readonly done: ReadonlySet<string>;
}): readonly DeclaredValue[] {
  const { before, declared, stacks, done } = given;
  const open = new Set(stacks.filter(({ path: name }) => !done.has(name)).map(({ agency }) => agency));
  if (before === undefined || open.size === 0) return declared;
  const settled = new Set(stacks.map(({ agency }) => agency).filter((agency) => !open.has(agency)));
  return [...before.filter(({ agency }) => !settled.has(agency)), ...declared.filter(({ agency }) => settled.has(agency))];
}
