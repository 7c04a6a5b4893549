import { Token, Tokenization } from 'cdktf';
import { didYouMean, type Problems } from '../../core/index.ts';
import { fieldsOf, isSettable, isSingle, type AttributeType, type Block, type NestedBlock } from './schema.ts';

/** Where a body belongs, for the messages about it. */
export interface BodyContext {
  /** Terraform type, or `provider NAME`. */
  readonly type: string;
  /** Construct path: the subject of every problem. */
  readonly path: string;
  readonly problems: Problems;
}

/**
 * Turns what an author wrote (camelCase, single blocks as one object) into the body Terraform reads, and
 * collects everything the schema forbids: unknown names, values only the cloud can set, missing ones, wrong types.
 * Values not known yet (tokens) pass unchecked.
 */
export function toBody(block: Block, props: Readonly<Record<string, unknown>>, context: BodyContext, at = ''): Record<string, unknown> {
  const fields = fieldsOf(block);
  const body: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined) continue;
    const field = fields.get(key);
    const where = at === '' ? key : `${at}.${key}`;
    if (!field) {
      report(context, 'CLOUD-BODY-UNKNOWN', `${where}: ${context.type} has no such property`, didYouMean(key, fields.keys()) ?? `it has: ${settable(block)}`);
    } else if (field.nested) {
      body[field.name] = nestedBody(field.nested, value, context, where);
    } else if (field.attribute) {
      if (isSettable(field.attribute)) {
        checkType(field.attribute.type, value, context, where);
        body[field.name] = value;
      } else {
        report(context, 'CLOUD-BODY-COMPUTED', `${where}: only the provider can set it`, 'remove it; read it from the construct instead');
      }
    }
  }
  for (const [key, field] of fields) {
    const missing = field.attribute?.required === true || (field.nested?.min_items ?? 0) > 0;
    if (missing && body[field.name] === undefined && props[key] === undefined)
      report(context, 'CLOUD-BODY-MISSING', `${at === '' ? key : `${at}.${key}`}: ${context.type} needs it`, 'add the property');
  }
  return body;
}

function settable(block: Block): string {
  return [...fieldsOf(block)]
    .filter(([, field]) => field.nested !== undefined || (field.attribute !== undefined && isSettable(field.attribute)))
    .map(([key]) => key)
    .join(', ');
}

function report(context: BodyContext, code: string, message: string, hint: string): void {
  context.problems.error(code, message, { subject: context.path, hint });
}

function nestedBody(nested: NestedBlock, value: unknown, context: BodyContext, where: string): unknown {
  if (Token.isUnresolved(value)) return value;
  const one = (item: unknown, at: string): unknown => {
    if (Token.isUnresolved(item)) return item;
    if (isRecord(item)) return toBody(nested.block, item, context, at);
    wrong(context, at, 'an object', item);
    return undefined;
  };
  if (nested.nesting_mode === 'single') return one(value, where);
  const list = Array.isArray(value) ? (value as unknown[]) : isSingle(nested) ? [value] : undefined;
  if (list === undefined) {
    wrong(context, where, 'a list of objects', value);
    return undefined;
  }
  if (nested.max_items !== undefined && list.length > nested.max_items)
    report(context, 'CLOUD-BODY-COUNT', `${where}: at most ${nested.max_items}, not ${list.length}`, 'remove what is too much');
  if (nested.min_items !== undefined && list.length < nested.min_items)
    report(context, 'CLOUD-BODY-COUNT', `${where}: at least ${nested.min_items}, not ${list.length}`, 'add what is missing');
  return list.map((item, index) => one(item, list.length > 1 ? `${where}[${index}]` : where));
}

function wrong(context: BodyContext, where: string, expected: string, value: unknown): void {
  report(context, 'CLOUD-BODY-TYPE', `${where}: expected ${expected}, found ${describe(value)}`, 'give a value of that type');
}

/** Terraform converts between string, number and boolean; only what it would refuse is reported. */
function checkType(type: AttributeType, value: unknown, context: BodyContext, where: string): void {
  if (value === null || type === 'dynamic' || isToken(value)) return;
  const expect = (fits: boolean, expected: string): void => {
    if (!fits) wrong(context, where, expected, value);
  };
  if (type === 'string') {
    expect(typeof value !== 'object', 'text');
  } else if (type === 'number') {
    expect(typeof value === 'number' && !Number.isNaN(value), 'a number');
  } else if (type === 'bool') {
    expect(typeof value === 'boolean', 'true or false');
  } else if (type[0] === 'object') {
    expect(isRecord(value), 'an object');
  } else if (type[0] === 'map') {
    if (isRecord(value)) for (const [key, item] of Object.entries(value)) checkType(type[1], item, context, `${where}.${key}`);
    else expect(false, 'an object');
  } else if (Array.isArray(value)) {
    for (const [index, item] of (value as unknown[]).entries()) checkType(type[1], item, context, `${where}[${index}]`);
  } else {
    expect(false, 'a list');
  }
}

function isToken(value: unknown): boolean {
  return Token.isUnresolved(value) || Tokenization.isResolvable(value) || (typeof value === 'string' && value.includes('${'));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value !== 'object') return typeof value;
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
}
