import * as fs from 'node:fs';
import * as path from 'node:path';
import { isObject } from '../../core/index.ts';
import type { DeclaredStack } from '../../engine/types.ts';

export type Body = Readonly<Record<string, unknown>>;

/** A resource or data source of a stack as its configuration states it, with its real type also in the sandbox. */
export interface Item {
  readonly stack: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly name: string;
  /** `TYPE.NAME`, `data.TYPE.NAME`. */
  readonly address: string;
  readonly body: Body;
  /** How many of it there are to be; undefined where that is known only when it is planned. */
  readonly count: number | undefined;
  /** How many of them a plan adds, where one told. */
  readonly adds?: number | undefined;
  readonly construct?: string | undefined;
  readonly place?: DeclaredStack['resources'][number]['place'];
}

/** One stack's configuration, read. */
export interface StackModel {
  readonly stack: DeclaredStack;
  /** By address. */
  readonly items: ReadonlyMap<string, Item>;
  readonly providers: Body;
  readonly outputs: Body;
  readonly locals: Body;
  readonly variables: Body;
  /** Name of a `terraform_remote_state` -> path of the stack it reads. */
  readonly remotes: ReadonlyMap<string, string>;
}

/** A value, or the object and attribute that will give it; neither where an expression would have to be evaluated. */
export type Resolved =
  { readonly known: true; readonly value: unknown } | { readonly known: false; readonly item?: Item | undefined; readonly attribute?: string | undefined };

const nothing: Body = {};

/** What an existing folder says, where that is JSON alone; undefined where only an engine can read it. */
export function folderDocument(root: string, { folder }: DeclaredStack): Body | undefined {
  if (folder === undefined || folder.varFiles.length > 0) return undefined;
  const place = path.join(root, folder.path);
  const names = fs.readdirSync(place).sort();
  if (names.some((name) => name.endsWith('.tf') || /\.tfvars(?:\.json)?$/u.test(name))) return undefined;
  const merged: Record<string, Record<string, unknown>> = {};
  for (const name of names.filter((one) => one.endsWith('.tf.json'))) {
    let document: unknown;
    try {
      document = JSON.parse(fs.readFileSync(path.join(place, name), 'utf8'));
    } catch {
      return undefined;
    }
    if (!isObject(document) || document['module'] !== undefined) return undefined;
    for (const [part, content] of Object.entries(document)) {
      if (!isObject(content)) continue;
      const target = (merged[part] ??= {});
      for (const [key, value] of Object.entries(content)) {
        const before = target[key];
        target[key] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
      }
    }
  }
  const variables = Object.values(merged['variable'] ?? {});
  return variables.some((variable) => !isObject(variable) || variable['default'] === undefined) ? undefined : merged;
}

/** Reads a stack's configuration: real resources, or those a sandbox plans in their place. Pure. */
export function readStack(stack: DeclaredStack, document: Body): StackModel {
  const items = new Map<string, Item>();
  const told = new Map(stack.resources.map((resource) => [resource.planned, resource]));
  const enter = (mode: Item['mode'], type: string, name: string, body: unknown, planned: string): void => {
    if (!isObject(body)) return;
    const address = mode === 'data' ? `data.${type}.${name}` : `${type}.${name}`;
    const known = told.get(planned);
    items.set(address, { stack: stack.path, mode, type, name, address, body, count: countOf(body), construct: known?.construct, place: known?.place });
  };
  const locals = part(document, 'locals');
  for (const [type, named] of Object.entries(part(document, 'resource'))) {
    for (const [name, body] of Object.entries(isObject(named) ? named : nothing)) {
      if (type !== 'terraform_data') enter('managed', type, name, body, `${type}.${name}`);
      else {
        const real = realName(name);
        if (real === undefined || !isObject(body)) continue;
        const { count, for_each } = body;
        const input = isObject(body['input']) ? body['input'] : nothing;
        enter(real.mode, real.type, real.name, { ...without(input, 'id'), ...defined({ count, for_each }) }, `terraform_data.${name}`);
      }
    }
  }
  for (const [type, named] of Object.entries(part(document, 'data'))) {
    if (type === 'terraform_remote_state') continue;
    for (const [name, body] of Object.entries(isObject(named) ? named : nothing)) enter('data', type, name, body, '');
  }
  // What a sandbox takes for found are declared facts.
  for (const [label, body] of Object.entries(locals)) {
    const real = realName(label);
    if (real?.mode === 'data') enter('data', real.type, real.name, isObject(body) ? without(body, 'id') : body, '');
  }
  return {
    stack,
    items,
    providers: part(document, 'provider'),
    outputs: part(document, 'output'),
    variables: part(document, 'variable'),
    locals,
    remotes: remotesIn(document),
  };
}

/** `TYPE__NAME` or `data__TYPE__NAME`, as a sandbox calls what it plans. */
function realName(label: string): Pick<Item, 'mode' | 'type' | 'name'> | undefined {
  const [, data, type = '', name = ''] = /^(data__)?([a-z][a-z0-9]*_\w+?)__(.+)$/u.exec(label) ?? [];
  return name === '' ? undefined : { mode: data === undefined ? 'managed' : 'data', type, name };
}

function countOf({ count, for_each: each }: Body): number | undefined {
  if (count !== undefined) return typeof count === 'number' ? count : typeof count === 'string' && /^\d+$/u.test(count) ? Number(count) : undefined;
  if (each === undefined) return 1;
  return Array.isArray(each) ? each.length : isObject(each) ? Object.keys(each).length : undefined;
}

function remotesIn(document: Body): Map<string, string> {
  const found = new Map<string, string>();
  const remote = part(document, 'data')['terraform_remote_state'];
  for (const [name, body] of Object.entries(isObject(remote) ? remote : nothing)) {
    const config = isObject(body) && isObject(body['config']) ? body['config'] : nothing;
    const producer = /^\.\.\/([^/]+)\//u.exec(typeof config['path'] === 'string' ? config['path'] : '')?.[1];
    if (producer !== undefined) found.set(name, producer);
  }
  return found;
}

/** A block as a list, however often it stands. */
export function blocksOf(body: Body, name: string): Body[] {
  const value = body[name];
  return Array.isArray(value) ? (value as unknown[]).filter(isObject) : isObject(value) ? [value] : [];
}

function part(document: Body, name: string): Body {
  const value = document[name];
  return isObject(value) ? value : nothing;
}

function without(body: Body, name: string): Body {
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));
}

function defined(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
