// SPDX-License-Identifier: Apache-2.0
// point_run.h - simulates one point into a folder of its own, DIR/points/ID: accelerator.yaml, which igqsim run takes,
// and report.json, or error.txt if the machine cannot run the network. The folder gets its name when it is complete.
#ifndef IGQ_POINT_RUN_H
#define IGQ_POINT_RUN_H
#include "points.h"
#include "sweep_inputs.h"

// Flat, since it lies in memory that processes share.
typedef struct igq_point_answer {
    int known; // 1: the rest is filled
    igq_point_status status;
    char reason[1024];
    igq_results results;
} igq_point_answer;

typedef struct igq_point_place {
    const igq_sweep *sweep;
    const igq_sweep_inputs *inputs;
    const igq_points *points;
    const char *dir;
} igq_point_place;

// Reads the folder of a point. answer->known stays 0 if there is none, or none that a run of this very point left: a
// damaged report, one of another machine, one without figures.
igq_status igq_point_read(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                          igq_error *error);

// Simulates a point and keeps its figures alone.
igq_status igq_point_simulate(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                              igq_error *error);

// Lower bounds in place of figures: known, with what has one (search.h), or failed.
igq_status igq_point_bound(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                           igq_error *error);

// Reads the folder of a point, and simulates it into one if nothing is known of it. Fails for what is not the point's
// fault, such as a full disk.
igq_status igq_point_run(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                         igq_error *error);

// Puts a known answer into its point.
void igq_point_take(igq_point *point, const igq_point_answer *answer);

#endif
