// Carries the merger out in a temporary folder and prints its report; with --write into docs/merger-2025.md.
// Run it with: node_modules/.bin/node --conditions=vcloud-source examples/merger/report.ts [--write]
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mergeNation, nationText } from './nation.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'vcloud-merger-'));
try {
  fs.cpSync(path.join(here, 'network-plans'), path.join(root, 'network-plans'), { recursive: true });
  const text = nationText(root, await mergeNation(root));
  if (process.argv.includes('--write')) fs.writeFileSync(path.join(here, '../../docs/merger-2025.md'), text);
  else process.stdout.write(text);
} finally {
  if (process.env['KEEP'] === undefined) fs.rmSync(root, { recursive: true, force: true });
  else process.stderr.write(`${root}\n`);
}
