// SPDX-License-Identifier: Apache-2.0
// mapping_search.h - chooses the tiles of all jobs of a run. Jobs with the same product share a tiling, chosen for the
// lists of the first of them. Which tilings may be worth it is what tiling_options.h says of every product by itself;
// whole mappings are compared by plan_cycles.h: the best that is to be had with all of the buffers, and those that less
// of a buffer or fewer tokens in flight would give, so that more of them is never worse.
#ifndef IGQ_MAPPING_SEARCH_H
#define IGQ_MAPPING_SEARCH_H
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

// Fills in plans[].tiling; all else of the plans but traffic is there, and the jobs' lists are complete. Layers with
// tiles of their own (--mapping) keep them. shortage: of job *short_job, if something does not fit. Returns 0, or 1 if
// something is short, or -1 if memory is.
int igq_search_mapping(igq_job_plan *plans, igq_shortage *shortage, int *short_job, const igq_job *jobs, int num_jobs,
                       const igq_accelerator *accelerator);

// 1 if the user gave the job's layer tiles.
int igq_job_is_mapped(const igq_job *job, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
