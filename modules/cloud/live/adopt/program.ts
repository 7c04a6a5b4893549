import { compareCodeUnits, isObject, type Json, type JsonObject } from '../../../core/index.ts';
import { blockOf, camelCase, isSingle, type Block } from '../../runtime/schema.ts';
import type { Adopted } from './propose.ts';
import { reference, topicOf } from './topics.ts';

export interface ProgramFacts {
  /** Id of the tenant. */
  readonly tenant: string;
  /** Last word of the stack's path. */
  readonly part: string;
  /** Name and id of the project, as the cloud knows it. */
  readonly project: { readonly name: string; readonly id: string };
  readonly cloud: string;
  /** Whether credentials of the tenant's own reach it. */
  readonly authority?: 'tenant' | undefined;
  /** Whether the provider has to be told the project: credentials of one project alone must not be. */
  readonly scoped: boolean;
  /** Objects that stay undeclared, as sentences. */
  readonly notes: readonly string[];
}

/** Longest line written. */
const width = 140;

/**
 * The program that declares what was found, as somebody would write it: one construct an object, references by variables, what
 * is only a default left out. The same proposal gives the same bytes. Pure.
 */
export function programText(adopted: readonly Adopted[], facts: ProgramFacts): string {
  const variables = variablesOf(adopted);
  const classes = [...new Set(adopted.map(({ type }) => type))]
    .sort(compareCodeUnits)
    .map((type) => `import { ${className(type)} } from '${modulePath(type)}';`);
  const { tenant, part, project, cloud, authority, scoped, notes } = facts;
  const stackProps = `{ tenant, part: '${part}'${authority === undefined ? '' : `, authority: '${authority}'`} }`;
  const providerProps = scoped ? `{ tenantName: ${literal(project.name)}, tenantId: ${literal(project.id)} }` : '{}';
  const lines = [
    `// The project ${JSON.stringify(project.name)} in cloud ${cloud} as it was found: made by hand, and declared here since. Secrets are not part of it.`,
    "import { agencyStacks, TenantStack } from 'vcloud/cloud';",
    ...classes,
    "import { OpenstackProvider } from 'vcloud/cloud/openstack/provider';",
    '',
    'export default agencyStacks((agency) => {',
    `  const tenant = agency.tenant(${literal(tenant)});`,
    `  const stack = new TenantStack(agency, ${stackProps});`,
    `  new OpenstackProvider(stack, 'openstack', ${providerProps});`,
  ];
  let topic = '';
  for (const one of adopted) {
    const here = topicOf(one.type);
    if (here !== topic) lines.push('', `  // ${here}`);
    topic = here;
    const variable = variables.get(`${one.type}.${one.name}`);
    const start = `${variable === undefined ? '' : `const ${variable} = `}new ${className(one.type)}(stack, ${literal(one.name)}, `;
    lines.push(...statement(start, propsOf(one, variables)));
  }
  const all = [...adopted.flatMap(unsaidOf), ...notes];
  if (all.length > 0) lines.push('', '  // Not declared here:', ...all.map((note) => `  // - ${note}`));
  return [...lines, '});', ''].join('\n');
}

/** What an object has and its declaration does not, as sentences. */
function unsaidOf({ type, name, unsaid: { secret, left } }: Adopted): string[] {
  return [
    ...(secret.length > 0 ? [`${type} ${name}: ${secret.join(', ')}: what looks like a secret is not written down`] : []),
    ...(left.length > 0 ? [`${type} ${name}: ${left.join(', ')}: as the cloud has it; a new one would have the cloud's default`] : []),
  ];
}

function statement(start: string, props: string): string[] {
  const whole = `  ${start}${props});`;
  if (whole.length <= width && !props.includes('\n')) return [whole];
  return `${start}${props})`.split('\n').map((line, index, all) => `  ${line}${index === all.length - 1 ? ';' : ''}`);
}

/** `openstack_networking_network_v2` -> `NetworkingNetworkV2`. */
export function className(type: string): string {
  return camelCase(`_${type.slice(type.indexOf('_') + 1)}`);
}

function modulePath(type: string): string {
  const provider = type.slice(0, type.indexOf('_'));
  return `vcloud/cloud/${provider}/${type.slice(provider.length + 1).replaceAll('_', '-')}`;
}

const reserved = new Set([
  'agency',
  'tenant',
  'stack',
  'default',
  'new',
  'delete',
  'class',
  'const',
  'import',
  'export',
  'public',
  'private',
  'package',
  'function',
  'return',
  'switch',
  'case',
  'if',
  'in',
  'for',
  'with',
  'void',
  'this',
  'super',
  'static',
  'var',
  'let',
  'yield',
  'await',
  'enum',
  'try',
  'do',
  'else',
  'true',
  'false',
  'null',
  'interface',
  'protected',
  'implements',
  'arguments',
  'eval',
]);

/** A variable for every object another one refers to, by address. */
function variablesOf(adopted: readonly Adopted[]): Map<string, string> {
  const used = new Set(adopted.flatMap(({ body }) => [...JSON.stringify(body).matchAll(reference)].map(([, address = '']) => address)));
  const taken = new Set(reserved);
  const variables = new Map<string, string>();
  for (const { type, name } of adopted) {
    const address = `${type}.${name}`;
    if (!used.has(address)) continue;
    const wanted = name.replaceAll(/-+([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());
    let free = taken.has(wanted) ? `${wanted}Object` : wanted;
    for (let number = 2; taken.has(free); number++) free = `${wanted}${number}`;
    taken.add(free);
    variables.set(address, free);
  }
  return variables;
}

function propsOf({ type, body, unread }: Adopted, variables: ReadonlyMap<string, string>): string {
  const block = blockOf('resources', type);
  const more = unread.length === 0 ? [] : [`lifecycle: { ignoreChanges: [${unread.map(literal).join(', ')}] }`];
  return block === undefined ? '{}' : objectText(body, block, variables, 2, more);
}

function objectText(body: JsonObject, block: Block, variables: ReadonlyMap<string, string>, depth: number, more: readonly string[] = []): string {
  const order = [...Object.keys(block.attributes ?? {}), ...Object.keys(block.block_types ?? {})];
  const entries = Object.entries(body).sort(([a], [b]) => rankOf(a, order) - rankOf(b, order));
  const parts = entries.map(([name, value]) => {
    const nested = block.block_types?.[name];
    const text =
      nested === undefined
        ? valueText(value, variables, depth + 2)
        : blocksText(value, isSingle(nested), (one, at) => objectText(one, nested.block, variables, at), depth + 2);
    return `${camelCase(name)}: ${text}`;
  });
  return braces('{', [...parts, ...more], '}', depth);
}

/** Its name first, and beginnings before ends, as people write. */
function rankOf(name: string, order: readonly string[]): number {
  if (name === 'name') return -2;
  if (name === 'description') return -1;
  const end = name === 'start' ? 'end' : name.replace(/_min$/u, '_max');
  return end === name || !order.includes(end) ? order.indexOf(name) : order.indexOf(end) - 0.5;
}

function blocksText(value: Json, single: boolean, text: (one: JsonObject, depth: number) => string, depth: number): string {
  const list = (Array.isArray(value) ? value : [value]).filter(isObject) as JsonObject[];
  const [first] = list;
  if (single && first !== undefined) return text(first, depth);
  return braces(
    '[',
    list.map((one) => text(one, depth + 2)),
    ']',
    depth,
  );
}

function valueText(value: Json, variables: ReadonlyMap<string, string>, depth: number): string {
  if (typeof value === 'string') return textText(value, variables);
  if (isList(value))
    return braces(
      '[',
      value.map((one) => valueText(one, variables, depth + 2)),
      ']',
      depth,
    );
  if (isObject(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => compareCodeUnits(a, b));
    return braces(
      '{',
      entries.map(([name, one]) => `${/^[A-Za-z_$][\w$]*$/u.test(name) ? name : literal(name)}: ${valueText(one, variables, depth + 2)}`),
      '}',
      depth,
    );
  }
  return JSON.stringify(value);
}

/** A reference as the variable's attribute; any other text as it is, with what Terraform would take for a reference escaped. */
function textText(value: string, variables: ReadonlyMap<string, string>): string {
  const [whole, address = '', attribute = ''] = [...value.matchAll(reference)][0] ?? [];
  const variable = whole === value ? variables.get(address) : undefined;
  return variable === undefined ? literal(value) : `${variable}.${camelCase(attribute)}`;
}

function literal(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  return escaped.includes("'") ? JSON.stringify(text) : `'${escaped}'`;
}

/** On one line where it fits, else one entry a line. `depth` is how far its lines are indented beyond the statement. */
function braces(open: string, parts: readonly string[], close: string, depth: number): string {
  if (parts.length === 0) return `${open}${close}`;
  const inner = parts.join(', ');
  const space = open === '{' ? ' ' : '';
  const line = `${open}${space}${inner}${space}${close}`;
  if (!inner.includes('\n') && line.length + depth <= 90) return line;
  const pad = ' '.repeat(depth);
  return `${open}\n${parts.map((part) => `${pad}${part},`).join('\n')}\n${' '.repeat(depth - 2)}${close}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
