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
  /** Also write a pipeline for this host. */
  readonly pipeline?: PipelineHost | undefined;
}

/** Hosts of code that a pipeline can be written for. */
export const pipelineHosts = ['github', 'gitlab'] as const;
export type PipelineHost = (typeof pipelineHosts)[number];

/**
 * Makes an empty federation with the same folders as the reference federation: one organisation with a site, two
 * clouds, two tenants and a system, everything in documentation space.
 * @returns the files written, relative to `root`
 * @throws ProblemError INIT-EXISTS when a file is already there; nothing is written then
 */
export async function initFederation(root: string, { id, name, asOf, pipeline }: InitOptions): Promise<string[]> {
  const files = new Map<string, string>();
  for (const [source, text] of templateFiles('federation')) {
    // npm leaves files called .gitignore out of packages.
    files.set(source === 'gitignore' ? '.gitignore' : source, text.replaceAll('{{id}}', id).replaceAll('{{name}}', name.replaceAll('"', '\\"')));
  }
  for (const [file, text] of await schemaFiles()) files.set(`schemas/${file}`, text);
  if (pipeline !== undefined) for (const [file, text] of pipelineFiles(pipeline)) files.set(file, text);
  writeNew(root, files, 'run `vcloud init` in an empty folder; nothing was written');
  return [...files.keys(), ...(await allocateFirst(root, asOf))].sort();
}

/**
 * Writes a pipeline into a federation: plan on a merge request with one comment kept up to date, findings uploaded, and
 * the very plan that was reviewed applied after the merge. Its steps are scripts in `ci/` that run anywhere.
 * @returns the files written, relative to `root`
 * @throws ProblemError INIT-EXISTS when another file is already there; nothing is written then
 */
export function initPipeline(root: string, host: PipelineHost): string[] {
  const files = pipelineFiles(host);
  writeNew(root, files, 'move it away and compare the two; nothing was written');
  return [...files.keys()].sort();
}

function pipelineFiles(host: PipelineHost): Map<string, string> {
  return new Map([...templateFiles('ci/common'), ...templateFiles(`ci/${host}`)]);
}

/** Whether a federation lies in this folder. */
export function hasFederation(root: string): boolean {
  return fs.existsSync(path.join(root, 'vcloud.yaml'));
}

/** Writes files of which none may be there with another content. */
function writeNew(root: string, files: ReadonlyMap<string, string>, hint: string): void {
  const taken = [...files].filter(([file, text]) => {
    const present = readTextIfPresent(path.join(root, file));
    return present !== undefined && present !== text;
  });
  if (taken.length > 0) throw new ProblemError(taken.map(([file]) => problem('INIT-EXISTS', 'this file is already here', { file, hint })));
  for (const [file, text] of files) writeFileAtomic(path.join(root, file), text);
}

/** Numbers what was just declared, so that the new federation checks clean. */
async function allocateFirst(root: string, asOf: string): Promise<string[]> {
  const federation = await loadFederation(root, { asOf });
  const { allocateAddresses, loadAddressPlans, planAddresses } = await import('../network/index.ts');
  const plans = await loadAddressPlans(root, federation);
  await allocateAddresses(root, plans, {});
  return [...planAddresses(plans).locks.keys()];
}

/** Texts below `templates/NAME` beside the nearest package.json above, by path: in the repository and in the package alike. */
function templateFiles(name: string): [string, string][] {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  const template = path.join(folder, 'templates', name);
  return listFiles(template).map((file) => [file, fs.readFileSync(path.join(template, file), 'utf8')]);
}
