import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-tour-'));
afterAll(() => fs.rmSync(clone, { recursive: true, force: true }));

interface Step {
  readonly commands: string;
  /** Lines of output the reader is shown, in order; `...` stands for any others. */
  readonly shown: readonly string[];
}

/** The commands of a section and what it shows of their output. */
function stepsOf(file: string, heading: string): Step[] {
  const text = fs.readFileSync(path.join(repository, file), 'utf8');
  const section = (text.split(`\n## ${heading}\n`)[1] ?? '').split('\n## ')[0] ?? '';
  const steps: { commands: string; shown: string[] }[] = [];
  for (const [, kind = '', body = ''] of section.matchAll(/^```(\w*)\n(.*?)^```$/gmsu)) {
    if (kind === 'sh') steps.push({ commands: body, shown: [] });
    else steps.at(-1)?.shown.push(...body.trimEnd().split('\n'));
  }
  return steps;
}

const withoutComments = ({ commands }: Step): string => commands.replace(/[ \t]+#.*$/gmu, '');
const english = stepsOf('README.md', 'Tour: a network planner');
const vietnamese = stepsOf('README.vi.md', 'Dành cho người quy hoạch mạng');

/** The repository as a fresh clone has it, as far as the tour needs it; what is not written to is linked. */
function makeClone(): Record<string, string> {
  for (const name of ['examples', 'network-plans', 'policies', 'stacks', 'vcloud.yaml', 'package.json']) {
    fs.cpSync(path.join(repository, name), path.join(clone, name), { recursive: true, filter: (source) => !/(?:\/\.vcloud|\/out)$/u.test(source) });
  }
  for (const name of ['bin', 'cli', 'modules', 'node_modules', 'schemas', 'templates']) fs.symlinkSync(path.join(repository, name), path.join(clone, name));
  const bin = path.join(clone, '.bin');
  fs.mkdirSync(bin);
  // What npx does once the package is installed, without asking the registry.
  fs.writeFileSync(path.join(bin, 'npx'), `#!/bin/sh\n[ "$1" = vcloud ] || exit 127\nshift\nexec "${process.execPath}" "${repository}/bin/vcloud.js" "$@"\n`, {
    mode: 0o755,
  });
  return { ...(process.env as Record<string, string>), PATH: `${bin}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' };
}

describe("the planner's tour in the README", () => {
  it('has the same commands and outputs in both languages', () => {
    expect(english.length).toBeGreaterThan(6);
    expect(vietnamese.map(withoutComments)).toEqual(english.map(withoutComments));
    expect(vietnamese.map(({ shown }) => shown)).toEqual(english.map(({ shown }) => shown));
    const verbs = english.map(({ commands }) => commands).join('\n');
    for (const verb of [
      'net adopt',
      'net allocate',
      'net resize',
      'net merge',
      'net plan',
      'net map',
      'net export',
      'net rules',
      'net owners',
      'bundle extract',
      'migrate',
    ])
      expect(verbs).toContain(`npx vcloud ${verb}`);
  });

  it('shows what its commands print, pasted one after another into a fresh clone', () => {
    const env = makeClone();
    const before = fs.readdirSync(clone).sort();
    for (const { commands, shown } of english) {
      const { stdout, stderr, status } = spawnSync('bash', ['-c', commands], { cwd: clone, env, encoding: 'utf8' });
      const lines = stdout.split('\n').map((line) => line.trimEnd());
      let at = 0;
      for (const line of shown.filter((one) => one !== '...')) {
        const found = lines.indexOf(line.trimEnd(), at);
        expect(found, `"${line}" is not printed (again) by\n${commands}\n${stdout}\n${stderr}`).toBeGreaterThanOrEqual(0);
        at = found + 1;
      }
      // Differences and findings (2) are part of the tour, errors are not.
      expect([0, 2], `${commands}\n${stderr}`).toContain(status);
    }
    // Nothing but `out/` and `.vcloud/`, which git ignores, was made in the clone.
    expect(
      fs
        .readdirSync(clone)
        .filter((name) => !before.includes(name))
        .sort(),
    ).toEqual(['.vcloud', 'out']);
    for (const name of fs.readdirSync(path.join(repository, 'network-plans')).filter((file) => file.endsWith('.yaml')))
      expect(fs.readFileSync(path.join(clone, 'network-plans', name), 'utf8'), name).toBe(
        fs.readFileSync(path.join(repository, 'network-plans', name), 'utf8'),
      );
  });
});
