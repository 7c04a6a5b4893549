import { formatBlock, usageOf, type TreeNode } from './addresses.ts';
import { h, type PageElement } from './dom.ts';
import { fold } from './fold.ts';
import { cell, organisationName, type Model } from './model.ts';
import { nodeLabel, ownerOfNode } from './overview.ts';
import { bar, heading, searchBox } from './parts.ts';
import { percent, t } from './words.ts';

let family: 32 | 128 = 32;
let wanted = '';
/** Blocks shown at once under one block; more on demand. */
const step = 30;
const mostFound = 60;

/** The address plan as a tree of blocks, one family at a time, or what a search finds in it. */
export function renderAddresses(model: Model, section: PageElement): void {
  const body = h('div', { class: 'tree', id: 'address-tree' });
  const draw = (): void => (wanted.trim() === '' ? drawTree(model, body) : drawFound(model, body));
  const choose = (to: 32 | 128, label: string): PageElement =>
    h(
      'label',
      {},
      h('input', {
        type: 'radio',
        name: 'family',
        checked: family === to,
        onchange: () => {
          family = to;
          draw();
        },
      }),
      h('span', {}, label),
    );
  section.replaceChildren(
    heading('addresses', t('tree')),
    h(
      'form',
      { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
      h('fieldset', { class: 'switch' }, h('legend', {}, t('family')), choose(32, t('v4')), choose(128, t('v6'))),
      searchBox('address-search', t('tree'), t('treeSearch'), wanted, (text) => {
        wanted = text;
        draw();
      }),
    ),
    body,
  );
  draw();
}

function drawTree(model: Model, body: PageElement): void {
  const parts: PageElement[] = [];
  for (const [domain, roots] of model.trees) {
    const own = roots.filter((node) => node.block.bits === family);
    if (own.length === 0) continue;
    if (model.trees.size > 1) parts.push(h('h3', {}, domain === '' ? t('outside') : `VRF ${domain}`));
    const list = h('ul', {});
    fill(model, list, own, parts.length < 2);
    parts.push(list);
  }
  body.replaceChildren(...(parts.length > 0 ? parts : [h('p', { class: 'empty' }, t('nothing'))]));
}

function fill(model: Model, list: PageElement, nodes: readonly TreeNode[], open: boolean, from = 0): void {
  for (const node of nodes.slice(from, from + step)) list.append(h('li', {}, branch(model, node, open)));
  const left = nodes.length - from - step;
  if (left <= 0) return;
  const item = h('li', {});
  item.append(
    h(
      'button',
      {
        type: 'button',
        onclick: () => {
          item.replaceChildren();
          item.hidden = true;
          fill(model, list, nodes, false, from + step);
        },
      },
      t('more', Math.min(left, step)),
    ),
  );
  list.append(item);
}

function branch(model: Model, node: TreeNode, open: boolean): PageElement {
  if (node.children.length === 0) return h('div', { class: 'leaf' }, nodeLine(model, node));
  const list = h('ul', {});
  const element = h('details', { open }, h('summary', {}, nodeLine(model, node)), list);
  let filled = false;
  const expand = (): void => {
    if (filled || !element.open) return;
    filled = true;
    fill(model, list, node.children, false);
  };
  element.addEventListener('toggle', expand);
  expand();
  return element;
}

function nodeLine(model: Model, node: TreeNode): PageElement {
  const owner = node.pool ? '' : ownerOfNode(model, node);
  const { used, free } = usageOf(node);
  const whole = node.children.length > 0;
  return h(
    'span',
    { class: 'block' },
    h('code', { class: 'prefix' }, formatBlock(node.block)),
    h('span', { class: 'key' }, nodeLabel(model, node)),
    h('span', { class: 'holder' }, owner === '' ? undefined : organisationName(model, owner)),
    whole
      ? h(
          'span',
          { class: 'usage' },
          bar([{ tone: 'used', share: Math.max(used, 0.01) }]),
          h('small', {}, `${t('inside', node.children.length)} · ${t('used', percent(used))} · ${free ? t('free', formatBlock(free)) : t('full')}`),
        )
      : undefined,
  );
}

function drawFound(model: Model, body: PageElement): void {
  const terms = fold(wanted.trim()).split(/\s+/u);
  const found: TreeNode[] = [];
  let count = 0;
  const visit = (node: TreeNode): void => {
    if (!node.pool) {
      const row = model.prefixes[node.index];
      const owner = cell(row, 'owner');
      const haystack = fold(`${cell(row, 'key')} ${cell(row, 'prefix')} ${owner} ${organisationName(model, owner)}`);
      if (terms.every((term) => haystack.includes(term))) {
        count++;
        if (found.length < mostFound) found.push(node);
      }
    }
    node.children.forEach(visit);
  };
  for (const roots of model.trees.values()) roots.filter((node) => node.block.bits === family).forEach(visit);
  body.replaceChildren(
    h('p', { class: 'count', 'aria-live': 'polite' }, count > found.length ? t('firstOf', found.length, count) : t('found', count)),
    h('ul', {}, ...found.map((node) => h('li', {}, branch(model, node, found.length === 1)))),
  );
}
