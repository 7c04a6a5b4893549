import { h, type Child, type PageElement } from './dom.ts';
import { chainOf, organisationName, type Model } from './model.ts';
import { number } from './language.ts';
import { t, term } from './words.ts';

/** How a value is coloured; the text always says it too. */
export type Tone = 'bad' | 'warn' | 'info' | 'good' | 'calm';

const tones: Readonly<Record<string, Tone>> = {
  critical: 'bad',
  high: 'bad',
  medium: 'warn',
  low: 'info',
  fail: 'bad',
  failed: 'bad',
  unknown: 'warn',
  manual: 'info',
  waived: 'calm',
  pass: 'good',
  planned: 'info',
  unchanged: 'calm',
  waits: 'warn',
  'in-sync': 'good',
  drifted: 'bad',
  missing: 'warn',
  unmanaged: 'warn',
};

/** Gravest first. */
export const severities = ['critical', 'high', 'medium', 'low'] as const;

/** A short value with its colour. */
export function badge(value: string, tone: Tone = tones[value] ?? 'calm', text = term(value)): PageElement {
  return h('span', { class: `badge ${tone}` }, text);
}

/** A table that scrolls by itself where the page is too narrow for it. */
export function table(label: string, heads: readonly { readonly text: string; readonly end?: boolean }[], rows: readonly (readonly Child[])[]): PageElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...heads.map(({ text, end }) => h('th', { scope: 'col', class: end ? 'end' : undefined }, text)))),
      h(
        'tbody',
        {},
        ...rows.map((row) =>
          h(
            'tr',
            {},
            ...row.map((child, index) =>
              h(index === 0 ? 'th' : 'td', { scope: index === 0 ? 'row' : undefined, class: heads[index]?.end ? 'end' : undefined }, child),
            ),
          ),
        ),
      ),
    ),
  );
}

/** An organisation and what it stands below, nearest first. */
export function ownerChain(model: Model, id: string): PageElement {
  return h('ol', { class: 'chain' }, ...chainOf(model, id).map((owner) => h('li', {}, organisationName(model, owner), ' ', h('code', {}, owner))));
}

/** A labelled choice; `values` are shown through the page's words or as `names` says. */
export function choice(
  label: string,
  values: readonly string[],
  selected: string,
  onChange: (value: string) => void,
  names: (value: string) => string = term,
): PageElement {
  const options = ['', ...values].map((value) => h('option', { value, selected: value === selected }, value === '' ? t('all') : names(value)));
  return h('label', { class: 'field' }, h('span', {}, label), h('select', { onchange: (event) => onChange(event.target.value) }, ...options));
}

/** A labelled search box that answers while one types. */
export function searchBox(id: string, label: string, placeholder: string, value: string, onInput: (text: string) => void): PageElement {
  return h(
    'label',
    { class: 'field wide', for: id },
    h('span', {}, label),
    h('input', { id, type: 'search', value, placeholder, autocomplete: 'off', spellcheck: 'false', oninput: (event) => onInput(event.target.value) }),
  );
}

/** One page of a list with its pager. Calls itself anew on another page. */
export function fillPaged<T>(into: PageElement, list: readonly T[], size: number, draw: (item: T) => PageElement, from = 0): void {
  if (list.length === 0) {
    into.replaceChildren(h('p', { class: 'empty' }, t('nothing')));
    return;
  }
  const to = Math.min(from + size, list.length);
  const go = (at: number) => () => {
    fillPaged(into, list, size, draw, at);
    into.scrollIntoView({ block: 'nearest' });
  };
  into.replaceChildren(
    h('div', { class: 'list' }, ...list.slice(from, to).map(draw)),
    h(
      'nav',
      { class: 'pager', 'aria-label': t('pages') },
      h('button', { type: 'button', disabled: from === 0, onclick: go(Math.max(0, from - size)) }, t('previous')),
      h('span', { 'aria-live': 'polite' }, t('range', from + 1, to, list.length)),
      h('button', { type: 'button', disabled: to >= list.length, onclick: go(to) }, t('next')),
    ),
  );
}

/** Names and values in two columns; absent values are left out. */
export function facts(pairs: readonly (readonly [string, Child])[]): PageElement {
  return h(
    'dl',
    { class: 'facts' },
    ...pairs.filter(([, value]) => value !== undefined && value !== '').flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

/** A bar of parts of a whole; only a picture of numbers that stand beside it. */
export function bar(parts: readonly { readonly tone: string; readonly share: number }[]): PageElement {
  const element = h('span', { class: 'bar', 'aria-hidden': 'true' });
  for (const { tone, share } of parts) {
    if (share <= 0) continue;
    const part = h('span', { class: tone });
    part.style.setProperty('width', `${Math.min(100, share * 100)}%`);
    element.append(part);
  }
  return element;
}

/** A section's head: its name and one line about it. */
export function heading(id: string, title: string, note?: string): PageElement {
  return h('header', { class: 'head' }, h('h2', { id: `${id}-title`, tabindex: -1 }, title), note === undefined ? undefined : h('p', {}, note));
}

/** A signed count as it stands in plans: `+3`, `~1`, `-2`; faint where it is none. */
export function delta(sign: string, count: number, tone: Tone): PageElement {
  return h('span', { class: count === 0 ? 'delta none' : `delta ${tone}` }, `${sign}${number(count)}`);
}
