import * as fs from 'node:fs';
import * as path from 'node:path';
import { plural, problem, ProblemError, Problems, sha256, type JsonObject, type Problem } from '../../core/index.ts';
import { appendLog, currentActor, logPath, logProblems, verifyLog, type Actor, type LogCheck, type LogEvent } from '../log/index.ts';
import { manifestFile, type Manifest, type ManifestStack } from '../manifest.ts';
import { buildReview } from '../review/build.ts';
import type { PlanFacts } from '../review/facts.ts';
import { effectsBeyondStacks, readChanges } from '../review/write.ts';
import type { DeclaredStack } from '../types.ts';
import { missingApprovals, requiredApprovals, type Missing, type Planner } from './evaluate.ts';
import { readPlanner } from './planner.ts';
import { approvalPolicyFile, loadApprovalPolicy } from './policy.ts';
import { fetchProviders, staleProviders, type ProviderFetcher } from './providers.ts';
import { readSavedPlans } from './saved-plans.ts';
import { readApprovals, type ReadApproval } from './statement.ts';

const again = 'plan again and review the new directory; nothing was changed';

/** A plan directory about to be applied, and what is known of it now. */
export interface Gate {
  readonly root: string;
  /** Absolute path of the plan directory, and as people know it. */
  readonly directory: string;
  readonly shown: string;
  readonly manifest: Manifest;
  readonly stacks: readonly DeclaredStack[];
  readonly facts?: PlanFacts | undefined;
  /** Day approvals are judged at, YYYY-MM-DD. */
  readonly asOf: string;
  /**
   * Reads what the saved plans do, and fetches what that takes. Without it, as on the machine of somebody who only approves,
   * what the manifest says counts, and providers nobody has here are not compared: an apply judges again.
   */
  readonly reader?: ProviderFetcher | undefined;
}

/**
 * Everything besides stacks and states that forbids applying a plan: a broken log, a manifest or review that was edited,
 * input files or providers that changed, approvals that are missing. All of it at once; empty: it may be applied.
 */
export async function findForbidden(gate: Gate): Promise<Problem[]> {
  const check = verifyLog(gate.root);
  const broken = logProblems(check).filter(({ severity }) => severity === 'error');
  const digest = manifestDigest(gate.directory);
  const { reader } = gate;
  // Approvals are of the whole plan, whatever part of it is applied: with a policy every plan has to be read.
  const wanted = ({ path: name }: ManifestStack): boolean => reader?.todo.has(name) === true || fs.existsSync(path.join(gate.root, approvalPolicyFile));
  const absent = reader === undefined ? [] : await fetchProviders(gate, reader, wanted);
  return [
    ...broken,
    ...editedManifest(gate, check, digest),
    ...staleInputs(gate),
    ...staleReview(gate),
    ...absent,
    ...staleProviders(gate, again),
    ...(await unapproved(gate, check, digest)),
  ];
}

/** SHA-256 of a plan directory's manifest: what approvals are of. */
export function manifestDigest(directory: string): string {
  return sha256(fs.readFileSync(path.join(directory, manifestFile)));
}

function editedManifest({ shown, manifest }: Gate, { list }: LogCheck, digest: string): Problem[] {
  const made = list.filter(({ event, plan }) => event === 'plan' && plan === manifest.id);
  if (made.length === 0 || made.some((entry) => entry.manifest === digest)) return [];
  return [
    problem('ENGINE-STALE-MANIFEST', 'its manifest is not the one that was written when it was planned', { file: `${shown}/${manifestFile}`, hint: again }),
  ];
}

const inputCodes = { declarations: 'ENGINE-STALE-DECLARATIONS', lock: 'ENGINE-STALE-LOCK', policies: 'ENGINE-STALE-POLICIES' } as const;
const inputWords = { declarations: 'declarations', lock: 'locks', policies: 'policies' } as const;

/** Files the plan follows from that changed, came or went since: by kind, the first five by name. */
function staleInputs({ manifest, facts }: Gate): Problem[] {
  if (manifest.inputs === undefined) return [];
  if (facts === undefined) return [problem('ENGINE-STALE-DECLARATIONS', 'the files it was made from cannot be compared: none were given', { hint: again })];
  const before = new Map(manifest.inputs.map((input) => [input.path, input]));
  const now = new Map(facts.inputs.map((input) => [input.path, input]));
  const stale = new Problems();
  for (const kind of ['declarations', 'lock', 'policies'] as const) {
    const names = [...new Set([...before.keys(), ...now.keys()])].sort().flatMap((name) => {
      const [one, other] = [before.get(name), now.get(name)];
      if ((other ?? one)?.kind !== kind || one?.sha256 === other?.sha256) return [];
      return [`${name} ${one === undefined ? 'is new' : other === undefined ? 'is gone' : 'changed'}`];
    });
    if (names.length === 0) continue;
    const rest = names.length > 5 ? ` and ${plural(names.length - 5, 'more file')}` : '';
    const file = names[0]?.split(' ')[0];
    stale.error(inputCodes[kind], `${inputWords[kind]} changed since it was planned: ${names.slice(0, 5).join(', ')}${rest}`, {
      ...(file ? { file } : {}),
      hint: again,
    });
  }
  return stale.list;
}

/** Files people review that are not the ones that were written. */
export function staleReview({ manifest, directory, shown }: Pick<Gate, 'manifest' | 'directory' | 'shown'>): Problem[] {
  const files = [
    ...Object.entries(manifest.review ?? {}),
    ...manifest.stacks.flatMap(({ saved }) => [
      ...(saved?.changes === undefined ? [] : [[saved.changes, saved.changesSha256] as const]),
      ...(saved?.json === undefined ? [] : [[saved.json, saved.jsonSha256] as const]),
    ]),
  ];
  return files.flatMap(([name, expected]) => {
    const file = path.join(directory, name);
    if (fs.existsSync(file) && sha256(fs.readFileSync(file)) === expected) return [];
    // Encrypted for transport: whoever applies opens it first, and it is compared then.
    if (!fs.existsSync(file) && fs.existsSync(`${file}.age`)) return [];
    const what = fs.existsSync(file) ? 'was edited' : 'is missing';
    return [problem('ENGINE-STALE-REVIEW', `${name}, which people review, ${what} since it was planned`, { file: `${shown}/${name}`, hint: again })];
  });
}

/** What of approvals a plan directory has and lacks. */
export interface ApprovalState {
  readonly manifest: string;
  readonly required: readonly ReturnType<typeof requiredApprovals>[number][];
  readonly approvals: readonly ReadApproval[];
  readonly missing: readonly Missing[];
  /** Why what says who planned does not count, where something lies there that does not. */
  readonly planner?: string | undefined;
  /** Saved plans that cannot be read, or that do what nobody was told. */
  readonly unread?: readonly Problem[] | undefined;
}

/**
 * The approvals a plan needs, those it has, and those that are missing. Where there is an engine to read them, effects are
 * those of the saved plans themselves: a manifest, and the files it names, say what whoever made them likes.
 */
export async function approvalState(gate: Gate, check: LogCheck, digest: string, applier: Actor = currentActor()): Promise<ApprovalState> {
  const policy = loadApprovalPolicy(gate.root);
  if (policy === undefined) return { manifest: digest, required: [], approvals: [], missing: [] };
  const saved = gate.reader && (await readSavedPlans(gate, gate.reader));
  const manifest = saved?.manifest ?? gate.manifest;
  const levels = gate.facts?.levels ?? manifest.facts?.levels;
  const effects = effectsBeyondStacks(gate.root, manifest, gate.facts);
  const review = buildReview(manifest, saved?.changes ?? readChanges(gate.directory, manifest.stacks), { levels, effects });
  const required = requiredApprovals(policy, review.effects, manifest.environment);
  const approvals = await readApprovals(gate.directory, digest, policy.principals);
  const signed = await readPlanner(gate.directory, digest, policy.principals);
  const planners: Planner[] = check.list.filter((entry) => entry.event === 'plan' && entry.manifest === digest).map(({ by }) => by);
  if (signed !== undefined && 'planner' in signed) planners.push(signed.planner);
  const counted = approvals.flatMap((one) => (one.good ? [one.approval] : []));
  const missing = missingApprovals(policy, required, { approvals: counted, planners, applier, asOf: gate.asOf });
  const planner = signed !== undefined && 'why' in signed ? signed.why : undefined;
  return { manifest: digest, required, approvals, missing, planner, unread: saved?.problems };
}

async function unapproved(gate: Gate, check: LogCheck, digest: string): Promise<Problem[]> {
  let state: ApprovalState;
  try {
    state = await approvalState(gate, check, digest);
  } catch (error) {
    if (error instanceof ProblemError) return [...error.problems];
    throw error;
  }
  const bad = [...state.approvals.flatMap((one) => (one.good ? [] : [`${one.file}: ${one.why}`])), ...(state.planner === undefined ? [] : [state.planner])];
  const anchors = state.approvals.flatMap((one) => (one.good ? [{ ...one.log, from: `${gate.shown}/${one.file}` }] : []));
  // An approval remembers the log's head of its day: cutting the log off before it shows.
  const cutOff = check.broken === undefined ? logProblems(verifyLog(gate.root, anchors)).filter(({ severity }) => severity === 'error') : [];
  return [...cutOff, ...(state.unread ?? []), ...state.missing.map((missing) => missingProblem(gate.shown, missing, bad))];
}

function missingProblem(shown: string, { rule, agency, count, of, because, counted, refused }: Missing, bad: readonly string[]): Problem {
  const has = counted.length === 0 ? 'none counts' : `only ${counted.join(', ')} counts`;
  const notes = [...refused, ...bad];
  const message =
    `rule "${rule}" asks for ${plural(count, 'approval')} of ${of.length === 0 ? `a principal of ${agency ?? ''}, of which there is none` : of.join(', ')}: ${has}` +
    ` (because of ${because.slice(0, 3).join('; ')}${because.length > 3 ? `; ${because.length - 3} more` : ''})${notes.length > 0 ? `. Not counted: ${notes.join('; ')}` : ''}`;
  return problem('ENGINE-APPROVAL-MISSING', message, {
    file: approvalPolicyFile,
    subject: `rule/${rule}`,
    hint: `let ${of.filter((id) => !counted.includes(id)).join(' or ') || 'a principal'} read it ("vcloud show ${shown}") and run "vcloud approve ${shown} --key ssh:PATH"`,
  });
}

/** Counts of stacks by their state, for the log. */
export function stackCounts(list: readonly { readonly state?: string; readonly result?: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state, result } of list) {
    const word = result ?? state ?? '';
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}

/**
 * Notes in the log that a plan was made.
 * @throws ProblemError ENGINE-LOG-UNWRITTEN, ENGINE-LOG-BROKEN
 */
export function logPlan(root: string, manifest: Manifest, text: string): Problem[] {
  // Nothing is applied on a broken log; who plans is told already.
  const broken = logProblems(verifyLog(root)).map((found): Problem => ({ ...found, severity: 'warning' }));
  const { engine, environment } = manifest;
  const details = { engine: `${engine.name} ${engine.version}`, environment, stacks: stackCounts(manifest.stacks) };
  const failed = noted(root, { event: 'plan', by: currentActor(), plan: manifest.id, manifest: sha256(text), details });
  if (failed !== undefined) throw new ProblemError(failed);
  return broken;
}

/**
 * Notes in the log that an apply begins, ended or was refused. Nothing begins that cannot be noted; that an end could not
 * be is returned, because what was applied must be told all the same.
 * @throws ProblemError ENGINE-LOG-UNWRITTEN, ENGINE-LOG-BROKEN before an apply begins
 */
export function logApply(
  root: string,
  directory: string,
  manifest: Pick<Manifest, 'id'>,
  event: 'apply-start' | 'apply-end' | 'apply-refused',
  details: Record<string, number> | readonly string[],
): Problem[] {
  const shown: JsonObject = isCodes(details) ? { codes: [...new Set(details)].sort() } : { stacks: details };
  const failed = noted(root, { event, by: currentActor(), plan: manifest.id, manifest: manifestDigest(directory), details: shown });
  if (failed !== undefined && event === 'apply-start') throw new ProblemError(failed);
  return failed === undefined ? [] : [failed];
}

/** Appends an entry; returns why it could not be. */
function noted(root: string, event: LogEvent): Problem | undefined {
  try {
    appendLog(root, event);
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error.problems[0];
    const why = error instanceof Error ? error.message : String(error);
    return problem('ENGINE-LOG-UNWRITTEN', `"${event.event}" could not be noted in the log: ${why}`, {
      file: logPath,
      hint: 'see that the disk has room and the folder can be written',
    });
  }
}

function isCodes(details: Record<string, number> | readonly string[]): details is readonly string[] {
  return Array.isArray(details);
}
