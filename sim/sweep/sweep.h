// SPDX-License-Identifier: Apache-2.0
// sweep.h - what `igqsim sweep` does: resolve the points, simulate those that DIR lacks, gather.
#ifndef IGQ_SWEEP_H
#define IGQ_SWEEP_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_sweep_engine { IGQ_SWEEP_LOCAL, IGQ_SWEEP_SLURM } igq_sweep_engine;

typedef struct igq_slurm_request {
    const char *partition, *time_limit, *memory; // as sbatch takes them; NULL: Slurm's
    int array_width;                             // tasks
    int no_wait;                                 // 1: return when the job is submitted
} igq_slurm_request;

typedef struct igq_sweep_request {
    const char *path, *dir;
    int num_jobs;
    int resume;                   // 1: DIR may hold a sweep already
    int only_gather;              // 1: simulate nothing; gather if nothing is missing, else say how much is
    int share_index, share_count; // share_count > 0: only every share_count-th point, from share_index, no gathering
    igq_sweep_engine engine;
    igq_slurm_request slurm;
} igq_sweep_request;

igq_status igq_sweep_run(const igq_sweep_request *request, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
