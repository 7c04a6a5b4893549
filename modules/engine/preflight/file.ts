import { API_VERSION, canonicalJson } from '../../core/index.ts';
import type { Preflight } from './types.ts';

/** Name of the file in a plan directory. */
export const preflightFile = 'preflight.json';

/** The file people and programs read beside a plan. */
export function preflightText(found: Preflight): string {
  return `${canonicalJson({ apiVersion: API_VERSION, kind: 'PreflightResults', ...found }, 2)}\n`;
}
