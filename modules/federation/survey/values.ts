import { fold, isDate } from '../../core/index.ts';

/** What a cell says: a value, nothing, or something that cannot be taken and why. */
export type Read<T> = { readonly value: T } | { readonly value?: undefined; readonly reason?: string };

const nothing: { readonly value?: undefined } = {};
const unstated =
  /^(?:|-+|\.+|\?+|n\/?a|null|none|x|chua ro|khong ro|chua co so lieu|chua thong ke|chua xac dinh|chua biet|khong biet|unknown|not known|not stated|tbd|\.\.\.)$/u;

/** Which sign is the decimal one, as the cells of a file show; undefined where they show neither or both. */
export type Decimal = ',' | '.' | undefined;

/** Whether a cell says that nothing is known. */
export function saysNothing(text: string): boolean {
  return unstated.test(fold(text).replace(/\s+/gu, ' ').trim());
}

/**
 * Looks at all texts of a file for numbers whose sign can only be a decimal one: `12,5` but not `1.200`, which is one
 * thousand two hundred to some and one and a fifth to others.
 */
export function decimalOf(texts: Iterable<string>): Decimal {
  const seen = new Set<string>();
  for (const text of texts) {
    const sign = /^\s*(?:0([.,])\d+|\d{1,4}([.,])(?:\d{1,2}|\d{4,}))(?!\d|[.,]\d)(?:\s*[\p{L}²(].*)?\s*$/u
      .exec(text)
      ?.slice(1)
      .find((found) => found !== undefined);
    if (sign !== undefined) seen.add(sign);
  }
  return seen.size === 1 ? ([...seen][0] as Decimal) : undefined;
}

/** A number as people write it; a reason where it may be read in two ways. */
export function numberOf(text: string, decimal: Decimal): Read<number> {
  const bare = text.replace(/[\s\u00a0\u202f]+/gu, '');
  if (/^\d+$/u.test(bare)) return { value: Number(bare) };
  if (!/^\d[\d.,]*\d$/u.test(bare)) return { reason: 'is not a number' };
  const signs = [...bare.matchAll(/[.,]/gu)].map(([sign]) => sign);
  const last = signs.at(-1) ?? '.';
  const kinds = new Set(signs);
  const grouped = (sign: string): boolean =>
    bare
      .split(sign === ',' ? '.' : ',')[0]
      ?.split(sign)
      .every((part, index) => (index === 0 ? /^\d{1,3}$/u : /^\d{3}$/u).test(part)) === true;
  if (kinds.size === 2) {
    const other = last === ',' ? '.' : ',';
    if (signs.filter((sign) => sign === last).length > 1 || !grouped(other)) return { reason: 'is not a number' };
    return { value: Number(bare.replaceAll(other, '').replace(last, '.')) };
  }
  if (signs.length > 1) return grouped(last) ? { value: Number(bare.replaceAll(last, '')) } : { reason: 'is not a number' };
  const [whole = '', part = ''] = bare.split(last);
  if (part.length !== 3 || whole === '0' || whole.length > 3) return { value: Number(`${whole}.${part}`) };
  if (decimal === undefined) return { reason: `may be ${whole}${part} or ${whole}.${part}` };
  return { value: last === decimal ? Number(`${whole}.${part}`) : Number(whole + part) };
}

/** What a unit is worth in the one asked for. */
export type Units = Readonly<Record<string, number>>;
export const powerUnits: Units = { kw: 1, w: 0.001, mw: 1000 };
export const surfaceUnits: Units = { m2: 1, 'm²': 1, 'met vuong': 1, sqm: 1 };
export const pieceUnits: Units = { '': 1, tu: 1, 'tu rack': 1, rack: 1, racks: 1, cai: 1, bo: 1, may: 1, nguon: 1, lo: 1, chiec: 1, units: 1, unit: 1, pcs: 1 };

/**
 * A measure such as `12 kW`, `1,5 MW`, `~20`, in the first unit of `units`.
 * @param otherwise unit of a bare number, as the heading states it; '' where it states none
 */
export function measureOf(text: string, units: Units, otherwise: string, decimal: Decimal, isNumber: boolean): Read<number> {
  if (saysNothing(text)) return nothing;
  const plain = fold(text)
    .replace(/\([^()]*\)\s*$/u, '')
    .trim();
  if (/^(?:~|≈|khoang|tam|gan|hon|tren|duoi|about|approx\.?|ca\.?|>|<|over|under)/u.test(plain)) return { reason: 'is no exact figure' };
  const found = /^([\d.,\s\u00a0\u202f]*\d)\s*(.*)$/u.exec(plain);
  if (!found) return { reason: 'is not a number' };
  const unit = (found[2] ?? '').trim() || fold(otherwise).trim();
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined)
    return {
      reason:
        unit === ''
          ? 'has no unit'
          : `is in "${unit}", which is not one of ${Object.keys(units)
              .filter((known) => known !== '')
              .slice(0, 3)
              .join(', ')}`,
    };
  // A workbook's own number is what it is; only texts can be read in two ways.
  const number = isNumber ? { value: Number(plain) } : numberOf(found[1] ?? '', decimal);
  if (number.value === undefined) return number;
  return Number.isFinite(number.value) ? { value: Math.round(number.value * factor * 1e6) / 1e6 } : { reason: 'is not a number' };
}

/** A number of things: whole. */
export function piecesOf(text: string, decimal: Decimal, isNumber: boolean): Read<number> {
  const read = measureOf(text, pieceUnits, '', decimal, isNumber);
  return read.value === undefined || Number.isInteger(read.value) ? read : { reason: 'is not a whole number' };
}

/** A date as exactly as it is written: YYYY, YYYY-MM or YYYY-MM-DD. Day before month, unless that cannot be. */
export function dateOf(text: string, isNumber: boolean): Read<string> {
  if (saysNothing(text)) return nothing;
  const plain = fold(text).trim();
  // Days since the end of 1899, where the cell was not formatted as a date.
  if (isNumber && /^\d{5}$/u.test(plain)) return dayOf(new Date(Date.UTC(1899, 11, 30) + Number(plain) * 86_400_000).toISOString().slice(0, 10));
  const year = /^(?:nam\s+)?((?:19|20)\d\d)$/u.exec(plain)?.[1];
  if (year !== undefined) return { value: year };
  const iso = /^((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?$/u.exec(plain);
  if (iso) return iso[3] === undefined ? monthOf(iso[1], iso[2]) : dayOf(plain);
  const month = /^(?:t|thang\s*)?(\d{1,2})(?:\s*[/.-]\s*|\s+nam\s+)((?:19|20)\d\d)$/u.exec(plain);
  if (month) return monthOf(month[2], month[1]);
  const day = /^(?:ngay\s+)?(\d{1,2})(?:\s*[/.-]\s*|\s+thang\s+)(\d{1,2})(?:\s*[/.-]\s*|\s+nam\s+)((?:19|20)\d\d)$/u.exec(plain);
  if (!day) return { reason: /\d{1,2}[/.-]\d{1,2}[/.-]\d\d$/u.test(plain) ? 'has a year of two digits' : 'is not a date' };
  const [, first = '', second = '', inYear = ''] = day;
  const [days, months] = Number(second) > 12 && Number(first) <= 12 ? [second, first] : [first, second];
  return dayOf(`${inYear}-${months.padStart(2, '0')}-${days.padStart(2, '0')}`);
}

function dayOf(text: string): Read<string> {
  return isDate(text) ? { value: text } : { reason: 'is not a date that exists' };
}

function monthOf(year = '', month = ''): Read<string> {
  const number = Number(month);
  return number >= 1 && number <= 12 ? { value: `${year}-${month.padStart(2, '0')}` } : { reason: 'is not a month that exists' };
}

/** Degrees: decimal with point or comma, or degrees, minutes and seconds; letters of either language tell the half. */
export function angleOf(text: string, most: 90 | 180): Read<number> {
  if (saysNothing(text)) return nothing;
  const plain = fold(text).replace(/\s+/gu, ' ').trim();
  const decimal = /^([+-]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*([nsewbd])?$/u.exec(plain);
  const parts = /^(\d{1,3})\s*[°d]\s*(\d{1,2})\s*['′’]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:"|″|”|''))?\s*([nsewbd])?$/u.exec(plain);
  let value: number;
  if (decimal) value = Number((decimal[1] ?? '').replace(',', '.'));
  else if (parts) {
    const [, degrees, minutes, seconds = '0'] = parts;
    if (Number(minutes) >= 60 || Number(seconds.replace(',', '.')) >= 60) return { reason: 'has 60 minutes or seconds or more' };
    value = Number(degrees) + Number(minutes) / 60 + Number(seconds.replace(',', '.')) / 3600;
  } else return { reason: 'is not an angle' };
  if (/[sw]/u.test((decimal ?? parts)?.at(-1) ?? '')) value = -value;
  if (Math.abs(value) > most) return { reason: `is beyond ${most} degrees` };
  return { value: Math.round(value * 1e6) / 1e6 };
}

/** Both coordinates in one cell, latitude first. */
export function coordinatesOf(text: string): Read<{ lat: number; lon: number }> {
  if (saysNothing(text)) return nothing;
  const [first, second, ...more] = (
    /;/u.test(text) ? text.split(';') : /,\s/u.test(text) ? text.split(/,\s+/u) : text.split(/\s*\/\s*|(?<=\d[°NSEWBĐ]?),(?=\d+\.\d)|\s+(?=\d)/u)
  ).map((part) => part.trim());
  if (first === undefined || second === undefined || more.length > 0) return { reason: 'is not a latitude and a longitude' };
  const lat = angleOf(first, 90);
  const lon = angleOf(second, 180);
  if (lat.value === undefined || lon.value === undefined)
    return {
      reason: `is not a latitude and a longitude (${[lat, lon].map((part) => ('reason' in part ? part.reason : undefined)).find((reason) => reason !== undefined) ?? 'one is missing'})`,
    };
  return { value: { lat: lat.value, lon: lon.value } };
}

const romans: Readonly<Record<string, number>> = { i: 1, ii: 2, iii: 3, iv: 4 };

/** The level of a data centre: `Tier III`, `3`, `Rated-3`, `mức 2`. */
export function tierOf(text: string): Read<number> {
  if (saysNothing(text) || /^(?:khong|chua|no\b|not )/u.test(fold(text).trim())) return nothing;
  const level = /(?:^|tier|rated|muc|cap|hang|level)[\s-]*(iv|i{1,3}|[1-4])(?:\+|\b)/u.exec(fold(text).trim())?.[1];
  if (level === undefined) return { reason: 'is no level from 1 to 4' };
  return { value: romans[level] ?? Number(level) };
}
