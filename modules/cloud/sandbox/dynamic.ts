import { isObject } from '../../core/index.ts';
import { formatSteps, rewriteTemplate } from './expression.ts';

/**
 * `dynamic` blocks of a body as what they make: `dynamic.NAME` with `for_each` and `content` becomes an expression that
 * gives the list of blocks, joined to those the body states itself.
 * @see https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
 */
export function expandDynamic(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!isObject(body['dynamic'])) return body;
  const { dynamic, ...rest } = body;
  const result: Record<string, unknown> = { ...rest };
  for (const [name, given] of Object.entries(dynamic)) {
    const made = (Array.isArray(given) ? (given as unknown[]) : [given]).filter(isObject).map((block) => listOf(name, block));
    const stated = result[name];
    const lists = stated === undefined ? made : [expression(Array.isArray(stated) ? stated : [stated]), ...made];
    result[name] = `\${${lists.length === 1 ? (lists[0] ?? '[]') : `concat(${lists.join(', ')})`}}`;
  }
  return result;
}

function listOf(name: string, { for_each: source, iterator = name, content }: Readonly<Record<string, unknown>>): string {
  const item = String(iterator);
  const local = expression(content, (text) =>
    rewriteTemplate(text, ({ root, steps }) => {
      const [first, ...rest] = steps;
      return root === item && first?.kind === 'attribute' ? `${item}__${first.name}${formatSteps(rest)}` : undefined;
    }),
  );
  return `[for ${item}__key, ${item}__value in ${expression(source)} : ${local}]`;
}

/** A JSON value as an expression of the native syntax. */
function expression(value: unknown, prepare: (text: string) => string = (text) => text): string {
  if (typeof value === 'string') return template(prepare(value));
  if (Array.isArray(value)) return `[${value.map((item) => expression(item, prepare)).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  return `{${Object.entries(value)
    .filter(([key]) => key !== '//')
    .map(([key, item]) => `${JSON.stringify(key)} = ${expression(item, prepare)}`)
    .join(', ')}}`;
}

/** A template as a quoted one: what is literal is escaped, what is interpolated is not. */
function template(text: string): string {
  const parts = [...pieces(text)];
  if (parts.length === 1 && parts[0]?.startsWith('${')) return `(${parts[0].slice(2, -1)})`;
  return `"${parts.map((part) => (part.startsWith('${') || part.startsWith('%{') ? part : JSON.stringify(part).slice(1, -1))).join('')}"`;
}

function* pieces(text: string): Generator<string> {
  let literal = '';
  for (let at = 0; at < text.length;) {
    const escaped = /^(\$\$|%%)\{/u.exec(text.slice(at, at + 3));
    if (!escaped && /^[$%]\{/u.test(text.slice(at, at + 2))) {
      if (literal !== '') yield literal;
      literal = '';
      const end = closing(text, at + 2);
      yield text.slice(at, end);
      at = end;
    } else {
      literal += text.slice(at, at + (escaped ? 3 : 1));
      at += escaped ? 3 : 1;
    }
  }
  if (literal !== '') yield literal;
}

/** The position after the brace that closes the interpolation whose inside begins at `start`. */
function closing(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at + 1);
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
    else if (text[at] === '$' && text[at + 1] === '{' && text[at - 1] !== '$') at = closing(text, at + 2) - 1;
  }
  return text.length;
}
