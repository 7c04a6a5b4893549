import { compareCodeUnits, type JsonObject } from '../../core/index.ts';
import type { DeclaredStack, PreflightPort, PreflightQuery, PreflightResult, PreflightRun } from '../../engine/index.ts';
import { keepOutcome, keptOutcome, staticKey, type StaticOutcome } from './static-cache.ts';
import { staticChecks, type HeldBlock } from './static/index.ts';
import { PlannedWorld } from './world.ts';

export interface CloudPreflightOptions {
  /** The address plan as blocks with their owners; asked for only where subnets are planned. */
  readonly blocks?: (() => Iterable<HeldBlock>) | undefined;
  /** Keep what the configurations came to below `.vcloud/cache/preflight`. */
  readonly cache?: boolean | undefined;
  /** Milliseconds one request may take; 15,000 by default: a busy cloud is not dead, a refused connection is told at once. */
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
  const blocks = options.blocks ?? (() => []);
  const real = query.stacks.filter(({ environment }) => environment === 'production');
  const asked = query.mode === 'full' ? real : [];
  const looked = staticOutcome(world, query, blocks, options.cache === true, asked.length > 0);
  const results = [...looked.results];
  const later = new Set(looked.later);
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

/** What the configurations say by themselves, kept from one run to the next: with nothing changed none of them is even parsed. */
function staticOutcome(world: PlannedWorld, query: PreflightQuery, blocks: () => Iterable<HeldBlock>, cached: boolean, needed: boolean): StaticOutcome {
  const enterAll = (): string[] =>
    [...query.stacks]
      .sort((one, other) => compareCodeUnits(one.path, other.path))
      .filter((stack) => !world.enter(stack))
      .map(({ path }) => path);
  const key = cached && query.stacks.length > 0 ? staticKey(query, blocks()) : undefined;
  const kept = key === undefined ? undefined : keptOutcome(query.root, key);
  if (kept !== undefined) {
    // Who is asked about them, or is to be compared with a plan, is needed all the same.
    if (needed || kept.later.length > 0) enterAll();
    return kept;
  }
  const later = enterAll();
  const outcome = { results: staticChecks(world, blocks), later };
  if (key !== undefined) keepOutcome(query.root, key, outcome);
  return outcome;
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
