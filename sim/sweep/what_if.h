// SPDX-License-Identifier: Apache-2.0
// what_if.h - every resource of a machine halved and doubled, one at a time, simulated for real: which one to change
// first.
#ifndef IGQ_WHAT_IF_H
#define IGQ_WHAT_IF_H
#include "run.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// Runs the request again for each variant, as `--set KEY=VALUE` would, num_jobs at a time, and adds "what_if" to the
// report of the request: entries {key, from, to, cycles, cycles_pct, time_pct} and, with a technology, {energy_pct,
// area_pct}, fewest cycles first (ties in the order of the machine's keys). Variants that make no machine by themselves
// go into "what_if_refused": {key, from, to, reason}. Percentages are against the report. The request has no weights (a
// trace or shapes).
igq_status igq_what_if(json_t *report, const igq_run_request *request, igq_error *error);

// The variants of a report as a table, to stdout.
void igq_what_if_print(const json_t *report);

#ifdef __cplusplus
}
#endif
#endif
