import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject, privateFolder } from '../../../core/index.ts';
import type { PulumiEngine } from './find.ts';
import type { WorkerAnswer, WorkerRequest } from './program.ts';

/** An operation on one stack. */
export interface Operation extends Omit<WorkerRequest, 'backend'> {
  readonly root: string;
  readonly engine: PulumiEngine;
  /** What the stack's processes get: an allow-listed environment and the credentials of its own cloud. */
  readonly environment: Readonly<Record<string, string>>;
  readonly passphrase: string;
  /** Absolute path its events go to. */
  readonly log: string;
}

export interface OperationEnd extends WorkerAnswer {
  readonly milliseconds: number;
}

/** Folder of a stack's state, relative to that of the federation. */
export function backendFolder(root: string, stack: string): string {
  return path.join(root, '.vcloud', 'state', stack, 'pulumi');
}

/** Whether Pulumi has a state of a stack. */
export function hasPulumiState(root: string, stack: string): boolean {
  return fs.existsSync(path.join(backendFolder(root, stack), '.pulumi', 'stacks'));
}

/**
 * Runs one operation in a process and session of its own. It is never signalled and reads nothing from us once it began, so it
 * comes to its end without us too. Failures are values.
 */
export async function runPulumi(operation: Operation): Promise<OperationEnd> {
  const { root, engine, environment, passphrase, log, ...rest } = operation;
  const began = performance.now();
  const backend = `file://${privateFolder(root, 'state', rest.stack, 'pulumi')}`;
  const script = fileURLToPath(new URL(`./worker${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url));
  const output = fs.openSync(log, 'w', 0o600);
  try {
    const child = spawn('/bin/sh', ['-c', 'umask 077; exec "$@"', 'sh', process.execPath, ...conditions(), script], {
      cwd: privateFolder(root, 'cache', 'pulumi'),
      detached: true,
      stdio: ['pipe', output, output],
      env: {
        ...environment,
        PATH: [path.dirname(engine.binary), engine.bridge, environment['PATH'] ?? ''].join(path.delimiter),
        PULUMI_HOME: privateFolder(root, 'cache', 'pulumi', 'home'),
        PULUMI_BACKEND_URL: backend,
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      },
    });
    // It may end before it has read all; its answer tells why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify({ ...rest, backend } satisfies WorkerRequest));
    const code = await new Promise<number | null | string>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('exit', (exit, signal) => resolve(signal ?? exit));
    });
    const milliseconds = performance.now() - began;
    const text = fs.readFileSync(log, 'utf8');
    return {
      ...(answerIn(text) ?? {
        type: 'end',
        ok: false,
        changes: [],
        resources: 0,
        error: `Pulumi's process ended with ${code ?? 'nothing'}: ${text.split('\n').slice(-6).join('\n').trim()}`,
      }),
      milliseconds,
    };
  } finally {
    fs.closeSync(output);
  }
}

/** Sources are run as sources, and what is installed as it is. */
function conditions(): string[] {
  return path.extname(fileURLToPath(import.meta.url)) === '.ts' ? ['--conditions=vcloud-source'] : [];
}

function answerIn(text: string): WorkerAnswer | undefined {
  for (const line of text.trimEnd().split('\n').reverse()) {
    if (!line.startsWith('{"type":"end"')) continue;
    const value: unknown = JSON.parse(line);
    if (isObject(value)) return value as unknown as WorkerAnswer;
  }
  return undefined;
}
