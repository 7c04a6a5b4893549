import { fail, type Place } from './problem.ts';
import { didYouMean } from './text.ts';

/**
 * Fills `{name}` in a template from `fields`; `{{` and `}}` are literal braces.
 * @throws ProblemError CORE-TEMPLATE when a name is unknown or its value is empty; `place` is where the value should have come from.
 */
export function fillTemplate(template: string, fields: Readonly<Record<string, string | undefined>>, place: Place): string {
  return template.replace(/\{\{|\}\}|\{([^{}]*)\}/gu, (whole, name: string | undefined) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    const value = name === undefined ? undefined : fields[name];
    if (value !== undefined && value !== '') return value;
    const known = name !== undefined && name in fields;
    return fail(
      'CORE-TEMPLATE',
      known ? `"${name ?? ''}" is empty here, but "${template}" needs it` : `"${template}" needs "${name ?? ''}", which does not exist here`,
      {
        ...place,
        hint: known
          ? 'fill the cell or leave the row out'
          : (didYouMean(name ?? '', Object.keys(fields)) ?? `known names: ${Object.keys(fields).sort().join(', ')}`),
      },
    );
  });
}
