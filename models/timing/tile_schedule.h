// SPDX-License-Identifier: Apache-2.0
// tile_schedule.h - how long a product takes in tiles, so that tilings can be compared: the tiles one after another on
// bus, arrays and vector unit, by the rules of docs/timing.md but for two simplifications. Tiles take what estimate.h
// says of equally long lists (and no less than their gathers and hand-overs), and stores push loads back without
// cutting them. The machine itself is sim/blocks.
#ifndef IGQ_TILE_SCHEDULE_H
#define IGQ_TILE_SCHEDULE_H
#include "estimate.h"
#include "tiling.h"

#ifdef __cplusplus
extern "C" {
#endif

// Cycles of a tile, or of moving it, by whether it is the last of its tokens [t], outputs [o], channels [c].
typedef struct igq_tile_cycles {
    uint64_t arrays[2][2][2]; // [t][o][c]
    uint64_t weights[2][2];   // [o][c]
    uint64_t copies[2][2];    // [o][c] of K and V from the activation buffer, beside the bus
    uint64_t acts[2][2];      // [t][c]
    uint64_t vector[2][2];    // [t][o]
    uint64_t rows[2];         // [t] vector unit over whole rows that were parked
    uint64_t stores[2][2];    // [t][o] results, of rows if they were parked
    uint64_t residual[2][2];
    uint64_t all_arrays; // of all tiles together
} igq_tile_cycles;

// What does not depend on the tiles of outputs and tokens: walks over the lists of a tile of channels.
typedef struct igq_schedule_lists {
    igq_list_walk walk[2]; // of all tiles of channels but the last, of the last
    int passes;
} igq_schedule_lists;
void igq_schedule_lists_init(igq_schedule_lists *lists, int tile_channels, const igq_product *product,
                             const igq_accelerator *accelerator);

// Cycles from the barrier in front of the product until its last result is where it is read from, with the first weight
// tiles there; at least the cycles of the bus and of the arrays. Stops at `limit`: whatever is returned then is no
// less.
uint64_t igq_schedule_cycles(const igq_tiling *tiling, const igq_product *product, const igq_schedule_lists *lists,
                             uint64_t limit, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
