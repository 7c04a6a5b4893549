import { isObject, type JsonObject } from '../../core/index.ts';
import type { ExpectedResource, Unrecorded } from './types.ts';

/** What is known of resources by address, to resolve references by: states, ids seen, imports to come. */
export type Known = ReadonlyMap<string, JsonObject>;

/**
 * What is known of unrecorded resources, from the JSON of the plan that was being applied (`show -json`). An attribute that was
 * not known when it was planned, and is a plain reference, is read from what is known of its target. Pure.
 */
export function expectedResources(planJson: unknown, unrecorded: readonly Unrecorded[], known: Known): ExpectedResource[] {
  const changes = new Map<string, JsonObject>();
  const plan: JsonObject = isObject(planJson) ? (planJson as JsonObject) : {};
  for (const change of objects(plan['resource_changes'])) {
    const after = isObject(change['change']) ? change['change']['after'] : undefined;
    if (typeof change['address'] === 'string' && isObject(after)) changes.set(change['address'], after as JsonObject);
  }
  const expressions = expressionsIn(plan);
  return unrecorded.map((one) => {
    const values: Record<string, unknown> = { ...changes.get(one.address) };
    const base = one.address.replace(/\[[^\]]*\]$/u, '');
    for (const [attribute, expression] of Object.entries(expressions.get(base) ?? {})) {
      if (values[attribute] !== undefined || !isObject(expression) || !Array.isArray(expression['references'])) continue;
      const value = referenced(expression['references'] as unknown[], one.address, known);
      if (value !== undefined) values[attribute] = value;
    }
    return { ...one, values: values as JsonObject };
  });
}

/** Expressions of every resource of the configuration, by address without an index. */
function expressionsIn(plan: JsonObject): Map<string, Record<string, unknown>> {
  const found = new Map<string, Record<string, unknown>>();
  const walk = (module: unknown, prefix: string): void => {
    if (!isObject(module)) return;
    for (const resource of objects(module['resources'])) {
      if (typeof resource['address'] === 'string' && isObject(resource['expressions'])) found.set(`${prefix}${resource['address']}`, resource['expressions']);
    }
    for (const [name, call] of Object.entries(isObject(module['module_calls']) ? module['module_calls'] : {})) {
      if (isObject(call)) walk(call['module'], `${prefix}module.${name}.`);
    }
  };
  walk(isObject(plan['configuration']) ? plan['configuration']['root_module'] : undefined, '');
  return found;
}

/** The value of an expression that is one reference, as `["TYPE.NAME.id", "TYPE.NAME"]` tells; of anything else nothing is known. */
function referenced(references: readonly unknown[], from: string, known: Known): unknown {
  const [full, target] = references;
  if (references.length !== 2 || typeof full !== 'string' || typeof target !== 'string' || !full.startsWith(`${target}.`)) return undefined;
  const attribute = full.slice(target.length + 1);
  if (attribute.includes('.')) return undefined;
  const module = /^(?:module\.[^.]+\.)*/u.exec(from)?.[0] ?? '';
  const index = /\[[^\]]*\]$/u.exec(from)?.[0] ?? '';
  const attributes = known.get(`${module}${target}`) ?? known.get(`${module}${target}${index}`);
  return attributes?.[attribute];
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
