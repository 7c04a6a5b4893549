import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expectSameSteps, folderOfNpx, paste, repository, stepsOf } from './support/readme.ts';

const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-tour-'));
afterAll(() => fs.rmSync(clone, { recursive: true, force: true }));

const english = stepsOf('README.md', '## Tour: a network planner');
const vietnamese = stepsOf('README.vi.md', '## Dành cho người quy hoạch mạng');

/** The repository as a fresh clone has it, as far as the tour needs it; what is not written to is linked. */
function makeClone(): Record<string, string> {
  for (const name of ['examples', 'network-plans', 'policies', 'stacks', 'vcloud.yaml', 'package.json']) {
    fs.cpSync(path.join(repository, name), path.join(clone, name), { recursive: true, filter: (source) => !/(?:\/\.vcloud|\/out)$/u.test(source) });
  }
  for (const name of ['bin', 'cli', 'modules', 'node_modules', 'schemas', 'templates']) fs.symlinkSync(path.join(repository, name), path.join(clone, name));
  return { ...(process.env as Record<string, string>), PATH: `${folderOfNpx(clone)}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' };
}

describe("the planner's tour in the README", () => {
  it('has the same commands and outputs in both languages', () => {
    expectSameSteps(english, vietnamese, [
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
    ]);
  });

  it('shows what its commands print, pasted one after another into a fresh clone', () => {
    const env = makeClone();
    const before = fs.readdirSync(clone).sort();
    for (const step of english) paste(step, clone, env);
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
