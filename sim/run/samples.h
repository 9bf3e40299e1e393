// SPDX-License-Identifier: Apache-2.0
// samples.h - what a network is fed with, one sample after another: photos, or tensors for all of its inputs.
#ifndef IGQ_SAMPLES_H
#define IGQ_SAMPLES_H
#include "error.h"
#include "graph.h"
#include "image.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_GRAPH_INPUTS 64
#define IGQ_MAX_TENSOR_SAMPLES 4096

// Photos (files, not folders), or a file of tensors by the names of the inputs, where a tensor that is N times as long
// along its first dimension as the input holds N samples.
typedef struct igq_sample_source {
    const char *const *image_paths;
    int num_images;
    const igq_preprocess *preprocess; // of photos
    const char *inputs_path;          // NULL: photos
    const char *network_path;         // for messages
} igq_sample_source;

typedef struct igq_samples igq_samples;

// Refuses photos for a network that has not one input [1][3][height][width] alone, and tensors that do not fit.
// The graph and the source's lists must outlive them.
igq_status igq_samples_open(igq_samples **samples, const igq_graph *graph, const igq_sample_source *source,
                            igq_error *error);
void igq_samples_close(igq_samples *samples); // NULL is fine

int igq_samples_num(const igq_samples *samples);
// The path of a photo, or "sample 3", until the next call.
const char *igq_samples_name(igq_samples *samples, int i);
// inputs: a pointer for each input of the graph, until the next sample is loaded. Fails for a photo that cannot be
// read.
igq_status igq_samples_load(const void *const **inputs, igq_samples *samples, int i, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
