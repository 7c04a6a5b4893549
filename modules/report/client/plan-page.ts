import { byId, h, page, type Child, type PageElement, type PageEvent } from './dom.ts';
import { agencyName, matching, modelOf, type PlanPayload, type Query, type Stack } from './plan-model.ts';
import { agencyHead, sign, stackElement } from './plan-stacks.ts';
import { currentLanguage, number, setLanguage, type Language } from './language.ts';
import { t, type Word } from './plan-words.ts';

/** Objects named in the part about what goes; the list below has all. */
const mostGone = 100;
const actions = ['delete', 'replace', 'update', 'create', 'import', 'move', 'waits', 'failed', 'skipped'] as const;

interface Shown {
  readonly stack: Stack;
  readonly element: PageElement;
  readonly head: PageElement;
  open(): void;
}

const model = modelOf(JSON.parse(byId('data').textContent ?? '') as PlanPayload);
let query: Query = { text: '', agency: '', action: '' };
let shown: Shown[] = [];
/** Which of the shown stacks the keys j and k stand on; -1: none yet. */
let at = -1;

/** Draws everything in one language; called again when it changes, with what was asked. */
function show(language: Language): void {
  setLanguage(language);
  page.documentElement.setAttribute('lang', language);
  page.title = `${t('plan', model.plan)} · V-Cloud`;
  byId('skip').replaceChildren(t('skip'));
  byId('name').replaceChildren(t('plan', model.plan));
  const waiting = model.stacks.filter(({ state }) => state === 'waits').length;
  const planned = model.stacks.filter(({ state }) => state === 'planned').length;
  const totals = t('totals', planned, waiting, model.unchanged);
  const place = h('span', { class: `badge ${model.environment === 'sandbox' ? 'info' : 'bad'}` }, t(model.environment));
  byId('subtitle').replaceChildren(place, ` ${model.engine} · ${totals}`);
  for (const one of ['vi', 'en'] as const) byId(`language-${one}`).setAttribute('aria-pressed', String(one === language));
  renderGone(byId('gone'));
  renderStacks(byId('stacks'));
  renderHelp(byId('help'));
}

function renderGone(section: PageElement): void {
  const gone = model.stacks
    .filter(({ state }) => state === 'planned')
    .flatMap((stack) => stack.changes.filter(({ action }) => action === 'delete' || action === 'replace').map((change) => ({ stack, change })))
    .sort((a, b) => Number(a.change.action === 'replace') - Number(b.change.action === 'replace'));
  const line = ({ stack, change }: (typeof gone)[number]): PageElement =>
    h(
      'li',
      {},
      sign(change.action),
      ' ',
      h('button', { type: 'button', class: 'link', onclick: () => goTo(stack) }, h('code', {}, stack.path)),
      ' ',
      h('code', {}, change.address),
    );
  const parts: Child[] = [
    h('h2', { id: 'gone-title' }, t('goneTitle'), gone.length > 0 ? ` (${number(gone.length)})` : ''),
    gone.length === 0 ? h('p', {}, t('nothingGone')) : h('ul', { class: 'plain gone' }, ...gone.slice(0, mostGone).map(line)),
    gone.length > mostGone ? h('p', { class: 'muted' }, t('more', gone.length - mostGone)) : undefined,
  ];
  if (model.preflight !== undefined) parts.push(...preflightParts(model.preflight));
  if (model.effects.length > 0) {
    const items = model.effects.map(({ effect, agency, subjects }) =>
      h('li', {}, `${agencyName(model, agency)}: ${t(effect as Word)}: `, h('code', {}, some(subjects))),
    );
    parts.push(h('h3', {}, t('effects')), h('ul', { class: 'plain' }, ...items));
  }
  if (model.approvals.length > 0) {
    const items = model.approvals.map(({ rule, names, count, of, because }) =>
      h(
        'li',
        {},
        h('strong', {}, names?.[currentLanguage()] ?? rule),
        ' ',
        h('code', {}, rule),
        `: ${t('nOf', count, of.join(', '))}`,
        h('small', {}, ` (${t('because')} ${some(because)})`),
      ),
    );
    parts.push(h('h3', {}, t('approvals')), h('ul', { class: 'plain' }, ...items));
  }
  section.replaceChildren(...parts.filter((part): part is PageElement => part !== undefined));
}

/** What was looked at before anything was planned: faults first. */
function preflightParts({ pass, fail, unknown, findings }: NonNullable<typeof model.preflight>): PageElement[] {
  const items = findings.map(({ check, stacks, result, message, hint, address }) =>
    h(
      'li',
      {},
      h('span', { class: `badge ${result === 'fail' ? 'bad' : 'info'}` }, t(result === 'fail' ? 'fault' : 'unlooked')),
      ' ',
      h('code', {}, [check, ...stacks.slice(0, 8), address ?? ''].filter((part) => part !== '').join(' ')),
      ` ${message}`,
      hint === undefined ? undefined : h('small', {}, ` (${hint})`),
    ),
  );
  const title = h('h3', {}, `${t('preflight')}: ${t('looked', number(pass), number(fail), number(unknown))}`);
  return items.length === 0 ? [title] : [title, h('ul', { class: 'plain' }, ...items)];
}

function some(list: readonly string[]): string {
  return `${list.slice(0, 8).join(', ')}${list.length > 8 ? ` ${t('more', list.length - 8)}` : ''}`;
}

function renderStacks(section: PageElement): void {
  const ask = (part: Partial<Query>): void => {
    query = { ...query, ...part };
    at = -1;
    fill();
  };
  const choice = (id: string, label: string, values: readonly (readonly [string, string])[], selected: string, change: (value: string) => void): PageElement =>
    h(
      'label',
      { class: 'field', for: id },
      h('span', {}, label),
      h(
        'select',
        { id, onchange: (event) => change(event.target.value) },
        ...[['', t('all')] as const, ...values].map(([value, name]) => h('option', { value, selected: value === selected }, name)),
      ),
    );
  const used = actions.filter((action) => model.stacks.some((stack) => stack.state === action || stack.changes.some((change) => change.action === action)));
  section.replaceChildren(
    h('h2', { id: 'stacks-title', tabindex: -1 }, t('stacks')),
    h(
      'div',
      { class: 'filters' },
      h(
        'label',
        { class: 'field wide', for: 'search' },
        h('span', {}, `${t('search')} (/)`),
        h('input', {
          id: 'search',
          type: 'search',
          value: query.text,
          placeholder: t('searchHint'),
          autocomplete: 'off',
          spellcheck: 'false',
          oninput: (event) => ask({ text: event.target.value }),
        }),
      ),
      choice(
        'agency',
        t('agency'),
        model.agencies.map((id) => [id, agencyName(model, id)] as const),
        query.agency,
        (agency) => ask({ agency }),
      ),
      choice(
        'action',
        t('action'),
        used.map((action) => [action, t(action)] as const),
        query.action,
        (action) => ask({ action }),
      ),
      h('button', { type: 'button', id: 'all', onclick: () => toggleAll() }, t('expand')),
      h('button', { type: 'button', id: 'keys', onclick: () => toggleHelp() }, t('help')),
    ),
    h('p', { id: 'count', class: 'count', 'aria-live': 'polite' }),
    h('div', { id: 'list' }),
  );
  fill();
}

/** Draws the list that fits what is asked. */
function fill(): void {
  const stacks = matching(model, query);
  const open = new Set(shown.filter(({ element }) => element.open).map(({ stack }) => stack.path));
  const groups = new Map<string, Stack[]>();
  for (const stack of stacks) groups.set(stack.agency, [...(groups.get(stack.agency) ?? []), stack]);
  shown = [];
  const parts = [...groups].map(([agency, list]) =>
    h(
      'div',
      { class: 'agency' },
      agencyHead(model, agency, list),
      ...list.map((stack) => {
        const one = { stack, ...stackElement(stack) };
        const index = shown.push(one) - 1;
        one.head.addEventListener('focus', () => (at = index));
        if (open.has(stack.path)) one.open();
        return one.element;
      }),
    ),
  );
  byId('count').replaceChildren(model.stacks.length === 0 ? t('noDifferences') : t('shown', stacks.length, model.stacks.length));
  byId('list').replaceChildren(...(parts.length === 0 && model.stacks.length > 0 ? [h('p', { class: 'empty' }, t('nothing'))] : parts));
  nameAll();
}

function goTo(stack: Stack): void {
  if (!shown.some((one) => one.stack === stack)) {
    query = { text: '', agency: '', action: '' };
    renderStacks(byId('stacks'));
  }
  const one = shown.find((other) => other.stack === stack);
  one?.open();
  one?.head.focus();
  one?.head.scrollIntoView({ block: 'start' });
}

function toggleAll(): void {
  const open = shown.some(({ element }) => !element.open);
  for (const one of shown) {
    if (open) one.open();
    else one.element.open = false;
  }
  nameAll();
}

function nameAll(): void {
  byId('all').replaceChildren(shown.length > 0 && shown.every(({ element }) => element.open) ? t('collapse') : t('expand'));
}

function renderHelp(dialog: PageElement): void {
  const rows: readonly (readonly [string, string])[] = [
    ['j k', t('helpMove')],
    ['Enter', t('helpOpen')],
    ['o', t('helpAll')],
    ['/', t('helpSearch')],
    ['Esc', t('helpLeave')],
    ['?', t('helpHelp')],
  ];
  dialog.replaceChildren(
    h('h2', { id: 'help-title' }, t('helpTitle')),
    h('dl', { class: 'facts' }, ...rows.flatMap(([keys, what]) => [h('dt', {}, h('kbd', {}, keys)), h('dd', {}, what)])),
    h('button', { type: 'button', id: 'help-close', onclick: () => toggleHelp() }, t('close')),
  );
}

function toggleHelp(): void {
  const dialog = byId('help');
  dialog.hidden = !dialog.hidden;
  (dialog.hidden ? byId('keys') : byId('help-close')).focus({ preventScroll: true });
}

function move(by: number): void {
  if (shown.length === 0) return;
  at = Math.min(shown.length - 1, Math.max(0, at + by));
  shown[at]?.head.focus();
  shown[at]?.head.scrollIntoView({ block: 'nearest' });
}

function onKey(event: PageEvent): void {
  if (event.ctrlKey || event.metaKey) return;
  const typing = event.target.closest('input, select, textarea') !== null;
  if (event.key === 'Escape') {
    if (!byId('help').hidden) toggleHelp();
    else if (typing) byId('stacks-title').focus({ preventScroll: true });
    return;
  }
  if (typing) return;
  const keys: Readonly<Record<string, () => void>> = {
    j: () => move(1),
    k: () => move(at < 0 ? 1 : -1),
    o: toggleAll,
    '?': toggleHelp,
    '/': () => byId('search').focus(),
  };
  const work = keys[event.key];
  if (work === undefined) return;
  event.preventDefault();
  work();
}

page.documentElement.addEventListener('keydown', onKey);
for (const language of ['vi', 'en'] as const) byId(`language-${language}`).addEventListener('click', () => show(language));
show(model.language);
page.documentElement.setAttribute('data-ready', 'true');
