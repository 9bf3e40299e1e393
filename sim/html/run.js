// SPDX-License-Identifier: Apache-2.0
// run.js - the page of one run, in the order of run.html: head, layers and inputs; run_*.js draw the rest. A part that this
// run knows nothing of is left out.

const { totals, layers, images } = data;
const MODES = {
  execution: 'executed bit by bit on photos',
  trace: 'driven by recorded activations',
  shape: 'shapes only',
};
const perImage = (value) => value / totals.images;

// Head

function drawHead() {
  const { accelerator: machine, workload } = data;
  const title = `${workload.name} on ${machine.name}`;
  document.title = `${title} - igqsim`;
  byId('title').textContent = title;
  byId('subtitle').textContent =
    `Scheme ${machine.scheme} on ${words(machine.mac_organisation)} arrays, ${machine.num_groups} groups, ` +
    `${machine.clock_mhz} MHz; ${MODES[data.inputs.mode]}, ${totals.images === 1 ? '1 image' : `${grouped(totals.images)} images`}.`;
  byId('theme').append(themeButton());
}

function notice(head, text) {
  byId('notices').append(element('div', { class: 'notice', role: 'note' }, element('strong', {}, head), text));
}

function drawNotices() {
  if (data.inputs.mode === 'shape')
    notice(
      'Shapes only: no image was looked at.',
      `The channel ranges that decide the groups were drawn with seed ${data.inputs.seed} ` +
        'from the distributions of the workload\u2019s file. Cycles that depend on group sizes, and everything below, are those of an invented image; there is no accuracy.',
    );
  if (totals.skipped_images > 0)
    notice(
      `${grouped(totals.skipped_images)} images were left out.`,
      data.inputs.skipped
        .map((one) => `${one.path}: ${one.reason}`)
        .slice(0, 8)
        .join('; '),
    );
  if (totals.accumulator_overflow_count > 0)
    notice(
      `${grouped(totals.accumulator_overflow_count)} group sums did not fit into the accumulators`,
      'and were saturated: more acc_bits, or shorter groups, avoid that.',
    );
}

function card(term, value, note) {
  return element(
    'div',
    { class: 'card' },
    element('dt', {}, term),
    element('dd', {}, value),
    note ? element('dd', { class: 'note' }, note) : null,
  );
}

function drawCards() {
  const spread = totals.cycles_per_image,
    cards = byId('cards');
  const ms = perImage(totals.time_ms);
  cards.append(
    card(
      'Cycles per image',
      figure('totals/cycles_per_image/mean', 'cycles'),
      totals.images > 1 ? `${grouped(spread.least)} to ${grouped(spread.worst)}` : null,
    ),
  );
  cards.append(
    card(
      'Time per image',
      FORMATS.ms(ms),
      `${Number((1000 / ms).toPrecision(4))} images/s at ${data.accelerator.clock_mhz} MHz`,
    ),
  );
  cards.append(
    card(
      'Multiply-accumulates per peak',
      figure('totals/macs_per_peak', 'share'),
      `of ${grouped(totals.peak_macs_per_cycle)} a cycle; ${written(totals.mac_utilization, 'share')} of the multiplier slots are used`,
    ),
  );
  if (known(totals.energy_pj_per_image))
    cards.append(
      card(
        'Energy per image',
        figure('totals/energy_pj_per_image', 'pj'),
        `${FORMATS.ratio(totals.tops_per_watt)} TOPS/W, ${FORMATS.mw(totals.power_mw)}`,
      ),
    );
  if (known(totals.area_um2)) cards.append(card('Area', figure('totals/area_um2', 'um2'), data.technology.name));
  cards.append(card('DRAM traffic per image', FORMATS.bytes(perImage(totals.dram_bytes)), 'read and written'));
  if (known(data.accuracy?.top1))
    cards.append(
      card(
        'Top-1',
        figure('accuracy/top1', 'share'),
        `full precision ${written(data.accuracy.top1_full_precision, 'share')}`,
      ),
    );
  if (known(data.accuracy?.top1_agreement))
    cards.append(
      card(
        'Same top-1 as in full precision',
        figure('accuracy/top1_agreement', 'share'),
        `KL divergence ${written(data.accuracy.kl_divergence, 'ratio')} nats`,
      ),
    );
  if (known(totals.activation_sqnr_db))
    cards.append(
      card(
        'Activation SQNR',
        figure('totals/activation_sqnr_db', 'db'),
        `mean of ${grouped(totals.activation_sqnr_layers)} layers`,
      ),
    );
}

// Layers

function worstCause(layer) {
  const [cause, cycles] = Object.entries(layer.stall_cycles).reduce((most, one) => (one[1] > most[1] ? one : most));
  return cycles > 0 ? `${words(cause)} ${FORMATS.share(cycles / layer.cycles)}` : '';
}

function sizesOfTile(mapping) {
  return `${mapping.tile_tokens} x ${mapping.tile_channels} x ${mapping.tile_outputs}`;
}

function layerTable() {
  const number = (title, key, format, hint) => ({
    title,
    hint,
    value: (k) => layers[k][key],
    cell: (k) => figure(`layers/${k}/${key}`, format),
  });
  const text = (title, of, hint) => ({
    title,
    hint,
    text: true,
    value: (k) => of(layers[k]),
    cell: (k) => of(layers[k]),
  });
  const columns = [
    text('layer', (layer) => layer.name),
    text(
      'T x C x O',
      (layer) => `${layer.heads > 1 ? `${layer.heads} x ` : ''}${layer.T} x ${layer.C} x ${layer.O}`,
      'heads, tokens, input channels, outputs',
    ),
    text('bits', (layer) => `${layer.act_bits} / ${layer.weight_bits}`, 'activations / weights'),
    number('groups', 'groups', 'count'),
    number('cycles', 'cycles', 'cycles'),
    { title: 'share', value: (k) => layers[k].cycles, cell: (k) => FORMATS.share(layers[k].cycles / totals.cycles) },
    number('slots used', 'mac_utilization', 'share', data.columns.mac_utilization.meaning),
    number('MACs per peak', 'macs_per_peak', 'share', data.columns.macs_per_peak.meaning),
    text('limited by', (layer) => layer.limited_by, data.columns.limited_by.meaning),
    text('largest loss', worstCause),
    number('assign cycles', 'assign_cycles', 'cycles'),
    number('hidden', 'assign_cycles_hidden', 'cycles', 'assignment cycles that the arrays did not wait for'),
    number('DRAM', 'dram_bytes', 'bytes'),
    text('inputs as', (layer) => layer.stores, 'how its activations lie in the buffer and in DRAM'),
    text('tile T x C x O', ({ mapping }) => sizesOfTile(mapping), 'tokens, input channels and outputs of a tile'),
    text('outer loop', ({ mapping }) => mapping.loop_order.replace('_outer', ''), 'its operand stays, the other comes again'),
    number('MACs', 'macs', 'count'),
  ];
  if (known(totals.energy_pj)) columns.push(number('energy', 'energy_pj', 'pj'));
  if (layers.some((layer) => known(layer.sqnr_db)))
    columns.push(number('SQNR', 'sqnr_db', 'db', 'of the input activations'));
  return sortableTable(
    columns,
    layers.map((_, k) => k),
  );
}

// What if: each resource halved and doubled

function changeColumn(title, key, hint) {
  return {
    title,
    hint,
    value: (one) => one[key],
    cell: (one) => (known(one[key]) ? `${one[key] >= 0 ? '+' : ''}${one[key].toFixed(2)}` : '-'),
  };
}

function drawWhatIf() {
  const variants = data.what_if;
  if (!variants || !variants.length) return removeSection('what-if');
  const best = variants[0];
  byId('what-if-words').append(
    best.cycles_pct < 0
      ? `Fewest cycles: ${best.key} from ${grouped(best.from)} to ${grouped(best.to)}, ${best.cycles_pct.toFixed(2)} %. `
      : 'No resource, halved or doubled alone, saves a cycle. ',
    `Each row is a run of its own; ${data.what_if_refused.length} more make no machine by themselves.`,
  );
  const columns = [
    { title: 'resource', text: true, value: (one) => one.key, cell: (one) => one.key },
    { title: 'from', value: (one) => one.from, cell: (one) => grouped(one.from) },
    { title: 'to', value: (one) => one.to, cell: (one) => grouped(one.to) },
    { title: 'cycles', value: (one) => one.cycles, cell: (one) => grouped(one.cycles) },
    changeColumn('cycles, %', 'cycles_pct', 'against this run'),
    changeColumn('time, %', 'time_pct', 'cycles over clock'),
  ];
  if (variants.some((one) => known(one.energy_pct))) columns.push(changeColumn('energy, %', 'energy_pct'));
  if (variants.some((one) => known(one.area_pct))) columns.push(changeColumn('area, %', 'area_pct'));
  byId('what-if-table').append(sortableTable(columns, variants));
}

// All figures: every column of the totals, whatever the page draws of it

function drawFigures() {
  const shown = Object.values(data.columns).flatMap(({ key, name, unit, meaning }) =>
    ['totals', 'accuracy']
      .filter((place) => known(data[place]?.[key]))
      .map((place) =>
        element(
          'tr',
          {},
          element('td', { class: 'text' }, name),
          element('td', {}, figure(`${place}/${key}`, unit)),
          element('td', { class: 'text wide muted' }, meaning),
        ),
      ),
  );
  byId('figure-table').append(element('table', {}, element('tbody', {}, ...shown)));
}

// Inputs

const OPTIONS = {
  accelerator: '-a',
  workload: '-w',
  calibration: '-c',
  trace: '--trace',
  weights: '--weights',
  labels: '--labels',
  technology: '-t',
};

function shellWord(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function commandLine() {
  // Files that others are based on follow them under the same role.
  const parts = data.inputs.files
    .filter((file, i, all) => OPTIONS[file.role] && all.findIndex((other) => other.role === file.role) === i)
    .map((file) => `${OPTIONS[file.role]} ${shellWord(file.path)}`);
  const photos = data.inputs.files.filter((file) => file.role === 'image').map((file) => shellWord(file.path));
  if (photos.length)
    parts.push(
      `--images ${photos.slice(0, 20).join(' ')}${photos.length > 20 ? ` ... (${photos.length} in all)` : ''}`,
    );
  for (const setting of data.inputs.settings ?? []) // reports of 0.1 have none
    parts.push(`--set ${shellWord(setting)}`);
  return `igqsim run ${[...parts, `--scheme ${data.accelerator.scheme}`, '-o DIR'].join(' \\\n  ')}`;
}

function drawInputs() {
  byId('input-table').append(fileTable(data.inputs.files));
  const command = commandLine();
  byId('command').append(
    element('pre', {}, command),
    copyButton(command),
    element(
      'p',
      { class: 'lead' },
      `igqsim ${data.igqsim.version}: same version and same files give the same report, to the byte.`,
    ),
  );
}

drawHead();
drawNotices();
drawCards();
drawDiagram();
drawParameters();
drawWhatIf();
drawCycles();
drawEnergy();
drawGroups();
drawRoofline();
drawImages();
drawFigures();
byId('layer-table').append(layerTable());
drawInputs();
