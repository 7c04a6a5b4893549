import * as fs from 'node:fs';

/** A Terraform type as `terraform providers schema -json` writes it. */
export type AttributeType =
  'string' | 'number' | 'bool' | 'dynamic' | readonly ['list' | 'set' | 'map', AttributeType] | readonly ['object', Readonly<Record<string, AttributeType>>];

export interface Attribute {
  readonly type: AttributeType;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
  readonly deprecated?: boolean;
}

export interface NestedBlock {
  readonly block: Block;
  readonly nesting_mode: 'single' | 'list' | 'set' | 'map';
  readonly min_items?: number;
  readonly max_items?: number;
}

export interface Block {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly block_types?: Readonly<Record<string, NestedBlock>>;
  readonly deprecated?: boolean;
}

/** What one provider's program reports about itself, without descriptions. */
export interface ProviderSchema {
  readonly provider: string;
  /** `NAMESPACE/TYPE` as in `required_providers`. */
  readonly source: string;
  readonly version: string;
  readonly configuration: Block;
  readonly resources: Readonly<Record<string, Block>>;
  readonly data: Readonly<Record<string, Block>>;
}

/** Providers whose schema lies in `providers/schemas/`. */
export const providerNames = ['kubernetes', 'openstack'] as const;
export type ProviderName = (typeof providerNames)[number];

const loaded = new Map<string, ProviderSchema>();

/** The schema of a provider; read once, on first use. */
export function providerSchema(name: ProviderName): ProviderSchema {
  let schema = loaded.get(name);
  if (!schema) {
    schema = JSON.parse(fs.readFileSync(new URL(`../providers/schemas/${name}.json`, import.meta.url), 'utf8')) as ProviderSchema;
    loaded.set(name, schema);
  }
  return schema;
}

/** The provider a resource type belongs to: its first word (Terraform's own rule); undefined for one we hold no schema of. */
export function providerOf(type: string): ProviderName | undefined {
  const name = type.slice(0, Math.max(0, type.indexOf('_')));
  return providerNames.find((known) => known === name);
}

/** The settings of a provider by its name; undefined for one we hold no schema of. */
export function configurationOf(provider: string): Block | undefined {
  const name = providerNames.find((known) => known === provider);
  return name === undefined ? undefined : providerSchema(name).configuration;
}

/**
 * The schema of a resource or data source type. The Kubernetes provider has each kind twice, with and without
 * `_v1`, with one schema: the plain name is answered with the versioned one's.
 */
export function blockOf(mode: 'resources' | 'data', type: string): Block | undefined {
  const provider = providerOf(type);
  if (provider === undefined) return undefined;
  const blocks = providerSchema(provider)[mode];
  return blocks[type] ?? (provider === 'kubernetes' ? (blocks[`${type}_v1`] ?? blocks[`${type}_v2`]) : undefined);
}

/** `ipv6_address_mode` -> `ipv6AddressMode`, the name authors write. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());
}

/** Whether the author writes one object for this block, not a list of them. */
export function isSingle(nested: NestedBlock): boolean {
  return nested.nesting_mode === 'single' || nested.max_items === 1;
}

export interface Field {
  /** Name in Terraform. */
  readonly name: string;
  readonly attribute?: Attribute;
  readonly nested?: NestedBlock;
}

const fieldsOfBlock = new WeakMap<Block, ReadonlyMap<string, Field>>();

/** The fields of a block by the name authors write. */
export function fieldsOf(block: Block): ReadonlyMap<string, Field> {
  let fields = fieldsOfBlock.get(block);
  if (!fields) {
    const map = new Map<string, Field>();
    for (const [name, attribute] of Object.entries(block.attributes ?? {})) map.set(camelCase(name), { name, attribute });
    for (const [name, nested] of Object.entries(block.block_types ?? {})) map.set(camelCase(name), { name, nested });
    fields = map;
    fieldsOfBlock.set(block, fields);
  }
  return fields;
}

/** Whether an author may set it: what is only computed is the cloud's to say. */
export function isSettable(attribute: Attribute): boolean {
  return attribute.required === true || attribute.optional === true;
}
