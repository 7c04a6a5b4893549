import { Problems, ProblemError, sortedBy } from '../../core/index.ts';
import type { ZoneSet } from '../../dns/index.ts';
import type { StackResource, Synthesis, SynthesisedStack } from '../../engine/index.ts';
import type { Federation } from '../../federation/index.ts';
import type { AddressPlan } from '../../network/index.ts';
import { findPrograms } from './programs.ts';
import type { RenderedStack } from './render.ts';
import { World } from './world.ts';

export interface SynthesiseOptions {
  /** Folder of the federation. */
  readonly root: string;
  readonly federation: Federation;
  readonly addresses: AddressPlan;
  readonly zones: ZoneSet;
  /** Keep and use what was synthesised before, below `.vcloud/cache/synth`. */
  readonly cache?: boolean;
}

/**
 * Synthesises every declared tenant: by the programs in `stacks/`, else by its blueprint. Only what depended on something
 * that changed is built again; where nothing changed, cdktf is not even loaded.
 * @throws ProblemError with the problems of all agencies (CLOUD-*)
 */
export async function synthesise({ root, federation, addresses, zones }: SynthesiseOptions): Promise<Synthesis> {
  const world = new World(federation, addresses, zones);
  const problems = new Problems();
  const rendered: RenderedStack[] = [];
  for (const unit of world.units) {
    const { buildUnit, loadPrograms } = await import('./build.ts');
    try {
      rendered.push(...buildUnit(world, unit, await loadPrograms(root, findPrograms(root, unit.folder))).stacks);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      error.problems.forEach((found) => problems.add(found));
    }
  }
  problems.throwIfErrors();
  const { environment } = federation.settings;
  return { stacks: sortedBy(rendered, ({ path }) => path).map((stack) => complete(stack, world, environment)), cached: 0 };
}

function complete({ resources, ...stack }: RenderedStack, world: World, environment: 'sandbox' | 'production'): SynthesisedStack {
  const subject = stack.tenant === undefined ? undefined : `tenant/${stack.tenant}`;
  const place = stack.tenant === undefined ? undefined : world.place(stack.tenant);
  return { ...stack, environment, resources: resources.map((resource): StackResource => ({ ...resource, subject, place })) };
}
