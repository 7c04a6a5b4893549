import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPlanPage } from '../../modules/report/index.ts';
import { bigReview } from './support/plan-review.ts';
import { noChromium, openPage } from './support/browser.ts';

// A page made by `vcloud plan` may be tried in place of the made-up one; `PLAN_PICTURE=docs/plan.png` takes the README's picture.
const picture = process.env['PLAN_PICTURE'];

describe.skipIf(noChromium !== '')(`the page of a plan in Chromium${noChromium}`, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'plan-page-'));
  let complaints: readonly string[] = [];
  let requests: readonly string[] = [];
  let browser: Browser;
  let page: Page;
  const heads = () => page.locator('#list .stack-head');

  beforeAll(async () => {
    const file = path.join(folder, 'plan.html');
    fs.writeFileSync(file, renderPlanPage(bigReview(200), 'en'));
    ({ browser, page, complaints, requests } = await openPage(file));
  });

  afterAll(async () => {
    await browser?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('loads from a file without a word on the console and without a request', async () => {
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    expect(await heads().count()).toBe(200);
  });

  it('says first what is destroyed or replaced, destroyed before replaced, and leads there', async () => {
    const texts = await page.locator('.gone li').allTextContents();
    expect(texts.length).toBeGreaterThan(3);
    const words = texts.map((text) => (text.includes('replace') ? 'replace' : 'destroy'));
    expect(words).toEqual([...words].sort());
    const where = (await page.locator('.gone li button').first().textContent()) ?? '';
    await page.locator('.gone li button').first().click();
    expect(await page.locator('#list details[open] .stack-head code').first().textContent()).toBe(where);
    expect(await page.evaluate('document.activeElement.textContent')).toContain(where);
    await page.locator('#list details[open] .stack-head').first().click();
  });

  it('opens a stack with what changes before and after, without a secret', async () => {
    await page.locator('#search').fill('subnet cidr');
    await heads().first().click();
    const body = page.locator('#list details[open] .body').first();
    // What a stack holds is drawn once it is open.
    await body.locator('tbody tr').first().waitFor();
    expect(await body.textContent()).toMatch(/10\.\d+\.0\.0\/24.*10\.\d+\.1\.0\/24/u);
    expect(await body.textContent()).toContain('(sensitive)');
    await heads().first().click();
    await page.locator('#search').fill('');
  });

  it('finds by text, with and without diacritics, and says how many', async () => {
    await page.locator('#search').fill('bo y te');
    const found = await heads().count();
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(200);
    expect(await page.locator('#list h3').count()).toBe(1);
    expect(await page.locator('#count').textContent()).toBe(`${found} of 200 stacks`);
    await page.locator('#search').fill('nothing-like-this');
    expect(await page.locator('#list .empty').textContent()).toBe('Nothing fits.');
    await page.locator('#search').fill('');
  });

  it('filters by agency and by action', async () => {
    await page.locator('#agency').selectOption('moh');
    expect((await heads().locator('code').allTextContents()).every((text) => text.startsWith('moh.'))).toBe(true);
    await page.locator('#action').selectOption('waits');
    expect(await heads().count()).toBeGreaterThan(0);
    expect((await heads().allTextContents()).every((text) => text.includes('waits for'))).toBe(true);
    await page.locator('#agency').selectOption('');
    await page.locator('#action').selectOption('');
    expect(await heads().count()).toBe(200);
  });

  it('is worked with the keyboard alone', async () => {
    const standsOn = (): Promise<unknown> =>
      page.evaluate('document.activeElement.querySelector("code") && document.activeElement.querySelector("code").textContent');
    const names = await heads().locator('code').allTextContents();
    await page.locator('#stacks-title').focus();
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
    await page.keyboard.type('jk?');
    expect(await page.locator('#search').inputValue()).toBe('jk?');
    await page.locator('#search').fill('');
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    expect(await standsOn()).toBe(names[0]);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(await standsOn()).toBe(names[1]);
    await page.keyboard.press('Enter');
    expect(await page.locator('#list details[open] .stack-head code').allTextContents()).toEqual([names[1]]);
    await page.keyboard.press('Enter');
    expect(await page.locator('#list details[open]').count()).toBe(0);
    await page.keyboard.press('?');
    expect(await page.locator('#help').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('#help').isVisible()).toBe(false);
    await page.keyboard.press('o');
    expect(await page.locator('#list details[open]').count()).toBe(200);
    await page.keyboard.press('o');
    expect(await page.locator('#list details[open]').count()).toBe(0);
  });

  it('switches the language and keeps what was asked', async () => {
    await page.locator('#search').fill('moh');
    const found = await heads().count();
    await page.getByRole('button', { name: 'Tiếng Việt' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('vi');
    expect(await page.locator('#gone-title').textContent()).toContain('Sẽ bị xóa hoặc thay thế');
    expect(await page.locator('#search').inputValue()).toBe('moh');
    expect(await heads().count()).toBe(found);
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.locator('#gone-title').textContent()).toContain('Destroyed or replaced');
    await page.locator('#search').fill('');
  });

  it('answers within the blink of an eye with 200 stacks', async () => {
    const took = await page.evaluate(`(() => {
      const box = document.getElementById('search');
      const began = performance.now();
      for (const text of ['m', 'mo', 'moh', '']) { box.value = text; box.dispatchEvent(new Event('input')); }
      return performance.now() - began;
    })()`);
    // Four answers; generous, because the machine may be busy.
    expect(took).toBeLessThan(1000);
  });

  it('is readable in dark, and on a phone without scrolling sideways', async () => {
    const background = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 375, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it.runIf(picture !== undefined)('has its picture taken', async () => {
    await page.setViewportSize({ width: 1180, height: 1180 });
    await page.locator('#search').fill('subnet');
    await heads().first().click();
    await page.evaluate('window.scrollTo(0, 0)');
    await page.screenshot({ path: picture ?? '' });
    expect(fs.statSync(picture ?? '').size).toBeLessThan(200_000);
  });

  it('stayed silent to the end', () => {
    expect(complaints).toEqual([]);
  });
});
