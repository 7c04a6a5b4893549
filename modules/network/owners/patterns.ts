/** A pattern over keys, ready for many of them. */
export interface KeyPattern {
  readonly text: string;
  matches(key: string): boolean;
  /** How specific it is, most significant first; see {@link compareSpecificity}. */
  readonly specificity: readonly number[];
}

/**
 * A pattern of keys: parts between slashes, `*` for any text within a part, `**` for one or more whole parts. `ministry/moh`
 * is that key alone, `ministry/moh/**` all below it, `site/hn-*` the sites whose ids begin so.
 */
export function keyPattern(text: string): KeyPattern {
  const parts = text.split('/');
  const source = parts.map((part) => (part === '**' ? '.+' : part.split('*').map(literal).join('[^/]*'))).join('/');
  const expression = new RegExp(`^${source}$`, 'u');
  const plain = parts.filter((part) => !part.includes('*'));
  const partly = parts.filter((part) => part.includes('*') && part.replaceAll('*', '') !== '');
  const letters = [...plain, ...partly].reduce((sum, part) => sum + part.replaceAll('*', '').length, 0);
  return {
    text,
    matches: plain.length === parts.length ? (key) => key === text : (key) => expression.test(key),
    specificity: [plain.length === parts.length ? 1 : 0, plain.length, partly.length, parts.includes('**') ? 0 : 1, partly.length === 0 ? 0 : letters],
  };
}

/**
 * Which of two patterns says more of the keys both match, above 0 if the first: one without wildcards; else more whole parts
 * written out; else more parts written in part; else one of a fixed depth; else more letters in the parts written in part.
 */
export function compareSpecificity(one: KeyPattern, other: KeyPattern): number {
  for (let index = 0; index < one.specificity.length; index++) {
    const difference = (one.specificity[index] ?? 0) - (other.specificity[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/gu, '\\$&');
}
