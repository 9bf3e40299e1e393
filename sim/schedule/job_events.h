// SPDX-License-Identifier: Apache-2.0
// job_events.h - the events of one job of the machine, from what it was, how it was tiled, and how it ran.
#ifndef IGQ_JOB_EVENTS_H
#define IGQ_JOB_EVENTS_H
#include "events.h"
#include "jobs.h"
#include "job.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

// job->grouping must hold the lists of the run: call it after the machine has run.
void igq_job_events(igq_events *events, const igq_job *job, const igq_job_plan *plan, const igq_job_result *result,
                    const igq_accelerator *accelerator);

// The same of all jobs of a run, by jobs->plan.
void igq_jobs_events(igq_events *events, const igq_jobs *jobs, const igq_job_result *results,
                     const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
