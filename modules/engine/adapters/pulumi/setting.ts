import { fail, ProblemError, Problems } from '../../../core/index.ts';
import { resolveValue } from '../../credentials/references.ts';
import { openServices, type ServiceSettings } from '../../credentials/services.ts';
import { childEnvironment } from '../../environment.ts';
import { readStackFile } from '../../state.ts';
import type { DeclaredStack } from '../../types.ts';
import { requirePromise } from '../promises.ts';

import type { Program } from './program.ts';
import { renderProgram } from './render.ts';
import type { SchemaOf } from './schema.ts';

/** What Pulumi needs beyond what all engines do. */
export interface PulumiSettings {
  /** Schemas of the providers' resources, loaded when they are needed. */
  readonly schema?: (() => Promise<SchemaOf>) | undefined;
  /** Reference (`env:NAME`, `file:PATH`) to the passphrase secrets in Pulumi's states are encrypted with. */
  readonly passphrase?: string | undefined;
}

/** Programs of all stacks, by path. Everything that cannot be carried over is said at once, for all of them. */
export async function renderAll(stacks: readonly DeclaredStack[], settings: PulumiSettings): Promise<Map<string, Program>> {
  const sandbox = stacks.find(({ environment, folder }) => environment === 'sandbox' && folder === undefined);
  if (sandbox !== undefined) requirePromise('pulumi', 'sandbox', `environment: sandbox (${sandbox.path})`);
  const schema = (await settings.schema?.()) ?? ((): undefined => undefined);
  const problems = new Problems();
  const programs = new Map<string, Program>();
  for (const { path, json, folder } of stacks) {
    try {
      if (folder !== undefined || json === undefined) requirePromise('pulumi', 'folders', `the stack ${path}`);
      else programs.set(path, renderProgram({ path, json }, schema));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.absorb(error);
    }
  }
  problems.throwIfErrors();
  return programs;
}

/**
 * The passphrase. It is asked for before anything is made: without it every secret would stand in the state in clear or not at all.
 * @throws ProblemError ENGINE-PULUMI-PASSPHRASE, ENGINE-CREDENTIALS
 */
export function passphraseOf(root: string, { passphrase }: PulumiSettings): string {
  if (passphrase === undefined) {
    fail('ENGINE-PULUMI-PASSPHRASE', "no passphrase is named for the secrets in Pulumi's states", {
      file: 'vcloud.yaml',
      hint: 'set engine.passphrase to env:NAME or file:PATH',
    });
  }
  return resolveValue(passphrase, { root, environment: process.env, subject: "Pulumi's states" });
}

/** The environment of each stack's processes. */
export function environments(
  options: ServiceSettings & {
    readonly root: string;
    readonly stacks: readonly DeclaredStack[];
    readonly environment?: Readonly<Record<string, string>> | undefined;
  },
): (stack: string) => Readonly<Record<string, string>> {
  const { root, credentials, tenantCredentials, stacks } = options;
  const environment = childEnvironment(process.env, options.environment);
  // Stores of states are not opened: Pulumi keeps its own.
  const engine = { name: 'terraform', version: '', binary: '' } as const;
  const services = openServices({ root, credentials, tenantCredentials, stacks, engine, environment, recordOf: (stack) => readStackFile(root, stack) });
  return (stack) => services.environmentOf(stack);
}
