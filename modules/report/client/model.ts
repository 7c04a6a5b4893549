import { buildTree, parseBlock, type Block, type TreeNode } from './addresses.ts';
import { decodeInventory, listSeparator, unpackRows, unpackStrings, type Payload, type Row } from './packed.ts';
import { buildIndex, type SearchIndex } from './search.ts';
import { currentLanguage } from './language.ts';

/** Everything the page shows, unpacked. */
export interface Model extends Omit<
  Payload,
  'strings' | 'inventory' | 'organisations' | 'sites' | 'clouds' | 'connections' | 'prefixes' | 'systems' | 'stacks' | 'findings'
> {
  readonly strings: readonly string[];
  readonly organisations: ReadonlyMap<string, Row>;
  readonly sites: ReadonlyMap<string, Row>;
  readonly clouds: readonly Row[];
  readonly connections: readonly Row[];
  readonly prefixes: readonly Row[];
  readonly blocks: readonly (Block | undefined)[];
  readonly systems: readonly Row[];
  readonly stacks: readonly Row[];
  readonly findings: readonly Row[];
  /** Trees of each routing domain, both families. */
  readonly trees: ReadonlyMap<string, readonly TreeNode[]>;
  readonly index: SearchIndex;
}

export function modelOf(payload: Payload): Model {
  const strings = unpackStrings(payload.strings);
  const rows = (name: 'organisations' | 'sites' | 'clouds' | 'connections' | 'prefixes' | 'systems' | 'stacks' | 'findings'): Row[] =>
    unpackRows(payload[name], strings);
  const prefixes = rows('prefixes');
  const blocks = prefixes.map((row) => parseBlock(cell(row, 'prefix')));
  const { inventory, ...rest } = payload;
  return {
    ...rest,
    strings,
    organisations: new Map(rows('organisations').map((row) => [cell(row, 'id'), row])),
    sites: new Map(rows('sites').map((row) => [cell(row, 'id'), row])),
    clouds: rows('clouds'),
    connections: rows('connections'),
    prefixes,
    blocks,
    systems: rows('systems'),
    stacks: rows('stacks'),
    findings: rows('findings'),
    trees: treesOf(payload, prefixes, blocks),
    index: buildIndex(decodeInventory(inventory), strings),
  };
}

/** A prefix is the same in every domain it is routed in, so each domain has its own tree; pools stand above what they hold. */
function treesOf(payload: Payload, prefixes: readonly Row[], blocks: readonly (Block | undefined)[]): Map<string, TreeNode[]> {
  const entries = new Map<string, { block: Block; index: number; pool: boolean }[]>();
  const add = (domain: string, block: Block | undefined, index: number, pool: boolean): void => {
    if (!block) return;
    const list = entries.get(domain);
    if (list) list.push({ block, index, pool });
    else entries.set(domain, [{ block, index, pool }]);
  };
  payload.pools.forEach((pool, index) => add(pool.domain, parseBlock(pool.prefix), index, true));
  prefixes.forEach((row, index) => add(cell(row, 'domain'), blocks[index], index, false));
  return new Map([...entries].map(([domain, list]) => [domain, buildTree(list)]));
}

/** A text cell, '' where absent. */
export function cell(row: Row | undefined, name: string): string {
  const value = row?.[name];
  return typeof value === 'string' ? value : '';
}

/** A number cell, undefined where absent. */
export function amount(row: Row, name: string): number | undefined {
  const value = row[name];
  return typeof value === 'number' ? value : undefined;
}

/** The items of a list cell. */
export function items(row: Row, name: string): string[] {
  const text = cell(row, name);
  return text === '' ? [] : text.split(listSeparator);
}

/** A row's name in the current language. */
export function rowName(row: Row | undefined, otherwise = ''): string {
  if (!row) return otherwise;
  const vi = cell(row, 'vi');
  return (currentLanguage() === 'en' ? cell(row, 'en') || vi : vi) || otherwise;
}

/** An organisation's name, its id where it is not known here. */
export function organisationName(model: Model, id: string): string {
  return rowName(model.organisations.get(id), id);
}

/** The organisation and everything above it, nearest first. */
export function chainOf(model: Model, id: string): string[] {
  const chain: string[] = [];
  for (let at = id; at !== '' && !chain.includes(at); at = cell(model.organisations.get(at), 'parent')) chain.push(at);
  return chain;
}

/** The topmost organisation above `id` that is not the root of the tree. */
export function agencyOf(model: Model, id: string): string {
  const chain = chainOf(model, id);
  return chain.length > 1 ? (chain[chain.length - 2] ?? id) : id;
}

/** The nodes an address or prefix lies in, smallest first, in each domain that has one. */
export function nodesAround(node: TreeNode): TreeNode[] {
  const around: TreeNode[] = [];
  for (let at: TreeNode | undefined = node; at; at = at.parent) around.push(at);
  return around;
}
