import type { z } from 'zod';
import { didYouMean, fail } from '../../core/index.ts';
import { sizesOf, written, type Blueprint } from './blueprints/kit.ts';
import { meaningOf } from './blueprints/parameter.ts';
import type { Claim, SystemIntent } from './shape.ts';

/** What a person has to know to declare a tenant of a kind. */
export interface BlueprintDescription {
  readonly name: string;
  readonly summary: string;
  /** Whether a tenant elsewhere must keep the same data (`disasterRecovery` of its system). */
  readonly needsPartner: boolean;
  /** Networks the address plan must hold, by key `tenant/TENANT/NAME`. */
  readonly segments: readonly { readonly name: string; readonly for: string }[];
  readonly sizes: readonly { readonly name: string; readonly start: number; readonly least: number; readonly says: string }[];
  /** `default` is null where there is none. */
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly required: boolean;
    readonly default: string | null;
    readonly says: string;
    readonly example: string;
  }[];
  /** Requirements it claims where all it can be told is stated. */
  readonly claims: readonly Claim[];
  /** A declaration that is complete but for names and addresses. */
  readonly example: string;
}

/** A tenant of a kind as its example states it, with another that keeps the same data: what the kind can show at most. */
export function exampleIntent({ example, segments }: Blueprint): SystemIntent {
  const audience = example['audience'];
  const lines = Array.isArray(audience) ? (audience as readonly string[]) : [];
  return {
    tenant: { id: 'example', names: { vi: 'Example', en: 'Example' }, owner: 'works', region: undefined, size: undefined, zone: undefined },
    level: undefined,
    dataClass: 'shared',
    carriers: lines.map((line) => line.split('=')[0] ?? ''),
    segments: [...Object.keys(segments), 'management'],
    size: {},
    parameters: { connections: 1000, logs: ['tenant/operations/app:6514'], administrationPort: 22, ...example },
    partners: [{ tenant: 'example-elsewhere', side: 'primary', rpoMinutes: 60, rtoMinutes: 240 }],
  };
}

/** Everything about a kind of system that can be said without a tenant. */
export function describeBlueprint(blueprint: Blueprint): BlueprintDescription {
  const { name, summary, segments, members, parameters, needsPartner = false } = blueprint;
  return {
    name,
    summary,
    needsPartner,
    segments: [...Object.entries(segments), ['management', 'administration, where a port for it is stated'] as const].map(([id, why]) => ({
      name: id,
      for: why,
    })),
    sizes: [...sizesOf(members)].map(([id, size]) => ({ name: id, ...size })),
    parameters: Object.entries(parameters.shape)
      .map(([id, schema]) => {
        const { type, says, example: shown } = meaningOf(schema as z.ZodType);
        const fallback = (schema as z.ZodType).safeParse(undefined);
        return {
          name: id,
          type,
          required: !fallback.success,
          default: fallback.success && fallback.data !== undefined ? written(fallback.data) : null,
          says,
          example: written(shown),
        };
      })
      .sort((a, b) => Number(b.required) - Number(a.required)),
    claims: blueprint.shape(exampleIntent(blueprint)).claims,
    example: exampleOf(blueprint),
  };
}

/** @throws ProblemError CLOUD-BLUEPRINT */
export function blueprintNamed(all: ReadonlyMap<string, Blueprint>, name: string): Blueprint {
  return (
    all.get(name) ??
    fail('CLOUD-BLUEPRINT', `there is no blueprint "${name}"`, { hint: didYouMean(name, all.keys()) ?? `there are: ${[...all.keys()].join(', ')}` })
  );
}

function exampleOf({ name, example }: Blueprint): string {
  const lines = Object.entries(example).map(([id, value]) => `      ${id}: ${written(value)}`);
  return `  - id: example\n    owner: works\n    cloud: works-cloud\n    names: { vi: ..., en: ... }\n    blueprint: ${name}\n    parameters:\n${lines.join('\n')}\n`;
}

/** One kind as people read it in a terminal. */
export function blueprintText({ name, summary, needsPartner, segments, sizes, parameters, claims, example }: BlueprintDescription): string {
  const parameterLines = parameters.map(
    ({ name: id, type, required, default: fallback, says }) =>
      `  ${id}${required ? ' (required)' : ''}: ${type}${fallback === null ? '' : `, ${fallback} by default`}\n      ${says}`,
  );
  return [
    `${name}: ${summary}`,
    ...(needsPartner ? ['It needs a tenant elsewhere that keeps the same data: disasterRecovery of its system, with rpoMinutes and rtoMinutes.'] : []),
    '',
    'Networks the address plan must hold (tenant/TENANT/NAME)',
    ...segments.map(({ name: id, for: why }) => `  ${id}: ${why}`),
    '',
    'Sizes (size: of the tenant; the numbers are the toolkit’s own start, nobody’s rule)',
    ...sizes.map(({ name: id, start, least, says }) => `  ${id}: ${start}, at least ${least}; ${says}`),
    '',
    'Parameters (parameters: of the tenant)',
    ...parameterLines,
    '',
    'Requirements it claims where all of that is stated, and what shows each',
    ...claims.map(({ id, by, parts }) => `  ${id}: ${by} [${parts.join(', ')}]`),
    '',
    'Example',
    example,
  ].join('\n');
}

/** `docs/blueprints.md`. */
export function blueprintReference(all: ReadonlyMap<string, Blueprint>): string {
  const described = [...all.values()].map(describeBlueprint);
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const section = ({ name, summary, needsPartner, segments, sizes, parameters, claims, example }: BlueprintDescription): string => `## ${name}

${summary.charAt(0).toUpperCase()}${summary.slice(1)}.${needsPartner ? ' A tenant elsewhere must keep the same data (`disasterRecovery` of its system, with `rpoMinutes` and `rtoMinutes`).' : ''}

\`\`\`yaml
tenants:
${example}\`\`\`

| network | what stands there |
|---|---|
${segments.map(({ name: id, for: why }) => `| \`${id}\` | ${why} |`).join('\n')}

| size | start | least | what |
|---|---|---|---|
${sizes.map(({ name: id, start, least, says }) => `| \`${id}\` | ${start} | ${least} | ${says} |`).join('\n')}

| parameter | | what | default |
|---|---|---|---|
${parameters.map(({ name: id, type, required, says, default: fallback }) => `| \`${id}\` | ${type} | ${cell(says)} | ${required ? '**required**' : (fallback ?? '-')} |`).join('\n')}

| requirement | met by | shown by |
|---|---|---|
${claims.map(({ id, by, parts }) => `| ${id} | ${cell(by)} | ${parts.join(', ')} |`).join('\n')}
`;
  return `# Kinds of systems

Made from the code by \`npm run docs\`; \`vcloud blueprints NAME\` prints the same. A tenant is declared to be one of these with \`blueprint:\`, on
whatever kind of cloud it lies in. Sizes and ports no document states: a port of what an agency runs must be stated, the start of a size is the
toolkit's own. Requirements are those of the founding documents (SEC, CLD, CON, INT, NDX); which a tenant claims follows from what it states.

| kind | what it is |
|---|---|
${described.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${summary} |`).join('\n')}

${described.map(section).join('\n')}`;
}
