// SPDX-License-Identifier: Apache-2.0
// sweep_report.h - sweep.json of a sweep, and the text that igqsim prints. Same sweep, same bytes.
#ifndef IGQ_SWEEP_REPORT_H
#define IGQ_SWEEP_REPORT_H
#include "points.h"
#include "sweep_inputs.h"
#include <jansson.h>

// Of more points sweep.json, the page and points.csv do not list all: the front only, and no points.csv.
#define IGQ_LISTED_POINTS 20000

// New reference.
json_t *igq_sweep_json(const igq_sweep *sweep, const igq_sweep_inputs *inputs, const igq_points *points);

// DIR/sweep.json, out of igq_sweep_json.
igq_status igq_sweep_write(const char *dir, const json_t *json, igq_error *error);

// For people, to stdout: how many points, the best of each objective, the Pareto front.
void igq_sweep_print(const igq_sweep *sweep, const igq_points *points);

#endif
