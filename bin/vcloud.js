#!/usr/bin/env node
// Starts the command line from its sources in the repository, from the compiled files in the package.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const here = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  const bundled = here('../node_modules/node/bin/node');
  if (!existsSync(bundled)) {
    process.stderr.write(
      `error CORE-NODE: vcloud needs Node.js 22.18 or newer; this is ${process.versions.node}\n  hint: install a newer Node.js, or add the npm package "node" (24) to the project\n`,
    );
    process.exit(1);
  }
  const { status, signal } = spawnSync(bundled, process.argv.slice(1), { stdio: 'inherit' });
  process.exit(signal ? 1 : (status ?? 1));
}

// Compiled code (and stripped types) of the last run: half of the time a short command takes.
module.enableCompileCache();

if (existsSync(here('../cli/main.ts'))) {
  // The package's own name leads to its sources here: a condition of its `exports` that only the repository sets.
  // Our own files name each other in full, so that nothing has to be searched for: a tenth of a second of a long command.
  module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('.') && specifier.endsWith('.ts')
        ? { url: new URL(specifier, context.parentURL).href, format: 'module-typescript', shortCircuit: true }
        : next(specifier, { ...context, conditions: ['vcloud-source', ...(context.conditions ?? [])] }),
  });
  await import('../cli/main.ts');
} else {
  await import('../dist/cli/main.js');
}
