// SPDX-License-Identifier: Apache-2.0
// results.h - the figures of a run that are set beside those of others (columns.h), as numbers: of a run that has just
// ended, or read once from its report. Per image where the column is; unknown figures are NAN.
#ifndef IGQ_RESULTS_H
#define IGQ_RESULTS_H
#include "columns.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_results {
    double value[IGQ_MAX_RESULTS];
    double stall_cycles[IGQ_CAUSE_COUNT]; // per image; of IGQ_CAUSE_COMPUTE unused
} igq_results;

void igq_results_init(igq_results *results);                                                         // all unknown
void igq_results_of_run(igq_results *results, const igq_run_result *result, const igq_costs *costs); // costs NULL: none

// Refuses figures that no run writes, naming the key: no numbers, or below 0 where that means nothing. A figure that is
// missing or null is unknown.
igq_status igq_results_read(igq_results *results, const json_t *report, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
