import fc from 'fast-check';
import { formatAddress, formatPrefix, truncate, type Address, type Prefix } from '../../../modules/network/prefixes.ts';

const word = fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff));

export const address4: fc.Arbitrary<Address> = word.map((a) => ({ family: 'v4', a, b: 0, c: 0, d: 0 }));
export const address6: fc.Arbitrary<Address> = fc.tuple(word, word, word, word).map(([a, b, c, d]) => ({ family: 'v6', a, b, c, d }));
export const prefix4: fc.Arbitrary<Prefix> = fc.tuple(address4, fc.nat({ max: 32 })).map(([address, length]) => truncate(address, length));
export const prefix6: fc.Arbitrary<Prefix> = fc.tuple(address6, fc.nat({ max: 128 })).map(([address, length]) => truncate(address, length));

/** Prefixes that meet often: inside one /24, or one IPv6 block whose last bits cross the border of two words. */
export const near4: fc.Arbitrary<Prefix> = fc
  .tuple(fc.nat({ max: 255 }), fc.integer({ min: 24, max: 32 }))
  .map(([d, length]) => truncate({ family: 'v4', a: ((10 << 24) | d) >>> 0, b: 0, c: 0, d: 0 }, length));
export const near6: fc.Arbitrary<Prefix> = fc
  .tuple(fc.nat({ max: 255 }), fc.integer({ min: 60, max: 68 }))
  .map(([bits, length]) => truncate({ family: 'v6', a: 0x3fff0000, b: bits >>> 4, c: ((bits & 15) << 28) >>> 0, d: 0 }, length));
/** Any prefixes and such that are the whole space. */
export const wide4 = fc.oneof({ weight: 9, arbitrary: prefix4 }, { weight: 1, arbitrary: near4 });
export const wide6 = fc.oneof({ weight: 9, arbitrary: prefix6 }, { weight: 1, arbitrary: near6 });

/** Texts of IPv6 addresses as people and programs write them: upper case, zeros, no or another `::`, IPv4 at the end. */
const groupTexts = fc.array(fc.nat({ max: 0xffff }), { minLength: 8, maxLength: 8 }).chain((groups) =>
  fc.tuple(fc.nat({ max: 8 }), fc.nat({ max: 8 }), fc.boolean(), fc.boolean(), fc.boolean()).map(([from, count, upper, zeros, dotted]) => {
    const texts = groups.map((group) => (zeros ? group.toString(16).padStart(4, '0') : group.toString(16)));
    const last = dotted ? [[(groups[6] ?? 0) >>> 8, (groups[6] ?? 0) & 255, (groups[7] ?? 0) >>> 8, (groups[7] ?? 0) & 255].join('.')] : texts.slice(6);
    const all = [...texts.slice(0, 6), ...last];
    const text = count === 0 ? all.join(':') : `${all.slice(0, from).join(':')}::${all.slice(from + count).join(':')}`;
    return upper ? text.toUpperCase() : text;
  }),
);

const lengthTexts = fc.oneof(
  fc.nat({ max: 140 }).map(String),
  fc.constantFrom('', '-1', '+8', '08', '00', '0', '24 ', ' 24', '8.0', '1e1', '0x8', '255.255.255.0', '0.0.0.255', '255.0.255.0', '٨', '1000000000000'),
);

/** Other spellings of real prefixes: every group written, upper case, zeros in front, IPv4 at the end. */
const spelled = fc.tuple(prefix6, fc.boolean(), fc.boolean(), fc.boolean()).map(([{ a, b, c, d, length }, upper, zeros, dotted]) => {
  const groups = [a, b, c, d].flatMap((word) => [word >>> 16, word & 0xffff]).map((group) => group.toString(16).padStart(zeros ? 4 : 1, '0'));
  const all = dotted ? [...groups.slice(0, 6), `${d >>> 24}.${(d >>> 16) & 255}.${(d >>> 8) & 255}.${d & 255}`] : groups;
  return `${upper ? all.join(':').toUpperCase() : all.join(':')}/${length}`;
});

/** Canonical texts of real prefixes. */
export const goodTexts = fc.oneof(prefix4, prefix6).map(formatPrefix);
const almost = fc.oneof(
  goodTexts,
  spelled,
  fc.tuple(fc.oneof(address4, address6).map(formatAddress), lengthTexts).map(([address, length]) => `${address}/${length}`),
  fc.tuple(groupTexts, lengthTexts).map(([address, length]) => `${address}/${length}`),
  fc.tuple(groupTexts, fc.constantFrom(0, 16, 64, 127, 128)).map(([address, length]) => `${address}/${length}`),
  fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 6 }).map((octets) => `${octets.join('.')}/32`),
);
const stray = fc.constantFrom(
  ...Array.from('0123456789abcdefABCDEFxg.:/%- \t_+'),
  '::',
  '.0',
  ':0',
  '00',
  '0x',
  '%eth0',
  '\u00a0',
  '１',
  '٠',
  '\u200b',
  '\ufeff',
  'é',
  '"',
  '',
);

/** Texts near a prefix: one character more, less or other; and heaps of the characters prefixes are made of. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  almost,
  fc
    .tuple(almost, fc.nat({ max: 50 }), fc.nat({ max: 2 }), stray)
    .map(([text, at, gone, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + gone)),
  fc.array(stray, { maxLength: 20 }).map((parts) => parts.join('')),
  fc.array(stray, { maxLength: 20 }).map((parts) => `${parts.join('')}/64`),
);
