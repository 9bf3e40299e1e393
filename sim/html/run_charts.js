// SPDX-License-Identifier: Apache-2.0
// run_charts.js - group sizes, the roofline, and single images of a run.

// Groups

function memberWord(layer) {
  return layer.kind === 'context' ? 'softmax rows' : 'channels';
}

function groupDetail(layer) {
  const mean = layer.group_sizes.map(perImage),
    { least, most } = layer.group_spread;
  const whisker = (params, api) => {
    const [low, high] = [api.coord([api.value(0), api.value(1)]), api.coord([api.value(0), api.value(2)])];
    const half = Math.min(10, api.size([1, 0])[0] / 6),
      style = { stroke: color('text'), lineWidth: 1.3, fill: 'none' };
    const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
    return {
      type: 'group',
      children: [
        line(low[0], low[1], high[0], high[1]),
        line(low[0] - half, low[1], low[0] + half, low[1]),
        line(high[0] - half, high[1], high[0] + half, high[1]),
      ],
    };
  };
  return {
    grid: { left: 75, right: 12, top: 14, bottom: 48 },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: ([item]) =>
        tooltipText(`${layer.name}, group ${item.name}`, [
          [null, 'mean', FORMATS.ratio(mean[item.dataIndex])],
          [null, 'least', grouped(least[item.dataIndex])],
          [null, 'most', grouped(most[item.dataIndex])],
        ]),
    },
    xAxis: axis('group', {
      type: 'category',
      data: mean.map((_, g) => String(g)),
      nameGap: 28,
      splitLine: { show: false },
    }),
    yAxis: axis(`${memberWord(layer)} of an image`, { nameGap: 50, max: Math.max(...most) }),
    series: [
      { type: 'bar', data: mean, barMaxWidth: 46, itemStyle: { color: kindColor(layer.kind) } },
      ...(totals.images > 1
        ? [{ type: 'custom', data: mean.map((_, g) => [g, least[g], most[g]]), renderItem: whisker, z: 3 }]
        : []),
    ],
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
    tooltip: {
      formatter: ({ value: [x, g, share] }) =>
        tooltipText(`${grouping[x].name}, group ${g}`, [
          [null, `share of its ${memberWord(grouping[x])}`, `${share.toFixed(1)} %`],
          [
            null,
            'least to most of an image',
            `${grouping[x].group_spread.least[g]} to ${grouping[x].group_spread.most[g]}`,
          ],
        ]),
    },
    xAxis: axis('', {
      type: 'category',
      data: grouping.map((layer) => layer.name),
      splitLine: { show: false },
      axisLabel: barLabels(grouping, width),
    }),
    yAxis: axis('group', {
      type: 'category',
      nameGap: 34,
      data: Array.from({ length: numGroups }, (_, g) => String(g)),
      splitLine: { show: false },
    }),
    visualMap: {
      min: 0,
      max: Math.max(...cells.map((cell) => cell[2])),
      dimension: 2,
      orient: 'vertical',
      right: 4,
      top: 10,
      itemHeight: 200,
      calculable: false,
      text: [`${Math.round(Math.max(...cells.map((cell) => cell[2])))} %`, '0 %'],
      textStyle: { color: color('muted') },
      inRange: {
        color: isDark() ? ['#1c2026', '#24507c', '#5f9fdc', '#cfe6fb'] : ['#ffffff', '#bcd6ee', '#4e8cc6', '#123c66'],
      },
    },
    series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: color('card'), borderWidth: 1 } }],
  };
}

function drawGroups() {
  const grouping = layers.filter((layer) => layer.groups > 1);
  if (!grouping.length) {
    byId('groups').replaceChildren(
      element('h2', {}, 'Group sizes'),
      element('p', { class: 'lead' }, `Scheme ${data.accelerator.scheme} has no groups that could differ in size.`),
    );
    return;
  }
  const numGroups = Math.max(...grouping.map((layer) => layer.groups));
  const widest = grouping
    .map((layer) => [
      layer,
      (Math.max(...layer.group_sizes) * layer.groups) / layer.group_sizes.reduce((sum, size) => sum + size, 0),
    ])
    .reduce((best, one) => (one[1] > best[1] ? one : best));
  byId('groups-words').textContent =
    'How the channels of each layer (of attention\u2019s context: the rows of the softmax) spread over the groups. ' +
    `An array per group waits for the fullest one; the least even layer is ${widest[0].name}, its fullest group has ${widest[1].toFixed(1)} times the mean.`;
  const state = { layer: widest[0] };
  const title = () => {
    byId('group-detail-title').textContent =
      `Groups of ${state.layer.name}: ${totals.images > 1 ? `mean over the images; lines: least to most` : 'members'}`;
  };
  const detail = chart('group-detail-chart', () => groupDetail(state.layer));
  const select = (name) => {
    state.layer = grouping.find((layer) => layer.name === name);
    title();
    detail();
  };
  const control = picker(
    'Layer',
    grouping.map((layer) => [layer.name, layer.name]),
    state.layer.name,
    select,
  );
  byId('group-controls').append(control);
  chart(
    'groups-chart',
    (width) => groupHeat(grouping, numGroups, width),
    ({ value }) => {
      control.querySelector('select').value = grouping[value[0]].name;
      select(grouping[value[0]].name);
    },
  );
  title();
}

// Roofline

function passesOf(layer) {
  const bits = data.accelerator.mac_array.mac_bits;
  return Math.ceil(layer.act_bits / bits) * Math.ceil(layer.weight_bits / bits);
}

function rooflinePoints() {
  const withTraffic = layers.filter((layer) => layer.dram_bytes > 0).map((layer) => layer.macs / layer.dram_bytes);
  const aside =
    4 * Math.max(...withTraffic, totals.peak_macs_per_cycle / data.accelerator.dram.bandwidth_bytes_per_cycle);
  return layers.map((layer) => ({
    layer,
    x: layer.dram_bytes > 0 ? layer.macs / layer.dram_bytes : aside,
    y: layer.macs / layer.cycles,
    aside: layer.dram_bytes === 0,
  }));
}

function roofline() {
  const points = rooflinePoints(),
    bandwidth = data.accelerator.dram.bandwidth_bytes_per_cycle;
  const low = Math.min(...points.map((point) => point.x)) / 2,
    high = Math.max(...points.map((point) => point.x)) * 2;
  const roofs = [...new Set(layers.map(passesOf))].sort((a, b) => a - b);
  const roof = (passes) => {
    const peak = totals.peak_macs_per_cycle / passes,
      knee = peak / bandwidth;
    return {
      type: 'line',
      name: `${passes} pass`,
      symbol: 'none',
      silent: true,
      lineStyle: { color: color('muted'), width: 1.5, type: passes === roofs[0] ? 'solid' : 'dashed' },
      data:
        knee > low
          ? [
              [low, low * bandwidth],
              [knee, peak],
              [high, peak],
            ]
          : [
              [low, peak],
              [high, peak],
            ],
      endLabel: {
        show: true,
        color: color('muted'),
        fontSize: 12,
        offset: [4, 0],
        formatter: () => `${grouped(peak)}, ${passes} ${passes > 1 ? 'passes' : 'pass'}`,
      },
    };
  };
  const kinds = [...new Set(layers.map((layer) => layer.kind))];
  const ticks = { showMinLabel: false, showMaxLabel: false, formatter: (value) => grouped(value, value < 1 ? 2 : 0) };
  const scatter = (kind) => ({
    type: 'scatter',
    name: kind,
    symbol: kindSymbol(kind),
    symbolSize: 10,
    itemStyle: { color: kindColor(kind), borderColor: color('card'), borderWidth: 1, opacity: 0.9 },
    data: points.filter((point) => point.layer.kind === kind).map((point) => ({ value: [point.x, point.y], point })),
  });
  return {
    grid: { left: 75, right: 112, top: 14, bottom: 54 },
    tooltip: {
      formatter: ({
        data: {
          point: { layer, aside, x, y },
        },
      }) =>
        tooltipText(layer.name, [
          [null, 'MACs per cycle', FORMATS.ratio(y)],
          [null, 'of its roof', FORMATS.share((y * passesOf(layer)) / totals.peak_macs_per_cycle)],
          [null, 'MACs per DRAM byte', aside ? 'no traffic' : FORMATS.ratio(x)],
          [null, 'cycles', grouped(layer.cycles)],
        ]),
    },
    xAxis: axis('MACs per byte of DRAM traffic', {
      type: 'log',
      min: low,
      max: high,
      nameGap: 30,
      axisLabel: ticks,
      splitLine: { show: false },
    }),
    yAxis: axis('MACs per cycle', {
      type: 'log',
      nameGap: 50,
      min: (range) => range.min / 2,
      max: 2 * totals.peak_macs_per_cycle,
      axisLabel: ticks,
    }),
    series: [...roofs.map(roof), ...kinds.map(scatter)],
  };
}

function drawRoofline() {
  const early = rooflinePoints().filter(
    ({ x, y, aside }) => !aside && y > x * data.accelerator.dram.bandwidth_bytes_per_cycle,
  );
  const none = layers.filter((layer) => layer.dram_bytes === 0).length;
  byId('roofline-words').textContent =
    `What each layer reached (points), and what the multipliers and ${data.accelerator.dram.bandwidth_bytes_per_cycle} bytes of DRAM per cycle allow (lines). ` +
    'Wide codes take several passes of the multipliers, hence lower roofs.' +
    (none ? ` ${none} layers find everything on the chip and stand at the right.` : '') +
    (early.length
      ? ` Above the slope: ${early
          .map((point) => point.layer.name)
          .slice(0, 5)
          .join(', ')}, whose weights came while the layer before was at work.`
      : '');
  byId('roofline-legend').append(legend([...new Set(layers.map((layer) => layer.kind))], kindColor));
  chart('roofline-chart', roofline);
}

// Images

function imageDots(width) {
  const mean = totals.cycles_per_image.mean,
    few = images.length <= 40;
  return {
    grid: { left: 90, right: 24, top: 20, bottom: few ? 100 : 46 },
    tooltip: {
      formatter: ({ dataIndex: i }) =>
        tooltipText(images[i].name, [
          [null, 'cycles', grouped(images[i].cycles)],
          [null, 'against the mean', `${(100 * (images[i].cycles / mean - 1)).toFixed(2)} %`],
        ]),
    },
    xAxis: axis(few ? '' : 'image', {
      type: 'category',
      data: few ? images.map((image) => image.name) : images.map((_, i) => String(i)),
      nameGap: 28,
      splitLine: { show: false },
      axisLabel: few ? { ...barLabels(images, width), rotate: 30, width: 150, overflow: 'truncate' } : {},
    }),
    yAxis: axis('cycles', { scale: true, nameGap: 72, axisLabel: { formatter: (value) => grouped(value) } }),
    series: [
      {
        type: 'scatter',
        symbolSize: few ? 11 : 6,
        itemStyle: { color: color('bar') },
        data: images.map((image) => image.cycles),
        markLine: {
          symbol: 'none',
          silent: true,
          lineStyle: { color: color('muted'), type: 'dashed' },
          label: { formatter: 'mean', position: 'insideEndTop', color: color('muted') },
          data: [{ yAxis: mean }],
        },
      },
    ],
  };
}

function imageTable() {
  const number = (title, key, format) => ({
    title,
    value: (i) => images[i][key],
    cell: (i) => figure(`images/${i}/${key}`, format),
  });
  const plain = (title, key) => ({
    title,
    value: (i) => images[i][key],
    cell: (i) => element('span', {}, images[i][key] ?? '\u2013'),
  });
  const columns = [
    { title: 'image', text: true, value: (i) => images[i].name, cell: (i) => images[i].name },
    number('cycles', 'cycles', 'cycles'),
  ];
  if (data.accuracy)
    columns.push(
      plain('label', 'label'),
      plain('top-1', 'top1'),
      plain('top-1, full precision', 'top1_full_precision'),
      number('KL divergence, nats', 'kl_divergence', 'ratio'),
      number('SQNR of logits', 'logits_sqnr_db', 'db'),
    );
  return sortableTable(
    columns,
    images.map((_, i) => i),
  );
}

function drawImages() {
  if (images.length < 2 && !data.accuracy) {
    removeSection('images');
    return;
  }
  const { mean, standard_deviation: deviation, worst, worst_image: name } = totals.cycles_per_image;
  byId('images-words').textContent =
    images.length < 2
      ? ''
      : `What an image costs depends on its groups: standard deviation ${((100 * deviation) / mean).toFixed(2)} % of the mean, worst +${(100 * (worst / mean - 1)).toFixed(2)} % (${name}). The axis does not begin at zero.`;
  if (images.length < 2) byId('images-chart').remove();
  else chart('images-chart', imageDots);
  byId('image-table').append(imageTable());
}
