import type { Place } from '../core/index.ts';
import type { Declarations } from './model.ts';

/** Declarations made by a program, with the place of the call. */
export interface DeclaredInCode {
  readonly declarations: Declarations;
  /** Absolute path and position of the `declare` call. */
  readonly at: Place;
}

/**
 * Declares in TypeScript what a YAML file of the same folder could declare; the objects are the same.
 * Use it as `export default declare({ systems: [...] })` in `stacks/<agency>/declarations.ts`.
 */
export function declare(declarations: Declarations): DeclaredInCode {
  const frame = new Error().stack?.split('\n')[2] ?? '';
  const match = /(?:file:\/\/)?(\/[^()]+):(\d+):(\d+)\)?$/u.exec(frame);
  const at: Place = match ? { file: decodeURIComponent(match[1] ?? ''), line: Number(match[2]), column: Number(match[3]) } : { file: 'declarations.ts' };
  return { declarations, at };
}
