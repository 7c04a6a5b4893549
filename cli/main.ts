import { readFileSync } from 'node:fs';
import { runCli } from './kit.ts';
import { verbs } from './verbs.ts';

// From cli/ in the repository and from dist/cli/ in the package the manifest is the nearest one upwards.
function version(): string {
  for (const relative of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(relative, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      continue;
    }
  }
  return '0.0.0';
}

await runCli(verbs, process.argv.slice(2), version());
