import { dataOf, expect, measureCommand, temporaryFolder, vcloud, type Usage } from './measure.ts';
import { installed, isAbsent } from './peers.ts';
import type { Benchmark, Row } from './table.ts';

const work = 'a command on a small federation';
const bar = { cpuSeconds: 0.25 };

/** What starting costs: short commands in the folder `vcloud init` makes, beside the shortest command of the engine. */
export const benchmark: Benchmark = {
  name: 'start',
  about: 'short commands, start included (best of five)',
  run: async () => {
    const folder = temporaryFolder();
    vcloud(folder, ['init']);
    const check = best(() => vcloud(folder, ['check', '--json']));
    const { organisations } = dataOf<{ organisations: number }>(check);
    expect(organisations === 1, `check found ${organisations} organisations`);
    const plan = best(() => vcloud(folder, ['net', 'plan', '--json'], { accept: [0, 2] }));
    const version = best(() => vcloud(folder, ['--version']));
    const terraform = installed('terraform');
    const rows: Row[] = [
      { work, who: 'vcloud check', scope: 'command', ...check, answer: 'clean, 1 organisation', bar },
      { work, who: 'vcloud net plan', scope: 'command', ...plan, answer: 'differences shown', bar },
      { work, who: 'vcloud --version', scope: 'command', ...version, answer: version.stdout.trim(), bar },
      { work, who: 'node -e 0 (floor)', scope: 'command', ...best(() => measureCommand(process.execPath, ['-e', '0'])), answer: '-' },
    ];
    rows.push(
      isAbsent(terraform)
        ? { work, who: 'terraform version', absent: terraform.absent }
        : { work, who: 'terraform version', scope: 'command', ...best(() => measureCommand(terraform.command, ['version'])), answer: '-' },
    );
    return rows;
  },
};

function best(run: () => Usage): Usage {
  const runs = Array.from({ length: 5 }, run).sort((one, other) => one.cpuSeconds - other.cpuSeconds);
  const [first] = runs;
  expect(first !== undefined, 'nothing ran');
  return first;
}
