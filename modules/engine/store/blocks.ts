import { canonicalJson, isObject, sha256 } from '../../core/index.ts';
import type { BackendBlock, BackendSetting } from './types.ts';

/** Longest name PostgreSQL keeps (63 bytes) and Kubernetes allows for a label (63). */
const longestName = 63;

/** What `terraform { backend }` of a stack says for a setting; undefined for local files. Never holds a credential. */
export function remoteBlock(backend: BackendSetting, stack: string): BackendBlock | undefined {
  switch (backend.type) {
    case 'local':
      return undefined;
    case 'pg':
      return { type: 'pg', config: { schema_name: schemaName(backend.prefix, stack) } };
    case 's3':
      return {
        type: 's3',
        config: {
          bucket: backend.bucket,
          key: `${backend.prefix}${stack}.tfstate`,
          region: backend.region,
          use_lockfile: true,
          encrypt: backend.endpoint === undefined,
          // Other servers than the provider's own know neither its account service nor its list of regions.
          ...(backend.endpoint === undefined
            ? {}
            : {
                endpoints: { s3: backend.endpoint },
                skip_credentials_validation: true,
                skip_requesting_account_id: true,
                skip_metadata_api_check: true,
                skip_region_validation: true,
                skip_s3_checksum: true,
              }),
          ...(backend.pathStyle === true ? { use_path_style: true } : {}),
        },
      };
    case 'kubernetes':
      return { type: 'kubernetes', config: { secret_suffix: secretSuffix(backend.prefix, stack), namespace: backend.namespace } };
  }
}

/** Schema that holds one stack's state: `PREFIX_STACK`, cut and made unique by a digest where it is too long. */
export function schemaName(prefix: string, stack: string): string {
  return cut(`${prefix}_${stack}`);
}

/**
 * Stacks of these schemas. A name that was cut cannot be read back: taken for a stack's it would lead to the same schema, as a
 * second stack nobody declares. Such a schema is that of whichever known stack it is made of; `aliases` are the names it must
 * not be taken for. One that no known stack is made of is left out.
 */
export function stacksOf(
  prefix: string,
  schemas: readonly string[],
  known: ReadonlySet<string>,
): { readonly stacks: readonly string[]; readonly aliases: readonly string[] } {
  const whole = new Map([...known].map((stack) => [schemaName(prefix, stack), stack]));
  const stacks: string[] = [];
  const aliases: string[] = [];
  for (const schema of schemas) {
    const name = schema.slice(prefix.length + 1);
    const stack = whole.get(schema) ?? (mayBeCut(schema) ? undefined : name);
    if (stack !== undefined) stacks.push(stack);
    if (stack !== name) aliases.push(name);
  }
  return { stacks, aliases };
}

/** Whether {@link schemaName} may have cut this name. */
export function mayBeCut(schema: string): boolean {
  return Buffer.byteLength(schema) === longestName && /-[0-9a-f]{12}$/u.test(schema);
}

/**
 * What ends the name of a stack's secret. Secret names are lower case; what that makes equal is told apart by a digest. The
 * backend takes a number at the end for that of a part of a state, so none may stand there.
 */
export function secretSuffix(prefix: string, stack: string): string {
  const name = `${prefix}${stack}`;
  const plain = name.toLowerCase();
  // Terraform makes `tfstate-default-SUFFIX` of it.
  const longest = longestName - 'tfstate-default-'.length;
  const suffix = cut(plain === name ? plain : `${plain}-${sha256(name).slice(0, 8)}`, longest);
  return /-\d+$/u.test(suffix) ? cut(`${suffix}-${sha256(name).slice(0, 8)}x`, longest - 1).replace(/(-\d+)$/u, '$1x') : suffix;
}

function cut(name: string, longest = longestName): string {
  return Buffer.byteLength(name) <= longest ? name : `${name.slice(0, longest - 13)}-${sha256(name).slice(0, 12)}`;
}

/**
 * The configuration of a synthesised stack as the engine reads it: its backend written in, and every
 * `terraform_remote_state` of another stack's local file pointed to where that state is kept.
 */
export function withBackend(json: string, stack: string, blockOf: (stack: string) => BackendBlock | undefined): string {
  const block = blockOf(stack);
  const configuration: unknown = JSON.parse(json);
  if (!isObject(configuration)) return json;
  let changed = block !== undefined;
  const data = isObject(configuration['data']) ? configuration['data'] : {};
  const read = isObject(data['terraform_remote_state']) ? data['terraform_remote_state'] : {};
  const pointed = Object.fromEntries(
    Object.entries(read).map(([name, body]) => {
      const producer = isObject(body) && body['backend'] === 'local' ? producerOf(body['config']) : undefined;
      const remote = producer === undefined ? undefined : blockOf(producer);
      if (remote === undefined || !isObject(body)) return [name, body];
      changed = true;
      return [name, { ...body, backend: remote.type, config: remote.config }];
    }),
  );
  if (!changed) return json;
  const settings = isObject(configuration['terraform']) ? configuration['terraform'] : {};
  const made = {
    ...configuration,
    ...(Object.keys(read).length > 0 ? { data: { ...data, terraform_remote_state: pointed } } : {}),
    ...(block === undefined ? {} : { terraform: { ...settings, backend: { [block.type]: block.config } } }),
  };
  return canonicalJson(made, 2);
}

/** The stack a local `terraform_remote_state` reads: `../STACK/terraform.tfstate`. */
function producerOf(config: unknown): string | undefined {
  const file = isObject(config) && typeof config['path'] === 'string' ? config['path'] : '';
  return /^\.\.\/([A-Za-z0-9][A-Za-z0-9.-]*)\/terraform\.tfstate$/u.exec(file)?.[1];
}
