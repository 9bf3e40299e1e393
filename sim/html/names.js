// SPDX-License-Identifier: Apache-2.0
// names.js - causes of cycles, components of energy and kinds of layers: their colour on every page. What causes mean is in
// the page's data, from the model.
// Colours after Paul Tol's schemes for colour-blind readers; the second one is for dark pages. What is not listed here
// (a component of one's own) is shown all the same, in the last colour.

const CAUSES = {
  compute: ['#4477aa', '#6fa3d8'],
  edge: ['#b4b9c1', '#868e99'],
  padding: ['#88ccee', '#a6def7'],
  fullest_group: ['#cc6677', '#e08391'],
  row_conflict: ['#882255', '#c05a8f'],
  rescale: ['#aa4499', '#cf7cc2'],
  drain: ['#ddcc77', '#ddcc77'],
  weights: ['#117733', '#43a865'],
  activations: ['#44aa99', '#5ec9b7'],
  vector_unit: ['#999933', '#bcbc58'],
  assignment: ['#ee7733', '#f7955c'],
  stores: ['#661100', '#a8501f'],
  residual: ['#332288', '#7766cc'],
};

const FAMILIES = {
  'MAC arrays': ['#4477aa', '#6fa3d8'],
  'vector unit and output': ['#999933', '#bcbc58'],
  'instance-aware grouping': ['#ee7733', '#f7955c'],
  'on-chip buffers': ['#44aa99', '#5ec9b7'],
  DRAM: ['#cc6677', '#e08391'],
  leakage: ['#b4b9c1', '#868e99'],
  others: ['#aa4499', '#cf7cc2'],
};

const COMPONENTS = {
  mac_datapath: 'MAC arrays',
  zero_points: 'MAC arrays',
  quantizers: 'MAC arrays',
  group_scaling: 'MAC arrays',
  registers: 'MAC arrays',
  clock: 'MAC arrays',
  output_scaling: 'vector unit and output',
  vector_unit: 'vector unit and output',
  range_unit: 'instance-aware grouping',
  distance_argmin: 'instance-aware grouping',
  index_buffer: 'instance-aware grouping',
  crossbar: 'instance-aware grouping',
  slice_dealer: 'instance-aware grouping',
  assignment_registers: 'instance-aware grouping',
  weight_buffer: 'on-chip buffers',
  activation_buffer: 'on-chip buffers',
  output_buffer: 'on-chip buffers',
  dram: 'DRAM',
  dram_interface: 'DRAM',
  leakage: 'leakage',
};

const KINDS = {
  patch_embed: ['#b4b9c1', '#868e99', 'rect'],
  qkv: ['#4477aa', '#6fa3d8', 'circle'],
  scores: ['#ee7733', '#f7955c', 'diamond'],
  context: ['#aa4499', '#cf7cc2', 'triangle'],
  proj: ['#44aa99', '#5ec9b7', 'roundRect'],
  fc1: ['#ddcc77', '#ddcc77', 'circle'],
  fc2: ['#117733', '#43a865', 'rect'],
  head: ['#882255', '#c05a8f', 'pin'],
  // of other networks; none has them all
  stem: ['#b4b9c1', '#868e99', 'diamond'],
  conv: ['#88ccee', '#a6def7', 'circle'],
  merge: ['#999933', '#bcbc58', 'triangle'],
  q: ['#5577cc', '#8fa6e8', 'roundRect'],
  kv: ['#226688', '#6bb0cf', 'diamond'],
  fpn: ['#cc6677', '#e08391', 'rect'],
  rpn: ['#e0a0a8', '#f3c4ca', 'triangle'],
  box: ['#997700', '#d1ad3a', 'diamond'],
  mask: ['#663399', '#a883d6', 'circle'],
  linear: ['#5577cc', '#8fa6e8', 'rect'],
};

// Columns of the report by their name beside other runs: name, and how figures are written.
const RESULTS = Object.fromEntries(
  Object.entries(data.columns || {}).map(([metric, column]) => [metric, [column.name, column.unit]]),
);

const UNLISTED = ['#aa4499', '#cf7cc2'];

const shade = (pair) => pair[isDark() ? 1 : 0];
const causeColor = (cause) => shade(CAUSES[cause] || UNLISTED);
const causeMeaning = (cause) => data.causes[cause] || '';
const familyOf = (component) => COMPONENTS[component] || 'others';
const familyColor = (family) => shade(FAMILIES[family]);
const kindColor = (kind) => shade(KINDS[kind] || UNLISTED);
const kindSymbol = (kind) => (KINDS[kind] || [0, 0, 'circle'])[2];

// Cycles of a layer, an image or the total by cause, in the order of the report.
function causesOf(part) {
  return { compute: part.compute_cycles, ...part.stall_cycles };
}

function familiesOf(byComponent) {
  const sums = {};
  for (const [component, value] of Object.entries(byComponent))
    sums[familyOf(component)] = (sums[familyOf(component)] || 0) + (value || 0);
  return Object.fromEntries(
    Object.keys(FAMILIES)
      .filter((family) => family in sums)
      .map((family) => [family, sums[family]]),
  );
}

// A list of coloured names; redrawn when the theme changes.
function legend(names, colorOf, labelOf = words) {
  const list = element('ul', { class: 'legend' });
  const draw = () =>
    list.replaceChildren(
      ...names.map((name) =>
        element('li', {}, element('span', { class: 'swatch', style: `background:${colorOf(name)}` }), labelOf(name)),
      ),
    );
  themeListeners.push(draw);
  draw();
  return list;
}
