import * as path from 'node:path';
import { compareCodeUnits, didYouMean, fail, isObject, readText, sortedBy, withWriteLock, writeFileAtomic, type Reporter } from '../core/index.ts';
import { editSystem, type Federation, type System, type SystemEdit } from '../federation/index.ts';
import type { SynthesisedStack } from '../engine/types.ts';
import type { Zone } from '../dns/types.ts';
import type { SystemView } from '../cloud/systems/view/index.ts';
import { prepare } from './prepare.ts';

export interface SystemOptions {
  readonly asOf: string;
  readonly reporter?: Reporter | undefined;
}

/** What a declared system became on every cloud it runs over; see `modules/cloud/systems/view`. */
export async function showSystem(root: string, options: SystemOptions, id: string): Promise<{ view: SystemView; text: string }> {
  const { federation, addresses, zones, overlays, synthesis } = await prepare(root, options);
  const { systemView, viewText } = await import('../cloud/systems/view/index.ts');
  const view = systemView({ federation, addresses, zones, overlays: overlays.overlays, stacks: synthesis.stacks }, id);
  return { view, text: viewText(view) };
}

/** Where a system is to run. */
export interface Move {
  readonly system: string;
  /** The tenant that answers from now on; where it keeps no copy yet, it becomes the standby first. */
  readonly to?: string | undefined;
  /** A tenant that keeps no copy any more. */
  readonly without?: string | undefined;
}

/** What a move changes, worked out from the declaration before and after. */
export interface Moved {
  /** `swap`: the two sides exchange; `copy`: the first of two steps; `part`: the copy is given up. */
  readonly step: 'swap' | 'copy' | 'part';
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** By stack: resources that come, go and differ, by type. */
  readonly stacks: readonly { readonly path: string; readonly added: Counts; readonly changed: Counts; readonly removed: Counts }[];
  /** Lines of zones that come and go. */
  readonly zones: readonly { readonly zone: string; readonly added: readonly string[]; readonly removed: readonly string[] }[];
  readonly written: boolean;
}

export type Counts = Readonly<Record<string, number>>;

/**
 * Moves a system from one tenant to another, as an edit of its declaration: shown with what it does to stacks and names, written only with
 * `write`. Nothing of the data is ever removed by it: the tenant that answered stays as the other side, and giving up its copy
 * (`without`) and taking the tenant itself out of the declarations are steps of their own, each with its own plan.
 * @throws ProblemError SYSTEM-MOVE where the step cannot be taken, FED-EDIT where the system is not written in YAML as itself
 */
export async function moveSystem(root: string, move: Move, options: SystemOptions & { readonly write?: boolean }): Promise<Moved> {
  const prepared = await prepare(root, options);
  const { federation, addresses } = prepared;
  const { system, edit, step } = stepOf(federation, move);
  const file = system.place.file ?? '';
  const before = readText(root, file, system.place);
  const after = editSystem(file, before, system.id, edit);
  const changed: Federation = { ...federation, systems: new Map(federation.systems).set(system.id, edited(system, edit)) };
  const { planZones } = await import('../dns/index.ts');
  const { synthesise } = await import('../cloud/index.ts');
  const zones = planZones(root, changed, addresses);
  const synthesis = await synthesise({ root, federation: changed, addresses, zones, cache: false });
  const written = options.write === true;
  if (written)
    await withWriteLock(root, 'system move', () => {
      if (readText(root, file, system.place) !== before) fail('SYSTEM-MOVE', `${file} changed meanwhile`, { ...system.place, hint: 'run it again' });
      writeFileAtomic(path.join(root, file), after);
      return Promise.resolve();
    });
  return {
    step,
    file,
    before,
    after,
    stacks: stackChanges(prepared.synthesis.stacks, synthesis.stacks),
    zones: zoneChanges(prepared.zones.zones, zones.zones),
    written,
  };
}

function stepOf(federation: Federation, { system: id, to, without }: Move): { system: System; edit: SystemEdit; step: Moved['step'] } {
  const system =
    federation.systems.get(id) ??
    fail('SYSTEM-MOVE', `there is no system "${id}"`, { hint: didYouMean(id, federation.systems.keys()) ?? 'declare it below `systems:`' });
  const { tenants = [], disasterRecovery, place } = system;
  const standby = disasterRecovery?.tenant;
  const refuse = (message: string, hint: string): never => fail('SYSTEM-MOVE', message, { ...place, hint });
  if ((to === undefined) === (without === undefined)) return refuse('a move says where to, or whom it goes on without', 'give one of --to and --without');
  if (without !== undefined) {
    if (standby !== without)
      return refuse(
        `"${without}" does not stand by for ${id}`,
        tenants.includes(without)
          ? `${id} runs there: move it to its other side first`
          : standby === undefined
            ? `${id} has no other side`
            : `its other side is "${standby}"`,
      );
    return { system, edit: { standby: null }, step: 'part' };
  }
  const target = to ?? '';
  if (!federation.tenants.has(target))
    return refuse(`there is no tenant "${target}"`, didYouMean(target, federation.tenants.keys()) ?? 'declare it first, `like:` the one the system runs in');
  const [from] = tenants;
  if (from === undefined || tenants.length > 1)
    return refuse(
      `${id} runs in ${tenants.length === 0 ? 'no tenant' : tenants.join(' and ')}`,
      'only a system with one tenant and its other side can be moved by this verb; edit the declaration',
    );
  if (tenants.includes(target)) return refuse(`${id} runs in "${target}" already`, 'nothing is to be done');
  likeness(federation, from, target, refuse);
  if (standby === target) {
    if (disasterRecovery?.mode === 'active-active') return refuse(`both sides of ${id} answer already`, 'change `mode` if one of them is to stand by');
    return { system, edit: { tenant: { from, to: target }, standby: from }, step: 'swap' };
  }
  if (standby !== undefined)
    return refuse(`the other side of ${id} is "${standby}"`, `give that copy up first, with a plan of its own: vcloud system move ${id} --without ${standby}`);
  return { system, edit: { standby: target }, step: 'copy' };
}

/** Both sides are the same kind of system: otherwise data would be sent to what cannot keep them. */
function likeness(federation: Federation, from: string, to: string, refuse: (message: string, hint: string) => never): void {
  const blueprintOf = (id: string): string | undefined => {
    const tenant = federation.tenants.get(id);
    return tenant?.blueprint ?? federation.tenants.get(tenant?.like ?? '')?.blueprint;
  };
  const [one, other] = [blueprintOf(from), blueprintOf(to)];
  if (one !== other) refuse(`"${from}" is ${one ?? 'of no blueprint'}, "${to}" is ${other ?? 'of no blueprint'}`, `write \`like: ${from}\` at tenant "${to}"`);
}

function edited(system: System, { tenant, standby, mode = 'replica' }: SystemEdit): System {
  const tenants = tenant ? system.tenants?.map((id) => (id === tenant.from ? tenant.to : id)) : system.tenants;
  const { tenant: former, ...rest } = system.disasterRecovery ?? { mode };
  const kept = standby === undefined ? former : (standby ?? undefined);
  return { ...system, tenants, disasterRecovery: { ...rest, ...(kept === undefined ? {} : { tenant: kept }) } };
}

function stackChanges(before: readonly SynthesisedStack[], after: readonly SynthesisedStack[]): Moved['stacks'] {
  const [old, now] = [new Map(before.map((stack) => [stack.path, stack])), new Map(after.map((stack) => [stack.path, stack]))];
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [one, other] = [old.get(name), now.get(name)];
    if (one?.digest === other?.digest) return [];
    const [bodies, newBodies] = [bodiesOf(one), bodiesOf(other)];
    const pick = (list: ReadonlyMap<string, Body>, when: (address: string, body: Body) => boolean): Counts =>
      countsOf([...list].filter(([address, body]) => when(address, body)));
    return [
      {
        path: name,
        added: pick(newBodies, (address) => !bodies.has(address)),
        changed: pick(newBodies, (address, { text }) => bodies.has(address) && bodies.get(address)?.text !== text),
        removed: pick(bodies, (address) => !newBodies.has(address)),
      },
    ];
  });
  return sortedBy(changes, ({ path: name }) => name);
}

interface Body {
  readonly type: string;
  readonly text: string;
}

function bodiesOf(stack: SynthesisedStack | undefined): ReadonlyMap<string, Body> {
  const bodies = new Map<string, Body>();
  if (!stack) return bodies;
  const { resource } = JSON.parse(stack.json) as { resource?: Record<string, unknown> };
  for (const { planned, type } of stack.resources) {
    const [group, name] = [planned.slice(0, planned.indexOf('.')), planned.slice(planned.indexOf('.') + 1)];
    const named = resource?.[group];
    bodies.set(planned, { type, text: JSON.stringify(isObject(named) ? named[name] : undefined) });
  }
  return bodies;
}

function countsOf(list: readonly (readonly [string, Body])[]): Counts {
  const counts: Record<string, number> = {};
  for (const [, { type }] of [...list].sort(([, a], [, b]) => compareCodeUnits(a.type, b.type))) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

function zoneChanges(before: readonly Zone[], after: readonly Zone[]): Moved['zones'] {
  const linesOf = (zone: Zone | undefined): string[] => zone?.records.flatMap(({ name, type, data }) => data.map((rdata) => `${name} ${type} ${rdata}`)) ?? [];
  const [old, now] = [new Map(before.map((zone) => [zone.name, zone])), new Map(after.map((zone) => [zone.name, zone]))];
  return [...new Set([...old.keys(), ...now.keys()])].sort(compareCodeUnits).flatMap((zone) => {
    const [one, other] = [linesOf(old.get(zone)), linesOf(now.get(zone))];
    const [had, has] = [new Set(one), new Set(other)];
    const [added, removed] = [other.filter((line) => !had.has(line)), one.filter((line) => !has.has(line))];
    return added.length + removed.length === 0 ? [] : [{ zone, added, removed }];
  });
}
