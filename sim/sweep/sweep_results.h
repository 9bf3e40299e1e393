// SPDX-License-Identifier: Apache-2.0
// sweep_results.h - what a sweep keeps of each point's report: the figures that limits and objectives may name.
#ifndef IGQ_SWEEP_RESULTS_H
#define IGQ_SWEEP_RESULTS_H
#include "stall.h"
#include <jansson.h>

typedef enum igq_result {
    IGQ_RESULT_CYCLES,
    IGQ_RESULT_TIME,
    IGQ_RESULT_ENERGY,
    IGQ_RESULT_AREA,
    IGQ_RESULT_UTILIZATION,
    IGQ_RESULT_DRAM,
    IGQ_RESULT_SQNR,
    IGQ_RESULT_TOP1_AGREEMENT,
    IGQ_RESULT_TOP1,
    IGQ_RESULT_KL,
    IGQ_RESULT_COUNT
} igq_result;

typedef struct igq_result_info {
    const char *name; // in sweep.json, points.csv, limits and objectives
    int more_is_better;
    const char *needs; // key of the sweep file without which it is unknown; NULL: none
} igq_result_info;
extern const igq_result_info igq_result_infos[IGQ_RESULT_COUNT];

// Unknown figures are NAN.
typedef struct igq_sweep_results {
    double value[IGQ_RESULT_COUNT];
    double stall_cycles[IGQ_CAUSE_COUNT]; // per image; of IGQ_CAUSE_COMPUTE unused
} igq_sweep_results;

void igq_sweep_results_init(igq_sweep_results *results); // all unknown
void igq_sweep_results_of(igq_sweep_results *results, const json_t *report);

#endif
