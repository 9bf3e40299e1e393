// SPDX-License-Identifier: Apache-2.0
// Closed forms of models/cost/*_operations.c against a shadow: a walk over every tile, block, vector, channel, token
// and output, and over every beat and entry of the group assignment, that counts what passes each port.
#include "events.h"
#include "latency.h"
#include "layer_lists.h"
#include "rng.h"
#include "zero_skip.h"
#include "../suite.h"

enum { MAX_C = 32 };

typedef struct walker {
    igq_events seen;
    const igq_work *work;
    const igq_accelerator *accelerator;
} walker;

static int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

static void pass_port(walker *w, igq_event event, int times, int bits)
{
    for (int i = 0; i < times; i++) {
        w->seen.of[event].count++;
        w->seen.of[event].bits += (uint64_t)bits;
    }
}

// A row of bits leaves a bank word by word, with up to word_bits in each.
static void read_words(walker *w, igq_event event, int row_bits, int word_bits)
{
    for (int done = 0; done < row_bits; done += word_bits) {
        int bits = at_most(row_bits - done, word_bits);
        pass_port(w, event, 1, bits);
        if (w->work->selects) {
            int stages = 0;
            while (1 << stages < w->accelerator->row_selector.num_banks)
                stages++;
            pass_port(w, IGQ_EVENT_CROSSBAR, 1, bits * stages);
        }
    }
}

static void walk_vector(walker *w, int start, int num, int tokens, int outputs)
{
    const igq_mac_array_cfg *array = &w->accelerator->mac_array;
    int zero_point_bit = w->accelerator->zero_point == IGQ_ZERO_POINT_SUBTRACT;
    int passes = igq_mac_passes(w->work->act_bits, w->work->product.weight_bits, array);
    int act_bits = at_most(w->work->act_bits, array->mac_bits) + zero_point_bit;
    int weight_bits = at_most(w->work->product.weight_bits, array->mac_bits) + zero_point_bit;
    for (int i = start; i < start + num; i++) {
        if (w->work->selects)
            pass_port(w, IGQ_EVENT_INDEX_BUFFER_READ, 1, 5);
        int width = w->accelerator->row_selector.bank_width_bits, digit_bits = array->lanes * array->mac_bits;
        read_words(w, IGQ_EVENT_WEIGHT_BUFFER_READ, array->lanes * w->work->product.weight_bits,
                   width > digit_bits ? width / digit_bits * digit_bits : digit_bits); // whole digits
        read_words(w, IGQ_EVENT_ACTIVATION_BUFFER_READ, tokens * 16, width);
        pass_port(w, IGQ_EVENT_QUANTIZE_MULTIPLY, tokens, 31);
        pass_port(w, IGQ_EVENT_MULTIPLY, tokens * outputs * passes, act_bits + weight_bits);
        if (zero_point_bit) {
            pass_port(w, IGQ_EVENT_ZERO_POINT_SUBTRACT, tokens, w->work->act_bits + 1);
            pass_port(w, IGQ_EVENT_ZERO_POINT_SUBTRACT, outputs, w->work->product.weight_bits + 1);
        }
    }
    pass_port(w, IGQ_EVENT_ACCUMULATE, tokens * outputs * passes, array->acc_bits);
    w->seen.of[IGQ_EVENT_TREE_ADD].count += (uint64_t)(tokens * outputs * passes * (num - 1));
}

static void walk_tile(walker *w, int tokens, int outputs)
{
    const igq_mac_array_cfg *array = &w->accelerator->mac_array;
    const igq_grouping *grouping = w->work->grouping;
    for (int o = 0; o < outputs; o += array->lanes) {
        for (int t = 0; t < tokens; t += array->tokens_in_flight) {
            int block_tokens = at_most(tokens - t, array->tokens_in_flight);
            int block_outputs = at_most(outputs - o, array->lanes);
            for (int g = 0, sums = 0; g < grouping->G; g++) {
                int end = grouping->start[g + 1];
                for (int c = grouping->start[g]; c < end; c += array->vector_length)
                    walk_vector(w, c, at_most(end - c, array->vector_length), block_tokens, block_outputs);
                if (end > grouping->start[g]) {
                    pass_port(w, IGQ_EVENT_SCALE_FP32_MULTIPLY, block_tokens * block_outputs, 0);
                    pass_port(w, IGQ_EVENT_SCALE_FP32_ADD, sums++ > 0 ? block_tokens * block_outputs : 0, 0);
                }
            }
            pass_port(w, IGQ_EVENT_OUTPUT_BUFFER_WRITE, block_tokens * block_outputs, 16);
        }
    }
}

// The vector unit on a tile, and on rows as soon as their last output is there; then the way out.
static void walk_results(walker *w, int tokens, int outputs, int ends_rows)
{
    const igq_product *product = &w->work->product;
    int elements = tokens * outputs, row_elements = tokens * product->O;
    int parks = product->row_passes > 0 && outputs < product->O;
    int passes = product->tile_passes + (parks ? 0 : product->row_passes);
    if (product->residual) { // old sum in, new sum out
        pass_port(w, IGQ_EVENT_OUTPUT_BUFFER_WRITE, 2 * elements, 16);
        pass_port(w, IGQ_EVENT_OUTPUT_BUFFER_READ, 2 * elements, 16);
    }
    for (int pass = 0; pass < passes; pass++) {
        pass_port(w, IGQ_EVENT_OUTPUT_BUFFER_READ, elements, 16);
        if (pass < passes - 1)
            pass_port(w, IGQ_EVENT_OUTPUT_BUFFER_WRITE, elements, 16);
        else if (parks || !product->outputs_in_dram)
            pass_port(w, IGQ_EVENT_ACTIVATION_BUFFER_WRITE, elements, 16);
        else
            pass_port(w, IGQ_EVENT_OUTPUT_BUFFER_WRITE, elements, 16);
    }
    if (!parks && product->outputs_in_dram)
        pass_port(w, IGQ_EVENT_OUTPUT_BUFFER_READ, elements, 16);
    for (int pass = 0; parks && ends_rows && pass < product->row_passes; pass++) {
        pass_port(w, IGQ_EVENT_ACTIVATION_BUFFER_READ, row_elements, 16);
        pass_port(w, IGQ_EVENT_ACTIVATION_BUFFER_WRITE, row_elements, 16);
    }
    if (parks && ends_rows && product->outputs_in_dram)
        pass_port(w, IGQ_EVENT_ACTIVATION_BUFFER_READ, row_elements, 16);
}

static void walk_loads(walker *w, int tokens, int outputs)
{
    const igq_product *product = &w->work->product;
    for (int i = 0; i < outputs * product->C; i++) {
        pass_port(w, IGQ_EVENT_WEIGHT_BUFFER_WRITE, 1, product->weight_bits);
        if (product->weight_dram_bits == 0)
            pass_port(w, IGQ_EVENT_ACTIVATION_BUFFER_READ, 1, 16);
        if (product->weight_dram_bits == 0 || product->weight_dram_bits == 16)
            pass_port(w, IGQ_EVENT_QUANTIZE_MULTIPLY, 1, 31);
    }
    pass_port(w, IGQ_EVENT_ACTIVATION_BUFFER_WRITE, product->acts_in_dram ? tokens * product->C : 0, 16);
}

// The module: every beat of every token, every scoring step, every entry of the lists.
static void walk_assignment(walker *w)
{
    const igq_group_assignment_cfg *unit = &w->accelerator->group_assignment;
    int members = w->work->assign_members, flag = w->accelerator->row_selector.zero_skip && w->work->selects;
    for (int t = 0; t < w->work->assign_observations; t++)
        for (int m = 0; m < members; m += unit->range_lanes) {
            int lanes = at_most(members - m, unit->range_lanes);
            pass_port(w, IGQ_EVENT_RANGE_MEMORY_READ, 1, lanes * 32);
            pass_port(w, IGQ_EVENT_RANGE_MEMORY_WRITE, 1, lanes * 32);
            pass_port(w, IGQ_EVENT_RANGE_COMPARE, 2 * lanes, 16);
            pass_port(w, IGQ_EVENT_ACTIVATION_BUFFER_READ, w->work->ranges_from_buffer ? lanes : 0, 16);
        }
    for (int m = 0; m < members; m += unit->distance_lanes) {
        int lanes = at_most(members - m, unit->distance_lanes);
        pass_port(w, IGQ_EVENT_RANGE_MEMORY_READ, 1, lanes * 32);
        pass_port(w, IGQ_EVENT_DISTANCE_ADD, lanes * w->work->assign_groups, 33);
        pass_port(w, IGQ_EVENT_ZERO_COMPARE, flag ? 2 * lanes : 0, 16);
    }
    int listed = flag ? igq_grouping_num_listed(w->work->grouping) : members;
    pass_port(w, IGQ_EVENT_INDEX_BUFFER_WRITE, members, 5 + flag);
    pass_port(w, IGQ_EVENT_INDEX_BUFFER_READ, members, 5 + flag);
    pass_port(w, IGQ_EVENT_INDEX_BUFFER_WRITE, listed, 5);
    for (int o = 0; o < w->work->product.O && !w->work->selects; o += w->accelerator->mac_array.lanes)
        pass_port(w, IGQ_EVENT_INDEX_BUFFER_READ, members, 5);
}

static void walk(walker *w)
{
    const igq_product *product = &w->work->product;
    const igq_tiling *tiling = &w->work->tiling;
    int weights_outer = tiling->order == IGQ_LOOP_WEIGHTS_OUTER;
    int outer = weights_outer ? tiling->num_output_tiles : tiling->num_token_tiles;
    int inner = weights_outer ? tiling->num_token_tiles : tiling->num_output_tiles;
    int weights_here = -1, acts_here = -1; // tiles in the buffers
    for (int i = 0; i < outer * inner; i++) {
        int o = weights_outer ? i / inner : i % inner, t = weights_outer ? i % inner : i / inner;
        int tokens = at_most(product->T - t * tiling->tile_tokens, tiling->tile_tokens);
        int outputs = at_most(product->O - o * tiling->tile_outputs, tiling->tile_outputs);
        walk_loads(w, acts_here != t ? tokens : 0, weights_here != o ? outputs : 0);
        weights_here = o;
        acts_here = t;
        walk_tile(w, tokens, outputs);
        walk_results(w, tokens, outputs, o == tiling->num_output_tiles - 1);
    }
}

static igq_accelerator random_machine(rng *random)
{
    int temporal = rng_int(random, 0, 1), rows = 1 << rng_int(random, 0, 2);
    return (igq_accelerator){
        .mac_organisation = temporal ? IGQ_ORGANISATION_TEMPORAL : IGQ_ORGANISATION_SHARED,
        .zero_point = (igq_zero_point)rng_int(random, 0, 1),
        .num_groups = 8,
        .scheme = {.scheme = IGQ_SCHEME_IGQ, .group_scale = IGQ_GROUP_SCALE_FP32},
        .mac_array = {.num_arrays = 1,
                      .lanes = rng_int(random, 1, 8),
                      .vector_length = temporal ? 1 : rng_int(random, 1, 8),
                      .token_rows = rows,
                      .tokens_in_flight = temporal ? rows : rows * rng_int(random, 1, 3),
                      .mac_bits = rng_int(random, 2, 8),
                      .acc_bits = rng_int(random, 16, 32),
                      .accumulator_sets = 2},
        .row_selector = {.num_banks = 1 << rng_int(random, 0, 4),
                         .ports_per_bank = 1,
                         .bank_width_bits = rng_int(random, 8, 128),
                         .queue_depth = 2,
                         .zero_skip = rng_int(random, 0, 1)},
        .group_assignment = {.range_lanes = rng_int(random, 1, 8),
                             .distance_lanes = rng_int(random, 1, 4),
                             .max_members = MAX_C},
    };
}

static igq_work random_work(const igq_grouping *grouping, const igq_accelerator *machine, rng *random)
{
    static const int dram_bits[] = {0, 16, 4};
    igq_work work = {
        .product = {.images = 1,
                    .T = rng_int(random, 1, 30),
                    .C = grouping->C,
                    .O = rng_int(random, 1, 30),
                    .weight_bits = rng_int(random, 2, 8),
                    .weight_dram_bits = dram_bits[rng_int(random, 0, 2)],
                    .acts_in_dram = rng_int(random, 0, 1),
                    .outputs_in_dram = rng_int(random, 0, 1),
                    .residual = rng_int(random, 0, 1),
                    .tile_passes = rng_int(random, 1, 3),
                    .row_passes = rng_int(random, 0, 3)},
        .act_bits = rng_int(random, 2, 8),
        .scheme = IGQ_SCHEME_IGQ,
        .grouping = grouping,
        .selects = rng_int(random, 0, 1),
        .assign_members = grouping->C,
        .assign_observations = rng_int(random, 1, 30),
        .assign_groups = grouping->G,
        .ranges_from_buffer = rng_int(random, 0, 1),
    };
    igq_tiling *tiling = &work.tiling;
    tiling->tile_tokens = at_most(work.product.T, machine->mac_array.tokens_in_flight * rng_int(random, 1, 3));
    tiling->tile_outputs = at_most(work.product.O, machine->mac_array.lanes * rng_int(random, 1, 3));
    tiling->num_token_tiles = (work.product.T + tiling->tile_tokens - 1) / tiling->tile_tokens;
    tiling->num_output_tiles = (work.product.O + tiling->tile_outputs - 1) / tiling->tile_outputs;
    tiling->order = (igq_loop_order)rng_int(random, 0, 1);
    return work;
}

START_TEST(counts_equal_a_shadow_count_at_the_ports)
{
    static const igq_event ports[] = {
        IGQ_EVENT_WEIGHT_BUFFER_READ,
        IGQ_EVENT_WEIGHT_BUFFER_WRITE,
        IGQ_EVENT_ACTIVATION_BUFFER_READ,
        IGQ_EVENT_OUTPUT_BUFFER_WRITE,
        IGQ_EVENT_OUTPUT_BUFFER_READ,
        IGQ_EVENT_ACTIVATION_BUFFER_WRITE,
        IGQ_EVENT_INDEX_BUFFER_READ,
        IGQ_EVENT_INDEX_BUFFER_WRITE,
        IGQ_EVENT_RANGE_MEMORY_READ,
        IGQ_EVENT_RANGE_MEMORY_WRITE,
        IGQ_EVENT_RANGE_COMPARE,
        IGQ_EVENT_DISTANCE_ADD,
        IGQ_EVENT_ZERO_COMPARE,
        IGQ_EVENT_CROSSBAR,
        IGQ_EVENT_MULTIPLY,
        IGQ_EVENT_ACCUMULATE,
        IGQ_EVENT_QUANTIZE_MULTIPLY,
        IGQ_EVENT_ZERO_POINT_SUBTRACT,
        IGQ_EVENT_SCALE_FP32_MULTIPLY,
        IGQ_EVENT_SCALE_FP32_ADD,
    };
    rng random = {20240417};
    for (int i = 0; i < 400; i++) {
        igq_accelerator machine = random_machine(&random);
        layer_lists lists;
        int C = rng_int(&random, 1, MAX_C), G = rng_int(&random, 1, at_most(C, 8));
        uint16_t group[MAX_C];
        for (int c = 0; c < C; c++)
            group[c] = (uint16_t)rng_int(&random, 0, G - 1);
        layer_lists_init(&lists, C, G, group);
        uint8_t zero_weights[MAX_C] = {0}; // of channels that stay off the lists
        for (int c = 0; c < C; c++)
            zero_weights[c] = i % 3 == 0 && rng_int(&random, 0, 1);
        igq_zero_skip(&lists.grouping, &(igq_zeros){.weights = zero_weights}, NULL, NULL);
        igq_work work = random_work(&lists.grouping, &machine, &random);
        igq_events events;
        igq_events_count(&events, &work, &machine);
        walker w = {.work = &work, .accelerator = &machine};
        walk_assignment(&w);
        walk(&w);
        for (size_t p = 0; p < sizeof ports / sizeof *ports; p++) {
            const igq_measure *counted = &events.of[ports[p]], *seen = &w.seen.of[ports[p]];
            ck_assert_msg(counted->count == seen->count && counted->bits == seen->bits,
                          "case %d, %s: %llu events of %llu bits, at the port %llu of %llu", i,
                          igq_event_names[ports[p]], (unsigned long long)counted->count,
                          (unsigned long long)counted->bits, (unsigned long long)seen->count,
                          (unsigned long long)seen->bits);
        }
        ck_assert_uint_eq(events.of[IGQ_EVENT_TREE_ADD].count, w.seen.of[IGQ_EVENT_TREE_ADD].count);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event ports");
    TCase *cases = tcase_create("ports");
    tcase_add_test(cases, counts_equal_a_shadow_count_at_the_ports);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
