// SPDX-License-Identifier: Apache-2.0
// sweep.js - the page of a sweep: what each key does, every point, points without result; sweep_front.js draws the front.

const { sweep, points } = data;
const axes = sweep.axes;
const done = points.filter((point) => point.status === 'done');
const objectives = sweep.objectives.map((objective) => objective.key);
// Results that at least one point has, objectives first.
const results = [
  ...objectives,
  ...Object.keys(RESULTS).filter((key) => !objectives.includes(key) && done.some((point) => known(point.metrics[key]))),
];

const resultName = (key) => RESULTS[key][0];
const resultText = (key, value) => written(value, RESULTS[key][1]);
const perImage = (key) => (key.endsWith('_per_image') ? `${resultName(key)} of an image` : resultName(key));
const goalOf = (key) =>
  sweep.objectives.find((objective) => objective.key === key)?.goal || (data.columns[key].better === 'more' ? 'max' : 'min');
const better = (key, a, b) => (goalOf(key) === 'max' ? a > b : a < b);
const atLeastAsGood = (key, a, b) => a === b || better(key, a, b);
const isNumeric = (one) => one.values.every((value) => typeof value === 'number');
const pageOf = (point) => `points/${point.id}/report.html`;
const linkTo = (point, words) => (point.report ? element('a', { href: pageOf(point) }, words) : words);
const isListed = points.length === sweep.counts.points; // of many points only some

// lanes for mac_array.lanes, unless another axis ends the same.
function shortName(key) {
  const last = key.split('.').pop();
  return axes.some((other) => other.key !== key && other.key.split('.').pop() === last) ? key : last;
}

function describe(point) {
  return axes.map(({ key }) => `${shortName(key)} ${point.axes[key]}`).join(', ');
}

function bestBy(key, some = done) {
  const candidates = some.filter((point) => known(point.metrics[key]));
  return candidates.length
    ? candidates.reduce((best, point) => (better(key, point.metrics[key], best.metrics[key]) ? point : best))
    : null;
}

// Head

function drawHead() {
  document.title = `Sweep ${sweep.name} - igqsim`;
  byId('title').textContent = `Sweep ${sweep.name}`;
  const goals = sweep.objectives
    .map(({ key, goal }) => `${goal === 'max' ? 'most' : 'least'} ${resultName(key)}`)
    .join(', ');
  byId('subtitle').textContent =
    `${grouped(sweep.counts.points)} points over ${axes.map(({ key }) => shortName(key)).join(', ')}. Objectives: ${goals}.` +
    (isListed ? '' : ` Listed here: the front, and the best of each value of each key; points.sqlite has all.`);
  byId('theme').append(themeButton());
}

function card(term, value, note) {
  return element(
    'div',
    { class: 'card' },
    element('dt', {}, term),
    element('dd', {}, value),
    element('dd', { class: 'note' }, note),
  );
}

function drawCards() {
  byId('cards').append(
    card(
      'Points with results',
      figure('sweep/counts/done', 'count'),
      `${grouped(sweep.counts.failed)} failed, ${grouped(sweep.counts.excluded)} beyond a limit` +
        (sweep.search
          ? `; not simulated: ${grouped(sweep.counts.beaten)} beaten by their bounds, ${grouped(sweep.counts.open)} open`
          : ''),
    ),
    card(
      'On the Pareto front',
      grouped(sweep.counts.front),
      `of ${objectives.length} objectives${sweep.search ? (sweep.search.proved ? ', proved' : ', best found') : ''}`,
    ),
  );
  for (const key of objectives) {
    const best = bestBy(key);
    if (best)
      byId('cards').append(
        card(
          `${goalOf(key) === 'max' ? 'Most' : 'Least'} ${resultName(key)}`,
          figure(`points/${points.indexOf(best)}/metrics/${key}`, RESULTS[key][1]),
          describe(best),
        ),
      );
  }
}

// What each key does

function effectChart(one, key) {
  const best = one.values.map((value) =>
    bestBy(
      key,
      done.filter((point) => point.axes[one.key] === value),
    ),
  );
  return {
    grid: { left: 82, right: 16, top: 12, bottom: 56 },
    tooltip: {
      trigger: 'axis',
      formatter: ([item]) => {
        const point = best[item.dataIndex];
        return point
          ? tooltipText(`${one.key} ${one.values[item.dataIndex]}`, [
              [null, resultName(key), resultText(key, point.metrics[key])],
              ...axes.map((other) => [null, other.key, String(point.axes[other.key])]),
            ])
          : '';
      },
    },
    xAxis: axis(one.key, { type: 'category', data: one.values.map(String), nameGap: 32, splitLine: { show: false } }),
    yAxis: axis(perImage(key), {
      scale: true,
      nameGap: 64,
      axisLabel: { formatter: (value) => axisNumber(value, RESULTS[key][1]) },
    }),
    series: [
      {
        type: isNumeric(one) ? 'line' : 'scatter',
        symbolSize: 9,
        symbol: 'circle',
        lineStyle: { color: color('bar') },
        connectNulls: true,
        data: best.map((point, i) => ({
          value: point ? point.metrics[key] : null,
          itemStyle: { color: valueColor(one, one.values[i]), borderColor: color('text'), borderWidth: 0.8 },
        })),
      },
    ],
  };
}

function drawEffects() {
  const varied = axes.filter((one) => one.values.length > 1),
    state = { key: results[0] };
  const place = (one, i) =>
    element('div', {
      class: 'chart',
      id: `effect-${i}`,
      role: 'img',
      'aria-label': `Best result for each ${one.key}`,
    });
  byId('effect-charts').append(...varied.map(place)); // all before the first is drawn: they share the width
  const redraws = varied.map((one, i) => chart(`effect-${i}`, () => effectChart(one, state.key)));
  byId('effect-controls').append(
    picker(
      'Result',
      results.map((key) => [key, resultName(key)]),
      state.key,
      (key) => {
        state.key = key;
        redraws.forEach((redraw) => redraw());
      },
    ),
  );
}

// Parallel axes

// Time says the same as cycles unless the clock varies.
const drawnResults = results
  .filter((key) => key !== 'time_ms_per_image' || axes.some((one) => one.key === 'clock_mhz'))
  .slice(0, 7);

function parallelAxes() {
  const keys = axes.map((one, dim) => ({
    dim,
    name: shortName(one.key),
    type: 'category',
    data: one.values.map(String),
  }));
  const figures = drawnResults.map((key, i) => ({
    dim: axes.length + i,
    name: resultName(key),
    type: 'value',
    scale: true,
    axisLabel: { formatter: (value) => axisNumber(value, RESULTS[key][1]) },
  }));
  return [...keys, ...figures];
}

function parallelChart() {
  const line = (point) => [
    ...axes.map(({ key }) => String(point.axes[key])),
    ...drawnResults.map((key) => point.metrics[key]),
  ];
  const series = (some, style) => ({
    type: 'parallel',
    lineStyle: style,
    data: some.map(line),
    progressive: 0,
    inactiveOpacity: 0.03,
    activeOpacity: style.opacity,
  });
  return {
    parallel: {
      left: 60,
      right: 70,
      top: 46,
      bottom: 24,
      parallelAxisDefault: {
        nameLocation: 'end',
        nameGap: 16,
        nameTextStyle: { color: color('text'), fontSize: 12, width: 110, overflow: 'truncate' },
        axisLine: { lineStyle: { color: color('muted') } },
        axisTick: { show: false },
        axisLabel: { color: color('text'), fontSize: 11, textBorderColor: color('card'), textBorderWidth: 3 },
        areaSelectStyle: { width: 18, color: color('accent'), opacity: 0.25 },
      },
    },
    parallelAxis: parallelAxes(),
    series: [
      series(
        done.filter((point) => !point.pareto),
        { color: color('bar'), width: 1, opacity: 0.22 },
      ),
      series(
        done.filter((point) => point.pareto),
        { color: isDark() ? '#f7955c' : '#ee7733', width: 2.4, opacity: 0.95 },
      ),
    ],
  };
}

// Calls back with the points within all brushes.
function drawParallel(onBrush) {
  byId('parallel-chart').style.minWidth = `${90 * (axes.length + drawnResults.length)}px`;
  chart('parallel-chart', parallelChart);
  const instance = echarts.getInstanceByDom(byId('parallel-chart'));
  instance.on('axisareaselected', () => {
    const groups = [done.filter((point) => !point.pareto), done.filter((point) => point.pareto)];
    const active = groups.flatMap((some, s) => {
      const series = instance.getModel().getSeriesByIndex(s);
      const kept = [...series.getRawIndicesByActiveState('active'), ...series.getRawIndicesByActiveState('normal')];
      return kept.map((i) => some[i]);
    });
    onBrush(new Set(active));
  });
}

// Table

// Saves the points that the table shows, every figure with all its digits.
function csvButton(shownPoints) {
  const button = element('button', { type: 'button' }, 'CSV');
  const cell = (value) => (/[",\n]/.test(value ?? '') ? `"${String(value).replaceAll('"', '""')}"` : (value ?? ''));
  button.addEventListener('click', () => {
    const line = (point) => [
      point.id,
      point.pareto ? 'yes' : 'no',
      ...axes.map(({ key }) => point.axes[key]),
      ...results.map((key) => point.metrics[key]),
    ];
    const all = [['id', 'pareto', ...axes.map(({ key }) => key), ...results], ...shownPoints().map(line)];
    const text = all.map((values) => `${values.map(cell).join(',')}\n`).join('');
    const href = `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`;
    element('a', { href, download: `${sweep.name}.csv` }).click();
  });
  return button;
}

function drawTable() {
  const key = (one) => ({
    title: shortName(one.key),
    hint: one.key,
    text: !isNumeric(one),
    value: (i) => points[i].axes[one.key],
    cell: (i) => String(points[i].axes[one.key]),
  });
  const result = (name) => ({
    title: resultName(name),
    value: (i) => points[i].metrics[name],
    cell: (i) => figure(`points/${i}/metrics/${name}`, RESULTS[name][1]),
  });
  const columns = [
    {
      title: 'report',
      text: true,
      value: (i) => points[i].id,
      cell: (i) => linkTo(points[i], points[i].id.slice(0, 8)),
    },
    {
      title: 'front',
      text: true,
      value: (i) => (points[i].pareto ? 0 : 1),
      cell: (i) => (points[i].pareto ? 'yes' : ''),
    },
    ...axes.map(key),
    ...results.map(result),
  ];
  const rows = done.map((point) => points.indexOf(point));
  const table = sortableTable(columns, rows);
  byId('point-table').append(table);
  const lines = [...table.querySelectorAll('tbody tr')],
    state = { front: false, brushed: null };
  const count = element('span', { class: 'muted' });
  const filter = () => {
    let shown = 0;
    rows.forEach((i, r) => {
      const keep = (!state.front || points[i].pareto) && (!state.brushed || state.brushed.has(points[i]));
      lines[r].hidden = !keep;
      shown += keep;
    });
    const all = isListed ? 'points' : `points listed here, of ${grouped(sweep.counts.done)}`;
    count.textContent = `${grouped(shown)} of ${grouped(rows.length)} ${all}`;
  };
  byId('table-controls').append(
    choice(
      'Points',
      [
        [false, 'All'],
        [true, 'Front only'],
      ],
      false,
      (front) => {
        state.front = front;
        filter();
      },
    ),
    csvButton(() => rows.filter((_, r) => !lines[r].hidden).map((i) => points[i])),
    count,
  );
  filter();
  return (brushed) => {
    state.brushed = brushed;
    filter();
  };
}

// Failed and excluded points, by what they say

function drawFailures() {
  const without = points.filter((point) => point.status === 'failed' || point.status === 'excluded');
  if (!without.length) {
    removeSection('failed');
    return;
  }
  // A reason names the point in places; the rest is the same for many.
  const groups = new Map();
  for (const point of without) {
    const reason = `${point.status}: ${(point.reason || 'no reason known').replaceAll(`${sweep.name}-${point.id}`, 'of the point')}`;
    groups.set(reason, [...(groups.get(reason) || []), point]);
  }
  for (const [reason, some] of [...groups].sort((a, b) => b[1].length - a[1].length)) {
    const head = element('summary', {}, `${isListed ? '' : 'at least '}${grouped(some.length)} ${some.length === 1 ? 'point' : 'points'} ${reason}`);
    byId('failures').append(
      element('details', {}, head, element('ul', {}, ...some.map((point) => element('li', {}, describe(point))))),
    );
  }
}

// Inputs

function drawInputs() {
  const files = [{ role: 'sweep', path: sweep.file, sha256: sweep.sha256 }, ...sweep.inputs.files];
  byId('input-table').append(fileTable(files));
  const command = `igqsim sweep ${sweep.file} -o DIR -j 2`;
  byId('command').append(
    element('pre', {}, command),
    copyButton(command),
    element(
      'p',
      { class: 'lead' },
      `igqsim ${data.igqsim.version}: same version and same files give the same sweep, to the byte. The sweep file is beside this page as sweep.yaml.`,
    ),
  );
}

drawHead();
drawCards();
drawFailures();
drawInputs();
if (done.length) {
  drawFront();
  drawBest();
  drawEffects();
  drawParallel(drawTable());
} else {
  ['front', 'best', 'effects', 'parallel', 'points'].forEach(removeSection);
}
