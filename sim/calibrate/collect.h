// SPDX-License-Identifier: Apache-2.0
// collect.h - the ranges of images, for calibration: from a forward pass in full precision, or from traces. Only ranges
// are kept, never activations, so hundreds of images fit.
#ifndef IGQ_COLLECT_H
#define IGQ_COLLECT_H
#include "calibrate.h"
#include "error.h"
#include "samples.h"
#include "string_list.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_collected {
    const igq_workload *workload;
    const igq_network *network; // of the workload
    igq_real_instance **image;  // (num_images)
    int num_images;
    igq_range_collector collector;
} igq_collected;

// Start from {.workload = ..., .network = ...}; free in any case.
igq_status igq_collect_samples(igq_collected *all, const char *weights_path, const igq_sample_source *source,
                               igq_error *error);
igq_status igq_collect_traces(igq_collected *all, const igq_string_list *traces, igq_error *error);
void igq_collected_free(igq_collected *all);

#ifdef __cplusplus
}
#endif
#endif
