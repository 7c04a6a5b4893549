import * as fs from 'node:fs';
import { adoptOrphans, deleteOrphans, listOrphans, plan, readState, stacksToAnswer, type ApplyRun, type OrphanReport } from '../../../modules/engine/index.ts';
import { collectLive, Session } from '../../../modules/cloud/live/index.ts';
import { engines, liveFederation, startApply, thirteenKinds, type LiveFederation } from './federation.ts';

/** What is killed: the engine of one stack, ours and all engines, or ours alone (the engines go on). */
const kinds = ['engine', 'engine', 'everything', 'everything', 'vcloud'] as const;

export interface Figures {
  readonly kills: Record<(typeof kinds)[number], number>;
  /** Objects in the cloud that no state held after a kill, by what they were recognised. */
  readonly found: Record<string, number>;
  adopted: number;
  deleted: number;
  /** Unrecorded resources of which nothing was ever made. */
  never: number;
  applies: number;
}

/** Applies a fresh federation to its end, killing at random moments, at most `most` times. Says what is wrong in the end; nothing: []. */
export async function applyThroughKills(
  environment: Readonly<Record<string, string>>,
  { prefix, random, most, figures }: { readonly prefix: string; readonly random: () => number; readonly most: () => boolean; readonly figures: Figures },
): Promise<string[]> {
  const federation = liveFederation(thirteenKinds(prefix), { lab: environment });
  const { root, options } = federation;
  for (let round = 0; ; round++) {
    if (round > 25) return [`not done after ${round} rounds, kept in ${root}`];
    const made = await plan(options);
    const refused = made.stacks.filter(({ state }) => state === 'failed');
    for (const { path, error } of refused) {
      if (stacksToAnswer(root).includes(path)) await answer(federation, path, random, figures);
      else return [`${path} could not be planned: ${error ?? ''}`];
    }
    if (refused.length > 0) continue;
    if (made.stacks.every(({ state }) => state === 'unchanged')) break;
    figures.applies++;
    const failed = await applyAndKill(federation, made.directory ?? '', random, most, figures);
    if (failed !== undefined) return [failed];
  }
  const wrong = await judge(federation, environment, prefix);
  if (wrong.length === 0) fs.rmSync(root, { recursive: true, force: true });
  return wrong.map((text) => `${text} (kept in ${root})`);
}

async function applyAndKill(
  { root, stacks }: LiveFederation,
  directory: string,
  random: () => number,
  most: () => boolean,
  figures: Figures,
): Promise<string | undefined> {
  const child = startApply(root, directory);
  let printed = '';
  child.stdout?.on('data', (data: Buffer) => (printed += data.toString('utf8')));
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      over = true;
      resolve();
    });
  });
  let killed = false;
  while (!over && !most()) {
    await pause(300 + random() * 4_500);
    const running = engines(root, stacks);
    if (over || running.length === 0) continue;
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'engine';
    figures.kills[kind]++;
    killed = true;
    if (kind !== 'engine') kill(child.pid);
    if (kind === 'engine') kill(running[Math.floor(random() * running.length)]);
    if (kind === 'everything') for (const pid of running) kill(pid);
    if (kind !== 'engine') break;
  }
  await ended;
  if (killed || printed === '') return undefined;
  const run = JSON.parse(printed) as Partial<ApplyRun>;
  const bad = run.stacks?.filter(({ result }) => result === 'failed' || result === 'stopped') ?? [];
  return run.stacks === undefined || bad.length > 0 ? `an apply nobody killed failed: ${printed.slice(0, 2000)}` : undefined;
}

/** Adopts what is to be adopted or, at random, deletes it; deletes the rest. */
async function answer({ options }: LiveFederation, stack: string, random: () => number, figures: Figures): Promise<void> {
  const report = (await listOrphans(options, stack))[0];
  if (report === undefined) return;
  if (report.open.length > 0) throw new Error(`nobody could say: ${JSON.stringify(report.open)}`);
  figures.never += report.unrecorded.length - report.orphans.length;
  for (const { by } of report.orphans) figures.found[by] = (figures.found[by] ?? 0) + 1;
  let left: OrphanReport = report;
  const canAdopt = report.orphans.some(({ address, advice }) => address !== undefined && advice === 'adopt');
  if (canAdopt && random() < 0.7) {
    const done = await adoptOrphans(options, stack);
    figures.adopted += done.imports.length;
    left = done.left;
  }
  if (left.orphans.length > 0) {
    const done = await deleteOrphans(
      options,
      stack,
      left.orphans.map(({ id }) => id),
    );
    figures.deleted += done.deleted.length;
    left = done.left;
  }
  if (!left.settled) throw new Error(`not settled: ${JSON.stringify(left)}`);
}

/** What is not as it must be: names twice or missing in the cloud, objects no state holds, states that are not what is declared. */
async function judge({ root, stacks, options }: LiveFederation, environment: Readonly<Record<string, string>>, prefix: string): Promise<string[]> {
  const wrong: string[] = [];
  const settled = await plan({ ...options, all: true });
  for (const { path, state, changes } of settled.stacks) if (state !== 'unchanged') wrong.push(`${path} is ${state} in the end: ${JSON.stringify(changes)}`);
  const held = new Map(
    stacks.flatMap(({ path }) => (readState(root, path) ?? []).map(({ address, attributes }) => [`${path} ${address}`, attributes['id'] as string])),
  );
  const declared = stacks.flatMap(({ path, resources }) => resources.map(({ planned }) => `${path} ${planned}`));
  for (const one of declared) if (!held.has(one)) wrong.push(`not in the state: ${one}`);
  if (held.size !== declared.length) wrong.push(`the states hold ${held.size}, ${declared.length} are declared`);
  const session = new Session({ variables: environment, rate: 50 });
  const live = await collectLive(session, { kinds: [...new Set(stacks.flatMap(({ resources }) => resources.map(({ type }) => type)))] });
  session.close();
  for (const { kind, state, reason } of live.kinds) if (state !== 'whole') wrong.push(`${kind} could not be read back: ${reason ?? ''}`);
  const ids = new Set(held.values());
  // Rules Neutron makes with every group carry no port; ours do.
  const ours = live.objects.filter(({ kind, name, attributes }) =>
    kind === 'openstack_networking_secgroup_rule_v2'
      ? attributes['port_range_min'] !== null
      : (name ?? prefix).startsWith(prefix) || kind.endsWith('router_interface_v2'),
  );
  for (const { kind, id, name } of ours) if (!ids.has(id)) wrong.push(`no state holds ${kind} ${name ?? ''} (${id})`);
  if (ours.length !== declared.length) wrong.push(`the cloud holds ${ours.length}, ${declared.length} are declared`);
  const names = ours.flatMap(({ kind, name }) => (name === undefined ? [] : [`${kind} ${name}`]));
  for (const name of new Set(names)) if (names.filter((one) => one === name).length > 1) wrong.push(`twice in the cloud: ${name}`);
  return wrong;
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
