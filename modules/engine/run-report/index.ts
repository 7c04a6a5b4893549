export { applyReport, planReport, type RunFrame } from './build.ts';
export { lastLines } from './log-lines.ts';
export { runReportSchema, type RunReport, type RunReportStack } from './schema.ts';
