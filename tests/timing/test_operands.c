// SPDX-License-Identifier: Apache-2.0
// K and V on their way into the weight buffer, worked by hand: 5 tokens, one head of 8 channels, nothing else takes
// time but the arrays.
#include "job_events.h"
#include "machine.h"
#include "machine_check.h"
#include "network.h"
#include "sc_main.h"
#include "units.h"
#include "../suite.h"

enum { SCORES = 2, CONTEXT = 3, HEAD_DIM = 8, TOKENS = 5, BITS = 8, BITS_PER_CYCLE = 24, NUM_JOBS = 8 };

typedef struct attention_run {
    uint64_t waited[2];        // for operands, by scores and context
    uint64_t register_bits[2]; // clocked
} attention_run;

static attention_run run(const igq_accelerator *machine)
{
    const igq_vit_shape shape = {.image_size = 4,
                                 .patch_size = 2,
                                 .image_channels = 1,
                                 .dim = HEAD_DIM,
                                 .depth = 1,
                                 .heads = 1,
                                 .mlp_dim = 8,
                                 .classes = 3,
                                 .prefix_tokens = 1,
                                 .layer_norm_epsilon = 1e-6};
    test_network network;
    igq_job_result results[NUM_JOBS] = {0};
    attention_run ran;
    char message[256];
    test_network_init(&network, &shape, 1, BITS, 1);
    igq_jobs *jobs = test_network_jobs(&network, machine);
    ck_assert_int_eq(jobs->num_jobs, NUM_JOBS);
    ck_assert_msg(igq_jobs_plan(jobs, message, sizeof message, machine) == 0, "%s", message);
    igq_machine_run(results, machine, jobs->job, NUM_JOBS, IGQ_ASSIGN_MODEL_C);
    for (int i = 0; i < 2; i++) {
        igq_events events;
        int j = SCORES + i;
        ck_assert_int_eq(jobs->job[j].layer->kind, i ? IGQ_LAYER_CONTEXT : IGQ_LAYER_SCORES);
        igq_job_events(&events, &jobs->job[j], &jobs->plan[j], &results[j], machine);
        ran.waited[i] = results[j].cause_cycles[IGQ_CAUSE_WEIGHTS];
        ran.register_bits[i] = events.of[IGQ_EVENT_MAC_REGISTER].bits;
    }
    igq_jobs_free(jobs);
    test_network_free(&network);
    return ran;
}

static igq_accelerator machine_of(int bits_per_cycle)
{
    return (igq_accelerator){
        .mac_organisation = IGQ_ORGANISATION_SHARED,
        .num_groups = 1,
        .scheme = {.num_groups = 1, .acc_bits = 32},
        .mac_array = {.num_arrays = 1,
                      .lanes = 8,
                      .vector_length = 4,
                      .token_rows = 1,
                      .tokens_in_flight = 5,
                      .mac_bits = 4,
                      .acc_bits = 32,
                      .accumulator_sets = 2},
        .weight_buffer = {4096, 0}, // K and V one after another
        .activation_buffer = {65536, 1},
        .output_buffer = {4096, 1},
        .operand_bits_per_cycle = bits_per_cycle,
        .tiling = {.batch_images = 1},
        .row_selector = {.num_banks = 8, .ports_per_bank = 1, .bank_width_bits = 64, .queue_depth = 2},
        .group_assignment = {IGQ_RANGE_SOURCE_WRITEBACK, 2, 1, 64, 2},
        .post_processing = {.lanes = 8},
        .vector_unit = {.lanes = 8, .ideal = 1},
        .dram = {.bandwidth_bytes_per_cycle = 4, .burst_bytes = 4, .model = IGQ_DRAM_MODEL_IDEAL},
    };
}

START_TEST(k_is_copied_and_v_is_turned)
{
    igq_accelerator free_machine = machine_of(0), machine = machine_of(BITS_PER_CYCLE);
    attention_run was = run(&free_machine), is = run(&machine);
    ck_assert_uint_eq(was.waited[0] + was.waited[1], 0);
    // 320 bits of codes in 14 cycles of 24 bits. V leaves when a square of 3 x 3 codes has come.
    ck_assert_uint_eq(is.waited[0], 14);
    ck_assert_uint_eq(is.waited[1], 14 + 3);
    ck_assert_uint_eq(is.register_bits[0], was.register_bits[0]);
    ck_assert_uint_eq(is.register_bits[1], was.register_bits[1] + HEAD_DIM * TOKENS * BITS);
    // Two squares of 6 x 6 codes of 4 bits, the narrowest that may come.
    igq_units had, has;
    igq_units_of(&had, &free_machine);
    igq_units_of(&has, &machine);
    ck_assert_uint_eq(has.of[IGQ_EVENT_MAC_REGISTER].bits, had.of[IGQ_EVENT_MAC_REGISTER].bits + 2 * 6 * 6 * 4);
}
END_TEST

START_TEST(values_take_twice_as_long_as_codes_of_8_bits)
{
    igq_accelerator machine = machine_of(BITS_PER_CYCLE);
    machine.activation_stores = IGQ_STORES_VALUES;
    attention_run is = run(&machine);
    ck_assert_uint_eq(is.waited[0], 27);     // 640 bits
    ck_assert_uint_eq(is.waited[1], 27 + 2); // a square of 2 x 2 values
}
END_TEST

START_TEST(the_other_slot_is_filled_while_the_arrays_work)
{
    igq_accelerator machine = machine_of(BITS_PER_CYCLE);
    machine.weight_buffer.double_buffered = 1;
    attention_run is = run(&machine);
    ck_assert_uint_eq(is.waited[0], 14); // K is not there before it is written
    ck_assert_uint_lt(is.waited[1], 14 + 3);
}
END_TEST

START_TEST(what_comes_from_dram_is_turned_as_well)
{
    igq_accelerator machine = machine_of(BITS_PER_CYCLE);
    machine.activation_buffer.capacity_bytes = 200; // q, k and v are 120 bytes
    attention_run is = run(&machine);
    ck_assert_uint_eq(is.waited[0], 0); // an ideal memory
    ck_assert_uint_eq(is.waited[1], 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operands");
    TCase *tests = tcase_create("operands");
    tcase_add_test(tests, k_is_copied_and_v_is_turned);
    tcase_add_test(tests, values_take_twice_as_long_as_codes_of_8_bits);
    tcase_add_test(tests, the_other_slot_is_filled_while_the_arrays_work);
    tcase_add_test(tests, what_comes_from_dram_is_turned_as_well);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
