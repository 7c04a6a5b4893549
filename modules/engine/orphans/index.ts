export * from './types.ts';
export { adoptOrphans, deleteOrphans, dismissOrphans, listOrphans, type Answered, type OrphanOptions } from './answer.ts';
export { clearUnrecorded, noteUnrecorded, pendingImports, readUnrecorded, stacksToAnswer, writeImports, type PendingImport } from './files.ts';
export { expectedResources, type Known } from './expected.ts';
export { orphanProblem, unansweredStacks } from './gate.ts';
export { clearRemainders, removedIn } from './clear.ts';
export { unansweredText } from './find.ts';
