// SPDX-License-Identifier: Apache-2.0
// run_timing.h - times images that have been seen: ranges in, cycles of every layer out.
#ifndef IGQ_RUN_TIMING_H
#define IGQ_RUN_TIMING_H
#include "calibration.h"
#include "error.h"
#include "run_result.h"

#ifdef __cplusplus
extern "C" {
#endif

// Images that go through the machine together: as many as its tiling.batch_images says, fewer at the end of a run.
typedef struct igq_batch {
    int num_images;
    int image[IGQ_MAX_BATCH_IMAGES];              // of the run
    igq_instance *instance[IGQ_MAX_BATCH_IMAGES]; // what was seen of them; NULL beyond capacity
    int capacity;
    int *tile_channels; // [planned_images][num_layers], 0: all; by igq_batch_plan
    int planned_images;
} igq_batch;
igq_status igq_batch_init(igq_batch *batch, const igq_run_result *result, igq_error *error);
void igq_batch_free(igq_batch *batch);

// Before the datapath executes a batch of num_images: the tiles of channels at which the machine will cut sums, since
// the values follow them. Fails where the machine cannot run a layer.
igq_status igq_batch_plan(igq_batch *batch, const igq_run_result *result, int num_images,
                          const igq_calibration *calibration, igq_error *error);
// Those of the image that is to be seen next, by layer.
static inline const int *igq_batch_tile_channels(const igq_batch *batch, const igq_run_result *result)
{
    return batch->tile_channels + (size_t)batch->num_images * (size_t)result->num_layers;
}

// The place where the next image of the batch is to be seen.
static inline igq_instance *igq_batch_next(const igq_batch *batch)
{
    return batch->instance[batch->num_images];
}
// It has been seen as image `image` of the run.
static inline void igq_batch_add(igq_batch *batch, int image)
{
    batch->image[batch->num_images++] = image;
}

// Fills the layers of result->image of all images of the batch, and empties it; result's layers, machine and bits per
// layer are read or set. Fails if the machine cannot run a layer (a buffer too small for any tile, ...).
igq_status igq_run_time_batch(igq_run_result *result, igq_batch *batch, const igq_calibration *calibration,
                              igq_assign_model assign_model, igq_error *error);
// The same if the batch is full, or `image` is the last one of the run; its images are then added to the sums.
igq_status igq_run_time_full_batch(igq_run_result *result, igq_batch *batch, int image,
                                   const igq_calibration *calibration, igq_assign_model assign_model, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
