import { fail, plural } from '../../core/index.ts';
import { formatPrefix } from '../format.ts';
import { lockScalar, type RowLeg } from '../lock.ts';
import type { HeldLeg, Leg, Need } from '../model.ts';
import { parsePrefix } from '../parse.ts';
import { bitsOf, contains, subnetAt, truncate, type Prefix } from '../prefix.ts';
import type { Family } from '../types.ts';
import { families, legPath, type Draft } from './draft.ts';
import type { FieldName, NeedRow } from './entries.ts';
import type { Row } from './lock-rows.ts';
import { shapeOf, type Patch } from './realise.ts';
import { joined } from '../subtract.ts';

/** One edit of plans and locks. */
export type Edit =
  | { readonly verb: 'rename'; readonly from: string; readonly to: string }
  /** Many names at once; new needs may be added in the same step. */
  | { readonly verb: 'rename-all'; readonly names: ReadonlyMap<string, string>; readonly additions?: readonly NewNeed[] }
  | { readonly verb: 'resize'; readonly key: string; readonly length: number; readonly family?: Family | undefined }
  | {
      readonly verb: 'move';
      readonly key: string;
      readonly pool?: string | undefined;
      readonly in?: string | undefined;
      readonly prefix?: string | undefined;
      readonly family?: Family | undefined;
    }
  | { readonly verb: 'split'; readonly key: string; readonly into: readonly string[] }
  | { readonly verb: 'merge'; readonly keys: readonly string[]; readonly into: string }
  | { readonly verb: 'retire'; readonly keys: readonly string[] }
  | { readonly verb: 'drop-expired'; readonly asOf: string }
  | ({ readonly verb: 'reserve' } & NewNeed);

/** A need to be added. */
export interface NewNeed {
  readonly key: string;
  readonly pool?: string | undefined;
  readonly in?: string | undefined;
  readonly length?: number | undefined;
  readonly prefix?: string | undefined;
  readonly family?: Family | undefined;
  /** Lengths of both families in one holder, instead of `length`. */
  readonly lengths?: Readonly<Record<Family, number>> | undefined;
  readonly role?: string | undefined;
  readonly note?: string | undefined;
}

/** Turns an edit into what becomes of needs and rows. */
export function draftEdit(draft: Draft, edit: Edit, until: string | undefined): void {
  switch (edit.verb) {
    case 'rename':
      rename(draft, edit.from, edit.to);
      break;
    case 'rename-all':
      renameAll(draft, edit.names);
      edit.additions?.forEach((need) => add(draft, need));
      break;
    case 'resize':
      resize(draft, edit.key, edit.length, edit.family);
      break;
    case 'move':
      move(draft, edit);
      break;
    case 'split':
      split(draft, edit.key, edit.into);
      break;
    case 'merge':
      merge(draft, edit.keys, edit.into);
      break;
    case 'retire':
      retire(draft, edit.keys, until);
      break;
    case 'drop-expired':
      dropExpired(draft, edit.asOf);
      break;
    case 'reserve':
      add(draft, { role: 'reserved', ...edit });
  }
}

function rename(draft: Draft, from: string, to: string): void {
  const { planSet } = draft.workspace;
  if (from === to) fail('NET-EDIT', `"${from}" has that name already`);
  if (/\{[^{}]+\}/u.test(from)) {
    renamePattern(draft, from, to);
    return;
  }
  const row = planSet.rows.get(from);
  if (row && !planSet.needs.has(from) && planSet.needs.has(to) && !planSet.rows.has(to)) {
    // The data a rule runs over was renamed first: only the lock has to follow.
    draft.rows.rename(new Map([[from, to]]));
    if (row.v4?.released === true || row.v6?.released === true) return;
    draft.heirs.set(from, [to]);
    return;
  }
  draft.find(from);
  renameAll(draft, new Map([[from, to]]));
}

/** `district/{code}` -> `legacy/district/{code}`: every key of the rules that are written so. */
function renamePattern(draft: Draft, from: string, to: string): void {
  const names = new Map<string, string>();
  for (const { rows, rule, written } of draft.entries.list) {
    if (!rule || written.get('key') !== from) continue;
    for (const { key, fields } of rows)
      names.set(
        key,
        to.replace(/\{([^{}]+)\}/gu, (whole, name: string) => fields[name] ?? whole),
      );
  }
  if (names.size === 0) fail('NET-UNKNOWN', `no rule makes keys by "${from}"`, { hint: 'write the template as it stands in the plan' });
  if (shapeOf(from).split('{}').length === shapeOf(to).split('{}').length) draft.hints.set(shapeOf(from), shapeOf(to));
  renameAll(draft, names);
}

function renameAll(draft: Draft, names: ReadonlyMap<string, string>): void {
  const taken = new Set<string>();
  const old = [...names.keys()];
  const leaving = new Set(old);
  for (const [from, to] of names) {
    if (taken.has(to)) fail('NET-KEY-DUPLICATE', `two keys would be called "${to}"`, { hint: 'choose a key for each' });
    taken.add(to);
    if (!leaving.has(to)) draft.claim(to);
    if (from === to) continue;
    if (draft.entries.byKey.has(from)) draft.patch(from, new Map([['key', to]]));
    draft.heirs.set(from, [to]);
    if (!taken.has(from)) draft.freed.add(from);
  }
  taken.forEach((key) => draft.freed.delete(key));
  draft.rows.rename(names);
  draft.follow((holder) => names.get(holder));
}

function legsOf(need: Need, family: Family | undefined, what: string): Family[] {
  const present = families.filter((name) => need[name]);
  if (family !== undefined) {
    if (!need[family]) fail('NET-FAMILY', `"${need.key}" has no ${family} block`, { ...need.place, hint: `it has ${present.join(' and ')}` });
    return [family];
  }
  if (present.length > 1)
    fail('NET-FAMILY', `"${need.key}" has IPv4 and IPv6: which one is to be ${what}?`, { ...need.place, hint: 'say --family v4 or --family v6' });
  return present;
}

function resize(draft: Draft, key: string, length: number, wanted: Family | undefined): void {
  const { need, row } = draft.find(key);
  const [family = 'v6'] = legsOf(need, wanted, 'resized');
  const leg = need[family];
  if (!leg) return;
  if (!Number.isInteger(length) || length < 0 || length > bitsOf(family))
    fail('NET-LENGTH', `/${length} is no ${family} length`, { hint: `a length is 0 to ${bitsOf(family)}` });
  if (leg.length === length) fail('NET-EDIT', `"${key}" is a /${length} already`, need.place);
  const path = legPath(row, family);
  const { exact } = leg;
  const patch: Patch = exact
    ? new Map([[`${path}prefix`, formatPrefix(length < exact.length ? truncate(exact, length) : { ...exact, length })]])
    : new Map([[`${path}length`, length]]);
  draft.patch(key, new Map([...patch, ...withoutRoom(leg, path, length)]));
}

/** A block that has outgrown the room kept for it keeps none. */
function withoutRoom({ growth }: Leg, path: string, length: number): [FieldName, null][] {
  return growth !== undefined && length < growth ? [[`${path}growth`, null]] : [];
}

function move(draft: Draft, edit: Extract<Edit, { verb: 'move' }>): void {
  const { key, pool, in: holder, prefix } = edit;
  const { need, row } = draft.find(key);
  if (pool === undefined && holder === undefined && prefix === undefined)
    fail('NET-EDIT', `where is "${key}" to go?`, { hint: 'say --pool NAME, --in KEY or --prefix PREFIX' });
  if (pool !== undefined && holder !== undefined)
    fail('NET-EDIT', 'a block lies in a pool or in a holder, one of the two', { hint: 'leave --pool or --in out' });
  const exact = prefix === undefined ? undefined : parsePrefix(prefix);
  const poolFamily = pool === undefined ? undefined : draft.workspace.planSet.pools.get(pool)?.prefix.family;
  if (pool !== undefined && poolFamily === undefined)
    fail('NET-POOL-UNKNOWN', `no plan has a pool "${pool}"`, { hint: `pools: ${[...draft.workspace.planSet.pools.keys()].join(', ')}` });
  if (holder !== undefined) draft.find(holder);
  const family = edit.family ?? exact?.family ?? poolFamily;
  // A holder is one for both families unless one is named.
  const legs = family === undefined && holder !== undefined ? families.filter((name) => need[name]) : legsOf(need, family, 'moved');
  const patch = new Map<FieldName, string | number | null>();
  for (const name of legs) {
    const path = legPath(row, name);
    const has = (field: string): boolean => row.values.has(path + field);
    if (pool !== undefined) patch.set(`${path}pool`, pool);
    if (holder !== undefined) patch.set(`${path}in`, holder);
    if (pool !== undefined && has('in')) patch.set(`${path}in`, null);
    if (holder !== undefined && has('pool')) patch.set(`${path}pool`, null);
    if ((pool !== undefined || holder !== undefined) && has('pools')) patch.set(`${path}pools`, null);
    // A number counts in what the block lay in before.
    if (has('at')) patch.set(`${path}at`, null);
    if (exact) {
      patch.set(`${path}prefix`, formatPrefix(exact));
      if (has('length')) patch.set(`${path}length`, null);
    } else if (has('prefix')) {
      // The exact prefix was its old place.
      patch.set(`${path}length`, need[name]?.length ?? 0);
      patch.set(`${path}prefix`, null);
    }
  }
  draft.patch(key, patch);
}

function heldOf(draft: Draft, key: string): Row & { readonly held: readonly HeldLeg[] } {
  const row = draft.workspace.planSet.rows.get(key);
  const kept = draft.rows.get(key);
  const held = families.flatMap((family) => (row?.[family]?.released === false ? [row[family]] : []));
  if (!row || !kept || held.length === 0) fail('NET-EDIT', `"${key}" holds no addresses yet`, { hint: 'run `vcloud net allocate` first' });
  return { ...kept, held };
}

function split(draft: Draft, key: string, into: readonly string[]): void {
  const { need, row } = draft.find(key);
  const bits = Math.log2(into.length);
  if (into.length < 2 || !Number.isInteger(bits)) {
    fail('NET-EDIT', `a block splits into 2, 4, 8 ... equal parts, not ${into.length}`, {
      hint: 'name a power of two of keys; those not in use yet can be named as reserves',
    });
  }
  if (new Set(into).size !== into.length) fail('NET-KEY-DUPLICATE', 'two parts have the same key', { hint: 'name each once' });
  into.forEach((part) => draft.claim(part, [key]));
  const { held, lockFile } = heldOf(draft, key);
  const parts = new Map<string, { v4?: RowLeg; v6?: RowLeg }>(into.map((part) => [part, {}]));
  const patches = new Map<string, Map<FieldName, string | number | null>>(into.map((part) => [part, new Map([['key', part]])]));
  for (const { family, prefix, pool } of held) {
    const length = prefix.length + bits;
    if (length > bitsOf(family)) fail('NET-LENGTH', `${formatPrefix(prefix)} of "${key}" has no ${into.length} parts`, { hint: 'resize it first' });
    const path = legPath(row, family);
    into.forEach((part, index) => {
      const place = subnetAt(prefix, length, index);
      if (!place) return;
      const leg = parts.get(part);
      if (leg) leg[family] = { text: formatPrefix(place), pool, released: false };
      // The room around the whole belongs to no part.
      if (need[family]?.growth !== undefined) patches.get(part)?.set(`${path}growth`, null);
      patches.get(part)?.set(need[family]?.exact ? `${path}prefix` : `${path}length`, need[family]?.exact ? formatPrefix(place) : length);
    });
  }
  draft.fates.set(
    key,
    into.map((part) => patches.get(part) ?? new Map()),
  );
  draft.rows.delete(key);
  for (const [part, legs] of parts) draft.rows.set(part, { lockFile, ...legs });
  draft.heirs.set(key, into);
  const partOf = (prefix: Prefix): string | undefined =>
    into.find((part) => {
      const text = parts.get(part)?.[prefix.family]?.text;
      return text !== undefined && contains(parsePrefix(text), prefix);
    });
  draft.follow((holder, { key: inner }, family) => {
    if (holder !== key) return undefined;
    const kept = draft.workspace.planSet.rows.get(inner);
    const block = family === undefined ? (kept?.v6 ?? kept?.v4) : kept?.[family];
    const part = block ? partOf(block.prefix) : into[0];
    if (part === undefined) {
      fail('NET-EDIT', `"${inner}" (${block?.text ?? ''}) lies in "${key}" and is too large for one part`, { hint: 'split it first, or into fewer parts' });
    }
    return part;
  });
}

function merge(draft: Draft, keys: readonly string[], into: string): void {
  if (new Set(keys).size !== keys.length || keys.length === 0)
    fail('NET-EDIT', 'name each key to be merged once', { hint: 'vcloud net merge site/a site/b --into site/a' });
  const all = keys.includes(into) || !draft.workspace.planSet.needs.has(into) ? [...keys] : [into, ...keys];
  if (all.length < 2) fail('NET-EDIT', 'a merger takes two keys at least', { hint: 'to give one key another name, use `vcloud net rename`' });
  if (!all.includes(into)) draft.claim(into);
  const found = all.map((key) => ({ key, ...draft.find(key), ...heldOf(draft, key) }));
  const first = found.find(({ key }) => key === into) ?? found[0];
  if (!first) return;
  const whole = new Map<Family, Prefix>();
  for (const family of families) {
    const blocks = found.flatMap(({ held }) => held.filter((leg) => leg.family === family));
    const one = blocks.length === found.length ? joined(blocks.map(({ prefix }) => prefix)) : undefined;
    if (one) whole.set(family, one);
    else if (blocks.length > 0) whole.clear();
    if (!one && blocks.length > 0) break;
  }
  const familyCount = new Set(found.flatMap(({ held }) => held.map(({ family }) => family))).size;
  const sameSurroundings = found.every(
    ({ need }) =>
      need.role === first.need.role &&
      families.every((family) => need[family]?.pool === first.need[family]?.pool && need[family]?.holder === first.need[family]?.holder),
  );
  if (whole.size === familyCount && sameSurroundings) {
    join(draft, found, first, into, whole);
    return;
  }
  // Side by side: the addresses stay, under keys that say whom they came from.
  const names = new Map<string, string>();
  if (first.key !== into) names.set(first.key, into);
  for (const { key } of found)
    if (key !== first.key)
      names.set(
        key,
        inheritedKey(into, key, (name) => draft.workspace.planSet.needs.has(name) || draft.workspace.planSet.rows.has(name)),
      );
  renameAll(draft, names);
}

/** The key of a block that came from another: `commune/00097/from/00001`. */
export function inheritedKey(into: string, from: string, isTaken: (key: string) => boolean): string {
  const folder = into.slice(0, into.lastIndexOf('/') + 1);
  const tail = folder !== '' && from.startsWith(folder) ? from.slice(folder.length) : from;
  const key = `${into}/from/${tail}`;
  if (!isTaken(key)) return key;
  for (let number = 2; ; number++) if (!isTaken(`${key}-${number}`)) return `${key}-${number}`;
}

interface Found {
  readonly key: string;
  readonly need: Need;
  readonly row: NeedRow;
  readonly lockFile: string;
  readonly held: readonly HeldLeg[];
}

function join(draft: Draft, found: readonly Found[], first: Found, into: string, whole: ReadonlyMap<Family, Prefix>): void {
  const patch = new Map<FieldName, string | number | null>(first.key === into ? [] : [['key', into]]);
  const legs: { v4?: RowLeg; v6?: RowLeg } = {};
  for (const [family, prefix] of whole) {
    const path = legPath(first.row, family);
    const exact = first.need[family]?.exact;
    patch.set(exact ? `${path}prefix` : `${path}length`, exact ? formatPrefix(prefix) : prefix.length);
    const leg = first.need[family];
    if (leg) for (const [name, nothing] of withoutRoom(leg, path, prefix.length)) patch.set(name, nothing);
    legs[family] = { text: formatPrefix(prefix), pool: first.need[family]?.pool.name ?? '', released: false };
  }
  for (const { key } of found) {
    draft.heirs.set(key, [into]);
    draft.rows.delete(key);
    if (key === first.key) draft.patch(key, patch);
    else draft.fates.set(key, []);
  }
  draft.rows.set(into, { lockFile: first.lockFile, ...legs });
  const merged = new Set(found.map(({ key }) => key));
  draft.follow((holder) => (merged.has(holder) ? into : undefined));
}

function retire(draft: Draft, keys: readonly string[], until: string | undefined): void {
  const leaving = new Set(keys);
  for (const key of keys) {
    const { need } = draft.find(key);
    const inside = draft.inside(need).filter((inner) => !leaving.has(inner));
    if (inside.length > 0) {
      fail(
        'NET-EDIT-INSIDE',
        `${plural(inside.length, 'need')} ${inside.length === 1 ? 'lies' : 'lie'} in "${key}": ${inside.slice(0, 5).join(', ')}${inside.length > 5 ? ` and ${inside.length - 5} more` : ''}`,
        {
          ...need.place,
          hint: 'retire or move them first, or name them too',
        },
      );
    }
    draft.fates.set(key, []);
    draft.heirs.set(key, []);
    draft.rows.release(key, until);
  }
}

function dropExpired(draft: Draft, asOf: string): void {
  for (const [key, { v4, v6 }] of [...draft.rows.entries()]) {
    const legs = [v4, v6].filter((leg) => leg !== undefined);
    if (legs.every(({ released, until }) => released && until !== undefined && until <= asOf)) {
      draft.rows.delete(key);
      draft.dropped.push(key);
    }
  }
}

function add(draft: Draft, need: NewNeed): void {
  const { key, pool, in: holder, length, prefix, family, lengths, role, note } = need;
  const { planSet } = draft.workspace;
  draft.claim(key);
  if ((pool === undefined) === (holder === undefined))
    fail('NET-NEED', `"${key}" lies in a pool or in a holder, one of the two`, { hint: 'say --pool NAME or --in KEY' });
  if (lengths === undefined && (length === undefined) === (prefix === undefined))
    fail('NET-NEED', `"${key}" needs a length or an exact prefix, one of the two`, { hint: 'say --length 48 or --prefix PREFIX' });
  const outer = holder === undefined ? undefined : draft.find(holder).need;
  const target = pool === undefined ? undefined : planSet.pools.get(pool);
  if (pool !== undefined && !target) fail('NET-POOL-UNKNOWN', `no plan has a pool "${pool}"`, { hint: `pools: ${[...planSet.pools.keys()].join(', ')}` });
  const file = outer ? planSet.files[outer.plan]?.file : target?.place.file;
  if (file === undefined) return;
  const where = pool === undefined ? `in: ${lockScalar(holder ?? '')}` : `pool: ${lockScalar(pool)}`;
  const size = prefix === undefined ? `length: ${length ?? 0}` : `prefix: ${lockScalar(formatPrefix(parsePrefix(prefix)))}`;
  const leg = prefix === undefined ? family : parsePrefix(prefix).family;
  const body = lengths
    ? `legs: { ${families.map((name) => `${name}: { ${where}, length: ${lengths[name]} }`).join(', ')} }`
    : outer?.v4 && outer.v6 && leg !== undefined
      ? `legs: { ${leg}: { ${where}, ${size} } }`
      : `${where}, ${size}`;
  const tail = `${role === undefined ? '' : `, role: ${role}`}${note === undefined ? '' : `, note: ${JSON.stringify(note)}`}`;
  draft.additions.set(file, `${draft.additions.get(file) ?? ''}- { key: ${lockScalar(key)}, ${body}${tail} }\n`);
}
