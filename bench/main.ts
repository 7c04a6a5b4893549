// `npm run bench [-- NAME...] [--full]`: figures of this machine, each beside a named peer, with the answer checked.
import * as os from 'node:os';
import { keepsBar, table, type Benchmark } from './table.ts';

const names = ['start', 'nation', 'network', 'prefixes', 'dns', 'vpn', 'engine', 'openstack', 'policy', 'inventory'];

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const full = process.argv.includes('--full');
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark "${unknown.join('", "')}"; there are: ${names.join(', ')}`);
  process.exit(1);
}
console.log(
  `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, load ${os.loadavg()[0]?.toFixed(1) ?? '-'}`,
);
console.log('CPU: user + system seconds. command: a whole process with its start and children; in process: inside one that already runs.');
let failed = 0;
let missed = 0;
for (const name of names) {
  // `network` runs the prefixes too.
  if (wanted.length > 0 ? !wanted.includes(name) : name === 'prefixes') continue;
  const { benchmark } = (await import(`./${name}.ts`)) as { benchmark: Benchmark };
  console.log(`\n## ${name}: ${benchmark.about}\n`);
  try {
    const rows = await benchmark.run({ full });
    console.log(table(rows));
    missed += rows.filter((row) => !keepsBar(rows, row)).length;
  } catch (error) {
    failed++;
    console.log(`failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log(`\n${missed === 0 ? 'every bar kept' : `${missed} bars missed`}${failed === 0 ? '' : `, ${failed} benchmarks failed`}`);
process.exitCode = failed === 0 ? 0 : 1;
