// Says what failed, where the time went and, as the last line, the sum of all suites, from vitest's JSON reports in a folder.
import * as fs from 'node:fs';
import * as path from 'node:path';

const [folder, steps] = process.argv.slice(2);
let passed = 0;
let failed = Number(steps);
let skipped = 0;
let ran = 0;
const faults = [];
const files = [];

for (const project of ['unit', 'lab', 'runs', 'openstack']) {
  const report = path.join(folder, `${project}.json`);
  // What was begun and left no report has failed as a step already.
  if (!fs.existsSync(report)) continue;
  const result = JSON.parse(fs.readFileSync(report, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped += result.numPendingTests + (result.numTodoTests ?? 0);
  ran += result.numPassedTests + result.numFailedTests;
  // A suite that failed by its tests is not one fault more.
  if (result.numFailedTests > 0) failed -= 1;
  for (const file of result.testResults) {
    const name = path.relative(process.cwd(), file.name);
    const broken = file.assertionResults.filter(({ status }) => status === 'failed');
    for (const test of broken) faults.push({ place: `${name}: ${test.fullName}`, messages: test.failureMessages });
    if (file.status === 'failed' && broken.length === 0) faults.push({ place: name, messages: [file.message] });
    files.push({ name, seconds: (file.endTime - file.startTime) / 1000 || 0 });
  }
}

console.log('\nslowest files');
for (const { name, seconds } of files.sort((a, b) => b.seconds - a.seconds).slice(0, 20)) console.log(`${seconds.toFixed(0).padStart(6)} s  ${name}`);
for (const { place, messages } of faults) {
  console.log(`\nFAILED ${place}`);
  for (const message of messages) console.log(shortened(message ?? 'no message'));
}
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 || ran === 0 ? 1 : 0);

/** The beginning of a message without colours: the cause stands there, the stack of calls after it. */
function shortened(message) {
  const lines = message.replace(/\u001b\[[0-9;]*m/g, '').split('\n');
  return lines
    .slice(0, 40)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join('\n');
}
