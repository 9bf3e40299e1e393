// SPDX-License-Identifier: Apache-2.0
// run_costs.js - where cycles went, and energy and area: a table of the whole, a stacked chart of the layers.

// Bars by layer, by kind of layer, or by block of the network

function barsBy(view, partsOf) {
  if (view === 'layer') return layers.map((layer) => ({ name: layer.name, parts: partsOf(layer) }));
  const bars = new Map();
  for (const layer of layers) {
    const bar = bars.get(layer.kind) || { name: layer.kind, parts: {} };
    for (const [part, value] of Object.entries(partsOf(layer))) bar.parts[part] = (bar.parts[part] || 0) + value;
    bars.set(layer.kind, bar);
  }
  return [...bars.values()];
}

// A stacked chart with its choices: which bars, and cycles or shares.
function stackedSection({ id, title, unitTitle, format, parts, colorOf, partsOf }) {
  const state = { view: 'layer', share: false };
  byId(`${id}-chart-title`).textContent = title;
  byId(`${id}-legend`).append(legend(parts, colorOf));
  const redraw = chart(`${id}-chart`, (width) =>
    stackedBars({
      bars: barsBy(state.view, partsOf),
      parts,
      colorOf,
      format,
      share: state.share,
      width,
      title: unitTitle,
    }),
  );
  const set = (change) => {
    Object.assign(state, change);
    redraw();
  };
  byId(`${id}-controls`).append(
    choice(
      'Bars',
      [
        ['layer', 'Each layer'],
        ['kind', 'Kinds of layers'],
      ],
      'layer',
      (view) => set({ view }),
    ),
    choice(
      'Height',
      [
        [false, 'Absolute'],
        [true, 'Share'],
      ],
      false,
      (share) => set({ share }),
    ),
  );
}

// Cycles

function causeTable() {
  const causes = causesOf(totals),
    most = Math.max(...Object.values(causes));
  const rows = Object.entries(causes).map(([cause, cycles]) => {
    const bar = barCell(cycles / most, causeColor(cause));
    themeListeners.push(() => {
      bar.firstChild.style.background = causeColor(cause);
    });
    return element(
      'tr',
      {},
      element('td', { class: 'text' }, words(cause)),
      bar,
      element(
        'td',
        {},
        figure(cause === 'compute' ? 'totals/compute_cycles' : `totals/stall_cycles/${cause}`, 'cycles'),
      ),
      element('td', {}, FORMATS.share(cycles / totals.cycles)),
      element('td', { class: 'text wide muted' }, causeMeaning(cause)),
    );
  });
  rows.push(
    element(
      'tr',
      {},
      element('th', { class: 'text', scope: 'row' }, 'all cycles'),
      element('td', {}),
      element('td', {}, figure('totals/cycles', 'cycles')),
      element('td', {}, '100 %'),
      element('td', {}),
    ),
  );
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...['cause', '', 'cycles', 'share', 'what it is'].map((head, i) =>
          element('th', { scope: 'col', class: i === 2 || i === 3 ? null : 'text' }, head),
        ),
      ),
    ),
    element('tbody', {}, ...rows),
  );
}

function cyclesInWords() {
  const losses = Object.entries(totals.stall_cycles)
    .sort((a, b) => b[1] - a[1])
    .filter(([, cycles]) => cycles > 0.005 * totals.cycles)
    .slice(0, 3);
  const named = losses.map(([cause, cycles]) => `${words(cause)} ${FORMATS.share(cycles / totals.cycles)}`).join(', ');
  const hidden =
    totals.assign_cycles > 0
      ? ` Group assignment worked ${grouped(totals.assign_cycles)} cycles, ` +
        `${FORMATS.share(totals.assign_cycles_hidden / totals.assign_cycles)} of them hidden behind other work.`
      : '';
  return (
    `Every cycle of the MAC arrays has one cause. ${FORMATS.share(totals.compute_cycles / totals.cycles)} were useful work` +
    `${named ? `; most of the rest: ${named}` : ''}.${hidden}`
  );
}

function drawCycles() {
  byId('cycles-words').textContent = cyclesInWords();
  byId('cause-table').append(causeTable());
  stackedSection({
    id: 'cycles',
    title: `Cycles of each layer by cause${totals.images > 1 ? ', all images' : ''}`,
    unitTitle: 'cycles',
    format: 'cycles',
    parts: Object.keys(causesOf(totals)).filter((cause) => causesOf(totals)[cause] > 0),
    colorOf: causeColor,
    partsOf: causesOf,
  });
}

// Energy and area

function componentTable() {
  const energies = totals.energy_pj_by_component,
    areas = totals.area_um2_by_component;
  const most = (values) => Math.max(...Object.values(values).map((value) => value || 0));
  const mostEnergy = most(energies),
    mostArea = most(areas);
  const rows = Object.keys(energies).map((name) => {
    const bars = [barCell(energies[name] / mostEnergy, ''), barCell((areas[name] || 0) / mostArea, '')];
    const paint = () =>
      bars.forEach((bar) => {
        bar.firstChild.style.background = familyColor(familyOf(name));
      });
    themeListeners.push(paint);
    paint();
    return element(
      'tr',
      {},
      element('td', { class: 'text' }, words(name)),
      bars[0],
      element('td', {}, figure(`totals/energy_pj_by_component/${name}`, 'pj')),
      element('td', {}, FORMATS.share(energies[name] / totals.energy_pj)),
      bars[1],
      element('td', {}, figure(`totals/area_um2_by_component/${name}`, 'um2')),
      element(
        'td',
        {},
        known(areas[name]) && known(totals.area_um2) ? FORMATS.share(areas[name] / totals.area_um2) : '',
      ),
    );
  });
  const sum = (name, energy, area) =>
    element(
      'tr',
      {},
      element('th', { class: 'text', scope: 'row' }, name),
      element('td', {}),
      element('td', {}, figure(`totals/${energy}`, 'pj')),
      element('td', {}, FORMATS.share(totals[energy] / totals.energy_pj)),
      element('td', {}),
      element('td', {}, figure(`totals/${area}`, 'um2')),
      element('td', {}, known(totals[area]) ? FORMATS.share(totals[area] / totals.area_um2) : ''),
    );
  const heads = ['component', 'energy', '', 'share', 'area', '', 'share'];
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...heads.map((head, i) => element('th', { scope: 'col', class: i === 3 || i === 6 ? null : 'text' }, head)),
      ),
    ),
    element(
      'tbody',
      {},
      ...rows,
      sum('all', 'energy_pj', 'area_um2'),
      sum('instance-aware grouping', 'instance_aware_energy_pj', 'instance_aware_area_um2'),
    ),
  );
}

function drawEnergy() {
  if (!known(totals.energy_pj)) {
    byId('energy').replaceChildren(
      element('h2', {}, 'Energy and area'),
      element(
        'p',
        { class: 'lead' },
        'Not asked for. igqsim run --from report.json -t TECHNOLOGY.yaml adds them to this report without simulating again.',
      ),
    );
    return;
  }
  const families = Object.keys(familiesOf(totals.energy_pj_by_component));
  byId('energy-words').textContent =
    `In ${data.technology.name}: ${FORMATS.pj(totals.energy_pj_per_image)} an image, ${FORMATS.ratio(totals.energy_pj_per_mac)} pJ a multiply-accumulate` +
    `${totals.images > 1 ? `; the table adds up all ${grouped(totals.images)} images` : ''}. Colours group the components.`;
  byId('component-table').append(componentTable());
  stackedSection({
    id: 'energy',
    title: `Energy of each layer${totals.images > 1 ? ', all images' : ''}`,
    unitTitle: 'energy',
    format: 'pj',
    parts: families,
    colorOf: familyColor,
    partsOf: (layer) => familiesOf(layer.energy_pj_by_component),
  });
}
