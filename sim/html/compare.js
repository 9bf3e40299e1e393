// SPDX-License-Identifier: Apache-2.0
// compare.js - the page of a comparison: two or more runs against the first of them.

const { runs, metrics, changes, layers } = data;
const names = runs.map((run) => run.name);

function signed(value, format) {
  return `${value < 0 ? '\u2212' : '+'}${FORMATS[format](Math.abs(value))}`;
}

function headRow(first, ...others) {
  return element(
    'thead',
    {},
    element(
      'tr',
      {},
      element('th', { class: 'text', scope: 'col' }, first),
      ...others.map((name) => element('th', { scope: 'col' }, name)),
    ),
  );
}

// Head

function drawHead() {
  const title = names.length === 2 ? `${names[1]} against ${names[0]}` : `${names[0]} and ${names.length - 1} others`;
  document.title = `${title} - igqsim`;
  byId('title').textContent = title;
  byId('subtitle').textContent =
    `${[...new Set(runs.map((run) => run.workload))].join(', ')}; ${names.length} runs, the first is what the others are held against.`;
  byId('theme').append(themeButton());
}

function drawNotices() {
  const unequal = [
    ['workload', 'networks'],
    ['mode', 'modes'],
    ['images', 'numbers of images'],
    ['technology', 'technologies'],
  ].filter(([key]) => new Set(runs.map((run) => run[key])).size > 1);
  for (const [key, what] of unequal)
    byId('notices').append(
      element(
        'div',
        { class: 'notice', role: 'note' },
        element('strong', {}, `Different ${what}: read across with care.`),
        runs.map((run) => `${run.name}: ${run[key] ?? 'none'}`).join('; '),
      ),
    );
}

// Results

function relativeNote(metric, i) {
  const relative = metric.relative[i];
  return i > 0 && known(relative) && RESULTS[metric.key][1] !== 'db'
    ? element('div', { class: 'muted small' }, `\u00d7 ${relative.toFixed(3)}`)
    : null;
}

function drawMetrics() {
  const rows = metrics.map((metric, m) =>
    element(
      'tr',
      {},
      element('td', { class: 'text' }, RESULTS[metric.key][0]),
      ...metric.values.map((_, i) =>
        element('td', {}, figure(`metrics/${m}/values/${i}`, RESULTS[metric.key][1]), relativeNote(metric, i)),
      ),
    ),
  );
  byId('metric-table').append(element('table', {}, headRow('', ...names), element('tbody', {}, ...rows)));
}

// Why

const CHANGES = [
  ['cycles_per_image', (name) => causeColor(name)],
  ['energy_pj_per_image', (name) => familyColor(familyOf(name))],
  ['area_um2', (name) => familyColor(familyOf(name))],
];

// "Cycles +95.4 %: mostly fullest group (+1.8 M), padding (+0.3 M)."
function inWords(name, format, change) {
  const title = name[0].toUpperCase() + name.slice(1),
    more = change.difference > 0,
    parts = change.contributions;
  if (!parts.length) return `${title}: no difference.`;
  const along = parts.filter((part) => part.difference > 0 === more).slice(0, 3);
  const against = parts
    .filter((part) => part.difference > 0 !== more && Math.abs(part.difference) > 0.05 * Math.abs(change.difference))
    .slice(0, 2);
  const list = (some) => some.map((part) => `${words(part.name)} (${signed(part.difference, format)})`).join(', ');
  const percent = known(change.relative)
    ? ` ${change.relative < 1 ? '\u2212' : '+'}${Math.abs(100 * (change.relative - 1)).toFixed(1)} %`
    : '';
  return `${title}${percent}, ${signed(change.difference, format)}: mostly ${list(along)}${against.length ? `; against it ${list(against)}` : ''}.`;
}

function contributionTable(run, key, format, colorOf) {
  const change = changes[run][key],
    shown = change.contributions.slice(0, 7);
  const most = Math.max(...shown.map((part) => Math.abs(part.difference)));
  const rows = shown.map((part, p) => {
    const bar = balanceCell(part.difference / most, colorOf(part.name));
    themeListeners.push(() => {
      bar.querySelector('div').style.background = colorOf(part.name);
    });
    const amount = figure(`changes/${run}/${key}/contributions/${p}/difference`, format);
    amount.textContent = signed(part.difference, format);
    return element('tr', {}, element('td', { class: 'text' }, words(part.name)), bar, element('td', {}, amount));
  });
  return element('table', {}, element('tbody', {}, ...rows));
}

function drawChanges() {
  changes.forEach((change, c) => {
    const holder = element('div', {}, element('h3', {}, `${names[change.run]} against ${names[0]}`));
    const columns = element('div', { class: 'columns' });
    for (const [key, colorOf] of CHANGES.filter(([key]) => change[key])) {
      const [name, format] = RESULTS[key];
      columns.append(
        element(
          'div',
          {},
          element('p', {}, inWords(name, format, change[key])),
          contributionTable(c, key, format, colorOf),
        ),
      );
    }
    holder.append(columns);
    byId('changes').append(holder);
  });
}

// What was different

function settingText(value) {
  return value === null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function drawDifferences() {
  if (!data.differences.length) {
    byId('difference-table').replaceWith(element('p', {}, 'Nothing: same machine, network and inputs.'));
    return;
  }
  const rows = data.differences.map(({ key, values }) =>
    element(
      'tr',
      {},
      element('td', { class: 'text' }, key),
      ...values.map((value, i) =>
        element(
          'td',
          { class: 'text setting' },
          i > 0 && settingText(value) === settingText(values[0])
            ? element('span', { class: 'muted' }, settingText(value))
            : settingText(value),
        ),
      ),
    ),
  );
  const head = element(
    'thead',
    {},
    element('tr', {}, ...['key', ...names].map((name) => element('th', { class: 'text', scope: 'col' }, name))),
  );
  byId('difference-table').append(element('table', {}, head, element('tbody', {}, ...rows)));
}

// Bars of the runs

function partsOfRun(parts, i) {
  return Object.fromEntries(Object.entries(parts).map(([name, values]) => [name, values[i] || 0]));
}

function runBars(id, { title, format, parts, colorOf, partsOf }) {
  const shown = parts.filter((part) => runs.some((_, i) => partsOf(i)[part]));
  byId(`${id}-legend`).append(legend(shown, colorOf));
  chart(`${id}-chart`, (width) =>
    stackedBars({
      bars: runs.map((run, i) => ({ name: run.name, parts: partsOf(i) })),
      parts: shown,
      colorOf,
      format,
      title,
      width,
    }),
  );
}

function componentTable(id, key, format) {
  const rows = Object.keys(data[key]).map((name) =>
    element(
      'tr',
      {},
      element('td', { class: 'text' }, words(name)),
      ...runs.map((_, i) => element('td', {}, figure(`${key}/${name}/${i}`, format))),
    ),
  );
  byId(id).append(element('table', {}, headRow('component', ...names), element('tbody', {}, ...rows)));
}

function drawComponents(id, key, title, format) {
  if (!Object.keys(data[key]).length) {
    removeSection(id);
    return;
  }
  runBars(id, {
    title,
    format,
    parts: Object.keys(FAMILIES),
    colorOf: familyColor,
    partsOf: (i) => familiesOf(partsOfRun(data[key], i)),
  });
  componentTable(`${id}-table`, key, format);
}

// Layers

function layerDifferences(run) {
  const common = layers.filter((layer) => known(layer.cycles[run]));
  return common.map((layer) => ({
    name: layer.name,
    parts: Object.fromEntries(
      Object.entries(layer.cycles_by_cause).map(([cause, values]) => [cause, (values[run] || 0) - (values[0] || 0)]),
    ),
  }));
}

function layerChart(run, causes, width) {
  const bars = layerDifferences(run),
    sum = (bar) => Object.values(bar.parts).reduce((total, value) => total + value, 0);
  return {
    grid: { left: 75, right: 12, top: 14, bottom: bars.length > 12 ? 92 : 40 },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: (items) => {
        const bar = bars[items[0].dataIndex];
        return tooltipText(
          `${bar.name}: ${signed(sum(bar), 'cycles')} cycles`,
          causes
            .filter((cause) => bar.parts[cause])
            .map((cause) => [causeColor(cause), words(cause), signed(bar.parts[cause], 'cycles')]),
        );
      },
    },
    xAxis: axis('', {
      type: 'category',
      data: bars.map((bar) => bar.name),
      splitLine: { show: false },
      axisTick: { show: false },
      axisLine: { onZero: false, lineStyle: { color: color('line') } },
      axisLabel: barLabels(bars, width),
    }),
    yAxis: axis('cycles more or fewer', { nameGap: 58, axisLabel: { formatter: (value) => prefixed(value, '') } }),
    series: causes.map((cause) => ({
      name: cause,
      type: 'bar',
      stack: 'all',
      barCategoryGap: '15%',
      itemStyle: { color: causeColor(cause) },
      emphasis: { focus: 'none' },
      data: bars.map((bar) => bar.parts[cause]),
    })),
  };
}

function layerTable() {
  const columns = [{ title: 'layer', text: true, value: (k) => layers[k].name, cell: (k) => layers[k].name }];
  runs.forEach((run, i) => {
    columns.push({
      title: `${run.name}, cycles`,
      value: (k) => layers[k].cycles[i],
      cell: (k) => figure(`layers/${k}/cycles/${i}`, 'cycles'),
    });
    if (i > 0)
      columns.push({
        title: 'against the first',
        value: (k) => layers[k].cycles[i] / layers[k].cycles[0],
        cell: (k) =>
          known(layers[k].cycles[i]) ? `\u00d7 ${(layers[k].cycles[i] / layers[k].cycles[0]).toFixed(3)}` : '\u2013',
      });
  });
  return sortableTable(
    columns,
    layers.map((_, k) => k),
  );
}

// The run whose cycles moved most: the first to look at.
function mostMoved() {
  const moved = changes.map((change) => Math.abs(change.cycles_per_image?.difference || 0));
  return 1 + moved.indexOf(Math.max(...moved));
}

function drawLayers() {
  const state = { run: mostMoved() };
  const all = Object.keys(data.cycles_by_cause);
  const causes = all.filter((cause) =>
    layers.some((layer) => layer.cycles_by_cause[cause]?.some((value) => value > 0)),
  );
  byId('layer-legend').append(legend(causes, causeColor));
  const redraw = chart('layer-chart', (width) => layerChart(state.run, causes, width));
  if (runs.length > 2)
    byId('layer-controls').append(
      picker(
        'Run',
        names.slice(1).map((name, i) => [String(i + 1), name]),
        String(state.run),
        (run) => {
          state.run = Number(run);
          redraw();
        },
      ),
    );
  byId('layer-table').append(layerTable());
}

drawHead();
drawNotices();
drawMetrics();
drawChanges();
drawDifferences();
runBars('cycles', {
  title: 'cycles',
  format: 'cycles',
  parts: Object.keys(data.cycles_by_cause),
  colorOf: causeColor,
  partsOf: (i) => partsOfRun(data.cycles_by_cause, i),
});
drawComponents('energy', 'energy_pj_by_component', 'energy', 'pj');
drawComponents('area', 'area_um2_by_component', 'area', 'um2');
drawLayers();
