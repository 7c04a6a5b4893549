import { fail, type Place } from './problem.ts';
import { didYouMean } from './text.ts';

export type Fields = Readonly<Record<string, string | undefined>>;

/** A template ready to be filled; `placeOf` says where the value of a field should have come from. */
export type Template = (fields: Fields, placeOf: (field: string) => Place) => string;

/**
 * Takes a template apart once: `{name}` is a field, `{{` and `}}` are braces.
 * @param place where the template stands
 * @param names the fields there are; without them a name is only looked for on filling
 * @throws ProblemError CORE-TEMPLATE here for stray braces and names not among `names`, on filling for unknown and empty fields
 */
export function compileTemplate(template: string, place: Place, names?: readonly string[]): Template {
  if (!/[{}]/u.test(template)) return () => template;
  const quoted = JSON.stringify(template);
  const parts: { readonly text: string; readonly field?: string }[] = [];
  for (const [whole] of template.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/gu)) {
    if (whole === '{' || whole === '}') fail('CORE-TEMPLATE', `${quoted} has a stray "${whole}"`, { ...place, hint: `write "${whole}${whole}" for a brace` });
    if (whole === '{{' || whole === '}}') parts.push({ text: whole.charAt(0) });
    else if (whole.startsWith('{')) {
      const field = whole.slice(1, -1);
      if (names?.includes(field) === false) unknownName(quoted, field, names, place);
      parts.push({ text: '', field });
    } else parts.push({ text: whole });
  }
  return (fields, placeOf) => {
    let text = '';
    for (const { text: plain, field } of parts) {
      if (field === undefined) {
        text += plain;
        continue;
      }
      const value = fields[field];
      if (value === undefined || value === '') {
        if (names === undefined && !(field in fields)) unknownName(quoted, field, Object.keys(fields).sort(), placeOf(field));
        fail('CORE-TEMPLATE', `"${field}" is empty here, but ${quoted} needs it`, {
          ...placeOf(field),
          hint: 'fill it, or leave this one out of the rule with `where` or `except`',
        });
      }
      text += value;
    }
    return text;
  };
}

function unknownName(quoted: string, field: string, names: readonly string[], place: Place): never {
  fail('CORE-TEMPLATE', `${quoted} needs "${field}", which does not exist here`, {
    ...place,
    hint: didYouMean(field, names) ?? `known names: ${names.join(', ')}`,
  });
}

/**
 * Fills a template at once; see {@link compileTemplate}.
 * @throws ProblemError CORE-TEMPLATE with `place`
 */
export function fillTemplate(template: string, fields: Fields, place: Place): string {
  return compileTemplate(template, place)(fields, () => place);
}
