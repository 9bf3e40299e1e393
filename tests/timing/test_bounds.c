// SPDX-License-Identifier: Apache-2.0
// No machine beats the closed-form bounds, and every cycle has a cause.
#include "latency.h"
#include "job_events.h"
#include "lower_bounds.h"
#include "machine.h"
#include "machine_check.h"
#include "random_machine.h"
#include "sc_main.h"
#include "../suite.h"

enum { NUM_MACHINES = 400, GROUPS = 4 };

typedef struct totals {
    uint64_t cycles, cause_cycles[IGQ_CAUSE_COUNT], compute_bound_cycles, dram_bytes, assign_cycles,
        assign_hidden_cycles;
} totals;

static totals add_up(const igq_job_result *results, int num_jobs)
{
    totals sum = {0};
    for (int j = 0; j < num_jobs; j++) {
        sum.cycles += results[j].cycles;
        for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
            sum.cause_cycles[cause] += results[j].cause_cycles[cause];
        sum.compute_bound_cycles += results[j].compute_bound_cycles;
        sum.dram_bytes += results[j].dram_read_bytes + results[j].dram_write_bytes;
        sum.assign_cycles += results[j].assign_cycles;
        sum.assign_hidden_cycles += results[j].assign_hidden_cycles;
    }
    return sum;
}

static void check_job(const igq_job *job, const igq_job_result *result, const igq_accelerator *machine)
{
    const igq_layer *layer = job->layer;
    uint64_t causes = 0;
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
        causes += result->cause_cycles[cause];
    ck_assert_uint_eq(causes, result->cycles);
    ck_assert_uint_ge(result->cycles, result->compute_bound_cycles);
    ck_assert_uint_ge(result->cycles, result->dram_bound_cycles);
    // COMPUTE is the bound rounded down instead of up.
    int passes = igq_mac_passes(job->act_bits, job->weight_bits, &machine->mac_array);
    uint64_t channels = (uint64_t)igq_grouping_num_listed(job->grouping);
    uint64_t macs = (uint64_t)layer->T * channels * (uint64_t)layer->O * (uint64_t)passes;
    ck_assert_uint_eq(result->cause_cycles[IGQ_CAUSE_COMPUTE],
                      macs / (uint64_t)igq_peak_macs_per_cycle(&machine->mac_array));
    // The module worked on this job for exactly its phases.
    const igq_group_assignment_cfg *cfg = &machine->group_assignment;
    uint64_t assign_cycles = 0;
    if (job->assign != IGQ_ASSIGN_NONE)
        assign_cycles += igq_range_cycles(job->assign_observations, job->assign_members, cfg->range_lanes);
    if (job->assign == IGQ_ASSIGN_NEAREST)
        assign_cycles +=
            igq_score_cycles(job->assign_members, cfg->distance_lanes, 0) + igq_emit_cycles(job->assign_members);
    if (job->assign == IGQ_ASSIGN_NEAREST && machine->mac_organisation == IGQ_ORGANISATION_ELASTIC &&
        layer->kind != IGQ_LAYER_CONTEXT)
        assign_cycles += igq_deal_cycles(machine->mac_array.num_arrays);
    ck_assert_uint_eq(result->assign_cycles, assign_cycles);
    ck_assert_uint_le(result->assign_hidden_cycles, result->assign_cycles);
}

static void add_measure(igq_measure *sum, const igq_measure *one)
{
    sum->count += one->count;
    sum->bits += one->bits;
}

// Neither cycles nor traffic nor a single event is below what a search takes as proved.
static void check_lower_bounds(const igq_job_result *results, igq_jobs *jobs, const igq_accelerator *machine)
{
    char message[256];
    uint64_t cycles = 0, bound_cycles = 0;
    igq_events sum = {0}, bound_sum = {0};
    igq_job_result *bounds = calloc((size_t)jobs->num_jobs, sizeof *bounds);
    igq_events *events = calloc((size_t)jobs->num_jobs, sizeof *events);
    igq_events *bound_events = calloc((size_t)jobs->num_jobs, sizeof *events);
    ck_assert_int_eq(igq_jobs_plan(jobs, message, sizeof message, machine), 0);
    igq_jobs_events(events, jobs, results, machine);
    ck_assert_int_eq(igq_jobs_bound(bounds, jobs, message, sizeof message, machine), 0);
    igq_jobs_bound_events(bound_events, jobs, bounds, machine);
    for (int j = 0; j < jobs->num_jobs; j++) {
        cycles += results[j].cycles;
        bound_cycles += bounds[j].cycles;
        ck_assert_uint_ge(results[j].dram_read_bytes, bounds[j].dram_read_bytes);
        ck_assert_uint_ge(results[j].dram_write_bytes, bounds[j].dram_write_bytes);
        igq_events_add(&sum, &events[j]);
        igq_events_add(&bound_sum, &bound_events[j]);
    }
    // With tiles of channels, additions of the trees become those of accumulators, which are no narrower.
    add_measure(&sum.of[IGQ_EVENT_TREE_ADD], &sum.of[IGQ_EVENT_ACCUMULATE]);
    add_measure(&bound_sum.of[IGQ_EVENT_TREE_ADD], &bound_sum.of[IGQ_EVENT_ACCUMULATE]);
    for (int e = 0; e < IGQ_EVENT_COUNT; e++)
        ck_assert_msg(sum.of[e].count >= bound_sum.of[e].count && sum.of[e].bits >= bound_sum.of[e].bits &&
                          sum.of[e].bit_products >= bound_sum.of[e].bit_products,
                      "event %s", igq_event_names[e]);
    ck_assert_uint_ge(cycles, bound_cycles);
    ck_assert_uint_gt(bound_cycles, 0);
    free(bounds);
    free(events);
    free(bound_events);
}

START_TEST(random_machines_keep_to_the_bounds)
{
    rng random = {.state = 11};
    int ran = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(GROUPS, &random);
        machine.group_assignment.list_sets = 1 + i % 3;
        test_network network;
        test_network_init(&network, &shape, GROUPS, rng_int(&random, 2, 8), (uint64_t)i);
        igq_jobs *jobs = test_network_jobs(&network, &machine);
        char message[256];
        if (igq_machine_check(message, sizeof message, &machine, jobs->job, jobs->num_jobs) == 0) {
            igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
            igq_machine_run(results, &machine, jobs->job, jobs->num_jobs, IGQ_ASSIGN_MODEL_C);
            for (int j = 0; j < jobs->num_jobs; j++)
                check_job(&jobs->job[j], &results[j], &machine);
            totals sum = add_up(results, jobs->num_jobs);
            ck_assert_uint_ge(sum.cycles, sum.compute_bound_cycles);
            ck_assert_uint_ge(sum.cycles, igq_dram_bound_cycles(sum.dram_bytes, &machine.dram));
            check_lower_bounds(results, jobs, &machine);
            ran++;
            free(results);
        }
        igq_jobs_free(jobs);
        test_network_free(&network);
    }
    ck_assert_int_gt(ran, NUM_MACHINES / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bounds");
    TCase *bounds = tcase_create("bounds");
    tcase_add_test(bounds, random_machines_keep_to_the_bounds);
    suite_add_tcase(suite, bounds);
    return run_suite(suite);
}
