export { bitRulers, rulerText, type BitField, type BitRuler } from './bits.ts';
export { blocksHtml } from './html.ts';
export { freeBlocks, rectOf, type Rect } from './layout.ts';
export { blockSvg, canDouble } from './svg.ts';
export { blocksOf } from './tree.ts';
export { wordsOf, type Language, type Words } from './words.ts';
