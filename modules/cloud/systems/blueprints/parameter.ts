import { z } from 'zod';
import type { Peer } from '../shape.ts';

/** What documentation and error messages say of a parameter. */
export interface Meaning {
  /** What a person writes there: `port`, `key`, `list of KEY:PORT`. */
  readonly type: string;
  readonly says: string;
  /** As it would be written in YAML. */
  readonly example: string | number | boolean | readonly string[];
}

const meanings = new WeakMap<z.ZodType, Meaning>();

/** A parameter of a blueprint: its schema, with what is said of it. */
export function parameter<T extends z.ZodType>(type: string, schema: T, says: string, example: Meaning['example']): T {
  meanings.set(schema, { type, says, example });
  return schema;
}

/** What was said of a parameter when it was made. */
export function meaningOf(schema: z.ZodType): Meaning {
  return meanings.get(schema) ?? { type: 'text', says: '', example: '' };
}

// Cells of tables come as text, so that a rule over rows can state parameters too.
const numeric = <T extends z.ZodType<number>>(schema: T): z.ZodPipe<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>, z.ZodTransform<number, string | number>> =>
  z.union([z.number(), z.string()]).transform((value, context) => {
    const result = schema.safeParse(typeof value === 'string' && /^\d+$/u.test(value) ? Number(value) : value);
    if (result.success) return result.data;
    context.addIssue({ code: 'custom', message: result.error.issues[0]?.message ?? 'is not a number' });
    return z.NEVER;
  });

type Numeric = ReturnType<typeof numeric>;

/** A TCP or UDP port. */
export const port = (): Numeric => numeric(z.number('must be a port, 1 to 65535').int().min(1).max(65_535));
/** A whole number above 0. */
export const whole = (): Numeric => numeric(z.number('must be a whole number above 0').int().positive());
export const text = (): z.ZodString => z.string().min(1);
/** A name that may become part of a host name. */
export const word = (): z.ZodString => z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?$/u, 'must be lower-case letters, digits and hyphens');

const keyPattern = /^[a-z][a-z0-9-]*(?:\/[A-Za-z0-9._-]+)+$/u;
const notKey = (written: string): string => `"${written}" is no key of the address plan (tenant/NAME/NETWORK, agency/NAME, domain/NAME)`;

/** A holder of the address plan; its prefixes of both families are meant. `domain/NAME`: the pools of a routing domain. */
export const key = (): z.ZodString => z.string().regex(keyPattern, { error: ({ input }) => notKey(String(input)) });

/** Somebody outside the tenant, and the port there. */
export interface Target {
  readonly name: string;
  readonly key: string;
  readonly port: number;
}

/** Somebody outside the tenant by a name of ours. */
export interface Named {
  readonly name: string;
  readonly peer: Peer;
}

type Listed<T> = z.ZodPipe<z.ZodArray<z.ZodString>, z.ZodTransform<T[], string[]>>;

function listed<T>(read: (written: string) => T | string): Listed<T> {
  return z.array(z.string()).transform((lines, context) =>
    lines.flatMap((line) => {
      const value = read(line);
      if (typeof value !== 'string') return [value];
      context.addIssue({ code: 'custom', message: value });
      return [];
    }),
  );
}

/** `KEY:PORT`, or `NAME=KEY:PORT` where `named`. */
export const targets = (named = false): Listed<Target> =>
  listed((line) => {
    const [, name = '', holder = '', number = ''] = (named ? /^([a-z0-9-]+)=(.+):(\d+)$/u : /^()(.+):(\d+)$/u).exec(line) ?? [];
    if (holder === '' || Number(number) < 1 || Number(number) > 65_535) return `"${line}" is not ${named ? 'NAME=' : ''}KEY:PORT`;
    return keyPattern.test(holder) ? { name, key: holder, port: Number(number) } : notKey(holder);
  });

/** `NAME=KEY`; also `NAME=anywhere` where `open`. */
export const peers = (open = false): Listed<Named> =>
  listed((line) => {
    const [, name = '', holder = ''] = /^([a-z0-9-]+)=(.+)$/u.exec(line) ?? [];
    if (holder === '') return `"${line}" is not NAME=KEY`;
    if (open && holder === 'anywhere') return { name, peer: { anywhere: true } };
    return keyPattern.test(holder) ? { name, peer: { key: holder } } : notKey(holder);
  });

/** `NAME=TEXT`, once for each name. */
export const assignments = (): Listed<readonly [string, string]> =>
  listed((line) => {
    const [, name, value] = /^([a-z0-9-]+)=(.+)$/u.exec(line) ?? [];
    return name === undefined || value === undefined ? `"${line}" is not NAME=TEXT` : ([name, value] as const);
  });
