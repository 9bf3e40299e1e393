// SPDX-License-Identifier: Apache-2.0
// mapping.h - tiles of layers, fixed by name: a report.json, or any JSON file with a list `layers` whose entries have a
// `name` and a `mapping` {tile_tokens, tile_outputs, tile_channels, loop_order, block_tokens}. The last may be left
// out.
#ifndef IGQ_MAPPING_H
#define IGQ_MAPPING_H
#include "accelerator.h"
#include "error.h"
#include "network.h"

#ifdef __cplusplus
extern "C" {
#endif

// Fills the tiles of the layers that the file names and sets accelerator->tiling.mapped. Tiles larger than a layer are
// all of it. A layer that the network does not have or that is named twice, an entry without a mapping, unknown keys,
// tiles that are no whole rows, lanes or vectors of the machine are errors. Whether tiles fit the buffers is found when
// the jobs are planned.
igq_status igq_mapping_load(igq_network *network, igq_accelerator *accelerator, const char *path, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
