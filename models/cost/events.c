// SPDX-License-Identifier: Apache-2.0
#include "events.h"
#include "latency.h"
#include "slices.h"
#include "units.h"

// Everything that the counting functions below share.
typedef struct counter {
    igq_events *events;
    const igq_work *work;
    const igq_accelerator *accelerator;
    igq_widths widths;
    uint64_t T, C, O;                     // C: channels on the lists
    uint64_t passes, outputs;             // passes of the multipliers; T O
    uint64_t token_blocks, output_blocks; // of tokens_in_flight, lanes
    // Of all lists, or parts of a list that arrays work on:
    // vector MACs, sums handed to post-processing and groups that these belong to, per output
    uint64_t vectors, handovers, group_sums;
    uint64_t tree_adds, tree_bits;
} counter;

static void count(const counter *c, igq_event event, uint64_t times, int width_bits)
{
    igq_measure *measure = &c->events->of[event];
    measure->count += times;
    measure->bits += times * (uint64_t)width_bits;
}

static void count_multiply(const counter *c, igq_event event, uint64_t times, int a_bits, int b_bits)
{
    count(c, event, times, a_bits + b_bits);
    c->events->of[event].bit_products += times * (uint64_t)a_bits * (uint64_t)b_bits;
}

static void add_list(counter *c, int num, int arrays, int product_bits)
{
    int V = c->accelerator->mac_array.vector_length;
    uint64_t full = (uint64_t)(num / V);
    int rest = num % V;
    uint64_t vectors = full + (rest > 0);
    c->vectors += vectors;
    c->handovers += vectors < (uint64_t)arrays ? vectors : (uint64_t)arrays;
    c->group_sums += vectors > 0;
    c->tree_adds += full * (uint64_t)(V - 1) + (uint64_t)(rest > 0 ? rest - 1 : 0);
    c->tree_bits += full * igq_adder_tree_bits(V, product_bits) + igq_adder_tree_bits(rest, product_bits);
}

// Each array that works on a list hands over sums of its own; those of one list are added up before they are scaled.
static void add_lists(counter *c)
{
    const igq_grouping *grouping = c->work->grouping;
    int product_bits = c->widths.act_operand + c->widths.weight_operand;
    int in_lockstep = igq_works_in_lockstep(c->accelerator->mac_organisation);
    int arrays[IGQ_MAX_GROUPS];
    if (in_lockstep)
        igq_arrays_of_lists(arrays, grouping, c->accelerator);
    for (int g = 0; g < grouping->G; g++)
        add_list(c, grouping->start[g + 1] - grouping->start[g], in_lockstep ? arrays[g] : 1, product_bits);
}

static counter counter_of(igq_events *events, const igq_work *work, const igq_accelerator *accelerator)
{
    const igq_product *product = &work->product;
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    counter c = {
        .events = events,
        .work = work,
        .accelerator = accelerator,
        .widths = igq_widths_of(accelerator, work->scheme, work->act_bits, product->weight_bits),
        .T = (uint64_t)product->T,
        .C = (uint64_t)igq_grouping_num_listed(work->grouping),
        .O = (uint64_t)product->O,
        .passes = (uint64_t)igq_mac_passes(work->act_bits, product->weight_bits, array->mac_bits),
        .outputs = (uint64_t)product->T * (uint64_t)product->O,
        .token_blocks = igq_ceil_div((uint64_t)product->T, (uint64_t)array->tokens_in_flight),
        .output_blocks = igq_ceil_div((uint64_t)product->O, (uint64_t)array->lanes),
    };
    add_lists(&c);
    return c;
}

static int is_vsquant(const counter *c)
{
    return c->work->scheme == IGQ_SCHEME_VSQUANT;
}

// The accumulators are shifted in place at a group change and handed over once.
static int shifts_in_place(const counter *c)
{
    return c->accelerator->scheme.group_scale == IGQ_GROUP_SCALE_POW2 &&
           !igq_works_in_lockstep(c->accelerator->mac_organisation);
}

/// MAC arrays

static void count_arrays(const counter *c)
{
    int acc_bits = c->accelerator->mac_array.acc_bits;
    uint64_t steps = c->outputs * c->passes; // output positions times passes
    count_multiply(c, IGQ_EVENT_MULTIPLY, steps * c->C, c->widths.act_operand, c->widths.weight_operand);
    c->events->of[IGQ_EVENT_TREE_ADD].count += steps * c->tree_adds;
    c->events->of[IGQ_EVENT_TREE_ADD].bits += steps * c->tree_bits;
    count(c, IGQ_EVENT_ACCUMULATE, steps * c->vectors, acc_bits);
    // Accumulators, one activation for all lanes of an array, a gathered row of weights for tokens_in_flight tokens.
    count(c, IGQ_EVENT_MAC_REGISTER, steps * c->vectors, acc_bits);
    count(c, IGQ_EVENT_MAC_REGISTER, c->T * c->C * c->output_blocks, c->work->act_bits);
    count(c, IGQ_EVENT_MAC_REGISTER, c->O * c->C * c->token_blocks, c->work->product.weight_bits);
}

static void count_zero_points(const counter *c)
{
    int act_bits = c->work->act_bits, weight_bits = c->work->product.weight_bits;
    int sum_growth = igq_log2_ceil(c->C);
    uint64_t acts_in = c->T * c->C * c->output_blocks, weights_in = c->O * c->C * c->token_blocks;
    if (is_vsquant(c))
        return;
    if (c->accelerator->zero_point == IGQ_ZERO_POINT_SUBTRACT) {
        count(c, IGQ_EVENT_ZERO_POINT_SUBTRACT, acts_in, act_bits + 1);
        count(c, IGQ_EVENT_ZERO_POINT_SUBTRACT, weights_in, weight_bits + 1);
        return;
    }
    // P = sum xq wq - z_o sum xq - z_g (sum wq - n z_o), per token, output and group.
    uint64_t sums = c->outputs * c->group_sums, weight_sums = c->O * c->token_blocks * c->group_sums;
    count(c, IGQ_EVENT_ZERO_POINT_SUM, acts_in, act_bits + sum_growth);
    count(c, IGQ_EVENT_ZERO_POINT_SUM, weights_in, weight_bits + sum_growth);
    count_multiply(c, IGQ_EVENT_ZERO_POINT_MULTIPLY, sums, weight_bits, act_bits + sum_growth);
    count_multiply(c, IGQ_EVENT_ZERO_POINT_MULTIPLY, weight_sums, weight_bits, sum_growth);
    count_multiply(c, IGQ_EVENT_ZERO_POINT_MULTIPLY, weight_sums, act_bits, weight_bits + sum_growth);
    count(c, IGQ_EVENT_ZERO_POINT_ADD, 2 * sums + weight_sums, c->accelerator->mac_array.acc_bits);
}

// One element of 16 bits to a code: multiply, shift, round, add the zero point, clamp at both ends.
static void count_quantizers(const counter *c, uint64_t elements)
{
    count_multiply(c, IGQ_EVENT_QUANTIZE_MULTIPLY, elements, IGQ_ACT_IN_BITS, IGQ_QUANTIZER_MULTIPLIER_BITS);
    count(c, IGQ_EVENT_QUANTIZE_SHIFT, elements,
          IGQ_QUANTIZER_PRODUCT_BITS * igq_log2_ceil(IGQ_QUANTIZER_PRODUCT_BITS));
    count(c, IGQ_EVENT_QUANTIZE_ADD, elements, IGQ_QUANTIZER_PRODUCT_BITS);
    count(c, IGQ_EVENT_QUANTIZE_ADD, 3 * elements, IGQ_ACT_IN_BITS);
}

// Scales that the calibration does not know: the largest magnitude of each vector, then a reciprocal by a Newton step.
static void count_run_time_scales(const counter *c)
{
    uint64_t scales = 0;
    if (is_vsquant(c)) {
        count(c, IGQ_EVENT_SCALE_SEARCH, c->T * c->C, IGQ_ACT_IN_BITS);
        scales = c->T * c->vectors;
    } else if (c->work->scheme == IGQ_SCHEME_CHANNELWISE) {
        scales = (uint64_t)c->work->assign_members;
    }
    count_multiply(c, IGQ_EVENT_SCALE_DERIVE, 2 * scales, IGQ_ACT_IN_BITS, IGQ_ACT_IN_BITS);
}

/// Post-processing and vector unit

static void count_vector_scales(const counter *c)
{
    const igq_scheme_cfg *cfg = &c->accelerator->scheme;
    uint64_t sums = c->outputs * c->vectors;
    count_multiply(c, IGQ_EVENT_SCALE_MULTIPLY, sums, cfg->vsquant_act_scale_bits, cfg->vsquant_weight_scale_bits);
    count_multiply(c, IGQ_EVENT_SCALE_MULTIPLY, sums, c->widths.vector_dot, c->widths.scale_product);
    if (c->widths.scale_product < cfg->vsquant_act_scale_bits + cfg->vsquant_weight_scale_bits)
        count(c, IGQ_EVENT_SCALE_ADD, sums, c->widths.scale_product); // rounding
}

static void count_group_scales(const counter *c)
{
    int acc_bits = c->accelerator->mac_array.acc_bits;
    uint64_t sums = c->outputs * c->group_sums, extra_sums = sums - c->outputs;
    switch (c->accelerator->scheme.group_scale) {
    case IGQ_GROUP_SCALE_FP32:
        count(c, IGQ_EVENT_SCALE_FP32_MULTIPLY, sums, 0);
        count(c, IGQ_EVENT_SCALE_FP32_ADD, extra_sums, 0);
        break;
    case IGQ_GROUP_SCALE_INT:
        count_multiply(c, IGQ_EVENT_SCALE_MULTIPLY, sums, acc_bits, c->accelerator->scheme.group_scale_bits);
        count(c, IGQ_EVENT_SCALE_ADD, extra_sums, c->widths.scale_sum);
        break;
    default: // pow2: the shift before the first group is none
        count(c, IGQ_EVENT_SCALE_SHIFT, shifts_in_place(c) ? extra_sums : sums, acc_bits * IGQ_POW2_SHIFT_STAGES);
        if (!shifts_in_place(c))
            count(c, IGQ_EVENT_SCALE_ADD, extra_sums, acc_bits);
        break;
    }
}

static void count_post_processing(const counter *c)
{
    int acc_bits = c->accelerator->mac_array.acc_bits;
    count(c, IGQ_EVENT_SLICE_ADD, c->outputs * (c->handovers - c->group_sums), acc_bits);
    int fp32_sums = !is_vsquant(c) && c->accelerator->scheme.group_scale == IGQ_GROUP_SCALE_FP32;
    if (is_vsquant(c))
        count_vector_scales(c);
    else
        count_group_scales(c);
    count(c, IGQ_EVENT_SCALE_CONVERT, fp32_sums ? c->outputs * c->group_sums : c->outputs,
          acc_bits * igq_log2_ceil((uint64_t)acc_bits));
    // Integer sums carry a scale of their layer besides that of the output channel.
    count(c, IGQ_EVENT_OUTPUT_FP32_MULTIPLY, (fp32_sums ? 1 : 2) * c->outputs, 0);
    count(c, IGQ_EVENT_OUTPUT_FP32_ADD, c->outputs, 0);
    count(c, IGQ_EVENT_OUTPUT_CONVERT, c->outputs, IGQ_FP32_FRACTION_BITS * igq_log2_ceil(IGQ_FP32_FRACTION_BITS));
    int passes = c->work->product.tile_passes + c->work->product.row_passes;
    count(c, IGQ_EVENT_VECTOR_OP, (uint64_t)passes * c->outputs, 0);
}

/// Group assignment

// Into the lists being built, out of them, into the set that the row selector reads. A channel that is to be skipped
// carries a flag, by which it is dropped on the last way.
static void count_lists(const counter *c)
{
    uint64_t members = (uint64_t)c->work->assign_members;
    int finds_zeros = c->accelerator->row_selector.zero_skip && c->work->selects;
    count(c, IGQ_EVENT_INDEX_BUFFER_WRITE, members, c->widths.index + finds_zeros);
    count(c, IGQ_EVENT_INDEX_BUFFER_READ, members, c->widths.index + finds_zeros);
    count(c, IGQ_EVENT_INDEX_BUFFER_WRITE, finds_zeros ? c->C : members, c->widths.index);
    if (finds_zeros) {
        int stages = igq_log2_ceil((uint64_t)c->work->assign_groups);
        count(c, IGQ_EVENT_ZERO_COMPARE, 2 * members, IGQ_ACT_IN_BITS);
        count(c, IGQ_EVENT_ZERO_SELECT, members, 2 * IGQ_ACT_IN_BITS * stages);
    }
    if (!c->work->selects) // rows: the quantizer of each is looked up whenever the row enters the arrays
        count(c, IGQ_EVENT_INDEX_BUFFER_READ, members * c->output_blocks, c->widths.index);
}

static void count_assignment(const counter *c)
{
    const igq_group_assignment_cfg *unit = &c->accelerator->group_assignment;
    igq_distance distance = c->accelerator->scheme.distance;
    int members = c->work->assign_members, groups = c->work->assign_groups;
    if (members == 0)
        return;
    uint64_t values = (uint64_t)members * (uint64_t)c->work->assign_observations;
    uint64_t beats = igq_range_cycles(c->work->assign_observations, members, unit->range_lanes);
    count(c, IGQ_EVENT_RANGE_COMPARE, 2 * values, IGQ_ACT_IN_BITS);
    // Old value or new one, of one of two banks; what a score step reads is a part of a row of a bank.
    count(c, IGQ_EVENT_RANGE_SELECT, values, 2 * IGQ_RANGE_BITS);
    count(c, IGQ_EVENT_RANGE_SELECT, (uint64_t)members, IGQ_RANGE_BITS * (1 + igq_log2_ceil(igq_range_parts(unit))));
    c->events->of[IGQ_EVENT_RANGE_MEMORY_READ].count += beats;
    c->events->of[IGQ_EVENT_RANGE_MEMORY_READ].bits += values * IGQ_RANGE_BITS;
    c->events->of[IGQ_EVENT_RANGE_MEMORY_WRITE] = c->events->of[IGQ_EVENT_RANGE_MEMORY_READ];
    if (c->work->ranges_from_buffer)
        count(c, IGQ_EVENT_ACTIVATION_BUFFER_READ, values, IGQ_ACT_IN_BITS);

    // Quantizers of channelwise are made from the ranges themselves.
    c->events->of[IGQ_EVENT_RANGE_MEMORY_READ].count += igq_ceil_div((uint64_t)members, (uint64_t)unit->distance_lanes);
    c->events->of[IGQ_EVENT_RANGE_MEMORY_READ].bits += (uint64_t)members * IGQ_RANGE_BITS;
    if (groups == 0)
        return;
    uint64_t pairs = (uint64_t)members * (uint64_t)groups;
    // |a - b| of both ends: a comparison and a subtraction each.
    count(c, IGQ_EVENT_DISTANCE_SUBTRACT, 4 * pairs, IGQ_ACT_IN_BITS);
    if (distance == IGQ_DISTANCE_L2)
        count_multiply(c, IGQ_EVENT_DISTANCE_SQUARE, 2 * pairs, IGQ_ACT_IN_BITS, IGQ_ACT_IN_BITS);
    count(c, IGQ_EVENT_DISTANCE_ADD, pairs, c->widths.distance);
    count(c, IGQ_EVENT_ARGMIN_COMPARE, pairs - (uint64_t)members, c->widths.argmin);
    // Bounds are copied for the layer; a distance waits a cycle; a member moves both ends of its list and its length.
    count(c, IGQ_EVENT_ASSIGN_REGISTER, (uint64_t)groups * (uint64_t)igq_bound_bits(c->accelerator), 1);
    count(c, IGQ_EVENT_ASSIGN_REGISTER, pairs * (uint64_t)c->widths.argmin, 1);
    count(c, IGQ_EVENT_ASSIGN_REGISTER, (uint64_t)members * (uint64_t)(2 * c->widths.list_end + c->widths.index), 1);
    if (c->work->selects && c->accelerator->mac_organisation == IGQ_ORGANISATION_ELASTIC) {
        uint64_t compared = igq_deal_cycles(c->accelerator->mac_array.num_arrays) * (uint64_t)(groups - 1);
        count_multiply(c, IGQ_EVENT_DEAL_MULTIPLY, 2 * compared, c->widths.deal_vectors, c->widths.deal_slices);
        count(c, IGQ_EVENT_DEAL_COMPARE, compared, c->widths.deal_vectors + c->widths.deal_slices);
    }
    count_lists(c);
}

/// Memories

// What leaves the banks for the arrays, block by block.
static void count_operand_reads(const counter *c)
{
    const igq_mac_array_cfg *array = &c->accelerator->mac_array;
    const igq_row_selector_cfg *selector = &c->accelerator->row_selector;
    uint64_t bank_bits = (uint64_t)selector->bank_width_bits;
    uint64_t row_bits = (uint64_t)array->lanes * (uint64_t)c->work->product.weight_bits;
    uint64_t rows = c->C * c->output_blocks * c->token_blocks;
    uint64_t rest_tokens = c->T % (uint64_t)array->tokens_in_flight;
    uint64_t words_of_block = igq_ceil_div((uint64_t)array->tokens_in_flight * IGQ_ACT_IN_BITS, bank_bits);
    uint64_t act_words = c->T / (uint64_t)array->tokens_in_flight * words_of_block +
                         igq_ceil_div(rest_tokens * IGQ_ACT_IN_BITS, bank_bits);
    // Scales of vectors lie in a narrow bank of their own, which is read along with the first row of the vector.
    uint64_t scale_bits =
        c->output_blocks * c->token_blocks * (uint64_t)array->lanes * (uint64_t)c->work->product.weight_scale_bits;
    igq_measure weights = {rows * igq_ceil_div(row_bits, bank_bits), rows * row_bits + scale_bits, 0};
    igq_measure acts = {c->C * c->output_blocks * act_words, c->C * c->output_blocks * c->T * IGQ_ACT_IN_BITS, 0};
    c->events->of[IGQ_EVENT_WEIGHT_BUFFER_READ].count += weights.count;
    c->events->of[IGQ_EVENT_WEIGHT_BUFFER_READ].bits += weights.bits;
    c->events->of[IGQ_EVENT_ACTIVATION_BUFFER_READ].count += acts.count;
    c->events->of[IGQ_EVENT_ACTIVATION_BUFFER_READ].bits += acts.bits;
    if (c->work->selects) {
        uint64_t stages = (uint64_t)igq_log2_ceil((uint64_t)selector->num_banks);
        count(c, IGQ_EVENT_INDEX_BUFFER_READ, rows, c->widths.index);
        c->events->of[IGQ_EVENT_CROSSBAR].count += weights.count + acts.count;
        c->events->of[IGQ_EVENT_CROSSBAR].bits += (weights.bits + acts.bits) * stages;
    }
}

// Tiles loaded into the buffers.
static void count_loads(const counter *c)
{
    const igq_product *product = &c->work->product;
    const igq_tiling *tiling = &c->work->tiling;
    uint64_t weights = 0, weight_bits = 0, acts = 0;
    for (int i = 0; i < igq_tiling_num_tiles(tiling, product); i++) {
        igq_tile tile;
        igq_tiling_tile(&tile, tiling, product, i);
        if (tile.image != c->work->image)
            continue;
        weights += tile.loads_weights ? (uint64_t)tile.outputs * (uint64_t)product->C : 0;
        weight_bits += tile.loads_weights ? igq_weight_buffer_bits(product, tile.outputs) : 0;
        acts += tile.loads_acts && product->acts_in_dram ? (uint64_t)tile.tokens * (uint64_t)product->C : 0;
    }
    c->events->of[IGQ_EVENT_WEIGHT_BUFFER_WRITE] = (igq_measure){weights, weight_bits, 0};
    count(c, IGQ_EVENT_ACTIVATION_BUFFER_WRITE, acts, IGQ_ACT_IN_BITS);
    if (product->weight_dram_bits == 0) // K and V: from the activation buffer, through a quantizer
        count(c, IGQ_EVENT_ACTIVATION_BUFFER_READ, weights, IGQ_ACT_IN_BITS);
    count_quantizers(c, c->T * c->C * c->output_blocks + (igq_weights_are_activations(product) ? weights : 0));
}

// Every pass of the vector unit reads an element and puts its result where it found it; the last one puts it where the
// next product, or the store engine, takes it from.
static void count_outputs(const counter *c)
{
    const igq_product *product = &c->work->product;
    int parks = igq_tiling_parks_rows(&c->work->tiling, product);
    uint64_t n = c->outputs;
    uint64_t tile_passes = (uint64_t)product->tile_passes, row_passes = (uint64_t)product->row_passes;
    uint64_t passes_here = tile_passes + (parks ? 0 : row_passes);
    uint64_t residual = product->residual ? n : 0;
    uint64_t stored = product->outputs_in_dram ? n : 0;
    igq_event row_read = parks ? IGQ_EVENT_ACTIVATION_BUFFER_READ : IGQ_EVENT_OUTPUT_BUFFER_READ;
    igq_event row_write = parks ? IGQ_EVENT_ACTIVATION_BUFFER_WRITE : IGQ_EVENT_OUTPUT_BUFFER_WRITE;

    // From post-processing; the old residual from DRAM and the new one to it.
    count(c, IGQ_EVENT_OUTPUT_BUFFER_WRITE, n + 2 * residual, IGQ_ACT_IN_BITS);
    count(c, IGQ_EVENT_OUTPUT_BUFFER_READ, 2 * residual, IGQ_ACT_IN_BITS);
    count(c, IGQ_EVENT_OUTPUT_BUFFER_READ, passes_here * n, IGQ_ACT_IN_BITS);
    count(c, IGQ_EVENT_OUTPUT_BUFFER_WRITE, (passes_here - 1) * n, IGQ_ACT_IN_BITS);
    if (parks) { // parked once, then worked on in place
        count(c, IGQ_EVENT_ACTIVATION_BUFFER_WRITE, row_passes * n, IGQ_ACT_IN_BITS);
        count(c, IGQ_EVENT_ACTIVATION_BUFFER_READ, row_passes * n, IGQ_ACT_IN_BITS);
    }
    count(c, row_write, stored, IGQ_ACT_IN_BITS);
    count(c, row_read, stored, IGQ_ACT_IN_BITS);
    count(c, IGQ_EVENT_ACTIVATION_BUFFER_WRITE, n - stored, IGQ_ACT_IN_BITS);
}

void igq_events_count(igq_events *events, const igq_work *work, const igq_accelerator *accelerator)
{
    *events = (igq_events){0};
    counter c = counter_of(events, work, accelerator);
    count_arrays(&c);
    count_zero_points(&c);
    count_run_time_scales(&c);
    count_post_processing(&c);
    count_assignment(&c);
    count_operand_reads(&c);
    count_loads(&c);
    count_outputs(&c);
    count(&c, IGQ_EVENT_CYCLE, work->cycles, 0);
    uint64_t register_bits = igq_register_bits(accelerator) + igq_assign_register_bits(accelerator);
    events->of[IGQ_EVENT_REGISTER_CYCLE] = (igq_measure){work->cycles, work->cycles * register_bits, 0};
    count(&c, IGQ_EVENT_DRAM_READ, work->dram_read_bytes, 8);
    count(&c, IGQ_EVENT_DRAM_WRITE, work->dram_write_bytes, 8);
}
