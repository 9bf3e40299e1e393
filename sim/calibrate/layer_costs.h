// SPDX-License-Identifier: Apache-2.0
// layer_costs.h - what an image costs, layer by layer, with the groups of a calibration.
#ifndef IGQ_LAYER_COSTS_H
#define IGQ_LAYER_COSTS_H
#include "accelerator.h"
#include "budget.h"
#include "calibrate.h"
#include "technology.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_cost_source {
    igq_budget_kind kind;
    const igq_workload *workload;
    const igq_network *network; // of the workload
    igq_distance distance;
    // Cycles and energy: simulated on the ranges of these images; the cost is the mean over them.
    const igq_accelerator *accelerator;
    igq_real_instance *const *images;
    int num_images;
    // Energy:
    const igq_technology *technology;
    const char *technology_path;
} igq_cost_source;

// cost out (igq_num_grouped of perturbation.h): of the layers whose groups can be chosen; *other: of all other layers.
igq_status igq_layer_costs(double *cost, double *other, const igq_cost_source *source,
                           const igq_calibration *calibration, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
