import { createHash } from 'node:crypto';
import { clientProgram, styleSheet } from './assets.ts';
import { embedJson, escapeHtml } from './html.ts';
import { payloadOf } from './payload.ts';
import type { Names, ReportData } from './types.ts';

/**
 * One self-contained HTML page that asks for nothing outside itself, in Vietnamese and English. Pure: the same data
 * gives the same bytes. Its content security policy allows exactly its own script and style, by hash.
 */
export function renderReport(data: ReportData): string {
  const script = clientProgram();
  const style = styleSheet();
  const { names } = data.federation;
  const policy = `default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="${data.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="V-Cloud ${escapeHtml(data.madeBy.version)}">
<link rel="icon" href="data:,">
<title>${both(names)} · V-Cloud · ${escapeHtml(data.asOf)}</title>
<style>${style}</style>
</head>
<body>
<a id="skip" class="skip" href="#overview"></a>
<header class="page">
<div><h1 id="name">${both(names)}</h1><p id="subtitle">${escapeHtml(data.asOf)}</p></div>
<div class="language" role="group" aria-label="Ngôn ngữ / Language"><button type="button" id="language-vi" lang="vi">Tiếng Việt</button><button type="button" id="language-en" lang="en">English</button></div>
</header>
<nav id="sections"></nav>
<noscript>${withoutScript(data)}</noscript>
<main>
${['overview', 'map', 'addresses', 'stacks', 'findings', 'inventory', 'about'].map((id) => `<section id="${id}" aria-labelledby="${id}-title"></section>`).join('\n')}
</main>
<script type="application/json" id="data">${embedJson(payloadOf(data))}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function both({ vi, en }: Names): string {
  return escapeHtml(vi === en ? vi : `${vi} · ${en}`);
}

/** The figures alone, for a reader that runs no scripts. */
function withoutScript({ totals }: ReportData): string {
  const figures: readonly (readonly [string, string, number])[] = [
    ['Cơ quan, đơn vị', 'Organisations', totals.organisations],
    ['Địa điểm', 'Sites', totals.sites],
    ['Đám mây', 'Clouds', totals.clouds],
    ['Khối địa chỉ IPv4', 'IPv4 prefixes', totals.prefixes4],
    ['Khối địa chỉ IPv6', 'IPv6 prefixes', totals.prefixes6],
    ['Vùng tên miền', 'Zones', totals.zones],
    ['Đường hầm', 'Tunnels', totals.tunnels],
    ['Stack', 'Stacks', totals.stacks],
    ['Tài nguyên', 'Resources', totals.resources],
    ['Bản ghi kiểm kê', 'Inventory records', totals.records],
  ];
  const list = figures.map(([vi, en, count]) => `<li>${vi} · ${en}: ${count}</li>`).join('');
  return `<p>Trang này cần JavaScript để hiện bản đồ và tìm kiếm. This page needs JavaScript for its map and search.</p><ul>${list}</ul>`;
}
