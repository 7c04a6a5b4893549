// Prefixes on their own (`vcloud/prefixes`): reading and writing, arithmetic, ranges, sets, lookup and the registries. No plan, no
// declaration and no file but those that are named is read.
export * from './prefix.ts';
export { formatAddress, formatPrefix } from './format.ts';
export { canonicalText, isFault, parseAddress, parsePrefix, readAddress, readPrefix, type AddressFault } from './parse.ts';
export { hostAddress, nthAddress, prefixContains, reversePointer, reverseZoneNames, subnet, usableHosts } from './names.ts';
export { formatRange, prefixesToRanges, rangeOf, rangeSize, rangeToPrefixes, readRange, type AddressRange } from './ranges.ts';
export * from './special.ts';
export * from './bulk/index.ts';
export type { Family } from './types.ts';
