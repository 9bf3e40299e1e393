// SPDX-License-Identifier: Apache-2.0
// run_diagram.js - the block diagram of docs/architecture.md with what every block is made of and how busy it was.

// The share of its peak that a block did in all cycles: by the events that it counts and the units that it has.
function busyByEvents(...names) {
  const { cycles, events } = data.totals;
  const shares = names
    .filter((name) => events[name] && data.hardware.units[name])
    .map((name) => events[name].count / (data.hardware.units[name].count * cycles));
  return shares.length ? Math.max(...shares) : null;
}

function busyByBits(memory, ...events) {
  const { num_banks: banks, port_bits: bits } = data.hardware.memories[memory] || {};
  const moved = events.reduce((sum, name) => sum + (data.totals.events[name]?.bits || 0), 0);
  return banks ? moved / (banks * bits * data.totals.cycles) : null;
}

function kilobytes(bytes) {
  return bytes >= 1024 ? `${Number((bytes / 1024).toPrecision(4))} KiB` : `${bytes} B`;
}

// Places in a drawing of 900 x 640; `aware`: exists only for grouping by instance; `note` where no share is known.
function diagramBlocks() {
  const machine = data.accelerator,
    { mac_array: array, dram, row_selector: selector, group_assignment: assignment } = machine;
  const left = 24,
    middle = 330,
    right = 636,
    wide = 240;
  const aware = data.totals.assign_cycles > 0;
  const index = data.hardware.memories.index_buffer;
  return [
    {
      x: middle,
      y: 8,
      w: wide,
      name: 'DRAM',
      detail: `${dram.bandwidth_bytes_per_cycle} B/cycle, ${dram.latency_cycles} cycles latency`,
      busy: data.totals.dram_bytes / (dram.bandwidth_bytes_per_cycle * data.totals.cycles),
    },
    {
      x: left,
      y: 150,
      w: wide,
      name: 'Activation buffer',
      detail: kilobytes(machine.activation_buffer.capacity_bytes),
      busy: busyByBits('activation_buffer', 'activation_buffer_read'),
    },
    {
      x: middle,
      y: 150,
      w: wide,
      name: 'Output buffer',
      detail: kilobytes(machine.output_buffer.capacity_bytes),
      busy: busyByBits('output_buffer', 'output_buffer_read', 'output_buffer_write'),
    },
    {
      x: right,
      y: 150,
      w: wide,
      name: 'Weight buffer',
      detail: `${kilobytes(machine.weight_buffer.capacity_bytes)}, ${selector.num_banks} banks`,
      busy: busyByBits('weight_buffer', 'weight_buffer_read'),
    },
    {
      x: left,
      y: 274,
      w: wide,
      name: 'Range unit',
      detail: `${assignment.range_lanes} lanes, ${assignment.range_source}`,
      busy: busyByEvents('range_compare'),
      aware,
      absent: !busyByEvents('range_compare'),
    },
    {
      x: middle,
      y: 274,
      w: wide,
      name: 'Vector unit',
      detail: `${machine.vector_unit.lanes} lanes: LN, softmax, GELU`,
      busy: busyByEvents('vector_op'),
    },
    {
      x: right,
      y: 274,
      w: wide,
      name: 'Row selector',
      detail: `gathers from ${selector.num_banks} banks`,
      note: `waited for: ${FORMATS.share(data.totals.stall_cycles.row_conflict / data.totals.cycles)}`,
      aware,
    },
    {
      x: left,
      y: 398,
      w: wide,
      name: 'Group assignment',
      detail: `${assignment.distance_lanes} channels/cycle, ${machine.num_groups} groups`,
      busy: data.totals.assign_cycles / data.totals.cycles,
      aware,
      absent: !aware,
    },
    {
      x: middle,
      y: 398,
      w: wide,
      name: 'Post-processing',
      detail: `${machine.post_processing.lanes} sums/cycle, ${machine.group_scale} scales`,
      busy: busyByEvents('scale_fp32_multiply', 'scale_multiply', 'scale_shift'),
    },
    {
      x: left,
      y: 522,
      w: wide,
      name: 'Index buffer',
      detail: index ? `${index.num_banks} x ${kilobytes(index.bank_bytes)}` : 'none',
      note: 'lists of channels',
      aware,
      absent: !aware,
    },
    {
      x: middle,
      y: 522,
      w: right + wide - middle,
      name: `MAC arrays, ${words(machine.mac_organisation)}`,
      detail:
        `${array.num_arrays} x ${array.lanes} lanes x ${array.vector_length} channels x ${array.token_rows} token ${array.token_rows > 1 ? 'rows' : 'row'}, ` +
        `${array.mac_bits} bits: ${grouped(data.totals.peak_macs_per_cycle)} MACs/cycle`,
      busy: data.totals.mac_utilization,
      key: 'totals/mac_utilization',
    },
  ];
}

const DIAGRAM_ARROWS = [
  'M330,52 H144 V148', // DRAM to activations
  'M570,52 H756 V148', // DRAM to weights
  'M450,150 V98', // outputs to DRAM
  'M450,274 V240', // vector unit to output buffer
  'M450,398 V364',
  'M450,522 V488',
  'M756,234 V272',
  'M756,358 V520', // rows of weights into the arrays
  'M144,234 V272',
  'M144,358 V396',
  'M144,482 V520',
  'M264,192 H296 V564 H328', // activation codes into the arrays
  'M330,316 H266', // writeback ranges
  'M144,606 V628 H888 V316 H878', // channel lists to the row selector
];

const DIAGRAM_LABELS = [
  [152, 84, 'start', 'activations'],
  [748, 84, 'end', 'weights'],
  [458, 132, 'start', 'outputs'],
  [764, 440, 'start', 'rows of weights'],
  [458, 508, 'start', 'group sums'],
  [520, 622, 'middle', 'channel lists'],
];

function drawn(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function drawBlock(block) {
  const { x, y, w } = block;
  return drawn(
    'g',
    { class: block.aware ? 'aware' : '', opacity: block.absent ? 0.4 : 1 },
    drawn('title', {}, `${block.name}: ${block.detail}`),
    drawn('rect', { class: 'box', x, y, width: w, height: 84, rx: 7 }),
    drawn('text', { x: x + 12, y: y + 23, 'font-weight': 600 }, block.name),
    drawn('text', { x: x + 12, y: y + 44, class: 'detail' }, block.absent ? 'not in use' : block.detail),
    ...(block.absent ? [] : drawBusy(block)),
  );
}

function drawBusy({ x, y, w, busy, key, note }) {
  if (!known(busy)) return [drawn('text', { x: x + 12, y: y + 69, class: 'detail' }, note || '')];
  const track = w - 96,
    source = key ? { 'data-key': key, 'data-value': busy } : {};
  return [
    drawn('rect', { class: 'track', x: x + 12, y: y + 58, width: track, height: 12, rx: 2 }),
    drawn('rect', {
      class: 'fill',
      x: x + 12,
      y: y + 58,
      width: (track * Math.min(busy, 1)).toFixed(1),
      height: 12,
      rx: 2,
    }),
    drawn('text', { x: x + w - 10, y: y + 69, 'text-anchor': 'end', ...source }, FORMATS.share(busy)),
  ];
}

function drawDiagram() {
  const arrowHead = drawn(
    'marker',
    {
      id: 'arrow',
      viewBox: '0 0 8 8',
      refX: 7,
      refY: 4,
      markerWidth: 8,
      markerHeight: 8,
      orient: 'auto-start-reverse',
      markerUnits: 'userSpaceOnUse',
    },
    drawn('path', { d: 'M0,0 L8,4 L0,8 z' }),
  );
  byId('diagram').append(
    drawn(
      'svg',
      {
        viewBox: '0 0 900 640',
        role: 'img',
        'aria-label': 'Block diagram of the machine with the share of its peak that every block did',
      },
      drawn('defs', {}, arrowHead),
      ...DIAGRAM_ARROWS.map((d) => drawn('path', { d, 'marker-end': 'url(#arrow)' })),
      ...DIAGRAM_LABELS.map(([x, y, anchor, text]) =>
        drawn('text', { x, y, 'text-anchor': anchor, class: 'detail' }, text),
      ),
      ...diagramBlocks().map(drawBlock),
    ),
  );
}

// All parameters, nested ones by block.
function drawParameters() {
  const plain = [],
    blocks = [];
  for (const [key, value] of Object.entries(data.accelerator))
    (typeof value === 'object' && value !== null ? blocks : plain).push([key, value]);
  const table = (title, entries) =>
    element(
      'div',
      {},
      element('h3', {}, title),
      element(
        'table',
        {},
        element(
          'tbody',
          {},
          ...entries.map(([key, value]) =>
            element(
              'tr',
              {},
              element('td', { class: 'text' }, key),
              element(
                'td',
                {},
                typeof value === 'number' ? grouped(value, Number.isInteger(value) ? 0 : 3) : String(value),
              ),
            ),
          ),
        ),
      ),
    );
  byId('parameters').append(
    table('machine', plain),
    ...blocks.map(([key, value]) => table(key, Object.entries(value))),
  );
}
