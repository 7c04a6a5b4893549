import * as fs from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';

/**
 * What one engine process needs at its peak with one provider, in mebibytes. Measured: Terraform 1.11 58 to 96 with stacks of
 * up to 200 resources, the OpenStack provider 32 beside it.
 */
export const processMebibytes = 128;

/** Share of the available memory that engines may take together; the rest is for this process and for what else runs. */
const share = 0.75;

/** How many stacks may be at work at once, and how many `init` among them. */
export interface Limits {
  readonly parallelism: number;
  readonly init: number;
}

/** As many stacks at once as there are cores, and no more than fit the memory. At least one. */
export function defaultParallelism(machine: { readonly cores: number; readonly availableMebibytes: number }): number {
  return Math.max(1, Math.min(machine.cores, Math.floor((machine.availableMebibytes * share) / processMebibytes)));
}

/**
 * Limits of a run: what is asked for, else what the machine bears. `init` is one at a time where processes share a cache
 * of providers, because parallel ones race on it and leave half a provider behind; else as many as plans.
 */
export function limitsOf(
  asked: { readonly parallelism?: number | undefined; readonly init?: number | undefined },
  environment: Readonly<Record<string, string>>,
): Limits {
  const machine = { cores: availableParallelism(), availableMebibytes: process.availableMemory() / 2 ** 20 };
  const parallelism = asked.parallelism ?? defaultParallelism(machine);
  return { parallelism, init: sharesPluginCache(environment) ? 1 : Math.min(parallelism, asked.init ?? parallelism) };
}

/** Whether the environment or the engine's own settings name a cache of providers. */
export function sharesPluginCache(environment: Readonly<Record<string, string>>): boolean {
  if ((environment['TF_PLUGIN_CACHE_DIR'] ?? '') !== '') return true;
  const settings = environment['TF_CLI_CONFIG_FILE'] ?? (environment['HOME'] === undefined ? undefined : `${environment['HOME']}/.terraformrc`);
  if (settings === undefined) return false;
  try {
    return /^\s*plugin_cache_dir\s*=/mu.test(fs.readFileSync(settings, 'utf8'));
  } catch {
    return false;
  }
}

/** Lets at most `limit` pieces of work run at once, in the order they are asked for. */
export function atMost(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => void waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody who asks later slips in between.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
