// SPDX-License-Identifier: Apache-2.0
// With one group an instance-aware machine works as the layer-wise one does, and waits for its assignment besides.
#include "machine.h"
#include "machine_check.h"
#include "random_machine.h"
#include "sc_main.h"
#include "../suite.h"

enum { NUM_MACHINES = 500 };

typedef struct run_time {
    uint64_t cycles, assignment_cycles;
    uint64_t array_cycles; // of what happens inside tiles, whatever is waited for between them
} run_time;

static run_time time_of(const igq_accelerator *machine, const test_network *network)
{
    igq_jobs *jobs = test_network_jobs(network, machine);
    igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
    run_time time = {0};
    char message[256];
    if (igq_machine_check(message, sizeof message, machine, jobs->job, jobs->num_jobs) == 0)
        igq_machine_run(results, machine, jobs->job, jobs->num_jobs, IGQ_ASSIGN_MODEL_C);
    for (int j = 0; j < jobs->num_jobs; j++) {
        const uint64_t *cause = results[j].cause_cycles;
        time.cycles += results[j].cycles;
        time.assignment_cycles += cause[IGQ_CAUSE_ASSIGNMENT];
        time.array_cycles += cause[IGQ_CAUSE_COMPUTE] + cause[IGQ_CAUSE_EDGE] + cause[IGQ_CAUSE_PADDING] +
                             cause[IGQ_CAUSE_FULLEST_GROUP] + cause[IGQ_CAUSE_ROW_CONFLICT] + cause[IGQ_CAUSE_RESCALE];
    }
    free(results);
    igq_jobs_free(jobs);
    return time;
}

// Memory that nobody waits for, so that nothing can be fetched while the assignment is waited for.
static void take_memory_away(igq_accelerator *machine)
{
    machine->dram = (igq_dram_cfg){.bandwidth_bytes_per_cycle = 1 << 29, .latency_cycles = 0, .burst_bytes = 1};
    machine->operand_bits_per_cycle = 0;
    machine->weight_buffer = (igq_buffer_cfg){1 << 29, 1};
    machine->activation_buffer = (igq_buffer_cfg){1 << 29, 1};
    machine->output_buffer = (igq_buffer_cfg){1 << 29, 1};
}

static void draw(igq_accelerator *machine, test_network *network, rng *random, int i)
{
    igq_vit_shape shape = random_vit_shape(random);
    *machine = random_machine(1, random);
    machine->row_selector.zero_skip = 0; // both have all channels to work on
    machine->activation_stores = IGQ_STORES_VALUES;
    machine->tiling.objective = IGQ_TILING_OBJECTIVE_TRAFFIC; // both take the same tiles, whatever they wait for
    test_network_init(network, &shape, 1, rng_int(random, 2, 8), (uint64_t)i);
}

START_TEST(only_the_assignment_that_is_not_hidden_is_added)
{
    rng random = {.state = 31};
    int organisation[IGQ_ORGANISATION_COUNT] = {0}, waited = 0, exact = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_accelerator machine;
        test_network network;
        draw(&machine, &network, &random, i);
        take_memory_away(&machine);
        machine.scheme.scheme = IGQ_SCHEME_LAYERWISE;
        run_time layerwise = time_of(&machine, &network);
        machine.scheme.scheme = IGQ_SCHEME_IGQ;
        run_time igq = time_of(&machine, &network);
        ck_assert_uint_gt(layerwise.cycles, 0);
        ck_assert_uint_eq(layerwise.assignment_cycles, 0);
        // With several heads, what is waited for in one may be the time in which the vector unit finishes another.
        ck_assert_uint_le(layerwise.cycles, igq.cycles);
        ck_assert_uint_le(igq.cycles, layerwise.cycles + igq.assignment_cycles);
        if (network.network->num_softmax == network.network->num_attention) { // one head
            ck_assert_uint_eq(igq.cycles, layerwise.cycles + igq.assignment_cycles);
            exact++;
        }
        organisation[machine.mac_organisation]++;
        waited += igq.assignment_cycles > 0;
        test_network_free(&network);
    }
    ck_assert_int_gt(waited, NUM_MACHINES / 2);
    ck_assert_int_gt(exact, NUM_MACHINES / 5);
    for (int o = 0; o < IGQ_ORGANISATION_COUNT; o++)
        ck_assert_int_gt(organisation[o], NUM_MACHINES / 10);
}
END_TEST

START_TEST(tiles_cost_the_same_on_any_memory)
{
    rng random = {.state = 32};
    int ran = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_accelerator machine;
        test_network network;
        draw(&machine, &network, &random, i);
        machine.scheme.scheme = IGQ_SCHEME_LAYERWISE;
        run_time layerwise = time_of(&machine, &network);
        machine.scheme.scheme = IGQ_SCHEME_IGQ;
        run_time igq = time_of(&machine, &network);
        ck_assert_uint_eq(igq.array_cycles, layerwise.array_cycles);
        ran += igq.cycles > 0;
        test_network_free(&network);
    }
    ck_assert_int_gt(ran, NUM_MACHINES / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("one_group");
    TCase *one_group = tcase_create("one group");
    tcase_add_test(one_group, only_the_assignment_that_is_not_hidden_is_added);
    tcase_add_test(one_group, tiles_cost_the_same_on_any_memory);
    suite_add_tcase(suite, one_group);
    return run_suite(suite);
}
