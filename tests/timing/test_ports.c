// SPDX-License-Identifier: Apache-2.0
// What energy is charged for is what passed the ports: the closed forms of events.h against what the SystemC modules
// counted tile by tile, on random machines and networks. (Reads of the weight banks are held to the cycle-by-cycle twin
// by unit.array_timing.)
#include "job_events.h"
#include "machine.h"
#include "machine_check.h"
#include "random_machine.h"
#include "sc_main.h"
#include "../suite.h"

enum { NUM_MACHINES = 200, GROUPS = 4 };

static void check_job(const igq_job *job, const igq_job_plan *plan, const igq_job_result *result,
                      const igq_accelerator *machine)
{
    const igq_product *product = &plan->product;
    const igq_port_counts *ports = &result->ports;
    igq_events events;
    igq_job_events(&events, job, plan, result, machine);
    ck_assert_uint_eq(events.of[IGQ_EVENT_WEIGHT_BUFFER_READ].count, ports->weight_reads);
    ck_assert_uint_eq(events.of[IGQ_EVENT_WEIGHT_BUFFER_WRITE].bits, ports->weight_write_bits);
    ck_assert_uint_eq(events.of[IGQ_EVENT_VECTOR_OP].count, ports->vector_pass_elements);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DRAM_READ].bits, 8 * result->dram_read_bytes);
    ck_assert_uint_eq(events.of[IGQ_EVENT_DRAM_WRITE].bits, 8 * result->dram_write_bytes);

    // Besides its loads the activation buffer takes parked rows, their passes, and results that stay on chip.
    // Before they are stored, results are values. Channels that are rewritten are written once more.
    uint64_t results_bits = 16 * (uint64_t)product->T * (uint64_t)product->O;
    int parks = igq_tiling_parks_rows(&plan->tiling, product);
    uint64_t written_bits = ports->activation_load_bits + (product->residual_stays ? results_bits : 0) +
                            (parks ? (uint64_t)product->row_passes * results_bits : 0) +
                            (parks || !product->outputs_in_dram ? ports->result_bits : 0) +
                            (product->recodes ? (uint64_t)product->T * (uint64_t)product->C *
                                                    (uint64_t)igq_storage_element_bits(&product->acts)
                                              : 0);
    ck_assert_uint_eq(events.of[IGQ_EVENT_ACTIVATION_BUFFER_WRITE].bits, written_bits);
    // Sums arrive once in the output buffer, whatever else is written there.
    ck_assert_uint_eq(ports->sum_write_bits, results_bits);
    ck_assert_uint_ge(events.of[IGQ_EVENT_OUTPUT_BUFFER_WRITE].bits, results_bits);
}

START_TEST(events_equal_what_passed_the_ports)
{
    rng random = {.state = 23};
    int ran = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(GROUPS, &random);
        test_network network;
        test_network_init(&network, &shape, GROUPS, rng_int(&random, 2, 8), (uint64_t)i);
        igq_jobs *jobs = test_network_jobs(&network, &machine);
        igq_job_plan *plans = calloc((size_t)jobs->num_jobs, sizeof *plans);
        igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
        char message[256];
        if (igq_machine_check(message, sizeof message, &machine, jobs->job, jobs->num_jobs) == 0) {
            igq_machine_run(results, &machine, jobs->job, jobs->num_jobs, IGQ_ASSIGN_MODEL_C);
            igq_plan_jobs(plans, message, sizeof message, &machine, jobs->job, jobs->num_jobs);
            for (int j = 0; j < jobs->num_jobs; j++)
                check_job(&jobs->job[j], &plans[j], &results[j], &machine);
            ran++;
        }
        free(plans);
        free(results);
        igq_jobs_free(jobs);
        test_network_free(&network);
    }
    ck_assert_int_gt(ran, NUM_MACHINES / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ports");
    TCase *ports = tcase_create("ports");
    tcase_add_test(ports, events_equal_what_passed_the_ports);
    suite_add_tcase(suite, ports);
    return run_suite(suite);
}
