import * as fs from 'node:fs';
import * as path from 'node:path';
import { isObject, privateFolder, ProblemError } from '../../core/index.ts';
import type { Engine } from '../binary.ts';
import { parseEvent, readEngineLog } from '../events.ts';
import { runEngine, type Ended } from '../process.ts';
import type { States } from '../store/states.ts';
import type { DeclaredStack, StackResource } from '../types.ts';
import { mustInitialise, openWorkspace } from '../workspace.ts';
import type { Noise } from './noise.ts';
import { readDrift, realName, type Reading } from './read.ts';
import type { UnknownResource } from './types.ts';

/** What reading one stack takes. */
export interface StackReading {
  readonly root: string;
  readonly engine: Engine;
  /** Environment of its processes, credentials included; throws a ProblemError where they do not resolve. */
  readonly environment: () => Readonly<Record<string, string>>;
  readonly timeout?: number | undefined;
  readonly path: string;
  /** Absent: it is no longer declared, and read with its last configuration. */
  readonly stack?: DeclaredStack | undefined;
  readonly states: States;
  readonly names: ReadonlyMap<string, StackResource>;
  readonly sandbox: boolean;
  readonly asApplied: boolean;
  /** The state's resources: planned address and the addresses it depends on. */
  readonly held: readonly HeldResource[];
  readonly initialised: string | undefined;
  readonly initOnce: <T>(work: () => Promise<T>) => Promise<T>;
  readonly noise?: readonly Noise[] | undefined;
}

export interface HeldResource {
  readonly address: string;
  /** Addresses without an index. */
  readonly dependencies: readonly string[];
}

export interface StackRead extends Reading {
  readonly unknown: readonly UnknownResource[];
  readonly initialised?: string | undefined;
  readonly milliseconds: number;
  /** Why nothing could be read. */
  readonly failed?: string | undefined;
}

const nothing: Reading = { drifted: [], ignored: 0, pending: 0 };

/**
 * Reads a stack by a plan that is thrown away. Where objects cannot be read, they and what depends on them are left out and
 * the rest is read again: one dead object must not hide the others. Writes no state. Failures are values.
 */
export async function readStack(reading: StackReading): Promise<StackRead> {
  const folder = privateFolder(reading.root, 'drift');
  const planFile = path.join(folder, `${reading.path}.tfplan`);
  let milliseconds = 0;
  const failed = (because: string): StackRead => ({ ...nothing, unknown: [{ because }], milliseconds, failed: because });
  try {
    const workspace = openWorkspace(reading.root, reading.path, reading.stack, reading.states);
    const environment = reading.environment();
    const run = async (...args: readonly string[]): Promise<Ended> => {
      const ended = await runEngine({ binary: reading.engine.binary, arguments: args, folder: workspace.folder, environment, timeout: reading.timeout });
      milliseconds += ended.milliseconds;
      return ended;
    };
    let { initialised } = reading;
    if (mustInitialise(workspace, initialised)) {
      const ended = await reading.initOnce(() => run('init', '-input=false', '-no-color', ...workspace.initArguments));
      if (ended.code !== 0) return failed(errorText(ended));
      initialised = workspace.needs;
    }
    const unread = new Map<string, string>();
    for (;;) {
      const readable = reading.held.filter(({ address }) => !unread.has(address));
      if (readable.length === 0) return { ...failed([...new Set(unread.values())].join('; ')), initialised };
      const targets = unread.size === 0 ? [] : readable.map(({ address }) => `-target=${address}`);
      const ended = await run('plan', '-json', '-input=false', '-lock-timeout=60s', `-out=${planFile}`, ...workspace.planArguments, ...targets);
      if (ended.code === 0) {
        const shown = await run('show', '-json', planFile);
        if (shown.code !== 0) return failed(errorText(shown));
        const unknown = [...unread].map(([address, because]) => ({ address: realName({ address, type: '' }, reading).address, because }));
        return { ...readDrift(JSON.parse(shown.stdout), reading), unknown, initialised, milliseconds };
      }
      if (!noteUnread(ended, reading.held, unread)) return { ...failed(errorText(ended)), initialised };
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return failed(error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`)).join('; '));
  } finally {
    // It holds secrets in clear, and nobody is to apply it.
    fs.rmSync(planFile, { force: true });
  }
}

/** Adds the objects a plan failed at, and what depends on them; false where it says none that was not known already. */
function noteUnread(ended: Ended, held: readonly HeldResource[], unread: Map<string, string>): boolean {
  const before = unread.size;
  for (const line of ended.stdout.split('\n')) {
    const event = parseEvent(line);
    const diagnostic = event?.['type'] === 'diagnostic' && isObject(event['diagnostic']) ? event['diagnostic'] : undefined;
    const address = diagnostic?.['severity'] === 'error' ? addressOf(diagnostic) : undefined;
    if (diagnostic === undefined || address === undefined) continue;
    const because = [diagnostic['summary'], diagnostic['detail']].filter((text) => typeof text === 'string' && text !== '').join(': ');
    for (const one of held)
      if ([one.address, withoutIndex(one.address)].some((name) => name === address || name.endsWith(`.${address}`))) unread.set(one.address, because);
  }
  for (let again = true; again;) {
    again = false;
    const dead = new Set([...unread.keys()].map(withoutIndex));
    for (const { address, dependencies } of held) {
      const on = unread.has(address) ? undefined : dependencies.find((one) => dead.has(one));
      if (on === undefined) continue;
      unread.set(address, `depends on ${on}, which could not be read`);
      again = true;
    }
  }
  return unread.size > before;
}

/** The object an error is about: providers' errors name it, the engine's own name the block it stands in. */
function addressOf(diagnostic: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof diagnostic['address'] === 'string') return diagnostic['address'];
  const context = isObject(diagnostic['snippet']) ? diagnostic['snippet']['context'] : undefined;
  const [, type, name] = /^resource[. ]"?([^".]+)"?[. ]"?([^".]+)"?/u.exec(typeof context === 'string' ? context : '') ?? [];
  return type === undefined || name === undefined ? undefined : `${type}.${name}`;
}

function withoutIndex(address: string): string {
  return address.replace(/\[[^\]]*\]$/u, '');
}

function errorText(ended: Ended): string {
  const text = [...readEngineLog(ended.stdout).errors, ended.stderr.trim()].filter((one) => one !== '').join('; ');
  return text === '' ? `the engine ended with ${ended.code ?? ended.signal ?? 'no exit code'}` : text;
}
