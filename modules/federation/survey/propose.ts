import { cellName, compareCodeUnits, finding, fold, foldHeading, type Problem, type Sheet } from '../../core/index.ts';
import type { Federation, Site } from '../model.ts';
import { agencyOf } from '../tree.ts';
import { ownersOf } from './owners.ts';
import { readSurvey, type SurveyedSite, type SurveyRow, type SurveySheet } from './read.ts';

/** A site the survey found and nobody has declared. */
export interface ProposedSite extends Omit<SurveyedSite, 'owners' | 'kind' | 'place'> {
  readonly id: string;
  readonly kind: 'data-centre' | 'server-room';
  readonly owner: string;
  /** Folder below `stacks/` it is written to: that of the agency its owner belongs to. */
  readonly folder: string;
  /** Every cell it stands in. */
  readonly cells: readonly string[];
}

/** What became of one row. */
export interface SurveyOutcome {
  readonly cell: string;
  /** `new`: proposed; `known`: declared already; `duplicate`: listed before in the file; `refused`, `skipped`: see the reason. */
  readonly outcome: 'new' | 'known' | 'duplicate' | SurveyRow['outcome'];
  readonly site?: string | undefined;
  readonly reason?: string | undefined;
}

export interface Proposal {
  readonly sites: readonly ProposedSite[];
  readonly rows: readonly SurveyOutcome[];
  readonly sheets: readonly SurveySheet[];
  readonly problems: readonly Problem[];
}

/** Facts of a site a survey may state, and how a declared site states them. */
const facts = {
  location: ({ location }: Site) => location,
  tier: ({ tier }: Site) => tier && { level: tier.level, standard: tier.standard },
  kilowatts: ({ power }: Site) => power?.kilowatts,
  feeds: ({ power }: Site) => power?.feeds,
  generators: ({ power }: Site) => power?.generators,
  racks: ({ racks }: Site) => racks,
  areaSquareMetres: ({ areaSquareMetres }: Site) => areaSquareMetres,
  commissioned: ({ commissioned }: Site) => commissioned,
} as const;
type Fact = keyof typeof facts;
const factNames = Object.keys(facts) as Fact[];

/** Farther apart than this two places are not one site measured twice. */
const sameKilometres = 1;

interface Group {
  readonly owner: string;
  readonly kind: 'data-centre' | 'server-room';
  readonly rows: SurveyedSite[];
}

/**
 * Compares what a file lists with what is declared and proposes what is new. Pure: writes nothing.
 * A site is the same where owner, kind and name are. Where two rows, or a row and a declaration, state different things, no
 * one wins: the field stays unknown, or as it is declared, and is listed. Problems (warnings, by cell): SURVEY-VALUE,
 * SURVEY-NO-NAME, SURVEY-KIND, SURVEY-OWNER, SURVEY-UNIT, SURVEY-SAME-NAME, SURVEY-CONFLICT, SURVEY-DIFFERS, SURVEY-HIDDEN.
 */
export function proposeSites(file: string, sheets: readonly Sheet[], federation: Federation): Proposal {
  const read = readSurvey(file, sheets);
  const problems = [...read.problems];
  const rows: SurveyOutcome[] = [...read.rows];
  const warn = (code: string, site: SurveyedSite, message: string, hint: string): void => void problems.push(finding(file, code, site.place, message, hint));
  const refuse = (code: string, site: SurveyedSite, reason: string, hint: string): void => {
    rows.push({ cell: cellName(site.place), outcome: 'refused', reason });
    warn(code, site, `${reason}: the row is left out`, hint);
  };
  for (const { name, hidden, columns } of read.sheets)
    if (hidden && Object.keys(columns).length > 0)
      problems.push(
        finding(
          file,
          'SURVEY-HIDDEN',
          { sheet: name, row: 1, line: 1, column: 0 },
          'the sheet is hidden; its rows were read all the same',
          'remove the sheet if it is out of date',
        ),
      );
  const owners = ownersOf(federation);
  const groups = new Map<string, Group>();
  for (const site of read.sites) {
    const candidates = site.owners.map(({ text, place }) => ({ text, place, id: owners.find(text) }));
    const found = candidates.find(({ id }) => id !== undefined);
    const owner = found?.id;
    const [nearest] = candidates;
    if (owner === undefined) {
      const hint = nearest && owners.hint(nearest.text);
      refuse(
        'SURVEY-OWNER',
        site,
        nearest ? `no declared organisation is "${nearest.text}"` : 'it names no owner',
        hint ?? 'declare the organisation, or write its id or name as it is declared',
      );
      continue;
    }
    if (site.kind === undefined) {
      refuse('SURVEY-KIND', site, 'it says neither that it is a data centre nor a server room', 'fill in the column of kinds');
      continue;
    }
    if (nearest && nearest !== found)
      problems.push(
        finding(
          file,
          'SURVEY-UNIT',
          nearest.place,
          `"${nearest.text}" is not declared; the site is recorded under "${owner}"`,
          'declare the unit, then change the owner',
        ),
      );
    const key = [owner, site.kind, foldHeading(site.name)].join('\n');
    const group = groups.get(key);
    if (!group) groups.set(key, { owner, kind: site.kind, rows: [site] });
    else if (farApart(group.rows[0]?.location, site.location))
      refuse(
        'SURVEY-SAME-NAME',
        site,
        `${cellName(group.rows[0]?.place ?? site.place)} has the same owner and name at another place`,
        'give each site a name of its own',
      );
    else group.rows.push(site);
  }
  const declared = declaredSites(federation);
  const taken = new Set(federation.sites.keys());
  const sites: ProposedSite[] = [];
  for (const [key, { owner, kind, rows: listed }] of groups) {
    const [first] = listed;
    if (!first) continue;
    const merged = mergeRows(listed, (fact) =>
      warn(
        'SURVEY-CONFLICT',
        listed.at(-1) ?? first,
        `${listed.map(({ place }) => cellName(place)).join(' and ')} are one site but state different ${fact}; the field stays unknown`,
        'correct the file and survey it again',
      ),
    );
    const known = declared.get(key);
    const id = known?.id ?? newId(owner, first.name, taken);
    rows.push({ cell: cellName(first.place), outcome: known ? 'known' : 'new', site: id });
    for (const { place } of listed.slice(1)) rows.push({ cell: cellName(place), outcome: 'duplicate', site: id, reason: `listed at ${cellName(first.place)}` });
    if (known) {
      for (const fact of factNames) {
        const [stated, had] = [merged[fact], facts[fact](known)];
        if (stated !== undefined && JSON.stringify(stated) !== JSON.stringify(had))
          warn(
            'SURVEY-DIFFERS',
            first,
            `${fact} is ${JSON.stringify(stated)}, site "${id}" declares ${had === undefined ? 'nothing' : JSON.stringify(had)} (${known.place.file}:${known.place.line ?? 1})`,
            'correct the declaration if the survey is right',
          );
      }
      continue;
    }
    sites.push({
      ...merged,
      id,
      kind,
      owner,
      name: first.name,
      nameEnglish: listed.find(({ nameEnglish }) => nameEnglish !== undefined)?.nameEnglish,
      folder: agencyOf(federation, owner),
      cells: listed.map(({ place }) => cellName(place)),
    });
  }
  const order = new Map(read.sheets.map(({ name }, index) => [name, index]));
  return {
    sites,
    rows: inOrder(rows, order),
    sheets: read.sheets,
    problems: problems.sort(
      (one, other) =>
        sheetOf(one.message, order) - sheetOf(other.message, order) || (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
    ),
  };
}

function declaredSites({ sites }: Federation): Map<string, Site> {
  const known = new Map<string, Site>();
  for (const site of sites.values()) for (const name of [site.names.en, site.names.vi]) known.set([site.owner, site.kind, foldHeading(name)].join('\n'), site);
  return known;
}

/** What the rows of one site say together: a fact some state and no other contradicts. */
function mergeRows(rows: readonly SurveyedSite[], conflict: (fact: Fact) => void): Partial<Pick<SurveyedSite, Fact>> {
  const merged: Record<string, unknown> = {};
  for (const fact of factNames) {
    const stated = new Map(rows.flatMap((row) => (row[fact] === undefined ? [] : [[JSON.stringify(row[fact]), row[fact]] as const])));
    if (stated.size === 1) merged[fact] = [...stated.values()][0];
    else if (stated.size > 1) conflict(fact);
  }
  return merged;
}

/** `OWNER-words-of-its-name`, with a number where that is taken. */
function newId(owner: string, name: string, taken: Set<string>): string {
  const words = fold(name)
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== '');
  const stem = [owner, ...words]
    .join('-')
    .slice(0, 60)
    .replace(/[^a-z0-9]+$/u, '');
  let id = stem;
  for (let number = 2; taken.has(id); number++) id = `${stem}-${number}`;
  taken.add(id);
  return id;
}

function farApart(one: SurveyedSite['location'], other: SurveyedSite['location']): boolean {
  if (!one || !other) return false;
  const north = (one.lat - other.lat) * 111.2;
  const east = (one.lon - other.lon) * 111.2 * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(north, east) > sameKilometres;
}

function sheetOf(text: string, order: ReadonlyMap<string, number>): number {
  let best = 0;
  for (const [name, index] of order) if (name !== '' && text.startsWith(`${name}!`)) best = index;
  return best;
}

function inOrder(rows: readonly SurveyOutcome[], order: ReadonlyMap<string, number>): SurveyOutcome[] {
  const rowOf = (cell: string): number => Number(/\d+$/u.exec(cell)?.[0] ?? 0);
  return [...rows].sort(
    (one, other) => sheetOf(one.cell, order) - sheetOf(other.cell, order) || rowOf(one.cell) - rowOf(other.cell) || compareCodeUnits(one.cell, other.cell),
  );
}
