// SPDX-License-Identifier: Apache-2.0
#include "array_timing.h"
#include "machine_check.h"
#include "plan.h"
#include "slices.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct limit {
    const char *key;
    int value, min, max;
} limit;

static int check_limits(char *message, int message_bytes, const igq_accelerator *accelerator)
{
    const int most = 1 << 30;
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    const igq_row_selector_cfg *selector = &accelerator->row_selector;
    const igq_vector_unit_cfg *vector = &accelerator->vector_unit;
    const limit limits[] = {
        {"mac_array.num_arrays", array->num_arrays, 1, IGQ_MAX_GROUPS},
        {"mac_array.lanes", array->lanes, 1, 4096},
        {"mac_array.vector_length", array->vector_length, 1, IGQ_MAX_CHANNELS},
        {"mac_array.token_rows", array->token_rows, 1, IGQ_MAX_TOKENS},
        {"mac_array.tokens_in_flight", array->tokens_in_flight, 1, IGQ_MAX_TOKENS},
        {"mac_array.mac_bits", array->mac_bits, 1, IGQ_ACT_IN_BITS},
        {"mac_array.accumulator_sets", array->accumulator_sets, 1, 2},
        {"mac_array.rescale_cycles", array->rescale_cycles, 0, most},
        {"weight_buffer.capacity_bytes", accelerator->weight_buffer.capacity_bytes, 1, most},
        {"activation_buffer.capacity_bytes", accelerator->activation_buffer.capacity_bytes, 1, most},
        {"output_buffer.capacity_bytes", accelerator->output_buffer.capacity_bytes, 1, most},
        {"tiling.batch_images", accelerator->tiling.batch_images, 1, IGQ_MAX_BATCH_IMAGES},
        {"row_selector.num_banks", selector->num_banks, 1, IGQ_MAX_BANKS},
        {"row_selector.ports_per_bank", selector->ports_per_bank, 1, most},
        {"row_selector.bank_width_bits", selector->bank_width_bits, 1, most},
        {"row_selector.queue_depth", selector->queue_depth, 1, IGQ_MAX_QUEUE_DEPTH},
        {"group_assignment.range_lanes", accelerator->group_assignment.range_lanes, 1, most},
        {"group_assignment.distance_lanes", accelerator->group_assignment.distance_lanes, 1, most},
        {"group_assignment.list_sets", accelerator->group_assignment.list_sets, 1, IGQ_MAX_LIST_SETS},
        {"post_processing.lanes", accelerator->post_processing.lanes, 1, most},
        {"post_processing.latency_cycles", accelerator->post_processing.latency_cycles, 0, most},
        {"vector_unit.lanes", vector->lanes, 1, most},
        {"vector_unit.latency_cycles", vector->latency_cycles, 0, most},
        {"vector_unit.layer_norm_passes", vector->layer_norm_passes, 0, 4096},
        {"vector_unit.softmax_passes", vector->softmax_passes, 0, 4096},
        {"vector_unit.gelu_passes", vector->gelu_passes, 0, 4096},
        {"vector_unit.residual_passes", vector->residual_passes, 0, 4096},
        {"dram.bandwidth_bytes_per_cycle", (int)ceil(accelerator->dram.bandwidth_bytes_per_cycle), 1, most},
        {"dram.latency_cycles", accelerator->dram.latency_cycles, 0, most},
        {"dram.burst_bytes", accelerator->dram.burst_bytes, 1, most},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const limit *one = &limits[i];
        if (one->value < one->min || one->value > one->max) {
            snprintf(message, (size_t)message_bytes, "%s: is %d; allowed: %d to %d", one->key, one->value, one->min,
                     one->max);
            return 1;
        }
    }
    return 0;
}

static int check_arrays(char *message, int message_bytes, const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    int temporal = accelerator->mac_organisation == IGQ_ORGANISATION_TEMPORAL;
    int64_t peak = (int64_t)array->num_arrays * array->lanes;
    if (array->tokens_in_flight % array->token_rows != 0)
        snprintf(message, (size_t)message_bytes,
                 "mac_array.tokens_in_flight: is %d; allowed: multiples of token_rows (%d)", array->tokens_in_flight,
                 array->token_rows);
    else if (!igq_works_in_lockstep(accelerator->mac_organisation) && array->num_arrays != 1)
        snprintf(message, (size_t)message_bytes,
                 "mac_array.num_arrays: is %d; allowed: 1, since only per_group and elastic have several",
                 array->num_arrays);
    else if (temporal && array->vector_length != 1)
        snprintf(message, (size_t)message_bytes,
                 "mac_array.vector_length: is %d; allowed: 1, since temporal takes one channel per cycle",
                 array->vector_length);
    else if (temporal && array->tokens_in_flight != array->token_rows)
        snprintf(message, (size_t)message_bytes,
                 "mac_array.tokens_in_flight: is %d; allowed: token_rows (%d), since temporal keeps its sums in place",
                 array->tokens_in_flight, array->token_rows);
    else if (peak * array->vector_length > INT32_MAX / array->token_rows)
        snprintf(message, (size_t)message_bytes,
                 "mac_array: num_arrays * lanes * vector_length * token_rows is larger than %d", INT32_MAX);
    else
        return 0;
    return 1;
}

static int check_members(char *message, int message_bytes, const igq_accelerator *accelerator, const igq_job *job)
{
    int max_members = accelerator->group_assignment.max_members;
    if (job->assign == IGQ_ASSIGN_NONE || job->assign_members <= max_members)
        return 0;
    snprintf(message, (size_t)message_bytes, "group_assignment.max_members: is %d; layer %s has %d channels or rows",
             max_members, job->layer->name, job->assign_members);
    return 1;
}

static int check_groups(char *message, int message_bytes, const igq_accelerator *accelerator, const igq_job *job)
{
    int num_arrays = accelerator->mac_array.num_arrays;
    if (job->assign == IGQ_ASSIGN_NEAREST && job->num_groups > accelerator->num_groups)
        snprintf(message, (size_t)message_bytes, "num_groups: layer %s has %d groups; the hardware holds %d",
                 job->layer->name, job->num_groups, accelerator->num_groups);
    else if (igq_works_in_lockstep(accelerator->mac_organisation) && job->grouping->G > num_arrays)
        snprintf(message, (size_t)message_bytes,
                 "mac_array.num_arrays: layer %s has %d groups, %s has an array for %d of them", job->layer->name,
                 job->grouping->G, igq_organisation_names[accelerator->mac_organisation], num_arrays);
    else
        return 0;
    return 1;
}

// plan out (num_jobs).
static int check_and_plan(igq_job_plan *plan, char *message, int message_bytes, const igq_accelerator *accelerator,
                          const igq_job *jobs, int num_jobs)
{
    if (check_limits(message, message_bytes, accelerator) || check_arrays(message, message_bytes, accelerator))
        return 1;
    for (int j = 0; j < num_jobs; j++)
        if (check_members(message, message_bytes, accelerator, &jobs[j]) ||
            check_groups(message, message_bytes, accelerator, &jobs[j]))
            return 1;
    if (plan)
        return igq_plan_jobs(plan, message, message_bytes, accelerator, jobs, num_jobs);
    snprintf(message, (size_t)message_bytes, "out of memory");
    return 1;
}

int igq_jobs_plan(igq_jobs *jobs, char *message, int message_bytes, const igq_accelerator *accelerator)
{
    if (!jobs->plan)
        jobs->plan = malloc((size_t)jobs->num_jobs * sizeof *jobs->plan);
    return check_and_plan(jobs->plan, message, message_bytes, accelerator, jobs->job, jobs->num_jobs);
}

int igq_machine_check(char *message, int message_bytes, const igq_accelerator *accelerator, const igq_job *jobs,
                      int num_jobs)
{
    igq_job_plan *plan = malloc((size_t)num_jobs * sizeof *plan);
    int failed = check_and_plan(plan, message, message_bytes, accelerator, jobs, num_jobs);
    free(plan);
    return failed;
}
