import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../modules/report/index.ts';
import { small } from '../report/fixture.ts';
import { noChromium, openPage } from './support/browser.ts';

// A page made by `vcloud federate` may be tried in place of the small one.
const given = process.env['REPORT_HTML'];

describe.skipIf(noChromium !== '')(`the report in Chromium${noChromium}`, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'report-lab-'));
  let complaints: readonly string[] = [];
  let requests: readonly string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const file = given ?? path.join(folder, 'report.html');
    if (given === undefined) fs.writeFileSync(file, renderReport(small));
    ({ browser, page, complaints, requests } = await openPage(file));
  });

  afterAll(async () => {
    await browser?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('loads from a file without a word on the console and without a request', () => {
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
  });

  it('draws the map: units, agencies, hubs, lines', async () => {
    expect(await page.locator('#country .dots').first().getAttribute('d')).toMatch(/^M\d+ \d+h0/u);
    expect(await page.locator('#country .mark.agency').count()).toBeGreaterThan(0);
    expect(await page.locator('#country .mark.hub').count()).toBeGreaterThan(0);
    expect(await page.locator('#country .lines path').count()).toBeGreaterThan(1);
    expect(await page.locator('#country .labels text').allTextContents()).toContain('Đặc khu Hoàng Sa');
  });

  it('shows what was clicked on the map, by mouse and by key', async () => {
    const hub = page.locator('#country .mark.hub').first();
    const name = (await hub.getAttribute('aria-label')) ?? '';
    await hub.click();
    expect(await page.locator('#map-detail h3').first().textContent()).toBe(name.replace(/ \(\+\d+\)$/u, ''));
    await page.locator('#country .mark.agency').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#map-detail h3').first().textContent()).toBe(await page.locator('#country .mark.agency').first().getAttribute('aria-label'));
  });

  it('zooms and hides a layer', async () => {
    const before = await page.locator('#country > g').getAttribute('transform');
    await page.getByRole('button', { name: 'Phóng to' }).click();
    expect(await page.locator('#country > g').getAttribute('transform')).not.toBe(before);
    await page.locator('#map').getByLabel('Kênh truyền').uncheck();
    expect(await page.locator('#country .lines.link').isVisible()).toBe(false);
    await page.locator('#map').getByLabel('Kênh truyền').check();
    await page.getByRole('button', { name: 'Toàn cảnh' }).click();
  });

  it('has one address answered, and answers another', async () => {
    expect(await page.locator('#address-question').inputValue()).toMatch(/^10\./u);
    expect(await page.locator('#address-answer strong').first().textContent()).not.toBe('');
    const ministry = await page.locator('#address-answer .chain').first().textContent();
    expect(ministry).toContain('Việt Nam');
    await page.locator('#address-question').fill('10.256.0.1');
    expect(await page.locator('#address-answer').textContent()).toContain('không phải là địa chỉ');
    await page.locator('#address-question').fill('203.0.113.7');
    expect(await page.locator('#address-answer').textContent()).toContain('không thuộc khối nào');
    await page.locator('#address-question').fill('3fff:0:5000::1');
    expect(await page.locator('#address-answer').textContent()).toContain('3fff::/20');
  });

  it('lists the systems without disaster recovery', async () => {
    expect(await page.locator('#no-recovery tbody').first().locator('tr').count()).toBeGreaterThan(0);
    expect(await page.locator('#no-recovery .summary').textContent()).toMatch(/\d+ trên \d+ hệ thống/u);
  });

  it.each([
    ['bo y te', 'Bộ Y tế'],
    ['da nang', 'Thành phố Đà Nẵng'],
  ])('finds %s in the inventory and shows it', async (text, name) => {
    await page.locator('#inventory-search').fill(text);
    expect(await page.locator('#inventory-results .line .name').first().textContent()).toBe(name);
    await page.locator('#inventory-results .line').first().click();
    expect(await page.locator('#inventory-detail h3').textContent()).toBe(name);
    expect(await page.locator('#inventory-detail .chain').textContent()).toContain('Việt Nam');
  });

  it('opens the address tree, and searches it', async () => {
    expect(await page.locator('#address-tree .prefix').first().textContent()).toBe('10.0.0.0/8');
    await page.locator('#address-search').fill('bo y te');
    expect(await page.locator('#address-tree .prefix').allTextContents()).toContain('10.31.0.0/16');
    await page.locator('#address-search').fill('');
    await page.getByText('IPv6', { exact: true }).first().click();
    expect(await page.locator('#address-tree .prefix').first().textContent()).toBe('3fff::/20');
  });

  it('opens the stacks of an agency and the text of a finding', async () => {
    await page.locator('#stacks .group summary').first().click();
    expect(await page.locator('#stacks .group tbody tr').count()).toBeGreaterThan(0);
    expect(await page.locator('#stacks').textContent()).toContain('sandbox');
    await page.locator('#findings .finding summary').first().click();
    expect(await page.locator('#findings .finding .facts').first().isVisible()).toBe(true);
  });

  it('switches the language and keeps what was asked', async () => {
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('#inventory-title').textContent()).toBe('Inventory');
    expect(await page.locator('#inventory-search').inputValue()).toBe('da nang');
    expect(await page.locator('#inventory-results .line .name').first().textContent()).toBe('Da Nang City');
    await page.getByRole('button', { name: 'Tiếng Việt' }).click();
    expect(await page.locator('#inventory-title').textContent()).toBe('Kiểm kê');
  });

  it('fits a phone without scrolling sideways', async () => {
    await page.setViewportSize({ width: 375, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('stayed silent to the end', () => {
    expect(complaints).toEqual([]);
  });
});
