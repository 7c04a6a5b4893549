import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataOf, expect, temporaryFolder, vcloud, type Usage } from './measure.ts';
import type { Bar, Benchmark, Row } from './table.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
/** The agency whose tenant is enlarged, and the stack that follows from it. */
const agency = 'son-la';

/** Files to plan-ready artefacts of the whole reference federation: cold, again, and after one agency changed. */
export const benchmark: Benchmark = {
  name: 'nation',
  about: 'the whole reference federation from files to plan-ready artefacts (addresses, zones, overlays, stacks); no other tool does it',
  run: async () => {
    const folder = copyOfRepository();
    const cold = synth(folder, 'cold', (made) => made === undefined, { cpuSeconds: 10, mebibytes: 1024 });
    const again = synth(folder, 'nothing changed', (made) => made?.length === 0);
    enlargeTenant(folder);
    const one = synth(folder, 'one agency changed', ofAgency, { wallSeconds: 1 });
    return [cold, again, one];
  },
};

interface Synthesised {
  readonly stacks: readonly { readonly resources: number }[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
}

/** One `vcloud synth`; `rightly` judges the files that changed, undefined when all are new. */
function synth(folder: string, work: string, rightly: (changed: readonly string[] | undefined) => boolean, bar?: Bar): Row {
  const usage: Usage = vcloud(folder, ['synth', '--json'], { toolkit: folder });
  const { stacks, added, changed } = dataOf<Synthesised>(usage);
  expect(rightly(added.length === stacks.length ? undefined : [...added, ...changed]), `${work}: ${added.length} files added, changed: ${changed.join(', ')}`);
  const resources = stacks.reduce((sum, stack) => sum + stack.resources, 0);
  const answer = `${stacks.length} stacks, ${resources} resources; ${added.length + changed.length} files written`;
  return { work, who: 'vcloud synth', scope: 'command', ...usage, answer, bar };
}

/** A copy that shares nothing but the installed packages, so that caches and locks of the working tree do not help. */
function copyOfRepository(): string {
  const folder = temporaryFolder();
  for (const name of ['bin', 'cli', 'modules', 'stacks', 'network-plans', 'policies', 'examples', 'package.json', 'vcloud.yaml']) {
    fs.cpSync(path.join(repository, name), path.join(folder, name), { recursive: true, filter: (source) => !/\/(\.vcloud|out)$/u.test(source) });
  }
  fs.symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

function ofAgency(changed: readonly string[] | undefined): boolean {
  return changed !== undefined && changed.length > 0 && changed.every((file) => file.startsWith(`${agency}.`));
}

/** Gives the agency's tenant one more server than its blueprint has by itself. */
function enlargeTenant(folder: string): void {
  const file = path.join(folder, `stacks/${agency}/${agency}.yaml`);
  const text = fs.readFileSync(file, 'utf8');
  const changed = text.replace('blueprint: single-tier }', 'blueprint: single-tier, size: { servers: 3 } }');
  expect(changed !== text, `${agency}.yaml has a tenant of blueprint single-tier`);
  fs.writeFileSync(file, changed);
}
