import { h, type PageElement } from './dom.ts';
import { fold } from './fold.ts';
import { agencyOf, cell, items, organisationName, rowName, type Model } from './model.ts';
import type { Row } from './packed.ts';
import { badge, choice, facts, fillPaged, heading, searchBox, severities, table } from './parts.ts';
import { currentLanguage, number } from './language.ts';
import { date, t, term } from './words.ts';

const statuses = ['fail', 'unknown', 'manual', 'waived'] as const;
const findingsPerPage = 15;

let filter = { text: '', status: '', severity: '', agency: '', instrument: '', rule: '' };

/** What the rules found, what it rests on and what to do. */
export function renderFindings(model: Model, section: PageElement): void {
  const { audit } = model;
  if (!audit) {
    section.replaceChildren(heading('findings', t('findings')), h('p', { class: 'empty' }, t('auditNone')));
    return;
  }
  const results = h('div', { class: 'results', id: 'finding-results' });
  const count = h('p', { class: 'count', 'aria-live': 'polite' });
  const run = (): void => {
    const found = model.findings.filter((finding) => matches(model, finding));
    count.replaceChildren(t('found', found.length), audit.omitted > 0 ? ` · ${t('omitted', audit.omitted)}` : '');
    fillPaged(results, found, findingsPerPage, (finding) => findingLine(model, finding));
  };
  const ask = (change: Partial<typeof filter>): void => {
    filter = { ...filter, ...change };
    run();
  };
  const agencies = [...new Set(model.findings.map((finding) => agencyOf(model, cell(finding, 'agency'))))].sort((a, b) =>
    organisationName(model, a).localeCompare(organisationName(model, b), currentLanguage()),
  );
  section.replaceChildren(
    heading('findings', t('findings'), `${t('rulesIn', audit.rules.length, audit.instruments.length)} · ${t('asOf', date(audit.asOf))}`),
    h('details', { class: 'group' }, h('summary', {}, h('strong', {}, t('byRule'))), ruleTable(audit.rules)),
    h(
      'form',
      { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
      searchBox('finding-search', t('filter'), t('subject'), filter.text, (text) => ask({ text })),
      choice(t('severity'), severities, filter.severity, (severity) => ask({ severity })),
      choice(t('status'), statuses, filter.status, (status) => ask({ status })),
      choice(
        t('agency'),
        agencies,
        filter.agency,
        (agency) => ask({ agency }),
        (id) => organisationName(model, id),
      ),
      choice(t('instrument'), audit.instruments, filter.instrument, (instrument) => ask({ instrument })),
      choice(
        t('rule'),
        audit.rules.map(({ id }) => id),
        filter.rule,
        (rule) => ask({ rule }),
      ),
    ),
    count,
    results,
  );
  run();
}

function matches(model: Model, finding: Row): boolean {
  const is = (name: 'status' | 'severity' | 'rule'): boolean => filter[name] === '' || cell(finding, name) === filter[name];
  if (!is('status') || !is('severity') || !is('rule')) return false;
  if (filter.agency !== '' && agencyOf(model, cell(finding, 'agency')) !== filter.agency) return false;
  if (filter.instrument !== '' && !items(finding, 'instruments').includes(filter.instrument)) return false;
  if (filter.text.trim() === '') return true;
  const haystack = fold(
    [cell(finding, 'vi'), cell(finding, 'en'), cell(finding, 'subject'), cell(finding, 'rule'), organisationName(model, cell(finding, 'agency'))].join(' '),
  );
  return fold(filter.text.trim())
    .split(/\s+/u)
    .every((word) => haystack.includes(word));
}

function findingLine(model: Model, finding: Row): PageElement {
  const remedy = currentLanguage() === 'en' ? cell(finding, 'remedyEn') : cell(finding, 'remedyVi');
  return h(
    'details',
    { class: 'finding' },
    h(
      'summary',
      {},
      h('span', { class: 'marks' }, badge(cell(finding, 'severity')), badge(cell(finding, 'status'))),
      h('span', { class: 'name' }, rowName(finding), h('code', {}, cell(finding, 'subject'))),
      h('span', { class: 'sub' }, organisationName(model, cell(finding, 'agency')), ' · ', h('code', {}, cell(finding, 'rule'))),
    ),
    facts([
      [t('subject'), h('code', {}, cell(finding, 'subject'))],
      [t('basis'), list(items(finding, 'basis'))],
      [t('evidence'), list(items(finding, 'evidence'), true)],
      [t('remedy'), remedy === '' ? undefined : remedy],
      [t('declaredAt'), cell(finding, 'place') === '' ? undefined : h('code', {}, cell(finding, 'place'))],
      [t('waiver'), cell(finding, 'waiver')],
    ]),
  );
}

function list(texts: readonly string[], code = false): PageElement | undefined {
  return texts.length === 0 ? undefined : h('ul', { class: 'plain' }, ...texts.map((text) => h('li', {}, code ? h('code', {}, text) : text)));
}

function ruleTable(rules: NonNullable<Model['audit']>['rules']): PageElement {
  const shown = ['pass', 'fail', 'unknown', 'not-applicable', 'manual', 'waived'] as const;
  return table(
    t('byRule'),
    [{ text: t('rule') }, { text: t('severity') }, ...shown.map((status) => ({ text: term(status), end: true }))],
    rules.map(({ id, severity, counts }) => [
      h('code', {}, id),
      badge(severity),
      ...shown.map((status) => h('span', { class: counts[status] === 0 ? 'muted' : undefined }, number(counts[status]))),
    ]),
  );
}
