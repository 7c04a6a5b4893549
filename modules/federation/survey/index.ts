import * as fs from 'node:fs';
import * as path from 'node:path';
import { fail, fold, problem, ProblemError, readTables, withWriteLock, writeFileAtomic } from '../../core/index.ts';
import { loadFederation } from '../load.ts';
import { proposeSites, type Proposal } from './propose.ts';
import { filesOf } from './text.ts';

export { proposeSites, type Proposal, type ProposedSite, type SurveyOutcome } from './propose.ts';
export type { SurveySheet } from './read.ts';

export interface SurveyOptions {
  readonly asOf: string;
  /** Base name of the files written; `survey-FILE` by default. */
  readonly name?: string | undefined;
  /** Only propose, write nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface Survey extends Proposal {
  /** Path below the federation's folder -> text. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Reads a survey of data centres and server rooms (XLSX, XLS, CSV) and writes declarations of the sites nobody has declared:
 * `stacks/AGENCY/NAME.yaml`, never over a file that is there. Nothing is written where one of them exists.
 * @param file path of the survey, relative to `root` or absolute
 * @throws ProblemError SURVEY-NOTHING, SURVEY-WORKBOOK, SURVEY-ENCODING, SURVEY-EXISTS, SURVEY-NAME, CORE-FILE-MISSING, CORE-LOCKED and those of the loader
 */
export async function surveySites(root: string, file: string, options: SurveyOptions): Promise<Survey> {
  const named = path.basename(file);
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(path.resolve(root, file));
  } catch (error) {
    return fail('CORE-FILE-MISSING', `cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, { file: named, hint: 'check the path' });
  }
  const sheets = await readTables(named, bytes, { workbook: 'SURVEY-WORKBOOK', encoding: 'SURVEY-ENCODING' });
  const name =
    options.name ??
    `survey-${
      fold(named.replace(/\.[^.]*$/u, ''))
        .replace(/[^a-z0-9]+/gu, '-')
        .replace(/^-+|-+$/gu, '') || 'sites'
    }`;
  if (!/^[a-z0-9][a-z0-9-]*$/u.test(name))
    fail('SURVEY-NAME', `"${name}" cannot be the name of a file here`, { hint: 'lower-case letters, digits and hyphens' });
  const run = async (): Promise<Survey> => {
    const proposal = proposeSites(named, sheets, await loadFederation(root, { asOf: options.asOf, afterwards: [] }));
    if (proposal.sheets.every(({ columns }) => Object.keys(columns).length === 0))
      throw new ProblemError(
        problem('SURVEY-NOTHING', `no sheet of ${named} lists sites`, {
          file: named,
          hint: 'a row of headings must name at least the site and two things more, such as owner and power',
        }),
      );
    const files = filesOf(proposal.sites, name, named);
    if (options.dryRun !== true) write(root, files);
    return { ...proposal, files };
  };
  // Deciding what is new and writing it are one step.
  return options.dryRun === true ? await run() : await withWriteLock(root, 'inventory survey', run);
}

function write(root: string, files: ReadonlyMap<string, string>): void {
  const present = [...files.keys()].filter((file) => fs.existsSync(path.join(root, file)));
  if (present.length > 0)
    throw new ProblemError(
      present.map((file) => problem('SURVEY-EXISTS', `${file} exists already and is not overwritten`, { file, hint: 'choose another name with --name' })),
    );
  const made: string[] = [];
  try {
    for (const [file, text] of files) {
      made.push(file);
      writeFileAtomic(path.join(root, file), text);
    }
  } catch (error) {
    for (const file of made) fs.rmSync(path.join(root, file), { force: true });
    throw error;
  }
}
