import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, TerraformStack } from 'cdktf';
import { problem, ProblemError, Problems, type Place } from '../../core/index.ts';
import { Agency, type AgencyProgram } from '../program/agency.ts';
import { buildBlueprint } from '../program/blueprints.ts';
import { renderStack, type RenderedStack } from './render.ts';
import type { ProgramFiles } from './programs.ts';
import type { Unit, World } from './world.ts';

export interface BuiltUnit {
  readonly stacks: readonly RenderedStack[];
  /** Questions asked of the world, with the digest of each answer. */
  readonly reads: ReadonlyMap<string, string>;
}

/** The programs of a folder, in order of their file names. */
export type Programs = readonly { readonly file: string; readonly program: AgencyProgram }[];

// cdktf notes the call stack of every token, which nobody here reads and which costs a sixth of the whole.
process.env['CDKTN_DISABLE_CREATION_STACK'] ??= 'true';

/**
 * Loads the programs of a folder.
 * @throws ProblemError CLOUD-PROGRAM
 */
export async function loadPrograms(root: string, { files, digest }: ProgramFiles): Promise<Programs> {
  const loaded: { file: string; program: AgencyProgram }[] = [];
  for (const file of files) {
    let program: unknown;
    try {
      program = ((await import(`${pathToFileURL(path.join(root, file)).href}?${digest.slice(0, 12)}`)) as { default?: unknown }).default;
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new ProblemError(
        problem('CLOUD-PROGRAM', `the program cannot be loaded: ${(error as Error).message}`, {
          file,
          line: 1,
          column: 1,
          hint: 'run it with `node` to see the whole stack',
        }),
        { cause: error },
      );
    }
    // Files without a default export are what programs share.
    if (program === undefined) continue;
    if ((program as Partial<AgencyProgram>).vcloudProgram !== true)
      throw new ProblemError(
        problem('CLOUD-PROGRAM', 'the default export is not a program', {
          file,
          line: 1,
          column: 1,
          hint: 'write `export default agencyStacks((agency) => { ... })`, with agencyStacks from "vcloud/cloud"',
        }),
      );
    loaded.push({ file, program: program as AgencyProgram });
  }
  return loaded;
}

/** An App that writes nothing: the toolkit renders its stacks itself. */
function silentApp(): App {
  return new App({ outdir: os.tmpdir(), stackTraces: false });
}

/**
 * Builds the constructs of one unit: its programs, then blueprints for the tenants they left. One that fails does not
 * keep the faults of the others from being seen.
 */
export function populate(scope: App, world: World, unit: Unit, programs: Programs): Agency {
  const agency = new Agency(scope, world, unit);
  const problems = new Problems();
  for (const { file, program } of programs)
    attempt(problems, () => program.build(agency), { file, line: 1, column: 1 }, `the program failed for ${unit.agency}`);
  const built = new Set(agency.stacks.map(({ tenant }) => tenant.id));
  // After a failed program nobody knows which tenants it would have built.
  const rest = problems.hasErrors ? [] : agency.tenants.filter(({ id }) => !built.has(id));
  for (const tenant of rest)
    attempt(problems, () => buildBlueprint(agency, tenant), world.place(tenant.id) ?? { file: unit.folder }, `tenant "${tenant.id}" cannot be built`);
  problems.throwIfErrors();
  return agency;
}

/** Does a piece of work and collects what it throws, at a place where it names none. */
function attempt(problems: Problems, work: () => void, place: Place, what: string): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ProblemError))
      problems.error('CLOUD-PROGRAM', `${what}: ${(error as Error).message}`, { ...place, hint: 'run it with `node` to see the whole stack' });
    else for (const found of error.problems) problems.add(found.file === undefined ? { ...place, ...found } : found);
  }
}

/**
 * Synthesises one unit.
 * @throws ProblemError with every problem of its programs, bodies and references
 */
export function buildUnit(world: World, unit: Unit, programs: Programs): BuiltUnit {
  const app = silentApp();
  const agency = populate(app, world, unit, programs);
  const { environment } = agency.ask('settings', '');
  const stacks = app.node.findAll().filter((child) => TerraformStack.isStack(child));
  const problems = new Problems();
  for (const stack of stacks) stack.prepareStack();
  const rendered = stacks.flatMap((stack) => problems.collect(() => renderStack(stack, unit.agency, environment)) ?? []);
  problems.throwIfErrors();
  return { stacks: rendered, reads: agency.reads };
}
