import type * as Bulk from '../../modules/network/bulk/index.ts';
import type { FreeSummary, PrefixCheck, PrefixFinding } from '../../modules/network/bulk/index.ts';
import { fail, plural, problem, type Problem } from '../../modules/core/basics.ts';
import type { Outcome } from '../kit.ts';

/** `--prefixes`, as `net check` and `net free` take it. */
export const prefixesOption = {
  flags: '--prefixes <file>',
  description: 'a file of prefixes instead of the plans, one a line as prefix[,domain[,owner]]; - reads standard input',
};

// Plans and declarations are not loaded for a list: starting would cost more than reading a hundred thousand prefixes.
const bulk = (): Promise<typeof Bulk> => import('../../modules/network/bulk/index.ts');

/** Lines shown one by one; the JSON lists every invalid one. */
const shown = 20;

/** `net check --prefixes FILE`. */
export async function checkPrefixes(file: string): Promise<Outcome> {
  const { checkPrefixFile } = await bulk();
  const check = reading(file, (from) => checkPrefixFile(from, { shown }));
  const { counts, invalid } = check;
  const { lines, duplicates, covered, overlaps, v4, v6, addresses4, addresses6 } = counts;
  return {
    exit: invalid.length + duplicates + overlaps > 0 ? 2 : 0,
    data: invalid.length === 0 ? counts : { ...counts, invalidLines: invalid },
    text: [
      `${plural(lines, 'line')}: ${v4} IPv4, ${v6} IPv6, ${invalid.length} invalid`,
      `${plural(duplicates, 'duplicate')}, ${covered} covered, ${overlaps} of them by another owner`,
      `${addresses4} IPv4 addresses, ${addresses6} IPv6 addresses`,
    ].join('\n'),
    problems: problemsOf(file, check),
  };
}

function problemsOf(file: string, { counts, invalid, findings }: PrefixCheck): Problem[] {
  const problems: Problem[] = invalid.slice(0, shown).map(({ line, reason, corrected }) =>
    problem('NET-PREFIX', `${reason}${corrected === undefined ? '' : `; write ${corrected}`}`, {
      file,
      line,
      severity: 'warning',
      hint: corrected === undefined ? undefined : `write ${corrected}`,
    }),
  );
  problems.push(...findings.map((finding) => findingProblem(file, finding)));
  const more = [
    [invalid.length, 'invalid line'],
    [counts.duplicates, 'duplicate'],
    [counts.overlaps, 'overlap'],
  ] as const;
  for (const [count, what] of more) {
    if (count > shown) problems.push(problem('NET-MORE', `${plural(count - shown, what)} more`, { file, severity: 'note' }));
  }
  return problems;
}

function findingProblem(file: string, { kind, line, prefix, domain, owner, other }: PrefixFinding): Problem {
  const within = domain === '' ? '' : ` in domain ${domain}`;
  const named = (name: string): string => (name === '' ? 'nobody named' : name);
  return kind === 'duplicate'
    ? problem('NET-DUPLICATE', `${prefix} stands in line ${other.line} already${within}`, {
        file,
        line,
        severity: 'warning',
        hint: 'leave one of the two lines',
      })
    : problem('NET-OVERLAP', `${prefix} (${named(owner)}) lies in ${other.prefix} of line ${other.line} (${named(other.owner)})${within}`, {
        file,
        line,
        severity: 'warning',
        hint: `take ${prefix} out of what ${named(other.owner)} holds, or name one owner`,
      });
}

/** `net free --prefixes FILE`. */
export async function freeOfPrefixes(file: string, within: readonly string[], length: number | undefined): Promise<Outcome> {
  const { freeOfFile } = await bulk();
  const { reports, invalid } = reading(file, (from) => freeOfFile(from, within, { length }));
  if (invalid.length > 0) {
    const [first] = invalid;
    fail('NET-PREFIX', `${plural(invalid.length, 'line')} of ${file} cannot be read${first === undefined ? '' : `, line ${first.line}: ${first.reason}`}`, {
      file,
      line: first?.line,
      hint: `vcloud net check --prefixes ${file} lists them; what is free cannot be told without them`,
    });
  }
  return { exit: reports.some(({ count }) => count > 0) ? 0 : 2, data: reports, text: reports.map(freeText).join('\n') };
}

function freeText({ within, used, free, gaps, count, byLength, fitting, blocks }: FreeSummary): string {
  return [
    `${within}  ${used} addresses used, ${free} free in ${plural(gaps, 'gap')}`,
    ...(fitting === undefined ? [] : [`  ${fitting} blocks of the wanted length fit`]),
    ...Object.entries(byLength).map(([length, count]) => `  /${length}: ${count}`),
    ...blocks.map((block) => `  ${block}`),
    ...(count > blocks.length ? [`  ... ${count} blocks in all`] : []),
  ].join('\n');
}

function reading<T>(file: string, read: (from: string | number) => T): T {
  try {
    return read(file === '-' ? 0 : file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'EACCES') throw error;
    return fail('NET-FILE', `${file} ${code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : 'may not be read'}`, {
      hint: 'give a file of prefixes, one a line as prefix[,domain[,owner]]',
    });
  }
}
