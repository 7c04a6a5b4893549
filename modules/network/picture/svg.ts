import { compareCodeUnits } from '../../core/index.ts';
import { formatPrefix } from '../format.ts';
import { bitsOf, buddyOf, compareAddresses, contains, lastAddress, overlaps, type Prefix } from '../prefix.ts';
import { inUnits, percentText, unitName, unitOf } from '../review/units.ts';
import type { Block } from '../tree.ts';
import { freeBlocks, outermost, rectOf, type Rect } from './layout.ts';
import { bitText, fullnessOf, type Fullness } from './tree.ts';
import { wordsOf, type Language, type Words } from './words.ts';

const mapSize = 960;
const left = 24;
const top = 96;
const rowHeight = 20;
const mostRows = Math.floor(mapSize / rowHeight) * 2;
const deepest = 6;

/**
 * The map of a block as a picture that stands alone (SVG 1.1): everything in it to scale along a Hilbert curve, and the
 * blocks directly in it as a numbered list. The same plan gives the same bytes.
 */
export function blockSvg(root: Block, language: Language): string {
  const words = wordsOf(language);
  const fullness = fullnessOf(root);
  const rows = root.blocks.slice(0, mostRows);
  const columns = rows.length > mapSize / rowHeight ? 2 : 1;
  const columnWidth = 410;
  const width = left + mapSize + 24 + columns * columnWidth;
  const height = top + mapSize + 48;
  const title = words.title.replace('{name}', root.name);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(`${title} ${root.text}`)}" font-family="'Noto Sans','DejaVu Sans',Arial,sans-serif">`,
    `<title>${escapeXml(`${title} ${root.text}`)}</title>`,
    '<defs><pattern id="gone" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#eee"/><rect width="2" height="6" fill="#bbb"/></pattern><pattern id="kept" width="8" height="8" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1" fill="#9aa5b1"/></pattern></defs>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="42" font-size="26" font-weight="700" fill="#17202a">${escapeXml(root.name)} <tspan font-weight="400" fill="#52606d">${escapeXml(root.text)}</tspan></text>`,
    `<text x="${left}" y="70" font-size="15" fill="#52606d">${escapeXml(summary(root, fullness.get(root), words))}</text>`,
    `<g transform="translate(${left} ${top})"><rect width="${mapSize}" height="${mapSize}" fill="#f7f9fb" stroke="#9aa5b1"/>`,
    ...grid(root),
    ...freeLabels(root, words),
  ];
  const hues = huesOf(root);
  parts.push(...keptRooms(root, words));
  root.blocks.forEach((block, index) => draw(parts, block, root, fullness, hues[index] ?? 0, index, 1, words));
  parts.push(`<rect width="${mapSize}" height="${mapSize}" fill="none" stroke="#52606d" stroke-width="1.5"/></g>`);
  rows.forEach((block, index) => {
    const column = Math.floor((index * rowHeight) / mapSize);
    const x = left + mapSize + 24 + column * columnWidth;
    const y = top + (index % Math.floor(mapSize / rowHeight)) * rowHeight;
    parts.push(legendRow(block, fullness.get(block), hues[index] ?? 0, index, x, y));
  });
  if (root.blocks.length > rows.length) {
    parts.push(
      `<text x="${left + mapSize + 24}" y="${top + mapSize + 22}" font-size="13" fill="#52606d">${escapeXml(words.more.replace('{count}', String(root.blocks.length - rows.length)))}</text>`,
    );
  }
  parts.push(`<text x="${left}" y="${top + mapSize + 28}" font-size="13" fill="#7b8794">${escapeXml(words.hint)}</text>`, '</svg>');
  return `${parts.join('\n')}\n`;
}

/** A hue for every block directly in `root`: one for each kind of key (the part before the first `/`), neighbours a little apart. */
function huesOf({ blocks }: Block): number[] {
  const kind = ({ name }: Block): string => name.split('/', 1)[0] ?? '';
  const kinds = [...new Set(blocks.map(kind))].sort(compareCodeUnits);
  // The golden angle never repeats a hue soon.
  return blocks.map((block, index) => Math.round((kinds.indexOf(kind(block)) * 137.508 + 205 + ((index % 3) - 1) * 9) % 360));
}

/** Fuller blocks are darker. */
function fillOf(hue: number, block: Block, found: Fullness | undefined, depth: number): string {
  if (block.kind === 'released') return 'url(#gone)';
  const share = shareOf(block, found);
  const lightness = depth === 1 ? 88 - Math.round(share * 22) : Math.max(38, 66 - depth * 6 - Math.round(share * 6));
  return `hsl(${hue},${depth === 1 ? 58 : 48}%,${lightness}%)`;
}

function shareOf(block: Block, found: Fullness | undefined): number {
  const whole = 1n << BigInt(bitsOf(block.family) - block.prefix.length);
  return found ? Number((found.used * 1000n) / whole) / 1000 : 0;
}

function place(block: Prefix, root: Block): Rect {
  const { x, y, width, height } = rectOf(bitText(block).slice(root.prefix.length));
  return { x: x * mapSize, y: y * mapSize, width: width * mapSize, height: height * mapSize };
}

function draw(
  parts: string[],
  block: Block,
  root: Block,
  fullness: ReadonlyMap<Block, Fullness>,
  hue: number,
  index: number,
  depth: number,
  words: Words,
): void {
  const rect = place(block.prefix, root);
  // What is smaller than a dot would make the file large and the picture no clearer; the first level always shows.
  const size = Math.min(rect.width, rect.height);
  if (depth > 1 && size < 0.9) return;
  const least = depth === 1 ? Math.max(2, Math.min(8, mapSize / 2 / Math.sqrt(root.blocks.length))) : 2;
  const dot = Math.max(0, least - size) / 2;
  const at = `x="${round(rect.x - dot)}" y="${round(rect.y - dot)}" width="${round(rect.width + 2 * dot)}" height="${round(rect.height + 2 * dot)}"`;
  const line = size > 6 ? ` stroke="hsl(${hue},45%,${depth === 1 ? 38 : 30}%)" stroke-width="${depth === 1 ? 1 : 0.5}"` : '';
  parts.push(
    `<g><title>${escapeXml(tooltip(block, fullness.get(block), words))}</title><rect ${at} fill="${fillOf(hue, block, fullness.get(block), depth)}"${line}/>`,
  );
  if (depth < deepest) for (const inner of block.blocks) draw(parts, inner, root, fullness, hue, index, depth + 1, words);
  if (depth === 1) parts.push(...labelOf(block, rect, index));
  parts.push('</g>');
}

/** The name where it fits, else the number it has in the list. */
function labelOf(block: Block, { x, y, width, height }: Rect, index: number): string[] {
  const halo = 'paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round" stroke-opacity="0.85" fill="#17202a" pointer-events="none"';
  const size = Math.min(16, Math.floor((width - 8) / (Math.max(block.name.length, block.text.length) * 0.58)), Math.floor(height / 3));
  if (size >= 8) {
    return [
      `<text x="${round(x + 5)}" y="${round(y + size + 3)}" font-size="${size}" font-weight="600" ${halo}>${escapeXml(block.name)}</text>`,
      `<text x="${round(x + 5)}" y="${round(y + 2 * size + 6)}" font-size="${size - 1}" ${halo}>${escapeXml(block.text)}</text>`,
    ];
  }
  const number = String(index + 1);
  const small = Math.min(13, Math.floor(Math.min(width / (number.length * 0.6 + 0.2), height * 0.8)));
  if (small < 6 || index >= mostRows) return [];
  return [
    `<text x="${round(x + width / 2)}" y="${round(y + height / 2 + small * 0.36)}" font-size="${small}" font-weight="600" text-anchor="middle" fill="#17202a" pointer-events="none">${number}</text>`,
  ];
}

/** Faint lines where the next nibbles or octets begin, so that empty space can be read too. */
function grid(root: Block): string[] {
  const step = root.family === 'v6' ? 4 : 8;
  const lines: string[] = [];
  const bits = Math.min(8, step - (root.prefix.length % step) || step);
  const cells = 2 ** Math.ceil(bits / 2);
  for (let index = 1; index < cells; index++) {
    const at = round((index * mapSize) / cells);
    lines.push(`<path d="M${at} 0V${mapSize}M0 ${at}H${mapSize}" stroke="#d9e0e7" stroke-width="0.6" fill="none"/>`);
  }
  return lines;
}

/** The bits of the maximal blocks directly in a block that are neither given out nor kept for the growth of a key. */
function freeBits({ prefix, blocks }: Block): string[] {
  return freeBlocks('', outermost(blocks.map((inner) => bitText(inner.growth ?? inner.prefix).slice(prefix.length))));
}

function keepsRoom({ prefix, growth }: Block): boolean {
  return growth !== undefined && growth.length < prefix.length;
}

/** What keys directly in a block keep free for their growth: dotted, and drawn over by the keys. */
function keptRooms(root: Block, words: Words): string[] {
  return root.blocks.flatMap(({ name, growth, prefix }) => {
    if (!growth || growth.length >= prefix.length) return [];
    const { x, y, width, height } = place(growth, root);
    if (Math.min(width, height) < 2) return [];
    return [
      `<rect class="kept" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="url(#kept)" stroke="#9aa5b1" stroke-width="0.6" stroke-dasharray="3 2"><title>${escapeXml(`${words.room} ${name}  ${formatPrefix(growth)}`)}</title></rect>`,
    ];
  });
}

function freeLabels(root: Block, words: Words): string[] {
  const skip = root.prefix.length;
  return freeBits(root).flatMap((bits) => {
    const { x, y, width, height } = rectOf(bits);
    const [wide, high] = [width * mapSize, height * mapSize];
    const length = skip + bits.length;
    const text = `${words.free} /${length}`;
    if (wide < text.length * 8 || high < 24) return [];
    return [
      `<text x="${round(x * mapSize + wide / 2)}" y="${round(y * mapSize + high / 2 + 5)}" font-size="13" text-anchor="middle" fill="#9aa5b1">${escapeXml(text)}</text>`,
    ];
  });
}

function legendRow(block: Block, found: Fullness | undefined, hue: number, index: number, x: number, y: number): string {
  const share = shareOf(block, found);
  const bar = Math.round(share * 60);
  const name = block.name.length > 26 ? `${block.name.slice(0, 25)}…` : block.name;
  return [
    `<g><rect x="${x}" y="${y + 2}" width="26" height="15" rx="2" fill="${fillOf(hue, block, found, 1)}" stroke="hsl(${hue},45%,38%)"/>`,
    `<text x="${x + 13}" y="${y + 13.5}" font-size="10" font-weight="600" text-anchor="middle" fill="#17202a">${index + 1}</text>`,
    `<text x="${x + 34}" y="${y + 14}" font-size="12.5" fill="#17202a">${escapeXml(name)}</text>`,
    `<text x="${x + 216}" y="${y + 14}" font-size="12" fill="#52606d">${escapeXml(block.text)}</text>`,
    `<rect x="${x + 338}" y="${y + 6}" width="60" height="8" fill="#e4e9ee"/><rect x="${x + 338}" y="${y + 6}" width="${share > 0 ? Math.max(1, bar) : 0}" height="8" fill="#3e6d9c"/></g>`,
  ].join('');
}

function tooltip(block: Block, found: Fullness | undefined, words: Words): string {
  const lines = [`${block.name}  ${block.text}`];
  if (block.owner !== undefined) lines.push(`${words.owner} ${block.owner}`);
  if (block.kind === 'released') lines.push(words.released);
  else if (block.allocation?.container === true) lines.push(summary(block, found, words));
  const beside = block.parent && canDouble(block);
  if (beside !== undefined && block.kind === 'key') lines.push(beside ? words.double : words.fixed);
  return lines.join('\n');
}

/** Whether the block beside it is free, so that it could grow without renumbering. */
export function canDouble(block: Block): boolean {
  const { prefix, parent, growth } = block;
  if (!parent || prefix.length <= parent.prefix.length) return false;
  const buddy = buddyOf(prefix);
  if (!buddy) return false;
  if (growth && contains(growth, buddy)) return true;
  // Siblings are disjoint and in order: what overlaps the buddy is the last block that begins at or before its end.
  const end = lastAddress(buddy);
  const { blocks } = parent;
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = blocks[middle];
    if (other && compareAddresses(other.prefix, end) <= 0) low = middle + 1;
    else high = middle;
  }
  // The next one may keep room in front of it.
  return [blocks[low - 1], blocks[low]].every((other) => !other || other === block || !overlaps(other.growth ?? other.prefix, buddy));
}

/** The two utilisation numbers of a block and its largest free block, in words. */
function summary(block: Block, found: Fullness | undefined, words: Words): string {
  if (!found) return '';
  const unit = unitOf(block.prefix);
  const whole = 1n << BigInt(bitsOf(block.family) - block.prefix.length);
  const name = unit === 32 || unit === 128 ? words.addresses : unitName(unit);
  const part = (word: string, count: bigint): string =>
    `${word} ${inUnits(count, block.family, unit)} ${words.of} ${inUnits(whole, block.family, unit)} ${name} (${percentText(count, whole)})`;
  const largest = freeBits(block).reduce<string | undefined>((best, bits) => (best === undefined || bits.length < best.length ? bits : best), undefined);
  const text = largest === undefined ? (block.blocks.some(keepsRoom) ? words.kept : words.full) : `${words.largest} ${prefixOfBits(block, largest)}`;
  return `${part(words.delegated, found.delegated)} · ${part(words.used, found.used)} · ${text}`;
}

function prefixOfBits(block: Block, bits: string): string {
  const all = bitText(block.prefix) + bits;
  const words = [0, 32, 64, 96].map((from) => Number.parseInt(all.slice(from, from + 32).padEnd(32, '0'), 2));
  const [a = 0, b = 0, c = 0, d = 0] = words;
  return formatPrefix({ family: block.family, a, b, c, d, length: all.length });
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Text inside XML; control characters, which XML 1.0 has not, are left out. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/gu, '')
    .replace(/&/gu, '&amp;')
    .replace(/</gu, '&lt;')
    .replace(/>/gu, '&gt;')
    .replace(/"/gu, '&quot;');
}
