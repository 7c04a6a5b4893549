// One apply in a process of its own: ROOT DIRECTORY. Prints the run, or why it was refused.
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ProblemError } from '../../../modules/core/index.ts';
import { apply, type DeclaredStack } from '../../../modules/engine/index.ts';
import { settingsOf } from './federation.ts';

const [root = '', directory = ''] = process.argv.slice(2);
const stacks = JSON.parse(readFileSync(path.join(root, 'stacks.json'), 'utf8')) as DeclaredStack[];
try {
  process.stdout.write(`${JSON.stringify(await apply({ root, stacks, directory, parallelism: 2, ...settingsOf(root) }))}\n`);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  process.stdout.write(`${JSON.stringify({ refused: error.problems })}\n`);
}
