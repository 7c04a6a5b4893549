import type { Names, Problem } from '../core/index.ts';
import type { PlanRun } from '../engine/types.ts';
import type { AuditRun } from '../policy/types.ts';
import type { StepTime } from './clock.ts';
import type { Joined, InventoryFigures } from './join.ts';
import type { MemberRun } from './member.ts';

/** Figures of one member, or of all together. */
export interface Figures {
  readonly organisations: number;
  readonly sites: number;
  readonly clouds: number;
  readonly systems: number;
  readonly prefixes4: number;
  readonly prefixes6: number;
  readonly zones: number;
  readonly zoneRecords: number;
  readonly tunnels: number;
  readonly stacks: number;
  readonly resources: number;
}

export interface PlanFigures {
  readonly engine?: string | undefined;
  readonly planned: number;
  readonly unchanged: number;
  readonly waits: number;
  readonly failed: number;
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  readonly unavailable?: { readonly reason: string; readonly hint: string } | undefined;
}

export interface MemberSummary extends Figures {
  readonly id: string;
  readonly names: Names;
  readonly plan: PlanFigures;
  readonly applied?: { readonly applied: number; readonly failed: number; readonly stopped: number } | undefined;
  /** Findings that fail, by severity, and the other results; absent without policies. */
  readonly findings?: AuditRun['totals'] | undefined;
  /** The bundle the centre accepted; absent for the member that ran this. */
  readonly bundle?: Joined['bundle'];
}

/** The `data` of `vcloud federate --json`. */
export interface Summary {
  readonly asOf: string;
  readonly environment: 'sandbox' | 'production';
  readonly total: Figures;
  readonly plan: PlanFigures;
  /** Of all members together; absent where none keeps policies. */
  readonly findings?: Partial<AuditRun['totals']> | undefined;
  readonly members: readonly MemberSummary[];
  readonly inventory: InventoryFigures;
  /** Whether anything made by this run differs from the run before; the first run always does. */
  readonly changed: boolean;
  /** Whether no run is known before this one. */
  readonly first: boolean;
  readonly steps: readonly StepTime[];
  /** Where everything lies, relative to the federation's folder. */
  readonly paths: Readonly<Record<string, string>>;
}

/** Puts the figures of the member that ran this and of those it joined side by side and together. */
export function summarise(
  own: MemberRun,
  joined: readonly Joined[],
  rest: { inventory: InventoryFigures; report: string; changed: boolean; first: boolean; steps: readonly StepTime[] },
): Summary {
  const { settings, asOf } = own.federation;
  const members: MemberSummary[] = [
    memberSummary(own, undefined),
    ...joined.flatMap((member) => (member.run ? [memberSummary(member.run, member.bundle)] : [])),
  ];
  const findings: Record<string, number> = {};
  for (const member of members) for (const [name, count] of Object.entries(member.findings ?? {})) findings[name] = (findings[name] ?? 0) + count;
  return {
    asOf,
    environment: settings.environment,
    total: addUp(members),
    plan: addPlans(members.map((member) => member.plan)),
    ...(members.some((member) => member.findings) ? { findings } : {}),
    members,
    inventory: rest.inventory,
    changed: rest.changed,
    first: rest.first,
    steps: rest.steps,
    paths: {
      report: rest.report,
      zones: 'out/dns',
      overlays: 'out/vpn',
      stacks: 'out/stacks',
      ...(joined.some(({ bundle }) => bundle) ? { receipts: 'out/receipts' } : {}),
      inventory: '.vcloud/inventory.sqlite',
      ...(own.plan.directory === undefined ? {} : { plan: own.plan.directory }),
    },
  };
}

function memberSummary(run: MemberRun, bundle: MemberSummary['bundle']): MemberSummary {
  const { federation, addresses, zones, overlays, synthesis } = run;
  const allocations = [...addresses.allocations.values()];
  return {
    id: federation.settings.member.id,
    names: federation.settings.member.names,
    organisations: federation.organisations.size,
    sites: federation.sites.size,
    clouds: federation.clouds.size,
    systems: federation.systems.size,
    prefixes4: allocations.filter(({ v4 }) => v4 !== undefined).length,
    prefixes6: allocations.filter(({ v6 }) => v6 !== undefined).length,
    zones: zones.zones.length,
    zoneRecords: zones.zones.reduce((sum, zone) => sum + zone.records.reduce((inner, set) => inner + set.data.length, 0), 0),
    tunnels: overlays.overlays.reduce((sum, overlay) => sum + overlay.tunnels.length, 0),
    stacks: synthesis.stacks.length,
    resources: synthesis.stacks.reduce((sum, stack) => sum + stack.resources.length, 0),
    plan: planFigures(run.plan),
    ...(run.applied ? { applied: appliedFigures(run.applied.stacks) } : {}),
    findings: run.audit?.totals,
    bundle,
  };
}

function appliedFigures(stacks: readonly { readonly result: string }[]): NonNullable<MemberSummary['applied']> {
  const of = (result: string): number => stacks.filter((stack) => stack.result === result).length;
  return { applied: of('applied'), failed: of('failed'), stopped: of('stopped') };
}

function planFigures(plan: PlanRun): PlanFigures {
  const of = (state: string): number => plan.stacks.filter((stack) => stack.state === state).length;
  const sum = (field: 'add' | 'change' | 'destroy'): number => plan.stacks.reduce((total, stack) => total + stack[field], 0);
  return {
    engine: plan.engine ? `${plan.engine.name} ${plan.engine.version}` : undefined,
    planned: of('planned'),
    unchanged: of('unchanged'),
    waits: of('waits'),
    failed: of('failed'),
    add: sum('add'),
    change: sum('change'),
    destroy: sum('destroy'),
    unavailable: plan.unavailable,
  };
}

const figureNames = [
  'organisations',
  'sites',
  'clouds',
  'systems',
  'prefixes4',
  'prefixes6',
  'zones',
  'zoneRecords',
  'tunnels',
  'stacks',
  'resources',
] as const;

function addUp(members: readonly Figures[]): Figures {
  return Object.fromEntries(figureNames.map((name) => [name, members.reduce((sum, member) => sum + member[name], 0)])) as unknown as Figures;
}

function addPlans(plans: readonly PlanFigures[]): PlanFigures {
  const sum = (field: 'planned' | 'unchanged' | 'waits' | 'failed' | 'add' | 'change' | 'destroy'): number =>
    plans.reduce((total, plan) => total + plan[field], 0);
  return {
    engine: plans[0]?.engine,
    planned: sum('planned'),
    unchanged: sum('unchanged'),
    waits: sum('waits'),
    failed: sum('failed'),
    add: sum('add'),
    change: sum('change'),
    destroy: sum('destroy'),
    unavailable: plans[0]?.unavailable,
  };
}

/** The exit code of the main job: 1 when a part of it failed or was refused, 2 with `strict` when something is left to do. */
export function verdict(summary: Summary, problems: readonly Problem[], strict: boolean): 0 | 1 | 2 {
  const failed = summary.plan.failed > 0 || summary.members.some(({ applied }) => (applied?.failed ?? 0) > 0);
  if (failed || problems.some(({ severity }) => severity === 'error')) return 1;
  const left = summary.plan.planned + summary.plan.waits > 0 || (summary.findings?.fail ?? 0) > 0;
  return strict && left ? 2 : 0;
}
