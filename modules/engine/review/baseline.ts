import * as path from 'node:path';
import { API_VERSION, canonicalJson, isObject, privateFolder, readTextIfPresent, writeFileAtomic } from '../../core/index.ts';
import type { DeclaredValue } from './effects.ts';

const file = 'applied.json';

/** The declared values as they were when everything was last applied; undefined before that: then nobody relies on any. */
export function readBaseline(root: string): readonly DeclaredValue[] | undefined {
  const text = readTextIfPresent(path.join(root, '.vcloud', file));
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return isObject(value) && Array.isArray(value['values']) ? (value['values'] as DeclaredValue[]) : undefined;
}

/** Keeps the declared values once all they led to is applied. */
export function writeBaseline(root: string, values: readonly DeclaredValue[]): void {
  const text = canonicalJson({ apiVersion: API_VERSION, kind: 'AppliedDeclarations', values });
  writeFileAtomic(path.join(privateFolder(root), file), `${text}\n`, { mode: 0o600 });
}
