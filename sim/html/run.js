// SPDX-License-Identifier: Apache-2.0
// run.js - the page of one run: its parts in the order of run.html. A part that this run knows nothing of is left out.

const { totals, layers, images } = data;
const MODES = { execution: 'executed bit by bit on photos', trace: 'driven by recorded activations', shape: 'shapes only' };
const perImage = (value) => value / totals.images;

// Head

function drawHead() {
  const { accelerator: machine, workload } = data;
  const title = `${workload.name} on ${machine.name}`;
  document.title = `${title} - igqsim`;
  byId('title').textContent = title;
  byId('subtitle').textContent = `Scheme ${machine.scheme} on ${words(machine.mac_organisation)} arrays, ${machine.num_groups} groups, ` +
    `${machine.clock_mhz} MHz; ${MODES[data.inputs.mode]}, ${totals.images === 1 ? '1 image' : `${grouped(totals.images)} images`}.`;
  byId('theme').append(themeButton());
}

function notice(head, text) {
  byId('notices').append(element('div', { class: 'notice', role: 'note' }, element('strong', {}, head), text));
}

function drawNotices() {
  if (data.inputs.mode === 'shape')
    notice('Shapes only: no image was looked at.', `The channel ranges that decide the groups were drawn with seed ${data.inputs.seed} ` +
      'from the distributions of the workload\u2019s file. Cycles that depend on group sizes, and everything below, are those of an invented image; there is no accuracy.');
  if (totals.skipped_images > 0)
    notice(`${grouped(totals.skipped_images)} images were left out.`, data.inputs.skipped.map((one) => `${one.path}: ${one.reason}`).slice(0, 8).join('; '));
  if (totals.accumulator_overflow_count > 0)
    notice(`${grouped(totals.accumulator_overflow_count)} group sums did not fit into the accumulators`, 'and were saturated: more acc_bits, or shorter groups, avoid that.');
}

function card(term, value, note) {
  return element('div', { class: 'card' }, element('dt', {}, term), element('dd', {}, value), note ? element('dd', { class: 'note' }, note) : null);
}

function drawCards() {
  const spread = totals.cycles_per_image, cards = byId('cards');
  const ms = perImage(totals.time_ms);
  cards.append(card('Cycles per image', figure('totals/cycles_per_image/mean', 'cycles'),
    totals.images > 1 ? `${grouped(spread.least)} to ${grouped(spread.worst)}` : null));
  cards.append(card('Time per image', FORMATS.ms(ms), `${Number((1000 / ms).toPrecision(4))} images/s at ${data.accelerator.clock_mhz} MHz`));
  cards.append(card('MAC utilization', figure('totals/mac_utilization', 'share'), `of ${grouped(totals.peak_macs_per_cycle)} MACs/cycle`));
  if (known(totals.energy_pj_per_image))
    cards.append(card('Energy per image', figure('totals/energy_pj_per_image', 'pj'), `${FORMATS.ratio(totals.tops_per_watt)} TOPS/W, ${FORMATS.mw(totals.power_mw)}`));
  if (known(totals.area_um2))
    cards.append(card('Area', figure('totals/area_um2', 'um2'), data.technology.name));
  cards.append(card('DRAM traffic per image', FORMATS.bytes(perImage(totals.dram_bytes)), 'read and written'));
  if (known(data.accuracy?.top1))
    cards.append(card('Top-1', figure('accuracy/top1', 'share'), `full precision ${written(data.accuracy.top1_full_precision, 'share')}`));
  if (known(data.accuracy?.top1_agreement))
    cards.append(card('Same top-1 as in full precision', figure('accuracy/top1_agreement', 'share'), `KL divergence ${written(data.accuracy.kl_divergence, 'ratio')} nats`));
  if (known(totals.activation_sqnr_db))
    cards.append(card('SQNR of activations', figure('totals/activation_sqnr_db', 'db'), `mean of ${grouped(totals.activation_sqnr_layers)} layers`));
}

// Bars by layer, by kind of layer, or by block of the network

function summed(name, parts, sum) {
  for (const [part, value] of Object.entries(parts))
    sum[part] = (sum[part] || 0) + value;
  return sum;
}

function barsBy(view, partsOf) {
  if (view === 'layer')
    return layers.map((layer) => ({ name: layer.name, parts: partsOf(layer) }));
  const bars = new Map();
  for (const layer of layers) {
    const bar = bars.get(layer.kind) || { name: layer.kind, parts: {} };
    summed(layer.name, partsOf(layer), bar.parts);
    bars.set(layer.kind, bar);
  }
  return [...bars.values()];
}

// A stacked chart with its choices: which bars, and cycles or shares.
function stackedSection({ id, title, unitTitle, format, parts, colorOf, partsOf }) {
  const state = { view: 'layer', share: false };
  byId(`${id}-chart-title`).textContent = title;
  byId(`${id}-legend`).append(legend(parts, colorOf));
  const redraw = chart(`${id}-chart`, (width) => stackedBars({
    bars: barsBy(state.view, partsOf), parts, colorOf, format, share: state.share, width,
    title: unitTitle,
  }));
  const set = (change) => { Object.assign(state, change); redraw(); };
  byId(`${id}-controls`).append(
    choice('Bars', [['layer', 'Each layer'], ['kind', 'Kinds of layers']], 'layer', (view) => set({ view })),
    choice('Height', [[false, 'Absolute'], [true, 'Share']], false, (share) => set({ share })));
}

// Cycles

function causeTable() {
  const causes = causesOf(totals), most = Math.max(...Object.values(causes));
  const rows = Object.entries(causes).map(([cause, cycles]) => {
    const bar = barCell(cycles / most, causeColor(cause));
    themeListeners.push(() => { bar.firstChild.style.background = causeColor(cause); });
    return element('tr', {}, element('td', { class: 'text' }, words(cause)), bar,
      element('td', {}, figure(cause === 'compute' ? 'totals/compute_cycles' : `totals/stall_cycles/${cause}`, 'cycles')),
      element('td', {}, FORMATS.share(cycles / totals.cycles)), element('td', { class: 'text wide muted' }, causeMeaning(cause)));
  });
  rows.push(element('tr', {}, element('th', { class: 'text', scope: 'row' }, 'all cycles'), element('td', {}), element('td', {}, figure('totals/cycles', 'cycles')), element('td', {}, '100 %'), element('td', {})));
  return element('table', {}, element('thead', {}, element('tr', {}, ...['cause', '', 'cycles', 'share', 'what it is'].map((head, i) =>
    element('th', { scope: 'col', class: i === 2 || i === 3 ? null : 'text' }, head)))), element('tbody', {}, ...rows));
}

function cyclesInWords() {
  const losses = Object.entries(totals.stall_cycles).sort((a, b) => b[1] - a[1]).filter(([, cycles]) => cycles > 0.005 * totals.cycles).slice(0, 3);
  const named = losses.map(([cause, cycles]) => `${words(cause)} ${FORMATS.share(cycles / totals.cycles)}`).join(', ');
  const hidden = totals.assign_cycles > 0 ? ` Group assignment worked ${grouped(totals.assign_cycles)} cycles, ` +
    `${FORMATS.share(totals.assign_cycles_hidden / totals.assign_cycles)} of them hidden behind other work.` : '';
  return `Every cycle of the MAC arrays has one cause. ${FORMATS.share(totals.compute_cycles / totals.cycles)} were useful work` +
    `${named ? `; most of the rest: ${named}` : ''}.${hidden}`;
}

function drawCycles() {
  byId('cycles-words').textContent = cyclesInWords();
  byId('cause-table').append(causeTable());
  stackedSection({ id: 'cycles', title: `Cycles of each layer by cause${totals.images > 1 ? ', all images' : ''}`, unitTitle: 'cycles', format: 'cycles',
    parts: Object.keys(causesOf(totals)).filter((cause) => causesOf(totals)[cause] > 0), colorOf: causeColor, partsOf: causesOf });
}

// Energy and area

function componentTable() {
  const energies = totals.energy_pj_by_component, areas = totals.area_um2_by_component;
  const most = (values) => Math.max(...Object.values(values).map((value) => value || 0));
  const mostEnergy = most(energies), mostArea = most(areas);
  const rows = Object.keys(energies).map((name) => {
    const bars = [barCell(energies[name] / mostEnergy, ''), barCell((areas[name] || 0) / mostArea, '')];
    const paint = () => bars.forEach((bar) => { bar.firstChild.style.background = familyColor(familyOf(name)); });
    themeListeners.push(paint);
    paint();
    return element('tr', {}, element('td', { class: 'text' }, words(name)),
      bars[0], element('td', {}, figure(`totals/energy_pj_by_component/${name}`, 'pj')), element('td', {}, FORMATS.share(energies[name] / totals.energy_pj)),
      bars[1], element('td', {}, figure(`totals/area_um2_by_component/${name}`, 'um2')),
      element('td', {}, known(areas[name]) && known(totals.area_um2) ? FORMATS.share(areas[name] / totals.area_um2) : ''));
  });
  const sum = (name, energy, area) => element('tr', {}, element('th', { class: 'text', scope: 'row' }, name), element('td', {}),
    element('td', {}, figure(`totals/${energy}`, 'pj')), element('td', {}, FORMATS.share(totals[energy] / totals.energy_pj)), element('td', {}),
    element('td', {}, figure(`totals/${area}`, 'um2')), element('td', {}, known(totals[area]) ? FORMATS.share(totals[area] / totals.area_um2) : ''));
  const heads = ['component', 'energy', '', 'share', 'area', '', 'share'];
  return element('table', {}, element('thead', {}, element('tr', {}, ...heads.map((head, i) => element('th', { scope: 'col', class: i === 3 || i === 6 ? null : 'text' }, head)))),
    element('tbody', {}, ...rows, sum('all', 'energy_pj', 'area_um2'), sum('instance-aware grouping', 'instance_aware_energy_pj', 'instance_aware_area_um2')));
}

function drawEnergy() {
  if (!known(totals.energy_pj)) {
    byId('energy').replaceChildren(element('h2', {}, 'Energy and area'), element('p', { class: 'lead' },
      'Not asked for. igqsim run --from report.json -t TECHNOLOGY.yaml adds them to this report without simulating again.'));
    return;
  }
  const families = Object.keys(familiesOf(totals.energy_pj_by_component));
  byId('energy-words').textContent = `In ${data.technology.name}: ${FORMATS.pj(totals.energy_pj_per_image)} an image, ${FORMATS.ratio(totals.energy_pj_per_mac)} pJ a multiply-accumulate` +
    `${totals.images > 1 ? `; the table adds up all ${grouped(totals.images)} images` : ''}. Colours group the components.`;
  byId('component-table').append(componentTable());
  stackedSection({ id: 'energy', title: `Energy of each layer${totals.images > 1 ? ', all images' : ''}`, unitTitle: 'energy', format: 'pj',
    parts: families, colorOf: familyColor, partsOf: (layer) => familiesOf(layer.energy_pj_by_component) });
}

// Groups

function memberWord(layer) {
  return layer.kind === 'context' ? 'softmax rows' : 'channels';
}

function groupDetail(layer) {
  const mean = layer.group_sizes.map(perImage), { least, most } = layer.group_spread;
  const whisker = (params, api) => {
    const [low, high] = [api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)])];
    const half = Math.min(10, api.size([1, 0])[0] / 6), style = { stroke: color('text'), lineWidth: 1.3, fill: 'none' };
    const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
    return { type: 'group', children: [line(low[0], low[1], high[0], high[1]), line(low[0] - half, low[1], low[0] + half, low[1]), line(high[0] - half, high[1], high[0] + half, high[1])] };
  };
  return {
    grid: { left: 75, right: 12, top: 14, bottom: 48 },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: ([item]) => tooltipText(`${layer.name}, group ${item.name}`,
      [[null, 'mean', FORMATS.ratio(mean[item.dataIndex])], [null, 'least', grouped(least[item.dataIndex])], [null, 'most', grouped(most[item.dataIndex])]]) },
    xAxis: axis('group', { type: 'category', data: mean.map((_, g) => String(g)), nameGap: 28, splitLine: { show: false } }),
    yAxis: axis(`${memberWord(layer)} of an image`, { nameGap: 50, max: Math.max(...most) }),
    series: [{ type: 'bar', data: mean, barMaxWidth: 46, itemStyle: { color: kindColor(layer.kind) } },
      ...(totals.images > 1 ? [{ type: 'custom', data: mean.map((_, g) => [g, least[g], most[g]]), renderItem: whisker, z: 3 }] : [])],
  };
}

function groupHeat(grouping, numGroups, width) {
  const cells = [];
  grouping.forEach((layer, x) => {
    const members = layer.group_sizes.reduce((sum, size) => sum + size, 0);
    layer.group_sizes.forEach((size, g) => cells.push([x, g, members ? (100 * size) / members : 0]));
  });
  return {
    grid: { left: 60, right: 90, top: 10, bottom: 92 },
    tooltip: { formatter: ({ value: [x, g, share] }) => tooltipText(`${grouping[x].name}, group ${g}`, [[null, `share of its ${memberWord(grouping[x])}`, `${share.toFixed(1)} %`],
      [null, 'least to most of an image', `${grouping[x].group_spread.least[g]} to ${grouping[x].group_spread.most[g]}`]]) },
    xAxis: axis('', { type: 'category', data: grouping.map((layer) => layer.name), splitLine: { show: false }, axisLabel: barLabels(grouping, width) }),
    yAxis: axis('group', { type: 'category', nameGap: 34, data: Array.from({ length: numGroups }, (_, g) => String(g)), splitLine: { show: false } }),
    visualMap: { min: 0, max: Math.max(...cells.map((cell) => cell[2])), dimension: 2, orient: 'vertical', right: 4, top: 10, itemHeight: 200, calculable: false,
      text: [`${Math.round(Math.max(...cells.map((cell) => cell[2])))} %`, '0 %'], textStyle: { color: color('muted') },
      inRange: { color: isDark() ? ['#1c2026', '#24507c', '#5f9fdc', '#cfe6fb'] : ['#ffffff', '#bcd6ee', '#4e8cc6', '#123c66'] } },
    series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: color('card'), borderWidth: 1 } }],
  };
}

function drawGroups() {
  const grouping = layers.filter((layer) => layer.groups > 1);
  if (!grouping.length) {
    byId('groups').replaceChildren(element('h2', {}, 'Group sizes'), element('p', { class: 'lead' }, `Scheme ${data.accelerator.scheme} has no groups that could differ in size.`));
    return;
  }
  const numGroups = Math.max(...grouping.map((layer) => layer.groups));
  const widest = grouping.map((layer) => [layer, Math.max(...layer.group_sizes) * layer.groups / layer.group_sizes.reduce((sum, size) => sum + size, 0)])
    .reduce((best, one) => (one[1] > best[1] ? one : best));
  byId('groups-words').textContent = 'How the channels of each layer (of attention\u2019s context: the rows of the softmax) spread over the groups. ' +
    `An array per group waits for the fullest one; the least even layer is ${widest[0].name}, its fullest group has ${widest[1].toFixed(1)} times the mean.`;
  const state = { layer: widest[0] };
  const title = () => {
    byId('group-detail-title').textContent = `Groups of ${state.layer.name}: ${totals.images > 1 ? `mean over the images; lines: least to most` : 'members'}`;
  };
  const detail = chart('group-detail-chart', () => groupDetail(state.layer));
  const select = (name) => { state.layer = grouping.find((layer) => layer.name === name); title(); detail(); };
  const control = picker('Layer', grouping.map((layer) => [layer.name, layer.name]), state.layer.name, select);
  byId('group-controls').append(control);
  chart('groups-chart', (width) => groupHeat(grouping, numGroups, width), ({ value }) => {
    control.querySelector('select').value = grouping[value[0]].name;
    select(grouping[value[0]].name);
  });
  title();
}

// Roofline

function passesOf(layer) {
  const bits = data.accelerator.mac_array.mac_bits;
  return Math.ceil(layer.act_bits / bits) * Math.ceil(layer.weight_bits / bits);
}

function rooflinePoints() {
  const withTraffic = layers.filter((layer) => layer.dram_bytes > 0).map((layer) => layer.macs / layer.dram_bytes);
  const aside = 4 * Math.max(...withTraffic, totals.peak_macs_per_cycle / data.accelerator.dram.bandwidth_bytes_per_cycle);
  return layers.map((layer) => ({ layer, x: layer.dram_bytes > 0 ? layer.macs / layer.dram_bytes : aside, y: layer.macs / layer.cycles, aside: layer.dram_bytes === 0 }));
}

function roofline() {
  const points = rooflinePoints(), bandwidth = data.accelerator.dram.bandwidth_bytes_per_cycle;
  const low = Math.min(...points.map((point) => point.x)) / 2, high = Math.max(...points.map((point) => point.x)) * 2;
  const roofs = [...new Set(layers.map(passesOf))].sort((a, b) => a - b);
  const roof = (passes) => {
    const peak = totals.peak_macs_per_cycle / passes, knee = peak / bandwidth;
    return { type: 'line', name: `${passes} pass`, symbol: 'none', silent: true, lineStyle: { color: color('muted'), width: 1.5, type: passes === roofs[0] ? 'solid' : 'dashed' },
      data: knee > low ? [[low, low * bandwidth], [knee, peak], [high, peak]] : [[low, peak], [high, peak]],
      endLabel: { show: true, color: color('muted'), fontSize: 12, offset: [4, 0],
        formatter: () => `${grouped(peak)}, ${passes} ${passes > 1 ? 'passes' : 'pass'}` } };
  };
  const kinds = [...new Set(layers.map((layer) => layer.kind))];
  const ticks = { showMinLabel: false, showMaxLabel: false, formatter: (value) => grouped(value, value < 1 ? 2 : 0) };
  const scatter = (kind) => ({ type: 'scatter', name: kind, symbol: kindSymbol(kind), symbolSize: 10,
    itemStyle: { color: kindColor(kind), borderColor: color('card'), borderWidth: 1, opacity: 0.9 },
    data: points.filter((point) => point.layer.kind === kind).map((point) => ({ value: [point.x, point.y], point })) });
  return {
    grid: { left: 75, right: 112, top: 14, bottom: 54 },
    tooltip: { formatter: ({ data: { point: { layer, aside, x, y } } }) => tooltipText(layer.name, [[null, 'MACs per cycle', FORMATS.ratio(y)],
      [null, 'of its roof', FORMATS.share(y * passesOf(layer) / totals.peak_macs_per_cycle)],
      [null, 'MACs per DRAM byte', aside ? 'no traffic' : FORMATS.ratio(x)], [null, 'cycles', grouped(layer.cycles)]]) },
    xAxis: axis('MACs per byte of DRAM traffic', { type: 'log', min: low, max: high, nameGap: 30, axisLabel: ticks, splitLine: { show: false } }),
    yAxis: axis('MACs per cycle', { type: 'log', nameGap: 50, min: (range) => range.min / 2, max: 2 * totals.peak_macs_per_cycle, axisLabel: ticks }),
    series: [...roofs.map(roof), ...kinds.map(scatter)],
  };
}

function drawRoofline() {
  const early = rooflinePoints().filter(({ x, y, aside }) => !aside && y > x * data.accelerator.dram.bandwidth_bytes_per_cycle);
  const none = layers.filter((layer) => layer.dram_bytes === 0).length;
  byId('roofline-words').textContent = `What each layer reached (points), and what the multipliers and ${data.accelerator.dram.bandwidth_bytes_per_cycle} bytes of DRAM per cycle allow (lines). ` +
    'Wide codes take several passes of the multipliers, hence lower roofs.' + (none ? ` ${none} layers find everything on the chip and stand at the right.` : '') +
    (early.length ? ` Above the slope: ${early.map((point) => point.layer.name).slice(0, 5).join(', ')}, whose weights came while the layer before was at work.` : '');
  byId('roofline-legend').append(legend([...new Set(layers.map((layer) => layer.kind))], kindColor));
  chart('roofline-chart', roofline);
}

// Images

function imageDots(width) {
  const mean = totals.cycles_per_image.mean, few = images.length <= 40;
  return {
    grid: { left: 90, right: 24, top: 20, bottom: few ? 100 : 46 },
    tooltip: { formatter: ({ dataIndex: i }) => tooltipText(images[i].name, [[null, 'cycles', grouped(images[i].cycles)], [null, 'against the mean', `${(100 * (images[i].cycles / mean - 1)).toFixed(2)} %`]]) },
    xAxis: axis(few ? '' : 'image', { type: 'category', data: few ? images.map((image) => image.name) : images.map((_, i) => String(i)), nameGap: 28, splitLine: { show: false },
      axisLabel: few ? { ...barLabels(images, width), rotate: 30, width: 150, overflow: 'truncate' } : {} }),
    yAxis: axis('cycles', { scale: true, nameGap: 72, axisLabel: { formatter: (value) => grouped(value) } }),
    series: [{ type: 'scatter', symbolSize: few ? 11 : 6, itemStyle: { color: color('bar') }, data: images.map((image) => image.cycles),
      markLine: { symbol: 'none', silent: true, lineStyle: { color: color('muted'), type: 'dashed' }, label: { formatter: 'mean', position: 'insideEndTop', color: color('muted') }, data: [{ yAxis: mean }] } }],
  };
}

function imageTable() {
  const number = (title, key, format) => ({ title, value: (i) => images[i][key], cell: (i) => figure(`images/${i}/${key}`, format) });
  const plain = (title, key) => ({ title, value: (i) => images[i][key], cell: (i) => element('span', {}, images[i][key] ?? '\u2013') });
  const columns = [{ title: 'image', text: true, value: (i) => images[i].name, cell: (i) => images[i].name }, number('cycles', 'cycles', 'cycles')];
  if (data.accuracy)
    columns.push(plain('label', 'label'), plain('top-1', 'top1'), plain('top-1, full precision', 'top1_full_precision'), number('KL divergence, nats', 'kl_divergence', 'ratio'), number('SQNR of logits', 'logits_sqnr_db', 'db'));
  return sortableTable(columns, images.map((_, i) => i));
}

function drawImages() {
  if (images.length < 2 && !data.accuracy) {
    removeSection('images');
    return;
  }
  const { mean, standard_deviation: deviation, worst, worst_image: name } = totals.cycles_per_image;
  byId('images-words').textContent = images.length < 2 ? '' : `What an image costs depends on its groups: standard deviation ${(100 * deviation / mean).toFixed(2)} % of the mean, worst +${(100 * (worst / mean - 1)).toFixed(2)} % (${name}). The axis does not begin at zero.`;
  if (images.length < 2)
    byId('images-chart').remove();
  else
    chart('images-chart', imageDots);
  byId('image-table').append(imageTable());
}

// Layers

function worstCause(layer) {
  const [cause, cycles] = Object.entries(layer.stall_cycles).reduce((most, one) => (one[1] > most[1] ? one : most));
  return cycles > 0 ? `${words(cause)} ${FORMATS.share(cycles / layer.cycles)}` : '';
}

function layerTable() {
  const number = (title, key, format, hint) => ({ title, hint, value: (k) => layers[k][key], cell: (k) => figure(`layers/${k}/${key}`, format) });
  const text = (title, of, hint) => ({ title, hint, text: true, value: (k) => of(layers[k]), cell: (k) => of(layers[k]) });
  const columns = [
    text('layer', (layer) => layer.name),
    text('T x C x O', (layer) => `${layer.heads > 1 ? `${layer.heads} x ` : ''}${layer.T} x ${layer.C} x ${layer.O}`, 'heads, tokens, input channels, outputs'),
    text('bits', (layer) => `${layer.act_bits} / ${layer.weight_bits}`, 'activations / weights'), number('groups', 'groups', 'count'),
    number('cycles', 'cycles', 'cycles'), { title: 'share', value: (k) => layers[k].cycles, cell: (k) => FORMATS.share(layers[k].cycles / totals.cycles) },
    number('MAC use', 'mac_utilization', 'share'), text('largest loss', worstCause),
    number('assign cycles', 'assign_cycles', 'cycles'), number('hidden', 'assign_cycles_hidden', 'cycles', 'assignment cycles that the arrays did not wait for'),
    number('DRAM', 'dram_bytes', 'bytes'), number('MACs', 'macs', 'count'),
  ];
  if (known(totals.energy_pj))
    columns.push(number('energy', 'energy_pj', 'pj'));
  if (layers.some((layer) => known(layer.sqnr_db)))
    columns.push(number('SQNR', 'sqnr_db', 'db', 'of the input activations'));
  return sortableTable(columns, layers.map((_, k) => k));
}

// Inputs

const OPTIONS = { accelerator: '-a', workload: '-w', calibration: '-c', trace: '--trace', weights: '--weights', labels: '--labels', technology: '-t' };

function shellWord(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function commandLine() {
  const parts = data.inputs.files.filter((file) => OPTIONS[file.role]).map((file) => `${OPTIONS[file.role]} ${shellWord(file.path)}`);
  const photos = data.inputs.files.filter((file) => file.role === 'image').map((file) => shellWord(file.path));
  if (photos.length)
    parts.push(`--images ${photos.slice(0, 20).join(' ')}${photos.length > 20 ? ` ... (${photos.length} in all)` : ''}`);
  return `igqsim run ${[...parts, `--scheme ${data.accelerator.scheme}`, '-o DIR'].join(' \\\n  ')}`;
}

function drawInputs() {
  const row = (file) => element('tr', {}, element('td', { class: 'text' }, file.role), element('td', { class: 'text hash' }, file.path), element('td', { class: 'hash' }, element('code', {}, file.sha256)));
  byId('input-table').append(element('div', { class: 'scroll' }, element('table', {}, element('thead', {}, element('tr', {},
    ...['what', 'file', 'SHA-256'].map((head) => element('th', { class: 'text', scope: 'col' }, head)))), element('tbody', {}, ...data.inputs.files.map(row)))));
  const command = commandLine();
  byId('command').append(element('pre', {}, command), copyButton(command),
    element('p', { class: 'lead' }, `igqsim ${data.igqsim.version}: same version and same files give the same report, to the byte.`));
}

drawHead();
drawNotices();
drawCards();
drawDiagram();
drawParameters();
drawCycles();
drawEnergy();
drawGroups();
drawRoofline();
drawImages();
byId('layer-table').append(layerTable());
drawInputs();
