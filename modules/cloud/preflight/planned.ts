import { isObject, type JsonObject } from '../../core/index.ts';
import type { DeclaredStack } from '../../engine/types.ts';
import type { Body, Item, StackModel } from './model.ts';

/**
 * A stack as its plan tells it (`terraform show -json`): values as planned, and references where a value is known only at apply.
 * Of what stands in modules the values are known, not what they refer to. Pure.
 */
export function modelOfPlan(stack: DeclaredStack, plan: JsonObject): StackModel {
  const configuration = part(plan['configuration']);
  const root = part(configuration['root_module']);
  const expressions = new Map(list(root['resources']).map((one) => [textOf(one['address']), part(one['expressions'])]));
  const items = new Map<string, Item>();
  for (const change of list(plan['resource_changes'])) {
    const { mode, type, name } = change;
    if (mode !== 'managed' || typeof type !== 'string' || typeof name !== 'string') continue;
    const address = textOf(change['address']);
    const done = part(change['change']);
    const actions = Array.isArray(done['actions']) ? (done['actions'] as unknown[]) : [];
    const after = part(done['after']);
    if (done['after'] === null || done['after'] === undefined) continue;
    const stated = expressions.get(address.replace(/\[[^\]]*\]$/u, '')) ?? {};
    const body = withReferences(after, part(done['after_unknown']), stated);
    const fresh = actions.includes('create') && !actions.includes('delete');
    items.set(address, { stack: stack.path, mode: 'managed', type, name, address, body, count: 1, adds: fresh ? 1 : 0 });
  }
  const providers: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(part(configuration['provider_config']))) {
    const constants = Object.entries(part(part(one)['expressions'])).flatMap(([name, value]) => {
      const constant = part(value)['constant_value'];
      return constant === undefined ? [] : [[name, constant] as const];
    });
    if (!key.includes('.')) providers[key] = Object.fromEntries(constants);
  }
  return { stack, items, providers, outputs: {}, locals: {}, variables: {}, remotes: new Map() };
}

/** Puts `${TYPE.NAME.ATTRIBUTE}` where a value is unknown and the configuration names one reference. */
function withReferences(after: Body, unknown: Body, stated: Body): Body {
  const result: Record<string, unknown> = { ...after };
  for (const [name, missing] of Object.entries(unknown)) {
    const expression = stated[name];
    if (missing === true) {
      const reference = referenceIn(expression);
      if (reference !== undefined) result[name] = reference;
    } else if (Array.isArray(missing)) {
      const values: readonly unknown[] = Array.isArray(after[name]) ? after[name] : [];
      const inner = list(expression);
      const references = list(part(expression)['references']).length === 0 ? textsIn(part(expression)['references']) : [];
      result[name] = (missing as unknown[]).map((one, index) => {
        if (isObject(one)) return withReferences(part(values[index]), one, inner[index] ?? {});
        return one === true ? (wrapped(references.filter((text) => text.split('.').length > 2)[index]) ?? '${unknown}') : values[index];
      });
    }
  }
  return result;
}

function referenceIn(expression: unknown): string | undefined {
  const [longest] = textsIn(part(expression)['references']).sort((one, other) => other.length - one.length);
  // What the provider makes up itself has no expression: it stays out, as in a configuration.
  return wrapped(longest);
}

function wrapped(reference: string | undefined): string | undefined {
  return reference === undefined ? undefined : `\${${reference}}`;
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).filter((one) => typeof one === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isObject) : [];
}

function part(value: unknown): Body {
  return isObject(value) ? value : {};
}
