import { plural, ProblemError, silent, type Problem, type Reporter } from '../core/index.ts';
import { loadFederation, type Federation } from '../federation/index.ts';
import type { PlanSet } from '../network/index.ts';
import type { AddressPlan } from '../network/types.ts';
import type { ZoneSet } from '../dns/types.ts';
import type { OverlaySet } from '../vpn/types.ts';
import type { DeclaredStack, HeldStack, Synthesis } from '../engine/types.ts';
import { Clock, type StepTime } from './clock.ts';
import { allStacks } from './existing.ts';
import { memberReports } from './delegations.ts';

export interface PrepareOptions {
  /** The date validity is read at, YYYY-MM-DD. */
  readonly asOf: string;
  readonly reporter?: Reporter | undefined;
  /** Times the steps; one of its own by default. */
  readonly clock?: Clock | undefined;
  /** Write new allocations to the locks; without it they are only worked out. */
  readonly allocate?: boolean | undefined;
}

/** Everything that follows from a member's files before any cloud is touched. */
export interface Prepared {
  readonly federation: Federation;
  /** The plans and locks the addresses were worked out from. */
  readonly plans: PlanSet;
  readonly addresses: AddressPlan;
  readonly zones: ZoneSet;
  readonly overlays: OverlaySet;
  readonly synthesis: Synthesis;
  /** The synthesised stacks, and the existing folders that are stacks as they lie there. */
  readonly stacks: readonly DeclaredStack[];
  /** Those folders with what their states say that they made. */
  readonly folders: readonly HeldStack[];
  /** What was found about those folders and does not stop anything. */
  readonly findings: readonly Problem[];
  /** Keys added to the address plan by this run (or that would be, without `allocate`). */
  readonly allocated: number;
  readonly steps: readonly StepTime[];
}

/**
 * From files to plan-ready artefacts: load and check, addresses, zones, overlays, synthesis.
 * Writes nothing but the locks (with `allocate`) and caches.
 * @throws ProblemError with every problem of the step that found any
 */
export async function prepare(root: string, options: PrepareOptions): Promise<Prepared> {
  return run(root, options, overlaysStep);
}

/** As {@link prepare}, without the overlays: no stack needs them. */
export async function prepareStacks(root: string, options: PrepareOptions): Promise<Omit<Prepared, 'overlays'>> {
  return run(root, options, () => Promise.resolve(undefined));
}

type OverlaysStep<O> = (clock: Clock, root: string, federation: Federation, addresses: AddressPlan) => Promise<O>;

async function run<O>(root: string, options: PrepareOptions, overlaysOf: OverlaysStep<O>): Promise<Omit<Prepared, 'overlays'> & { readonly overlays: O }> {
  const { asOf } = options;
  const clock = options.clock ?? new Clock(options.reporter ?? silent);

  const afterwards: (() => void)[] = [];

  const federation = await clock.step('load', async () => {
    const loaded = await loadFederation(root, { asOf, afterwards });
    return {
      value: loaded,
      summary: `${plural(loaded.organisations.size, 'organisation')}, ${plural(loaded.sites.size, 'site')}, ${plural(loaded.systems.size, 'system')}`,
    };
  });

  let writeLocks = async (): Promise<unknown> => undefined;
  const { addresses, plans, allocated } = await clock.step('addresses', async () => {
    const { allocateAddresses, loadAddressPlans, planAddresses } = await import('../network/index.ts');
    const plans = await loadAddressPlans(root, federation, { members: await memberReports(root, federation.settings) });
    const planned = planAddresses(plans);
    if (planned.problems.some(({ severity }) => severity === 'error')) throw new ProblemError(planned.problems);
    writeLocks = () => allocateAddresses(root, plans, {});
    const added = planned.diff.add.length;
    return {
      value: { addresses: planned.addressPlan, plans, allocated: added },
      summary: `${plural(planned.addressPlan.allocations.size, 'key')}, ${added === 0 ? 'nothing new' : plural(added, 'new block')}`,
    };
  });

  const zones = await clock.step('zones', async () => {
    const { planZones } = await import('../dns/index.ts');
    const planned = planZones(root, federation, addresses);
    return { value: planned, summary: plural(planned.zones.length, 'zone') };
  });

  const overlays = await overlaysOf(clock, root, federation, addresses);

  const { synthesis, sizes } = await clock.step('synthesise', async () => {
    const { judgeSizes, synthesise } = await import('../cloud/index.ts');
    const made = await synthesise({ root, federation, addresses, zones });
    const resources = made.stacks.reduce((sum, stack) => sum + stack.resources.length, 0);
    return {
      value: { synthesis: made, sizes: judgeSizes(made.stacks) },
      summary: `${plural(made.stacks.length, 'stack')}, ${plural(resources, 'resource')} (${plural(made.cached, 'stack')} unchanged)`,
    };
  });

  const { stacks, folders, problems: findings } = await allStacks(root, federation, synthesis);

  // Locks and caches are written once every step went well: an error leaves the folder as it was.
  if (options.allocate === true) await writeLocks();
  for (const work of afterwards) work();
  return { federation, plans, addresses, zones, overlays, synthesis, stacks, folders, findings: [...sizes, ...findings], allocated, steps: clock.steps };
}

async function overlaysStep(clock: Clock, root: string, federation: Federation, addresses: AddressPlan): Promise<OverlaySet> {
  return clock.step('overlays', async () => {
    const { planOverlays } = await import('../vpn/index.ts');
    const planned = planOverlays(root, federation, addresses);
    return {
      value: planned,
      summary: plural(
        planned.overlays.reduce((sum, overlay) => sum + overlay.tunnels.length, 0),
        'tunnel',
      ),
    };
  });
}
