import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAddressPlans, planAddresses } from '../../modules/network/index.ts';
import { blocksHtml, blocksOf, wordsOf, type Language } from '../../modules/network/picture/index.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const reason = fs.existsSync(executablePath) ? '' : ` (skipped: no Chromium at ${executablePath}; set CHROMIUM)`;

const plan = `apiVersion: vcloud/v1
kind: NetworkPlan
metadata: { name: map }
domains: [{ name: inside }]
pools:
  - { name: six, prefix: "3fff::/32", domain: inside, strategy: sparse }
  - { name: four, prefix: 10.0.0.0/16, domain: inside, strategy: best-fit }
needs:
  - { key: province/north, role: container, owner: dien-bien, legs: { v6: { pool: six, length: 36 }, v4: { pool: four, length: 20 } } }
  - { key: province/south, role: container, owner: da-nang, legs: { v6: { pool: six, length: 36 }, v4: { pool: four, length: 20 } } }
  - { key: commune/1, role: container, in: province/north, legs: { v6: { in: province/north, length: 44 }, v4: { in: province/north, length: 24 } } }
  - { key: commune/1/office, legs: { v6: { in: commune/1, length: 64 }, v4: { in: commune/1, length: 26 } } }
  - { key: commune/1/school, legs: { v6: { in: commune/1, length: 64 }, v4: { in: commune/1, length: 26 } } }
  - { key: commune/2, legs: { v6: { in: province/south, length: 48 }, v4: { in: province/south, length: 24 } } }
`.replace('role: container, in: province/north, legs', 'role: container, legs');

describe.skipIf(reason !== '')(`the map of an address plan in Chromium${reason}`, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'map-lab-'));
  const complaints: string[] = [];
  const requests: string[] = [];
  let browser: Browser;
  let page: Page;

  const file = (language: Language): string => pathToFileURL(path.join(folder, `${language}.html`)).href;
  const text = async (selector: string): Promise<string> => (await page.locator(selector).textContent()) ?? '';
  const rows = async (): Promise<string[]> => await page.locator('#list button.row > span:nth-child(2)').allTextContents();
  const names = async (): Promise<string[]> => await page.locator('#list button.row > span:first-child').allTextContents();
  const openPool = async (name: string): Promise<void> => await page.locator('#list button.row', { hasText: name }).first().click();

  /** A press where a person would put it: inside of the block, on whatever is drawn there. */
  const press = async (block: Locator): Promise<void> => {
    const box = await block.locator('> rect').boundingBox();
    await page.mouse.click((box?.x ?? 0) + 3, (box?.y ?? 0) + 3);
  };

  beforeAll(async () => {
    fs.mkdirSync(path.join(folder, 'network-plans'));
    fs.writeFileSync(path.join(folder, 'network-plans/map.yaml'), plan);
    const { addressPlan } = planAddresses(await loadAddressPlans(folder));
    for (const language of ['en', 'vi'] as const)
      fs.writeFileSync(path.join(folder, `${language}.html`), blocksHtml(blocksOf(addressPlan, undefined, undefined), language));
    browser = await chromium.launch({
      executablePath,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const fresh = async (url: string): Promise<void> => {
    await page?.close();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
  };

  it.each(['en', 'vi'] as const)('%s: opens on all pools, in its language, and asks nobody for anything', async (language) => {
    await fresh(file(language));
    expect(await page.title()).toBe(wordsOf(language).all);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    expect(await names()).toEqual(['six', 'four']);
    expect(await page.locator('#search').getAttribute('placeholder')).toBe(wordsOf(language).search);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
  });

  it.each(['en', 'vi'] as const)('%s: zooms into a block with each press, and out with Escape', async (language) => {
    await fresh(file(language));
    await openPool('four');
    expect(await rows()).toEqual(['10.0.0.0/20', '10.0.16.0/20']);
    expect(await text('#facts')).toContain(`${wordsOf(language).delegated} 8,192 ${wordsOf(language).of} 65,536`);
    // The map: the outermost block below the one shown is opened, one level for each press.
    await press(page.locator('#map > g.block').first());
    expect(await text('#path')).toContain('province/north 10.0.0.0/20');
    expect(await text('#facts')).toContain(wordsOf(language).fixed);
    await press(page.locator('#map > g.block').first());
    expect(await text('#path')).toContain('commune/1 10.0.0.0/24');
    expect(await rows()).toEqual(['10.0.0.0/26', '10.0.0.64/26']);
    expect(await page.locator('#list .row.free').first().textContent()).toContain(wordsOf(language).free);
    await page.keyboard.press('Escape');
    expect(await text('#path')).not.toContain('commune/1');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await names()).toEqual(['six', 'four']);
    expect(complaints).toEqual([]);
  });

  it.each(['en', 'vi'] as const)('%s: finds keys, holders, addresses and prefixes, and marks them on the map', async (language) => {
    await fresh(file(language));
    const words = wordsOf(language);
    const search = async (query: string): Promise<string[]> => {
      await page.locator('#search').fill(query);
      return await rows();
    };
    expect((await search('office')).sort()).toEqual(['10.0.0.0/26', '3fff::/64']);
    expect(await text('#inside')).toBe(words.found.replace('{count}', '2'));
    expect(await page.locator('#map rect.hit').count()).toBe(1);
    // Holders are inherited; marks do not matter.
    expect((await search('Đà-Nẵng')).sort()).toEqual(['10.0.16.0/20', '10.0.16.0/24', '3fff:0:8000::/36', '3fff:0:8000::/48']);
    // Whoever holds an address, from the innermost out.
    expect(await search('10.0.0.70')).toEqual(['10.0.0.64/26', '10.0.0.0/24', '10.0.0.0/20', '10.0.0.0/16']);
    expect(await text('#facts')).toMatch(/^commune\/1\/school 10\.0\.0\.64\/26/u);
    expect(await search('3FFF::1')).toEqual(['3fff::/64', '3fff::/44', '3fff::/36', '3fff::/32']);
    expect(await search('10.0.16.0/24')).toContain('10.0.16.0/24');
    expect(await search('nowhere')).toEqual([]);
    expect(await text('#inside')).toBe(words.nothing);
    // What was found opens at a press; nothing asked for shows the block again.
    await search('commune/1/school');
    await page.locator('#list button.row').first().click();
    expect(await text('#path')).toContain('commune/1 ');
    expect(await search('')).toHaveLength(2);
    expect(complaints).toEqual([]);
  });

  it('speaks the other language at a press, in every word', async () => {
    await fresh(file('en'));
    await openPool('six');
    const seen = async (): Promise<string> =>
      `${await text('body > header')} ${await text('#facts')} ${await text('main')} ${await text('footer')} ${await page.locator('#search').getAttribute('placeholder')}`;
    const english = await seen();
    await page.locator('#other').click();
    const vietnamese = await seen();
    expect(await page.locator('html').getAttribute('lang')).toBe('vi');
    const [en, vi] = [wordsOf('en'), wordsOf('vi')];
    for (const word of ['delegated', 'used', 'largest', 'free', 'inside', 'search', 'zoom', 'other'] as const) {
      expect(english).toContain(en[word]);
      expect(vietnamese).toContain(vi[word]);
      expect(vietnamese, word).not.toContain(en[word]);
    }
    expect(await rows()).toEqual(['3fff::/36', '3fff:0:8000::/36']);
    await page.locator('#other').click();
    expect(await seen()).toBe(english);
  });

  it('can be pointed at a block by its address, and read with the keyboard', async () => {
    await fresh(`${file('en')}#${encodeURIComponent('commune/1 3fff::/44')}`);
    expect(await text('#path')).toContain('commune/1 3fff::/44');
    await page.locator('#list button.row').first().focus();
    await page.keyboard.press('Enter');
    expect(await text('#facts')).toContain(wordsOf('en').network);
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe('#commune/1/office 3fff::/64');
    expect(complaints).toEqual([]);
  });
});
