// SPDX-License-Identifier: Apache-2.0
// charts.js - the charts of a page: drawn as SVG, drawn again when width or theme change and for the printer.

const allCharts = [];

// build(width) returns the options of ECharts; what all charts have in common is filled in. Returns a function to redraw.
function chart(id, build, onClick) {
  const holder = byId(id);
  const instance = echarts.init(holder, null, { renderer: 'svg' });
  const draw = () => {
    instance.resize();
    instance.setOption(withDefaults(build(holder.clientWidth)), true);
  };
  if (onClick) instance.on('click', onClick);
  allCharts.push({ holder, draw });
  draw();
  return draw;
}

function redrawAll() {
  for (const one of allCharts) one.draw();
}

themeListeners.push(redrawAll);
let lastWidth = window.innerWidth;
window.addEventListener('resize', () => {
  if (window.innerWidth !== lastWidth) {
    lastWidth = window.innerWidth;
    requestAnimationFrame(redrawAll);
  }
});

// Paper is light and narrower than most windows.
window.addEventListener('beforeprint', () => {
  setTheme('light');
  for (const one of allCharts) one.holder.style.width = '680px';
  redrawAll();
});
window.addEventListener('afterprint', () => {
  for (const one of allCharts) one.holder.style.width = '';
  applyTheme();
  redrawAll();
});

function withDefaults(options) {
  const text = { color: color('text'), fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: false,
    textStyle: text,
    ...options,
    tooltip: {
      confine: true,
      backgroundColor: color('card'),
      borderColor: color('line'),
      textStyle: { ...text, fontSize: 13 },
      ...options.tooltip,
    },
  };
}

// An axis: its title with the unit stands in the middle of its length.
function axis(name, options) {
  return {
    type: 'value',
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: color('muted'), fontSize: 12.5 },
    axisLine: { show: true, lineStyle: { color: color('line') } },
    axisTick: { lineStyle: { color: color('line') } },
    axisLabel: { color: color('muted'), hideOverlap: true, ...options.axisLabel },
    splitLine: { lineStyle: { color: color('line'), opacity: 0.55 } },
    ...Object.fromEntries(Object.entries(options).filter(([key]) => key !== 'axisLabel')),
  };
}

// Text and lines of a tooltip: head, then [colour or null, name, value] rows. Names come from files: escaped.
function tooltipText(head, rows) {
  const escaped = echarts.format.encodeHTML;
  const dot = (fill) =>
    fill
      ? `<span style="display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.4em;background:${fill}"></span>`
      : '';
  const lines = rows.map(
    ([fill, name, value]) =>
      `<tr><td style="text-align:left;border:0;padding:.05rem .6rem .05rem 0">${dot(fill)}${escaped(name)}</td>` +
      `<td style="border:0;padding:.05rem 0">${escaped(value)}</td></tr>`,
  );
  return `<strong>${escaped(head)}</strong><table>${lines.join('')}</table>`;
}

// Bars of several parts on top of each other. bars: [{name, label, parts: {part: value}}]
function stackedBars({ bars, parts, colorOf, format, title, share, width }) {
  const sums = bars.map((bar) => parts.reduce((sum, part) => sum + (bar.parts[part] || 0), 0));
  const scaled = (bar, part, i) =>
    share ? (sums[i] ? (100 * (bar.parts[part] || 0)) / sums[i] : 0) : bar.parts[part] || 0;
  return {
    grid: { left: 75, right: 12, top: 14, bottom: bars.length > 12 ? 92 : 40 },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow' },
      formatter: (items) => {
        const i = items[0].dataIndex;
        const rows = parts
          .filter((part) => bars[i].parts[part])
          .map((part) => [
            colorOf(part),
            words(part),
            `${FORMATS[format](bars[i].parts[part])} (${FORMATS.share(bars[i].parts[part] / sums[i])})`,
          ]);
        return tooltipText(`${bars[i].name}: ${FORMATS[format](sums[i])}`, rows);
      },
    },
    xAxis: axis('', {
      type: 'category',
      data: bars.map((bar) => bar.name),
      splitLine: { show: false },
      axisTick: { show: false },
      axisLabel: barLabels(bars, width),
    }),
    yAxis: share
      ? axis('share of the bar', { nameGap: 58, max: 100, axisLabel: { formatter: (value) => `${value} %` } })
      : heightAxis(title, format, Math.max(...sums)),
    series: parts.map((part) => ({
      name: part,
      type: 'bar',
      stack: 'all',
      barCategoryGap: bars.length > 30 ? '12%' : '30%',
      barMaxWidth: 90,
      itemStyle: { color: colorOf(part) },
      emphasis: { focus: 'none' },
      data: bars.map((bar, i) => scaled(bar, part, i)),
    })),
  };
}

// Numbers with the prefix that suits the highest bar; energies are in pJ.
function heightAxis(title, format, highest) {
  const [scale, unit] = { pj: [1e-12, 'J'], um2: [1e-6, 'mm\u00b2'] }[format] || [1, ''];
  const [factor, prefix] = format === 'um2' ? [1, ''] : prefixOf(highest * scale);
  return axis(unit ? `${title} (${prefix}${unit})` : title, {
    nameGap: 58,
    axisLabel: {
      formatter: (value) => `${FORMATS.ratio((value * scale) / factor)}${unit || value === 0 ? '' : ` ${prefix}`}`,
    },
  });
}

// Indices at which something new begins, with room for a line of text between two of them.
function partBegins(parts, room) {
  const begins = new Set();
  let last = -Infinity;
  parts.forEach((part, i) => {
    if (part !== parts[i - 1] && (i - last) * room >= 13) {
      begins.add(i);
      last = i;
    }
  });
  return begins;
}

// Where every name would not fit, the first layer of each part of the network stands for it (b3 for b3.qkv and the rest).
function barLabels(bars, width) {
  const room = (width - 90) / bars.length;
  if (bars.length <= 12) return { interval: 0, fontSize: room < 70 ? 10.5 : 12, rotate: room < 55 ? 40 : 0 };
  if (room >= 12) return { interval: 0, rotate: 90, fontSize: 10.5 };
  const parts = bars.map((bar) => bar.name.split('.')[0]),
    begins = partBegins(parts, room);
  return {
    interval: (i) => begins.has(i),
    formatter: (name) => name.split('.')[0],
    hideOverlap: false,
    rotate: 90,
    fontSize: 11,
  };
}

function axisNumber(value, format) {
  return format === 'cycles' || format === 'count' ? prefixed(value, '') : FORMATS[format](value);
}
