export { heldAddresses } from './held.ts';
export { reviewedBlocks, type Figures, type ReviewedBlock } from './figures.ts';
export { changeCount, reviewAddresses, reviewData, type Review, type ReviewData, type ReviewEffects } from './review.ts';
export { reviewMarkdown, reviewText } from './render.ts';
export { mergeLocks, type LockMerge, type LockVersions } from './merge.ts';
export { inUnits, percentText, unitName, unitOf } from './units.ts';
