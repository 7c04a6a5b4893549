// One step of one engine in a process of its own, so that it can be measured: ROOT STACKS.json ENGINE STEP [DIRECTORY]
import { readFileSync } from 'node:fs';
import { ProblemError } from '../../modules/core/index.ts';
import { blockOf, configurationOf } from '../../modules/cloud/index.ts';
import { apply, plan, type EngineChoice, type SynthesisedStack } from '../../modules/engine/index.ts';

const [root, file, binary, step, directory] = process.argv.slice(2) as [string, string, EngineChoice, string, string | undefined];
const declared = JSON.parse(readFileSync(file, 'utf8')) as SynthesisedStack[];
const stacks = step === 'destroy' ? [] : declared;
const options = {
  root,
  stacks,
  binary,
  passphrase: 'env:LAB_PASSPHRASE',
  schema: () =>
    Promise.resolve((type: string) => (type.startsWith('provider.') ? configurationOf(type.slice('provider.'.length)) : blockOf('resources', type))),
  environment: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('OS_'))) as Record<string, string>,
};

try {
  const planned = step === 'apply' ? undefined : await plan({ ...options, all: true, allowRemove: true });
  const applies = step === 'up' || step === 'destroy' || step === 'apply';
  const applied = applies ? await apply({ ...options, directory: directory ?? planned?.directory ?? '', acceptInexact: true }) : undefined;
  process.stdout.write(`${JSON.stringify({ planned, applied })}\n`);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  process.stdout.write(`${JSON.stringify({ problems: error.problems })}\n`);
}
