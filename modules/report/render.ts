import { clientProgram, styleSheet } from './assets.ts';
import { escapeHtml } from './html.ts';
import { payloadOf } from './payload.ts';
import { languageButtons, selfContained } from './shell.ts';
import type { Names, ReportData } from './types.ts';

/**
 * One self-contained HTML page that asks for nothing outside itself, in Vietnamese and English. Pure: the same data
 * gives the same bytes. Its content security policy allows exactly its own script and style, by hash.
 */
export function renderReport(data: ReportData): string {
  const { names } = data.federation;
  return selfContained({
    language: data.language,
    title: `${both(names)} · V-Cloud · ${escapeHtml(data.asOf)}`,
    generator: `V-Cloud ${data.madeBy.version}`,
    style: styleSheet(),
    script: clientProgram(),
    data: payloadOf(data),
    body: `<a id="skip" class="skip" href="#overview"></a>
<header class="page">
<div><h1 id="name">${both(names)}</h1><p id="subtitle">${escapeHtml(data.asOf)}</p></div>
${languageButtons}
</header>
<nav id="sections"></nav>
<noscript>${withoutScript(data)}</noscript>
<main>
${['overview', 'map', 'addresses', 'stacks', 'findings', 'catalogue', 'inventory', 'about'].map((id) => `<section id="${id}" aria-labelledby="${id}-title"></section>`).join('\n')}
</main>`,
  });
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
