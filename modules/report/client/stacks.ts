import { h, type PageElement } from './dom.ts';
import { amount, cell, items, organisationName, type Model } from './model.ts';
import type { Row } from './packed.ts';
import { badge, delta, heading, table } from './parts.ts';
import { currentLanguage, number } from './language.ts';
import { duration, t, term } from './words.ts';

const states = ['planned', 'unchanged', 'waits', 'failed', 'skipped'] as const;

/** What would be built, agency by agency. */
export function renderStacks(model: Model, section: PageElement): void {
  const { plan } = model;
  const groups = new Map<string, Row[]>();
  for (const stack of model.stacks) {
    const agency = cell(stack, 'agency');
    const list = groups.get(agency);
    if (list) list.push(stack);
    else groups.set(agency, [stack]);
  }
  const ordered = [...groups].sort(([a], [b]) => organisationName(model, a).localeCompare(organisationName(model, b), currentLanguage()));
  section.replaceChildren(
    heading('stacks', t('stacks'), plan.engine !== undefined && plan.id !== undefined ? t('planWith', plan.id, plan.engine) : undefined),
    h(
      'p',
      { class: 'notice' },
      badge(plan.environment, plan.environment === 'sandbox' ? 'info' : 'warn', term(plan.environment)),
      ' ',
      plan.environment === 'sandbox' ? t('sandboxNote') : undefined,
    ),
    ...(plan.unavailable === undefined
      ? []
      : [h('p', { class: 'notice warn' }, t('noPlan', plan.unavailable), plan.hint === undefined ? undefined : [' ', plan.hint])]),
    h('p', { class: 'states' }, t('total'), ' ', ...sums(model.stacks)),
    h('div', { class: 'groups' }, ...ordered.map(([agency, stacks]) => group(model, agency, stacks))),
  );
}

function sums(stacks: readonly Row[]): PageElement[] {
  const sum = (name: string): number => stacks.reduce((total, stack) => total + (amount(stack, name) ?? 0), 0);
  const unplanned = stacks.filter((stack) => cell(stack, 'state') === '').length;
  return [
    h('span', {}, `${number(stacks.length)} ${t('stackCount').toLowerCase()} · ${t('resourcesIn', sum('resources'))}`),
    h('span', { class: 'deltas' }, delta('+', sum('add'), 'good'), delta('~', sum('change'), 'warn'), delta('−', sum('destroy'), 'bad')),
    h(
      'span',
      { class: 'marks' },
      ...states.flatMap((state) => {
        const count = stacks.filter((stack) => cell(stack, 'state') === state).length;
        return count === 0 ? [] : [badge(state, undefined, `${number(count)} ${term(state)}`)];
      }),
      unplanned === 0 ? undefined : badge('', 'calm', `${number(unplanned)} ${t('notPlanned')}`),
    ),
  ];
}

function group(model: Model, agency: string, stacks: readonly Row[]): PageElement {
  const body = h('div', {});
  const element = h('details', { class: 'group' }, h('summary', {}, h('strong', {}, organisationName(model, agency)), ...sums(stacks)), body);
  let filled = false;
  element.addEventListener('toggle', () => {
    if (filled) return;
    filled = true;
    body.append(stackTable(model, agency, stacks));
  });
  return element;
}

function stackTable(model: Model, agency: string, stacks: readonly Row[]): PageElement {
  const timed = stacks.some((stack) => (amount(stack, 'milliseconds') ?? 0) > 0);
  return table(
    organisationName(model, agency),
    [
      { text: t('stack') },
      { text: t('state') },
      { text: t('resources'), end: true },
      { text: t('add'), end: true },
      { text: t('change'), end: true },
      { text: t('destroy'), end: true },
      ...(timed ? [{ text: t('time'), end: true }] : []),
    ],
    stacks.map((stack) => [
      [h('code', {}, cell(stack, 'path')), cell(stack, 'environment') === 'sandbox' ? [' ', badge('sandbox', 'info', 'sandbox')] : undefined],
      [
        cell(stack, 'state') === '' ? h('span', { class: 'muted' }, t('notPlanned')) : badge(cell(stack, 'state')),
        ...items(stack, 'waitsFor').map((path) => h('small', {}, ` ${t('waitsFor', path)}`)),
        cell(stack, 'error') === '' ? undefined : h('small', { class: 'error' }, ` ${cell(stack, 'error')}`),
      ],
      number(amount(stack, 'resources') ?? 0),
      delta('+', amount(stack, 'add') ?? 0, 'good'),
      delta('~', amount(stack, 'change') ?? 0, 'warn'),
      delta('−', amount(stack, 'destroy') ?? 0, 'bad'),
      ...(timed ? [duration(amount(stack, 'milliseconds') ?? 0)] : []),
    ]),
  );
}
