import { didYouMean, isObject, type Problems } from '../../core/index.ts';
import type { AttributeType, Block, NestedBlock } from '../runtime/schema.ts';

/** What Terraform itself reads of a resource, beside its body. */
export const metaArguments: ReadonlySet<string> = new Set([
  '//',
  'count',
  'for_each',
  'provider',
  'depends_on',
  'lifecycle',
  'connection',
  'provisioner',
  'dynamic',
]);

/** Checks a body as synthesised (Terraform's names) against the schema. Values with `${...}` are known only later. */
export function validateBody(block: Block, body: Readonly<Record<string, unknown>>, subject: string, problems: Problems, at = ''): void {
  const say = (code: string, message: string, hint: string): void => problems.error(code, message, { subject, hint });
  const dynamic = isObject(body['dynamic']) ? body['dynamic'] : {};
  for (const [name, value] of Object.entries(body)) {
    if ((at === '' && metaArguments.has(name)) || name === 'dynamic') continue;
    const where = at === '' ? name : `${at}.${name}`;
    const attribute = block.attributes?.[name];
    const nested = block.block_types?.[name];
    if (attribute) {
      if (attribute.required !== true && attribute.optional !== true) say('CLOUD-SCHEMA-COMPUTED', `${where} is only computed`, 'remove it');
      else if (value !== null && !fits(attribute.type, value))
        say('CLOUD-SCHEMA-TYPE', `${where} is not ${typeName(attribute.type)}`, 'give a value of that type');
    } else if (nested) {
      validateNested(nested, value, subject, problems, where);
    } else {
      const known = [...Object.keys(block.attributes ?? {}), ...Object.keys(block.block_types ?? {})];
      say('CLOUD-SCHEMA-UNKNOWN', `${where} is not in the schema`, didYouMean(name, known) ?? `it has ${known.join(', ')}`);
    }
  }
  for (const [name, attribute] of Object.entries(block.attributes ?? {}))
    if (attribute.required === true && (body[name] ?? null) === null)
      say('CLOUD-SCHEMA-MISSING', `${at === '' ? name : `${at}.${name}`} is required`, 'set it');
  for (const [name, nested] of Object.entries(block.block_types ?? {}))
    if ((nested.min_items ?? 0) > 0 && body[name] === undefined && dynamic[name] === undefined)
      say('CLOUD-SCHEMA-MISSING', `${at === '' ? name : `${at}.${name}`} is required`, 'add the block');
}

function validateNested(nested: NestedBlock, value: unknown, subject: string, problems: Problems, where: string): void {
  if (typeof value === 'string' || value === null) return;
  const items: unknown[] = Array.isArray(value) ? (value as unknown[]) : [value];
  if (nested.max_items !== undefined && items.length > nested.max_items)
    problems.error('CLOUD-SCHEMA-COUNT', `${where}: at most ${nested.max_items}`, { subject, hint: 'remove what is too much' });
  if (items.length < (nested.min_items ?? 0))
    problems.error('CLOUD-SCHEMA-COUNT', `${where}: at least ${nested.min_items ?? 0}`, { subject, hint: 'add what is missing' });
  items.forEach((item, index) => {
    if (isObject(item)) validateBody(nested.block, item, subject, problems, items.length > 1 ? `${where}[${index}]` : where);
    else if (typeof item !== 'string') problems.error('CLOUD-SCHEMA-TYPE', `${where} is not a block`, { subject, hint: 'give an object' });
  });
}

function fits(type: AttributeType, value: unknown): boolean {
  if (type === 'dynamic' || value === null || (typeof value === 'string' && value.includes('${'))) return true;
  if (type === 'string') return typeof value !== 'object';
  if (type === 'number') return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)));
  if (type === 'bool') return typeof value === 'boolean' || value === 'true' || value === 'false';
  if (type[0] === 'object') return isObject(value);
  if (type[0] === 'map') return isObject(value) && Object.values(value).every((item) => fits(type[1], item));
  return Array.isArray(value) && value.every((item) => fits(type[1], item));
}

function typeName(type: AttributeType): string {
  return typeof type === 'string' ? type : `${type[0]}${type[0] === 'object' ? '' : ` of ${typeName(type[1])}`}`;
}
