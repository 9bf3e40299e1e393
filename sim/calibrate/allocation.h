// SPDX-License-Identifier: Apache-2.0
// allocation.h - IGQ-ViT's Algorithm 1: quantizers of every candidate number of groups are refined, the perturbation of
// every layer and candidate is measured (Eq. 9), and the numbers of groups are chosen under a budget (Eq. 10), again
// after every period of iterations, until the quantizers stand still or the iterations are used up.
// docs/decisions/0009-algorithm-1.md says what is ours in it.
#ifndef IGQ_ALLOCATION_H
#define IGQ_ALLOCATION_H
#include "budget.h"
#include "calibrate.h"
#include "layer_costs.h"
#include "samples.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_allocation_request {
    igq_budget budget;
    igq_candidates candidates;
    int period; // T, iterations of the quantizers between two allocations
    int num_jobs;
    const char *weights_path;
    igq_sample_source samples; // as many as real instances
    igq_cost_source costs;     // its images are those that are calibrated on
} igq_allocation_request;

// *calibration is new. Prints what was chosen.
igq_status igq_allocate_groups(igq_calibration **calibration, const igq_allocation_request *request,
                               const igq_calibrate_cfg *cfg, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
