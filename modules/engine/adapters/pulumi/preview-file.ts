import * as path from 'node:path';
import { API_VERSION, bringForward, canonicalJson, fail, isObject, readTextIfPresent, sha256, writeFileAtomic } from '../../../core/index.ts';
import type { PulumiChange } from './program.ts';

/** What a preview came to. No plan: what it names may be worked out anew, but never applied exactly. */
export interface Preview {
  readonly id: string;
  readonly engine: { readonly name: 'pulumi'; readonly version: string };
  readonly environment: 'sandbox' | 'production';
  readonly stacks: readonly PreviewedStack[];
}

export interface PreviewedStack {
  readonly path: string;
  readonly agency: string;
  readonly state: 'planned' | 'unchanged' | 'failed' | 'skipped';
  /** Digest of its configuration; absent: it is to be destroyed. */
  readonly digest?: string | undefined;
  /** Stacks that come before it. */
  readonly after: readonly string[];
  readonly changes: readonly PulumiChange[];
  readonly error?: string | undefined;
}

export const previewFile = 'preview.json';

/** Writes a preview into its directory and returns the digest of the file. */
export function writePreview(root: string, directory: string, preview: Preview): string {
  const text = `${canonicalJson({ apiVersion: API_VERSION, kind: 'PlanPreview', exact: false, ...preview }, 2)}\n`;
  writeFileAtomic(path.join(root, directory, previewFile), text, { mode: 0o600 });
  return sha256(text);
}

/**
 * Reads a preview back.
 * @throws ProblemError ENGINE-NO-PLAN, ENGINE-PLAN-FORMAT
 */
export function readPreview(directory: string, shown: string): { readonly preview: Preview; readonly digest: string } {
  const text = readTextIfPresent(path.join(directory, previewFile));
  if (text === undefined)
    fail('ENGINE-NO-PLAN', 'there is no preview of Pulumi', {
      file: `${shown}/${previewFile}`,
      hint: 'name a directory that "vcloud plan" printed with engine.binary: pulumi',
    });
  const value = parsed(text, shown);
  if (!isObject(value) || value['kind'] !== 'PlanPreview' || !Array.isArray(value['stacks'])) {
    fail('ENGINE-PLAN-FORMAT', 'this is no preview, or a part of one', { file: `${shown}/${previewFile}`, hint: 'run "vcloud plan" again' });
  }
  return { preview: value as unknown as Preview, digest: sha256(text) };
}

function parsed(text: string, shown: string): unknown {
  try {
    return bringForward(JSON.parse(text), { file: `${shown}/${previewFile}` });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
