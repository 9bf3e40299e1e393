// SPDX-License-Identifier: Apache-2.0
// sweep_gather.h - the end of a sweep: limits, the front, and the files that show them.
#ifndef IGQ_SWEEP_GATHER_H
#define IGQ_SWEEP_GATHER_H
#include "point_run.h"

// Of points that are all known: judges them, writes points.sqlite, sweep.json, points.csv, report.html and (unless all
// points have one) the folders of the front, prints the result. Fails if all points failed.
igq_status igq_sweep_gather(const igq_point_place *place, igq_points *points, int num_jobs, int all_have_folders,
                            igq_error *error);

#endif
