export type * from './types.ts';
export { objectChanges, sensitiveText, unknownText } from './changes.ts';
export { declaredEffects, stackEffects, type DeclaredValue } from './effects.ts';
export { buildReview, type ReviewFacts } from './build.ts';
export { reviewText } from './text.ts';
export { reviewMarkdown } from './markdown.ts';
