import type { z } from 'zod';
import { ProblemError, problem, type Problem } from './problem.ts';
import type { DataPath, Source } from './source.ts';
import { didYouMean } from './text.ts';

/**
 * Checks a parsed file against a schema.
 * @throws ProblemError CORE-SCHEMA-* with every issue, its position and a hint.
 */
export function validate<T extends z.ZodType>(schema: T, source: Source): z.output<T> {
  const result = schema.safeParse(source.value);
  if (result.success) return result.data;
  throw new ProblemError(schemaProblems(result.error, source, schema));
}

/** Turns zod issues into problems with positions and hints. */
export function schemaProblems(error: z.ZodError, source: Source, schema?: z.ZodType): Problem[] {
  return error.issues.flatMap((issue) => issueProblems(issue, source, [], schema));
}

function issueProblems(issue: z.core.$ZodIssue, source: Source, base: DataPath, schema: z.ZodType | undefined): Problem[] {
  const at = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? step.toString() : step))];
  const where = at.length > 0 ? `${formatPath(at)}: ` : '';
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const known = keysAt(schema, at);
        return problem('CORE-SCHEMA-UNKNOWN-KEY', `${where}unknown key "${key}"`, {
          ...source.locate([...at, key], 'key'),
          hint: didYouMean(key, known) ?? (known.length > 0 ? `known keys: ${known.join(', ')}` : 'remove it'),
        });
      });
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const actual = valueAt(source.value, at);
      return [
        problem('CORE-SCHEMA-VALUE', `${where}${JSON.stringify(actual) ?? 'nothing'} is not one of ${allowed.join(', ')}`, {
          ...source.locate(at),
          hint: typeof actual === 'string' ? didYouMean(actual, allowed) : undefined,
        }),
      ];
    }
    case 'invalid_type': {
      const missing = valueAt(source.value, at) === undefined;
      const key = at.at(-1);
      return [
        missing
          ? problem('CORE-SCHEMA-MISSING', `${formatPath(at.slice(0, -1)) || 'the document'}: "${String(key)}" is missing`, {
              ...source.locate(at.slice(0, -1)),
              hint: `add "${String(key)}" (${issue.expected})`,
            })
          : problem('CORE-SCHEMA-TYPE', `${where}expected ${issue.expected}, found ${describe(valueAt(source.value, at))}`, {
              ...source.locate(at),
              hint: issue.expected === 'string' ? 'put quotes around the value' : undefined,
            }),
      ];
    }
    case 'invalid_union': {
      // The branch with the fewest complaints is the one the author most likely meant.
      const branches = issue.errors.filter((branch) => branch.length > 0).sort((a, b) => weight(a) - weight(b));
      const best = branches[0];
      if (best && weight(best) < 100) return best.flatMap((inner) => issueProblems(inner, source, at, undefined));
      return [
        problem('CORE-SCHEMA-VALUE', `${where}${describe(valueAt(source.value, at))} is not allowed here`, {
          ...source.locate(at),
          hint: best ? best.map((inner) => inner.message).join('; ') : undefined,
        }),
      ];
    }
    default:
      return [problem('CORE-SCHEMA-VALUE', `${where}${issue.message}`, { ...source.locate(at) })];
  }
}

function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'invalid_type' && issue.path.length === 0 ? 100 : 1), 0);
}

/** `needs[3].legs.v6`: a data path as people write it. */
export function formatPath(at: DataPath): string {
  return at.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

function valueAt(value: unknown, at: DataPath): unknown {
  return at.reduce<unknown>(
    (current, step) => (current !== null && typeof current === 'object' ? (current as Record<string | number, unknown>)[step] : undefined),
    value,
  );
}

function describe(value: unknown): string {
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return `${typeof value} ${JSON.stringify(value)}`;
}

/** The keys a schema knows at a path, for "did you mean"; empty where it cannot be told. */
function keysAt(schema: z.ZodType | undefined, at: DataPath): string[] {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of at) {
    current = unwrap(current);
    if (!current) return [];
    const definition = current._zod.def as { type: string; shape?: Record<string, z.core.$ZodType>; element?: z.core.$ZodType; valueType?: z.core.$ZodType };
    if (definition.type === 'object') current = definition.shape?.[String(step)];
    else if (definition.type === 'array') current = definition.element;
    else if (definition.type === 'record') current = definition.valueType;
    else return [];
  }
  current = unwrap(current);
  const shape = (current?._zod.def as { shape?: Record<string, unknown> } | undefined)?.shape;
  return shape ? Object.keys(shape) : [];
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  let current = schema;
  for (;;) {
    const definition = current?._zod.def as { type: string; innerType?: z.core.$ZodType; in?: z.core.$ZodType } | undefined;
    if (!definition) return current;
    if (definition.innerType) current = definition.innerType;
    else if (definition.type === 'pipe' && definition.in) current = definition.in;
    else return current;
  }
}
