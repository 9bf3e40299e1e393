// SPDX-License-Identifier: Apache-2.0
// browser.mjs - Debian's Chromium, without a window, through playwright-core. A page is watched: what it says on the
// console, what it throws, and every request that would leave the machine (none may; all are refused).
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../tools/html/package.json', import.meta.url));
const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';

// Why there is no browser, or null.
export function missing() {
  if (!existsSync(CHROMIUM)) return `no ${CHROMIUM}: tools/packages.sh check installs it`;
  try {
    require.resolve('playwright-core');
    return null;
  } catch {
    return 'no playwright-core: tools/html/install.sh check fetches it';
  }
}

export function openBrowser() {
  const { chromium } = require('playwright-core');
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--allow-file-access-from-files'],
  });
}

// The page, and lists that grow while it is open.
export async function openPage(browser, path, { width = 1400, theme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme });
  const page = await context.newPage();
  const complaints = [],
    outside = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  await page.route(/^(?!file:|data:)/, (route) => {
    outside.push(route.request().url());
    route.abort();
  });
  await page.goto(pathToFileURL(path).href, { waitUntil: 'load' });
  return { page, complaints, outside };
}
