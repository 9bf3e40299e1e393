// SPDX-License-Identifier: Apache-2.0
#include "job.h"
#include "assign.h"
#include <assert.h>
#include <string.h>

const char *const igq_traffic_names[IGQ_TRAFFIC_COUNT] = {
    [IGQ_TRAFFIC_WEIGHTS_READ] = "weights_read",     [IGQ_TRAFFIC_ACTIVATIONS_READ] = "activations_read",
    [IGQ_TRAFFIC_RANGES_READ] = "ranges_read",       [IGQ_TRAFFIC_RESIDUAL_READ] = "residual_read",
    [IGQ_TRAFFIC_RESIDUAL_WRITE] = "residual_write", [IGQ_TRAFFIC_OUTPUTS_WRITE] = "outputs_write",
};
static_assert(IGQ_TRAFFIC_COUNT == 6, "a name for every kind of traffic");

int igq_job_assign(const igq_job *job, igq_distance distance, int distance_lanes)
{
    return igq_assign_limited(job->assigned, job->lo, job->hi, job->lower, job->upper, job->assign_members,
                              job->num_groups, distance, job->list_capacity, distance_lanes);
}

void igq_job_build_lists(const igq_job *job)
{
    igq_grouping *grouping = job->grouping;
    if (grouping->group != job->assigned)
        memcpy(grouping->group, job->assigned, (size_t)grouping->C * sizeof *grouping->group);
    igq_grouping_build(grouping);
    igq_zero_skip(grouping, &job->zeros, job->lo, job->hi);
}
