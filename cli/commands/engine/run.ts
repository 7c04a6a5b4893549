import * as path from 'node:path';
import { canonicalJson, writeFileAtomic } from '../../../modules/core/basics.ts';
import type { RunReport } from '../../../modules/engine/index.ts';
import type { Context, OptionSpec } from '../../kit.ts';

export const reportOption: OptionSpec = { flags: '--report <file>', description: 'write what was done with every stack as JSON (schema: run-report)' };

/** What verbs that run many stacks have in common, for their help. */
export const runHelp = `At most engine.parallelism stacks of vcloud.yaml are at work at once; by default as many as there are cores, and no more than three quarters of the available memory bear at 128 MiB for one engine with its provider (measured: Terraform 58 to 96, the OpenStack provider 32). "init" has a limit of its own, engine.init, and runs one at a time where a cache of providers is shared. What took longest before, with all that hangs on it, is begun first. A plan that fails for a transient reason (connection cut, too many requests, registry or state lock) is tried up to four times; an apply only when the engine had begun nothing.`;

/** Writes the report where one is asked for; the path is relative to the current folder, as the shell completes it. */
export function writeReport(_context: Context, options: Readonly<Record<string, unknown>>, report: RunReport): void {
  const file = options['report'];
  if (typeof file === 'string') writeFileAtomic(path.resolve(file), `${canonicalJson(report, 2)}\n`);
}

/** The last lines of the logs of failed stacks, one stack after the other. */
export function lastWords(
  { root, json }: Context,
  failed: readonly { readonly path: string; readonly log?: string | undefined }[],
  lastLines: (root: string, log: string) => readonly string[],
): string {
  if (json) return '';
  return failed
    .flatMap(({ path: stack, log }) => (log === undefined ? [] : [`\n\n== ${stack} (${log})`, ...lastLines(root, log).map((line) => `\n   ${line}`)]))
    .join('');
}
