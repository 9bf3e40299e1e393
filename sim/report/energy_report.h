// SPDX-License-Identifier: Apache-2.0
// energy_report.h - energy and area of a report from the events and units that it holds. The same function serves a run
// that has just ended and a report.json that was saved long ago, so both give the same bytes.
#ifndef IGQ_ENERGY_REPORT_H
#define IGQ_ENERGY_REPORT_H
#include "error.h"
#include "technology.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// Sets (replaces) everything that depends on a technology: "technology" and its entry in inputs.files, energy of every
// layer, energy and area of totals. `path` is the technology's file. Refuses what is no report of igqsim run.
igq_status igq_energy_report(json_t *report, const igq_technology *technology, const char *path, igq_error *error);

// The energy part of the summary, to stdout. Requires a report with energy.
void igq_energy_summary_print(const json_t *report);

// What a technology makes of a machine: memories, figures, area by component, to stdout.
void igq_energy_describe(const igq_technology *technology, const igq_units *units);

#ifdef __cplusplus
}
#endif
#endif
