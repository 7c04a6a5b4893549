import type { Filter, InventoryRecord, OrganisationGroup, SearchResult, Shown } from '../../modules/inventory/index.ts';
import type * as inventoryRoom from '../../modules/inventory/index.ts';
import { plural, problem, type Problem } from '../../modules/core/basics.ts';
import { columns } from '../columns.ts';
import type { Context, OptionSpec, Outcome, Verb } from '../kit.ts';
import { catalogVerb } from './inventory-catalog.ts';
import { surveyVerb } from './inventory-survey.ts';

type Options = Readonly<Record<string, unknown>>;

const filterOptions: readonly OptionSpec[] = [
  { flags: '--agency <id>', description: 'only what this organisation and everything below it owns' },
  { flags: '--kind <kind>', description: 'only this kind: organisation, site, cloud, system, prefix, resource ...' },
  { flags: '--member <id>', description: 'only what this member reports' },
  { flags: '--layer <layer>', description: 'only this layer', choices: ['declared', 'state', 'live'] },
];
const limitOption: OptionSpec = { flags: '--limit <count>', description: 'records shown at most', default: '20' };

export const inventoryVerbs: readonly Verb[] = [
  {
    name: 'inventory sync',
    summary: "take this member's own records into the inventory",
    description: `Works out everything this member declares and its states hold, and replaces its own records. Other members' records come in signed bundles (\`vcloud bundle ingest\`).

With --live the projects of its stacks, and their namespaces in Kubernetes clusters, are read too, page by page and at most ten requests a second, with the credentials of each cloud: what a state holds stands beside its declared and applied records, what no state holds is "unmanaged", what a state holds and the cloud does not show is "missing". A reading that was cut off is gone on with the next time. Every kind of object counts by itself: what could not be read stays as it was, with the date it was seen, and is never taken for gone. Without --live the live records stay as they are.

--json: {member, sequence, observed, added, changed, removed, unchanged, live: [{cloud, project, stacks, objects, unmanaged, kinds, resumed, failed: [{kind, reason}]}]}.`,
    options: [
      { flags: '--live', description: 'read the clouds too' },
      { flags: '--allow-deletions', description: 'go on although more than 30 % of the records would be removed' },
    ],
    examples: [
      { line: 'vcloud inventory sync', does: 'brings the inventory up to what is declared and applied now' },
      { line: 'vcloud inventory sync --live', does: 'and to what the clouds show' },
    ],
    exits: { 0: 'done', 1: 'an error; the inventory is as it was', 2: 'done; with --live something could not be read and is kept as it was' },
    async run({ root, asOf, reporter }, _args, options) {
      const { syncInventory } = await import('../../modules/federate.ts');
      const { synced, problems } = await syncInventory(root, {
        ...{ asOf, reporter },
        live: options['live'] === true,
        allowDeletions: options['allowDeletions'] === true,
      });
      const { live = [], member, added, changed, removed, unchanged } = synced;
      const lines = live.map(
        ({ cloud, project, objects, unmanaged, kinds, failed }) =>
          `${cloud} ${project}: ${plural(objects, 'object')} of ${plural(kinds, 'kind')}, ${unmanaged} unmanaged${failed.length === 0 ? '' : `, ${plural(failed.length, 'kind')} not read`}`,
      );
      return {
        exit: problems.length > 0 ? 2 : 0,
        data: synced,
        text: [...lines, `${member}: ${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged`].join('\n'),
        problems,
      };
    },
  },
  {
    name: 'inventory search',
    summary: 'find records by words, with or without diacritics',
    description:
      'All words must occur in a record: in its names, ids, addresses, or in the names of whoever owns it. "..." keeps words together; the last word may be the beginning of a longer one. --json: {query, records, more, groups: [{organisation, kinds: [{kind, count}], total, records}]}.',
    arguments: [{ syntax: '<text...>', description: 'words to find' }],
    options: [...filterOptions, limitOption],
    examples: [
      { line: 'vcloud inventory search bo y te', does: 'finds the Ministry of Health and what it owns' },
      { line: 'vcloud inventory search "da nang" --kind system', does: 'finds the systems of Da Nang' },
    ],
    exits: { 0: 'found', 1: 'an error', 2: 'nothing found' },
    async run(context, args, options) {
      return withStore(context, async (store, { searchInventory }) => {
        const result = searchInventory(store, args.join(' '), { ...filterOf(options), limit: limitOf(options) });
        const found = result.records.length > 0;
        return { exit: found ? 0 : 2, data: result, text: found ? searchText(result, context) : `${searchWords[context.language].none} "${result.query}"` };
      });
    },
  },
  {
    name: 'inventory show',
    summary: 'everything known of one thing, and where it is declared',
    description:
      'Takes a URN, an id, KIND/ID, or the STACK/ADDRESS of a resource. --json: {record, layers, owners, relations, referredBy, declaredAt, drift, owns, history}; where a text means several things, {candidates}.',
    arguments: [{ syntax: '<what>', description: 'URN or id' }],
    examples: [
      { line: 'vcloud inventory show moh', does: 'shows the Ministry of Health and what it owns' },
      { line: 'vcloud inventory show system/ndxp', does: 'shows one system with its owners, relations and place of declaration' },
    ],
    exits: { 0: 'found', 1: 'an error', 2: 'nothing found' },
    async run(context, args) {
      return withStore(context, async (store, { findRecords, showRecord }) => {
        const text = args[0] ?? '';
        const urns = [...new Set(findRecords(store, text).map(({ urn }) => urn))];
        const shown = urns[0] === undefined ? undefined : showRecord(store, urns[0]);
        if (shown === undefined) return { exit: 2, data: null, text: `nothing is known of "${text}"; try \`vcloud inventory search ${text}\`` };
        const others = urns.length > 1 ? `\nalso: ${urns.slice(1).join('\n      ')}\n` : '';
        return { exit: 0, data: urns.length > 1 ? { ...shown, candidates: urns } : shown, text: showText(shown, context) + others };
      });
    },
  },
  {
    name: 'inventory list',
    summary: 'records by kind, agency, member or layer',
    description: 'Without filters: how many records there are of each kind, member and layer. --json: {kinds, members, layers, total} or {records, total}.',
    options: [...filterOptions, { ...limitOption, default: '50' }],
    examples: [
      { line: 'vcloud inventory list', does: 'counts what there is' },
      { line: 'vcloud inventory list --kind system --agency ha-noi', does: 'lists the systems of Ha Noi' },
    ],
    exits: { 0: 'done', 1: 'an error' },
    async run(context, _args, options) {
      return withStore(context, async (store, { countRecords, listRecords, summarise }) => {
        const filter = filterOf(options);
        if (Object.values(filter).every((value) => value === undefined)) {
          const summary = summarise(store);
          return { exit: 0, data: summary, text: summaryText(summary) };
        }
        const records = [...listRecords(store, filter, limitOf(options))];
        const total = countRecords(store, filter);
        const more = total > records.length ? `\n${total - records.length} more; see --limit` : '';
        return { exit: 0, data: { records, total }, text: columns(records.map((record) => cells(record, context.language))) + more };
      });
    },
  },
  {
    name: 'inventory drift',
    summary: 'resources whose state differs from what is declared',
    description:
      'in-sync, drifted (with the attributes that differ), missing (declared, not in the state), unmanaged (in the state, not declared), unknown (no state is known). Of the live layer (`vcloud inventory sync --live`): missing (in the state, not in the cloud), unmanaged (in the cloud, in no state). --json: {counts, records}.',
    options: [...filterOptions.filter(({ flags }) => !/layer|kind/u.test(flags)), { ...limitOption, default: '50' }],
    examples: [{ line: 'vcloud inventory drift --agency moh', does: 'shows what differs in the clouds of the Ministry of Health' }],
    exits: { 0: 'no differences', 1: 'an error', 2: 'differences' },
    async run(context, _args, options) {
      return withStore(context, async (store, { driftCounts, listRecords }) => {
        const filter = filterOf(options);
        const counts = driftCounts(store, { owner: filter.owner, member: filter.member });
        const records = (['drifted', 'missing', 'unmanaged'] as const).flatMap((drift) => [...listRecords(store, { ...filter, drift }, limitOf(options))]);
        const differences = counts.drifted + counts.missing + counts.unmanaged;
        const problems: Problem[] =
          counts.unknown === 0
            ? []
            : [
                problem('INV-DRIFT-UNKNOWN', `no state is known of ${plural(counts.unknown, 'resource')}: nothing is said about them`, {
                  severity: 'warning',
                  hint: 'they were never applied here, or their state could not be read; run `vcloud inventory sync` after an apply',
                }),
              ];
        const text = [
          Object.entries(counts)
            .map(([drift, count]) => `${drift} ${count}`)
            .join(', '),
          ...records.map((record) => `${(record.drift ?? '').padEnd(10)} ${line(record, context)}${differsText(record)}`),
          ...(differences > records.length ? [`${differences - records.length} more; see --limit`] : []),
        ];
        return { exit: differences > 0 ? 2 : 0, data: { counts, records }, text: text.join('\n'), problems };
      });
    },
  },
  catalogVerb,
  surveyVerb,
  {
    name: 'inventory export',
    summary: 'all records as JSON, NDJSON or CSV',
    description:
      'Writes to stdout, or whole or not at all to a file with --output. No cell of the CSV is taken for a formula by a spreadsheet. --json: {records}, or {file, records} with --output.',
    options: [
      ...filterOptions,
      { flags: '--format <format>', description: 'format of the export', choices: ['json', 'ndjson', 'csv'], default: 'json' },
      { flags: '--output <file>', description: "file to write, relative to the federation's folder" },
    ],
    examples: [
      { line: 'vcloud inventory export --format csv --kind system > systems.csv', does: 'a table of all systems' },
      { line: 'vcloud inventory export --format ndjson --output out/inventory.ndjson', does: 'one record a line' },
    ],
    exits: { 0: 'done', 1: 'an error' },
    async run(context, _args, options) {
      return withStore(context, async (store, { countRecords, exportFormats, exportRecords, listRecords }) => {
        const filter = filterOf(options);
        const format = exportFormats.find((name) => name === options['format']) ?? 'json';
        const output = options['output'];
        if (typeof output !== 'string' && context.json) return { exit: 0, data: { records: [...listRecords(store, filter)] }, text: '' };
        const text = [...exportRecords(listRecords(store, filter), format)].join('');
        if (typeof output !== 'string') return { exit: 0, data: null, text };
        const [{ writeFileAtomic }, path] = await Promise.all([import('../../modules/core/index.ts'), import('node:path')]);
        writeFileAtomic(path.resolve(context.root, output), text);
        const records = countRecords(store, filter);
        return { exit: 0, data: { file: output, records }, text: `${output}: ${plural(records, 'record')}` };
      });
    },
  },
];

type Inventory = typeof inventoryRoom;
type OpenStore = ReturnType<Inventory['openInventory']>;

async function withStore({ root }: Context, work: (store: OpenStore, inventory: Inventory) => Promise<Outcome>): Promise<Outcome> {
  const inventory = await import('../../modules/inventory/index.ts');
  const store = inventory.openInventory(root);
  try {
    return await work(store, inventory);
  } finally {
    store.close();
  }
}

function filterOf(options: Options): Filter {
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  return { kind: text('kind'), member: text('member'), layer: text('layer'), owner: text('agency') };
}

function limitOf(options: Options): number {
  const limit = Number(options['limit']);
  return Number.isInteger(limit) && limit > 0 ? limit : 20;
}

function line(record: InventoryRecord, { language }: Context): string {
  const layer = record.layer === 'declared' ? '' : ` (${record.layer})`;
  const place = record.declaredAt === undefined ? '' : `  ${record.declaredAt}`;
  return `${record.kind.padEnd(12)} ${record.names[language]}  ${record.urn}${layer}${place}`;
}

function differsText(record: InventoryRecord): string {
  const { differs } = record.attributes;
  return Array.isArray(differs) && differs.length > 0 ? `\n           differs: ${differs.join(', ')}` : '';
}

function groupText(group: OrganisationGroup, listed: ReadonlySet<string>, { language }: Context): string {
  const say = searchWords[language];
  const kinds = group.kinds.map(({ kind, count }) => `${kind} ${count}`).join(', ');
  const others = group.records.filter(({ urn }) => !listed.has(urn)).slice(0, 10);
  return [
    `${group.organisation.names[language]} ${say.below}: ${group.total} (${kinds})`,
    ...(others.length > 0
      ? [
          columns(
            others.map((record) => cells(record, language)),
            '  ',
          ),
        ]
      : []),
    `  ${say.all} \`vcloud inventory list --agency ${group.organisation.urn.split(':').at(-1) ?? ''}\``,
  ].join('\n');
}

const searchWords = {
  vi: { below: 'và các đơn vị trực thuộc', all: 'tất cả:', more: 'còn bản ghi khác khớp; xem --limit', none: 'không tìm thấy', what: 'chi tiết:' },
  en: { below: 'and below it', all: 'all of it:', more: 'more records fit; see --limit', none: 'nothing found for', what: 'more of one:' },
} as const;

/** Kind/id is what `inventory show` takes. */
function cells(record: InventoryRecord, language: Context['language']): string[] {
  const short = record.urn.split(':').slice(3).join('/');
  return [record.kind, record.names[language], short, record.member, record.declaredAt ?? ''];
}

function searchText(result: SearchResult, context: Context): string {
  const say = searchWords[context.language];
  const listed = new Set(result.records.map(({ urn }) => urn));
  const records = columns(result.records.map((record) => cells(record, context.language)));
  const [first] = result.records;
  return [
    `${records}${result.more ? `\n${say.more}` : ''}`,
    ...result.groups.map((group) => groupText(group, listed, context)),
    ...(first === undefined ? [] : [`${say.what} \`vcloud inventory show ${cells(first, context.language)[2] ?? ''}\``]),
  ].join('\n\n');
}

/** At most so many of one type and kind point here in print. */
const shownReferrers = 8;

function showText(shown: Shown, context: Context): string {
  const { record } = shown;
  const { language } = context;
  const say = showWords[language];
  const named = (id: string, names?: InventoryRecord['names']): string => (names === undefined ? id : `${names[language]} (${id})`);
  const referrers = new Map<string, Shown['referredBy'][number][]>();
  for (const from of shown.referredBy) referrers.set(`${from.type} ${from.kind}`, [...(referrers.get(`${from.type} ${from.kind}`) ?? []), from]);
  const rows: (readonly [string, string])[] = [
    [say.name, record.names.vi === record.names.en ? record.names.vi : `${record.names.vi} / ${record.names.en}`],
    ['urn', record.urn],
    [say.kind, record.kind],
    [say.reported, `${record.member}, ${[record, ...shown.layers].map(({ layer, observed }) => `${layer} ${observed}`).join(', ')}`],
    [say.owners, shown.owners.map(({ id, names }) => named(id, names)).join(' < ')],
    ...(shown.declaredAt === undefined ? [] : [[say.declared, shown.declaredAt] as const]),
    ...(shown.drift === undefined ? [] : [[say.drift, shown.drift] as const]),
    ...(shown.owns === undefined ? [] : [[say.owns, shown.owns.map(({ kind, count }) => `${kind} ${count}`).join(', ')] as const]),
    ...Object.entries(record.attributes).flatMap(([key, value]) => (key === 'kind' ? [] : [[key, valueText(value)] as const])),
    ...shown.relations.map(({ type, to, names }) => [`-> ${type}`, named(to, names)] as const),
    ...[...referrers.values()].flatMap((list) => [
      ...list.slice(0, shownReferrers).map(({ type, from, names }) => [`<- ${type}`, named(from, names)] as const),
      ...(list.length > shownReferrers
        ? [[`<- ${list[0]?.type ?? ''}`, `... ${list.length - shownReferrers} ${say.more} (${list[0]?.kind ?? ''})`] as const]
        : []),
    ]),
    ...shown.history.map(({ layer, since, until }) => [say.before, `${layer}, ${since} - ${until}`] as const),
  ];
  return columns(rows);
}

const showWords = {
  vi: {
    name: 'tên',
    kind: 'loại',
    reported: 'nguồn báo',
    owners: 'thuộc về',
    declared: 'khai báo tại',
    drift: 'sai lệch',
    owns: 'nắm giữ',
    before: 'trước đây',
    more: 'mục nữa',
  },
  en: {
    name: 'name',
    kind: 'kind',
    reported: 'reported by',
    owners: 'owners',
    declared: 'declared at',
    drift: 'drift',
    owns: 'owns',
    before: 'before',
    more: 'more',
  },
} as const;

/** `{"a":1,"b":["c"]}` as `a 1, b c`. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${Array.isArray(inner) ? `[${valueText(inner)}]` : valueText(inner)}`)
      .join(', ');
  return String(value);
}

function summaryText(summary: ReturnType<Inventory['summarise']>): string {
  const counts = (title: string, values: Readonly<Record<string, number>>): string =>
    `${title.padEnd(8)} ${Object.entries(values)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`;
  return [counts('kinds', summary.kinds), counts('layers', summary.layers), counts('members', summary.members), `total    ${summary.total}`].join('\n');
}
