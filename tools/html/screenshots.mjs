// SPDX-License-Identifier: Apache-2.0
// Whole pages as PNG, light and dark, wide and narrow.   usage: node screenshots.mjs PAGE.html FOLDER NAME
import { resolve } from 'node:path';
import { openBrowser, openPage } from '../../tests/html/browser.mjs';

const [path, folder, name] = process.argv.slice(2);
const browser = await openBrowser();
for (const theme of ['light', 'dark'])
  for (const width of [1400, 700]) {
    const { page } = await openPage(browser, resolve(path), { width, theme });
    await page.screenshot({ path: `${folder}/${name}-${theme}-${width}.png`, fullPage: true });
    await page.close();
  }
await browser.close();
