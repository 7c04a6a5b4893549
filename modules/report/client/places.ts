import type { Atlas, Marker } from './atlas.ts';
import { h, type Child, type PageElement } from './dom.ts';
import { showAgencyRecords } from './inventory.ts';
import { agencyOf, amount, cell, items, organisationName, rowName, type Model } from './model.ts';
import { badge, delta, facts, severities } from './parts.ts';
import { currentLanguage, number } from './language.ts';
import { t, term } from './words.ts';

/** Name of an agency, or of the first site of a building and how many more stand there. */
export function markerName(model: Model, { kind, ids }: Marker): string {
  const [first = ''] = ids;
  if (kind === 'agency') return organisationName(model, first);
  const name = rowName(model.sites.get(first), first);
  return ids.length > 1 ? `${name} (+${ids.length - 1})` : name;
}

/** What is shown beside the map: the list of places, and what was chosen on either (`picked`, '' for nothing). */
export function panelFor(model: Model, drawing: Atlas, picked: string, pick: (id: string) => void, goTo: (id: string) => void): PageElement[] {
  const back = h('button', { type: 'button', class: 'link', onclick: () => pick('') }, t('back'));
  if (picked === '') return [h('p', { class: 'empty' }, t('pickPlace')), placeChoice(model, drawing, picked, goTo)];
  const organisation = model.organisations.get(picked);
  const marker = drawing.markers.find(({ ids }) => ids.includes(picked));
  if (organisation) return [placeChoice(model, drawing, picked, goTo), organisationPanel(model, picked), back];
  return [placeChoice(model, drawing, picked, goTo), ...(marker?.ids ?? [picked]).map((id) => sitePanel(model, id, pick)), back];
}

/** The same places as on the map, for those who would rather read a list. */
function placeChoice(model: Model, { markers }: Atlas, picked: string, pick: (id: string) => void): PageElement {
  const order: readonly Marker['kind'][] = ['hub', 'centre', 'agency'];
  const groups = order.map((kind) =>
    h(
      'optgroup',
      { label: t(kind === 'hub' ? 'hubsLayer' : kind === 'centre' ? 'centresLayer' : 'agency') },
      ...markers
        .filter((marker) => marker.kind === kind)
        .map((marker) => ({ id: marker.ids[0] ?? '', name: markerName(model, marker) }))
        .sort((a, b) => a.name.localeCompare(b.name, currentLanguage()))
        .map(({ id, name }) => h('option', { value: id, selected: id === picked }, name)),
    ),
  );
  return h(
    'label',
    { class: 'field' },
    h('span', {}, t('places')),
    h('select', { id: 'map-place', onchange: (event) => pick(event.target.value) }, h('option', { value: '' }, '–'), ...groups),
  );
}

function sitePanel(model: Model, id: string, pick: (id: string) => void): PageElement {
  const site = model.sites.get(id);
  const owner = cell(site, 'owner');
  const clouds = site ? items(site, 'clouds') : [];
  return h(
    'article',
    {},
    h('p', { class: 'kind' }, term(cell(site, 'kind'))),
    h('h3', {}, rowName(site, id)),
    facts([
      [t('owner'), h('button', { type: 'button', class: 'link', onclick: () => pick(owner) }, organisationName(model, owner))],
      [
        t('clouds'),
        clouds.length === 0
          ? undefined
          : bullets(
              clouds.map((cloud) =>
                rowName(
                  model.clouds.find((row) => cell(row, 'id') === cloud),
                  cloud,
                ),
              ),
            ),
      ],
      [t('recoverAt'), cell(site, 'backup') === '' ? undefined : rowName(model.sites.get(cell(site, 'backup')), cell(site, 'backup'))],
      ['ID', h('code', {}, id)],
    ]),
  );
}

function bullets(texts: readonly string[]): PageElement {
  return h('ul', { class: 'plain' }, ...texts.map((text) => h('li', {}, text)));
}

/** Everything the page knows of one organisation, in a few lines. */
function organisationPanel(model: Model, id: string): PageElement {
  const row = model.organisations.get(id);
  const units = [...model.organisations.values()].filter((other) => cell(other, 'parent') === id).length;
  const sites = [...model.sites.values()].filter((site) => cell(site, 'owner') === id);
  const clouds = model.clouds.filter((cloud) => cell(cloud, 'owner') === id);
  const blocks = model.prefixes.filter((prefix) => cell(prefix, 'owner') === id && /^(agency|commune)\//u.test(cell(prefix, 'key')));
  const stacks = model.stacks.filter((stack) => cell(stack, 'agency') === id);
  const failing = model.findings.filter(
    (finding) => cell(finding, 'status') === 'fail' && (cell(finding, 'agency') === id || agencyOf(model, cell(finding, 'agency')) === id),
  );
  const sum = (name: string): number => stacks.reduce((total, stack) => total + (amount(stack, name) ?? 0), 0);
  const { inventory } = model.index;
  const chains = new Set(inventory.chains.flatMap((chain, at) => (chain.some((owner) => model.strings[owner] === id) ? [at] : [])));
  const records = inventory.chain.filter((chain) => chains.has(chain)).length;
  const severityBadges: Child = severities.flatMap((severity) => {
    const count = failing.filter((finding) => cell(finding, 'severity') === severity).length;
    return count === 0 ? [] : [badge(severity, undefined, `${number(count)} ${term(severity)}`), ' '];
  });
  return h(
    'article',
    {},
    h('p', { class: 'kind' }, `${cell(row, 'kind')} · ${id}`),
    h('h3', {}, organisationName(model, id)),
    facts([
      [t('units'), units === 0 ? undefined : number(units)],
      [t('sites'), sites.length === 0 ? undefined : bullets(sites.map((site) => rowName(site)))],
      [t('clouds'), clouds.length === 0 ? undefined : bullets(clouds.map((cloud) => rowName(cloud)))],
      [
        t('blocks'),
        blocks.length === 0 ? undefined : h('ul', { class: 'plain' }, ...blocks.map((prefix) => h('li', {}, h('code', {}, cell(prefix, 'prefix'))))),
      ],
      [
        t('stackCount'),
        stacks.length === 0
          ? undefined
          : [
              number(stacks.length),
              ` · ${t('resourcesIn', sum('resources'))} `,
              delta('+', sum('add'), 'good'),
              ' ',
              delta('~', sum('change'), 'warn'),
              ' ',
              delta('−', sum('destroy'), 'bad'),
            ],
      ],
      [t('failing'), failing.length === 0 ? undefined : severityBadges],
    ]),
    records === 0 ? undefined : h('button', { type: 'button', onclick: () => showAgencyRecords(model, id) }, t('seeRecords', records)),
  );
}
