// SPDX-License-Identifier: Apache-2.0
#include "array_timing.h"
#include "machine_check.h"
#include "plan.h"
#include "slices.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

static int check_jobs(char *message, int message_bytes, const igq_accelerator *accelerator, const igq_job *jobs,
                      int num_jobs, const igq_job_plan *plan)
{
    for (int j = 0; j < num_jobs; j++)
        if (check_members(message, message_bytes, accelerator, &jobs[j]) ||
            check_groups(message, message_bytes, accelerator, &jobs[j]))
            return 1;
    if (!plan)
        snprintf(message, (size_t)message_bytes, "out of memory");
    return plan == NULL;
}

// plan out (num_jobs).
static int check_and_plan(igq_job_plan *plan, char *message, int message_bytes, const igq_accelerator *accelerator,
                          const igq_job *jobs, int num_jobs)
{
    return check_jobs(message, message_bytes, accelerator, jobs, num_jobs, plan) ||
           igq_plan_jobs(plan, message, message_bytes, accelerator, jobs, num_jobs);
}

static void make_room(igq_jobs *jobs)
{
    if (!jobs->plan)
        jobs->plan = malloc((size_t)jobs->num_jobs * sizeof *jobs->plan);
}

int igq_jobs_plan_work(igq_jobs *jobs, char *message, int message_bytes, const igq_accelerator *accelerator)
{
    make_room(jobs);
    if (check_jobs(message, message_bytes, accelerator, jobs->job, jobs->num_jobs, jobs->plan))
        return 1;
    igq_plan_work(jobs->plan, accelerator, jobs->job, jobs->num_jobs);
    return 0;
}

int igq_jobs_plan(igq_jobs *jobs, char *message, int message_bytes, const igq_accelerator *accelerator)
{
    make_room(jobs);
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
