export { mergeByTable, successorsOf, type Merger, type MergerTable } from './successors.ts';
export { aggregate, fragmentation, type Fragmentation, type UnitBlocks } from './fragments.ts';
export { mergerReport, type MergerReport, type RegionRow } from './report.ts';
