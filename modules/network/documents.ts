import * as path from 'node:path';
import type { z } from 'zod';
import { isObject, listFiles, parseYaml, readText, schemaProblems, validate, type DataPath, type Place, type Problems, type Source } from '../core/index.ts';

/** Folder of all plans of a member. */
export const planFolder = 'network-plans';

/** One plan document with the positions of what it says. */
export interface PlanDocument<T> {
  readonly source: Source;
  readonly plan: T;
}

/** A named thing of a plan and where it stands. */
export interface Stated<T> {
  readonly value: T;
  readonly place: Place;
}

/** Names of the plan files of a member: top level only, without the locks. */
export function planFileNames(root: string): string[] {
  return listFiles(path.join(root, planFolder), (name) => /^[^/]+\.ya?ml$/u.test(name) && !/\.lock\.ya?ml$/u.test(name));
}

/** Tells by its text alone whether a plan is of one of the kinds: others may be large, and parsing is what costs. */
export function kindLine(kinds: readonly string[]): RegExp {
  return new RegExp(`^kind:\\s*["']?(?:${kinds.join('|')})["']?\\s*(?:#.*)?$`, 'mu');
}

/** Every document of one kind, checked. What cannot be read goes to `problems` (CORE-*). */
export function readPlanDocuments<S extends z.ZodType>(root: string, kind: string, schema: S, problems: Problems): PlanDocument<z.output<S>>[] {
  const ours = kindLine([kind]);
  return planFileNames(root).flatMap((name) => {
    const file = `${planFolder}/${name}`;
    return (
      problems.collect(() => {
        const text = readText(root, file);
        if (!ours.test(text)) return undefined;
        const source = parseYaml(file, text);
        return [{ source, plan: validate(schema, source) }];
      }) ?? []
    );
  });
}

/** Adds a named thing, or says that its name is taken and by which. */
export function addStated<T extends { readonly name: string }>(
  stated: Map<string, Stated<T>>,
  value: T,
  place: Place,
  code: string,
  what: string,
  problems: Problems,
): void {
  const first = stated.get(value.name);
  if (first) duplicate(problems, code, `${what} "${value.name}"`, first.place, place);
  else stated.set(value.name, { value, place });
}

/** Names both places of a thing that stands twice. */
export function duplicate(problems: Problems, code: string, what: string, first: Place, place: Place): void {
  problems.error(code, `${what} stands twice, first at ${first.file}:${first.line ?? 1}`, { ...place, hint: 'rename one of the two or remove it' });
}

/** Every need of a plan that is well-formed: written out, or made by a rule (`forEach`). The others are in `problems` then. */
export function eachNeed<N extends z.ZodType, R extends z.ZodType>(
  { source, problems }: { readonly source: Source; readonly problems: Problems },
  needs: unknown,
  needSchema: N,
  ruleSchema: R,
  work: (need: z.output<N> | z.output<R>, at: DataPath) => void,
): void {
  if (needs === undefined || needs === null) return;
  if (!Array.isArray(needs)) {
    problems.error('CORE-SCHEMA-TYPE', 'needs: expected a list', { ...source.locate(['needs']), hint: 'begin each need with "- "' });
    return;
  }
  needs.forEach((item: unknown, index) => {
    const at: DataPath = ['needs', index];
    const schema = isObject(item) && 'forEach' in item ? ruleSchema : needSchema;
    const checked = schema.safeParse(item);
    if (checked.success) work(checked.data, at);
    else {
      const local: Source = { file: source.file, value: item, locate: (where, part) => source.locate([...at, ...where], part) };
      schemaProblems(checked.error, local, schema).forEach((found) => problems.add(found));
    }
  });
}
