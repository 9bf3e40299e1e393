// SPDX-License-Identifier: Apache-2.0
// page.js - what all pages share: the figures, how numbers are written, elements, theme, tables that sort.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);

// Numbers

const PREFIXES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, '\u00b5'],
  [1e-9, 'n'],
  [1e-12, 'p'],
];

function grouped(value, decimals = 0) {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

// Of a thousand, a million, ...: the largest that the value reaches, and its prefix.
function prefixOf(value) {
  return PREFIXES.find(([limit]) => Math.abs(value) >= limit * 0.99995) || PREFIXES[PREFIXES.length - 1];
}

// Four significant digits and a prefix: 6.784 mJ.
function prefixed(value, unit) {
  if (value === 0) return unit ? `0 ${unit}` : '0';
  const [factor, prefix] = prefixOf(value);
  return `${Number((value / factor).toPrecision(4))}\u00a0${prefix}${unit}`.trim();
}

// How a figure of report.json is written, by the last word of its name.
const FORMATS = {
  count: (value) => grouped(value),
  cycles: (value) => grouped(Math.round(value)),
  share: (value) => `${(100 * value).toFixed(1)} %`,
  pj: (value) => prefixed(value * 1e-12, 'J'),
  um2: (value) => `${Number((value * 1e-6).toPrecision(4))} mm\u00b2`,
  ms: (value) => prefixed(value * 1e-3, 's'),
  mw: (value) => prefixed(value * 1e-3, 'W'),
  bytes: (value) => prefixed(value, 'B'),
  db: (value) => `${value.toFixed(2)} dB`,
  ratio: (value) => String(Number(value.toPrecision(4))),
};

const known = (value) => typeof value === 'number' && Number.isFinite(value);

function written(value, format) {
  return known(value) ? FORMATS[format](value) : '\u2013';
}

// Elements

// element('td', {class: 'text'}, 'name', ...): children are elements or text; null ones are left out.
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {}))
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const byId = (id) => document.getElementById(id);

function valueAt(key) {
  return key.split('/').reduce((value, part) => (value === null || value === undefined ? value : value[part]), data);
}

// A figure of the report, by its place in it ("totals/cycles"); tests hold it against report.json.
function figure(key, format) {
  const value = valueAt(key);
  return element(
    'span',
    { 'data-key': key, 'data-value': known(value) ? String(value) : null },
    written(value, format),
  );
}

function removeSection(id) {
  byId(id)?.remove();
  document.querySelector(`nav a[href="#${id}"]`)?.parentElement.remove();
}

function words(name) {
  return name.replaceAll('_', ' ');
}

// Theme: the system's until the reader chooses.

const systemDark = matchMedia('(prefers-color-scheme: dark)');
let chosenTheme = null;
try {
  chosenTheme = localStorage.getItem('igqsim-theme');
} catch {
  // a page from a file may have no storage: then the choice lasts as long as the page
}
const themeListeners = [];

function isDark() {
  return document.documentElement.dataset.theme === 'dark';
}

function setTheme(theme) {
  if (document.documentElement.dataset.theme === theme) return;
  document.documentElement.dataset.theme = theme;
  for (const listener of themeListeners) listener();
}

function applyTheme() {
  setTheme(chosenTheme || (systemDark.matches ? 'dark' : 'light'));
}

function themeButton() {
  const button = element('button', { type: 'button', title: 'Light or dark' });
  const label = () => {
    button.textContent = isDark() ? 'Light' : 'Dark';
  };
  button.addEventListener('click', () => {
    chosenTheme = isDark() ? 'light' : 'dark';
    try {
      localStorage.setItem('igqsim-theme', chosenTheme);
    } catch {
      // as above
    }
    applyTheme();
  });
  themeListeners.push(label);
  label();
  return button;
}

applyTheme();
systemDark.addEventListener('change', applyTheme);

function color(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${variable}`).trim();
}

// Controls

// Buttons of which one is pressed: choices = [[value, text], ...]; calls back with the value.
function choice(label, choices, chosen, onChange) {
  const group = element('span', { class: 'choice', role: 'group', 'aria-label': label });
  for (const [value, text] of choices) {
    const button = element('button', { type: 'button', 'aria-pressed': String(value === chosen) }, text);
    button.addEventListener('click', () => {
      for (const other of group.children) other.setAttribute('aria-pressed', String(other === button));
      onChange(value);
    });
    group.append(button);
  }
  return group;
}

function picker(label, values, chosen, onChange) {
  const select = element('select', {});
  for (const [value, text] of values)
    select.append(element('option', { value, selected: value === chosen ? '' : null }, text));
  select.addEventListener('change', () => onChange(select.value));
  return element('label', {}, `${label} `, select);
}

// Tables

// columns: {title, text: is it text?, value(row): to sort by, cell(row): what stands there}.
function sortableTable(columns, rows) {
  const body = element('tbody', {});
  const lines = rows.map((row) => ({
    row,
    line: element(
      'tr',
      {},
      ...columns.map((column) => element('td', { class: column.text ? 'text' : null }, column.cell(row))),
    ),
  }));
  body.append(...lines.map((one) => one.line));
  const heads = columns.map((column) => {
    const head = element('th', { scope: 'col', class: column.text ? 'text' : null });
    const button = element('button', { type: 'button', title: column.hint }, column.title);
    button.addEventListener('click', () => {
      const descending =
        head.getAttribute('aria-sort') === (column.text ? 'ascending' : 'descending') ? column.text : !column.text;
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      lines.sort((a, b) => compareValues(column.value(a.row), column.value(b.row)) * (descending ? -1 : 1));
      body.append(...lines.map((one) => one.line));
    });
    head.append(button);
    return head;
  });
  return element('table', {}, element('thead', {}, element('tr', {}, ...heads)), body);
}

function compareValues(a, b) {
  if (typeof a === 'string' || typeof b === 'string')
    return String(a).localeCompare(String(b), 'en', { numeric: true });
  return (known(a) ? a : -Infinity) - (known(b) ? b : -Infinity);
}

function barCell(share, fill) {
  return element(
    'td',
    { class: 'bar' },
    element('div', { style: `width:${(100 * share).toFixed(2)}%;min-width:${share > 0 ? 1 : 0}px;background:${fill}` }),
  );
}

// From the middle to the right for more, to the left for less.
function balanceCell(share, fill) {
  const bar = element('div', { style: `width:${(100 * Math.abs(share)).toFixed(2)}%;background:${fill}` });
  return element(
    'td',
    { class: 'bar balance' },
    element('span', {}, share < 0 ? bar : ''),
    element('span', {}, share < 0 ? '' : bar),
  );
}

// Copy

function copyButton(text) {
  const button = element('button', { type: 'button' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select the text and copy it';
    }
  });
  return button;
}

// Inputs

// [{role, path, sha256}, ...]
function fileTable(files) {
  const heads = ['what', 'file', 'SHA-256'].map((head) => element('th', { class: 'text', scope: 'col' }, head));
  const row = (file) =>
    element(
      'tr',
      {},
      element('td', { class: 'text' }, file.role),
      element('td', { class: 'text hash' }, file.path),
      element('td', { class: 'hash' }, element('code', {}, file.sha256)),
    );
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...files.map(row)),
    ),
  );
}
