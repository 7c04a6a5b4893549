import { compareCodeUnits, isObject } from '../../../core/index.ts';
import type { SynthesisedStack } from '../../../engine/index.ts';
import type { SystemShape } from '../shape.ts';

/** How many of each kind a part became, by type of resource; at a site by kind of record. */
export type Kinds = Readonly<Record<string, number>>;

/** Parts that belong to no one part of the shape: project, quotas, router, policies of the whole. */
export const groundwork = 'landing zone';

const groups = ['networks', 'entries', 'stores', 'keys'];

/**
 * What each part of a shape became in a tenant's stacks, read off the paths of constructs: `web/...` of component `web`,
 * `entries/www/...` of entry `www`. Pure.
 */
export function became(stacks: readonly Pick<SynthesisedStack, 'path' | 'json' | 'resources'>[], shape: SystemShape | undefined): ReadonlyMap<string, Kinds> {
  const parts = new Map<string, Record<string, number>>();
  const components = new Set(shape?.components.map(({ name }) => name));
  for (const { json, resources } of stacks) {
    const records = recordsOf(json);
    for (const { type, address, construct } of resources) {
      const part = partOf(construct, components, shape);
      const kinds = parts.get(part) ?? {};
      parts.set(part, kinds);
      const kind = type === 'terraform_data' ? `record: ${records.get(address.slice(address.indexOf('.') + 1)) ?? 'of equipment'}` : type;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
  }
  return new Map([...parts].map(([part, kinds]) => [part, Object.fromEntries(Object.entries(kinds).sort(([a], [b]) => compareCodeUnits(a, b)))]));
}

function partOf(construct: string, components: ReadonlySet<string>, shape: SystemShape | undefined): string {
  const [, first = '', second = ''] = construct.split('/');
  if (groups.includes(first) && second !== '') return `${first}/${second}`;
  if (first === 'names' || first.startsWith('names-')) return 'names';
  if (shape === undefined || components.has(first)) return first;
  // What a cluster has no kind of its own for lies in a stack of its own, named after its part.
  const component = [...components].find((name) => first === `${name}-backup`);
  const key = shape.keys.find(({ name }) => first === `${name}-key` || first.startsWith(`${name}-`));
  return component ?? (key ? `keys/${key.name}` : first === 'work' ? 'work list' : groundwork);
}

/** Kind of each record of a site, by its name in the document. */
function recordsOf(json: string): ReadonlyMap<string, string> {
  const document = JSON.parse(json) as { resource?: { terraform_data?: Record<string, unknown> } };
  return new Map(
    Object.entries(document.resource?.terraform_data ?? {}).flatMap(([name, body]) => {
      const input = isObject(body) ? body['input'] : undefined;
      const kind = isObject(input) ? input['kind'] : undefined;
      return typeof kind === 'string' ? [[name, kind] as const] : [];
    }),
  );
}
