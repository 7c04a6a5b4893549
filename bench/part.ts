// Runs one part of a benchmark in a process of its own: `node part.ts FILE PART ARGUMENTS...`.
import type { Parts } from './measure.ts';

const [file = '', name = '', ...args] = process.argv.slice(2);
const { parts } = (await import(`./${file}.ts`)) as { parts: Parts };
const part = parts[name];
if (!part) throw new Error(`bench/${file}.ts has no part "${name}"`);
console.log(JSON.stringify(await part(...args)));
