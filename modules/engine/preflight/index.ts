export type * from './types.ts';
export { preflightFile, preflightText } from './file.ts';
export { checkPlanned, preflight, type PreflightOptions } from './run.ts';
export { preflightProblems, refusalText, refusedStacks, summarisePreflight } from './summarise.ts';
export { PreflightStep, type PreflightSettings } from './step.ts';
