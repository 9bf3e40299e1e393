// SPDX-License-Identifier: Apache-2.0
// batch_parts.h - the jobs of a batch, planned: all images together, or in parts one after another, whichever costs
// less. A part begins while the one before is ending, or, if that costs less, when all of it is through; then parts
// cost what they cost as batches of their own. Contract: docs/timing.md, "Batches".
#ifndef IGQ_BATCH_PARTS_H
#define IGQ_BATCH_PARTS_H
#include "jobs.h"

#ifdef __cplusplus
extern "C" {
#endif

// As igq_jobs_new wants them.
typedef struct igq_batch_source {
    const igq_network *network;
    const igq_calibration *calibration;
    const igq_instance *const *instance; // by image
    const igq_accelerator *accelerator;
    // By image and layer, how many channels the tiles had for which values were computed, 0: all. NULL: none were.
    const int *executed_tile_channels;
} igq_batch_source;

// Jobs with their plans. Up to 4 images are divided in all ways into two parts, of which the first is not the smaller
// one, and these again; up to 8 into halves, and these again; more into halves. Parts of the size with least traffic
// (igq_jobs_part) are tried too. Costs are cycles as igq_plan_cycles counts them, then bytes of DRAM; with another
// tiling.objective bytes, then cycles. NULL if no division fits, with the reason (for a single image), or when memory
// is short: message is empty then.
igq_jobs *igq_batch_jobs_new(const igq_batch_source *source, int num_images, char *message, int message_bytes);

#ifdef __cplusplus
}
#endif
#endif
