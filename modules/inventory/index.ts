export * from './types.ts';
export { collectRecords, sortRecords, type CollectInput } from './records/collect.ts';
export { type States } from './records/resources.ts';
export { compareBodies, type Comparison } from './records/drift.ts';
