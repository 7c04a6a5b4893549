import { h, type PageElement } from './dom.ts';
import { fold } from './fold.ts';
import { agencyOf, cell, chainOf, organisationName, rowName, type Model } from './model.ts';
import { offerIsFor } from './offers.ts';
import { badge, choice, heading, searchBox, table } from './parts.ts';
import { currentLanguage, number } from './language.ts';
import { named, t, term } from './words.ts';

type PageOffer = Model['offers'][number];

let offersAsked = { text: '', agency: '', kind: '', cloud: '' };

/** What clouds offer, with plans and conditions, filtered by who may use it. */
export function renderCatalogue(model: Model, section: PageElement): void {
  const { offers } = model;
  if (offers.length === 0) {
    section.replaceChildren(heading('catalogue', t('catalogue')), h('p', { class: 'empty' }, t('noOffers')));
    return;
  }
  const results = h('div', { class: 'results', id: 'catalogue-results' });
  const count = h('p', { class: 'count', 'aria-live': 'polite', id: 'catalogue-count' });
  const run = (): void => {
    const found = offers.filter((offer) => offerFits(model, offer));
    count.replaceChildren(t('found', found.length));
    results.replaceChildren(...(found.length === 0 ? [h('p', { class: 'empty' }, t('nothing'))] : found.map((offer) => offerEntry(model, offer))));
  };
  const ask = (change: Partial<typeof offersAsked>): void => {
    offersAsked = { ...offersAsked, ...change };
    run();
  };
  const byName = (one: string, other: string): number => organisationName(model, one).localeCompare(organisationName(model, other), currentLanguage());
  const agencies = [...new Set([...model.organisations.keys()].map((id) => agencyOf(model, id)))].sort(byName);
  section.replaceChildren(
    heading('catalogue', t('catalogue'), t('catalogueHint')),
    h(
      'form',
      { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
      searchBox('catalogue-search', t('filter'), t('offer'), offersAsked.text, (text) => ask({ text })),
      choice(
        t('mayUse'),
        agencies,
        offersAsked.agency,
        (agency) => ask({ agency }),
        (id) => organisationName(model, id),
      ),
      choice(t('kind'), [...new Set(offers.map(({ kind }) => kind))].sort(), offersAsked.kind, (kind) => ask({ kind })),
      choice(
        term('cloud'),
        [...new Set(offers.map(({ cloud }) => cloud))].sort(),
        offersAsked.cloud,
        (cloud) => ask({ cloud }),
        (id) => offerCloud(model, id),
      ),
    ),
    count,
    results,
  );
  run();
}

function offerFits(model: Model, offer: PageOffer): boolean {
  const { text, agency, kind, cloud } = offersAsked;
  if ((kind !== '' && offer.kind !== kind) || (cloud !== '' && offer.cloud !== cloud)) return false;
  if (agency !== '' && !offerIsFor({ id: agency, kind: cell(model.organisations.get(agency), 'kind'), chain: chainOf(model, agency) }, offer)) return false;
  const haystack = fold([offer.names.vi, offer.names.en, offer.id, offerCloud(model, offer.cloud), organisationName(model, offer.owner)].join(' '));
  return fold(text.trim())
    .split(/\s+/u)
    .every((word) => haystack.includes(word));
}

function offerCloud(model: Model, id: string): string {
  return rowName(
    model.clouds.find((row) => cell(row, 'id') === id),
    id,
  );
}

function offerEntry(model: Model, offer: PageOffer): PageElement {
  const { levelUpTo, organisations = [], kinds = [], below = [], notes } = offer.conditions;
  const who = [
    ...organisations.map((id) => organisationName(model, id)),
    ...kinds.map((kind) => term(kind)),
    ...below.map((id) => t('allBelow', organisationName(model, id))),
  ];
  const { support } = offer;
  const facts = [
    offerCloud(model, offer.cloud),
    organisationName(model, offer.owner),
    who.length === 0 ? t('everyone') : who.join(', '),
    levelUpTo === undefined ? `${t('level')}: ${t('notStated')}` : t('levelUpTo', levelUpTo),
    offer.serviceHours,
    support && [support.unit, support.phone, support.email].filter((part) => part !== undefined).join(', '),
    notes && named(notes),
  ];
  return h(
    'article',
    { class: 'offer' },
    h('h3', {}, badge(offer.kind), ' ', named(offer.names), ' ', h('code', {}, offer.id)),
    h('p', { class: 'sub' }, facts.filter((fact) => fact !== undefined).join(' · ')),
    table(
      named(offer.names),
      [{ text: t('offerPlan') }, { text: t('offerSizes') }, { text: t('offerQuota') }, { text: t('offerPrice') }],
      offer.plans.map((plan) => [plan.names ? named(plan.names) : plan.name, offerAmounts(plan.sizes), offerAmounts(plan.quota), plan.price ?? t('notStated')]),
    ),
  );
}

function offerAmounts(values: Readonly<Record<string, number>> | undefined): string {
  const entries = Object.entries(values ?? {});
  return entries.length === 0 ? t('notStated') : entries.map(([name, value]) => `${name} ${number(value)}`).join(', ');
}
