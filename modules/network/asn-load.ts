import { compileTemplate, didYouMean, problem, ProblemError, schemaProblems, type DataPath, type Place } from '../core/index.ts';
import { duplicate, eachNeed } from './documents.ts';
import { expandRule, type ExpandContext } from './expand.ts';
import type { Collected } from './load.ts';
import { eachRow, lockScalar, unquote } from './lock.ts';
import type { AsnNeed, Subject } from './model.ts';
import { asnNeedSchema, asnPlanSchema, asnRuleSchema } from './schema.ts';

/** Numbers no network may use: AS_TRANS (RFC 6793) and the last of each size (RFC 7300). */
export const unusableAsns: readonly number[] = [23456, 65535, 4294967295];

interface AsnText {
  readonly key: string;
  readonly range?: string | undefined;
  readonly asn?: number | undefined;
  readonly subject?: Subject | undefined;
  readonly place: Place;
}

/**
 * Reads a number plan. Its ranges count at once; what is returned adds its needs, once the ranges of all files are known.
 */
export function addAsnPlan(collected: Collected, context: ExpandContext, plan: number): () => void {
  const { source, problems } = context;
  const value = source.value as Record<string, unknown>;
  const head = { ...source, value: { ...value, needs: [] } };
  const result = asnPlanSchema.safeParse(head.value);
  if (!result.success) {
    schemaProblems(result.error, head, asnPlanSchema).forEach((found) => problems.add(found));
    return () => {};
  }
  result.data.ranges.forEach((range, index) => {
    const place = source.locate(['ranges', index, 'name']);
    const first = collected.asnRanges.get(range.name);
    if (first) duplicate(problems, 'NET-ASN-RANGE', `range "${range.name}"`, first.place, place);
    else if (range.last < range.first)
      problems.error('NET-ASN-RANGE', `range "${range.name}" ends before it begins`, { ...place, hint: 'write first <= last' });
    else {
      for (const other of collected.asnRanges.values()) {
        if (range.first <= other.last && other.first <= range.last)
          problems.error('NET-ASN-RANGE', `range "${range.name}" overlaps "${other.name}" (${other.place.file}:${other.place.line ?? 1})`, {
            ...place,
            hint: 'a number belongs to one range',
          });
      }
      collected.asnRanges.set(range.name, { ...range, place });
    }
  });
  return () => {
    eachNeed(context, value['needs'], asnNeedSchema, asnRuleSchema, (need, at) => {
      if ('forEach' in need) expandAsnRule(collected, context, need, at, plan);
      else addNumber(collected, { ...need, place: source.locate([...at, 'key']) }, plan);
    });
  };
}

function expandAsnRule(
  collected: Collected,
  context: ExpandContext,
  rule: { forEach: Parameters<typeof expandRule>[1]; key: string; range?: string | undefined; asn?: number | string | undefined },
  at: DataPath,
  plan: number,
): void {
  const { source, problems } = context;
  const expansion = expandRule(context, rule.forEach, [...at, 'forEach']);
  if (!expansion) return;
  problems.collect(() => {
    const key = compileTemplate(rule.key, source.locate([...at, 'key']), expansion.names);
    const range = rule.range === undefined ? undefined : compileTemplate(rule.range, source.locate([...at, 'range']), expansion.names);
    const asn = typeof rule.asn === 'string' ? compileTemplate(rule.asn, source.locate([...at, 'asn']), expansion.names) : undefined;
    for (const { fields, place, placeOf, subject } of expansion.repetitions) {
      problems.collect(() => {
        const number = asn ? readAsn(asn(fields, placeOf), place) : typeof rule.asn === 'number' ? rule.asn : undefined;
        addNumber(collected, { key: key(fields, placeOf), range: range?.(fields, placeOf), asn: number, subject, place }, plan);
      });
    }
  });
}

/**
 * A number in plain decimal (RFC 5396 asplain).
 * @throws ProblemError NET-ASN
 */
export function readAsn(text: string, place: Place): number {
  const dotted = /^(\d{1,5})\.(\d{1,5})$/u.exec(text);
  const number = /^[1-9]\d{0,9}$/u.test(text) ? Number(text) : 0;
  if (number < 1 || number > 4294967294) {
    throw new ProblemError(
      problem('NET-ASN', `${JSON.stringify(text)} is not an AS number${dotted ? `; write ${Number(dotted[1]) * 65536 + Number(dotted[2])}` : ''}`, {
        ...place,
        hint: 'write it in plain decimal, 1 to 4294967294',
      }),
    );
  }
  return number;
}

function addNumber(collected: Collected, raw: AsnText, plan: number): void {
  const { problems, asnRanges } = collected;
  const { key, asn, place, subject } = raw;
  const first = collected.asnNeeds.get(key);
  if (first) {
    duplicate(problems, 'NET-KEY-DUPLICATE', `the number of "${key}"`, first.place, place);
    return;
  }
  const inside = asn === undefined ? undefined : [...asnRanges.values()].find((candidate) => candidate.first <= asn && asn <= candidate.last);
  const range = raw.range === undefined ? (asn === undefined && asnRanges.size === 1 ? [...asnRanges.values()][0] : inside) : asnRanges.get(raw.range);
  if (!range) {
    problems.error(
      'NET-ASN-RANGE',
      raw.range !== undefined
        ? `"${key}" names range "${raw.range}", which no plan has`
        : asn !== undefined
          ? `AS ${asn} of "${key}" lies in no range`
          : `"${key}" names no range, and there are several`,
      { ...place, hint: didYouMean(raw.range ?? '', asnRanges.keys()) ?? `ranges: ${[...asnRanges.keys()].join(', ')}` },
    );
    return;
  }
  if (asn !== undefined && (asn < range.first || asn > range.last || unusableAsns.includes(asn))) {
    problems.error(
      'NET-ASN',
      `AS ${asn} of "${key}" ${unusableAsns.includes(asn) ? 'is reserved' : `lies outside of range "${range.name}" (${range.first}-${range.last})`}`,
      {
        ...place,
        hint: 'choose a number of the range, or leave it out',
      },
    );
    return;
  }
  const need: AsnNeed = { key, range, asn, subject, place, plan };
  collected.asnNeeds.set(key, need);
}

const rowPattern = /^ {2}("(?:[^"\\]|\\.)*"|[A-Za-z0-9._/-]+): \{asn: ([1-9]\d{0,9}), range: ("(?:[^"\\]|\\.)*"|[A-Za-z0-9._/-]+)(, state: released)?\}$/u;

/** One line of a number lock. */
export function asnLine(key: string, asn: number, range: string, released: boolean): string {
  return `  ${lockScalar(key)}: {asn: ${asn}, range: ${lockScalar(range)}${released ? ', state: released' : ''}}`;
}

/** Reads a number lock into `collected`, as strictly as a network lock. */
export function addAsnRows(collected: Collected, file: string, text: string, plan: number): void {
  const { problems, asnRows } = collected;
  const byNumber = new Map<number, { key: string; line: number }>();
  eachRow(file, text, 'AsnLock', problems, (line, number) => {
    const match = rowPattern.exec(line);
    if (!match) return undefined;
    const key = unquote(match[1] ?? '');
    const asn = Number(match[2]);
    if (asnLine(key, asn, unquote(match[3] ?? ''), match[4] !== undefined) !== line) return undefined;
    const place = { file, line: number, column: 3 };
    const same = byNumber.get(asn);
    if (same) {
      problems.error('NET-OVERLAP', `AS ${asn} is held twice, by "${same.key}" (line ${same.line}) and "${key}" (line ${number})`, {
        ...place,
        hint: 'drop one of the two rows',
      });
    }
    byNumber.set(asn, { key, line: number });
    const first = asnRows.get(key);
    if (first && first.plan !== plan) duplicate(problems, 'NET-LOCK-DUPLICATE', `"${key}"`, first.place, place);
    asnRows.set(key, { key, asn, range: unquote(match[3] ?? ''), released: match[4] !== undefined, place, plan });
    return key;
  });
}
