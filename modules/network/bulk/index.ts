export { columnsOf, prefixAt, PrefixBuffer, type PrefixColumns } from './columns.ts';
export { PrefixScanner } from './scan.ts';
export { sortedOrder } from './sort.ts';
export { hierarchyOf, type Hierarchy } from './hierarchy.ts';
export { readPrefixBytes, readPrefixFile, type FileColumns, type InvalidLine, type PrefixFile } from './read.ts';
export { checkPrefixes, checkPrefixFile, type PrefixCheck, type PrefixCounts, type PrefixFinding } from './check.ts';
export { excludeColumns, intersectColumns, mergeColumns, uniteColumns } from './algebra.ts';
export { PrefixSet } from './set.ts';
export { freeOfFile, freeWithin, type FreeSummary } from './free.ts';
