// SPDX-License-Identifier: Apache-2.0
// tiling_options.h - tilings of a product that may be worth taking: none needs as much room as another and costs as
// much. What is tried does not depend on the sizes of buffers, so a larger buffer only adds to it.
#ifndef IGQ_TILING_OPTIONS_H
#define IGQ_TILING_OPTIONS_H
#include "tile_schedule.h"
#include "tiling.h"

#ifdef __cplusplus
extern "C" {
#endif

// Room that a tiling takes, or may take.
typedef struct igq_tiling_room {
    uint64_t weight_bits, output_bytes; // of a slot
    int block_tokens;
} igq_tiling_room;

// By cycles, a tiling with one token in flight of many is charged one part in so many of its cycles: it reads and
// gathers weights for each token, which costs more energy than the few cycles of a shorter last hand-over are worth.
#define IGQ_SHORT_BLOCK_CHARGE 256

// Most important first.
typedef struct igq_tiling_cost {
    uint64_t first, second, tiles;
    uint64_t charge_cycles; // in first, beyond what it takes
} igq_tiling_cost;

typedef struct igq_tiling_option {
    igq_tiling tiling;
    igq_tiling_room room;
    igq_tiling_cost cost;
} igq_tiling_option;

enum { IGQ_MOST_TILING_OPTIONS = 64 };
typedef struct igq_tiling_options {
    int num;
    igq_tiling_option option[IGQ_MOST_TILING_OPTIONS];
} igq_tiling_options;

// Tilings that fit, by the machine's tiling.objective: fewest cycles by igq_schedule_cycles, least DRAM traffic, or
// least energy of memories. Of equals those with less traffic (or fewer cycles), then fewer tiles. Requires that
// nothing is short (asserted). lists: NULL: cycles are not known, and traffic stands for them. Where channels have to
// be cut: into tiles of cut_channels; 0, or if these do not fit: as is best.
void igq_tiling_find_options(igq_tiling_options *options, const igq_product *product, igq_schedule_lists *lists,
                             int cut_channels, const igq_accelerator *accelerator);

// The cheapest that takes no more than `most`; NULL: none.
const igq_tiling_option *igq_tiling_best_option(const igq_tiling_options *options, const igq_tiling_room *most);

#ifdef __cplusplus
}
#endif
#endif
