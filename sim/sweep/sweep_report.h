// SPDX-License-Identifier: Apache-2.0
// sweep_report.h - sweep.json of a sweep, and the text that igqsim prints. Same sweep, same bytes.
#ifndef IGQ_SWEEP_REPORT_H
#define IGQ_SWEEP_REPORT_H
#include "points.h"
#include "sweep_inputs.h"
#include <jansson.h>

// Of more points sweep.json and the page do not list all: the front, the best of each figure for each value of each
// axis, a few that failed, and how densely all lie over the objectives. points.csv has so many rows at most; igqsim
// export writes any number.
#define IGQ_LISTED_POINTS 5000
#define IGQ_CSV_POINTS 100000

// New reference.
json_t *igq_sweep_json(const igq_sweep *sweep, const igq_sweep_inputs *inputs, const igq_points *points);

// DIR/sweep.json, out of igq_sweep_json.
igq_status igq_sweep_write(const char *dir, const json_t *json, igq_error *error);

// For people, to stdout: how many points, the best of each objective, the Pareto front.
void igq_sweep_print(const igq_sweep *sweep, const igq_points *points);

#endif
