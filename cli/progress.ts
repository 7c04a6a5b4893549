import type { Reporter } from '../modules/core/basics.ts';

/** Progress on stderr: a line that redraws itself on a terminal, one line per finished unit and step elsewhere, nothing when quiet. */
export function terminalReporter(options: { quiet: boolean }): Reporter {
  const tty = process.stderr.isTTY && !options.quiet;
  let step = '';
  let total: number | undefined;
  let started = 0;
  const clear = (): void => {
    if (tty) process.stderr.write('\r\u001B[2K');
  };
  const write = (text: string): void => {
    if (!options.quiet) process.stderr.write(text);
  };
  return {
    start(name, count) {
      step = name;
      total = count;
      started = performance.now();
      if (tty) process.stderr.write(`  ${step} ...`);
    },
    progress(done, note) {
      if (!tty) return;
      const share = total === undefined || total === 0 ? '' : ` ${bar(done / total)} ${done}/${total}`;
      clear();
      process.stderr.write(`  ${step}${share}${note === undefined ? '' : ` ${note}`}`.slice(0, (process.stderr.columns ?? 100) - 1));
    },
    unit({ id, done, failed, line }) {
      // On a terminal the line above says how far it is; what failed stays to be read.
      if (tty && !failed) return;
      clear();
      write(`  ${step} ${total === undefined ? '' : `${String(done).padStart(String(total).length)}/${total} `}${id}  ${line}\n`);
    },
    end(summary) {
      clear();
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      write(`  ${step.padEnd(23)} ${seconds.padStart(5)} s  ${summary ?? ''}\n`);
    },
    note(text) {
      clear();
      write(`  ${text}\n`);
    },
  };
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * 20);
  return `[${'='.repeat(full)}${' '.repeat(20 - full)}]`;
}
