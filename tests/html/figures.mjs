// SPDX-License-Identifier: Apache-2.0
// figures.mjs - reads the figures off a page, as a program would (data-value) and as a person would (the text).

export function valueAt(report, key) {
  return key.split('/').reduce((value, part) => value?.[part], report) ?? null;
}

export function figuresOf(page) {
  return page.$$eval('[data-key]', (elements) =>
    elements.map((element) => ({
      key: element.dataset.key,
      value: element.dataset.value ?? null,
      text: element.textContent,
    })),
  );
}

const UNITS = { '%': 0.01, J: 1e12, s: 1e3, W: 1e3, B: 1, 'mm\u00b2': 1e6, dB: 1, '': 1 };
const PREFIXES = { T: 1e12, G: 1e9, M: 1e6, k: 1e3, '': 1, m: 1e-3, '\u00b5': 1e-6, n: 1e-9, p: 1e-12 };

// "6.784 mJ" in the unit of report.json (pJ): 6.784e9. NaN if it is no figure.
export function readOff(text) {
  const [, number, rest] = text.match(/^(-?[\d.,]+(?:e[-+]\d+)?)\s?(\S*)$/) || [null, NaN, ''];
  const value = Number(String(number).replaceAll(',', ''));
  if (rest in UNITS) return value * UNITS[rest];
  const unit = rest.slice(1);
  return value * (PREFIXES[rest[0]] ?? NaN) * (UNITS[unit] ?? NaN);
}

// Does the text say the value, but for rounding: half a unit of the last of four digits, of 0.1 %, of 0.01 dB, of 1 cycle?
export function nearlyReads(text, value) {
  if (value === null) return text === '\u2013';
  const slack = text.endsWith('%') ? 0.00051 : text.endsWith('dB') ? 0.0051 : 0.51;
  const digits = /[A-Za-z]/.test(text) || Math.abs(value) < 1000 ? 0.00051 * Math.abs(value) : 0;
  return (
    Math.abs(readOff(text) - value) <=
    (text.endsWith('%') || text.endsWith('dB') ? slack : /[A-Za-z.]/.test(text) ? digits : slack)
  );
}

// The sum of all bars of a chart.
export function chartSum(page, id) {
  return page.evaluate(
    (name) =>
      echarts
        .getInstanceByDom(document.getElementById(name))
        .getOption()
        .series.flatMap((series) => series.data)
        .reduce((sum, value) => sum + value, 0),
    id,
  );
}
