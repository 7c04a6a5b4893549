import * as fs from 'node:fs';
import * as path from 'node:path';
import { isObject } from '../core/index.ts';
import { requirePromise } from './adapters/promises.ts';
import { runEngine } from './process.ts';

export type EngineName = 'terraform' | 'tofu';
/** `pulumi` is behind another door (adapters/pulumi): it has no plans. */
export type EngineChoice = 'auto' | EngineName | 'pulumi';

export interface Engine {
  readonly name: EngineName;
  readonly version: string;
  /** Absolute path of the program. */
  readonly binary: string;
}

export interface Unavailable {
  readonly reason: string;
  readonly hint: string;
}

/** Oldest versions whose plans and `-json` output we read: below them `terraform_data` or detailed events differ. */
const oldest: Readonly<Record<EngineName, readonly [number, number]>> = { terraform: [1, 9], tofu: [1, 8] };

/** Versions already asked for, by program and time stamp: asking costs as much as planning a small stack. */
export type KnownVersions = Record<string, string>;

/**
 * Finds the engine's program on PATH. `auto` takes terraform, else tofu. Where none fits, says why and how to get
 * one. Adds what it learns to `known`.
 * @throws ProblemError ENGINE-PROMISE where Pulumi is chosen: verbs that know what to do with it do not ask here
 */
export async function findEngine(
  choice: EngineChoice,
  environment: Readonly<Record<string, string>>,
  known: KnownVersions = {},
): Promise<Engine | Unavailable> {
  // Whatever asks for a program by this door reads plans and states of Terraform's format.
  if (choice === 'pulumi') requirePromise(choice, 'otherVerbs', 'this verb');
  const wanted: readonly EngineName[] = choice === 'auto' || choice === 'pulumi' ? ['terraform', 'tofu'] : [choice];
  const refused: string[] = [];
  for (const name of wanted) {
    const binary = onPath(name, environment['PATH'] ?? '');
    if (binary === undefined) continue;
    const version = await versionOf(binary, environment, known);
    if (version === undefined) refused.push(`${name} on PATH does not tell its version`);
    else if (!isRecent(version, oldest[name])) refused.push(`${name} ${version} is older than ${oldest[name].join('.')}`);
    else return { name, version, binary };
  }
  return {
    reason: refused.length > 0 ? refused.join('; ') : `${wanted.join(' and ')} ${wanted.length > 1 ? 'are' : 'is'} not on PATH`,
    hint: 'install Terraform >= 1.9 (developer.hashicorp.com/terraform/install) or OpenTofu >= 1.8 (opentofu.org/docs/intro/install), or set engine.binary in vcloud.yaml',
  };
}

/** Whether what `findEngine` gave is an engine. */
export function isEngine(found: Engine | Unavailable): found is Engine {
  return 'binary' in found;
}

function onPath(name: string, search: string): string | undefined {
  for (const folder of search.split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, name);
    try {
      fs.accessSync(file, fs.constants.X_OK);
      if (fs.statSync(file).isFile()) return file;
    } catch {
      continue;
    }
  }
  return undefined;
}

async function versionOf(binary: string, environment: Readonly<Record<string, string>>, known: KnownVersions): Promise<string | undefined> {
  const { mtimeMs, size } = fs.statSync(binary);
  const key = `${binary} ${size} ${mtimeMs}`;
  const before = known[key];
  if (before !== undefined) return before;
  const ended = await runEngine({ binary, arguments: ['version', '-json'], folder: path.dirname(binary), environment });
  if (ended.code !== 0) return undefined;
  try {
    const value: unknown = JSON.parse(ended.stdout);
    const version = isObject(value) ? value['terraform_version'] : undefined;
    if (typeof version !== 'string') return undefined;
    known[key] = version;
    return version;
  } catch {
    return undefined;
  }
}

function isRecent(version: string, [major, minor]: readonly [number, number]): boolean {
  const match = /^(\d+)\.(\d+)\./u.exec(version);
  if (match === null) return false;
  const [found, part] = [Number(match[1]), Number(match[2])];
  return found > major || (found === major && part >= minor);
}
