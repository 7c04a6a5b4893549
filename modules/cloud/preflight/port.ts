import { compareCodeUnits, type JsonObject } from '../../core/index.ts';
import type { DeclaredStack, PreflightPort, PreflightQuery, PreflightResult, PreflightRun } from '../../engine/index.ts';
import { staticChecks, type HeldBlock } from './static/index.ts';
import { PlannedWorld } from './world.ts';

export interface CloudPreflightOptions {
  /** The address plan as blocks with their owners; asked for only where subnets are planned. */
  readonly blocks?: (() => Iterable<HeldBlock>) | undefined;
  /** Milliseconds one request may take; 6,000 by default: a dead endpoint is told in seconds. */
  readonly timeout?: number | undefined;
  /** Requests a second at most, for each cloud; 25 by default. */
  readonly rate?: number | undefined;
}

/** Preflight for OpenStack and Kubernetes: static for all, and live where a stack is planned for real. */
export function cloudPreflight(options: CloudPreflightOptions = {}): PreflightPort {
  return { begin: (query) => begin(query, options) };
}

async function begin(query: PreflightQuery, options: CloudPreflightOptions): Promise<PreflightRun> {
  const world = new PlannedWorld(query);
  const later = new Set<string>();
  for (const stack of [...query.stacks].sort((one, other) => compareCodeUnits(one.path, other.path))) if (!world.enter(stack)) later.add(stack.path);
  const blocks = options.blocks ?? (() => []);
  const results = staticChecks(world, blocks);
  const real = query.stacks.filter(({ environment }) => environment === 'production');
  const asked = query.mode === 'full' ? real : [];
  const unasked = notAsked(query.stacks, asked);
  if (unasked !== undefined) results.push(unasked);
  if (asked.length === 0) {
    return { results, later, planned: (stack, plan) => planned(world, query, blocks, stack, plan), close: () => undefined };
  }
  const { LivePreflight } = await import('./live/index.ts');
  const live = new LivePreflight(world, query, options);
  results.push(...(await live.check(asked.filter(({ path }) => !later.has(path)))));
  return {
    results,
    later,
    planned: async (stack, plan) => {
      const found = await planned(world, query, blocks, stack, plan);
      const declared = asked.filter(({ path }) => path === stack);
      return [...found, ...(await live.check(declared))];
    },
    close: () => live.close(),
  };
}

/** One result that says what was not looked at, and why. */
function notAsked(stacks: readonly DeclaredStack[], asked: readonly DeclaredStack[]): PreflightResult | undefined {
  if (stacks.length === 0 || asked.length === stacks.length) return undefined;
  const sandbox = stacks.some(({ environment }) => environment === 'sandbox');
  const what = 'credentials, services, quotas, names and live networks were not looked at';
  const message = `no cloud was asked${asked.length === 0 ? '' : ` for ${stacks.length - asked.length} stacks`} (${sandbox ? 'sandbox' : 'static'}): ${what}`;
  const hint = sandbox ? 'a sandbox has no clouds; docs/preflight.md tells what it misses' : 'leave out --preflight static to ask them';
  return { check: 'live', stacks: [], result: 'unknown', message, hint };
}

/** The static checks again with a stack as its plan tells it; what is new about it. */
async function planned(
  world: PlannedWorld,
  query: PreflightQuery,
  blocks: () => Iterable<HeldBlock>,
  stack: string,
  plan: JsonObject,
): Promise<PreflightResult[]> {
  const { modelOfPlan } = await import('./planned.ts');
  const declared = query.stacks.find(({ path }) => path === stack);
  if (declared === undefined) return [];
  world.enterModel(modelOfPlan(declared, plan));
  return staticChecks(world, blocks).filter(({ stacks }) => stacks.includes(stack));
}
