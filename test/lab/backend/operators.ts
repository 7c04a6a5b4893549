// Operators in processes of their own, and what they leave.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { BackendSetting, PlanRun, SynthesisedStack } from '../../../modules/engine/index.ts';

/** Runs `plan` or `apply` in a process of its own, which a test may kill. */
export function operator(verb: string, root: string, stacks: readonly SynthesisedStack[], backend: BackendSetting, directory = ''): ChildProcess {
  writeFileSync(path.join(root, 'stacks.json'), JSON.stringify(stacks));
  writeFileSync(path.join(root, 'backend.json'), JSON.stringify(backend));
  const node = path.resolve(import.meta.dirname, '../../../node_modules/.bin/node');
  const script = path.join(import.meta.dirname, 'driver.ts');
  return spawn(node, ['--conditions=vcloud-source', script, verb, root, path.join(root, 'stacks.json'), path.join(root, 'backend.json'), directory], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** What a plan says of each stack, in a line. */
export function states({ stacks }: PlanRun): string[] {
  return stacks.map(({ path: name, state, removed }) => `${name} ${state}${removed === true ? ' removed' : ''}`);
}

/** What an operator printed at its end. */
export async function outcome(child: ChildProcess): Promise<unknown> {
  let printed = '';
  child.stdout?.on('data', (data: Buffer) => (printed += data.toString('utf8')));
  await new Promise((resolve) => {
    child.on('close', resolve);
  });
  return printed === '' ? {} : JSON.parse(printed);
}

/** Lines that what was applied left in a federation's folder. */
export function made(root: string): string[] {
  try {
    return readFileSync(path.join(root, 'made.txt'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}

export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 60_000) throw new Error('waited too long');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
