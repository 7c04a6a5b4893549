import { isObject, type Json } from '../../core/index.ts';
import type { Block, NestedBlock } from '../runtime/schema.ts';
import { expandDynamic } from './dynamic.ts';
import type { Step } from './expression.ts';
import { placeholder } from './placeholder.ts';
import { metaArguments } from './validate.ts';

/** A body on its way into `input`: Terraform's names, blocks indexed as the schema nests them. */
export type Input = Record<string, unknown>;

/** What a secret becomes: never a value, whatever the program held. */
export const masked = '(sensitive)';

/** The body as `input`: without Terraform's own arguments, secrets masked, blocks as lists or single objects. */
export function toInput(block: Block, body: Readonly<Record<string, unknown>>, top = true): Input {
  const input: Input = {};
  for (const [name, value] of Object.entries(expandDynamic(body))) {
    if (name === '//' || (top && metaArguments.has(name))) continue;
    const attribute = block.attributes?.[name];
    const nested = block.block_types?.[name];
    if (attribute) {
      if (attribute.write_only === true) continue;
      input[name] = attribute.sensitive === true && value !== null ? mask(value) : value;
    } else if (nested) {
      input[name] = nestedInput(nested, value);
    } else {
      input[name] = value;
    }
  }
  return input;
}

function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask);
  return isObject(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, masked])) : masked;
}

function nestedInput(nested: NestedBlock, value: unknown): unknown {
  if (typeof value === 'string' || value === null) return value;
  const items: unknown[] = Array.isArray(value) ? (value as unknown[]) : [value];
  const inputs = items.map((item) => (isObject(item) ? toInput(nested.block, item, false) : item));
  return nested.nesting_mode === 'single' ? inputs[0] : inputs;
}

/** How the rest of a reference lies in an input. */
export type Reach =
  /** The input has it. */
  | 'present'
  /** The body leaves it to the cloud: its placeholder, or null where nobody sets it; `rest` are the steps into that value. */
  | { readonly literal: Json; readonly rest: readonly Step[] }
  /** The schema has no such thing. */
  | { readonly unknown: string; readonly known: readonly string[] };

/**
 * Follows a reference into an input: what the body sets is there; an unset computed attribute is its placeholder, an
 * unset optional one null. Nothing is added to the input for it, because a reference does not change what it refers to.
 */
export function reach(block: Block, inputs: readonly Input[], steps: readonly Step[], seed: string): Reach {
  const [first, ...rest] = steps;
  if (first?.kind !== 'attribute') return 'present';
  const { name } = first;
  const attribute = block.attributes?.[name];
  if (attribute) {
    if (inputs.length > 0 && inputs.every((input) => input[name] !== undefined)) return 'present';
    return attribute.computed === true ? { literal: placeholder(name, attribute.type, seed), rest } : { literal: null, rest: [] };
  }
  const nested = block.block_types?.[name];
  if (!nested) return { unknown: name, known: [...Object.keys(block.attributes ?? {}), ...Object.keys(block.block_types ?? {})] };
  const [index, ...inner] = rest;
  const inside = index !== undefined && index.kind !== 'attribute' ? inner : rest;
  const items = inputs.flatMap((input) => {
    const value = input[name];
    const list: unknown[] = Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
    return index?.kind === 'index' && typeof index.literal === 'number' ? list.slice(index.literal, index.literal + 1) : list;
  });
  if (items.length === 0) return { literal: inside.length === 0 && nested.nesting_mode !== 'single' ? [] : null, rest: [] };
  const reached = inside.length === 0 || !items.every(isObject) ? 'present' : reach(nested.block, items, inside, `${seed}/${name}`);
  return typeof reached === 'object' && 'literal' in reached && index?.kind === 'splat' ? { ...reached, literal: items.map(() => reached.literal) } : reached;
}

/** The value at a dotted path (`spec.selector`), through blocks of which there is one. */
export function valueAt(input: Input, path: string): unknown {
  let value: unknown = input;
  for (const name of path.split('.')) {
    const item: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (!isObject(item)) return undefined;
    value = item[name];
  }
  return value;
}
