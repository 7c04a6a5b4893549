import type { TerraformStack } from 'cdktf';
import { canonicalJson, isObject, sha256, sortedBy } from '../../core/index.ts';
import { plannedAddress, toSandbox, type TerraformJson } from '../sandbox/transform.ts';
import { TenantStack } from '../program/stack.ts';

/** A resource of a stack before its declaration is looked up. */
export interface RenderedResource {
  readonly address: string;
  readonly type: string;
  readonly planned: string;
  readonly construct: string;
  readonly name?: string | undefined;
}

/** One stack as the cache keeps it: everything but places, which follow from the subject. */
export interface RenderedStack {
  readonly path: string;
  readonly agency: string;
  readonly tenant?: string | undefined;
  readonly cloud?: string | undefined;
  readonly authority?: 'operator' | 'tenant' | undefined;
  readonly json: string;
  readonly digest: string;
  readonly dependsOn: readonly string[];
  readonly reads: readonly string[];
  readonly resources: readonly RenderedResource[];
}

/** Renders a prepared stack: canonical JSON without comments, backend and absolute paths; in the sandbox without providers. */
export function renderStack(stack: TerraformStack, agency: string, environment: 'sandbox' | 'production'): RenderedStack {
  const path = stack.node.id;
  const raw = stack.toTerraform() as TerraformJson;
  const document = tidy(raw);
  const json = `${canonicalJson(environment === 'sandbox' ? toSandbox(document, path).json : document, 2)}\n`;
  return {
    path,
    agency,
    ...(stack instanceof TenantStack
      ? {
          tenant: stack.tenant.id,
          cloud: stack.cloud.id,
          ...(stack.authority === undefined ? {} : { authority: stack.authority }),
          ...(stack.tenant.tags === undefined ? {} : { tags: stack.tenant.tags }),
          ...(stack.tenant.protect === true ? { protect: true } : {}),
        }
      : {}),
    json,
    digest: sha256(json),
    dependsOn: stack.dependencies.map((dependency) => dependency.node.id).sort(),
    reads: readsOf(document),
    resources: resourcesOf(raw, path, environment),
  };
}

/** Without comments and backend (the engine's to write), lifecycle addresses bare. */
function tidy(document: TerraformJson): TerraformJson {
  const clean = strip(document) as Record<string, unknown>;
  const terraform = clean['terraform'];
  if (isObject(terraform)) delete terraform['backend'];
  for (const named of Object.values((clean['resource'] ?? {}) as Record<string, Record<string, Record<string, unknown>>>)) {
    for (const body of Object.values(named)) {
      const lifecycle = body['lifecycle'];
      if (isObject(lifecycle) && Array.isArray(lifecycle['replace_triggered_by']))
        lifecycle['replace_triggered_by'] = lifecycle['replace_triggered_by'].map((item) => String(item).replace(/^\$\{([^{}]*)\}$/u, '$1'));
    }
  }
  return clean;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (key !== '//') result[key] = strip(item);
  return result;
}

function readsOf(document: TerraformJson): string[] {
  const data = isObject(document['data']) ? document['data']['terraform_remote_state'] : undefined;
  const producers = Object.values((data ?? {}) as Record<string, { config?: { path?: string } }>).map(
    ({ config }) => /^\.\.\/([^/]+)\//u.exec(config?.path ?? '')?.[1],
  );
  return [...new Set(producers.filter((producer) => producer !== undefined))].sort();
}

function resourcesOf(raw: TerraformJson, stack: string, environment: 'sandbox' | 'production'): RenderedResource[] {
  const resources: RenderedResource[] = [];
  const groups = (raw['resource'] ?? {}) as Record<string, Record<string, Record<string, unknown>>>;
  for (const [type, named] of Object.entries(groups)) {
    for (const [id, body] of Object.entries(named)) {
      const comment = body['//'] as { metadata?: { path?: string } } | undefined;
      const path = comment?.metadata?.path ?? id;
      const name = nameOf(body);
      resources.push({
        address: `${type}.${id}`,
        type,
        planned: environment === 'sandbox' ? plannedAddress(type, id) : `${type}.${id}`,
        construct: path.slice(path.indexOf(`${stack}/`) === -1 ? 0 : path.indexOf(`${stack}/`)),
        ...(name === undefined ? {} : { name }),
      });
    }
  }
  return sortedBy(resources, ({ address }) => address);
}

/** The name the body states: `name`, `metadata.name`, or a record's own. */
function nameOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
  const candidates = [body['name'], ...[first(body['metadata']), first(body['input'])].map((inner) => (isObject(inner) ? inner['name'] : undefined))];
  return candidates.find((name): name is string => typeof name === 'string' && !name.includes('${'));
}
