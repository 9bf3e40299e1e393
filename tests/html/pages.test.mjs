// SPDX-License-Identifier: Apache-2.0
// The pages in a browser: they draw without a complaint, ask nobody for anything, and show the figures of report.json.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { missing, openBrowser, openPage } from './browser.mjs';
import { chartSum, figuresOf, nearlyReads, valueAt } from './figures.mjs';

const reason = missing();
if (reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}

const IGQSIM = process.env.IGQSIM_BINARY;
let dir, browser, elastic;

const TRACE = ['-c', 'configs/calibration/deit_tiny_w4a4_g8.yaml', '--trace', 'traces/deit_tiny_photos.safetensors'];
const PRICED = ['-t', 'configs/technologies/bitfusion_45nm.yaml'];

function run(name, machine, ...rest) {
  const out = join(dir, name);
  execFileSync(IGQSIM, ['run', '-a', machine, '-w', 'configs/workloads/deit_tiny.yaml', ...rest, '-o', out]);
  return { out, report: JSON.parse(readFileSync(join(out, 'report.json'))) };
}

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'igqsim-html-'));
  browser = await openBrowser();
  elastic = run('elastic', 'configs/accelerators/igq_elastic.yaml', ...TRACE, ...PRICED);
});

after(async () => {
  await browser?.close();
  rmSync(dir, { recursive: true });
});

// Opens a page that has to be quiet, and gives what it shows to `look`.
async function look(out, options, examine) {
  const { page, complaints, outside } = await openPage(browser, join(out, 'report.html'), options);
  await examine(page);
  assert.deepEqual(complaints, []);
  assert.deepEqual(outside, []);
  await page.close();
}

async function figuresAreThoseOf(report, page, atLeast) {
  const figures = await figuresOf(page);
  assert.ok(figures.length >= atLeast, `${figures.length} figures on the page`);
  for (const { key, value, text } of figures) {
    const expected = valueAt(report, key);
    assert.equal(value === null ? null : Number(value), expected, key);
    assert.ok(nearlyReads(text, expected), `${key}: ${expected} reads ${text}`);
  }
}

async function nothingSticksOut(page) {
  const [page_width, window_width] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    window.innerWidth,
  ]);
  assert.ok(page_width <= window_width, `${page_width} pixels in a window of ${window_width}`);
}

test('a run shows the figures of its report', async () => {
  const { out, report } = elastic;
  await look(out, {}, async (page) => {
    await figuresAreThoseOf(report, page, 600);
    assert.equal(await chartSum(page, 'cycles-chart'), report.totals.cycles);
    assert.ok(Math.abs((await chartSum(page, 'energy-chart')) / report.totals.energy_pj - 1) < 1e-12);
    assert.equal(await page.locator('svg').count(), 7);
  });
});

test('the diagram has the boxes and arrows of the drawing', async () => {
  const text = readFileSync('sim/blocks/machine.txt', 'utf8');
  await look(elastic.out, {}, async (page) => {
    const boxes = await page.$$eval('#diagram g title', (titles) => titles.map((one) => one.textContent.split(': ')));
    assert.equal(boxes.length, await page.evaluate(() => Object.keys(data.blocks).length));
    for (const [name, detail] of boxes) {
      assert.match(text, new RegExp(`[|+] ${name} `));
      assert.ok(detail, name);
    }
    assert.equal(await page.locator('#diagram .arrow').count(), text.match(/[<>^]|\bv\b/g).length);
    const fits = await page.$eval('#diagram svg', (svg) => {
      const { x, y, width, height } = svg.getBBox();
      return x >= 0 && y >= 0 && x + width <= svg.viewBox.baseVal.width && y + height <= svg.viewBox.baseVal.height;
    });
    assert.ok(fits);
  });
});

test('a page fits windows of 1400 and 700 pixels, light and dark', async () => {
  const { out } = elastic;
  for (const theme of ['light', 'dark'])
    for (const width of [1400, 700])
      await look(out, { width, theme }, async (page) => {
        await nothingSticksOut(page);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
      });
});

test('the button changes the theme, and charts follow', async () => {
  const { out } = elastic;
  await look(out, { theme: 'light' }, async (page) => {
    const compute = () =>
      page.evaluate(
        () => echarts.getInstanceByDom(document.getElementById('cycles-chart')).getOption().series[0].itemStyle.color,
      );
    const light = await compute();
    await page.getByRole('button', { name: 'Dark' }).press('Enter');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    assert.notEqual(await compute(), light);
  });
});

test('kinds of layers and shares add up as well', async () => {
  const { out, report } = elastic;
  await look(out, {}, async (page) => {
    await page.locator('#cycles-controls').getByRole('button', { name: 'Kinds of layers' }).press('Space');
    assert.equal(await chartSum(page, 'cycles-chart'), report.totals.cycles);
    await page.locator('#cycles-controls').getByRole('button', { name: 'Share' }).click();
    const kinds = new Set(report.layers.map((layer) => layer.kind)).size;
    assert.ok(Math.abs((await chartSum(page, 'cycles-chart')) - 100 * kinds) < 1e-6);
  });
});

test('a column of the layers sorts up and down', async () => {
  const { out, report } = elastic;
  const cycles = report.layers.map((layer) => layer.cycles);
  await look(out, {}, async (page) => {
    const button = page.locator('#layer-table').getByRole('button', { name: 'cycles', exact: true });
    const first = () =>
      page.locator('#layer-table tbody tr').first().locator('[data-key$="/cycles"]').getAttribute('data-value');
    await button.click();
    assert.equal(Number(await first()), Math.max(...cycles));
    await button.click();
    assert.equal(Number(await first()), Math.min(...cycles));
  });
});

test('a run from shapes says so, and has no energy unless asked', async () => {
  const { out, report } = run('shapes', 'configs/accelerators/igq_per_group.yaml');
  await look(out, {}, async (page) => {
    await figuresAreThoseOf(report, page, 500);
    assert.match(await page.locator('#notices').innerText(), /Shapes only: no image was looked at/);
    assert.match(await page.locator('#energy').innerText(), /Not asked for/);
    assert.equal(await page.locator('#images').count(), 0);
  });
});

test('a scheme without groups has a page too', async () => {
  const { out, report } = run('layerwise', 'configs/accelerators/layerwise.yaml', ...TRACE, ...PRICED);
  await look(out, {}, async (page) => {
    await figuresAreThoseOf(report, page, 600);
    assert.match(await page.locator('#groups').innerText(), /no groups/);
  });
});

test('names of files are text and nothing else', async () => {
  const folder = join(dir, '<img src=x onerror=alert(1)>', '<');
  mkdirSync(join(folder, 'script>'), { recursive: true });
  const machine = join(folder, 'script>', 'a.yaml');
  cpSync('configs/accelerators/igq_per_group.yaml', machine);
  const { out } = run('names', machine);
  await look(out, {}, async (page) => {
    assert.equal(await page.locator('img').count(), 0);
    assert.ok((await page.locator('#input-table').innerText()).includes(machine));
  });
});

test('no page is written with --no-html', () => {
  const { out } = run('bare', 'configs/accelerators/igq_shared.yaml', '--no-html');
  assert.ok(existsSync(join(out, 'report.json')));
  assert.ok(!existsSync(join(out, 'report.html')));
});

test('a saved report that is priced later has a page', async () => {
  const { out } = run('early', 'configs/accelerators/igq_shared.yaml', ...TRACE);
  const priced = join(dir, 'late');
  execFileSync(IGQSIM, ['run', '--from', join(out, 'report.json'), ...PRICED, '-o', priced]);
  const report = JSON.parse(readFileSync(join(priced, 'report.json')));
  await look(priced, {}, (page) => figuresAreThoseOf(report, page, 600));
});

test('a comparison shows the figures of compare.json', async () => {
  const layerwise = run('first', 'configs/accelerators/layerwise.yaml', ...TRACE, ...PRICED, '--no-html');
  const out = join(dir, 'comparison');
  execFileSync(IGQSIM, ['compare', join(layerwise.out, 'report.json'), join(elastic.out, 'report.json'), '-o', out]);
  const comparison = JSON.parse(readFileSync(join(out, 'compare.json')));
  await look(out, { theme: 'dark', width: 700 }, async (page) => {
    await nothingSticksOut(page);
    const figures = (await figuresOf(page)).filter(({ key }) => !key.startsWith('changes/'));
    assert.ok(figures.length > 150);
    for (const { key, value, text } of figures) {
      assert.equal(value === null ? null : Number(value), valueAt(comparison, key), key);
      assert.ok(nearlyReads(text, valueAt(comparison, key)), `${key}: ${text}`);
    }
    const both =
      elastic.report.totals.cycles / elastic.report.totals.images +
      layerwise.report.totals.cycles / layerwise.report.totals.images;
    assert.ok(Math.abs((await chartSum(page, 'cycles-chart')) - both) < 1e-6);
    const more = (elastic.report.totals.cycles - layerwise.report.totals.cycles) / elastic.report.totals.images;
    assert.ok(Math.abs((await chartSum(page, 'layer-chart')) - more) < 1e-3);
    assert.match(await page.locator('#why').innerText(), /mostly fullest group/);
    assert.match(await page.locator('#difference-table').innerText(), /accelerator.scheme\s+layerwise\s+igq/);
  });
});

test('a sweep shows the figures of sweep.json, and every point its page', async () => {
  const out = join(dir, 'sweep');
  execFileSync(IGQSIM, ['sweep', 'configs/sweeps/lanes.yaml', '-o', out, '-j', '2']);
  const sweep = JSON.parse(readFileSync(join(out, 'sweep.json')));
  const done = sweep.points.filter((point) => point.status === 'done'),
    front = done.filter((point) => point.pareto);
  await look(out, { width: 700 }, async (page) => {
    await nothingSticksOut(page);
    await figuresAreThoseOf(sweep, page, 5 * done.length);
    await page.locator('#front-controls').getByRole('button', { name: 'All points' }).click();
    const drawn = await page.evaluate(() =>
      echarts
        .getInstanceByDom(document.getElementById('front-chart'))
        .getOption()
        .series.map((series) => series.data.length),
    );
    assert.deepEqual([drawn[0], drawn[2]], [done.length - front.length, front.length]);
    await page.locator('#front-controls').getByRole('button', { name: 'Logarithmic' }).click();
    const option = await page.evaluate(() =>
      echarts.getInstanceByDom(document.getElementById('front-chart')).getOption(),
    );
    assert.deepEqual([option.xAxis[0].type, option.yAxis[0].type], ['log', 'log']);
    assert.equal(option.series.at(-1).data.length, 1); // the knee
    const before = await page.locator('#chosen').innerText();
    await page.locator('#front-chart').press('ArrowRight');
    assert.notEqual(await page.locator('#chosen').innerText(), before);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#table-controls').getByRole('button', { name: 'CSV' }).click(),
    ]);
    const lines = readFileSync(await saved.path(), 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, done.length + 1);
    assert.ok(lines[1].includes(String(done[0].metrics.cycles_per_image)));
    const yaml = await page.locator('#best-machine pre').innerText();
    const [best] = front.filter((point) =>
      Object.entries(point.changes).every(([key, value]) => yaml.includes(`${key.split('.').pop()}: ${value}`)),
    );
    assert.ok(best, yaml);
  });
  await look(join(out, 'points', front[0].id), {}, async (page) =>
    figuresAreThoseOf(JSON.parse(readFileSync(join(out, front[0].report))), page, 600),
  );
  assert.ok(done.every((point) => existsSync(join(out, 'points', point.id, 'report.html'))));
});

test('brushing the axes of a sweep and the front filter its table', async () => {
  const out = join(dir, 'sweep'),
    sweep = JSON.parse(readFileSync(join(out, 'sweep.json')));
  const done = sweep.points.filter((point) => point.status === 'done');
  await look(out, {}, async (page) => {
    const rows = () => page.locator('#point-table tbody tr:not([hidden])').count();
    assert.equal(await rows(), done.length);
    const cycles = done.map((point) => point.metrics.cycles_per_image).sort((a, b) => a - b);
    const axis =
      sweep.sweep.axes.length + sweep.sweep.objectives.findIndex((objective) => objective.key === 'cycles_per_image');
    await page.evaluate(
      ([index, low, high]) =>
        echarts
          .getInstanceByDom(document.getElementById('parallel-chart'))
          .dispatchAction({ type: 'axisAreaSelect', parallelAxisIndex: index, intervals: [[low, high]] }),
      [axis, cycles[0], cycles[2]],
    );
    assert.equal(await rows(), 3);
    await page.locator('#table-controls').getByRole('button', { name: 'Front only' }).click();
    assert.equal(
      await rows(),
      done.filter((point) => point.pareto && point.metrics.cycles_per_image <= cycles[2]).length,
    );
  });
});
