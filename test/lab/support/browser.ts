import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why no browser can be opened here, as it ends a title; empty where one can. */
export const noChromium = fs.existsSync(executablePath) ? '' : ` (skipped: no Chromium at ${executablePath}; set CHROMIUM)`;

/** A page opened from a file, with all it said on the console and all it asked for. */
export interface OpenedPage {
  readonly browser: Browser;
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

/** Opens a page of ours in Chromium and waits until it says that it is ready. */
export async function openPage(file: string): Promise<OpenedPage> {
  const complaints: string[] = [];
  const requests: string[] = [];
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', ...quiet] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(path.resolve(file)).href);
  await page.waitForSelector('html[data-ready]');
  return { browser, page, complaints, requests };
}
