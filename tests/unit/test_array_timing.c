// SPDX-License-Identifier: Apache-2.0
#include "array_timing.h"
#include "estimate.h"
#include "latency.h"
#include "rng.h"
#include "slices.h"
#include "zero_skip.h"
#include <stdlib.h>
#include "../suite.h"

#define MAX_C 64

// Lists of a layer with memory of their own.
typedef struct layer_lists {
    igq_grouping grouping;
    uint64_t memory[MAX_C * 4];
} layer_lists;

static void lists_init(layer_lists *lists, int C, int G, const int *group)
{
    ck_assert_uint_le(igq_grouping_size(C, G), sizeof lists->memory);
    igq_grouping_init(&lists->grouping, lists->memory, C, G);
    for (int c = 0; c < C; c++)
        lists->grouping.group[c] = (uint16_t)group[c];
    igq_grouping_build(&lists->grouping);
}

static void tile_time(igq_tile_time *time, const igq_grouping *grouping, int tokens, int outputs, int act_bits,
                      int weight_bits, const igq_accelerator *accelerator)
{
    igq_step step[4 * MAX_C]; // of up to 7 arrays on unbound
    ck_assert_uint_le(igq_steps_room(grouping->C, accelerator), sizeof step / sizeof *step);
    igq_steps steps = {.step = step};
    igq_array_steps(&steps, grouping, act_bits, weight_bits, accelerator);
    igq_array_tile(time, &steps, tokens, outputs, accelerator);
}

static void assert_same_time(const igq_tile_time *a, const igq_tile_time *b)
{
    ck_assert_uint_eq(a->busy_cycles, b->busy_cycles);
    ck_assert_uint_eq(a->row_conflict_cycles, b->row_conflict_cycles);
    ck_assert_uint_eq(a->rescale_cycles, b->rescale_cycles);
    ck_assert_uint_eq(a->drain_cycles, b->drain_cycles);
    ck_assert_uint_eq(a->cycles, b->cycles);
    ck_assert_uint_eq(a->useful_slots, b->useful_slots);
    ck_assert_uint_eq(a->padding_slots, b->padding_slots);
    ck_assert_uint_eq(a->fullest_group_slots, b->fullest_group_slots);
    ck_assert_uint_eq(a->weight_reads, b->weight_reads);
    ck_assert_uint_eq(a->gather_cycles, b->gather_cycles);
    ck_assert_uint_eq(a->handover_cycles, b->handover_cycles);
    ck_assert_int_eq(a->most_waiting_vectors, b->most_waiting_vectors);
}

static igq_accelerator small_machine(igq_organisation organisation)
{
    return (igq_accelerator){
        .mac_organisation = organisation,
        .num_groups = 2,
        .scheme = {.group_scale = IGQ_GROUP_SCALE_FP32},
        .mac_array = {.num_arrays = 1,
                      .lanes = 2,
                      .vector_length = 2,
                      .token_rows = 1,
                      .tokens_in_flight = 2,
                      .mac_bits = 4,
                      .accumulator_sets = 1},
        .row_selector = {.num_banks = 2, .ports_per_bank = 1, .bank_width_bits = 8, .queue_depth = 1},
        .post_processing = {.lanes = 2, .latency_cycles = 3},
    };
}

START_TEST(shared_tile_worked_by_hand)
{
    // Lists {0,2,4} and {1,3,5}, V = 2: steps {0,2} {4} {1,3} {5}; all channels of a list share a bank of the two, so
    // the gathers take 2, 1, 2, 1 cycles. A step computes 2 tokens = 2 cycles; a group hands over 4 sums = 2 cycles.
    //   gather   0-2  2-3   4-6   8-9       each begins when the step before it starts (queue of 1)
    //   compute  2-4  4-6   8-10  10-12     step 2 waits for the hand-over 6-8 (one accumulator set)
    //   hand-over     6-8         12-14     then 3 cycles of latency: 17
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    layer_lists lists;
    lists_init(&lists, 6, 2, (const int[]){0, 1, 0, 1, 0, 1});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 2, 2, 4, 4, &machine);
    ck_assert_uint_eq(time.cycles, 17);
    ck_assert_uint_eq(time.row_conflict_cycles, 2);
    ck_assert_uint_eq(time.rescale_cycles, 2);
    ck_assert_uint_eq(time.drain_cycles, 5);
    // 8 busy cycles of 4 multipliers; 2 tokens x 2 outputs x 6 channels useful, 2 x 2 x 2 beyond the ends of the lists.
    uint64_t cause[IGQ_CAUSE_COUNT] = {0};
    igq_tile_time_causes(cause, &time, igq_peak_macs_per_cycle(&machine.mac_array));
    ck_assert_uint_eq(cause[IGQ_CAUSE_COMPUTE], 6);
    ck_assert_uint_eq(cause[IGQ_CAUSE_PADDING], 2);
    ck_assert_uint_eq(cause[IGQ_CAUSE_EDGE], 0);
}
END_TEST

START_TEST(per_group_tile_worked_by_hand)
{
    // Lists {0,1,2,3} and {4,5} on an array each: step 0 gathers 0,1,4,5 (two reads a bank), step 1 gathers 2,3.
    //   gather   0-2  2-3
    //   compute  2-4  4-6      array 1 has no vector in step 1, and waits for list 0 before its hand-over
    //   hand-over          6-7 (array 0: 4 sums, 4 lanes)  7-8 (array 1), then 3 cycles: 11
    // Where running sums take a visit every other cycle: 6-8, 8-10, 13.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_PER_GROUP);
    machine.mac_array.num_arrays = 2;
    machine.post_processing.lanes = 4;
    layer_lists lists;
    lists_init(&lists, 6, 2, (const int[]){0, 0, 0, 0, 1, 1});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 2, 2, 4, 4, &machine);
    ck_assert_uint_eq(time.cycles, 11);
    ck_assert_uint_eq(time.row_conflict_cycles, 2);
    ck_assert_uint_eq(time.drain_cycles, 5);
    ck_assert_uint_eq(time.handover_cycles, 2);
    uint64_t cause[IGQ_CAUSE_COUNT] = {0};
    igq_tile_time_causes(cause, &time, igq_peak_macs_per_cycle(&machine.mac_array));
    ck_assert_uint_eq(cause[IGQ_CAUSE_COMPUTE], 3);
    ck_assert_uint_eq(cause[IGQ_CAUSE_FULLEST_GROUP], 1);
    machine.post_processing.add_cycles = 2;
    tile_time(&time, &lists.grouping, 2, 2, 4, 4, &machine);
    ck_assert_uint_eq(time.cycles, 13);
}
END_TEST

START_TEST(temporal_tile_with_shifts_worked_by_hand)
{
    // Lists {0,2} and {1}, one channel a step, 8-bit weights in 2 passes and two words: every gather and every step
    // takes 2 cycles. 3 tokens on 2 rows: two blocks; the second half empty. The shift at the group change takes 1
    // cycle.
    //   gather   0-2  2-4  4-6      7-9   9-11  11-13
    //   compute  2-4  4-6  7-9      9-11  11-13 14-16     shifts 6-7 and 13-14
    //   hand-over          9-11 (4 sums, 2 lanes)   16-17 (2 sums), then 3 cycles: 20
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_TEMPORAL);
    machine.scheme.group_scale = IGQ_GROUP_SCALE_POW2;
    machine.mac_array.vector_length = 1;
    machine.mac_array.token_rows = 2;
    machine.mac_array.accumulator_sets = 2;
    machine.mac_array.rescale_cycles = 1;
    layer_lists lists;
    lists_init(&lists, 3, 2, (const int[]){0, 1, 0});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 3, 2, 4, 8, &machine);
    ck_assert_uint_eq(time.cycles, 20);
    ck_assert_uint_eq(time.row_conflict_cycles, 2);
    ck_assert_uint_eq(time.rescale_cycles, 2);
    ck_assert_uint_eq(time.drain_cycles, 4);
    uint64_t cause[IGQ_CAUSE_COUNT] = {0};
    igq_tile_time_causes(cause, &time, igq_peak_macs_per_cycle(&machine.mac_array));
    ck_assert_uint_eq(cause[IGQ_CAUSE_COMPUTE], 9);
    ck_assert_uint_eq(cause[IGQ_CAUSE_EDGE], 3);
}
END_TEST

START_TEST(streamed_sums_worked_by_hand)
{
    // As the shared tile, but rows of sums leave during the last step of a group. Two lanes of post-processing:
    //   gather   0-2  2-3   4-6   6-7
    //   compute  2-4  4-6   6-8   8-10      step 2 writes row 0 in 6-7 and row 1 in 7-8: free in time
    //   hand-over     5-6 6-7     9-10 10-11 (rows of 2 sums)    then 3 cycles of latency: 14
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    machine.mac_array.stream_sums = 1;
    layer_lists lists;
    lists_init(&lists, 6, 2, (const int[]){0, 1, 0, 1, 0, 1});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 2, 2, 4, 4, &machine);
    ck_assert_uint_eq(time.cycles, 14);
    ck_assert_uint_eq(time.row_conflict_cycles, 2);
    ck_assert_uint_eq(time.rescale_cycles, 0);
    ck_assert_uint_eq(time.drain_cycles, 4);
    // One lane: row 0 is free at 7, row 1 at 9, so step 2 starts at 8.
    //   compute  2-4  4-6   8-10  10-12
    //   hand-over     5-9         11-15     18
    machine.post_processing.lanes = 1;
    tile_time(&time, &lists.grouping, 2, 2, 4, 4, &machine);
    ck_assert_uint_eq(time.cycles, 18);
    ck_assert_uint_eq(time.rescale_cycles, 2);
    ck_assert_uint_eq(time.drain_cycles, 6);
    ck_assert_uint_eq(time.handover_cycles, 8);
}
END_TEST

START_TEST(half_rate_tile_worked_by_hand)
{
    // One list {0,1} of 8-bit codes, words of 8 bits (a channel takes 2 reads of its bank): one step.
    //   quarter: gather 0-2, compute 2-10 (2 tokens, 4 passes), hand-over 10-12, 15
    //   half:    gather 0-2, compute 2-6, hand-over 6-8, 11
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    layer_lists lists;
    lists_init(&lists, 2, 1, (const int[]){0, 0});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 2, 2, 8, 8, &machine);
    ck_assert_uint_eq(time.cycles, 15);
    machine.mac_array.wide_rate = IGQ_WIDE_RATE_HALF;
    tile_time(&time, &lists.grouping, 2, 2, 8, 8, &machine);
    ck_assert_uint_eq(time.cycles, 11);
    ck_assert_uint_eq(time.busy_cycles, 4);
}
END_TEST

START_TEST(systolic_tile_worked_by_hand)
{
    // 3 rows x 2 lanes, one list {0,1}, V = 1: a block is 2 steps of a cycle and 2 + 1 cycles for the wave to leave.
    // Two blocks of outputs; 6 sums on 6 lanes of post-processing.
    //   gather   0-1 1-2      2-3 3-4 (queue of 1)
    //   compute  1-2 2-3      6-7 7-8
    //   skew             3-6          8-11
    //   hand-over        6-7          11-12      then 3 cycles: 15
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_TEMPORAL);
    machine.mac_array.vector_length = 1;
    machine.mac_array.token_rows = 3;
    machine.mac_array.tokens_in_flight = 3;
    machine.mac_array.accumulator_sets = 2;
    machine.mac_array.systolic = 1;
    machine.post_processing.lanes = 6;
    layer_lists lists;
    lists_init(&lists, 2, 1, (const int[]){0, 0});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 3, 4, 4, 4, &machine);
    ck_assert_uint_eq(time.cycles, 15);
    ck_assert_uint_eq(time.row_conflict_cycles, 1);
    ck_assert_uint_eq(time.drain_cycles, 3 + 3 + 1 + 3);
    ck_assert_uint_eq(time.busy_cycles, 4);
}
END_TEST

START_TEST(systolic_tiles_take_the_usual_closed_form)
{
    // n x n, output stationary: folds (K + 2n - 2) cycles; here also the first gather, the last hand-over, its latency.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_TEMPORAL);
    machine.row_selector =
        (igq_row_selector_cfg){.num_banks = 64, .ports_per_bank = 1, .bank_width_bits = 256, .queue_depth = 2};
    machine.mac_array.accumulator_sets = 2;
    machine.mac_array.vector_length = 1;
    machine.mac_array.systolic = 1;
    const int group[MAX_C] = {0};
    for (int n = 1; n <= 32; n++) {
        int K = 2 * n, tokens = 3 * n - 1, outputs = 2 * n, folds = n > 1 ? 3 * 2 : 2 * 2;
        machine.mac_array.token_rows = machine.mac_array.tokens_in_flight = machine.mac_array.lanes = n;
        machine.post_processing.lanes = n * n;
        layer_lists lists;
        lists_init(&lists, K, 1, group);
        igq_tile_time time;
        tile_time(&time, &lists.grouping, tokens, outputs, 4, 4, &machine);
        ck_assert_uint_eq(time.cycles, (uint64_t)(1 + folds * (K + 2 * n - 2) + 1 + 3));
    }
}
END_TEST

START_TEST(elastic_tile_worked_by_hand)
{
    // Lists {0,1,2,3,4,5} and {6} on 3 slices of V = 2: 3 vectors and 1. Each list has a slice, the third goes to list
    // 0.
    //   slice 0: {0,1} {4,5}   slice 1: {2,3}   slice 2: {6}
    //   reads of banks 0 and 1: step 0: 0,2,6 and 1,3 = 3 cycles, step 1: 4 and 5 = 1 cycle
    //   gather   0-3  3-4
    //   compute  3-5  5-7
    //   hand-over          7-11 (slices 0 and 1, 8 sums, 2 lanes)  11-13 (slice 2), then 3 cycles: 16
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_ELASTIC);
    machine.mac_array.num_arrays = 3;
    layer_lists lists;
    lists_init(&lists, 7, 2, (const int[]){0, 0, 0, 0, 0, 0, 1});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 2, 2, 4, 4, &machine);
    ck_assert_uint_eq(time.cycles, 16);
    ck_assert_uint_eq(time.busy_cycles, 4);
    ck_assert_uint_eq(time.row_conflict_cycles, 3);
    ck_assert_uint_eq(time.drain_cycles, 9);
    ck_assert_uint_eq(time.useful_slots, 4 * 7);
    ck_assert_uint_eq(time.padding_slots, 4 * 1);
    ck_assert_uint_eq(time.fullest_group_slots, 4 * 4);
}
END_TEST

START_TEST(unbound_tile_worked_by_hand)
{
    // Lists {0,1,2,3,4} and {5,6} on 2 arrays of V = 2 with 2 lanes; 3 blocks of outputs, the last with 1, 2 tokens.
    //   round 0, blocks 0 and 1: {0,1} {2,3} {4} {5,6}, each on both arrays: a bank is read twice, gathers take 2
    //   cycles round 1, block 2: the lists side by side: {0,1}+{5,6} {2,3} {4}; reads of banks 0 and 1: 2 and 2, then
    //   1, 1 gather     0-2  2-4  4-6  6-8    8-10   12-13  14-15 compute    2-4  4-6  6-8  8-10   12-14  14-16  16-18
    //   step 4 waits for a set of the two: list 0 has left it hand-over                 8-12 (list 0, 2 arrays of 4
    //   sums)  12-16 (list 1)  18-22 (both lists of block 2)
    // and 3 cycles of latency: 25.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_UNBOUND);
    machine.mac_array.num_arrays = 2;
    machine.mac_array.accumulator_sets = 2;
    layer_lists lists;
    lists_init(&lists, 7, 2, (const int[]){0, 0, 0, 0, 0, 1, 1});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 2, 5, 4, 4, &machine);
    ck_assert_uint_eq(time.cycles, 25);
    ck_assert_uint_eq(time.busy_cycles, 14);
    ck_assert_uint_eq(time.rescale_cycles, 2);
    ck_assert_uint_eq(time.row_conflict_cycles, 2);
    ck_assert_uint_eq(time.useful_slots, 2 * 5 * 7);
    ck_assert_uint_eq(time.padding_slots, 2 * 5 * 1);
    ck_assert_uint_eq(time.fullest_group_slots, 2 * 1 * 2 * 2); // of list 1 in round 1: 2 vectors
}
END_TEST

static igq_accelerator random_machine(rng *random)
{
    igq_accelerator machine = {
        .mac_organisation = (igq_organisation)rng_int(random, 0, IGQ_ORGANISATION_COUNT - 1),
        .scheme = {.group_scale = (igq_group_scale)rng_int(random, 0, IGQ_GROUP_SCALE_COUNT - 1)},
        .mac_array = {.num_arrays = 1,
                      .lanes = rng_int(random, 1, 4),
                      .vector_length = rng_int(random, 1, 5),
                      .token_rows = rng_int(random, 1, 3),
                      .mac_bits = rng_int(random, 2, 8),
                      .accumulator_sets = rng_int(random, 1, 2),
                      .rescale_cycles = rng_int(random, 0, 3),
                      .wide_rate = (igq_wide_rate)rng_int(random, 0, IGQ_WIDE_RATE_COUNT - 1),
                      .stream_sums = rng_int(random, 0, 1),
                      .systolic = rng_int(random, 0, 1),
                      .pipeline_cycles = rng_int(random, 0, 5)},
        .row_selector = {.num_banks = rng_int(random, 1, 9),
                         .ports_per_bank = rng_int(random, 1, 3),
                         .bank_width_bits = rng_int(random, 1, 24),
                         .queue_depth = rng_int(random, 1, 6),
                         .setup_cycles = rng_int(random, 0, 3),
                         .pipeline_cycles = rng_int(random, 0, 3)},
        .post_processing = {.lanes = rng_int(random, 1, 8),
                            .latency_cycles = rng_int(random, 0, 9),
                            .add_cycles = rng_int(random, 1, 3)},
    };
    machine.mac_array.tokens_in_flight = machine.mac_array.token_rows * rng_int(random, 1, 4);
    if (machine.mac_organisation == IGQ_ORGANISATION_TEMPORAL) {
        machine.mac_array.vector_length = 1;
        machine.mac_array.tokens_in_flight = machine.mac_array.token_rows;
    }
    int unbound = machine.mac_organisation == IGQ_ORGANISATION_UNBOUND;
    if (igq_works_in_lockstep(machine.mac_organisation) || unbound)
        machine.mac_array.num_arrays = rng_int(random, 1, 6);
    machine.mac_array.stream_sums &= !unbound;
    machine.mac_array.systolic &= !unbound;
    return machine;
}

static void random_lists(layer_lists *lists, const igq_accelerator *machine, rng *random)
{
    int group[MAX_C];
    int C = rng_int(random, 1, MAX_C);
    int most = igq_works_in_lockstep(machine->mac_organisation) ? machine->mac_array.num_arrays : C;
    int G = rng_int(random, 1, most < 9 ? most : 9);
    int used = rng_int(random, 1, G); // the others stay empty
    for (int c = 0; c < C; c++)
        group[c] = rng_int(random, 0, used - 1);
    lists_init(lists, C, G, group);
    uint8_t zero_weights[MAX_C] = {0};
    for (int c = 0; c < C; c++)
        zero_weights[c] = C % 3 == 0 && group[c] % 2 == c % 2;
    igq_zero_skip(&lists->grouping, &(igq_zeros){.weights = zero_weights}, NULL, NULL);
}

START_TEST(random_tiles_equal_the_cycle_by_cycle_twin)
{
    rng random = {.state = 1};
    for (int i = 0; i < 4000; i++) {
        igq_accelerator machine = random_machine(&random);
        layer_lists lists;
        random_lists(&lists, &machine, &random);
        int tokens = rng_int(&random, 1, 30), outputs = rng_int(&random, 1, 20);
        int act_bits = rng_int(&random, 2, 8), weight_bits = rng_int(&random, 2, 8);
        igq_tile_time fast, slow;
        tile_time(&fast, &lists.grouping, tokens, outputs, act_bits, weight_bits, &machine);
        igq_array_tile_ref(&slow, &lists.grouping, tokens, outputs, act_bits, weight_bits, &machine);
        assert_same_time(&fast, &slow);
    }
}
END_TEST

START_TEST(causes_add_up_and_compute_is_the_bound)
{
    rng random = {.state = 2};
    for (int i = 0; i < 2000; i++) {
        igq_accelerator machine = random_machine(&random);
        layer_lists lists;
        random_lists(&lists, &machine, &random);
        int tokens = rng_int(&random, 1, 100), outputs = rng_int(&random, 1, 50);
        igq_tile_time time, sum = {0};
        uint64_t cause[IGQ_CAUSE_COUNT] = {0}, total = 0;
        tile_time(&time, &lists.grouping, tokens, outputs, 4, 4, &machine);
        igq_tile_time_add(&sum, &time, 3);
        igq_tile_time_causes(cause, &sum, igq_peak_macs_per_cycle(&machine.mac_array));
        for (int k = 0; k < IGQ_CAUSE_COUNT; k++)
            total += cause[k];
        ck_assert_uint_eq(total, 3 * time.cycles);
        int passes = igq_mac_passes(4, 4, &machine.mac_array);
        uint64_t bound = igq_compute_bound_cycles(tokens, igq_grouping_num_listed(&lists.grouping), outputs, passes,
                                                  igq_peak_macs_per_cycle(&machine.mac_array));
        ck_assert_uint_le(bound, time.busy_cycles);
        ck_assert_uint_le(cause[IGQ_CAUSE_COMPUTE], total);
    }
}
END_TEST

START_TEST(the_closed_form_estimate_is_never_beaten)
{
    rng random = {.state = 5};
    int equal = 0;
    for (int i = 0; i < 4000; i++) {
        igq_accelerator machine = random_machine(&random);
        layer_lists lists;
        random_lists(&lists, &machine, &random);
        int tokens = rng_int(&random, 1, 60), outputs = rng_int(&random, 1, 20);
        igq_tile_time time;
        tile_time(&time, &lists.grouping, tokens, outputs, 4, 4, &machine);
        uint64_t estimate = igq_estimate_tile_cycles(&lists.grouping, tokens, outputs, 4, 4, &machine);
        ck_assert_uint_le(estimate, time.cycles);
        equal += estimate == time.cycles;
    }
    ck_assert_int_gt(equal, 100);
    ck_assert_int_lt(equal, 3900);
}
END_TEST

START_TEST(without_conflicts_a_tile_takes_exactly_the_estimate)
{
    rng random = {.state = 6};
    int unbound = 0;
    for (int i = 0; i < 4000; i++) {
        igq_accelerator machine = random_machine(&random);
        layer_lists lists;
        random_lists(&lists, &machine, &random);
        machine.row_selector =
            (igq_row_selector_cfg){.num_banks = MAX_C, .ports_per_bank = 1, .bank_width_bits = 4096, .queue_depth = 2};
        machine.post_processing.lanes = 65536;
        machine.post_processing.add_cycles = 1;
        machine.mac_array.accumulator_sets = 2;
        int tokens = rng_int(&random, 1, 60), outputs = rng_int(&random, 1, 20);
        igq_tile_time time;
        igq_list_walk walk = igq_walk_lists(&lists.grouping, &machine);
        if (walk.steps < 2 * machine.mac_array.num_arrays && walk.accumulations == 1)
            continue; // hand-overs of a block take up to a cycle for each array, a step one cycle or more
        if (machine.mac_array.num_arrays > 1) {
            // A step takes a cycle for each array, as do hand-overs of lists and pairs that are dealt.
            int arrays = machine.mac_array.num_arrays;
            machine.row_selector.ports_per_bank = arrays; // unbound: which may all read the same channels
            machine.mac_array.token_rows = 1;
            machine.mac_array.tokens_in_flight = arrays + i % 5;
            int rest = tokens % machine.mac_array.tokens_in_flight;
            if (rest > 0 && rest < arrays)
                continue;
            unbound += machine.mac_organisation == IGQ_ORGANISATION_UNBOUND;
        }
        tile_time(&time, &lists.grouping, tokens, outputs, 4, 4, &machine);
        ck_assert_uint_eq(igq_estimate_tile_cycles(&lists.grouping, tokens, outputs, 4, 4, &machine), time.cycles);
    }
    ck_assert_int_gt(unbound, 50);
}
END_TEST

START_TEST(one_list_is_dealt_to_all_arrays_of_per_group)
{
    // 8 channels on 4 arrays of V = 2 are one step without padding or waiting.
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_PER_GROUP);
    machine.mac_array.num_arrays = 4;
    machine.row_selector.num_banks = 8;
    layer_lists lists;
    lists_init(&lists, 8, 1, (const int[8]){0});
    igq_tile_time time;
    tile_time(&time, &lists.grouping, 2, 2, 4, 4, &machine);
    ck_assert_uint_eq(time.busy_cycles, 2);
    ck_assert_uint_eq(time.padding_slots, 0);
    ck_assert_uint_eq(time.fullest_group_slots, 0);
}
END_TEST

START_TEST(deeper_queues_banks_ports_and_streaming_never_cost_cycles)
{
    rng random = {.state = 3};
    for (int i = 0; i < 2000; i++) {
        igq_accelerator machine = random_machine(&random);
        layer_lists lists;
        random_lists(&lists, &machine, &random);
        int tokens = rng_int(&random, 1, 60), outputs = rng_int(&random, 1, 20);
        igq_tile_time before, after;
        tile_time(&before, &lists.grouping, tokens, outputs, 4, 4, &machine);
        switch (i % 5) {
        case 0:
            machine.row_selector.queue_depth += rng_int(&random, 1, 9);
            break;
        case 1:
            machine.row_selector.num_banks *= 2;
            break;
        case 2:
            machine.row_selector.ports_per_bank++;
            break;
        case 3:
            machine.mac_array.stream_sums = 1;
            break;
        default:
            machine.mac_array.accumulator_sets = 2;
            break;
        }
        tile_time(&after, &lists.grouping, tokens, outputs, 4, 4, &machine);
        ck_assert_uint_le(after.cycles, before.cycles);
    }
}
END_TEST

START_TEST(long_tiles_skip_repeats_exactly)
{
    // Large enough that nearly all blocks are repeats; the twin works through each.
    rng random = {.state = 4};
    for (int i = 0; i < 30; i++) {
        igq_accelerator machine = random_machine(&random);
        layer_lists lists;
        random_lists(&lists, &machine, &random);
        igq_tile_time fast, slow;
        tile_time(&fast, &lists.grouping, 101, 37, 4, 4, &machine);
        igq_array_tile_ref(&slow, &lists.grouping, 101, 37, 4, 4, &machine);
        assert_same_time(&fast, &slow);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("array_timing");
    TCase *by_hand = tcase_create("worked by hand");
    tcase_add_test(by_hand, shared_tile_worked_by_hand);
    tcase_add_test(by_hand, per_group_tile_worked_by_hand);
    tcase_add_test(by_hand, elastic_tile_worked_by_hand);
    tcase_add_test(by_hand, unbound_tile_worked_by_hand);
    tcase_add_test(by_hand, streamed_sums_worked_by_hand);
    tcase_add_test(by_hand, half_rate_tile_worked_by_hand);
    tcase_add_test(by_hand, systolic_tile_worked_by_hand);
    tcase_add_test(by_hand, systolic_tiles_take_the_usual_closed_form);
    tcase_add_test(by_hand, temporal_tile_with_shifts_worked_by_hand);
    tcase_add_test(by_hand, one_list_is_dealt_to_all_arrays_of_per_group);
    suite_add_tcase(suite, by_hand);
    TCase *random = tcase_create("random");
    tcase_add_test(random, random_tiles_equal_the_cycle_by_cycle_twin);
    tcase_add_test(random, long_tiles_skip_repeats_exactly);
    tcase_add_test(random, causes_add_up_and_compute_is_the_bound);
    tcase_add_test(random, the_closed_form_estimate_is_never_beaten);
    tcase_add_test(random, without_conflicts_a_tile_takes_exactly_the_estimate);
    tcase_add_test(random, deeper_queues_banks_ports_and_streaming_never_cost_cycles);
    suite_add_tcase(suite, random);
    return run_suite(suite);
}
