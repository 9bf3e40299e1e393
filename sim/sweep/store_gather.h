// SPDX-License-Identifier: Apache-2.0
// store_gather.h - DIR/points.sqlite: all points of a sweep in one file, the same bytes whoever simulated what when.
// Tables: docs/formats.md.
#ifndef IGQ_STORE_GATHER_H
#define IGQ_STORE_GATHER_H
#include "points.h"

// Writes it from the points and from what the files of DIR know of others; the files of processes go.
igq_status igq_store_gather(const igq_sweep *sweep, const igq_points *points, const char *dir, igq_error *error);

// All combinations of DIR/points.sqlite as a CSV file: a line of names, then a line for each.
igq_status igq_store_export(const char *csv_path, const char *dir, igq_error *error);

#endif
