// SPDX-License-Identifier: Apache-2.0
// plan.h - what the controller fixes for every job before a run: where tensors live, tiles, lengths of the assignment
// phases, who waits for whom. Contract: docs/timing.md.
#ifndef IGQ_PLAN_H
#define IGQ_PLAN_H
#include "accelerator.h"
#include "job.h"
#include "tiling.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_job_plan {
    igq_product product;
    igq_tiling tiling;
    int image;          // of those that share the product's weight tiles
    int waits_for_jobs; // so many first jobs are through before anything of this one is fetched (batch_parts.h)
    int residual_from;  // job that wrote the image's residual stream last, -1: none

    // Group assignment of this job's activations
    uint64_t range_cycles;      // 0 where the phase is skipped
    uint64_t score_cycles;      // 0 with ranges only
    uint64_t deal_cycles;       // of slices to the lists (elastic)
    uint64_t recode_cycles;     // of the pass that rewrites activations as codes
    uint64_t range_load_bytes;  // activations read from DRAM once more for the range pass
    int listens;                // 1: ranges are taken while the producers write back
    uint64_t observed_elements; // then: outputs of all producers together
    int observer;               // the job that listens to this one's write-back, -1: none

    uint64_t read_bytes, write_bytes; // DRAM traffic of the job, whole bursts
} igq_job_plan;

// What does not depend on tiles: where tensors live, phases of the assignment, the lists that it will give.
void igq_plan_work(igq_job_plan *plan, const igq_accelerator *accelerator, const igq_job *jobs, int num_jobs);

// Plans all jobs. Returns 0, or 1 with a message that names the buffer and the missing bytes.
int igq_plan_jobs(igq_job_plan *plan, char *message, int message_bytes, const igq_accelerator *accelerator,
                  const igq_job *jobs, int num_jobs);

#ifdef __cplusplus
}
#endif
#endif
