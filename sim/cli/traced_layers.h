// SPDX-License-Identifier: Apache-2.0
// traced_layers.h - what the group assignment unit meets when a recorded trace runs.
#ifndef IGQ_TRACED_LAYERS_H
#define IGQ_TRACED_LAYERS_H
#include "calibration.h"
#include "cosim.h"
#include "jobs.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

// The layers of a trace as the module meets them: those of each image, in order. Jobs and instances must outlive them.
typedef struct igq_traced_layers {
    igq_workload workload;
    igq_network *network;
    igq_calibration *calibration;
    int num_images;
    igq_instance **instance; // (num_images)
    igq_jobs **jobs;         // (num_images)
    int num_layers;
    igq_cosim_layer *cosim;
} igq_traced_layers;

// Without a calibration file (NULL) the bounds are calibrated on the trace itself. accelerator_path: for messages.
// Close it in any case; zeros are fine.
igq_status igq_traced_layers_open(igq_traced_layers *traced, const char *trace_path, const char *calibration_path,
                                  const char *accelerator_path, const igq_accelerator *accelerator, igq_error *error);
void igq_traced_layers_close(igq_traced_layers *traced);

#ifdef __cplusplus
}
#endif
#endif
