// SPDX-License-Identifier: Apache-2.0
// sweep_inputs.h - what the points of a sweep share: files read and hashed once, and the calibrations.
#ifndef IGQ_SWEEP_INPUTS_H
#define IGQ_SWEEP_INPUTS_H
#include "points.h"
#include "run.h"
#include "sweep_file.h"
#include "trace_file.h"

typedef struct igq_sweep_inputs {
    int num_files;
    igq_input_file *file; // role, path and hash of everything that all points read
    char identity[65];    // hash of these, of the sweep's name and of igqsim itself
    igq_network *network; // of the workload
    igq_trace *trace;     // NULL without
    // (num_calibrations) of the settings, or the one of the calibration file; NULL: not needed
    igq_calibration **calibration;
    int num_calibrations;
} igq_sweep_inputs;

// Free in any case.
igq_status igq_sweep_inputs_open(igq_sweep_inputs *inputs, const igq_sweep *sweep, igq_error *error);
void igq_sweep_inputs_free(igq_sweep_inputs *inputs);

// Path of a setting's calibration, below the folder of the sweep.
#define IGQ_CALIBRATION_PATH "calibrations/%s.yaml"

// Makes the calibrations that open points need and that DIR/calibrations lacks, and reads them all. Points that cannot
// be calibrated fail.
igq_status igq_sweep_calibrate(igq_sweep_inputs *inputs, igq_points *points, const igq_sweep *sweep, const char *dir,
                               int num_jobs, igq_error *error);

#endif
