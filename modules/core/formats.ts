import { isObject, type Json, type JsonObject } from './json.ts';
import { fail, type Place } from './problem.ts';
import type { DataPath } from './source.ts';
import { API_VERSION } from './version.ts';

/**
 * One change of a document. Steps say what they change in this form, so that the same step changes a value in memory and the
 * text of a file without touching its comments and order.
 */
export type DocumentEdit =
  /** Writes a value; the last key may be new, everything before it exists. */
  | { readonly op: 'set'; readonly at: DataPath; readonly value: Json }
  /** Takes a key of a map away. */
  | { readonly op: 'remove'; readonly at: DataPath }
  /** Gives a key of a map another name. */
  | { readonly op: 'rename'; readonly at: DataPath; readonly name: string };

/** What brings a document from one version to the next, or (`from` and `to` the same) from an earlier shape of a version to its present one. */
export interface FormatStep {
  readonly from: string;
  readonly to: string;
  /** What changed and why, as a reviewer reads it. */
  readonly why: string;
  /** A pure function of the document; no edits where it has the present shape already. */
  edits(document: JsonObject): readonly DocumentEdit[];
}

/** Who changes files of a kind: people by hand, the toolkit, or nobody, because the file was signed or reviewed as it is. */
export type FormatWriter = 'people' | 'tool' | 'sealed';

/** One kind of file. */
export interface Format {
  readonly kind: string;
  readonly writer: FormatWriter;
  /** What the file is, in a few words. */
  readonly what: string;
  /** Every version ever written, oldest first; the last is what is written now. */
  readonly versions: readonly string[];
  /** In the order they happened. */
  readonly steps: readonly FormatStep[];
}

export type Formats = ReadonlyMap<string, Format>;

const present = (kind: string, writer: FormatWriter, what: string, steps: readonly FormatStep[] = []): [string, Format] => [
  kind,
  { kind, writer, what, versions: [API_VERSION], steps },
];

/** The first AsnPlans took an `owner` at a need; nothing read it, and the schema dropped it without a new version. */
const asnOwners: FormatStep = {
  from: 'vcloud/v1',
  to: 'vcloud/v1',
  why: 'an AsnPlan\'s needs no longer name an "owner": nothing ever read it',
  edits({ needs }) {
    if (!Array.isArray(needs)) return [];
    return (needs as unknown[]).flatMap((need, index) => (isObject(need) && 'owner' in need ? [{ op: 'remove' as const, at: ['needs', index, 'owner'] }] : []));
  },
};

/**
 * Every kind of file that carries `apiVersion` and `kind`. A change that old readers cannot read adds a version and a step
 * here, and a golden file in test/golden/formats.
 */
export const formats: Formats = new Map([
  present('Federation', 'people', 'who this member is and whom it joins'),
  present('Declarations', 'people', 'organisations, sites, clouds, tenants, systems'),
  present('NetworkPlan', 'people', 'address pools and needs'),
  present('AsnPlan', 'people', 'ranges of AS numbers and needs', [asnOwners]),
  present('ZonePlan', 'people', 'zones'),
  present('OverlayPlan', 'people', 'overlays'),
  present('PolicyRules', 'people', 'rules of the audit'),
  present('PolicyProfiles', 'people', 'how strictly rules hold, for whom'),
  present('PolicyWaivers', 'people', 'waived findings'),
  present('ApprovalPolicy', 'people', 'who must approve plans'),
  present('AdoptMapping', 'people', 'corrections for net adopt'),
  present('NetworkLock', 'tool', 'what each key holds'),
  present('AsnLock', 'tool', 'AS numbers each key holds'),
  present('PlanManifest', 'sealed', 'a plan directory'),
  present('PlanPreview', 'sealed', 'a preview of an engine that cannot apply exactly what it showed'),
  present('PlannedChanges', 'sealed', 'changes of one saved plan'),
  present('PreflightResults', 'sealed', 'what was looked at before a plan was made'),
  present('LogEntry', 'sealed', 'an entry of the log'),
  present('LogHead', 'tool', 'the end of the log'),
  present('LogCheckpoint', 'sealed', 'the end of the log, signed'),
  present('PlanMade', 'sealed', 'who made a plan'),
  present('PlanApproval', 'sealed', 'an approval of a plan'),
  present('AppliedDeclarations', 'tool', 'declared values as they were last applied'),
  present('StateBackend', 'tool', 'where states are kept'),
  present('StateBackup', 'tool', 'a folder of saved states'),
  present('HeldLocks', 'tool', 'locks a run holds in a remote store'),
  present('StateMove', 'tool', 'a move of resources that has not ended'),
  present('NetworkWrite', 'tool', 'a write of plans and locks that has not ended'),
  present('AppliedStack', 'tool', 'a stack as it was applied'),
  present('RemovalRecord', 'tool', 'what removing a stack takes, beside its state'),
  present('RunningApply', 'tool', 'an apply that has not ended'),
  present('EngineCache', 'tool', 'what earlier plans learnt'),
  present('UnrecordedResources', 'tool', 'what a crash may have left in a cloud and in no state'),
  present('PendingImports', 'tool', 'objects the next plan of a stack takes in'),
  present('RunReport', 'tool', 'what one run of the engine did'),
  present('EngineDurations', 'tool', 'how long stacks took'),
  present('Registry', 'tool', 'keys and sequences of members'),
  present('BundleMemory', 'tool', 'the last bundle made'),
  present('ZoneCatalogue', 'tool', 'zones rendered'),
  present('Delegations', 'tool', 'delegations for parents'),
  present('Tunnels', 'tool', 'an overlay rendered'),
  present('ReverseParents', 'tool', 'delegations of reverse zones'),
  present('NetworkExport', 'tool', 'the address plan for other programs'),
  present('Bundle', 'sealed', 'public facts of a member'),
  present('MemberExtract', 'sealed', 'what the centre gave a member'),
  present('Receipt', 'sealed', 'what the centre took in'),
]);

/** `vcloud/v12` -> 12; undefined for anything else. */
export function versionNumber(version: unknown): number | undefined {
  const match = typeof version === 'string' ? /^vcloud\/v([1-9]\d{0,5})$/u.exec(version) : null;
  return match ? Number(match[1]) : undefined;
}

/** Whether a version of a kind was made by a newer toolkit. Kinds nobody knows are judged by the newest version of all. */
export function isNewer(version: unknown, kind: unknown, known: Formats = formats): boolean {
  const number = versionNumber(version);
  return number !== undefined && number > (versionNumber(newestOf(kind, known)) ?? 0);
}

function newestOf(kind: unknown, known: Formats): string {
  return (typeof kind === 'string' ? known.get(kind)?.versions.at(-1) : undefined) ?? API_VERSION;
}

/**
 * Refuses what a newer toolkit wrote: reading half of it would be worse than not reading it.
 * @throws ProblemError CORE-VERSION naming the version and how to upgrade
 */
export function refuseNewer(version: unknown, kind: unknown, place: Partial<Place>, known: Formats = formats): void {
  if (!isNewer(version, kind, known)) return;
  const name = typeof kind === 'string' ? kind : 'file';
  fail('CORE-VERSION', `this ${name} is of version ${String(version)}; this toolkit reads up to ${newestOf(kind, known)}`, {
    ...place,
    hint: 'a newer toolkit wrote it: upgrade with `npm install vcloud@latest`; nothing was changed',
  });
}

/** A document on its way to the present version. */
export interface BroughtForward {
  readonly value: unknown;
  /** In order; against the document as it was before each step. */
  readonly steps: readonly { readonly step: FormatStep; readonly edits: readonly DocumentEdit[] }[];
}

/**
 * Applies every step a document needs. Documents without `apiVersion` or of an unknown kind are left to their readers.
 * @param place where the version stands, for the message
 * @throws ProblemError CORE-VERSION
 */
export function stepsForward(value: unknown, place: Partial<Place> | (() => Partial<Place>), known: Formats = formats): BroughtForward {
  if (!isObject(value)) return { value, steps: [] };
  const { apiVersion, kind } = value;
  if (isNewer(apiVersion, kind, known)) refuseNewer(apiVersion, kind, typeof place === 'function' ? place() : place, known);
  const format = typeof kind === 'string' ? known.get(kind) : undefined;
  if (format === undefined || format.steps.length === 0) return { value, steps: [] };
  let current = value;
  const steps: { step: FormatStep; edits: readonly DocumentEdit[] }[] = [];
  for (const step of format.steps) {
    if (step.from !== current['apiVersion']) continue;
    const own = step.edits(current as JsonObject);
    const edits: readonly DocumentEdit[] = step.to === step.from ? own : [{ op: 'set', at: ['apiVersion'], value: step.to }, ...own];
    if (edits.length === 0) continue;
    current = editedValue(current, edits) as Record<string, unknown>;
    steps.push({ step, edits });
  }
  return { value: current, steps };
}

/**
 * A parsed JSON document of the toolkit, as the present version has it.
 * @throws ProblemError CORE-VERSION
 */
export function bringForward(value: unknown, place: Partial<Place>): unknown {
  return stepsForward(value, place).value;
}

/** The value with the edits applied one after another; what is not touched is shared with the original. */
export function editedValue(value: unknown, edits: readonly DocumentEdit[]): unknown {
  return edits.reduce((current, edit) => applied(current, edit, 0), value);
}

function applied(value: unknown, edit: DocumentEdit, depth: number): unknown {
  const step = edit.at[depth];
  if (step === undefined) return edit.op === 'set' ? edit.value : value;
  const last = depth === edit.at.length - 1;
  if (Array.isArray(value) && typeof step === 'number' && step < value.length) {
    return (value as unknown[]).map((item, index) => (index === step ? applied(item, edit, depth + 1) : item));
  }
  if (!isObject(value)) return value;
  const key = String(step);
  const entries = Object.entries(value);
  if (!last) return key in value ? Object.fromEntries(entries.map(([name, item]) => [name, name === key ? applied(item, edit, depth + 1) : item])) : value;
  if (edit.op === 'remove') return Object.fromEntries(entries.filter(([name]) => name !== key));
  if (edit.op === 'rename') return Object.fromEntries(entries.map(([name, item]) => [name === key ? edit.name : name, item]));
  return { ...value, [key]: edit.value };
}
