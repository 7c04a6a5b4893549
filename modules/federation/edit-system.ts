import { isMap, isScalar, isSeq, parseDocument, type Pair, type YAMLMap } from 'yaml';
import { fail } from '../core/index.ts';

/** What of where a system runs is written anew. */
export interface SystemEdit {
  /** A tenant it runs in, and the one it runs in instead. */
  readonly tenant?: { readonly from: string; readonly to: string };
  /** Tenant of its recovery; null takes it away. */
  readonly standby?: string | null;
  /** Mode written along where the system had no recovery yet. */
  readonly mode?: string;
}

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * The text of a declarations file with one system changed: comments, layout and everything else stay byte for byte.
 * @throws ProblemError FED-EDIT where the system is not written there as an entry of its own
 */
export function editSystem(file: string, text: string, id: string, { tenant, standby, mode = 'replica' }: SystemEdit): string {
  const { contents } = parseDocument(text, { uniqueKeys: false });
  const list = isMap(contents) ? contents.get('systems', true) : undefined;
  const entry = isSeq(list) ? list.items.find((item): item is YAMLMap => isMap(item) && item.get('id') === id) : undefined;
  if (!entry)
    fail('FED-EDIT', `system "${id}" is not written as an entry of its own in ${file}`, { file, hint: 'edit the program or table it comes from by hand' });
  const splices: Splice[] = [];
  if (tenant) {
    const tenants = entry.get('tenants', true);
    const item = isSeq(tenants) ? tenants.items.find((one) => isScalar(one) && one.value === tenant.from) : undefined;
    if (!isScalar(item) || !item.range) fail('FED-EDIT', `system "${id}" does not name tenant "${tenant.from}" in ${file}`, { file });
    splices.push({ from: item.range[0], to: item.range[1], text: tenant.to });
  }
  if (standby !== undefined) {
    const recovery = entry.get('disasterRecovery', true);
    const known = isMap(recovery) ? pairOf(recovery, 'tenant') : undefined;
    if (standby === null) {
      if (isMap(recovery) && known) splices.push(removal(text, recovery, known));
    } else if (isScalar(known?.value) && known.value.range) splices.push({ from: known.value.range[0], to: known.value.range[1], text: standby });
    else if (isMap(recovery)) splices.push(addition(text, recovery, `tenant: ${standby}`));
    else splices.push(addition(text, entry, `disasterRecovery: { tenant: ${standby}, mode: ${mode} }`));
  }
  return splices.sort((one, other) => other.from - one.from).reduce((result, { from, to, text: put }) => result.slice(0, from) + put + result.slice(to), text);
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

/** First and last offset of a pair's own text. */
function spanOf({ key, value }: Pair): { from: number; to: number } {
  const range = (node: unknown): readonly number[] | undefined => (node as { range?: readonly number[] | null } | undefined)?.range ?? undefined;
  const from = range(key)?.[0] ?? 0;
  return { from, to: range(value)?.[1] ?? range(key)?.[1] ?? from };
}

/** Adds a pair after the last one of a map, in its style. */
function addition(text: string, map: YAMLMap, pair: string): Splice {
  const last = map.items.at(-1);
  if (!last) return { from: map.range?.[0] ?? 0, to: map.range?.[1] ?? 0, text: `{ ${pair} }` };
  const { to } = spanOf(last);
  // A block ends behind its line break; the pair is written where its last line ends.
  const end = to - (/\s*$/u.exec(text.slice(0, to))?.[0].length ?? 0);
  if (map.flow === true) return { from: end, to: end, text: `, ${pair}` };
  const first = spanOf(map.items[0] ?? last).from;
  return { from: end, to: end, text: `\n${' '.repeat(first - (text.lastIndexOf('\n', first - 1) + 1))}${pair}` };
}

function removal(text: string, map: YAMLMap, pair: Pair): Splice {
  const { from, to } = spanOf(pair);
  const index = map.items.indexOf(pair);
  const next = map.items[index + 1];
  const before = map.items[index - 1];
  if (map.flow !== true && !before && !next) return { from, to, text: '{}' };
  if (next) return { from, to: spanOf(next).from, text: '' };
  if (!before) return { from, to, text: '' };
  const end = spanOf(before).to;
  return { from: end - (/\s*$/u.exec(text.slice(0, end))?.[0].length ?? 0), to, text: '' };
}
