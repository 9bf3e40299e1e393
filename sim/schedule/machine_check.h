// SPDX-License-Identifier: Apache-2.0
// machine_check.h - whether a machine can work a list of jobs at all.
#ifndef IGQ_MACHINE_CHECK_H
#define IGQ_MACHINE_CHECK_H
#include "accelerator.h"
#include "job.h"
#include "jobs.h"

#ifdef __cplusplus
extern "C" {
#endif

// Checks that a machine (which igq_accelerator_check has passed) holds the groups and channels of all jobs and that
// they can be tiled into its buffers: the plan that it makes of them is kept in jobs->plan. Returns 0, or 1 with a
// message that names the key or buffer and what is missing.
int igq_jobs_plan(igq_jobs *jobs, char *message, int message_bytes, const igq_accelerator *accelerator);

// The same without tiles: what a plan says of them is not there, and buffers may be too small.
int igq_jobs_plan_work(igq_jobs *jobs, char *message, int message_bytes, const igq_accelerator *accelerator);

// igq_jobs_plan of jobs that nobody made a list of; the plan is thrown away.
int igq_machine_check(char *message, int message_bytes, const igq_accelerator *accelerator, const igq_job *jobs,
                      int num_jobs);

#ifdef __cplusplus
}
#endif
#endif
