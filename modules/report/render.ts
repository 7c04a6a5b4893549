import { embedJson, escapeHtml } from './html.ts';
import type { ReportData } from './types.ts';

/** One self-contained HTML page. Pure: the same data gives the same bytes. */
export function renderReport(data: ReportData): string {
  const title = `${data.federation.names.vi} · ${data.federation.names.en}`;
  const totals = Object.entries(data.totals)
    .map(([name, count]) => `<dt>${escapeHtml(name)}</dt><dd>${count}</dd>`)
    .join('');
  return [
    '<!doctype html>',
    `<html lang="${data.language}">`,
    `<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    `<body><h1>${escapeHtml(title)}</h1><p>${escapeHtml(data.asOf)}</p><dl>${totals}</dl>`,
    `<script type="application/json" id="data">${embedJson(data)}</script>`,
    '</body></html>',
    '',
  ].join('\n');
}
