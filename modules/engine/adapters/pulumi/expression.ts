/** A reference to an attribute of a resource: `openstack_networking_port_v2.web.fixed_ip[0].ip_address`. */
export interface Reference {
  readonly type: string;
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** A string of Terraform JSON as what can be carried over to another engine, or why it cannot be. */
export type Template =
  | { readonly kind: 'parts'; readonly parts: readonly (string | Reference)[]; readonly secret: boolean }
  | { readonly kind: 'refused'; readonly expression: string; readonly why: string };

const reference = /^([A-Za-z_][\w-]*)\.([A-Za-z_][\w-]*)((?:\.[A-Za-z_][\w-]*|\.\d+|\[\d+\])*)$/u;
const scopes: Readonly<Record<string, string>> = {
  data: 'a data source is asked for by the provider when it plans; state the value, or an output of this stack',
  var: 'variables have no value here',
  local: 'local values are not rendered; write the value where it is used',
  each: 'each belongs to for_each, which this renderer does not unroll',
  count: 'count is not unrolled by this renderer',
  module: 'modules are not rendered',
  path: 'paths are those of Terraform',
  terraform: 'workspaces are those of Terraform',
  self: 'self belongs to provisioners',
};

/** Reads a string of Terraform JSON (HCL templates): literal text and `${reference}` are carried over, `${sensitive(reference)}` too; nothing else is. */
export function readTemplate(text: string): Template {
  const parts: (string | Reference)[] = [];
  let literal = '';
  let secret = false;
  for (let at = 0; at < text.length;) {
    const three = text.slice(at, at + 3);
    if (three === '$${' || three === '%%{') {
      literal += three.slice(1);
      at += 3;
      continue;
    }
    if (three.startsWith('%{')) return refuse(text, 'directives (%{if}, %{for}) are not rendered');
    if (!three.startsWith('${')) {
      literal += text.charAt(at);
      at += 1;
      continue;
    }
    const end = closing(text, at + 2);
    if (end === undefined) return refuse(text, 'it does not end');
    let inner = text.slice(at + 2, end).trim();
    const marked = /^sensitive\(([^]*)\)$/u.exec(inner);
    if (marked !== null) {
      secret = true;
      inner = (marked[1] ?? '').trim();
    }
    const quoted = /^"((?:[^"\\$%]|\\["\\])*)"$/u.exec(inner);
    if (quoted !== null) literal += (quoted[1] ?? '').replace(/\\(["\\])/gu, '$1');
    else {
      const found = readReference(inner);
      if (typeof found === 'string') return refuse(`\${${text.slice(at + 2, end)}}`, found);
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(found);
    }
    at = end + 1;
  }
  if (literal !== '' || parts.length === 0) parts.push(literal);
  return { kind: 'parts', parts, secret };
}

/** A bare address (`TYPE.NAME`, as in `depends_on`), or a whole reference; a string says why it is none. */
export function readReference(text: string): Reference | string {
  const match = reference.exec(text);
  if (match === null) {
    const call = /^([a-z][a-z0-9_]*)\(/u.exec(text);
    if (call !== null) return `the function ${call[1] ?? ''} is Terraform's`;
    if (text.startsWith('[for ') || text.startsWith('{for ')) return 'for expressions are not rendered';
    if (text.includes('?')) return 'conditionals are not rendered';
    if (text.includes('[*]') || text.includes('.*')) return 'splats are not rendered';
    const scope = scopes[/^[a-z]+/u.exec(text)?.[0] ?? ''];
    return scope ?? 'operators and other expressions are not rendered';
  }
  const [, type = '', name = '', rest = ''] = match;
  const scope = scopes[type];
  if (scope !== undefined) return scope;
  const path = [...rest.matchAll(/\.([A-Za-z_][\w-]*)|\.(\d+)|\[(\d+)\]/gu)].map(([, word, dotted, index]) => word ?? Number(dotted ?? index));
  return { type, name, path };
}

function refuse(expression: string, why: string): Template {
  return { kind: 'refused', expression: expression.length > 80 ? `${expression.slice(0, 77)}...` : expression, why };
}

/** Where the `}` of a `${` is, past strings and inner brackets. */
function closing(text: string, from: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth++;
    else if (character === '}' && depth-- === 0) return at;
  }
  return undefined;
}
