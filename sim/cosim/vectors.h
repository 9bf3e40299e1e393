// SPDX-License-Identifier: Apache-2.0
// vectors.h - layers for the group assignment unit with their answers, as files that any testbench reads: numbers for
// $readmemh, and an index in JSON (docs/formats.md, "Vectors").
#ifndef IGQ_VECTORS_H
#define IGQ_VECTORS_H
#include "cosim.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_vectors_cfg {
    const igq_accelerator *accelerator;
    const igq_cosim_layer *layers; // of a trace, in order
    int num_layers;
    int num_random; // random layers after corner cases and trace
    uint64_t seed;
    int max_channels, max_tokens; // of corner cases and random layers
    const char *dir;              // exists
} igq_vectors_cfg;

typedef struct igq_vectors_counts {
    int layers;
    uint64_t beats, entries;
} igq_vectors_counts;

igq_status igq_vectors_write(igq_vectors_counts *counts, const igq_vectors_cfg *cfg, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
