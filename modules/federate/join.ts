import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail, plural, ProblemError, withWriteLock, type Names, type Problem, type Reporter } from '../core/index.ts';
import type { Member } from '../federation/index.ts';
import { makeBundle } from './bundle.ts';
import { Clock } from './clock.ts';
import { runMember, type MemberOptions, type MemberRun } from './member.ts';

/** A member as the centre knows it after this run. */
export interface Joined {
  readonly member: { readonly id: string; readonly names: Names };
  /** The bundle the centre accepted, with its folder; absent when it was refused. */
  readonly bundle?: { readonly sequence: number; readonly records: number; readonly folder: string } | undefined;
  /** What the member did in its own folder, for a member that is run here. */
  readonly run?: MemberRun | undefined;
  readonly problems: readonly Problem[];
}

/** What the inventory holds after this run. */
export interface InventoryFigures {
  readonly total: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly members: Readonly<Record<string, number>>;
  readonly drift: Readonly<Record<string, number>>;
}

/**
 * Joins one member. For a member whose folder lies here this plays both sides, one after the other: the centre hands
 * over its signed extract, the member works in its own folder and signs its bundle, the centre takes the bundle in.
 * Nothing else passes. A bundle that is refused becomes a problem of this run and leaves the inventory as it was.
 */
export async function joinMember(root: string, centre: MemberRun, member: Member, clock: Clock, reporter: Reporter, options: MemberOptions): Promise<Joined> {
  const unnamed = { id: member.id, names: { vi: member.id, en: member.id } };
  if (member.folder === undefined) {
    const { bundle, problems } = await takeIn(root, centre, member, clock, options);
    return { member: unnamed, bundle, problems };
  }
  let run: MemberRun;
  try {
    run = await runFolder(root, centre, member, member.folder, reporter, options);
  } catch (error) {
    // What one member has wrong does not keep the others from being joined; the inventory keeps what it said last.
    if (!(error instanceof ProblemError)) throw error;
    return { member: unnamed, problems: placedIn(member.folder, error.problems) };
  }
  const { bundle, problems } = await takeIn(root, centre, member, clock, options);
  return { member: run.federation.settings.member, bundle, run, problems: [...placedIn(member.folder, run.problems), ...problems] };
}

/** The member's side of a member whose folder lies here, in its own folder and under its own lock. */
async function runFolder(root: string, centre: MemberRun, member: Member, folder: string, reporter: Reporter, options: MemberOptions): Promise<MemberRun> {
  const memberRoot = path.resolve(root, folder);
  if (!fs.existsSync(path.join(memberRoot, 'vcloud.yaml'))) {
    fail('FED-MEMBER-FOLDER', `member "${member.id}" has no federation here: there is no vcloud.yaml`, {
      file: 'vcloud.yaml',
      hint: `correct "folder" of "${member.id}" in vcloud.yaml, or give its "bundle" instead: the folder it delivers`,
    });
  }
  const { deliverExtract } = await import('../inventory/index.ts');
  return withWriteLock(memberRoot, 'federate', async () => {
    deliverExtract(root, memberRoot, member, {
      settings: centre.federation.settings,
      addresses: centre.addresses,
      delegations: centre.plans.delegation.declared,
      overlays: centre.overlays,
      asOf: options.asOf,
    });
    const run = await runMember(memberRoot, new Clock(reporter, `${member.id}: `), options);
    await makeBundle(memberRoot, run, options.asOf);
    return run;
  });
}

/** The member names its files from its own folder, the centre from the centre's. */
function placedIn(folder: string, problems: readonly Problem[]): Problem[] {
  return problems.map((found) => (found.file === undefined ? found : { ...found, file: path.posix.join(folder, found.file) }));
}

/** The centre's side: takes the bundle in, or says why not. */
async function takeIn(
  root: string,
  centre: MemberRun,
  member: Member,
  clock: Clock,
  { asOf }: MemberOptions,
): Promise<{ bundle?: Joined['bundle']; problems: readonly Problem[] }> {
  return clock.step<{ bundle?: Joined['bundle']; problems: readonly Problem[] }>(`join ${member.id}`, async () => {
    const { bundleOfMember, countRecords, ingestBundle, openInventory } = await import('../inventory/index.ts');
    const store = openInventory(root, { create: true });
    const folder = bundleOfMember(member);
    try {
      const result = ingestBundle(root, {
        federation: centre.federation,
        addresses: centre.addresses,
        asOf,
        folder,
        repeated: 'skip',
        store,
      });
      const records = countRecords(store, { member: member.id });
      return {
        value: { bundle: { sequence: result.sequence, records, folder }, problems: [] },
        summary: `bundle ${result.sequence} ${result.taken ? 'accepted' : 'as before'}, ${records.toLocaleString('en-US')} records${result.enrolled ? ', key enrolled on first use' : ''}`,
      };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { value: { problems: error.problems }, summary: `refused: ${error.problems[0]?.message ?? ''}` };
    } finally {
      store.close();
    }
  });
}

/** Puts the centre's own records into the inventory and counts what it holds now. */
export async function centreInventory(root: string, own: MemberRun, clock: Clock): Promise<InventoryFigures> {
  return clock.step('inventory', async () => {
    const { collectRecords, driftCounts, openInventory, submit, summarise } = await import('../inventory/index.ts');
    const records = collectRecords({ ...own, asOf: own.federation.asOf });
    const store = openInventory(root, { create: true });
    try {
      // What the centre itself no longer declares was reviewed by whoever changed its files: no guard against it here.
      submit(store, { member: own.federation.settings.member.id, observed: own.federation.asOf, records, guard: { share: 1, least: Number.MAX_SAFE_INTEGER } });
      const { total, kinds, members } = summarise(store);
      const drift = driftCounts(store);
      return { value: { total, kinds, members, drift }, summary: `${plural(total, 'record')} of ${plural(Object.keys(members).length, 'member')}` };
    } finally {
      store.close();
    }
  });
}
