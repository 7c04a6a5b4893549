import { parseDocument } from 'yaml';
import { z } from 'zod';
import { didYouMean, Problems } from '../../../core/index.ts';
import type { Claim, Component, Entry, Flow, Key, ObjectStore, Replica, SystemIntent, SystemShape } from '../shape.ts';
import { administration, commonClaims, commonParameters, type Audience, type Common } from './common.ts';
import { meaningOf } from './parameter.ts';

/** Members of one kind as the toolkit makes them where nothing is stated. These numbers are nobody's rule: they are a start. */
export interface Members {
  readonly says: string;
  readonly replicas: number;
  /** Fewest that still do what the component is for. */
  readonly least?: number;
  /** Size of a volume each. */
  readonly gib?: number;
}

/** What a blueprint adds to what all have. */
export interface Draft {
  readonly components: readonly Component[];
  readonly flows: readonly Flow[];
  readonly entries: readonly Entry[];
  readonly stores?: readonly ObjectStore[];
  readonly keys?: readonly Key[];
  readonly replicas?: readonly Replica[];
  readonly claims: readonly Claim[];
}

type ComponentProps = Pick<Component, 'segment' | 'ports'> & Partial<Pick<Component, 'settings' | 'keys'>>;

/** What a blueprint builds with. */
export interface Kit<P> {
  readonly intent: SystemIntent;
  readonly parameters: P & Common;
  /** A component of one of the blueprint's kinds of members, as many and as large as the tenant says. */
  readonly component: (name: string, props: ComponentProps) => Component;
}

export interface Definition<S extends z.ZodRawShape> {
  readonly name: string;
  readonly summary: string;
  /** Networks the address plan must hold for the tenant, and what for. */
  readonly segments: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, Members>>;
  readonly parameters: S;
  /** A complete set of parameters, for documentation and tests. */
  readonly example: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Whether it cannot do without a tenant elsewhere that keeps the same data. */
  readonly needsPartner?: boolean;
  readonly build: (kit: Kit<z.output<z.ZodObject<S>>>) => Draft;
}

/** A kind of system that a tenant can be declared to be. */
export interface Blueprint extends Omit<Definition<z.ZodRawShape>, 'build' | 'parameters'> {
  readonly parameters: z.ZodObject;
  /**
   * The system of a tenant, without any cloud. A pure function of what is declared.
   * @throws ProblemError CLOUD-PARAMETER, CLOUD-SIZE, CLOUD-NOT-NUMBERED, CLOUD-PARTNER: all of them at once
   */
  readonly shape: (intent: SystemIntent) => SystemShape;
}

/** Makes a blueprint of its definition: what the tenant states is checked before anything is built. */
export function blueprint<S extends z.ZodRawShape>({ build, parameters: own, ...rest }: Definition<S>): Blueprint {
  const parameters = z.strictObject({ ...own, ...commonParameters });
  const sizes = sizesOf(rest.members);
  const shape = (intent: SystemIntent): SystemShape => {
    const problems = new Problems();
    const about = `tenant "${intent.tenant.id}": blueprint ${rest.name}`;
    const subject = `tenant/${intent.tenant.id}`;
    const stated = parameters.safeParse(intent.parameters);
    if (!stated.success) parameterProblems(stated.error, { about, subject, parameters, values: intent.parameters, problems });
    for (const [name, value] of Object.entries(intent.size)) {
      const known = sizes.get(name);
      const hint = 'sizes are stated in `size:` of the tenant';
      if (!known)
        problems.error('CLOUD-SIZE', `${about} has no size "${name}"`, {
          subject,
          hint: didYouMean(name, sizes.keys()) ?? `sizes: ${[...sizes.keys()].join(', ')}`,
        });
      else if (!Number.isInteger(value) || value < known.least)
        problems.error('CLOUD-SIZE', `${about}: size "${name}" is ${value}, which is less than ${known.least}, or no whole number`, { subject, hint });
    }
    if (rest.needsPartner === true && !intent.partners.some(({ rpoMinutes, rtoMinutes }) => rpoMinutes !== undefined && rtoMinutes !== undefined))
      problems.error('CLOUD-PARTNER', `${about} needs a tenant elsewhere that keeps the same data, and how much may be lost and for how long`, {
        subject,
        hint: 'state it on the system: disasterRecovery: { tenant: TENANT-IN-ANOTHER-CLOUD, mode: replica, rpoMinutes: 15, rtoMinutes: 120 }',
      });
    for (const { tenant, samePlace } of rest.needsPartner === true ? intent.partners : [])
      if (samePlace === true)
        problems.error('CLOUD-PARTNER', `${about}: tenant "${tenant}" keeps the same data in the same place`, {
          subject,
          hint: 'declare it in another cloud, or in another region',
        });
    const served = (stated.data as Partial<Audience> | undefined)?.audience?.map(({ name }) => name);
    for (const carrier of served === undefined ? [] : intent.carriers.filter((name) => !served.includes(name)))
      problems.error('CLOUD-PARAMETER', `${about}: its links run on "${carrier}", and parameter "audience" does not say who may use it there`, {
        subject,
        hint: `parameters: { audience: ["${carrier}=agency/NAME"] }, for example`,
      });
    const made = (values: Common): SystemShape => {
      const kinds = new Set<string>();
      const draft = build(kitOf(intent, values as z.output<z.ZodObject<S>> & Common, rest.members, kinds));
      const components = imagesByName(draft.components, values.containerImages ?? [], kinds, (name, known) =>
        problems.error('CLOUD-PARAMETER', `${about}: parameter "containerImages" names "${name}", which is no component of it`, {
          subject,
          hint: didYouMean(name, known) ?? `components: ${known.join(', ')}`,
        }),
      );
      return finish(intent, values, { ...draft, components });
    };
    const done = stated.success && !problems.hasErrors ? problems.collect(() => made(stated.data as Common)) : undefined;
    for (const { name } of done?.segments ?? [])
      if (!intent.segments.includes(name))
        problems.error('CLOUD-NOT-NUMBERED', `${about} needs the network tenant/${intent.tenant.id}/${name}, which the address plan does not hold`, {
          subject,
          hint: `add to a network plan: { forEach: { tenants: { blueprint: ${rest.name} } }, key: "tenant/{id}/${name}", legs: ... }, then run \`vcloud net allocate\``,
        });
    problems.throwIfErrors();
    return done ?? { segments: [], components: [], flows: [], entries: [], stores: [], keys: [], replicas: [], claims: [] };
  };
  return { ...rest, parameters, shape };
}

/** Names of the sizes a blueprint reads, with the toolkit's own start and the least it works with. */
export function sizesOf(
  members: Readonly<Record<string, Members>>,
): ReadonlyMap<string, { readonly start: number; readonly least: number; readonly says: string }> {
  const sizes = new Map([
    ['vcpus', { start: 2, least: 1, says: 'virtual processors of a member' }],
    ['memoryGiB', { start: 4, least: 1, says: 'memory of a member' }],
  ]);
  for (const [name, { says, replicas, least = 1, gib }] of Object.entries(members)) {
    sizes.set(name, { start: replicas, least, says: `members: ${says}` });
    if (gib !== undefined) sizes.set(`${name}GiB`, { start: gib, least: 1, says: `volume of each ${name}` });
  }
  return sizes;
}

/** Images stated for a component by its own name, before those of its kind: of adapters of several systems each may have its own. */
function imagesByName(
  components: readonly Component[],
  images: readonly (readonly [string, string])[],
  kinds: ReadonlySet<string>,
  unknown: (name: string, known: readonly string[]) => void,
): readonly Component[] {
  const known = [...new Set([...components.map(({ name }) => name), ...kinds])];
  for (const [name] of images) if (!known.includes(name)) unknown(name, known);
  const own = new Map(images);
  return components.map((component) => {
    const container = own.get(component.name);
    return container === undefined ? component : { ...component, image: { ...component.image, container } };
  });
}

/** @param kinds is given the names of the kinds of members something is made of */
function kitOf<P>(intent: SystemIntent, parameters: P, members: Readonly<Record<string, Members>>, kinds: Set<string>): Kit<P> {
  const stated = parameters as P & Common;
  const sizes = sizesOf(members);
  const size = (name: string): number => intent.size[name] ?? sizes.get(name)?.start ?? 1;
  const containers = new Map(stated.containerImages ?? []);
  const named = (name: string): string => {
    kinds.add(name);
    return name;
  };
  return {
    intent,
    parameters: stated,
    component: (name, { ports, ...props }) => ({
      name: named(name),
      replicas: size(name),
      size: { vcpus: size('vcpus'), memoryGiB: size('memoryGiB') },
      image: { machine: stated.machineImage, container: containers.get(name) ?? `${intent.tenant.id}/${name}` },
      ports:
        stated.administrationPort === undefined ? ports : [...ports, { name: administration, number: stated.administrationPort, protocol: 'tcp' as const }],
      ...(members[name]?.gib === undefined ? {} : { storage: { gib: size(`${name}GiB`), backup: backupOf(intent, stated) } }),
      ...props,
    }),
  };
}

/** As often as the strictest recovery point of its partners asks, down to an hour; else as stated, else daily. */
function backupOf({ partners }: SystemIntent, { backupEveryHours, backupKeepDays }: Common): { everyHours: number; keepDays: number } {
  const points = partners.flatMap(({ rpoMinutes }) => rpoMinutes ?? []);
  const everyHours = backupEveryHours ?? (points.length === 0 ? 24 : Math.min(24, Math.max(1, Math.floor(Math.min(...points) / 60))));
  return { everyHours, keepDays: backupKeepDays };
}

/** Adds what every system has: who administers it, where its members find names, time and a place for logs, and what follows from its form. */
function finish(intent: SystemIntent, stated: Common, draft: Draft): SystemShape {
  const { components } = draft;
  const flows: Flow[] = [...draft.flows];
  for (const { name } of components) {
    if (stated.administrationPort !== undefined)
      flows.push({ from: { segment: 'management' }, to: { component: name }, port: administration, why: 'administration from the network kept for it' });
    if (stated.names !== undefined)
      for (const protocol of ['udp', 'tcp'] as const)
        flows.push({ from: { component: name }, to: { key: stated.names }, port: 53, protocol, why: 'names (RFC 1035)' });
    if (stated.time !== undefined) flows.push({ from: { component: name }, to: { key: stated.time }, port: 123, protocol: 'udp', why: 'time (RFC 5905)' });
    for (const { key, port } of stated.logs ?? []) flows.push({ from: { component: name }, to: { key }, port, why: 'logs leave the machine they tell of' });
  }
  const outward = new Set(flows.flatMap(({ from, to }) => ('component' in from && ('key' in to || 'anywhere' in to) ? [from.component] : [])));
  const used = [...new Set([...components.map(({ segment }) => segment), ...(stated.administrationPort === undefined ? [] : ['management'])])];
  // Whoever holds a certificate puts it there; the toolkit never sees its private key.
  const certificates = [...new Set(draft.entries.flatMap(({ tls }) => (tls.at === 'entry' ? [tls.certificate] : [])))]
    .filter((name) => draft.keys?.some((known) => known.name === name) !== true)
    .map((name): Key => ({ name, origin: 'given', use: 'certificate' }));
  const shape = {
    segments: used.map((name) =>
      components.some((component) => component.segment === name && outward.has(component.name)) ? { name, egress: true } : { name },
    ),
    components,
    flows,
    entries: draft.entries,
    stores: draft.stores ?? [],
    keys: [...(draft.keys ?? []), ...certificates],
    replicas: draft.replicas ?? [],
  };
  return { ...shape, claims: [...draft.claims, ...commonClaims(shape, intent, stated)].sort((a, b) => compareIds(a.id, b.id)) };
}

/** SEC-2 before SEC-10. */
function compareIds(a: string, b: string): number {
  const [areaA = '', numberA = '0'] = a.split('-');
  const [areaB = '', numberB = '0'] = b.split('-');
  return areaA === areaB ? Number(numberA) - Number(numberB) : areaA < areaB ? -1 : 1;
}

interface Faults {
  readonly about: string;
  readonly subject: string;
  readonly parameters: z.ZodObject;
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: Problems;
}

function parameterProblems(error: z.ZodError, { about, subject, parameters, values, problems }: Faults): void {
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const name of issue.keys)
        problems.error('CLOUD-PARAMETER', `${about} has no parameter "${name}"`, {
          subject,
          hint: didYouMean(name, Object.keys(parameters.shape)) ?? `parameters: ${Object.keys(parameters.shape).join(', ')}`,
        });
      continue;
    }
    const name = String(issue.path[0] ?? '');
    const { says, example } = meaningOf(parameters.shape[name] as z.ZodType);
    const hint = `parameters: { ${name}: ${written(example)} }, for example`;
    if (values[name] === undefined) problems.error('CLOUD-PARAMETER', `${about} needs the parameter "${name}": ${says}`, { subject, hint });
    else problems.error('CLOUD-PARAMETER', `${about}: parameter "${name}": ${issue.message}`, { subject, hint });
  }
}

/** A value as flow YAML, which a reader takes for that value and of its type. */
export function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  return typeof value === 'string' && (/[:=]/u.test(value) || !plain(value)) ? JSON.stringify(value) : String(value);
}

/** Whether a text may stand without quotes: `443`, `true` and `~` are something else to YAML, and some characters begin something. */
function plain(text: string): boolean {
  const document = parseDocument(`[${text}]`);
  const read: unknown = document.errors.length === 0 ? document.toJS() : undefined;
  return Array.isArray(read) && read.length === 1 && read[0] === text;
}
