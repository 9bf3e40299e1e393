// SPDX-License-Identifier: Apache-2.0
// run_diagram.js - the machine's drawing (sim/blocks/machine.txt) as a picture: its boxes, connectors and labels, with
// what every block is made of and how busy it was.

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

// What the run says of a block: `busy`, the share of its peak that it did, or a `note` where no share is known; `aware`:
// there only because channels are grouped anew for every image; `absent`: not in use.
function blockStates() {
  const { totals: all, accelerator: machine } = data;
  const assigns = all.assign_cycles > 0,
    compares = busyByEvents('range_compare');
  return {
    dram: { busy: all.dram_bytes / (machine.dram.bandwidth_bytes_per_cycle * all.cycles) },
    activation_buffer: { busy: busyByBits('activation_buffer', 'activation_buffer_read') },
    output_buffer: { busy: busyByBits('output_buffer', 'output_buffer_read', 'output_buffer_write') },
    weight_buffer: { busy: busyByBits('weight_buffer', 'weight_buffer_read') },
    range_unit: { busy: compares, aware: assigns, absent: !compares },
    vector_unit: { busy: busyByEvents('vector_op') },
    row_selector: {
      note: `waited for: ${FORMATS.share(all.stall_cycles.row_conflict / all.cycles)}`,
      aware: assigns,
    },
    group_assign: { busy: all.assign_cycles / all.cycles, aware: assigns, absent: !assigns },
    index_buffer: { note: 'lists of channels', aware: assigns, absent: !assigns },
    post_processing: { busy: busyByEvents('scale_fp32_multiply', 'scale_multiply', 'scale_shift') },
    mac_array: { busy: all.mac_utilization, key: 'totals/mac_utilization' },
  };
}

// Reading the drawing (sim/blocks/drawing.h says what its characters mean)

// Boxes by row and column of their corners. Each is cut out of the grid, so that connectors remain, and its border there
// reads '#'.
function cutBoxes(lines, grid) {
  const boxes = [];
  lines.forEach((line, row) => {
    for (const found of line.matchAll(/[|+] ([a-z_]+) +(?=[|+])/g)) {
      const left = found.index,
        right = left + found[0].length;
      const isEdge = (r) => /^\+[-+]+\+$/.test(lines[r].slice(left, right + 1));
      if (row === 0 || !isEdge(row - 1)) continue;
      let bottom = row + 1;
      while (!isEdge(bottom)) bottom++;
      for (let r = row - 1; r <= bottom; r++)
        for (let c = left; c <= right; c++)
          grid[r][c] = r === row - 1 || r === bottom || c === left || c === right ? '#' : ' ';
      boxes.push({ name: found[1], top: row - 1, bottom, left, right });
    }
  });
  return boxes;
}

// Words between connectors; `before` the connector that they belong to, or behind it.
function cutLabels(grid) {
  const labels = [];
  grid.forEach((cells, row) => {
    for (const found of cells.join('').matchAll(/[A-Za-z]{2,}(?: [A-Za-z]{2,})*/g)) {
      const column = found.index,
        end = column + found[0].length;
      labels.push({ text: found[0], row, column, end, before: 'v^|'.includes(cells[end + 1] || ' ') });
      cells.fill(' ', column, end);
    }
  });
  return labels;
}

const STEPS = { left: [0, -1], right: [0, 1], up: [-1, 0], down: [1, 0] };
const TIPS = { '<': 'left', '>': 'right', '^': 'up', v: 'down' };

// Where the line of a cell goes, as steps to neighbours.
function stepsFrom(grid, row, column) {
  const at = (step) => grid[row + STEPS[step][0]]?.[column + STEPS[step][1]] || ' ';
  const level = '-<>+#',
    upright = '|^v+#';
  switch (grid[row][column]) {
    case '-':
    case '<':
    case '>':
      return ['left', 'right'];
    case '^':
    case 'v':
      return ['up', 'down'];
    case '|':
      return at('left') === '-' && at('right') === '-' ? ['left', 'right', 'up', 'down'] : ['up', 'down'];
    case '+':
      return Object.keys(STEPS).filter((step) => (STEPS[step][0] ? upright : level).includes(at(step)));
    default:
      return [];
  }
}

// Straight lines of all connectors, and the points of their arrows, in rows and columns.
function connectorsOf(grid) {
  const lines = [],
    tips = [],
    covered = { right: new Set(), down: new Set() }; // cells whose centre has a line to the next one's
  const next = ([row, column], step) => [row + STEPS[step][0], column + STEPS[step][1]];
  grid.forEach((cells, row) =>
    cells.forEach((cell, column) => {
      for (const step of stepsFrom(grid, row, column)) {
        const to = next([row, column], step),
          back = step === 'left' || step === 'up';
        covered[STEPS[step][0] ? 'down' : 'right'].add(String(back ? to : [row, column]));
        if (TIPS[cell] === step) tips.push([...to, step]);
      }
    }),
  );
  for (const [step, cells] of Object.entries(covered))
    for (const start of cells) {
      let end = start.split(',').map(Number);
      const [row, column] = end;
      if (cells.has(String([row - STEPS[step][0], column - STEPS[step][1]]))) continue;
      while (cells.has(String(end))) end = next(end, step);
      lines.push([row, column, ...end]);
    }
  return { lines, tips };
}

// Pixels

const CELL = { width: 12, height: 26 };
const atColumn = (column) => (column + 0.5) * CELL.width;
const atRow = (row) => (row + 0.5) * CELL.height;
const ARROWS = { left: 'l8,-4 v8 z', right: 'l-8,-4 v8 z', up: 'l-4,8 h8 z', down: 'l-4,-8 h8 z' };

function drawn(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function drawBlock({ name, top, bottom, left, right }, state) {
  const x = atColumn(left),
    y = atRow(top),
    width = atColumn(right) - x,
    detail = data.blocks[name] || '';
  return drawn(
    'g',
    { class: state.aware ? 'aware' : '', opacity: state.absent ? 0.4 : 1 },
    drawn('title', {}, `${name}: ${detail}`),
    drawn('rect', { class: 'box', x, y, width, height: atRow(bottom) - y, rx: 7 }),
    drawn('text', { x: x + 12, y: y + 22, 'font-weight': 600 }, name),
    drawn('text', { x: x + 12, y: y + 43, class: 'detail' }, state.absent ? 'not in use' : detail),
    ...(state.absent ? [] : drawBusy(x + 12, y + 54, width - 24, state)),
  );
}

function drawBusy(x, y, width, { busy, key, note }) {
  if (!known(busy)) return [drawn('text', { x, y: y + 11, class: 'detail' }, note || '')];
  const track = width - 72,
    bar = { x, y, height: 12, rx: 2 },
    source = key ? { 'data-key': key, 'data-value': busy } : {};
  return [
    drawn('rect', { ...bar, class: 'track', width: track }),
    drawn('rect', { ...bar, class: 'fill', width: (track * Math.min(busy, 1)).toFixed(1) }),
    drawn('text', { x: x + width, y: y + 11, 'text-anchor': 'end', ...source }, FORMATS.share(busy)),
  ];
}

function drawLabel({ text, row, column, end, before }) {
  const x = (before ? end : column) * CELL.width;
  return drawn('text', { x, y: atRow(row) + 4, 'text-anchor': before ? 'end' : 'start', class: 'detail' }, text);
}

function drawDiagram() {
  const lines = data.drawing.trimEnd().split('\n'),
    columns = Math.max(...lines.map((line) => line.length));
  const grid = lines.map((line) => [...line.padEnd(columns)]);
  const boxes = cutBoxes(lines, grid),
    labels = cutLabels(grid),
    connectors = connectorsOf(grid),
    states = blockStates();
  const point = (row, column) => `${atColumn(column)},${atRow(row)}`;
  byId('diagram').append(
    drawn(
      'svg',
      {
        viewBox: `0 0 ${columns * CELL.width} ${lines.length * CELL.height}`,
        role: 'img',
        'aria-label': 'Block diagram of the machine with the share of its peak that every block did',
      },
      ...connectors.lines.map(([row, column, toRow, toColumn]) =>
        drawn('path', { d: `M${point(row, column)} L${point(toRow, toColumn)}` }),
      ),
      ...connectors.tips.map(([row, column, step]) =>
        drawn('path', { class: 'arrow', d: `M${point(row, column)} ${ARROWS[step]}` }),
      ),
      ...labels.map(drawLabel),
      ...boxes.map((box) => drawBlock(box, states[box.name] || {})),
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
