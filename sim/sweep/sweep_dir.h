// SPDX-License-Identifier: Apache-2.0
// sweep_dir.h - the folder of a sweep: whose it is, who works in it, and what a killed run left there.
#ifndef IGQ_SWEEP_DIR_H
#define IGQ_SWEEP_DIR_H
#include "error.h"

// Makes DIR and locks it for this process and its children; *lock is closed with the process or by close(). A folder
// that is not empty needs resume, and must be a sweep's. Half-written files go, the sweep file is copied to
// DIR/sweep.yaml.
igq_status igq_sweep_dir_open(int *lock, const char *dir, const char *sweep_path, int resume, igq_error *error);

// The same for one of several processes that only add points, perhaps at the same time: makes the folder if nobody has
// yet, refuses one of another sweep file.
igq_status igq_sweep_dir_join(int *lock, const char *dir, const char *sweep_path, igq_error *error);

// Refuses a folder without DIR/sweep.yaml, or whose sweep.yaml is not this file.
igq_status igq_sweep_dir_check(const char *dir, const char *sweep_path, igq_error *error);

#endif
