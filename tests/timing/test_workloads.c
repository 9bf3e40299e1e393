// SPDX-License-Identifier: Apache-2.0
// Every workload of configs/ on every machine of configs/, shapes only.
#include "latency.h"
#include "run.h"
#include "sc_main.h"
#include <glob.h>
#include <string.h>
#include "../suite.h"

// Multiply-accumulates of a layer as cycles of the arrays at their peak, product by product.
static uint64_t compute_cycles(const igq_run_result *result, int k)
{
    const igq_layer *layer = &result->layer[k];
    uint64_t slots = igq_layer_macs(layer) / (uint64_t)layer->products * (uint64_t)igq_run_passes(result, k);
    return slots / (uint64_t)igq_peak_macs_per_cycle(&result->accelerator.mac_array) * (uint64_t)layer->products;
}

static void run_workload(const char *machine, const char *workload)
{
    igq_error error = {""};
    igq_run_result *result;
    const igq_run_request request = {.accelerator_path = machine, .workload_path = workload};
    igq_status status = igq_simulate(&result, &request, &error);
    ck_assert_msg(status == IGQ_OK, "%s on %s: %s", workload, machine, error.message);
    for (int k = 0; k < result->num_layers; k++) {
        const igq_job_result *timing = &result->image[0].layer[k].timing;
        ck_assert_msg(timing->cause_cycles[IGQ_CAUSE_COMPUTE] == compute_cycles(result, k), "%s on %s: %s", workload,
                      machine, result->layer[k].name);
        ck_assert_uint_ge(timing->cycles, timing->compute_bound_cycles);
    }
    igq_run_result_free(result);
}

// Detectors take seconds each: the smallest runs on all machines, the others on one.
static int is_slow(const char *workload, const char *machine)
{
    return strstr(workload, "mask_rcnn") && !strstr(workload, "/mask_rcnn_swin_tiny") && !strstr(machine, "igq_shared");
}

START_TEST(every_workload_runs_on_every_machine)
{
    glob_t machines, workloads;
    int num_ran = 0;
    ck_assert_int_eq(glob("configs/accelerators/*.yaml", 0, NULL, &machines), 0);
    ck_assert_int_eq(glob("configs/workloads/*.yaml", 0, NULL, &workloads), 0);
    for (size_t m = 0; m < machines.gl_pathc; m++)
        for (size_t w = 0; w < workloads.gl_pathc; w++)
            if (!is_slow(workloads.gl_pathv[w], machines.gl_pathv[m])) {
                run_workload(machines.gl_pathv[m], workloads.gl_pathv[w]);
                num_ran++;
            }
    ck_assert_int_ge(num_ran, 75);
    globfree(&machines);
    globfree(&workloads);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("workloads");
    TCase *tests = tcase_create("workloads");
    tcase_add_test(tests, every_workload_runs_on_every_machine);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
