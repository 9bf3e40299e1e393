// SPDX-License-Identifier: Apache-2.0
// What plan_cycles.h says of a run is what the machine takes, to the cycle.
#include "batch_parts.h"
#include "machine.h"
#include "plan_cycles.h"
#include "random_machine.h"
#include "sc_main.h"
#include "../suite.h"

enum { NUM_MACHINES = 1000, GROUPS = 4, MAX_IMAGES = 4 };

// Plans and runs the images in one batch. Returns 0 if they do not fit.
static int run_batch(uint64_t *forecast, uint64_t *cycles, const test_network *network,
                     const igq_instance *const *instances, int images, const igq_accelerator *machine)
{
    char message[256];
    const igq_batch_source source = {network->network, network->calibration, instances, machine, NULL};
    igq_jobs *jobs = igq_batch_jobs_new(&source, images, message, sizeof message);
    int fits = jobs != NULL;
    *cycles = 0;
    if (fits) {
        igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
        igq_tile_clock *clock = igq_tile_clock_new(jobs->job, jobs->num_jobs, machine);
        *forecast = igq_plan_cycles(jobs->job, jobs->plan, jobs->num_jobs, clock, UINT64_MAX - 1, machine);
        igq_error error;
        ck_assert_int_eq(igq_machine_run_planned(results, NULL, machine, jobs->job, jobs->plan, jobs->num_jobs,
                                                 IGQ_ASSIGN_MODEL_C, &error),
                         IGQ_OK);
        for (int j = 0; j < jobs->num_jobs; j++)
            *cycles += results[j].cycles;
        igq_tile_clock_free(clock);
        free(results);
    }
    igq_jobs_free(jobs);
    return fits;
}

START_TEST(a_plan_takes_what_the_machine_takes)
{
    rng random = {.state = 61};
    int ran = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(GROUPS, &random);
        int images = rng_int(&random, 1, MAX_IMAGES), bits = rng_int(&random, 2, 8);
        test_network network[MAX_IMAGES];
        const igq_instance *instances[MAX_IMAGES];
        for (int image = 0; image < images; image++) {
            test_network_init(&network[image], &shape, GROUPS, bits, (uint64_t)(MAX_IMAGES * i + image));
            instances[image] = network[image].instance;
        }
        machine.tiling.batch_images = images;
        machine.group_assignment.list_sets = 1 + i % 3;
        machine.dram.model = i % 10 == 0 ? IGQ_DRAM_MODEL_IDEAL : IGQ_DRAM_MODEL_BANDWIDTH;
        if (i % 4 == 0)
            machine.weight_buffer.double_buffered = IGQ_BUFFERING_WORDS;
        if (i % 6 == 0)
            machine.activation_buffer.double_buffered = IGQ_BUFFERING_WORDS;
        uint64_t forecast, cycles;
        if (run_batch(&forecast, &cycles, &network[0], instances, images, &machine)) {
            ck_assert_msg(forecast == cycles, "machine %d: %llu, forecast %llu", i, (unsigned long long)cycles,
                          (unsigned long long)forecast);
            ran++;
        }
        for (int image = 0; image < images; image++)
            test_network_free(&network[image]);
    }
    ck_assert_int_gt(ran, NUM_MACHINES / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan_cycles");
    TCase *plans = tcase_create("plans");
    tcase_add_test(plans, a_plan_takes_what_the_machine_takes);
    suite_add_tcase(suite, plans);
    return run_suite(suite);
}
