// SPDX-License-Identifier: Apache-2.0
#include "events.h"
#include "layer_lists.h"
#include "operations.h"
#include "units.h"
#include "zero_skip.h"
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

/// Worked by hand

static igq_work small_work(const igq_grouping *grouping)
{
    return (igq_work){
        .product = {.images = 1, .T = 3, .C = 5, .O = 2, .weight_bits = 4, .weight_dram_bits = 4, .tile_passes = 1},
        .tiling = {.tile_tokens = 3, .tile_outputs = 2, .num_token_tiles = 1, .num_output_tiles = 1},
        .act_bits = 4,
        .scheme = IGQ_SCHEME_IGQ,
        .grouping = grouping,
        .selects = 1,
        .assign_members = 5,
        .assign_observations = 3,
        .assign_groups = 2,
        .cycles = 100,
        .dram_read_bytes = 64,
    };
}

static igq_accelerator small_machine(void)
{
    return (igq_accelerator){
        .mac_organisation = IGQ_ORGANISATION_SHARED,
        .num_groups = 2,
        .scheme = {.scheme = IGQ_SCHEME_IGQ},
        .mac_array = {.num_arrays = 1,
                      .lanes = 2,
                      .vector_length = 2,
                      .token_rows = 1,
                      .tokens_in_flight = 2,
                      .mac_bits = 4,
                      .acc_bits = 20,
                      .accumulator_sets = 1},
        .output_buffer = {.capacity_bytes = 64},
        .tiling = {.batch_images = 1},
        .row_selector = {.num_banks = 2, .ports_per_bank = 1, .bank_width_bits = 32, .queue_depth = 1},
        .group_assignment = {.range_lanes = 4, .distance_lanes = 2, .max_members = 8, .list_sets = 2},
        .post_processing = {.lanes = 2},
        .vector_unit = {.lanes = 4},
    };
}

// Channels 0, 1, 2 in the first list, 3, 4 in the second.
static void small_lists(layer_lists *lists)
{
    const uint16_t group[5] = {0, 0, 0, 1, 1};
    layer_lists_init(lists, 5, 2, group);
}

START_TEST(operands_are_one_bit_wider_where_zero_points_are_subtracted_first)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    igq_events_count(&events, &work, &machine); // 3 x 5 x 2 products of 5 x 5 bits
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].count, 30);
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].bits, 300);
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].bit_products, 750);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ZERO_POINT_SUM].count, 0);

    machine.zero_point = IGQ_ZERO_POINT_CORRECT;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].bit_products, 30 * 16);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ZERO_POINT_SUBTRACT].count, 0);
    // Sums of 15 activation codes and, for 2 blocks of tokens, of 10 weight codes; 12 group sums and, for 2 blocks, 4
    // of weights: 12 products z_o sum x, 8 z_o n, 8 z_g (...); two additions to each group sum, one to each sum of
    // weights.
    ck_assert_uint_eq(events.of[IGQ_EVENT_ZERO_POINT_SUM].count, 15 + 2 * 10);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ZERO_POINT_MULTIPLY].count, 12 + 8 + 8);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ZERO_POINT_ADD].count, 2 * 12 + 8);
}
END_TEST

START_TEST(codes_wider_than_the_multipliers_take_several_multiplications)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    work.act_bits = 8;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].count, 60);
    work.act_bits = 3; // narrower codes leave bits of the multipliers still
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].bit_products, 30 * 4 * 5);
}
END_TEST

START_TEST(half_rate_takes_fewer_passes_and_as_many_multiplications)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    work.act_bits = work.product.weight_bits = 8;
    igq_accelerator machine = small_machine();
    igq_events quarter, half;
    igq_events_count(&quarter, &work, &machine);
    machine.mac_array.wide_rate = IGQ_WIDE_RATE_HALF;
    igq_events_count(&half, &work, &machine);
    ck_assert_uint_eq(quarter.of[IGQ_EVENT_MULTIPLY].count, 4 * 30);
    ck_assert_uint_eq(half.of[IGQ_EVENT_MULTIPLY].count, 4 * 30);
    ck_assert_uint_eq(half.of[IGQ_EVENT_ACCUMULATE].count, quarter.of[IGQ_EVENT_ACCUMULATE].count / 2);
    // Two adders in the trees of each of 6 outputs and 2 passes; 2 of 4 partial products are added before them.
    ck_assert_uint_eq(half.of[IGQ_EVENT_TREE_ADD].count, 6 * 2 * 2 + 2 * 30);
    igq_units one, two;
    igq_units_of(&two, &machine);
    machine.mac_array.wide_rate = IGQ_WIDE_RATE_QUARTER;
    igq_units_of(&one, &machine);
    ck_assert_uint_eq(two.of[IGQ_EVENT_MULTIPLY].count, 2 * one.of[IGQ_EVENT_MULTIPLY].count);
    ck_assert_uint_eq(two.of[IGQ_EVENT_TREE_ADD].count, one.of[IGQ_EVENT_TREE_ADD].count + 2 * 2);
}
END_TEST

START_TEST(operands_are_clocked_at_every_multiplier_of_a_systolic_array)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events plain, systolic;
    igq_units plain_units, systolic_units;
    igq_events_count(&plain, &work, &machine);
    igq_units_of(&plain_units, &machine);
    machine.mac_array.systolic = 1;
    igq_events_count(&systolic, &work, &machine); // 30 products of 4 x 4 bits
    igq_units_of(&systolic_units, &machine);      // 2 lanes of V = 2
    const igq_event event = IGQ_EVENT_MAC_REGISTER;
    ck_assert_uint_eq(systolic.of[event].bits, plain.of[event].bits + 30 * 8);
    ck_assert_uint_eq(systolic_units.of[event].bits, plain_units.of[event].bits + 4 * 8);
}
END_TEST

START_TEST(a_tree_over_a_list_has_the_adders_of_its_leaves)
{
    // 4 leaves: two adders, whose sums one adds. 3 leaves: one and one. 1 leaf: none.
    const uint64_t adders[3][2] = {[0] = {2, 1}, [1] = {1, 1}, [2] = {0, 0}};
    const int leaves[3] = {4, 3, 1};
    for (int i = 0; i < 3; i++)
        for (int level = 0; level < 2; level++)
            ck_assert_uint_eq(igq_tree_adders(leaves[i], level), adders[i][level]);
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    igq_events_count(&events, &work, &machine); // vectors of 2, 1 and 2 channels, for 6 outputs; products of 10 bits
    ck_assert_uint_eq(events.of[IGQ_EVENT_TREE_ADD].count, 6 * 2);
    ck_assert_uint_eq(events.of[IGQ_EVENT_TREE_ADD].bits, 6 * 2 * 11);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ACCUMULATE].count, 6 * 3);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ACCUMULATE].bits, 6 * 3 * 20);
    // A lane holds the sums of 2 tokens, one of which is read for each vector and for each of 2 hand-overs an output.
    ck_assert_uint_eq(events.of[IGQ_EVENT_ACCUMULATOR_SELECT].count, 6 * 3 + 6 * 2);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ACCUMULATOR_SELECT].bits, (6 * 3 + 6 * 2) * 20);
}
END_TEST

START_TEST(the_assignment_counts_ranges_distances_and_lists)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_RANGE_COMPARE].count, 2 * 15);
    // 32 bits of a value through two stages, 32 bits of a channel through bank and one of two parts.
    ck_assert_uint_eq(events.of[IGQ_EVENT_RANGE_SELECT].bits, 15 * 64 + 5 * 64);
    // Bounds of 2 groups; 10 distances and pairs of differences; 5 times both ends of a list (4 steps: 2 bits) and its
    // length (3 bits).
    ck_assert_uint_eq(events.of[IGQ_EVENT_ASSIGN_REGISTER].bits, 2 * 32 + 10 * (32 + 34) + 5 * (2 * 2 + 3));
    // 2 beats of 4 lanes for each of 3 tokens, and 3 scoring steps of 2 lanes; 32 bits a channel.
    ck_assert_uint_eq(events.of[IGQ_EVENT_RANGE_MEMORY_READ].count, 6 + 3);
    ck_assert_uint_eq(events.of[IGQ_EVENT_RANGE_MEMORY_READ].bits, 32 * (15 + 5));
    ck_assert_uint_eq(events.of[IGQ_EVENT_RANGE_MEMORY_WRITE].count, 6);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DISTANCE_SUBTRACT].count, 4 * 10);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DISTANCE_SQUARE].bit_products, 2 * 10 * 16 * 17 / 2);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DISTANCE_ADD].bits, 10 * 33);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ARGMIN_COMPARE].bits, 5 * 34);
    ck_assert_uint_eq(events.of[IGQ_EVENT_INDEX_BUFFER_WRITE].count, 10);
    ck_assert_uint_eq(events.of[IGQ_EVENT_INDEX_BUFFER_READ].count, 5 + 2 * 5); // 2 blocks of tokens
    ck_assert_uint_eq(events.of[IGQ_EVENT_INDEX_BUFFER_READ].bits, 15 * 3);

    work.selects = 0; // rows: one look-up of each
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_INDEX_BUFFER_READ].count, 5 + 5);
    uint64_t reads = events.of[IGQ_EVENT_ACTIVATION_BUFFER_READ].count;
    work.ranges_from_buffer = 1;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ACTIVATION_BUFFER_READ].count, reads + 15);
    machine.scheme.distance = IGQ_DISTANCE_L1;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DISTANCE_SQUARE].count, 0);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ARGMIN_COMPARE].bits, 5 * 18);
}
END_TEST

START_TEST(skipping_zeros_costs_comparisons_and_saves_everything_that_lists_are_for)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events all, skipping;
    igq_events_count(&all, &work, &machine);
    machine.row_selector.zero_skip = 1;
    const uint8_t zero_weights[5] = {0, 1, 0, 1, 0}; // lists {0, 2} and {4} are left: two vectors
    igq_zero_skip(&lists.grouping, &(igq_zeros){.weights = zero_weights}, NULL, NULL);
    igq_events_count(&skipping, &work, &machine);
    ck_assert_uint_eq(skipping.of[IGQ_EVENT_ZERO_COMPARE].bits, 2 * 5 * 16);
    ck_assert_uint_eq(skipping.of[IGQ_EVENT_ZERO_SELECT].bits, 5 * 32); // of two groups: one stage
    // A flag beside each of 5 indices of 3 bits, in and out; 3 indices into the selector's set, read for 2 blocks.
    ck_assert_uint_eq(skipping.of[IGQ_EVENT_INDEX_BUFFER_WRITE].bits, 5 * 4 + 3 * 3);
    ck_assert_uint_eq(skipping.of[IGQ_EVENT_INDEX_BUFFER_READ].bits, 5 * 4 + 2 * 3 * 3);
    ck_assert_uint_eq(skipping.of[IGQ_EVENT_MULTIPLY].count, 3 * 3 * 2);
    ck_assert_uint_eq(skipping.of[IGQ_EVENT_TREE_ADD].count, 6);
    ck_assert_uint_eq(skipping.of[IGQ_EVENT_ACCUMULATE].count, 6 * 2);
    ck_assert_uint_eq(5 * skipping.of[IGQ_EVENT_WEIGHT_BUFFER_READ].bits,
                      3 * all.of[IGQ_EVENT_WEIGHT_BUFFER_READ].bits);
    ck_assert_uint_eq(5 * skipping.of[IGQ_EVENT_QUANTIZE_MULTIPLY].count,
                      3 * all.of[IGQ_EVENT_QUANTIZE_MULTIPLY].count);
    // Weights are in the buffer before anybody knows.
    ck_assert_uint_eq(skipping.of[IGQ_EVENT_WEIGHT_BUFFER_WRITE].bits, all.of[IGQ_EVENT_WEIGHT_BUFFER_WRITE].bits);
    igq_units units;
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_ZERO_COMPARE].count, 2 * 2);
    ck_assert_uint_eq(units.of[IGQ_EVENT_ZERO_SELECT].bits, 2 * 32);
}
END_TEST

START_TEST(static_lists_in_channel_order_need_no_selection)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    work.scheme = IGQ_SCHEME_CONSECUTIVE;
    work.selects = work.assign_members = work.assign_groups = 0;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_CROSSBAR].count, 0);
    ck_assert_uint_eq(events.of[IGQ_EVENT_INDEX_BUFFER_READ].count, 0);
    ck_assert_uint_eq(events.of[IGQ_EVENT_RANGE_COMPARE].count, 0);
    ck_assert_uint_gt(events.of[IGQ_EVENT_WEIGHT_BUFFER_READ].count, 0);
}
END_TEST

START_TEST(group_scales_cost_what_their_arithmetic_is)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    machine.scheme.group_scale = IGQ_GROUP_SCALE_INT;
    machine.scheme.group_scale_bits = 8;
    igq_events_count(&events, &work, &machine); // two sums for each of 6 outputs
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_MULTIPLY].bit_products, 12 * 20 * 8);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_ADD].count, 6);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_CONVERT].count, 6);
    ck_assert_uint_eq(events.of[IGQ_EVENT_OUTPUT_FP32_MULTIPLY].count, 12);
    machine.scheme.group_scale = IGQ_GROUP_SCALE_POW2;
    igq_events_count(&events, &work, &machine); // one shift in place between the two groups
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_SHIFT].count, 6);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_ADD].count, 0);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_FP32_MULTIPLY].count, 0);
    igq_measure read = events.of[IGQ_EVENT_WEIGHT_BUFFER_READ], written = events.of[IGQ_EVENT_WEIGHT_BUFFER_WRITE];
    work.product.weight_scale_bits = 3 * 6; // written once for 2 outputs, read for 2 blocks of tokens
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_WEIGHT_BUFFER_WRITE].bits - written.bits, 2 * 18);
    ck_assert_uint_eq(events.of[IGQ_EVENT_WEIGHT_BUFFER_READ].bits - read.bits, 2 * 2 * 18);
    ck_assert_uint_eq(events.of[IGQ_EVENT_WEIGHT_BUFFER_READ].count, read.count);
}
END_TEST

START_TEST(quantizers_registers_and_conversions_have_the_widths_of_their_arithmetic)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    igq_events_count(&events, &work,
                     &machine); // 15 activations enter, once for the 2 outputs; 12 group sums of 20 bits
    ck_assert_uint_eq(events.of[IGQ_EVENT_QUANTIZE_MULTIPLY].bit_products, 15 * 16 * 15);
    ck_assert_uint_eq(events.of[IGQ_EVENT_QUANTIZE_SHIFT].bits, 15 * 31 * 5);
    ck_assert_uint_eq(events.of[IGQ_EVENT_QUANTIZE_ADD].bits, 15 * (31 + 3 * 16));
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_CONVERT].bits, 12 * 20 * 5);
    ck_assert_uint_eq(events.of[IGQ_EVENT_OUTPUT_CONVERT].bits, 6 * 24 * 5);
    ck_assert_uint_eq(events.of[IGQ_EVENT_VECTOR_OP].count, 6);
    // 6 outputs x 3 vectors of 20-bit accumulators, 15 activations, 10 weights for each of 2 blocks of tokens, of 4
    // bits.
    ck_assert_uint_eq(events.of[IGQ_EVENT_MAC_REGISTER].bits, 18 * 20 + 15 * 4 + 20 * 4);
    work.product.O = 4; // two blocks of 2 lanes: every activation enters twice
    work.tiling.tile_outputs = 4;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_MAC_REGISTER].bits, 36 * 20 + 30 * 4 + 40 * 4);
}
END_TEST

START_TEST(dealing_pairs_and_selecting_their_entries_is_counted)
{
    // Vectors of 2: the lists have 2 and 1; 3 x 2 outputs are blocks of tokens in flight and lanes.
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    machine.mac_organisation = IGQ_ORGANISATION_UNBOUND;
    machine.mac_array.num_arrays = 3;
    igq_events events;
    igq_events_count(&events, &work, &machine);
    uint64_t lanes = (uint64_t)machine.mac_array.lanes, in_flight = (uint64_t)machine.mac_array.tokens_in_flight;
    uint64_t blocks =
        ((uint64_t)work.product.O + lanes - 1) / lanes * (((uint64_t)work.product.T + in_flight - 1) / in_flight);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SLICE_ADD].count, 0); // a list of a block has one array
    ck_assert_uint_eq(events.of[IGQ_EVENT_DEAL_COMPARE].count, 2 * 2 * blocks);
    ck_assert_uint_eq(events.of[IGQ_EVENT_INDEX_SELECT].count, 3 * blocks);        // vectors
    ck_assert_uint_eq(events.of[IGQ_EVENT_INDEX_SELECT].bits, 3 * blocks * 2 * 3); // of 2 entries of 3 bits, 2 lists
    igq_units units;
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_DEAL_COMPARE].count, 2);
    ck_assert_uint_eq(units.of[IGQ_EVENT_INDEX_SELECT].count, 3);
    work.selects = 0;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_INDEX_SELECT].count, 0);
}
END_TEST

START_TEST(dealing_slices_and_adding_their_sums_is_counted)
{
    // Vectors of 2: the lists have 2 and 1. Three slices are dealt 2 : 1, so the first list is handed over in two
    // parts.
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    machine.mac_organisation = IGQ_ORGANISATION_ELASTIC;
    machine.mac_array.num_arrays = 3;
    igq_events events;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SLICE_ADD].count, 6);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SLICE_ADD].bits, 6 * 20);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_FP32_MULTIPLY].count, 2 * 6); // a group is scaled once
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_FP32_ADD].count, 6);
    // Three slices, one comparison each for two lists: of up to ceil(8 / 2) = 4 vectors (3 bits), up to 3 slices (2).
    ck_assert_uint_eq(events.of[IGQ_EVENT_DEAL_MULTIPLY].count, 2 * 3);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DEAL_MULTIPLY].bit_products, 2 * 3 * 3 * 2);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DEAL_COMPARE].bits, 3 * 5);
    igq_units units;
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_SLICE_ADD].bits, 2 * 20); // for 2 sums a cycle
    ck_assert_uint_eq(units.of[IGQ_EVENT_DEAL_MULTIPLY].count, 2);
    ck_assert_uint_eq(units.of[IGQ_EVENT_DEAL_COMPARE].count, 1);

    work.selects = 0; // rows are not dealt
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DEAL_COMPARE].count, 0);
    machine.mac_organisation = IGQ_ORGANISATION_SHARED;
    machine.mac_array.num_arrays = 1;
    work.selects = 1;
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SLICE_ADD].count + events.of[IGQ_EVENT_DEAL_COMPARE].count, 0);
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_SLICE_ADD].count + units.of[IGQ_EVENT_DEAL_COMPARE].count, 0);
}
END_TEST

START_TEST(vsquant_scales_every_vector_and_has_no_zero_points)
{
    layer_lists lists;
    const uint16_t one_group[5] = {0};
    layer_lists_init(&lists, 5, 1, one_group);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    work.scheme = IGQ_SCHEME_VSQUANT;
    work.assign_members = 0;
    machine.scheme.vsquant_act_scale_bits = 4;
    machine.scheme.vsquant_weight_scale_bits = 6;
    machine.scheme.vsquant_scale_product_bits = 5;
    igq_events_count(&events, &work, &machine); // 3 vectors for each of 6 outputs; dot products of 4 + 4 + 1 bits
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].bit_products, 30 * 16);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_MULTIPLY].count, 2 * 18);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_MULTIPLY].bit_products, 18 * (4 * 6 + 9 * 5));
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_ADD].count, 18);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_SEARCH].count, 15);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_DERIVE].count, 2 * 9);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ZERO_POINT_SUBTRACT].count, 0);
    ck_assert_uint_eq(events.of[IGQ_EVENT_SCALE_FP32_MULTIPLY].count, 0);
}
END_TEST

START_TEST(gated_multiplications_are_taken_off)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events;
    work.act_bits = 8; // two passes of 5 x 5 bits
    igq_events_count(&events, &work, &machine);
    igq_events_gate(&events, 7, 2);
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].count, 60 - 14);
    ck_assert_uint_eq(events.of[IGQ_EVENT_MULTIPLY].bit_products, 46 * 25);
    ck_assert_uint_eq(events.of[IGQ_EVENT_GATED_MULTIPLY].count, 14);
    ck_assert_uint_eq(events.of[IGQ_EVENT_GATED_MULTIPLY].bits, 140);

    igq_events ungated;
    igq_events_count(&ungated, &work, &machine);
    igq_events_ungate(&events);
    ck_assert_mem_eq(&events, &ungated, sizeof events);
}
END_TEST

START_TEST(simulated_figures_are_taken_over)
{
    layer_lists lists;
    small_lists(&lists);
    igq_work work = small_work(&lists.grouping);
    igq_accelerator machine = small_machine();
    igq_events events, sum = {0};
    igq_events_count(&events, &work, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_CYCLE].count, 100);
    igq_units units;
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_REGISTER_CYCLE].bits,
                      100 * (units.of[IGQ_EVENT_MAC_REGISTER].bits + units.of[IGQ_EVENT_ASSIGN_REGISTER].bits));
    ck_assert_uint_eq(events.of[IGQ_EVENT_DRAM_READ].bits, 512);
    igq_events_add(&sum, &events);
    igq_events_add(&sum, &events);
    for (int i = 0; i < IGQ_EVENT_COUNT; i++) {
        ck_assert_uint_eq(sum.of[i].count, 2 * events.of[i].count);
        ck_assert_uint_eq(sum.of[i].bits, 2 * events.of[i].bits);
        ck_assert_uint_eq(sum.of[i].bit_products, 2 * events.of[i].bit_products);
    }
}
END_TEST

START_TEST(units_are_those_that_the_peak_asks_for)
{
    igq_accelerator machine = small_machine();
    igq_units units;
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_MULTIPLY].count, 4); // 2 lanes of V = 2
    ck_assert_uint_eq(units.of[IGQ_EVENT_MULTIPLY].bit_products, 4 * 25);
    ck_assert_uint_eq(units.of[IGQ_EVENT_TREE_ADD].count, 2);
    // Accumulators 2 lanes x 2 tokens x 20 bits; codes of 4 bits: 2 activations, 2 x 2 weights in use and 1 vector
    // waiting.
    ck_assert_uint_eq(units.of[IGQ_EVENT_MAC_REGISTER].bits, 80 + 4 * (2 + 2 * 4));
    ck_assert_uint_eq(units.of[IGQ_EVENT_DISTANCE_SQUARE].count, 2 * 2 * 2);
    ck_assert_uint_eq(units.of[IGQ_EVENT_RANGE_SELECT].bits, 4 * 64 + 2 * 2 * 32);
    // Of each of 2 groups: three sets of bounds, distances and list ends in 2 lanes, a length.
    ck_assert_uint_eq(units.of[IGQ_EVENT_ASSIGN_REGISTER].bits, 2 * (3 * 32 + 2 * (32 + 34) + 2 * 2 * 2 + 3));
    // 2 rows leave 2 banks: 8 bits of weights and 32 of activations through one multiplexer each.
    ck_assert_uint_eq(units.of[IGQ_EVENT_CROSSBAR].bits, 2 * (8 + 32));
    ck_assert_uint_eq(units.memory[IGQ_MEMORY_RANGE_MEMORY].bank_bytes, 32);
    ck_assert_uint_eq(units.memory[IGQ_MEMORY_INDEX_BUFFER].num_banks, 3);
    ck_assert_uint_eq(units.memory[IGQ_MEMORY_OUTPUT_BUFFER].num_banks, 1);

    machine.scheme.scheme = IGQ_SCHEME_LAYERWISE;
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_DISTANCE_SQUARE].count, 0);
    ck_assert_uint_eq(units.of[IGQ_EVENT_RANGE_COMPARE].count, 0);
    ck_assert_uint_eq(units.of[IGQ_EVENT_CROSSBAR].count, 0);
    ck_assert_uint_eq(units.memory[IGQ_MEMORY_RANGE_MEMORY].num_banks, 0);
}
END_TEST

START_TEST(every_name_is_there_once)
{
    for (int i = 0; i < IGQ_EVENT_COUNT; i++)
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(igq_event_names[i], igq_event_names[j]);
    for (int i = 0; i < IGQ_MEMORY_COUNT; i++)
        ck_assert_ptr_nonnull(igq_memory_names[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("events");
    TCase *cases = tcase_create("counts");
    tcase_add_test(cases, operands_are_one_bit_wider_where_zero_points_are_subtracted_first);
    tcase_add_test(cases, codes_wider_than_the_multipliers_take_several_multiplications);
    tcase_add_test(cases, half_rate_takes_fewer_passes_and_as_many_multiplications);
    tcase_add_test(cases, operands_are_clocked_at_every_multiplier_of_a_systolic_array);
    tcase_add_test(cases, a_tree_over_a_list_has_the_adders_of_its_leaves);
    tcase_add_test(cases, the_assignment_counts_ranges_distances_and_lists);
    tcase_add_test(cases, skipping_zeros_costs_comparisons_and_saves_everything_that_lists_are_for);
    tcase_add_test(cases, static_lists_in_channel_order_need_no_selection);
    tcase_add_test(cases, group_scales_cost_what_their_arithmetic_is);
    tcase_add_test(cases, dealing_pairs_and_selecting_their_entries_is_counted);
    tcase_add_test(cases, dealing_slices_and_adding_their_sums_is_counted);
    tcase_add_test(cases, quantizers_registers_and_conversions_have_the_widths_of_their_arithmetic);
    tcase_add_test(cases, vsquant_scales_every_vector_and_has_no_zero_points);
    tcase_add_test(cases, gated_multiplications_are_taken_off);
    tcase_add_test(cases, simulated_figures_are_taken_over);
    tcase_add_test(cases, units_are_those_that_the_peak_asks_for);
    tcase_add_test(cases, every_name_is_there_once);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
