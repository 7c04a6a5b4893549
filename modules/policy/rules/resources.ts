import { z } from 'zod';
import { isObject, type Json } from '../../core/index.ts';
import { defineCheck, failed, notApplicable, pass, unknown, type Verdict } from '../check.ts';
import type { Entry } from '../facts.ts';

/** The value at a dotted path of a resource's arguments; a list stands for its first element, as nested blocks do. */
function argument(entry: Json | undefined, path: string): Json | undefined {
  let value: Json | undefined = entry;
  for (const step of path.split('.')) {
    if (Array.isArray(value)) value = (value as readonly Json[])[0];
    value = isObject(value) ? (value as Readonly<Record<string, Json>>)[step] : undefined;
  }
  return value;
}

/** A scalar as text; anything else as JSON. */
function show(value: Json | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Whether a value is only known once something else was applied. */
function isReference(value: Json | undefined): boolean {
  return typeof value === 'string' && value.includes('${');
}

/** Whether nothing is written there: a block that is written and empty is something (an empty rule allows all). */
function isAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Whether a block is absent or holds nothing, written as an object or as a list of one. */
function isEmpty(value: Json | undefined): boolean {
  if (isAbsent(value)) return true;
  const block = Array.isArray(value) && value.length === 1 ? (value as readonly Json[])[0] : value;
  return isObject(block) && Object.values(block as Readonly<Record<string, Json>>).every(isAbsent);
}

const wantedSchema = z.strictObject({
  type: z.string().min(1),
  /** Path -> value it must hold (or, for a list, contain). */
  equals: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** Paths nothing may be written at. */
  absent: z.array(z.string()).optional(),
  /** Paths that may hold an empty block at most. */
  empty: z.array(z.string()).optional(),
});

/** A tenant has the resources asked for on its kind of cloud. */
export const tenantResources = defineCheck({
  id: 'tenant-resources',
  subject: 'tenant',
  inputs: ['declared', 'synthesis'],
  options: z.strictObject({
    /** Kind of cloud -> resources each tenant there must have. */
    clouds: z.record(z.string(), z.array(wantedSchema).min(1)),
  }),
  judge(context, { clouds }) {
    const id = context.read('cloud');
    const kind = context.of('cloud', id)?.read('kind');
    if (kind === undefined) return unknown(`cloud/${id}`);
    const wanted = clouds[kind];
    if (wanted === undefined) return notApplicable(`không áp dụng cho đám mây loại ${kind}`, `does not concern clouds of kind ${kind}`);
    const byTenant = context.index.related('resources of a tenant', 'resource', (resource) => (resource.tenant === undefined ? [] : [resource.tenant]));
    const own = byTenant.get(context.id) ?? [];
    if (own.length === 0) return unknown('stack');
    const missing = wanted.filter((one) => {
      const found = own.find((entry) => matches(entry, one));
      context.note(`resource ${one.type}`, found?.id);
      return found === undefined;
    });
    const named = (list: typeof wanted): string => list.map((one) => one.type).join(', ');
    return missing.length === 0 ? pass(`có ${named(wanted)}`, `has ${named(wanted)}`) : failed(`thiếu ${named(missing)}`, `lacks ${named(missing)}`);
  },
});

function matches(entry: Entry<'resource'>, wanted: z.output<typeof wantedSchema>): boolean {
  if (entry.value.type !== wanted.type) return false;
  const written = entry.value.arguments;
  for (const [path, value] of Object.entries(wanted.equals ?? {})) {
    const found = argument(written, path);
    if (Array.isArray(found) ? !(found as readonly Json[]).includes(value) : found !== value) return false;
  }
  return (wanted.absent ?? []).every((path) => isAbsent(argument(written, path))) && (wanted.empty ?? []).every((path) => isEmpty(argument(written, path)));
}

/** A rule of a security group opens only the named ports to everybody. */
export const ingressOpen = defineCheck({
  id: 'ingress-open',
  subject: 'resource',
  inputs: ['synthesis'],
  options: z.strictObject({
    /** Where the resource type keeps what is judged. */
    arguments: z.strictObject({
      direction: z.string(),
      prefix: z.string(),
      group: z.string(),
      protocol: z.string(),
      firstPort: z.string(),
      lastPort: z.string(),
    }),
    ingress: z.string(),
    world: z.array(z.string()).min(1),
    ports: z.array(z.int()),
    protocols: z.array(z.string()),
  }),
  judge(context, options) {
    const written = context.read('arguments');
    context.drop('arguments');
    const get = (name: keyof typeof options.arguments): Json | undefined => {
      const value = argument(written, options.arguments[name]);
      context.note(options.arguments[name], value);
      return value;
    };
    const direction = get('direction');
    if (isReference(direction)) return unknown(options.arguments.direction);
    if (direction !== options.ingress) return notApplicable('không phải lưu lượng vào', 'not for incoming traffic');
    const prefix = get('prefix');
    const group = get('group');
    if (isReference(prefix)) return unknown(options.arguments.prefix);
    const open = isAbsent(prefix) ? isAbsent(group) : options.world.includes(show(prefix));
    if (!open) {
      const from = isAbsent(prefix) ? 'một nhóm' : show(prefix);
      return pass(`chỉ mở cho ${from}`, `open to ${isAbsent(prefix) ? 'one group' : show(prefix)} only`);
    }
    const protocol = get('protocol');
    if (options.protocols.includes(show(protocol))) return pass(`mở ${show(protocol)} cho mọi nơi`, `opens ${show(protocol)} to everybody, which is allowed`);
    const first = get('firstPort');
    const last = get('lastPort') ?? first;
    if (isReference(first) || isReference(last)) return unknown(options.arguments.firstPort);
    if (first === undefined || first === null) return failed('mở mọi cổng cho mọi nơi', 'opens every port to everybody');
    const allowed = Number(first) === Number(last) && options.ports.includes(Number(first));
    const range = Number(first) === Number(last) ? show(first) : `${show(first)}-${show(last)}`;
    return allowed
      ? pass(`mở cổng công khai ${range}`, `opens public port ${range}`)
      : failed(`mở cổng ${range} cho mọi nơi`, `opens port ${range} to everybody`);
  },
});

/** An argument of a resource has one of the accepted values. */
export const resourceArgument = defineCheck({
  id: 'resource-argument',
  subject: 'resource',
  inputs: ['synthesis'],
  options: z.strictObject({
    argument: z.string().min(1),
    accepted: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  }),
  judge(context, options): Verdict {
    const written = context.read('arguments');
    context.drop('arguments');
    const value = argument(written, options.argument);
    context.note(options.argument, value);
    // Left out, the cloud's own default holds, and that is not in the plan.
    if (value === undefined || value === null || isReference(value)) return unknown(options.argument);
    const shown = show(value);
    const vi = `${options.argument} là ${shown}`;
    const en = `${options.argument} is ${shown}`;
    return options.accepted.some((one) => one === value)
      ? pass(vi, en)
      : failed(`${vi}, yêu cầu ${options.accepted.join(' hoặc ')}`, `${en}, asked is ${options.accepted.join(' or ')}`);
  },
});
