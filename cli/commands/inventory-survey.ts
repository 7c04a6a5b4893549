import type { Survey } from '../../modules/federation/survey/index.ts';
import { plural, problem, type Problem } from '../../modules/core/basics.ts';
import type { Verb } from '../kit.ts';

/** Findings of one kind that are printed for people; --json has them all. */
const printed = 10;

/** `vcloud inventory survey`. */
export const surveyVerb: Verb = {
  name: 'inventory survey',
  summary: 'make declarations of sites out of a survey of data centres and server rooms',
  description: [
    'Reads XLSX (also XLS) or CSV as offices send them: headings in Vietnamese or English, merged cells, units in cells, decimal commas, dates in',
    'several forms. Writes stacks/AGENCY/NAME.yaml with the sites that are not declared yet, below the agency of their owner; never overwrites a',
    'file. Sites are the same where owner, kind and name are. What the file does not say, or says in a way that can be read twice, stays unknown.',
    'Every row is accounted for by sheet and cell; what is doubtful is a finding. Surveying the same file again finds nothing new.',
    '',
    '--json: {counts: {new, known, duplicate, refused, skipped}, sites: [{id, kind, owner, name, location, tier, kilowatts, feeds, generators, racks,',
    'areaSquareMetres, commissioned, folder, cells}], rows: [{cell, outcome, site, reason}], sheets: [{name, hidden, rows, columns}], files, written}.',
  ].join('\n'),
  arguments: [{ syntax: '<file>', description: 'the survey, relative to -C' }],
  options: [
    { flags: '--name <name>', description: 'base name of the files written (default: survey-FILE)' },
    { flags: '--dry-run', description: 'say what would be written, write nothing' },
  ],
  examples: [
    { line: 'vcloud inventory survey examples/survey/data-centres.xlsx --dry-run', does: 'shows what would be declared' },
    { line: 'vcloud inventory survey khao-sat.csv --name survey-2026', does: 'writes stacks/AGENCY/survey-2026.yaml for each agency' },
  ],
  exits: { 0: 'done, nothing to look at', 1: 'an error; nothing was written', 2: 'done, with findings' },
  async run(context, [file = ''], options) {
    const { surveySites } = await import('../../modules/federation/survey/index.ts');
    const dryRun = options['dryRun'] === true;
    const name = typeof options['name'] === 'string' ? options['name'] : undefined;
    const survey = await surveySites(context.root, file, { asOf: context.asOf, name, dryRun });
    const { sites, rows, sheets, files, problems } = survey;
    const counts = countsOf(survey);
    return {
      exit: problems.length > 0 ? 2 : 0,
      data: { counts, sites, rows, sheets, files: [...files.keys()], written: !dryRun && files.size > 0 },
      text: text(survey, counts, dryRun, context.language),
      problems: context.json ? problems : shortened(problems),
    };
  },
};

const outcomes = ['new', 'known', 'duplicate', 'refused', 'skipped'] as const;

function countsOf({ rows }: Survey): Record<(typeof outcomes)[number], number> {
  const counts = { new: 0, known: 0, duplicate: 0, refused: 0, skipped: 0 };
  for (const { outcome } of rows) counts[outcome]++;
  return counts;
}

const words = {
  vi: {
    outcomes: { new: 'mới', known: 'đã khai báo', duplicate: 'trùng trong tệp', refused: 'không nhận', skipped: 'bỏ qua' },
    kinds: { 'data-centre': 'trung tâm dữ liệu', 'server-room': 'phòng máy chủ' },
    none: 'không có địa điểm',
    wrote: 'đã ghi',
    would: 'sẽ ghi',
    next: 'Tiếp theo: xem lại các tệp, rồi vcloud check',
  },
  en: {
    outcomes: { new: 'new', known: 'declared already', duplicate: 'listed twice', refused: 'refused', skipped: 'skipped' },
    kinds: { 'data-centre': 'data centres', 'server-room': 'server rooms' },
    none: 'no sites',
    wrote: 'wrote',
    would: 'would write',
    next: 'Next: review the files, then vcloud check',
  },
} as const;

function text({ sites, sheets, files, rows }: Survey, counts: Readonly<Record<string, number>>, dryRun: boolean, language: 'vi' | 'en'): string {
  const say = words[language];
  const lines = sheets.map(({ name, columns }) => {
    const guessed = Object.entries(columns).map(([field, heading]) => `${field} = ${heading}`);
    return `${name === '' ? 'table' : name}: ${guessed.length === 0 ? say.none : guessed.join(', ')}`;
  });
  lines.push(outcomes.map((outcome) => `${say.outcomes[outcome]} ${counts[outcome] ?? 0}`).join(', '));
  const kinds = (['data-centre', 'server-room'] as const).map((kind) => `${say.kinds[kind]} ${sites.filter((site) => site.kind === kind).length}`);
  if (sites.length > 0) lines.push(kinds.join(', '));
  lines.push(...rows.filter(({ outcome }) => outcome === 'refused').map(({ cell, reason }) => `${say.outcomes.refused}  ${cell}: ${reason ?? ''}`));
  if (files.size > 0) lines.push(`${dryRun ? say.would : say.wrote} ${[...files.keys()].join(', ')}`, ...(dryRun ? [] : [say.next]));
  return lines.join('\n');
}

/** The first findings of each kind, and how many more there are. */
function shortened(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, number>();
  const shown = problems.filter(({ code }) => {
    const number = (seen.get(code) ?? 0) + 1;
    seen.set(code, number);
    return number <= printed;
  });
  const more = [...seen].filter(([, number]) => number > printed);
  return [
    ...shown,
    ...more.map(([code, number]) =>
      problem(code, `${plural(number - printed, 'more finding')} of this kind`, { severity: 'warning', hint: '--json lists all' }),
    ),
  ];
}
