import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles, problem, ProblemError, type Problem, readTextIfPresent, writeFileAtomic } from '../core/index.ts';
import { loadFederation } from '../federation/index.ts';
import { schemaFiles } from '../schemas.ts';
import { proposeOpenstack, type OpenstackInit } from './init-openstack.ts';

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

/** What `init` on a real cloud wrote. */
export interface OpenstackStart {
  readonly files: readonly string[];
  /** Names taken from the cloud's own catalogue, in words. */
  readonly decided: readonly string[];
  /** What the cloud lacks, as far as the log-in shows. */
  readonly problems: readonly Problem[];
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
  const files = filled('federation', { id, name: name.replaceAll('"', '\\"') });
  for (const [file, text] of await schemaFiles()) files.set(`schemas/${file}`, text);
  if (pipeline !== undefined) for (const [file, text] of pipelineFiles(pipeline)) files.set(file, text);
  writeNew(root, files, 'run `vcloud init` in an empty folder; nothing was written');
  return [...files.keys(), ...(await allocateFirst(root, asOf))].sort();
}

/**
 * Makes a federation whose first tenant is to run on an OpenStack cloud that is there: its operator's entry of clouds.yaml, one
 * organisation, the cloud with what it offers and what it calls that, one tenant, addresses in private space. Nothing is
 * numbered and nothing in the cloud is touched; the cloud is asked what it has.
 * @throws ProblemError INIT-EXISTS, INIT-CLOUD, ENGINE-CREDENTIALS; nothing is written then
 */
export async function initOpenstack(root: string, { id, name, pipeline }: InitOptions, given: OpenstackInit): Promise<OpenstackStart> {
  const declared = `stacks/${id}/${id}.yaml`;
  refuseTaken(root, ['vcloud.yaml', declared]);
  const { values, decided, problems } = await proposeOpenstack(root, id, declared, given);
  const files = filled('openstack', { ...values, id, name: name.replaceAll('"', '\\"') });
  for (const [file, text] of await schemaFiles()) files.set(`schemas/${file}`, text);
  if (pipeline !== undefined) for (const [file, text] of pipelineFiles(pipeline)) files.set(file, text);
  writeNew(root, files, 'run `vcloud init` in an empty folder; nothing was written');
  return { files: [...files.keys()].sort(), decided, problems };
}

/** Files of a template with `{{NAME}}` filled in; the folder `office` is called as the organisation is. */
function filled(template: string, values: Readonly<Record<string, string>>): Map<string, string> {
  const place = (source: string): string => {
    // npm leaves files called .gitignore out of packages.
    if (source === 'gitignore') return '.gitignore';
    return template === 'openstack' ? source.replaceAll('office', values['id'] ?? 'office') : source;
  };
  return new Map(
    templateFiles(template).map(([source, text]) => [
      place(source),
      text.replace(/\{\{([a-z-]+|[a-z]+[A-Z][a-z]+)\}\}/gu, (all, key: string) => values[key] ?? all),
    ]),
  );
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

/** Refuses before the cloud is asked anything. */
function refuseTaken(root: string, files: readonly string[]): void {
  const taken = files.filter((file) => fs.existsSync(path.join(root, file)));
  if (taken.length > 0)
    throw new ProblemError(
      taken.map((file) => problem('INIT-EXISTS', 'this file is already here', { file, hint: 'run `vcloud init` in an empty folder; nothing was written' })),
    );
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
