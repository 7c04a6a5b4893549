// One operator in a process of its own, so that a test can kill it: VERB ROOT STACKS.json BACKEND.json [DIRECTORY]
import { readFileSync } from 'node:fs';
import { ProblemError } from '../../../modules/core/index.ts';
import { apply, plan, type BackendSetting, type DeclaredStack } from '../../../modules/engine/index.ts';

const [verb = '', root = '', stacksFile = '', backendFile = '', directory = ''] = process.argv.slice(2);
const stacks = JSON.parse(readFileSync(stacksFile, 'utf8')) as DeclaredStack[];
const backend = JSON.parse(readFileSync(backendFile, 'utf8')) as BackendSetting;
try {
  const run = verb === 'plan' ? await plan({ root, stacks, backend }) : await apply({ root, stacks, backend, directory, parallelism: 2 });
  process.stdout.write(`${JSON.stringify(run)}\n`);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  process.stdout.write(`${JSON.stringify({ refused: error.problems })}\n`);
}
