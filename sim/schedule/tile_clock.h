// SPDX-License-Identifier: Apache-2.0
// tile_clock.h - how long the arrays take for the tiles of a run's jobs, from their real lists, remembered: jobs with
// the same lists share their times, and tilings that are compared meet the same shapes again and again.
#ifndef IGQ_TILE_CLOCK_H
#define IGQ_TILE_CLOCK_H
#include "accelerator.h"
#include "job.h"
#include "tiling.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_tile_clock igq_tile_clock;

// For jobs whose lists are complete. Jobs and accelerator must outlive it. NULL when memory is short.
igq_tile_clock *igq_tile_clock_new(const igq_job *jobs, int num_jobs, const igq_accelerator *accelerator);
void igq_tile_clock_free(igq_tile_clock *clock); // NULL is allowed

// Cycles of a tile of job `job`, as igq_array_tile gives them; 0 if none of its channels is on a list.
uint64_t igq_tile_clock_cycles(igq_tile_clock *clock, int job, const igq_tiling *tiling, const igq_tile *tile);
// 1 if memory ran out: what was returned since is worthless.
int igq_tile_clock_failed(const igq_tile_clock *clock);

#ifdef __cplusplus
}
#endif
#endif
