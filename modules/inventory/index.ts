export * from './types.ts';
export { collectRecords, sortRecords, type CollectInput } from './records/collect.ts';
export { type States } from './records/resources.ts';
export { compareBodies, type Comparison } from './records/drift.ts';
export { inventoryFile, openInventory, openStore, type Store } from './store/database.ts';
export { defaultGuard, type Counts, type DeletionGuard } from './store/snapshot.ts';
export { lastSubmission, readAttachment, submit, type Submission, type SubmissionRow } from './store/submit.ts';
export { searchInventory, type Filter, type OrganisationGroup, type SearchOptions, type SearchResult } from './store/search.ts';
export { countRecords, driftCounts, findRecords, listRecords, showRecord, summarise, type Shown } from './store/show.ts';
