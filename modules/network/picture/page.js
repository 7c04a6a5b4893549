// The page of `net map`: shows one block at a time, its map and what lies in it. Runs in a browser, behind layout.ts.
/* global document, location, window, BigInt, rectOf, freeBlocks, outermost, bitsOfHex */
const data = JSON.parse(document.getElementById('data').textContent);
const [RELEASED, CONTAINER, POOL] = [1, 2, 4];
const most = 400;
const el = (id) => document.getElementById(id);
let language = (document.documentElement.lang = data.language);
let words = data.words[language];
let here;

/** Blocks in address order, each before what lies in it: [hex digits, length, name, owner, flags, number of blocks directly in it, length of the block kept for its growth, if any]. */
const nodes = data.blocks.map(([hex, length, name, owner, flags, count, growth]) => ({
  hex,
  length,
  name,
  owner: owner < 0 ? '' : data.owners[owner],
  flags,
  count,
  growth: growth ?? length,
  inner: [],
  parent: undefined,
  v6: false,
}));
const roots = [];
{
  let at = 0;
  const take = (parent, v6) => {
    const node = nodes[at++];
    node.parent = parent;
    node.v6 = v6;
    node.bits = bitsOfHex(node.hex, node.length);
    node.room = node.bits.slice(0, node.growth);
    node.size = 1n << BigInt((v6 ? 128 : 32) - node.length);
    for (let index = 0; index < node.count; index++) node.inner.push(take(node, v6));
    const opens = (node.flags & (CONTAINER | POOL)) !== 0;
    node.used = node.flags & RELEASED ? 0n : opens ? node.inner.reduce((sum, inner) => sum + inner.used, 0n) : node.size;
    node.delegated = opens ? node.inner.reduce((sum, inner) => sum + inner.size, 0n) : node.used;
    return node;
  };
  for (const v6 of data.roots) roots.push(take(undefined, v6));
}
const top = { name: '', inner: roots, owner: '', flags: 0, text: '' };
for (const root of roots) root.parent = top;

function prefixText(bits, v6) {
  const whole = bits.padEnd(v6 ? 128 : 32, '0');
  const groups = [];
  const step = v6 ? 16 : 8;
  for (let at = 0; at < whole.length; at += step) groups.push(Number.parseInt(whole.slice(at, at + step), 2));
  if (!v6) return `${groups.join('.')}/${bits.length}`;
  // RFC 5952: the first longest run of zeros becomes `::`.
  let [start, longest] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && groups[end] === 0) end++;
    if (end - at > longest) [start, longest] = [at, end - at];
    at = Math.max(at, end);
  }
  const hex = (part) => part.map((group) => group.toString(16)).join(':');
  return `${start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + longest))}`}/${bits.length}`;
}
const textOf = (node) => (node === top ? '' : (node.text ??= prefixText(node.bits, node.v6)));

function counted(count, node) {
  const unit = node.v6 ? (node.length <= 40 ? 48 : node.length <= 64 ? 64 : 128) : 32;
  const one = 1n << BigInt((node.v6 ? 128 : 32) - unit);
  const whole = (count / one).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const rest = ((count % one) * 100n) / one;
  const number = rest > 0n ? `${whole}.${String(rest).padStart(2, '0')}` : count > 0n && count < one ? '<0.01' : whole;
  return [number, unit === 48 || unit === 64 ? `/${unit}s` : words.addresses];
}
const percent = (part, whole) => {
  const share = Number((part * 100000n) / whole) / 1000;
  return part === 0n ? '0 %' : share < 0.1 ? '<0.1 %' : `${share >= 10 ? Math.floor(share) : Math.floor(share * 10) / 10} %`;
};
const share = (node) => Number((node.used * 1000n) / node.size) / 1000;
const freeOf = (node) => freeBlocks('', outermost(node.inner.map((inner) => inner.room.slice(node.length))));
const opens = (node) => (node.flags & (CONTAINER | POOL)) !== 0;

function facts(node) {
  if (node === top) return '';
  const parts = [];
  if (node.owner) parts.push(`${words.owner} ${node.owner}`);
  if (node.flags & RELEASED) parts.push(words.released);
  else if (opens(node)) {
    const [whole, unit] = counted(node.size, node);
    for (const [word, count] of [
      [words.delegated, node.delegated],
      [words.used, node.used],
    ])
      parts.push(`${word} ${counted(count, node)[0]} ${words.of} ${whole} ${unit} (${percent(count, node.size)})`);
    const largest = freeOf(node).reduce((best, bits) => (best === undefined || bits.length < best.length ? bits : best), undefined);
    const rest = node.inner.some((inner) => inner.growth < inner.length) ? words.kept : words.full;
    parts.push(largest === undefined ? rest : `${words.largest} ${prefixText(node.bits + largest, node.v6)}`);
  } else parts.push(words.network);
  if (node.parent !== top && node.length > node.parent.length) {
    const buddy = node.bits.slice(0, -1) + (node.bits.endsWith('1') ? '0' : '1');
    // Siblings are disjoint and in order: what overlaps the buddy is the last block that begins at or before its end.
    const end = `${buddy}2`;
    const { inner } = node.parent;
    let [low, high] = [0, inner.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (inner[middle].bits < end) low = middle + 1;
      else high = middle;
    }
    // The next one may keep room in front of it.
    const taken = [inner[low - 1], inner[low]].some((other) => other && other !== node && (other.room.startsWith(buddy) || buddy.startsWith(other.room)));
    parts.push(!buddy.startsWith(node.room) && taken ? words.fixed : words.double);
    if (node.growth < node.length) parts.push(`${words.room} ${prefixText(node.room, node.v6)}`);
  }
  return parts.join(' · ');
}

const kinds = [...new Set(nodes.map(({ name }) => name.split('/', 1)[0]))].sort();
const hueOf = (node, index) => Math.round((kinds.indexOf(node.name.split('/', 1)[0]) * 137.508 + 205 + ((index % 3) - 1) * 9) % 360);
function fillOf(node, hue, depth) {
  if (node.flags & RELEASED) return 'url(#gone)';
  return depth === 1
    ? `hsl(${hue},58%,${88 - Math.round(share(node) * 22)}%)`
    : `hsl(${hue},48%,${Math.max(38, 66 - depth * 6 - Math.round(share(node) * 6))}%)`;
}

function make(name, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

function drawMap(node, hit) {
  const map = el('map');
  map.replaceChildren();
  map.style.display = node === top ? 'none' : '';
  if (node === top) return;
  const size = 1000;
  const place = (bits) => {
    const { x, y, width, height } = rectOf(bits.slice(node.length));
    return { x: x * size, y: y * size, width: width * size, height: height * size };
  };
  map.append(
    make(
      'defs',
      {},
      make(
        'pattern',
        { id: 'gone', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
        make('rect', { width: 6, height: 6, fill: '#eee' }),
        make('rect', { width: 2, height: 6, fill: '#bbb' }),
      ),
      make('pattern', { id: 'kept', width: 8, height: 8, patternUnits: 'userSpaceOnUse' }, make('circle', { cx: 2, cy: 2, r: 1, fill: '#9aa5b1' })),
    ),
  );
  for (const bits of freeOf(node)) {
    const { x, y, width, height } = place(node.bits + bits);
    map.append(make('rect', { x, y, width, height, fill: 'none', stroke: 'var(--line)', 'stroke-width': 0.5 }));
    const text = `${words.free} /${node.length + bits.length}`;
    if (width > text.length * 9 && height > 30)
      map.append(make('text', { x: x + width / 2, y: y + height / 2 + 5, 'font-size': 15, 'text-anchor': 'middle', fill: 'var(--dim)' }, text));
  }
  for (const inner of node.inner) {
    if (inner.growth >= inner.length) continue;
    const title = make('title', {}, `${words.room} ${inner.name}  ${prefixText(inner.room, inner.v6)}`);
    map.append(
      make('rect', { class: 'kept', ...place(inner.room), fill: 'url(#kept)', stroke: '#9aa5b1', 'stroke-width': 0.6, 'stroke-dasharray': '3 2' }, title),
    );
  }
  const draw = (inner, hue, depth, into) => {
    const rect = place(inner.bits);
    const short = Math.min(rect.width, rect.height);
    if (depth > 1 && short < 1.5) return;
    // What would be smaller than a dot is drawn as one, unless dots would cover each other.
    const least = depth === 1 ? Math.max(3, Math.min(9, 500 / Math.sqrt(node.inner.length))) : 3;
    const dot = Math.max(0, least - short) / 2;
    const group = make('g', { class: 'block' });
    group.node = inner;
    group.append(make('title', {}, `${inner.name}  ${textOf(inner)}\n${facts(inner)}`));
    group.append(
      make('rect', {
        x: rect.x - dot,
        y: rect.y - dot,
        width: rect.width + 2 * dot,
        height: rect.height + 2 * dot,
        fill: fillOf(inner, hue, depth),
        ...(short > 6 ? { stroke: `hsl(${hue},45%,${depth === 1 ? 38 : 30}%)`, 'stroke-width': depth === 1 ? 1 : 0.5 } : {}),
      }),
    );
    if (depth < 5) for (const deeper of inner.inner) draw(deeper, hue, depth + 1, group);
    if (depth === 1) {
      const font = Math.min(20, (rect.width - 8) / (Math.max(inner.name.length, textOf(inner).length) * 0.58), rect.height / 3);
      if (font >= 8) {
        const style = { 'paint-order': 'stroke', stroke: '#fff', 'stroke-width': 3, 'stroke-opacity': 0.85, 'stroke-linejoin': 'round', fill: '#17202a' };
        group.append(make('text', { x: rect.x + 5, y: rect.y + font + 3, 'font-size': font, 'font-weight': 600, ...style }, inner.name));
        group.append(make('text', { x: rect.x + 5, y: rect.y + 2 * font + 6, 'font-size': font - 1, ...style }, textOf(inner)));
      }
    }
    into.append(group);
  };
  node.inner.forEach((inner, index) => draw(inner, hueOf(inner, index), 1, map));
  if (hit && hit !== node) {
    const rect = place(hit.bits);
    const dot = Math.max(0, 14 - Math.min(rect.width, rect.height)) / 2;
    map.append(make('rect', { class: 'hit', x: rect.x - dot, y: rect.y - dot, width: rect.width + 2 * dot, height: rect.height + 2 * dot }));
  }
  map.setAttribute('aria-label', `${words.title.replace('{name}', node.name)} ${textOf(node)}`);
}

function row(node, label = node.name) {
  const made = document.createElement('button');
  made.className = 'row';
  const name = document.createElement('span');
  name.textContent = label;
  if (node.owner) name.append(Object.assign(document.createElement('small'), { textContent: node.owner }));
  const prefix = Object.assign(document.createElement('span'), { textContent: textOf(node) });
  const bar = Object.assign(document.createElement('div'), { className: 'bar', title: percent(node.used, node.size) });
  const filled = document.createElement('i');
  filled.style.width = `${share(node) * 100}%`;
  if (node.used > 0n) bar.append(filled);
  made.append(name, prefix, bar);
  made.title = facts(node);
  made.onclick = () => open(node);
  return made;
}

function drawList(node) {
  const list = el('list');
  list.replaceChildren();
  const rows = node.inner.map((inner) => ({ bits: inner.bits, inner }));
  if (node !== top) for (const bits of freeOf(node)) if (node.inner.length > 0) rows.push({ bits: node.bits + bits, inner: undefined });
  if (node !== top) rows.sort((one, other) => (one.bits < other.bits ? -1 : 1));
  for (let at = 0; at < Math.min(rows.length, most); at++) {
    const { inner } = rows[at];
    if (inner) {
      list.append(row(inner));
      continue;
    }
    // Free blocks side by side are one row, named by the largest.
    let count = 0;
    let best = rows[at];
    for (; at < rows.length && !rows[at].inner; at++, count++) if (rows[at].bits.length < best.bits.length) best = rows[at];
    at--;
    const free = Object.assign(document.createElement('div'), { className: 'row free' });
    const label = count === 1 ? words.free : `${words.free}: ${words.blocks.replace('{count}', count)}`;
    free.append(
      Object.assign(document.createElement('span'), { textContent: label }),
      Object.assign(document.createElement('span'), { textContent: prefixText(best.bits, node.v6) }),
    );
    list.append(free);
  }
  if (rows.length > most)
    list.append(Object.assign(document.createElement('div'), { className: 'row free', textContent: words.more.replace('{count}', rows.length - most) }));
  el('inside').textContent = rows.length > 0 ? words.inside : '';
}

function open(node, hit) {
  // What has nothing in it is shown in the block around it.
  const shown = node.inner.length === 0 && node.parent && node.parent !== top ? node.parent : node;
  here = shown;
  drawMap(shown, hit ?? (shown === node ? undefined : node));
  drawList(shown);
  const chain = [];
  for (let at = shown; at; at = at.parent) chain.unshift(at);
  if (roots.length === 1) chain.shift();
  el('path').replaceChildren(
    ...chain.flatMap((at, index) => {
      const button = Object.assign(document.createElement('button'), {
        textContent: at === top ? words.whole : `${at.name} ${textOf(at)}`,
        onclick: () => open(at),
      });
      return index === 0 ? [button] : [' › ', button];
    }),
  );
  el('facts').textContent = facts(node);
  const wanted = node === top ? '' : `#${encodeURIComponent(`${node.name} ${textOf(node)}`)}`;
  if (location.hash !== wanted && (wanted || location.hash)) window.history.replaceState(null, '', wanted || '#');
}

const folded = (text) =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[đĐ]/gu, 'd')
    .toLowerCase();

/** The bits of an address or prefix somebody types; undefined for anything else. */
function typedBits(text) {
  const [address, length] = text.split('/');
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (v4)
    return {
      v6: false,
      bits: v4
        .slice(1)
        .map((octet) => Number(octet).toString(2).padStart(8, '0'))
        .join('')
        .slice(0, length === undefined ? 32 : Number(length)),
    };
  if (!/^[0-9a-f:]+$/i.test(address) || !address.includes(':')) return undefined;
  const [head, tail] = address.split('::');
  const groups = head ? head.split(':') : [];
  const end = tail ? tail.split(':') : [];
  if (groups.length + end.length > 8 || (tail === undefined && groups.length !== 8)) return undefined;
  const all = [...groups, ...Array(8 - groups.length - end.length).fill('0'), ...end];
  return {
    v6: true,
    bits: all
      .map((group) =>
        Number.parseInt(group || '0', 16)
          .toString(2)
          .padStart(16, '0'),
      )
      .join('')
      .slice(0, length === undefined ? 128 : Number(length)),
  };
}

function search(text) {
  const query = folded(text.trim());
  if (query === '') {
    open(here);
    return;
  }
  const typed = typedBits(query);
  // Whoever holds the address, from the innermost out; else what names it.
  const hits = typed
    ? nodes
        .filter(({ v6, bits }) => v6 === typed.v6 && (typed.bits.startsWith(bits) || bits.startsWith(typed.bits)))
        .sort((one, other) => other.length - one.length)
    : nodes.filter((node) => folded(`${node.name} ${node.owner}`).includes(query) || textOf(node).startsWith(query));
  const list = el('list');
  list.replaceChildren(...hits.slice(0, most).map((node) => row(node)));
  el('inside').textContent = hits.length === 0 ? words.nothing : words.found.replace('{count}', hits.length);
  const first = hits[0];
  if (first?.parent && first.parent !== top) {
    here = first.parent;
    drawMap(first.parent, first);
    el('facts').textContent = `${first.name} ${textOf(first)} · ${facts(first)}`;
  }
}

function speak(to) {
  language = document.documentElement.lang = to;
  words = data.words[to];
  const title = roots.length === 1 ? words.title.replace('{name}', roots[0].name) : words.all;
  document.title = title;
  el('title').textContent = title;
  el('search').placeholder = words.search;
  el('search').setAttribute('aria-label', words.search);
  el('other').textContent = words.other;
  el('hint').textContent = `${words.hint} ${words.zoom}`;
  open(here);
}

el('map').addEventListener('click', (event) => {
  const group = event.target.closest('.block');
  // The outermost block below the one shown: each press goes one level down.
  let found;
  for (let at = group; at; at = at.parentElement?.closest('.block')) found = at;
  if (found) open(found.node);
});
el('search').addEventListener('input', (event) => search(event.target.value));
el('other').addEventListener('click', () => speak(language === 'vi' ? 'en' : 'vi'));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && here.parent && (here.parent !== top || roots.length > 1)) open(here.parent);
});
here = roots.length === 1 ? roots[0] : top;
const asked = decodeURIComponent(location.hash.slice(1));
here = nodes.find((node) => `${node.name} ${textOf(node)}` === asked || node.name === asked) ?? here;
speak(language);
