/** As much of a provider's schema as a renderer needs, shaped as `terraform providers schema -json` writes it. */
export interface SchemaBlock {
  readonly attributes?: Readonly<Record<string, { readonly type: unknown; readonly sensitive?: boolean }>>;
  readonly block_types?: Readonly<Record<string, SchemaNested>>;
}

export interface SchemaNested {
  readonly block: SchemaBlock;
  readonly nesting_mode: string;
  readonly max_items?: number;
}

/** The schema of a resource type, or of a provider's settings (`provider.NAME`); undefined for one nobody holds a schema of. */
export type SchemaOf = (type: string) => SchemaBlock | undefined;

/** Whether a block is written as one object instead of a list of them. */
export function isSingle({ nesting_mode: mode, max_items: most }: SchemaNested): boolean {
  return mode === 'single' || most === 1;
}

function camel(name: string): string {
  return name.replace(/_+([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());
}

function plural(name: string): string {
  if (/[^s]s$/u.test(name)) return name;
  if (/(?:s|x|z|ch|sh)$/u.test(name)) return `${name}es`;
  return /[^aeiou]y$/u.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

function isList(type: unknown): boolean {
  return Array.isArray(type) && (type[0] === 'list' || type[0] === 'set');
}

/** The element of a list, set or map that is an object, as attributes of a block; undefined where it is none. */
export function objectIn(type: unknown): SchemaBlock | undefined {
  if (!Array.isArray(type)) return undefined;
  const [kind, inner] = type as [unknown, unknown];
  if (kind !== 'object') return objectIn(inner);
  return { attributes: Object.fromEntries(Object.entries(inner as Record<string, unknown>).map(([name, each]) => [name, { type: each }])) };
}

/**
 * What Pulumi's Terraform bridge calls an attribute or block: camelCase, lists and sets in the plural, a block of at most one
 * as it is (pulumi-terraform-bridge, `TerraformToPulumiNameV2`). Undefined when the schema has no such field.
 */
export function pulumiName(block: SchemaBlock, name: string): string | undefined {
  if (name === 'id') return 'id';
  const attribute = block.attributes?.[name];
  if (attribute !== undefined) return isList(attribute.type) ? plural(camel(name)) : camel(name);
  const nested = block.block_types?.[name];
  if (nested === undefined) return undefined;
  return isSingle(nested) ? camel(name) : plural(camel(name));
}

/** `openstack_networking_network_v2` -> `openstack:index/networkingNetworkV2:NetworkingNetworkV2`, as the dynamic bridge names it. */
export function pulumiToken(type: string): string {
  const at = type.indexOf('_');
  const name = camel(type.slice(at + 1));
  return `${type.slice(0, at)}:index/${name}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
