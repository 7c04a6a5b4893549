import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isObject, plural, ProblemError, readTextIfPresent, silent, type JsonObject, type Reporter } from '../../core/index.ts';
import type { Engine } from '../binary.ts';
import type { Services } from '../credentials/index.ts';
import { configurationFile, planDirectory, stateFolder } from '../folders.ts';
import { tell } from '../messages/index.ts';
import { runEngine } from '../process.ts';
import { listStates, readStackFile, readState } from '../state.ts';
import { heldBy } from '../preflight/held.ts';
import { plannedResource } from '../resource-names.ts';
import type { DeclaredStack, StateResource } from '../types.ts';
import { workspaceFolder } from '../workspace.ts';
import { expectedResources } from './expected.ts';
import { clearUnrecorded, pendingImports, readUnrecorded, settleUnrecorded, type PendingImport } from './files.ts';
import type { CloudPort, CloudQuery, ExpectedResource, KindReading, Orphan, OrphanReport, Unrecorded } from './types.ts';

/** What finding takes; every question is asked with the credentials of the stack's own cloud. */
export interface Finding {
  readonly root: string;
  readonly engine: Engine;
  readonly services: Services;
  readonly clouds: CloudPort;
  readonly stacks: readonly DeclaredStack[];
  readonly reporter?: Reporter | undefined;
  /**
   * Milliseconds after the last word of an apply within which a request it had sent may still be carried out: until then
   * nothing is taken for "never made". 15,000 by default; five times the slowest thing of that apply where that is longer.
   */
  readonly grace?: number | undefined;
}

/** An examined stack, with the question it was asked by: an answer needs it again. */
export interface Examined {
  readonly report: OrphanReport;
  readonly query: CloudQuery;
}

/** Asks the cloud of one stack what of the stack's is there that no state holds. */
export async function examine(finding: Finding, stack: string): Promise<Examined> {
  const { root, clouds, reporter = silent, grace = 15_000 } = finding;
  const file = readUnrecorded(root, stack);
  const declared = finding.stacks.find((one) => one.path === stack);
  const agency = declared?.agency ?? readStackFile(root, stack)?.agency ?? stack.split('.')[0] ?? stack;
  const state = readState(root, stack) ?? [];
  const inState = new Map(state.map(({ address, attributes }) => [address, attributes]));
  const pending = pendingImports(root, stack);
  const imported = new Map(pending.map(({ to, id }) => [to, id]));
  // Recorded by now (a state put back, an import) is answered.
  const unrecorded = (file?.resources ?? []).filter(
    ({ address, id }) => !imported.has(address) && (id === undefined ? !inState.has(address) : inState.get(address)?.['id'] !== id),
  );
  const expected = expectedResources(
    file === undefined || unrecorded.length === 0 ? undefined : await planJson(finding, stack, declared, file.plan),
    unrecorded,
    knownOf(inState, imported, unrecorded),
  );
  const cloudOf = (name: string): string | undefined => finding.stacks.find((one) => one.path === name)?.cloud ?? readStackFile(root, name)?.cloud;
  const cloud = cloudOf(stack);
  const everything = [...new Set([...listStates(root), stack])].map((name) => ({ sameCloud: cloudOf(name) === cloud, held: heldBy(root, name) ?? [] }));
  const query: CloudQuery = {
    root,
    stack: { path: stack, cloud },
    providers: providersOf(root, stack, declared),
    environment: finding.services.environmentOf(stack),
    expected,
    types: typesOf(root, stack, declared, expected),
    held: heldIds(everything, pending),
    inCloud: everything.flatMap(({ sameCloud, held }) => (sameCloud ? held : [])),
    resources: sectionOf(root, stack, declared, 'resource'),
    since: file?.since,
  };
  let found = await clouds.find(query);
  // What was in flight may still be under way inside the cloud.
  const until = file === undefined ? 0 : Date.parse(file.until) + Math.max(grace, 5 * slowest(readTextIfPresent(path.join(root, file.log)) ?? ''));
  const missing = (): number => {
    const readable = new Set(found.kinds.filter(({ state: how }) => how === 'read').map(({ type }) => type));
    return expected.filter(({ type }) => readable.has(type)).length - found.orphans.filter(({ address }) => address !== undefined).length;
  };
  for (let told = false; missing() > 0 && Date.now() < until; told = true) {
    if (!told) tell(reporter, { code: 'ENGINE-IN-FLIGHT', level: 'info', stack, requests: missing(), seconds: Math.ceil((until - Date.now()) / 1000) });
    await pause(Math.min(2_000, Math.max(100, until - Date.now())));
    found = await clouds.find(query);
  }
  const orphans = [...found.orphans].sort((a, b) => (`${a.type} ${a.name ?? ''} ${a.id}` < `${b.type} ${b.name ?? ''} ${b.id}` ? -1 : 1));
  // Where no crash left a question, every kind is in question.
  const open = file === undefined ? found.kinds.filter(({ state: how }) => how === 'failed') : openKinds(found.kinds, expected);
  return { report: { stack, agency, unrecorded, orphans, open, settled: orphans.length === 0 && open.length === 0 }, query };
}

/** Milliseconds the slowest creation or change took, as an engine's log tells (`elapsed_seconds`): a cloud under load stays slow. */
function slowest(log: string): number {
  const seconds = [...log.matchAll(/"elapsed_seconds":(\d+(?:\.\d+)?)/gu)].map(([, text]) => Number(text));
  return 1_000 * Math.max(0, ...seconds);
}

/** Takes the question away where nothing is left of it. Returns whether nothing is. */
export function settleIfAnswered({ root }: Pick<Finding, 'root'>, report: OrphanReport): boolean {
  if (report.settled && report.unrecorded.length > 0) settleUnrecorded(root, report.stack);
  else if (report.settled) clearUnrecorded(root, report.stack);
  return report.settled;
}

/** Kinds of unrecorded resources whose whereabouts stay unknown. */
function openKinds(kinds: readonly KindReading[], expected: readonly ExpectedResource[]): KindReading[] {
  const asked = new Map(kinds.map((kind) => [kind.type, kind]));
  const types = [...new Set(expected.map(({ type }) => type))].sort();
  return types
    .map((type): KindReading => asked.get(type) ?? { type, state: 'unknown', look: 'look for it by hand: no cloud that can be asked has this kind' })
    .filter(({ state }) => state === 'failed' || state === 'unknown' || state === 'foreign');
}

/** In words, why a stack is not planned before this is answered. */
export function unansweredText({ stack, unrecorded, orphans, open }: OrphanReport): string {
  const parts = [
    ...orphans.map(
      ({ type, name, id, address, advice }) => `${address ?? type} ${name === undefined ? '' : `"${name}" `}(${id}) exists and no state holds it: ${advice}`,
    ),
    ...open.map(({ type, state, reason, look }) => {
      if (state === 'failed') return `${type} could not be read: ${reason ?? 'unknown'}`;
      return state === 'foreign' ? `not this stack's: ${look ?? type}` : `${type} cannot be told: ${look ?? 'look for it by hand'}`;
    }),
  ];
  const cut = unrecorded.length === 0 ? '' : `an apply was cut off with ${plural(unrecorded.length, 'resource')} not in the state. `;
  return `${cut}${parts.join('; ')}. Answer first: vcloud orphans adopt ${stack}, vcloud orphans delete ${stack} ID --yes, or vcloud orphans dismiss ${stack} --reason TEXT`;
}

async function planJson(finding: Finding, stack: string, declared: DeclaredStack | undefined, plan: string): Promise<unknown> {
  const { root, engine, services } = finding;
  const file = path.join(root, planDirectory(plan), 'stacks', `${stack}.tfplan`);
  const shown = await runEngine({
    binary: engine.binary,
    arguments: ['show', '-json', file],
    folder: workspaceFolder(root, stack, declared),
    environment: services.environmentOf(stack),
    timeout: 120,
  });
  return shown.code === 0 ? parsed(shown.stdout) : configurationAsPlan(parsed(declared?.json));
}

/** Where the saved plan is gone: what the configuration itself says, as a plan would show it. */
function configurationAsPlan(configuration: unknown): unknown {
  const resources = isObject(configuration) && isObject(configuration['resource']) ? configuration['resource'] : {};
  const changes: unknown[] = [];
  const stated: unknown[] = [];
  for (const [type, named] of Object.entries(resources)) {
    for (const [name, body] of Object.entries(isObject(named) ? named : {})) {
      const attributes = Object.entries(isObject(body) ? body : {});
      const plain = attributes.filter(([, value]) => typeof value !== 'string' || !value.includes('${'));
      changes.push({ address: `${type}.${name}`, change: { after: Object.fromEntries(plain) } });
      const references = attributes.flatMap(([attribute, value]) => {
        const [, target, field] = (typeof value === 'string' ? /^\$\{([a-z][\w-]*\.[\w-]+)\.(\w+)\}$/u.exec(value) : null) ?? [];
        return target === undefined ? [] : [[attribute, { references: [`${target}.${field ?? ''}`, target] }] as const];
      });
      stated.push({ address: `${type}.${name}`, expressions: Object.fromEntries(references) });
    }
  }
  return { resource_changes: changes, configuration: { root_module: { resources: stated } } };
}

function knownOf(inState: ReadonlyMap<string, JsonObject>, imported: ReadonlyMap<string, string>, unrecorded: readonly Unrecorded[]): Map<string, JsonObject> {
  const known = new Map(inState);
  for (const [address, id] of imported) known.set(address, { id });
  for (const { address, id } of unrecorded) if (id !== undefined) known.set(address, { id });
  return known;
}

/** Configuration of a stack's providers, by name: as declared, or as it was last applied. */
export function providersOf(root: string, stack: string, declared: DeclaredStack | undefined): JsonObject | undefined {
  return sectionOf(root, stack, declared, 'provider');
}

function sectionOf(root: string, stack: string, declared: DeclaredStack | undefined, name: string): JsonObject | undefined {
  const text = declared?.json ?? readTextIfPresent(path.join(stateFolder(root, stack), configurationFile));
  const configuration = parsed(text);
  return isObject(configuration) && isObject(configuration[name]) ? (configuration[name] as JsonObject) : undefined;
}

function typesOf(root: string, stack: string, declared: DeclaredStack | undefined, expected: readonly ExpectedResource[]): string[] {
  const types = [...(declared?.resources ?? []), ...(readState(root, stack) ?? []), ...expected].map(({ type }) => type);
  return [...new Set(types)].sort();
}

/** Ids that belong to somebody: those of every state here, and those about to be imported. */
function heldIds(states: readonly { readonly sameCloud: boolean; readonly held: readonly StateResource[] }[], imports: readonly PendingImport[]): Set<string> {
  const held = new Set(imports.map(({ to, id }) => heldKey(plannedResource(to).type, id)));
  for (const { sameCloud, held: resources } of states) {
    for (const { type, attributes } of resources) {
      if (typeof attributes['id'] !== 'string') continue;
      const key = heldKey(type, attributes['id']);
      if (sameCloud || key === attributes['id']) held.add(key);
    }
  }
  return held;
}

/** An id as `held` has it. Ids in a Kubernetes cluster are names: two of unlike kinds, or of two clusters, may be the same. */
export function heldKey(type: string, id: string): string {
  return type.startsWith('kubernetes_') ? `${type} ${id}` : id;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** A report that says why nobody could be asked. */
export function unaskable(root: string, stack: string, agency: string, error: unknown): OrphanReport {
  if (!(error instanceof ProblemError)) throw error;
  const reason = error.problems.map(({ message }) => message).join('; ');
  const file = readUnrecorded(root, stack);
  const unrecorded = file?.resources ?? [];
  // Nobody could be asked about anything, not only about what is known to be missing.
  const types = file === undefined ? ['*'] : [...new Set(unrecorded.map(({ type }) => type))].sort();
  return { stack, agency, unrecorded, orphans: [], open: types.map((type) => ({ type, state: 'failed', reason })), settled: types.length === 0 };
}

export type { Orphan };
