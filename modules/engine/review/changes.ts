import { compareCodeUnits, isObject, looksSecret } from '../../core/index.ts';
import { plannedResource } from '../resource-names.ts';
import { isSecretAttribute } from '../store/mask.ts';
import type { Action, StackResource } from '../types.ts';
import type { AttributeChange, ObjectChange } from './types.ts';

/** What stands in place of a secret, and of a value nobody can know yet. */
export const sensitiveText = '(sensitive)';
export const unknownText = '(known after apply)';

/** Longest value shown; more does not help whoever reviews. */
const longest = 240;

/**
 * Changes of a plan attribute by attribute, from `terraform show -json` (format 1: `resource_changes[].change` with
 * `before`, `after`, `after_unknown`, `before_sensitive`, `after_sensitive`, `replace_paths`;
 * developer.hashicorp.com/terraform/internals/json-format). Secrets are left out here, so that no later step can show
 * them: what the engine marks as sensitive, what has a secret's name (providers leave some unmarked: the `psk` of a VPN
 * is one) or is known to be one for its type, and what looks like one. In the sandbox an object's body is the `input` of what stands for it.
 */
export function objectChanges(shown: unknown, names: ReadonlyMap<string, StackResource>, sandbox: boolean): ObjectChange[] {
  const list: readonly unknown[] = isObject(shown) && Array.isArray(shown['resource_changes']) ? shown['resource_changes'] : [];
  const changes: ObjectChange[] = [];
  for (const resource of list) {
    if (!isObject(resource) || resource['mode'] === 'data' || !isObject(resource['change'])) continue;
    const { address, change } = resource;
    const importing = isObject(change['importing']) && typeof change['importing']['id'] === 'string' ? change['importing']['id'] : undefined;
    const previous = typeof resource['previous_address'] === 'string' ? resource['previous_address'] : undefined;
    const action = actionOf(change['actions']) ?? (importing === undefined ? (previous === undefined ? undefined : 'move') : 'import');
    if (action === undefined || typeof address !== 'string') continue;
    const known = names.get(address) ?? names.get(address.replace(/\[[^\]]*\]$/u, ''));
    const real = sandbox ? plannedResource(address) : { address, type: String(resource['type']) };
    const body = sandbox && resource['type'] === 'terraform_data' ? 'input' : undefined;
    changes.push({
      address: known?.address ?? real.address,
      type: known?.type ?? real.type,
      action,
      ...(importing === undefined ? {} : { importing }),
      ...(previous === undefined ? {} : { from: sandbox ? plannedResource(previous).address : previous }),
      attributes: attributesOf(change, body, known?.type ?? real.type),
    });
  }
  return changes.sort((a, b) => compareCodeUnits(a.address, b.address));
}

function actionOf(actions: unknown): Action | undefined {
  const words = Array.isArray(actions) ? actions.map(String) : [];
  if (words.includes('create') && words.includes('delete')) return 'replace';
  const [word] = words;
  return word === 'create' || word === 'update' || word === 'delete' ? word : undefined;
}

interface Leaf {
  readonly text: string;
  readonly secret: boolean;
}

function attributesOf(change: Readonly<Record<string, unknown>>, body: string | undefined, type: string): AttributeChange[] {
  const pick = (name: string): unknown => (body === undefined ? change[name] : isObject(change[name]) ? change[name][body] : change[name] === true);
  const before = leaves(pick('before'), undefined, pick('before_sensitive'), type);
  const after = leaves(pick('after'), pick('after_unknown'), pick('after_sensitive'), type);
  const replacing = replacingPaths(change['replace_paths']);
  const found: AttributeChange[] = [];
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort(compareCodeUnits)) {
    const [one, other] = [before.get(path), after.get(path)];
    // What both sides leave to the provider says nothing; a secret that stays the same neither.
    if (one?.text === other?.text && one?.secret === other?.secret) continue;
    const secret = one?.secret === true || other?.secret === true;
    const shown = (leaf: Leaf | undefined): string | undefined => (leaf === undefined ? undefined : secret ? sensitiveText : cut(leaf.text));
    const replaces = replacing.some((prefix) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`));
    found.push({ path, before: shown(one), after: other?.text === unknownText ? unknownText : shown(other), ...(replaces ? { replaces: true } : {}) });
  }
  return found;
}

/** Every value by its path; lists of plain values are one value, because their order is what one reads. */
function leaves(value: unknown, unknown: unknown, sensitive: unknown, type: string): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  const walk = (at: string, name: string, here: unknown, hidden: unknown, marked: unknown): void => {
    const secret = marked === true || isSecretAttribute(type, name);
    if (hidden === true) found.set(at, { text: unknownText, secret: false });
    else if (isObject(here) || isObject(hidden)) {
      const [object, unknowns, marks] = [isObject(here) ? here : {}, isObject(hidden) ? hidden : {}, isObject(marked) ? marked : {}];
      if (secret && Object.keys(object).length > 0) found.set(at, { text: JSON.stringify(object), secret });
      else
        for (const key of new Set([...Object.keys(object), ...Object.keys(unknowns)]))
          walk(at === '' ? key : `${at}.${key}`, key, object[key], unknowns[key], marks[key]);
    } else if (Array.isArray(here) && !secret && (here.some((item) => typeof item === 'object' && item !== null) || holdsMark(hidden) || holdsMark(marked))) {
      const items: readonly unknown[] = here;
      items.forEach((item, index) => walk(`${at}[${index}]`, name, item, part(hidden, index), part(marked, index)));
    } else if (here !== null && here !== undefined && !(Array.isArray(here) && here.length === 0)) {
      const text = JSON.stringify(here);
      found.set(at, { text, secret: secret || (typeof here === 'string' && looksSecret(here)) });
    }
  };
  walk('', '', value, unknown, sensitive);
  found.delete('');
  return found;
}

function holdsMark(value: unknown): boolean {
  return value === true || (Array.isArray(value) && value.some(holdsMark)) || (isObject(value) && Object.values(value).some(holdsMark));
}

function part(value: unknown, index: number): unknown {
  return Array.isArray(value) ? (value as readonly unknown[])[index] : undefined;
}

function replacingPaths(paths: unknown): string[] {
  if (!Array.isArray(paths)) return [];
  return (paths as readonly unknown[]).flatMap((steps) => {
    if (!Array.isArray(steps)) return [];
    return [(steps as readonly unknown[]).map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`)).join('')];
  });
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
