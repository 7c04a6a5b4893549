import { byId, h, type Child, type PageElement } from './dom.ts';
import { agencyOf, chainOf, organisationName, type Model } from './model.ts';
import { badge, choice, facts, fillPaged, heading, ownerChain, searchBox } from './parts.ts';
import { search, type Query } from './search.ts';
import { currentLanguage } from './language.ts';
import { date, t, term } from './words.ts';

const nothingAsked: Query = { text: '', kind: '', member: '', layer: '', drift: '', agency: '' };
const recordsPerPage = 20;

let query: Query = nothingAsked;
let selected = -1;

/** Search with filters on the left, one record on the right. */
export function renderInventory(model: Model, section: PageElement): void {
  const { inventory } = model.index;
  const results = h('div', { class: 'results', id: 'inventory-results' });
  const detail = h('aside', { class: 'detail', id: 'inventory-detail', 'aria-live': 'polite' });
  const count = h('p', { class: 'count', 'aria-live': 'polite', id: 'inventory-count' });
  const show = (row: number): void => {
    selected = row;
    detail.replaceChildren(recordDetail(model, row, show));
  };
  const run = (): void => {
    const rows = search(model.index, query);
    count.replaceChildren(t('found', rows.length));
    fillPaged(results, rows, recordsPerPage, (row) => resultLine(model, row, show));
  };
  const ask = (change: Partial<Query>): void => {
    query = { ...query, ...change };
    run();
  };
  const distinct = (column: readonly number[]): string[] => [...new Set(column)].map((index) => model.strings[index] ?? '').sort();
  const agencies = [...new Set(inventory.chains.map((chain) => agencyOf(model, model.strings[chain[0] ?? -1] ?? '')))]
    .filter((id) => model.organisations.has(id))
    .sort((a, b) => organisationName(model, a).localeCompare(organisationName(model, b), currentLanguage()));
  section.replaceChildren(
    heading('inventory', t('inventory')),
    h(
      'form',
      { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
      searchBox('inventory-search', t('inventorySearch'), t('inventoryHint'), query.text, (text) => ask({ text })),
      choice(t('kind'), distinct(inventory.kind), query.kind, (kind) => ask({ kind })),
      choice(
        t('agency'),
        agencies,
        query.agency,
        (agency) => ask({ agency }),
        (id) => organisationName(model, id),
      ),
      distinct(inventory.member).length > 1 ? choice(t('member'), distinct(inventory.member), query.member, (member) => ask({ member })) : undefined,
      distinct(inventory.layer).length > 1 ? choice(t('layer'), distinct(inventory.layer), query.layer, (layer) => ask({ layer })) : undefined,
      inventory.drifts.length > 0 ? choice(t('drift'), inventory.drifts, query.drift, (drift) => ask({ drift })) : undefined,
    ),
    count,
    h('div', { class: 'split' }, results, detail),
  );
  run();
  if (selected >= 0) show(selected);
  else detail.replaceChildren(h('p', { class: 'empty' }, t('pickRecord')));
}

/** Shows the records of one agency, from elsewhere on the page. */
export function showAgencyRecords(model: Model, agency: string): void {
  query = { ...nothingAsked, agency };
  selected = -1;
  const section = byId('inventory');
  renderInventory(model, section);
  section.scrollIntoView();
  byId('inventory-title').focus({ preventScroll: true });
}

function nameOf(model: Model, row: number): string {
  const { vi, en } = model.index.inventory;
  const english = model.strings[en[row] ?? -1];
  const vietnamese = model.strings[vi[row] ?? -1] ?? '';
  return currentLanguage() === 'en' ? (english ?? vietnamese) : vietnamese;
}

function text(model: Model, column: readonly number[], row: number): string {
  return model.strings[column[row] ?? -1] ?? '';
}

function urnOf(model: Model, row: number): string {
  const { id, member, kind } = model.index.inventory;
  const rest = text(model, id, row);
  return rest.startsWith('urn:') ? rest : `urn:vcloud:${text(model, member, row)}:${text(model, kind, row)}:${rest}`;
}

function resultLine(model: Model, row: number, show: (row: number) => void): PageElement {
  const { kind, id, owner, drift, drifts, layer } = model.index.inventory;
  const state = drifts[drift[row] ?? -1];
  const holder = organisationName(model, text(model, owner, row));
  const name = nameOf(model, row);
  return h(
    'button',
    { type: 'button', class: 'line', onclick: () => show(row) },
    h('span', { class: 'kind' }, term(text(model, kind, row))),
    h('span', { class: 'name' }, name),
    h('span', { class: 'sub' }, h('code', {}, text(model, id, row)), holder === name ? undefined : ` · ${holder}`),
    h(
      'span',
      { class: 'marks' },
      text(model, layer, row) === 'declared' ? undefined : badge(text(model, layer, row)),
      state === undefined ? undefined : badge(state),
    ),
  );
}

function recordDetail(model: Model, row: number, show: (row: number) => void): PageElement {
  const { inventory, firstValue, firstTarget } = model.index;
  const urn = urnOf(model, row);
  const shape = inventory.shapes[inventory.shape[row] ?? -1] ?? [];
  const first = firstValue[row] ?? 0;
  const attributes = shape.map((name, at): readonly [string, Child] => [model.strings[name] ?? '', model.strings[inventory.values[first + at] ?? -1] ?? '']);
  const links = (inventory.bonds[inventory.bond[row] ?? -1] ?? []).map((type, at) => ({
    type: model.strings[type] ?? '',
    to: inventory.targets[(firstTarget[row] ?? 0) + at] ?? -1,
  }));
  const file = text(model, inventory.file, row);
  const state = inventory.drifts[inventory.drift[row] ?? -1];
  const owner = text(model, inventory.owner, row);
  const chain = inventory.chains[inventory.chain[row] ?? -1] ?? [];
  const known = chainOf(model, owner);
  return h(
    'article',
    {},
    h('p', { class: 'kind' }, term(text(model, inventory.kind, row))),
    h('h3', {}, nameOf(model, row)),
    h('p', {}, h('code', { class: 'urn' }, urn)),
    facts([
      [
        t('chain'),
        known.length >= chain.length
          ? ownerChain(model, owner)
          : h('ol', { class: 'chain' }, ...chain.map((id) => h('li', {}, organisationName(model, model.strings[id] ?? '')))),
      ],
      [
        t('declaredAt'),
        file === '' ? t('notStated') : h('code', {}, [file, inventory.line[row], inventory.column[row]].filter((part) => part !== 0).join(':')),
      ],
      [t('member'), text(model, inventory.member, row)],
      [t('layer'), term(text(model, inventory.layer, row))],
      [t('drift'), state === undefined ? undefined : badge(state)],
      [t('observed'), date(text(model, inventory.observed, row))],
    ]),
    links.length === 0 ? undefined : h('h4', {}, t('relations')),
    links.length === 0
      ? undefined
      : h('ul', { class: 'relations' }, ...links.map(({ type, to }) => h('li', {}, h('span', { class: 'kind' }, type), ' ', target(model, to, show)))),
    attributes.length === 0 ? undefined : h('h4', {}, t('attributes')),
    attributes.length === 0 ? undefined : facts(attributes.map(([name, value]) => [name, h('code', {}, value)])),
  );
}

/** The other end of a relation: a record to go to, or the URN of one that is not here. */
function target(model: Model, to: number, show: (row: number) => void): PageElement {
  if (to < 0) return h('code', {}, model.strings[-2 - to] ?? '');
  return h(
    'button',
    { type: 'button', class: 'link', title: urnOf(model, to), onclick: () => show(to) },
    nameOf(model, to),
    ' ',
    h('code', {}, text(model, model.index.inventory.id, to)),
  );
}
