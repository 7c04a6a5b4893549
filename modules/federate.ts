import { silent, withWriteLock, type Problem, type Reporter } from './core/index.ts';
import type { Member } from './federation/index.ts';
import { Clock, type StepTime } from './federate/clock.ts';
import { centreInventory, joinMember, type Joined } from './federate/join.ts';
import { runMember, type MemberRun } from './federate/member.ts';
import { rememberRun } from './federate/changes.ts';
import { writeReport } from './federate/report.ts';
import { summarise, type Summary } from './federate/summary.ts';

export { prepare, prepareStacks, type Prepared, type PrepareOptions } from './federate/prepare.ts';
export { engineOptions, stateSettings } from './federate/existing.ts';
export { planContext, type PlanContext } from './federate/plan-facts.ts';
export { handOver, type Handed } from './federate/moves.ts';
export { orchestrate, orchestratorOf, type OrchestrateOptions } from './federate/orchestrate.ts';
export { importProject, type ImportedProject, type ImportProjectOptions } from './federate/import-project.ts';
export { syncInventory, type Synced, type SyncedProject, type SyncOptions } from './federate/sync.ts';
export { effectsOf } from './federate/effects.ts';
export { makeBundle, type BundleInput } from './federate/bundle.ts';
export { handOverExtract, takeExtract, type HandedOver, type TakenExtract } from './federate/extract.ts';
export type { Counts, Move, Moved } from './federate/system.ts';
export { verdict, type Summary, type MemberSummary } from './federate/summary.ts';

export interface FederateOptions {
  /** The date validity is read at, YYYY-MM-DD. */
  readonly asOf: string;
  /** Apply to the sandbox, wave by wave, until nothing is left. */
  readonly apply?: boolean | undefined;
  readonly reporter?: Reporter | undefined;
}

/** What the main job leaves: figures, times, where everything lies. */
export interface Federated {
  readonly summary: Summary;
  readonly problems: readonly Problem[];
}

/**
 * The main job: everything one member does alone, then every member it joins, then one inventory and one page.
 * Each member works in its own folder with its own keys; what passes between them is signed.
 * @throws ProblemError of the first step that found errors
 */
export async function federate(root: string, options: FederateOptions): Promise<Federated> {
  const reporter = options.reporter ?? silent;
  const settings = { asOf: options.asOf, apply: options.apply === true };
  return withWriteLock(root, 'federate', async () => {
    const clock = new Clock(reporter);
    const own = await runMember(root, clock, settings);
    const joined = new Map<Member, Joined>();
    for (const member of own.federation.settings.members) joined.set(member, await joinMember(root, own, member, clock, reporter, settings));
    const inventory = await centreInventory(root, own, clock);
    const report = await writeReport(root, own, [...joined.values()], clock);
    const compared = rememberRun(root, own, [...joined.values()], inventory);
    return {
      summary: summarise(own, [...joined.values()], { inventory, report, ...compared, steps: clock.steps }),
      problems: [...own.problems, ...[...joined.values()].flatMap(({ problems }) => problems)],
    };
  });
}

export type { MemberRun, StepTime };
