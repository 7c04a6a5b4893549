import { API_VERSION, compareCodeUnits, isNewer, plural, problem, refuseNewer, type Place, type Problems } from '../core/index.ts';
import { formatPrefix } from './format.ts';
import { isFault, prefixProblem, readPrefix } from './parse.ts';
import type { HeldLeg, LockRow } from './model.ts';
import type { Family } from './types.ts';

const plainScalar = /^[A-Za-z][A-Za-z0-9._/-]*$|^[A-Za-z0-9._-]+\/[A-Za-z0-9._/-]+$/u;
/** Plain words that YAML 1.1 or 1.2 readers would not take as strings. */
const notStrings = /^(?:null|true|false|yes|no|on|off|y|n)$/iu;

/** A key or name as it stands in a lock: plain where every YAML reader sees a string, else in double quotes. */
export function lockScalar(text: string): string {
  return plainScalar.test(text) && !notStrings.test(text) ? text : JSON.stringify(text);
}

/** The prefix text of one family of a row. */
export interface RowLeg {
  readonly text: string;
  readonly pool: string;
  readonly released: boolean;
  /** Quarantine: until when a released block is kept from others at least. */
  readonly until?: string | undefined;
}

/**
 * One line of a network lock. A row released as a whole says `state: released`; one leg alone says `state4` or `state6`.
 * `until` says how long what was released stays in quarantine.
 */
export function lockLine(key: string, v4: RowLeg | undefined, v6: RowLeg | undefined): string {
  const fields: string[] = [];
  if (v4) fields.push(`v4: "${v4.text}", pool4: ${lockScalar(v4.pool)}`);
  if (v6) fields.push(`v6: "${v6.text}", pool6: ${lockScalar(v6.pool)}`);
  if ((v4?.released ?? true) && (v6?.released ?? true)) fields.push('state: released');
  else if (v4?.released === true) fields.push('state4: released');
  else if (v6?.released === true) fields.push('state6: released');
  const dates = [v4, v6].flatMap((leg) => (leg?.released === true && leg.until !== undefined ? [leg.until] : [])).sort();
  const until = dates.at(-1);
  if (until !== undefined) fields.push(`until: "${until}"`);
  return `  ${lockScalar(key)}: {${fields.join(', ')}}`;
}

/** The text of a lock; `lines` in code-unit order of their keys. */
export function lockText(kind: 'NetworkLock' | 'AsnLock', lines: readonly string[]): string {
  const head = `apiVersion: ${API_VERSION}\nkind: ${kind}\nallocations:`;
  return lines.length === 0 ? `${head} {}\n` : `${head}\n${lines.join('\n')}\n`;
}

const scalar = String.raw`(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9._/-]+)`;
const rowPattern = new RegExp(
  String.raw`^  (${scalar}): \{(?:v4: "([^"]*)", pool4: (${scalar}))?(?:(?:^|, |(?<=\{))v6: "([^"]*)", pool6: (${scalar}))?(?:, (state|state4|state6): released(?:, until: "(\d{4}-\d{2}-\d{2})")?)?\}$`,
  'u',
);

/**
 * Reads a network lock line by line: exactly the form the toolkit writes. Every deviation is a problem with its line.
 * `plan` is the index of the plan file beside it.
 */
export function readLock(file: string, text: string, plan: number, problems: Problems): LockRow[] {
  const rows: LockRow[] = [];
  const plain = new PlainRows(file, plan);
  eachRow(file, text, 'NetworkLock', problems, (line, number) => {
    const row = plain.read(line, number);
    if (row) {
      rows.push(row);
      return row.key;
    }
    const match = rowPattern.exec(line);
    if (!match || (match[2] === undefined && match[4] === undefined)) return undefined;
    const key = unquote(match[1] ?? '');
    const state = match[6];
    const until = match[7];
    const place = { file, line: number, column: 3 };
    const leg = (family: Family, prefixText: string | undefined, pool: string | undefined): HeldLeg | undefined => {
      if (prefixText === undefined || pool === undefined) return undefined;
      const at = { file, line: number, column: line.indexOf(`"${prefixText}"`) + 2 };
      const prefix = readPrefix(prefixText);
      if (isFault(prefix)) {
        problems.add({ ...prefixProblem(prefixText, prefix, at), code: 'NET-LOCK-PREFIX' });
        return undefined;
      }
      const canonical = formatPrefix(prefix);
      if (prefix.family !== family || canonical !== prefixText) {
        problems.error(
          'NET-LOCK-PREFIX',
          prefix.family !== family ? `${prefixText} is not an IP${family} prefix` : `"${prefixText}" is not canonical; write ${canonical}`,
          { ...at, hint: 'restore the line from version control: only the toolkit writes locks' },
        );
        return undefined;
      }
      const released = state === 'state' || state === `state${family.slice(1)}`;
      return { key, family, text: canonical, prefix, pool: unquote(pool), released, until: released ? until : undefined, place };
    };
    const before = problems.list.length;
    const v4 = leg('v4', match[2], match[3]);
    const v6 = leg('v6', match[4], match[5]);
    // Whatever reads like a row but would be written differently is refused: another reader might read it differently too.
    if (problems.list.length === before && lockLine(key, v4, v6) !== line) return undefined;
    rows.push({ key, v4, v6, place, plan, need: undefined });
    return key;
  });
  return rows;
}

/** Reads the rows nearly all locks are made of: live, without quoted keys or pools. Whatever it does not know it leaves to the pattern. */
class PlainRows {
  readonly #file: string;
  readonly #plan: number;
  /** Names of pools seen before: each is judged once. */
  readonly #pools = new Set<string>();

  constructor(file: string, plan: number) {
    this.#file = file;
    this.#plan = plan;
  }

  read(line: string, number: number): LockRow | undefined {
    const end = line.indexOf(': {');
    if (end < 3 || !line.startsWith('  ')) return undefined;
    const key = line.slice(2, end);
    if (lockScalar(key) !== key) return undefined;
    const place = { file: this.#file, line: number, column: 3 };
    let at = end + 3;
    const v4 = this.#leg(line, at, 'v4', key, place);
    if (v4) at += v4.text.length + v4.pool.length + legLength;
    if (v4 && line.startsWith(', ', at)) at += 2;
    const v6 = !v4 || line.charCodeAt(at - 1) === 32 ? this.#leg(line, at, 'v6', key, place) : undefined;
    if (v6) at += v6.text.length + v6.pool.length + legLength;
    if ((!v4 && !v6) || at !== line.length - 1 || line.charCodeAt(at) !== 125) return undefined;
    return { key, v4, v6, place, plan: this.#plan, need: undefined };
  }

  #leg(line: string, at: number, family: Family, key: string, place: Place): HeldLeg | undefined {
    if (!line.startsWith(family === 'v4' ? 'v4: "' : 'v6: "', at)) return undefined;
    const close = line.indexOf('"', at + 5);
    const middle = family === 'v4' ? '", pool4: ' : '", pool6: ';
    if (close < 0 || !line.startsWith(middle, close)) return undefined;
    const from = close + middle.length;
    let to = line.indexOf(',', from);
    if (to < 0) to = line.length - 1;
    const pool = line.slice(from, to);
    if (!this.#pools.has(pool)) {
      if (lockScalar(pool) !== pool) return undefined;
      this.#pools.add(pool);
    }
    const text = line.slice(at + 5, close);
    const prefix = readPrefix(text);
    if (isFault(prefix) || prefix.family !== family) return undefined;
    // What is read strictly as IPv4 has only one form.
    if (family === 'v6' && formatPrefix(prefix) !== text) return undefined;
    return { key, family, text, prefix, pool, released: false, until: undefined, place };
  }
}

/** `v4: "` and `", pool4: `. */
const legLength = 15;

/** Walks the rows of a lock, checking header, order, duplicates and line ends; `read` returns the key, or undefined for a line it cannot read. */
export function eachRow(file: string, text: string, kind: string, problems: Problems, read: (line: string, number: number) => string | undefined): void {
  const restore = 'restore it from version control: only the toolkit writes locks, and a review may only drop whole rows';
  const lines = text.split('\n');
  if (lines.pop() !== '') problems.error('NET-LOCK-FORM', 'the file does not end with a line feed', { file, line: lines.length + 1, column: 1, hint: restore });
  const version = /^apiVersion: (\S+)$/u.exec(lines[0] ?? '')?.[1];
  problems.collect(() => refuseNewer(version, kind, { file, line: 1, column: 13 }));
  if (isNewer(version, kind)) return;
  const head = [`apiVersion: ${API_VERSION}`, `kind: ${kind}`, lines[2] === 'allocations: {}' && lines.length === 3 ? lines[2] : 'allocations:'];
  for (const [index, wanted] of head.entries()) {
    if (lines[index] !== wanted) {
      problems.error('NET-LOCK-FORM', `line ${index + 1} must be "${wanted}"`, { file, line: index + 1, column: 1, hint: restore });
      return;
    }
  }
  if (text.includes('\n<<<<<<< ')) {
    const at = lines.flatMap((line, index) => (line.startsWith('<<<<<<< ') ? [index + 1] : []));
    problems.error('NET-LOCK-CONFLICT', `a merge left ${plural(at.length, 'conflict')} in the lock${at.length > 1 ? `, on lines ${at.join(', ')}` : ''}`, {
      file,
      line: at[0],
      column: 1,
      hint: 'of each keep the row of one branch, delete the other row and the marks, and run `vcloud net allocate`: a deleted key gets a free block',
    });
    return;
  }
  let before: string | undefined;
  /** Keys and the lines they stand on, from where a key does not come after the one before it: as long as all do, none stands twice. */
  let seen: Map<string, number> | undefined;
  const keys: string[] = [];
  const numbers: number[] = [];
  for (let index = 3; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const place: Place = { file, line: index + 1, column: 1 };
    const key = read(line, index + 1);
    if (key === undefined) {
      const cause = line.includes('\r') ? 'a carriage return' : JSON.stringify(line.length > 100 ? `${line.slice(0, 100)}...` : line);
      problems.add(problem('NET-LOCK-FORM', `the line is not a row of a lock: ${cause}`, { ...place, hint: restore }));
      continue;
    }
    const order = before === undefined ? -1 : compareCodeUnits(before, key);
    if (order >= 0) seen ??= new Map(keys.map((earlier, at) => [earlier, numbers[at] ?? 0]));
    const first = seen?.get(key);
    if (first !== undefined) {
      problems.error('NET-LOCK-DUPLICATE', `"${key}" stands twice, on lines ${first} and ${index + 1}`, {
        ...place,
        column: 3,
        hint: 'drop one of the two rows',
      });
    } else if (before !== undefined && order > 0) {
      problems.error('NET-LOCK-ORDER', `"${key}" stands after "${before}" (line ${index}), which sorts behind it`, { ...place, column: 3, hint: restore });
    }
    if (seen) seen.set(key, first ?? index + 1);
    else {
      keys.push(key);
      numbers.push(index + 1);
    }
    before = key;
  }
}

/** The text of a lock scalar. */
export function unquote(written: string): string {
  if (!written.startsWith('"')) return written;
  try {
    return JSON.parse(written) as string;
  } catch {
    return written;
  }
}
