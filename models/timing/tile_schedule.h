// SPDX-License-Identifier: Apache-2.0
// tile_schedule.h - how long a product takes in tiles, so that tilings can be compared: the tiles one after another on
// bus, arrays and vector unit, by the rules of docs/timing.md but for two simplifications. Tiles take what their blocks
// take (block_times.h), and stores push loads back without cutting them. The machine itself is sim/blocks.
#ifndef IGQ_TILE_SCHEDULE_H
#define IGQ_TILE_SCHEDULE_H
#include "block_times.h"
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

// What does not depend on the tiles of outputs and tokens: times of the blocks of a tile of channels.
typedef struct igq_schedule_lists {
    igq_block_times times[2]; // of the first tile of channels, for all but the last; of the last
    const igq_grouping *all;
    void *memory;
    int overlapped; // 1: another product is worked on before the results of this one are needed
} igq_schedule_lists;
// lists: of all channels. memory: igq_schedule_lists_size bytes, aligned to 8, used as long as the lists are.
size_t igq_schedule_lists_size(int C, int G, const igq_accelerator *accelerator);
void igq_schedule_lists_init(igq_schedule_lists *lists, const igq_grouping *all, int overlapped, void *memory);
// Goes over to tiles of so many channels, 0: all.
void igq_schedule_lists_cut(igq_schedule_lists *lists, int tile_channels, const igq_product *product,
                            const igq_accelerator *accelerator);

// Cycles from the barrier in front of the product until its last result is where it is read from, with the first weight
// tiles there; at least the cycles of the bus and of the arrays. Of an overlapped product: until the arrays are
// through, at least the cycles of bus and vector unit. Stops at `limit`: whatever is returned then is no less.
uint64_t igq_schedule_cycles(const igq_tiling *tiling, const igq_product *product, igq_schedule_lists *lists,
                             uint64_t limit, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
