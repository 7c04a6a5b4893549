import * as fs from 'node:fs';
import * as module from 'node:module';
import { compareCodeUnits } from '../../core/index.ts';
import type { Block } from '../tree.ts';
import { hexText } from './tree.ts';
import { wordsOf, type Language } from './words.ts';

/**
 * The map of blocks as one page that needs nothing else: zoom into every block, search by key, holder, address or
 * prefix, in both languages. The same plan gives the same bytes.
 */
export function blocksHtml(roots: readonly Block[], language: Language): string {
  const owners = new Map<string, number>();
  for (const name of [...new Set(ownersIn(roots))].sort(compareCodeUnits)) owners.set(name, owners.size);
  const blocks: unknown[] = [];
  const add = (block: Block): void => {
    const { prefix, name, owner, kind, allocation, growth } = block;
    const flags = (kind === 'released' ? 1 : 0) | (allocation?.container === true ? 2 : 0) | (kind === 'pool' ? 4 : 0);
    const row = [hexText(prefix), prefix.length, name, owner === undefined ? -1 : (owners.get(owner) ?? -1), flags, block.blocks.length];
    blocks.push(growth !== undefined && growth.length < prefix.length ? [...row, growth.length] : row);
    block.blocks.forEach(add);
  };
  roots.forEach(add);
  const data = {
    language,
    words: { vi: wordsOf('vi'), en: wordsOf('en') },
    roots: roots.map(({ family }) => family === 'v6'),
    owners: [...owners.keys()],
    blocks,
  };
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title></title>
<style>
${asset('page.css')}</style>
</head>
<body>
<header><h1 id="title"></h1><input id="search" type="search" autocomplete="off"><button id="other" type="button"></button></header>
<nav id="path"></nav>
<p id="facts" aria-live="polite"></p>
<main><svg id="map" viewBox="0 0 1000 1000" role="img"></svg><section><h2 id="inside"></h2><div id="list"></div></section></main>
<footer id="hint"></footer>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>
'use strict';
(() => {
${layoutProgram()}
${asset('page.js')}})();
</script>
</body>
</html>
`;
}

function* ownersIn(blocks: readonly Block[]): Generator<string> {
  for (const block of blocks) {
    if (block.owner !== undefined) yield block.owner;
    yield* ownersIn(block.blocks);
  }
}

function asset(name: string): string {
  return fs.readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
}

/** The layout as the page runs it: in the repository it loses its types here, in the package the compiler has done it. */
function layoutProgram(): string {
  const source = new URL('./layout.ts', import.meta.url);
  const text = fs.existsSync(source) ? withoutTypes(fs.readFileSync(source, 'utf8')) : asset('layout.js');
  return text
    .replace(/^export (?=function\b)/gmu, '')
    .replace(/^export \{\s*\};?$/gmu, '')
    .replace(/^\s*\n/gmu, '');
}

/** Type stripping is marked experimental, which is no news to who draws a map. */
function withoutTypes(source: string): string {
  const original: unknown = Reflect.get(process, 'emitWarning');
  Reflect.set(process, 'emitWarning', () => undefined);
  try {
    return module.stripTypeScriptTypes(source);
  } finally {
    Reflect.set(process, 'emitWarning', original);
  }
}
