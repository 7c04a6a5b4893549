import { foldHeading } from '../../core/index.ts';

/** What a column of a survey says. */
export const surveyFields = [
  'name',
  'nameEnglish',
  'kind',
  'owner',
  'area-of',
  'latitude',
  'longitude',
  'coordinates',
  'tier',
  'standard',
  'power',
  'feeds',
  'generators',
  'racks',
  'surface',
  'commissioned',
] as const;
export type SurveyField = (typeof surveyFields)[number];

/** Folded headings without their units; the first that matches decides. `none` is a column of no use here. */
const rules: readonly (readonly [SurveyField | 'none', RegExp])[] = [
  ['none', /^(?:stt|tt|so tt|so thu tu|no|nr|id|ma|url|ghi chu|notes?|remarks?)$|\b(?:nguoi|contact|lien he|dien thoai|phone|email|dia chi|address)\b/u],
  ['latitude', /\b(?:vi do|lat|latitude)\b/u],
  ['longitude', /\b(?:kinh do|lon|lng|long|longitude)\b/u],
  ['coordinates', /\b(?:toa do|coordinates?|gps|location)\b/u],
  ['standard', /\b(?:tieu chuan|standards?|chung nhan|certificate)\b/u],
  ['tier', /\b(?:tier|cap do|muc|hang|rated)\b/u],
  ['generators', /\b(?:may phat|generators?|gensets?)\b/u],
  ['feeds', /\b(?:nguon (?:dien|cap|luoi)|so nguon|lo dien|feeds?|power feeds?)\b/u],
  ['power', /\b(?:cong suat|power|dien nang|kw|it load)\b/u],
  ['racks', /\b(?:racks?|tu rack|so tu|cabinets?)\b/u],
  ['surface', /\b(?:dien tich|area|floor|surface|m2)\b/u],
  ['commissioned', /\b(?:nam|ngay|thang|van hanh|dua vao|su dung tu|commissioned|in service|operation(?:al)? since|year|date)\b/u],
  ['kind', /^(?:loai|loai hinh|kind|type|phan loai|category)$/u],
  ['area-of', /^ten (?:tinh|thanh pho|dia phuong)\b/u],
  ['owner', /^ten (?:don vi|co quan|to chuc)\b/u],
  ['nameEnglish', /\b(?:ten (?:tieng )?anh|english name|name english|name en)\b/u],
  ['name', /\b(?:ten|name|trung tam du lieu|phong may(?: chu)?|data cent(?:er|re)|server room|site)\b/u],
  ['area-of', /\b(?:tinh|thanh pho|dia phuong|province|city|dia ban|bo nganh)\b/u],
  ['owner', /\b(?:don vi|co quan|chu quan|owner|agency|organi[sz]ation|quan ly)\b/u],
];

/** The field a heading means by its words; undefined where it is unknown or of no use. */
export function guessSurveyField(heading: string): SurveyField | undefined {
  const folded = foldHeading(heading);
  if (folded === '' || folded.length > 80) return undefined;
  const field = rules.find(([, pattern]) => pattern.test(folded))?.[0];
  return field === 'none' ? undefined : field;
}

/** The unit a heading states: `Công suất (kW)`, `Power, kW`. */
export function unitOfHeading(heading: string): string {
  return (
    /\((?<unit>[^()]+)\)\s*$|[,/[]\s*(?<last>[\p{L}²0-9]+)\]?\s*$/u
      .exec(heading.trim())
      ?.slice(1)
      .find((unit) => unit !== undefined) ?? ''
  );
}

const kinds: readonly (readonly ['data-centre' | 'server-room', RegExp])[] = [
  ['server-room', /\b(?:phong may|phong may chu|phong server|server rooms?|computer rooms?|pmc)\b/u],
  ['data-centre', /\b(?:trung tam (?:tich hop )?du lieu|ttdl|tthdl|data ?cent(?:er|re)s?|dc)\b/u],
];

/** What a text says a site is; undefined where it says neither or both. */
export function kindOf(text: string): 'data-centre' | 'server-room' | undefined {
  const folded = foldHeading(text);
  const found = kinds.filter(([, pattern]) => pattern.test(folded));
  return found.length === 1 ? found[0]?.[0] : undefined;
}
