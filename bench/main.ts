// `npm run bench [-- NAME...]`: figures of this machine, each beside a named peer, with the answer checked.
import * as os from 'node:os';
import { table, type Benchmark } from './measure.ts';
import { nation } from './nation.ts';

const benchmarks: readonly Benchmark[] = [nation];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(`no benchmark "${unknown.join('", "')}"; there are: ${benchmarks.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}
console.log(
  `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, load ${os.loadavg()[0]?.toFixed(1) ?? '-'}`,
);
for (const { name, about, run } of benchmarks) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n## ${name}: ${about}\n`);
  console.log(table(await run()));
}
