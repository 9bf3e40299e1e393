// SPDX-License-Identifier: Apache-2.0
// plan_cycles.h - cycles of a run as it is planned, in plain C: every block of docs/timing.md with the moments at which
// it goes on, without its account of causes. The same cycles as the machine of sim/blocks, so that mappings can be
// compared before one is taken; with dram.model banks those at the memory's peak bandwidth.
#ifndef IGQ_PLAN_CYCLES_H
#define IGQ_PLAN_CYCLES_H
#include "plan.h"
#include "tile_clock.h"

#ifdef __cplusplus
extern "C" {
#endif

// jobs, plans (num_jobs), their lists complete. Stops at `limit`: whatever is returned then is no less. UINT64_MAX if
// memory is short.
uint64_t igq_plan_cycles(const igq_job *jobs, const igq_job_plan *plans, int num_jobs, igq_tile_clock *clock,
                         uint64_t limit, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
