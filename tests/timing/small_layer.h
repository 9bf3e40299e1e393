// SPDX-License-Identifier: Apache-2.0
// small_layer.h - one layer and one machine, small enough to be worked by hand.
#ifndef TEST_SMALL_LAYER_H
#define TEST_SMALL_LAYER_H
#include "grouping.h"
#include "machine.h"
#include "network.h"
#include "../suite.h"

// One layer [T][C] x [O][C] in one job, with memory of its own.
typedef struct small_layer {
    igq_layer layer;
    igq_grouping grouping;
    uint64_t memory[256];
    igq_job job;
} small_layer;

static inline void small_layer_init(small_layer *small, int T, int C, int O, int act_bits, int G, const int *group)
{
    *small = (small_layer){.layer = {.name = "small", .kind = IGQ_LAYER_QKV, .products = 1, .T = T, .C = C, .O = O}};
    ck_assert_uint_le(igq_grouping_size(C, G), sizeof small->memory);
    igq_grouping_init(&small->grouping, small->memory, C, G);
    for (int c = 0; c < C; c++)
        small->grouping.group[c] = (uint16_t)group[c];
    igq_grouping_build(&small->grouping);
    small->job = (igq_job){.layer = &small->layer,
                           .act_bits = act_bits,
                           .weight_bits = 4,
                           .weights_from_job = -1,
                           .acts_from_job = -1,
                           .assigned = small->grouping.group,
                           .grouping = &small->grouping};
}

// The arrays of tests/unit/test_array_timing.c, where the tiles' cycles are worked out.
static inline igq_accelerator small_machine(igq_organisation organisation)
{
    return (igq_accelerator){
        .mac_organisation = organisation,
        .num_groups = 2,
        .mac_array = {.num_arrays = 1,
                      .lanes = 2,
                      .vector_length = 2,
                      .token_rows = 1,
                      .tokens_in_flight = 2,
                      .mac_bits = 4,
                      .accumulator_sets = 1},
        .weight_buffer = {64, 1},
        .activation_buffer = {64, 1},
        .output_buffer = {64, 1},
        .tiling = {.batch_images = 1},
        .row_selector = {.num_banks = 2, .ports_per_bank = 1, .bank_width_bits = 8, .queue_depth = 1},
        .group_assignment = {IGQ_RANGE_SOURCE_PASS, 2, 3, 64, 2},
        .post_processing = {.lanes = 2, .latency_cycles = 3},
        .vector_unit = {.lanes = 2, .latency_cycles = 1},
        .dram = {.bandwidth_bytes_per_cycle = 4, .latency_cycles = 10, .burst_bytes = 4},
    };
}

#endif
