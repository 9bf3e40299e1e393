// SPDX-License-Identifier: Apache-2.0
// sweep_front.js - the Pareto front of a sweep, the chosen point, and the best machines as YAML.

// Colours of points: an axis or a result

const RAMP = ['#00306f', '#575c6e', '#8a8678', '#bcae6c', '#ffe945']; // after cividis, readable for all
const DARK_RAMP = ['#5b83c9', '#8d97ab', '#aaa797', '#cdbf7c', '#ffe945'];
const DISTINCT = [
  '#4477aa',
  '#ee7733',
  '#44aa99',
  '#aa4499',
  '#ddcc77',
  '#cc6677',
  '#117733',
  '#882255',
  '#88ccee',
  '#999933',
];
const DARK_DISTINCT = [
  '#6fa3d8',
  '#f7955c',
  '#5ec9b7',
  '#cf7cc2',
  '#ddcc77',
  '#e08391',
  '#43a865',
  '#c05a8f',
  '#a6def7',
  '#bcbc58',
];

function rampColor(share) {
  const ramp = isDark() ? DARK_RAMP : RAMP,
    at = Math.min(Math.max(share, 0), 1) * (ramp.length - 1),
    low = Math.min(Math.floor(at), ramp.length - 2);
  const channel = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) =>
    Math.round(channel(ramp[low], i) + (at - low) * (channel(ramp[low + 1], i) - channel(ramp[low], i))),
  );
  return `rgb(${mixed.join(',')})`;
}

function valueColor(one, value) {
  const i = one.values.indexOf(value);
  if (isNumeric(one)) return rampColor(one.values.length > 1 ? i / (one.values.length - 1) : 0);
  return (isDark() ? DARK_DISTINCT : DISTINCT)[i % DISTINCT.length];
}

function extent(key) {
  const values = done.map((point) => point.metrics[key]).filter(known);
  return [Math.min(...values), Math.max(...values)];
}

// by: key of an axis or of a result.
function pointColor(by, point) {
  const one = axes.find(({ key }) => key === by);
  if (one) return valueColor(one, point.axes[by]);
  const [low, high] = extent(by);
  return known(point.metrics[by])
    ? rampColor(high > low ? (point.metrics[by] - low) / (high - low) : 0)
    : color('muted');
}

function drawColorLegend(by) {
  const one = axes.find(({ key }) => key === by),
    holder = byId('front-legend');
  if (one) {
    holder.replaceChildren(
      legend(
        one.values,
        (value) => valueColor(one, value),
        (value) => String(value),
      ),
    );
    return;
  }
  const steps = Array.from({ length: 9 }, (_, i) => rampColor(i / 8)).join(','),
    [low, high] = extent(by);
  holder.replaceChildren(
    element(
      'div',
      { class: 'legend' },
      element('span', {}, resultText(by, low)),
      element('span', { class: 'ramp', style: `background:linear-gradient(90deg,${steps})` }),
      element('span', {}, resultText(by, high)),
    ),
  );
}

// The front of the two results that are shown, best x first.
function frontOfTwo(x, y) {
  const shown = done.filter((point) => known(point.metrics[x]) && known(point.metrics[y]));
  return shown
    .filter(
      (point) =>
        !shown.some(
          (other) =>
            other !== point &&
            atLeastAsGood(x, other.metrics[x], point.metrics[x]) &&
            atLeastAsGood(y, other.metrics[y], point.metrics[y]) &&
            (better(x, other.metrics[x], point.metrics[x]) || better(y, other.metrics[y], point.metrics[y])),
        ),
    )
    .sort((a, b) => a.metrics[x] - b.metrics[x] || a.metrics[y] - b.metrics[y]);
}

// Pareto front

// From the best to somewhat beyond the worst of the front; the rest of the points would leave the front no room.
function nearFront(key) {
  const values = done.filter((point) => point.pareto && known(point.metrics[key])).map((point) => point.metrics[key]);
  const [low, high] = [Math.min(...values), Math.max(...values)],
    room = Math.max(high - low, 0.05 * Math.abs(high));
  return [low - 0.15 * room, high + 0.6 * room];
}

// log: where all that is shown is above zero.
function resultAxis(key, near, log, nameGap) {
  let [min, max] = near ? nearFront(key) : [null, null];
  const [low] = extent(key);
  if (log && near) min = Math.max(min, low / 1.1);
  return axis(perImage(key), {
    type: log && low > 0 ? 'log' : 'value',
    scale: true,
    min,
    max,
    nameGap,
    axisLabel: { showMinLabel: !near, showMaxLabel: !near, formatter: (value) => axisNumber(value, RESULTS[key][1]) },
  });
}

// The point of the front of two that is farthest from the straight line between its ends, both results scaled to it:
// beyond it, a little more of one costs much of the other. Null of fewer than three points.
function kneeOf(front, x, y) {
  const [first, last] = [front[0], front.at(-1)];
  if (front.length < 3) return null;
  const share = (key, point) =>
    (point.metrics[key] - first.metrics[key]) / (last.metrics[key] - first.metrics[key] || 1);
  const distance = (point) => Math.abs(share(x, point) - share(y, point));
  return front.reduce((best, point) => (distance(point) > distance(best) ? point : best));
}

// Of very many points the page has counts in cells of two objectives, [column, row, count]; as rectangles of the chart.
function densitySeries(x, y) {
  const density = (sweep.densities || []).find((one) => [one.x, one.y].includes(x) && [one.x, one.y].includes(y) && x !== y);
  if (!density) return [];
  const edge = ([low, high], share) => low + share * (high - low);
  const most = Math.max(...density.cells.map((cell) => cell[2]));
  const across = (i) => edge(density.x_range, i / density.columns),
    up = (j) => edge(density.y_range, j / density.rows);
  const corners = ([i, j, count]) =>
    density.x === x ? [across(i), up(j), across(i + 1), up(j + 1), count] : [up(j), across(i), up(j + 1), across(i + 1), count];
  return [
    {
      type: 'custom',
      silent: true,
      clip: true,
      encode: { x: [0, 2], y: [1, 3] },
      data: density.cells.map(corners),
      renderItem: (params, api) => {
        const [left, bottom] = api.coord([api.value(0), api.value(1)]),
          [right, top] = api.coord([api.value(2), api.value(3)]);
        const opacity = 0.12 + (0.6 * Math.log1p(api.value(4))) / Math.log1p(most);
        return {
          type: 'rect',
          shape: { x: left, y: top, width: Math.max(right - left, 1), height: Math.max(bottom - top, 1) },
          style: { fill: color('bar'), opacity },
        };
      },
    },
  ];
}

function frontChart({ x, y, by, near, log, chosen }) {
  const inside = (key, point) =>
    !near || (point.metrics[key] >= nearFront(key)[0] && point.metrics[key] <= nearFront(key)[1]);
  const shown = done.filter(
    (point) => known(point.metrics[x]) && known(point.metrics[y]) && inside(x, point) && inside(y, point),
  );
  const item = (point) => ({
    value: [point.metrics[x], point.metrics[y]],
    point,
    itemStyle: { color: pointColor(by, point) },
  });
  const dots = (some, size, style) => ({
    type: 'scatter',
    symbolSize: size,
    itemStyle: style,
    data: some.map(item),
    emphasis: { scale: 1.4 },
  });
  const front = frontOfTwo(x, y),
    knee = kneeOf(front, x, y);
  return {
    grid: { left: 86, right: 24, top: 16, bottom: 56 },
    tooltip: {
      formatter: ({ data: { point } }) =>
        tooltipText(point.pareto ? 'on the front' : point.id, [
          ...axes.map(({ key }) => [null, key, String(point.axes[key])]),
          ...results.slice(0, 6).map((key) => [null, resultName(key), resultText(key, point.metrics[key])]),
        ]),
    },
    xAxis: resultAxis(x, near, log, 32),
    yAxis: resultAxis(y, near, log, 68),
    series: [
      ...densitySeries(x, y),
      dots(
        shown.filter((point) => !point.pareto),
        7,
        { opacity: 0.6 },
      ),
      {
        type: 'line',
        silent: true,
        symbol: 'none',
        step: goalOf(x) === 'max' ? 'start' : 'end',
        lineStyle: { color: color('muted'), type: 'dashed', width: 1.2 },
        data: front.map((point) => [point.metrics[x], point.metrics[y]]),
      },
      dots(
        shown.filter((point) => point.pareto),
        12,
        { borderColor: color('text'), borderWidth: 1.4 },
      ),
      {
        type: 'scatter',
        silent: true,
        symbol: 'circle',
        symbolSize: 22,
        itemStyle: { color: 'none', borderColor: color('accent'), borderWidth: 2 },
        data: shown.includes(chosen) ? [[chosen.metrics[x], chosen.metrics[y]]] : [],
      },
      {
        type: 'scatter',
        silent: true,
        symbol: 'none',
        label: { show: true, formatter: 'knee', position: 'bottom', distance: 12, color: color('text') },
        data: knee ? [[knee.metrics[x], knee.metrics[y]]] : [],
      },
    ],
  };
}

function drawChosen(point) {
  const list = (entries) =>
    element(
      'table',
      {},
      element(
        'tbody',
        {},
        ...entries.map(([name, value]) =>
          element('tr', {}, element('td', { class: 'text' }, name), element('td', {}, value)),
        ),
      ),
    );
  byId('chosen').replaceChildren(
    element('h3', {}, `Chosen point ${point.pareto ? '(on the front)' : ''}`),
    element(
      'p',
      {},
      ...(point.report
        ? [
            element('a', { href: pageOf(point) }, 'Its own report'),
            ' \u00b7 ',
            element('a', { href: `points/${point.id}/accelerator.yaml` }, 'its machine (accelerator.yaml)'),
          ]
        : [`Point ${point.id}: a row of points.sqlite, without a report`]),
    ),
    element(
      'div',
      { class: 'columns' },
      list(axes.map(({ key }) => [key, String(point.axes[key])])),
      list(results.map((key) => [resultName(key), resultText(key, point.metrics[key])])),
    ),
  );
}

function drawFront() {
  const state = {
    x: results[0],
    y: results[1] || results[0],
    by: axes[0].key,
    near: done.some((point) => point.pareto),
    log: false,
    chosen: bestBy(results[0]),
  };
  byId('front-words').textContent =
    `Ringed: no other point is better in one of ${objectives.map(resultName).join(', ')} and as good in the rest. ` +
    'Dashed: the front of the two results shown; colour can show a third. A click on a point chooses it, the arrow keys go along the front.' +
    (isListed ? '' : ' Cells behind them: how many of all points lie there.');
  const redraw = chart(
    'front-chart',
    () => frontChart(state),
    (event) => {
      if (event.data?.point) choose(event.data.point);
    },
  );
  const choose = (point) => {
    state.chosen = point;
    drawChosen(point);
    redraw();
  };
  const set = (change) => {
    Object.assign(state, change);
    drawColorLegend(state.by);
    redraw();
  };
  const names = results.map((key) => [key, resultName(key)]);
  byId('front-controls').append(
    picker('Across', names, state.x, (x) => set({ x })),
    picker('Up', names, state.y, (y) => set({ y })),
    picker('Colour', [...axes.map(({ key }) => [key, key]), ...names], state.by, (by) => set({ by })),
    choice(
      'Part',
      [
        [true, 'Near the front'],
        [false, 'All points'],
      ],
      state.near,
      (near) => set({ near }),
    ),
    choice(
      'Axes',
      [
        [false, 'Linear'],
        [true, 'Logarithmic'],
      ],
      state.log,
      (log) => set({ log }),
    ),
  );
  const holder = byId('front-chart');
  holder.tabIndex = 0;
  holder.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key],
      front = frontOfTwo(state.x, state.y);
    if (!step || !front.length) return;
    event.preventDefault();
    const at = front.indexOf(state.chosen);
    choose(front[at < 0 ? 0 : Math.min(Math.max(at + step, 0), front.length - 1)]);
  });
  themeListeners.push(() => drawColorLegend(state.by));
  drawColorLegend(state.by);
  drawChosen(state.chosen);
}

// Best points

// {"mac_array.lanes": 8, ...} as YAML.
function yamlOf(changes) {
  const top = [],
    sections = new Map();
  for (const [path, value] of Object.entries(changes)) {
    const [section, key] = path.includes('.') ? path.split('.') : [null, path];
    if (section === null) top.push(`${key}: ${value}`);
    else sections.set(section, [...(sections.get(section) || []), `  ${key}: ${value}`]);
  }
  return [...top, ...[...sections].flatMap(([section, lines]) => [`${section}:`, ...lines])].join('\n');
}

function drawBest() {
  const front = points.filter((point) => point.pareto);
  const bests = objectives.map((key) => [
    bestBy(key),
    `${goalOf(key) === 'max' ? 'most' : 'least'} ${resultName(key)}`,
  ]);
  const base = sweep.inputs.files.find((file) => file.role === 'accelerator')?.path;
  const show = (id) => {
    const point = points.find((one) => one.id === id);
    const text = `# ${describe(point)}\n# ${objectives.map((key) => `${resultName(key)} ${resultText(key, point.metrics[key])}`).join(', ')}\n# differs from ${base} in\n${yamlOf(point.changes || point.axes)}\n`;
    byId('best-machine').replaceChildren(
      element('pre', {}, text),
      copyButton(text),
      ...(point.report
        ? [
            element(
              'p',
              {},
              element('a', { href: `points/${point.id}/accelerator.yaml` }, 'The whole machine'),
              ' \u00b7 ',
              element('a', { href: pageOf(point) }, 'its report'),
            ),
          ]
        : []),
    );
  };
  const seen = new Set(),
    options = [];
  for (const [point, why] of [...bests, ...front.map((point) => [point, 'on the front'])]) {
    if (point && !seen.has(point.id)) {
      seen.add(point.id);
      options.push([point.id, `${why}: ${describe(point)}`]);
    }
  }
  if (!options.length) {
    removeSection('best');
    return;
  }
  byId('best-controls').append(picker('Point', options, options[0][0], show));
  show(options[0][0]);
}
