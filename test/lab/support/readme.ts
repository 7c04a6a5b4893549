import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Commands of a README, and what it shows of their output. */
export interface Step {
  readonly commands: string;
  /** Lines of output the reader is shown, in order; `...` stands for any others. */
  readonly shown: readonly string[];
}

/**
 * The steps of one section.
 * @param heading as it stands in the file, its `#` included
 */
export function stepsOf(file: string, heading: string): Step[] {
  const text = fs.readFileSync(path.join(repository, file), 'utf8');
  const level = heading.indexOf(' ');
  const section = (text.split(`\n${heading}\n`)[1] ?? '').split(new RegExp(`\\n#{1,${level}} `, 'u'))[0] ?? '';
  const steps: { commands: string; shown: string[] }[] = [];
  for (const [, kind = '', body = ''] of section.matchAll(/^```(\w*)\n(.*?)^```$/gmsu)) {
    if (kind === 'sh') steps.push({ commands: body, shown: [] });
    else steps.at(-1)?.shown.push(...body.trimEnd().split('\n'));
  }
  return steps;
}

/** Two languages show the same commands and outputs, comments apart, and use at least these verbs. */
export function expectSameSteps(english: readonly Step[], vietnamese: readonly Step[], verbs: readonly string[]): void {
  const withoutComments = ({ commands }: Step): string => commands.replace(/[ \t]+#.*$/gmu, '');
  expect(english.length).toBeGreaterThan(6);
  expect(vietnamese.map(withoutComments)).toEqual(english.map(withoutComments));
  expect(vietnamese.map(({ shown }) => shown)).toEqual(english.map(({ shown }) => shown));
  const commands = english.map((step) => step.commands).join('\n');
  for (const verb of verbs) expect(commands).toContain(`npx vcloud ${verb}`);
}

/** Makes a folder for PATH with what `npx vcloud` does once the package is installed, without asking the registry. */
export function folderOfNpx(folder: string): string {
  const bin = path.join(folder, '.bin');
  fs.mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\n[ "$1" = vcloud ] || exit 127\nshift\nexec "${process.execPath}" "${repository}/bin/vcloud.js" "$@"\n`;
  fs.writeFileSync(path.join(bin, 'npx'), script, { mode: 0o755 });
  return bin;
}

/** Runs a step as it is pasted: what is shown is printed, in that order, and nothing ends with an error. */
export function paste({ commands, shown }: Step, cwd: string, env: NodeJS.ProcessEnv): void {
  const { stdout, stderr, status } = spawnSync('bash', ['-c', commands], { cwd, env, encoding: 'utf8' });
  const lines = stdout.split('\n').map((line) => line.trimEnd());
  let at = 0;
  for (const line of shown.filter((one) => one !== '...')) {
    const found = lines.indexOf(line.trimEnd(), at);
    expect(found, `"${line}" is not printed (again) by\n${commands}\n${stdout}\n${stderr}`).toBeGreaterThanOrEqual(0);
    at = found + 1;
  }
  // Differences and findings (2) are part of a tour, errors are not.
  expect([0, 2], `${commands}\n${stdout}\n${stderr}`).toContain(status);
}
