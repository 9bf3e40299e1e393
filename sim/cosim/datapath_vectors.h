// SPDX-License-Identifier: Apache-2.0
// datapath_vectors.h - tiles for the datapath with their sums, as files that any testbench reads (docs/formats.md,
// "Vectors").
#ifndef IGQ_DATAPATH_VECTORS_H
#define IGQ_DATAPATH_VECTORS_H
#include "accelerator.h"
#include "error.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_datapath_vectors_cfg {
    const igq_accelerator *accelerator;
    int num_tiles;
    uint64_t seed;   // of the first tile; the next has the next seed
    const char *dir; // exists
} igq_datapath_vectors_cfg;

typedef struct igq_datapath_vectors_counts {
    int tiles;
    uint64_t fills, list_entries, sums;
} igq_datapath_vectors_counts;

// IGQ_USER_ERROR when there is no datapath in RTL for the machine (rtl_datapath.h).
igq_status igq_datapath_vectors_write(igq_datapath_vectors_counts *counts, const igq_datapath_vectors_cfg *cfg,
                                      igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
