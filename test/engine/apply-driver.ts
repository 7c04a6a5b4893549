// Applies one plan directory in a process of its own, so that a test can kill it: ROOT STACKS.json DIRECTORY
import { readFileSync } from 'node:fs';
import { apply, type SynthesisedStack } from '../../modules/engine/index.ts';

const [root = '', stacksFile = '', directory = ''] = process.argv.slice(2);
const stacks = JSON.parse(readFileSync(stacksFile, 'utf8')) as SynthesisedStack[];
const controller = new AbortController();
process.on('SIGINT', () => controller.abort());
const identity = process.env['VCLOUD_TEST_IDENTITY'];
const run = await apply({ root, directory, stacks, identity, parallelism: 2, signal: controller.signal });
process.stdout.write(`${JSON.stringify(run)}\n`);
