import { h, type Child, type PageElement } from './dom.ts';
import { agencyName, type Change, type Model, type Stack } from './plan-model.ts';
import { number } from './language.ts';
import { t, type Word } from './plan-words.ts';

const signs: Readonly<Record<string, readonly [string, string]>> = {
  create: ['+', 'good'],
  update: ['~', 'warn'],
  replace: ['−/+', 'bad'],
  delete: ['−', 'bad'],
  import: ['←', 'good'],
};

/** Most attributes of one object that are drawn; the search finds the others and the text has all. */
const mostAttributes = 200;

/** The sign of an action; its word is what a screen reader says. */
export function sign(action: string): PageElement {
  const [mark, tone] = signs[action] ?? ['=', 'calm'];
  return h(
    'span',
    { class: `sign ${tone}`, title: t(action as Word) },
    h('span', { 'aria-hidden': 'true' }, mark),
    h('span', { class: 'unseen' }, t(action as Word)),
  );
}

/** `+3 ~1 −2`; zeros are left out. */
export function deltas({ add, change, destroy }: Pick<Stack, 'add' | 'change' | 'destroy'>): PageElement {
  const one = (mark: string, count: number, tone: string): Child =>
    count === 0 ? undefined : h('span', { class: `delta ${tone}` }, `${mark}${number(count)}`);
  return h('span', { class: 'deltas' }, one('+', add, 'good'), one('~', change, 'warn'), one('−', destroy, 'bad'));
}

/** One stack: its head, and what it does once it is opened. */
export function stackElement(stack: Stack): { readonly element: PageElement; readonly head: PageElement; open(): void } {
  const body = h('div', { class: 'body' });
  const head = h('summary', { class: 'stack-head' }, h('code', {}, stack.path), ...stateParts(stack));
  const element = h('details', { class: `stack ${stack.state}` }, head, body);
  let filled = false;
  const fill = (): void => {
    if (filled) return;
    filled = true;
    body.append(...bodyOf(stack));
  };
  element.addEventListener('toggle', fill);
  return {
    element,
    head,
    open: () => {
      fill();
      element.open = true;
    },
  };
}

function stateParts(stack: Stack): Child[] {
  const parts: Child[] = [];
  if (stack.state === 'planned') parts.push(deltas(stack));
  else parts.push(h('span', { class: `badge ${stack.state === 'failed' ? 'bad' : 'warn'}` }, t(stack.state as Word)));
  if (stack.waitsFor.length > 0) parts.push(h('small', {}, t('waitsFor', stack.waitsFor.join(', '))));
  if (stack.state === 'planned' && stack.outputs > 0) parts.push(h('small', {}, t('outputs', stack.outputs)));
  if (stack.level !== undefined) parts.push(h('span', { class: 'badge info' }, t('level', stack.level)));
  if (stack.removed) parts.push(h('small', { class: 'error' }, stack.state === 'planned' ? t('removal') : t('kept', stack.destroy)));
  return parts;
}

function bodyOf(stack: Stack): PageElement[] {
  const parts: PageElement[] = [];
  if (stack.state === 'failed') parts.push(h('pre', { class: 'error' }, stack.note));
  parts.push(...stack.changes.map(changeElement));
  if (stack.state === 'planned' && !stack.detailed) parts.push(h('p', { class: 'muted' }, t('notRead')));
  return parts;
}

function changeElement(change: Change): PageElement {
  const title = h(
    'p',
    { class: 'object' },
    sign(change.action),
    ' ',
    h('code', {}, change.address),
    change.importing === undefined ? undefined : h('small', {}, ` ${t('imports', change.importing)}`),
    change.from === undefined ? undefined : h('small', {}, ` ${t('renames', change.from)}`),
  );
  if (change.attributes.length === 0) return h('div', { class: 'change' }, title);
  const cell = (value: string | undefined): Child =>
    value === undefined ? h('span', { class: 'muted' }, '–') : h('code', { class: value.startsWith('(') ? 'muted' : undefined }, value);
  const rows = change.attributes
    .slice(0, mostAttributes)
    .map(({ path, before, after, replaces }) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, h('code', {}, path), replaces ? h('small', { class: 'error' }, ` ${t('forces')}`) : undefined),
        h('td', {}, cell(before)),
        h('td', {}, cell(after)),
      ),
    );
  const heads = (['attribute', 'before', 'after'] as const).map((word) => h('th', { scope: 'col' }, t(word)));
  const rest = change.attributes.length - mostAttributes;
  return h(
    'div',
    { class: 'change' },
    title,
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': change.address },
      h('table', {}, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows)),
    ),
    rest > 0 ? h('p', { class: 'muted' }, t('more', rest)) : undefined,
  );
}

/** Heading of an agency's stacks with their sums. */
export function agencyHead(model: Model, id: string, stacks: readonly Stack[]): PageElement {
  const planned = stacks.filter(({ state }) => state === 'planned');
  const sum = (field: 'add' | 'change' | 'destroy'): number => planned.reduce((total, stack) => total + stack[field], 0);
  return h('h3', {}, agencyName(model, id), ' ', h('small', {}, id), ' ', deltas({ add: sum('add'), change: sum('change'), destroy: sum('destroy') }));
}
