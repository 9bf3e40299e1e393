// SPDX-License-Identifier: Apache-2.0
// detections_file.h - predictions that users recorded from their detector, as safetensors; docs/formats.md describes
// them.
#ifndef IGQ_DETECTIONS_FILE_H
#define IGQ_DETECTIONS_FILE_H
#include "detection.h"
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

// Compares two files and prints the terms of Eq. (A).
igq_status igq_detections_compare(const char *reference_path, const char *quantized_path, igq_error *error);

// The same without printing.
igq_status igq_detections_shift(igq_detection_shift *shift, const char *reference_path, const char *quantized_path,
                                igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
