import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles, problem, ProblemError, readTextIfPresent, writeFileAtomic } from '../core/index.ts';
import { loadFederation } from '../federation/index.ts';
import { schemaFiles } from '../schemas.ts';

export interface InitOptions {
  /** Id of the member and of its first organisation. */
  readonly id: string;
  /** Its name as people read it. */
  readonly name: string;
  /** The date validity is read at, YYYY-MM-DD. */
  readonly asOf: string;
}

/**
 * Makes an empty federation with the same folders as the reference federation: one organisation with a site, two
 * clouds, two tenants and a system, everything in documentation space.
 * @returns the files written, relative to `root`
 * @throws ProblemError INIT-EXISTS when a file is already there; nothing is written then
 */
export async function initFederation(root: string, { id, name, asOf }: InitOptions): Promise<string[]> {
  const template = templateFolder();
  const files = new Map<string, string>();
  for (const source of listFiles(template)) {
    const text = fs.readFileSync(path.join(template, source), 'utf8').replaceAll('{{id}}', id).replaceAll('{{name}}', name.replaceAll('"', '\\"'));
    // npm leaves files called .gitignore out of packages.
    files.set(source === 'gitignore' ? '.gitignore' : source, text);
  }
  for (const [file, text] of await schemaFiles()) files.set(`schemas/${file}`, text);
  const taken = [...files].filter(([file, text]) => {
    const present = readTextIfPresent(path.join(root, file));
    return present !== undefined && present !== text;
  });
  if (taken.length > 0) {
    throw new ProblemError(
      taken.map(([file]) => problem('INIT-EXISTS', 'this file is already here', { file, hint: 'run `vcloud init` in an empty folder; nothing was written' })),
    );
  }
  for (const [file, text] of files) writeFileAtomic(path.join(root, file), text);
  return [...files.keys(), ...(await allocateFirst(root, asOf))].sort();
}

/** Numbers what was just declared, so that the new federation checks clean. */
async function allocateFirst(root: string, asOf: string): Promise<string[]> {
  const federation = await loadFederation(root, { asOf });
  const { allocateAddresses, loadAddressPlans, planAddresses } = await import('../network/index.ts');
  const plans = await loadAddressPlans(root, federation);
  await allocateAddresses(root, plans, {});
  return [...planAddresses(plans).locks.keys()];
}

/** `templates/federation` beside the nearest package.json above: in the repository and in the package alike. */
function templateFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return path.join(folder, 'templates/federation');
}
