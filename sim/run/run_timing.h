// SPDX-License-Identifier: Apache-2.0
// run_timing.h - times one image that has been seen: ranges in, cycles of every layer out.
#ifndef IGQ_RUN_TIMING_H
#define IGQ_RUN_TIMING_H
#include "calibration.h"
#include "error.h"
#include "run_result.h"

#ifdef __cplusplus
extern "C" {
#endif

// Fills result->image[image].layer from the instance; result's layers, machine and bits per layer are read or set.
// Fails if the machine cannot run a layer (a buffer too small for any tile, ...).
igq_status igq_run_time_image(igq_run_result *result, int image, const igq_calibration *calibration,
                              const igq_instance *instance, igq_assign_model assign_model, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
