// SPDX-License-Identifier: Apache-2.0
// calibration_file.h - a calibration as one readable YAML file (configs/calibration/). Bounds of groups are lists; the
// ranges of single channels stand in one string per layer, because a list of 50,000 YAML values takes longer to read
// than a whole simulation.
#ifndef IGQ_CALIBRATION_FILE_H
#define IGQ_CALIBRATION_FILE_H
#include "calibration.h"
#include "error.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

// Same calibration, same bytes.
igq_status igq_calibration_save(const char *path, const igq_calibration *calibration, const igq_workload *workload,
                                igq_error *error);

// Refuses a calibration of a network of another shape. Free with igq_calibration_free.
igq_status igq_calibration_load(igq_calibration **calibration, const char *path, const igq_workload *workload,
                                igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
