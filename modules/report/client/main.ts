import { renderAddresses } from './addressing.ts';
import { renderCatalogue } from './catalogue.ts';
import { byId, h, page, type PageElement } from './dom.ts';
import { renderFindings } from './findings.ts';
import { renderInventory } from './inventory.ts';
import { renderMap } from './map.ts';
import { modelOf, type Model } from './model.ts';
import { renderOverview } from './overview.ts';
import type { Payload } from './packed.ts';
import { heading, table } from './parts.ts';
import { renderStacks } from './stacks.ts';
import { currentLanguage, number, setLanguage, type Language } from './language.ts';
import { date, duration, named, t, term } from './words.ts';

const sections: readonly (readonly [
  'overview' | 'map' | 'addresses' | 'stacks' | 'findings' | 'catalogue' | 'inventory' | 'about',
  (model: Model, section: PageElement) => void,
])[] = [
  ['overview', renderOverview],
  ['map', renderMap],
  ['addresses', renderAddresses],
  ['stacks', renderStacks],
  ['findings', renderFindings],
  ['catalogue', renderCatalogue],
  ['inventory', renderInventory],
  ['about', renderAbout],
];

/** Draws everything in one language; called again when the language changes. */
function show(model: Model, language: Language): void {
  setLanguage(language);
  const name = named(model.federation.names);
  page.documentElement.setAttribute('lang', language);
  page.title = `${name} · ${t('title')} · ${model.asOf}`;
  byId('skip').replaceChildren(t('skip'));
  byId('name').replaceChildren(name);
  byId('subtitle').replaceChildren(`${t('title')} · ${t('asOf', date(model.asOf))}`);
  byId('sections').setAttribute('aria-label', t('sections'));
  byId('sections').replaceChildren(...sections.map(([id]) => h('a', { href: `#${id}` }, t(id))));
  for (const language of ['vi', 'en'] as const) byId(`language-${language}`).setAttribute('aria-pressed', String(language === currentLanguage()));
  for (const [id, render] of sections) render(model, byId(id));
}

function renderAbout(model: Model, section: PageElement): void {
  const slowest = Math.max(1, ...model.timings.map(({ milliseconds }) => milliseconds));
  const total = model.timings.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  section.replaceChildren(
    heading('about', t('about'), t('whatItIs')),
    h(
      'div',
      { class: 'columns' },
      model.timings.length === 0
        ? undefined
        : h(
            'article',
            { class: 'timings' },
            h('h3', {}, t('timings')),
            table(
              t('timings'),
              [{ text: t('step') }, { text: t('time'), end: true }, { text: '' }, { text: t('result') }],
              [
                ...model.timings.map(({ step, names, milliseconds, summary }) => [
                  names ? named(names) : term(`step-${step}`, step),
                  duration(milliseconds),
                  widthBar(milliseconds / slowest),
                  summary ?? '',
                ]),
                [t('total'), duration(total), '', ''],
              ],
            ),
          ),
      h(
        'article',
        {},
        h('h3', {}, t('members')),
        h(
          'ul',
          { class: 'plain' },
          ...model.members.map(({ names, id, sequence }) =>
            h('li', {}, named(names), ' ', h('code', {}, id), ' ', h('small', {}, sequence === undefined ? t('thisMember') : t('bundle', sequence))),
          ),
        ),
        model.overlays.length === 0 ? undefined : h('h3', {}, t('overlays')),
        model.overlays.length === 0
          ? undefined
          : table(
              t('overlays'),
              [
                { text: t('overlay') },
                { text: t('profile') },
                { text: t('hubs'), end: true },
                { text: t('spokes'), end: true },
                { text: t('tunnels'), end: true },
              ],
              model.overlays.map(({ name, profile, trial, hubs, spokes, tunnels }) => [
                h('code', {}, name),
                trial ? `${profile} · ${t('trial')}` : profile,
                number(hubs),
                number(spokes),
                number(tunnels),
              ]),
            ),
      ),
    ),
    h('footer', {}, t('madeBy'), ' ', h('code', {}, model.madeBy.command), model.madeBy.version === '' ? '' : ` · V-Cloud ${model.madeBy.version}`),
  );
}

function widthBar(share: number): PageElement {
  const inner = h('span', { class: 'used' });
  inner.style.setProperty('width', `${Math.max(1, share * 100)}%`);
  return h('span', { class: 'bar', 'aria-hidden': 'true' }, inner);
}

const model = modelOf(JSON.parse(byId('data').textContent ?? '') as Payload);
for (const language of ['vi', 'en'] as const) byId(`language-${language}`).addEventListener('click', () => show(model, language));
show(model, model.language);
page.documentElement.setAttribute('data-ready', 'true');
