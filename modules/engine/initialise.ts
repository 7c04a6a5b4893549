import { digestOf, isObject } from '../core/index.ts';

const builtIn = new Set(['terraform_data', 'terraform_remote_state']);

/**
 * What of a configuration has to be fetched before it can be planned, as a digest that changes when `init` must run
 * again; undefined when nothing has to (built-in resources only, no backend, no modules): init costs as much as a plan.
 */
export function initialisationDigest(json: string): string | undefined {
  const configuration: unknown = JSON.parse(json);
  if (!isObject(configuration)) return undefined;
  const settings = isObject(configuration['terraform']) ? configuration['terraform'] : {};
  const types = ['resource', 'data', 'ephemeral'].flatMap((part) => (isObject(configuration[part]) ? Object.keys(configuration[part]) : []));
  const foreign = types.filter((type) => !builtIn.has(type)).map((type) => type.split('_')[0]);
  const { required_providers: providers, backend, cloud } = settings;
  const needs = { providers, backend, cloud, modules: configuration['module'], foreign: [...new Set(foreign)].sort(), own: configuration['provider'] };
  const nothing = foreign.length === 0 && [backend, cloud, configuration['module'], configuration['provider']].every((part) => part === undefined);
  return nothing && (!isObject(providers) || Object.keys(providers).length === 0) ? undefined : digestOf(needs);
}
