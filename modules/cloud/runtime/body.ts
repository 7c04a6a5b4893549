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
  if (nested.nesting_mode === 'single') return isRecord(value) ? toBody(nested.block, value, context, where) : wrong(context, where, 'an object', value);
  const list = Array.isArray(value) ? (value as unknown[]) : isSingle(nested) ? [value] : undefined;
  if (list === undefined) return wrong(context, where, 'a list of objects', value);
  if (nested.max_items !== undefined && list.length > nested.max_items)
    report(context, 'CLOUD-BODY-COUNT', `${where}: at most ${nested.max_items}, not ${list.length}`, 'remove what is too much');
  if (nested.min_items !== undefined && list.length < nested.min_items)
    report(context, 'CLOUD-BODY-COUNT', `${where}: at least ${nested.min_items}, not ${list.length}`, 'add what is missing');
  return list.map((item, index) =>
    Token.isUnresolved(item)
      ? item
      : isRecord(item)
        ? toBody(nested.block, item, context, list.length > 1 ? `${where}[${index}]` : where)
        : wrong(context, where, 'an object', item),
  );
}

function wrong(context: BodyContext, where: string, expected: string, value: unknown): undefined {
  report(context, 'CLOUD-BODY-TYPE', `${where}: expected ${expected}, found ${describe(value)}`, 'give a value of that type');
  return undefined;
}

/** Terraform converts between string, number and boolean; only what it would refuse is reported. */
function checkType(type: AttributeType, value: unknown, context: BodyContext, where: string): void {
  if (value === null || type === 'dynamic' || isToken(value)) return;
  const bad = (expected: string): void => void wrong(context, where, expected, value);
  if (type === 'string') {
    if (typeof value === 'object') bad('text');
  } else if (type === 'number') {
    if (typeof value !== 'number' || Number.isNaN(value)) bad('a number');
  } else if (type === 'bool') {
    if (typeof value !== 'boolean') bad('true or false');
  } else if (type[0] === 'object') {
    if (!isRecord(value)) bad('an object');
  } else if (type[0] === 'map') {
    if (isRecord(value)) for (const [key, item] of Object.entries(value)) checkType(type[1], item, context, `${where}.${key}`);
    else bad('an object');
  } else if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => checkType(type[1] as AttributeType, item, context, `${where}[${index}]`));
  } else {
    bad('a list');
  }
}

function isToken(value: unknown): boolean {
  return Token.isUnresolved(value) || Tokenization.isResolvable(value) || (typeof value === 'string' && value.includes('${'));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? `"${value}"` : typeof value === 'object' ? 'an object' : String(value);
}
