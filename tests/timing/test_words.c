// SPDX-License-Identifier: Apache-2.0
// Buffers whose words are filled anew as soon as they have been read (double_buffered: words), and through the ports
// that read (write_ports: shared).
#include "machine_check.h"
#include "random_machine.h"
#include "sc_main.h"
#include "small_layer.h"
#include "../suite.h"

// Two tiles of 4 outputs, 4 bytes of weights each, in a buffer of 4 bytes; a byte a cycle, no latency. A tile takes the
// arrays 12 cycles, two blocks of outputs.
static uint64_t cycles_without_weights(igq_buffering buffering)
{
    igq_accelerator machine = small_machine(IGQ_ORGANISATION_SHARED);
    small_layer small;
    igq_job_result result = {0};
    small_layer_init(&small, 2, 2, 8, 4, 1, (int[]){0, 0});
    machine.weight_buffer = (igq_buffer_cfg){4, buffering};
    machine.tiling = (igq_tiling_cfg){.choice = IGQ_TILING_CHOICE_FIXED,
                                      .tile_tokens = 2,
                                      .tile_outputs = 4,
                                      .loop_order = IGQ_LOOP_WEIGHTS_OUTER,
                                      .batch_images = 1};
    machine.dram = (igq_dram_cfg){.bandwidth_bytes_per_cycle = 1, .burst_bytes = 1};
    igq_machine_run(&result, &machine, &small.job, 1, IGQ_ASSIGN_MODEL_C);
    return result.cause_cycles[IGQ_CAUSE_WEIGHTS] + result.cause_cycles[IGQ_CAUSE_ACTIVATIONS];
}

START_TEST(a_tile_follows_the_one_that_is_read)
{
    uint64_t one_after_another = cycles_without_weights(IGQ_BUFFERING_NO);
    // Half of the words are free in the middle of the first tile, the others at its end: with 4 cycles to go, the load
    // may begin 2 cycles before it.
    ck_assert_uint_eq(cycles_without_weights(IGQ_BUFFERING_WORDS), one_after_another - 2);
}
END_TEST

static uint64_t run(const igq_accelerator *machine, const test_network *network)
{
    igq_jobs *jobs = test_network_jobs(network, machine);
    igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
    char message[256];
    uint64_t cycles = 0;
    if (igq_machine_check(message, sizeof message, machine, jobs->job, jobs->num_jobs) == 0)
        igq_machine_run(results, machine, jobs->job, jobs->num_jobs, IGQ_ASSIGN_MODEL_C);
    for (int j = 0; j < jobs->num_jobs; j++) {
        ck_assert_uint_ge(results[j].cycles, results[j].compute_bound_cycles);
        ck_assert_uint_ge(results[j].cycles, results[j].estimate_cycles);
        cycles += results[j].cycles;
    }
    free(results);
    igq_jobs_free(jobs);
    return cycles;
}

// The machine itself checks its books and traffic.
START_TEST(random_machines_gain_by_it)
{
    enum { NUM_MACHINES = 300 };
    rng random = {.state = 41};
    int ran = 0, faster = 0, slower = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(4, &random);
        test_network network;
        test_network_init(&network, &shape, 4, rng_int(&random, 2, 8), (uint64_t)i);
        machine.weight_buffer.double_buffered = machine.activation_buffer.double_buffered = IGQ_BUFFERING_NO;
        uint64_t before = run(&machine, &network);
        machine.weight_buffer.double_buffered = IGQ_BUFFERING_WORDS;
        machine.activation_buffer.double_buffered = i % 2 ? IGQ_BUFFERING_WORDS : IGQ_BUFFERING_NO;
        uint64_t after = run(&machine, &network);
        ck_assert_int_eq(before > 0, after > 0); // the same tiles fit
        ran += before > 0;
        faster += after < before;
        slower += after > before + before / 100;
        test_network_free(&network);
    }
    ck_assert_int_gt(faster, ran * 3 / 4);
    ck_assert_int_lt(slower, ran / 20);
}
END_TEST

START_TEST(writes_take_what_gathers_leave_of_their_ports)
{
    enum { NUM_MACHINES = 300 };
    rng random = {.state = 43};
    int ran = 0, slower = 0, faster = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(4, &random);
        test_network network;
        test_network_init(&network, &shape, 4, rng_int(&random, 2, 8), (uint64_t)i);
        machine.row_selector.num_banks = machine.row_selector.ports_per_bank = 1; // else there are enough
        uint64_t before = run(&machine, &network);
        machine.row_selector.shared_ports = 1;
        uint64_t after = run(&machine, &network);
        ran += before > 0;
        slower += after > before;
        faster += after < before - before / 100; // a tile that starts later may meet the bus at a better moment
        test_network_free(&network);
    }
    ck_assert_int_gt(slower, ran / 4);
    ck_assert_int_lt(faster, ran / 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("words");
    TCase *tests = tcase_create("words");
    tcase_add_test(tests, a_tile_follows_the_one_that_is_read);
    tcase_add_test(tests, random_machines_gain_by_it);
    tcase_add_test(tests, writes_take_what_gathers_leave_of_their_ports);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
