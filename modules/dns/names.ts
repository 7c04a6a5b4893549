import { domainToASCII } from 'node:url';
import { problem, type Place, type Problem } from '../core/index.ts';

/**
 * The absolute, lower-case form of a name written in a plan: `@` is the origin, a final dot makes it absolute,
 * anything else lies below the origin.
 */
export function absoluteName(written: string, origin: string): string {
  const name = written.toLowerCase();
  if (name === '@') return origin;
  if (name.endsWith('.')) return name;
  return origin === '.' ? `${name}.` : `${name}.${origin}`;
}

/** Whether `name` is `zone` or lies below it. */
export function isWithin(name: string, zone: string): boolean {
  return zone === '.' || name === zone || (name.length > zone.length && name.endsWith(zone) && name[name.length - zone.length - 1] === '.');
}

/** The name without its first label; undefined for the root. */
export function parentName(name: string): string | undefined {
  if (name === '.') return undefined;
  const dot = name.indexOf('.');
  return dot === name.length - 1 ? '.' : name.slice(dot + 1);
}

/** The zone of `zones` a name belongs to: the longest one it lies in. */
export function enclosingZone<T>(zones: ReadonlyMap<string, T>, name: string): T | undefined {
  for (let current: string | undefined = name; current !== undefined; current = parentName(current)) {
    const zone = zones.get(current);
    if (zone) return zone;
  }
  return undefined;
}

/**
 * {@link enclosingZone} for many names: only suffixes of as many labels as some zone has are looked up, of the 34 labels a
 * name in the reverse tree may have.
 */
export function zoneFinder<T>(zones: ReadonlyMap<string, T>): (name: string) => T | undefined {
  const depths = new Set(Array.from(zones.keys(), (zone) => (zone === '.' ? 0 : zone.split('.').length - 1)));
  const deepest = Math.max(...depths, 0);
  return (name) => {
    let found = depths.has(0) ? zones.get('.') : undefined;
    let dot = name.length - 1;
    for (let depth = 1; depth <= deepest && dot > 0; depth++) {
      dot = name.lastIndexOf('.', dot - 1);
      if (depths.has(depth)) found = zones.get(name.slice(dot + 1)) ?? found;
    }
    return found;
  };
}

/** A text whose code-unit order is the canonical order of names (RFC 4034 section 6.1): labels from the right. */
export function canonicalKey(name: string): string {
  return name.split('.').reverse().join('\u0000');
}

/** A whole name of plain labels: what nearly every name is. */
const plainName = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+$/u;
const label = /^(?:\*|[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)$/u;

/** What is wrong with an absolute name (RFC 1035 section 2.3.4, RFC 1123 section 2.1); undefined when nothing is. */
export function nameProblem(name: string, place: Place): Problem | undefined {
  if (name === '.' || (name.length < 255 && plainName.test(name))) return undefined;
  // One octet of length before every label, and the root's.
  if (name.length + 1 > 255)
    return problem('DNS-NAME-LENGTH', `"${name}" is ${name.length + 1} octets long on the wire, at most 255 are allowed`, {
      ...place,
      hint: 'shorten its labels (RFC 1035 section 2.3.4)',
    });
  for (const [index, part] of name.slice(0, -1).split('.').entries()) {
    if (part.length > 63)
      return problem('DNS-LABEL-LENGTH', `label "${part}" of "${name}" has ${part.length} octets, at most 63 are allowed`, {
        ...place,
        hint: 'shorten it (RFC 1035 section 2.3.4)',
      });
    if (!label.test(part) || (part === '*' && index > 0)) {
      const ascii = domainToASCII(part.normalize('NFC'));
      return problem(
        'DNS-LABEL',
        part === '' ? `"${name}" has an empty label` : `label "${part}" of "${name}" is not made of letters, digits, hyphens and underscores`,
        {
          ...place,
          hint:
            /[^ -~]/u.test(part) && ascii !== '' ? `write its A-label: ${ascii} (RFC 5890)` : 'use letters, digits and inner hyphens (RFC 1123 section 2.1)',
        },
      );
    }
  }
  return undefined;
}
