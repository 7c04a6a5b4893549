export * from './types.ts';
export { buildReportData, type ReportSources } from './build.ts';
export { renderReport } from './render.ts';
export { renderPlanPage } from './plan-page.ts';
