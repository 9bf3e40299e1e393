// SPDX-License-Identifier: Apache-2.0
// lower_bounds.h - what no choice of tiles and no run can beat, from closed forms alone: nothing is searched or
// simulated. Every product is one tile, so that each operand crosses the bus once and no row, lane or vector is cut;
// and of arrays, DRAM bus and vector unit the one that has most to do never waits. A search leaves out machines whose
// bounds are beaten already. A batch may be worked on in parts (batch_parts.h): only its arrays and vector unit are
// bounded.
#ifndef IGQ_LOWER_BOUNDS_H
#define IGQ_LOWER_BOUNDS_H
#include "events.h"
#include "jobs.h"

#ifdef __cplusplus
extern "C" {
#endif

// Fills in jobs->plan, with tiles that are whole products and may not fit the buffers, and results (num_jobs): their
// cycles add up to a bound for all jobs together, their DRAM bytes are bounds of each. Returns 0, or 1 with a message
// if the machine cannot hold a job's groups or channels.
int igq_jobs_bound(igq_job_result *results, igq_jobs *jobs, char *message, int message_bytes,
                   const igq_accelerator *accelerator);

// What the products do at the least, after igq_jobs_bound (results). An addition that is counted for a tree of
// multipliers may be one of an accumulator, which is no narrower.
void igq_jobs_bound_events(igq_events *events, igq_jobs *jobs, const igq_job_result *results,
                           const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
