import { TerraformDataSource, TerraformProvider, TerraformResource, type IResolvable, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';
import { fail, Problems } from '../../core/index.ts';
import { toBody } from './body.ts';
import { blockOf, camelCase, providerOf, providerSchema, type AttributeType, type Block, type ProviderName } from './schema.ts';

/** Values Terraform works out itself where an author may also write plain ones. */
export type Flag = boolean | IResolvable;

/** What every resource takes besides its own properties: dependsOn, count, forEach, provider, lifecycle. */
export type ResourceOptions = TerraformMetaArguments;

const metaArguments: ReadonlySet<string> = new Set(['dependsOn', 'count', 'forEach', 'provider', 'lifecycle', 'provisioners', 'connection']);

type Readable = Pick<
  TerraformResource,
  'getStringAttribute' | 'getNumberAttribute' | 'getBooleanAttribute' | 'getListAttribute' | 'getStringMapAttribute' | 'interpolationForAttribute'
>;

const prepared = new WeakSet<object>();

/** Gives a class one getter per attribute of its schema, once, when its first object is made. */
function prepare(prototype: object, block: Block): void {
  if (prepared.has(prototype)) return;
  prepared.add(prototype);
  for (const [name, { type }] of Object.entries(block.attributes ?? {})) {
    Object.defineProperty(prototype, camelCase(name), {
      configurable: true,
      get(this: Readable): unknown {
        return read(this, name, type);
      },
    });
  }
}

function read(source: Readable, name: string, type: AttributeType): unknown {
  if (type === 'string') return source.getStringAttribute(name);
  if (type === 'number') return source.getNumberAttribute(name);
  if (type === 'bool') return source.getBooleanAttribute(name);
  if (typeof type !== 'string' && type[1] === 'string') return type[0] === 'map' ? source.getStringMapAttribute(name) : source.getListAttribute(name);
  return source.interpolationForAttribute(name);
}

function split(props: object): { meta: ResourceOptions; own: Record<string, unknown> } {
  const own: Record<string, unknown> = {};
  const meta: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(props)) (metaArguments.has(name) ? meta : own)[name] = value;
  return { meta, own };
}

function schemaFor(mode: 'resources' | 'data', type: string): { block: Block; provider: ProviderName } {
  const block = blockOf(mode, type);
  const provider = providerOf(type);
  if (!block || !provider)
    return fail('CLOUD-SCHEMA', `no schema is known for ${type}`, { hint: 'run `node scripts/emit-providers.ts` with a schema that has it' });
  return { block, provider };
}

function bodyOf(element: Construct, type: string, block: Block, own: Record<string, unknown>): Record<string, unknown> {
  const problems = new Problems();
  const body = toBody(block, own, { type, path: element.node.path, problems });
  problems.throwIfErrors();
  return body;
}

function metadataOf(name: ProviderName): { providerName: string; providerVersionConstraint: string } {
  return { providerName: name, providerVersionConstraint: versionConstraint(providerSchema(name).version) };
}

/** Any release of the major version the schema was read from, not older than it. */
export function versionConstraint(version: string): string {
  return `~> ${version.split('.').slice(0, 2).join('.')}`;
}

/** The one class behind every generated resource class: names and checks come from the schema of its `type`. */
export class ProviderResource<Props extends object = Readonly<Record<string, unknown>>> extends TerraformResource {
  /** Terraform type; every generated class has its own. */
  static readonly type: string = '';
  readonly #body: Record<string, unknown>;

  /** @throws ProblemError CLOUD-BODY-* with every fault of `props`, each with the construct's path */
  constructor(scope: Construct, id: string, props: Props) {
    const type = new.target.type;
    const { block, provider } = schemaFor('resources', type);
    const { meta, own } = split(props);
    super(scope, id, { terraformResourceType: type, terraformGeneratorMetadata: metadataOf(provider), ...meta });
    prepare(new.target.prototype, block);
    this.#body = bodyOf(this, type, block, own);
  }

  /** A reference to something inside a nested block, e.g. `metadata[0].name`. */
  at(path: string): string {
    return this.getStringAttribute(path);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.#body;
  }
}

/** The one class behind every generated data source class. */
export class ProviderData<Props extends object = Readonly<Record<string, unknown>>> extends TerraformDataSource {
  /** Terraform type; every generated class has its own. */
  static readonly type: string = '';
  readonly #body: Record<string, unknown>;

  /** @throws ProblemError CLOUD-BODY-* */
  constructor(scope: Construct, id: string, props: Props) {
    const type = new.target.type;
    const { block, provider } = schemaFor('data', type);
    const { meta, own } = split(props);
    super(scope, id, { terraformResourceType: type, terraformGeneratorMetadata: metadataOf(provider), ...meta });
    prepare(new.target.prototype, block);
    this.#body = bodyOf(this, type, block, own);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.#body;
  }
}

/** The one class behind the generated provider classes. */
export class ProviderConfiguration<Props extends object = Readonly<Record<string, unknown>>> extends TerraformProvider {
  /** Provider name; every generated class has its own. */
  static readonly type: string = '';
  readonly #body: Record<string, unknown>;
  readonly #alias: string | undefined;

  /** @throws ProblemError CLOUD-BODY-* */
  constructor(scope: Construct, id: string, props: Props & { readonly alias?: string }) {
    const name = new.target.type as ProviderName;
    const { source, configuration } = providerSchema(name);
    super(scope, id, { terraformResourceType: name, terraformGeneratorMetadata: metadataOf(name), terraformProviderSource: source });
    const { alias, ...own } = props as Record<string, unknown> & { alias?: string };
    this.#alias = alias;
    this.#body = bodyOf(this, `provider ${name}`, configuration, own);
  }

  override get alias(): string | undefined {
    return this.#alias;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.#body;
  }
}
