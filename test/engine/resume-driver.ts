// Goes on with what is left of a run in a process of its own, so that a test can kill it: ROOT STACKS.json DIRECTORY
import { readFileSync } from 'node:fs';
import { resume, unfinishedPlan, type SynthesisedStack } from '../../modules/engine/index.ts';

const [root = '', stacksFile = '', directory = ''] = process.argv.slice(2);
const stacks = JSON.parse(readFileSync(stacksFile, 'utf8')) as SynthesisedStack[];
const run = await resume({ root, directory: unfinishedPlan(root) ?? directory, stacks, parallelism: 4 });
process.stdout.write(`${JSON.stringify(run)}\n`);
