import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureCommand, type Benchmark, type Row } from './measure.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** Files to plan-ready artefacts of the whole reference federation: cold, again, and after one agency changed. */
export const nation: Benchmark = {
  name: 'nation',
  about: 'the whole reference federation from files to plan-ready artefacts (addresses, zones, overlays, stacks); no other tool does it',
  run: async () => {
    const folder = copyOfRepository();
    try {
      const cold = synth(folder, 'cold', '<= 10 s, <= 1,024 MiB');
      const again = synth(folder, 'again, nothing changed', '');
      enlargeTenantOf(folder, 'stacks/son-la/son-la.yaml');
      const changed = synth(folder, 'one agency changed', '<= 1 s');
      return [cold, again, changed];
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
};

function synth(folder: string, work: string, bar: string): Row {
  const usage = measureCommand(process.execPath, ['bin/vcloud.js', 'synth', '--json'], { cwd: folder });
  if (usage.status !== 0) throw new Error(`vcloud synth failed: ${usage.stdout.slice(0, 2000)}`);
  const { data } = JSON.parse(usage.stdout) as { data: { stacks: number; resources: number; cached: number } };
  return {
    work,
    who: 'vcloud synth',
    scope: 'command',
    ...usage,
    answer: `${data.stacks} stacks, ${data.resources} resources, ${data.stacks - data.cached} made anew`,
    bar,
  };
}

/** A copy that shares nothing but the installed packages, so that caches and locks of the working tree do not help. */
export function copyOfRepository(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-bench-'));
  for (const name of ['bin', 'cli', 'modules', 'stacks', 'network-plans', 'policies', 'examples', 'package.json', 'vcloud.yaml']) {
    fs.cpSync(path.join(repository, name), path.join(folder, name), { recursive: true, filter: (source) => !/\/(\.vcloud|out)$/u.test(source) });
  }
  fs.symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

/** Gives the agency's first OpenStack tenant one more instance. */
function enlargeTenantOf(folder: string, file: string): void {
  const target = path.join(folder, file);
  const text = fs.readFileSync(target, 'utf8');
  const changed = text.replace(/size: \{ web: (\d+)/u, (_, web: string) => `size: { web: ${Number(web) + 1}`);
  if (changed === text) throw new Error(`${file} declares no tenant whose size could be changed`);
  fs.writeFileSync(target, changed);
}
