import { compareCodeUnits, isObject } from '../../core/index.ts';
import { plannedResource } from '../resource-names.ts';
import type { StackResource } from '../types.ts';
import { fieldDrift, isEmpty } from './compare.ts';
import { isNoise, noise, type Noise } from './noise.ts';
import type { FieldDrift, NextAction, ResourceDrift } from './types.ts';

export interface PlanReading {
  /** Real names by planned address. */
  readonly names: ReadonlyMap<string, StackResource>;
  readonly sandbox: boolean;
  /**
   * Whether what is declared is what was last applied. Objects without a world behind them (`terraform_data`) have nothing
   * but the state: they drifted if the plan of an unchanged declaration changes them, and cannot be told otherwise.
   */
  readonly asApplied: boolean;
  readonly noise?: readonly Noise[] | undefined;
}

export interface Reading {
  readonly drifted: readonly ResourceDrift[];
  readonly ignored: number;
  readonly pending: number;
}

/**
 * What of a full refresh plan (`terraform show -json`: `resource_drift`, `resource_changes`;
 * developer.hashicorp.com/terraform/internals/json-format) is drift, and what the plan would do about it. The exit code of
 * `plan -refresh-only -detailed-exitcode` is no sign: it is always 2 with some providers (hashicorp/terraform#36403). Pure.
 */
export function readDrift(shown: unknown, reading: PlanReading): Reading {
  const next = new Map<string, NextAction>();
  for (const one of entries(shown, 'resource_changes')) next.set(one.address, actionOf(one.change['actions']));
  const drifted: (ResourceDrift & { readonly planned: string })[] = [];
  let ignored = 0;
  const add = (one: Entry, change: { readonly deleted: boolean; readonly fields: readonly FieldDrift[] }): void => {
    const real = realName(one, reading);
    const kept = (next.get(one.address) ?? 'no-op') === 'no-op';
    const fields = change.fields.filter(({ path, before }) => !isNoise(real.type, path, reading.noise ?? noise, before === undefined, kept));
    ignored += change.fields.length - fields.length;
    if (fields.length === 0 && !change.deleted) return;
    const drift = change.deleted ? 'deleted' : 'changed';
    drifted.push({ ...real, planned: one.address, drift, fields: change.deleted ? [] : fields, next: next.get(one.address) ?? 'no-op' });
  };
  for (const one of entries(shown, 'resource_drift')) {
    const { before, after, before_sensitive: beforeSensitive, after_sensitive: afterSensitive } = one.change;
    if (actionOf(one.change['actions']) === 'delete') add(one, { deleted: true, fields: [] });
    else add(one, { deleted: false, fields: fieldDrift({ type: realName(one, reading).type, before, after, beforeSensitive, afterSensitive }) });
  }
  const seen = new Set(drifted.map(({ planned }) => planned));
  if (reading.asApplied) {
    for (const one of entries(shown, 'resource_changes')) {
      if (one.type !== 'terraform_data' || seen.has(one.address)) continue;
      const action = next.get(one.address);
      // It was applied as it is declared: what would be made again is gone, what would be changed back is not as it was.
      if (action === 'create') add(one, { deleted: true, fields: [] });
      else if (action === 'update' || action === 'replace') {
        add(one, { deleted: false, fields: fieldDrift({ ...bodies(one), type: realName(one, reading).type }) });
      } else continue;
      seen.add(one.address);
    }
  }
  const pending = [...next].filter(([address, action]) => !seen.has(address) && !['no-op', 'read'].includes(action)).length;
  return {
    drifted: drifted
      .map(({ address, type, drift, fields, next: then }) => ({ address, type, drift, fields, next: then }))
      .sort((a, b) => compareCodeUnits(a.address, b.address)),
    ignored,
    pending,
  };
}

/** The declared body as what was, the state's as what is; what nobody can know yet is left out. */
function bodies({ change }: Entry): { readonly before: unknown; readonly after: unknown; readonly beforeSensitive: unknown; readonly afterSensitive: unknown } {
  const { before, after, after_unknown: unknown, before_sensitive: marksBefore, after_sensitive: marksAfter } = change;
  const kept = (value: unknown): unknown =>
    isObject(value)
      ? Object.fromEntries(
          ['input', 'triggers_replace'].flatMap((name) =>
            name in value && !holdsTrue(isObject(unknown) ? unknown[name] : undefined) ? [[name, value[name]]] : [],
          ),
        )
      : value;
  const [was, is] = [kept(after), kept(before)];
  const unwrap = (value: unknown): unknown =>
    isObject(value) && isObject(value['input'])
      ? { ...value['input'], ...(isEmpty(value['triggers_replace']) ? {} : { triggers_replace: value['triggers_replace'] }) }
      : value;
  const marks = (value: unknown): unknown => (isObject(value) ? value['input'] : value);
  // Only where both have a body; one without any is told as it stands.
  const both = isObject(was) && isObject(is) && isObject(was['input']) && isObject(is['input']);
  return both
    ? { before: unwrap(was), after: unwrap(is), beforeSensitive: marks(marksAfter), afterSensitive: marks(marksBefore) }
    : { before: was, after: is, beforeSensitive: marksAfter, afterSensitive: marksBefore };
}

function holdsTrue(value: unknown): boolean {
  return value === true || ((Array.isArray(value) || isObject(value)) && Object.values(value).some(holdsTrue));
}

interface Entry {
  readonly address: string;
  readonly type: string;
  readonly change: Readonly<Record<string, unknown>>;
}

function entries(shown: unknown, list: 'resource_drift' | 'resource_changes'): Entry[] {
  const found: unknown = isObject(shown) ? shown[list] : undefined;
  if (!Array.isArray(found)) return [];
  return (found as readonly unknown[]).flatMap((one) => {
    if (!isObject(one) || one['mode'] === 'data' || typeof one['address'] !== 'string' || !isObject(one['change'])) return [];
    return [{ address: one['address'], type: String(one['type']), change: one['change'] }];
  });
}

function actionOf(actions: unknown): NextAction {
  const words = Array.isArray(actions) ? actions.map(String) : [];
  if (words.includes('create') && words.includes('delete')) return 'replace';
  const [word] = words;
  return word === 'create' || word === 'update' || word === 'delete' || word === 'read' ? word : 'no-op';
}

/** Real address and type of a planned one. */
export function realName(
  { address, type }: { readonly address: string; readonly type: string },
  { names, sandbox }: Pick<PlanReading, 'names' | 'sandbox'>,
): { readonly address: string; readonly type: string } {
  const index = /\[[^\]]*\]$/u.exec(address)?.[0] ?? '';
  const known = names.get(address) ?? names.get(address.slice(0, address.length - index.length));
  if (known !== undefined) return { address: names.has(address) ? known.address : `${known.address}${index}`, type: known.type };
  return sandbox ? plannedResource(address) : { address, type };
}
