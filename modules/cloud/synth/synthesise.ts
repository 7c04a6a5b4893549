import { Problems, sortedBy } from '../../core/index.ts';
import type { ZoneSet } from '../../dns/index.ts';
import type { StackResource, Synthesis, SynthesisedStack } from '../../engine/index.ts';
import type { Federation } from '../../federation/index.ts';
import type { AddressPlan } from '../../network/index.ts';
import type { BuiltUnit } from './build.ts';
import { SynthesisCache } from './cache.ts';
import { checkReads } from './check.ts';
import { findPrograms, toolkitStamp, type ProgramFiles } from './programs.ts';
import type { RenderedStack } from './render.ts';
import { World, type Unit } from './world.ts';

export interface SynthesiseOptions {
  /** Folder of the federation. */
  readonly root: string;
  readonly federation: Federation;
  readonly addresses: AddressPlan;
  readonly zones: ZoneSet;
  /** Use and keep results of earlier runs below `.vcloud/cache/synth` (default: yes). */
  readonly cache?: boolean;
}

/**
 * Synthesises every declared tenant: by the programs in `stacks/`, else by its blueprint. Only what depended on something
 * that changed is built again; where nothing changed, cdktf is not even loaded.
 * @throws ProblemError with the problems of all agencies (CLOUD-*)
 */
export async function synthesise({ root, federation, addresses, zones, cache: cached = true }: SynthesiseOptions): Promise<Synthesis> {
  const world = new World(federation, addresses, zones);
  const cache = cached ? new SynthesisCache(root) : undefined;
  const toolkit = cached ? toolkitStamp() : '';
  const found: RenderedStack[] = [];
  const stale: { readonly unit: Unit; readonly programs: ProgramFiles }[] = [];
  const programsOf = new Map<string, ProgramFiles>();
  for (const unit of world.units) {
    const programs = programsOf.get(unit.folder) ?? findPrograms(root, unit.folder);
    programsOf.set(unit.folder, programs);
    const stacks = cache?.find(unit, { toolkit, programs: programs.digest }, world);
    if (stacks) found.push(...stacks);
    else stale.push({ unit, programs });
  }
  const built =
    stale.length === 0 ? [] : await build(root, world, stale, (unit, programs, result) => cache?.keep(unit, { toolkit, programs: programs.digest }, result));
  if (stale.length > 0) cache?.prune(world.units);
  const stacks = sortedBy([...found, ...built], ({ path }) => path);
  checkReads(stacks);
  const { environment } = federation.settings;
  return { stacks: stacks.map((stack) => complete(stack, world, environment)), cached: found.length };
}

async function build(
  root: string,
  world: World,
  stale: readonly { readonly unit: Unit; readonly programs: ProgramFiles }[],
  keep: (unit: Unit, programs: ProgramFiles, result: BuiltUnit) => void,
): Promise<RenderedStack[]> {
  const { buildUnit, loadPrograms } = await import('./build.ts');
  const problems = new Problems();
  const stacks: RenderedStack[] = [];
  for (const { unit, programs } of stale) {
    try {
      const result = buildUnit(world, unit, await loadPrograms(root, programs));
      stacks.push(...result.stacks);
      keep(unit, programs, result);
    } catch (error) {
      problems.absorb(error);
    }
  }
  problems.throwIfErrors();
  return stacks;
}

/** Adds what follows from the declaration and may move without changing the stack: where it stands. */
function complete({ resources, ...stack }: RenderedStack, world: World, environment: 'sandbox' | 'production'): SynthesisedStack {
  const subject = stack.tenant === undefined ? undefined : `tenant/${stack.tenant}`;
  const place = stack.tenant === undefined ? undefined : world.place(stack.tenant);
  return { ...stack, environment, resources: resources.map((resource): StackResource => ({ ...resource, subject, place })) };
}
