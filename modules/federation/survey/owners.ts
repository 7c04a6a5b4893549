import { didYouMean, foldHeading } from '../../core/index.ts';
import type { Federation } from '../model.ts';

/** Generic parts of names that some write and others leave out. */
const generic = /^(?:uy ban nhan dan|ubnd|tinh|thanh pho|tp|province of|city of)\s+|\s+(?:province|city|people s committee)$/gu;
const numbering = /^(?:[ivx]+|\d+|[a-z])[.)]\s*/iu;

/** Finds the organisation a text means. */
export interface Owners {
  /** Its id; undefined where nothing or several things are meant. */
  find(text: string): string | undefined;
  /** What the text may have been meant to say. */
  hint(text: string): string | undefined;
}

/** Organisations by id, acronym, code and name in both languages, with and without what is generic in it. */
export function ownersOf({ organisations }: Pick<Federation, 'organisations'>): Owners {
  const whole = new Map<string, Set<string>>();
  const short = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, key: string, id: string): void => {
    if (key === '') return;
    const ids = map.get(key);
    if (ids) ids.add(id);
    else map.set(key, new Set([id]));
  };
  const names: string[] = [];
  for (const { id, kind, code, acronym, names: both } of organisations.values()) {
    for (const text of [id, acronym ?? '', code === undefined ? '' : `${kind}/${code}`, both.vi, both.en]) {
      add(whole, foldHeading(text), id);
      const bare = bareName(text);
      // Only what had something generic about it: "Phường Huế" is not "Thành phố Huế".
      if (bare !== foldHeading(text)) add(short, bare, id);
    }
    names.push(both.vi, both.en);
  }
  const one = (ids: Set<string> | undefined): string | undefined => (ids?.size === 1 ? [...ids][0] : undefined);
  return {
    find(text) {
      for (const candidate of [text, text.replace(numbering, '')]) {
        const folded = foldHeading(candidate);
        const found = whole.has(folded) ? one(whole.get(folded)) : one(short.get(bareName(candidate)));
        if (found !== undefined) return found;
      }
      return undefined;
    },
    hint: (text) => didYouMean(text, names),
  };
}

function bareName(text: string): string {
  let name = foldHeading(text);
  for (let before = ''; before !== name;) {
    before = name;
    name = name.replace(generic, '').trim();
  }
  return name;
}
