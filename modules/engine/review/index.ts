export type * from './types.ts';
export { objectChanges, sensitiveText, unknownText } from './changes.ts';
export { declaredEffects, stackEffects, type DeclaredValue } from './effects.ts';
export { buildReview, type ReviewFacts } from './build.ts';
export { reviewText } from './text.ts';
export { reviewMarkdown } from './markdown.ts';
export { inputsDigest, type PlanFacts, type ReviewPage } from './facts.ts';
export { nextBaseline, readBaseline, writeBaseline } from './baseline.ts';
export { effectsBeyondStacks, readChanges, reviewOf, writeChanges, writeReview } from './write.ts';
