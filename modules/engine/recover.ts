import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail, type Problem, type Reporter } from '../core/index.ts';
import type { EngineCache } from './cache.ts';
import { processFile, runningFile, stateFolder, statesFolder } from './folders.ts';
import { readRunning, runningProcess, settle, watchState } from './running.ts';
import { tell } from './messages/index.ts';
import { SilenceWatch } from './schedule/index.ts';

/**
 * Settles applies an earlier run left behind: waits for those whose engine still runs (it lives in a session of its
 * own and outlives us), then takes their end from log and state. To be called under the write lock.
 * @throws ProblemError ENGINE-STILL-RUNNING when one runs for longer than `timeout` seconds from now
 */
export async function recover(
  root: string,
  given: { readonly cache: EngineCache; readonly reporter: Reporter; readonly timeout?: number | undefined },
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const stack of interrupted(root)) {
    const running = readRunning(root, stack);
    if (running === undefined) continue;
    const folder = stateFolder(root, stack);
    // Between our marker and the process's own there is a moment; a run killed in it may have started the process.
    if (!fs.existsSync(path.join(folder, processFile))) await pause(300);
    const pid = runningProcess(root, stack);
    if (pid !== undefined) {
      tell(given.reporter, { code: 'ENGINE-LEFT-RUNNING', level: 'info', stack, process: pid });
      const stop = watchState(folder);
      const silence = new SilenceWatch((text) => tell(given.reporter, { code: 'ENGINE-SILENCE', level: 'warning', text }));
      silence.add(stack, path.join(root, running.log));
      const until = given.timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + given.timeout * 1_000;
      try {
        while (runningProcess(root, stack) === pid) {
          if (performance.now() > until) stillRunning(stack, pid, running.log);
          await pause(50);
        }
      } finally {
        silence.dispose();
        stop();
      }
    }
    // What the engine wrote since is asked for again, where the state is kept elsewhere.
    await given.cache.refresh([stack]);
    const settled = settle(root, running, given.cache);
    const applied = settled.result === 'applied';
    tell(given.reporter, { code: 'ENGINE-LEFT-ENDED', level: applied ? 'info' : 'warning', stack, applied, because: settled.because });
    problems.push(...settled.problems);
  }
  return problems;
}

function stillRunning(stack: string, pid: number, log: string): never {
  return fail('ENGINE-STILL-RUNNING', `an apply of an earlier run still goes on (process ${pid}); waited for it as long as engine.timeout says`, {
    file: log,
    subject: stack,
    hint: 'look at its log and at the cloud, and run this again once it has ended; ending the process yourself leaves what it has in flight without a record',
  });
}

function interrupted(root: string): string[] {
  let names: string[];
  try {
    names = fs.readdirSync(statesFolder(root)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names.filter((name) => fs.existsSync(path.join(statesFolder(root), name, runningFile)));
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
