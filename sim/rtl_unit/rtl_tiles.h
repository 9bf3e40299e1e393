// SPDX-License-Identifier: Apache-2.0
// rtl_tiles.h - the Verilated datapath as an object that the SystemC accelerator gives its tiles to, beside the model:
// every tile is worked on with contents drawn for it, with random stalls or without, and outputs and cycles are held
// against the models.
#ifndef IGQ_RTL_TILES_H
#define IGQ_RTL_TILES_H
#include "accelerator.h"
#include "array_timing.h"
#include "error.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_rtl_tiles igq_rtl_tiles;

// The most that a tile of the run has: lists, channels (numbered from 0), blocks of tokens in flight and of lanes.
typedef struct igq_rtl_tiles_size {
    int num_groups, num_channels, token_blocks, output_blocks;
} igq_rtl_tiles_size;

// A tile, as the row selector is ordered to work on it.
typedef struct igq_rtl_tile {
    const char *layer; // its name, for messages
    const igq_grouping *lists;
    int tokens, outputs, act_bits, weight_bits;
    int rows; // 1: a group belongs to a token
} igq_rtl_tile;

// *tiles is new, built where the cache has no such datapath. IGQ_USER_ERROR with the key, and what is allowed, where
// there is no RTL for the machine.
igq_status igq_rtl_tiles_new(igq_rtl_tiles **tiles, const igq_accelerator *accelerator, const igq_rtl_tiles_size *size,
                             igq_error *error);
void igq_rtl_tiles_free(igq_rtl_tiles *tiles); // NULL is allowed

// Cycles of the tile by the RTL. machine: with the tokens in flight that the tile uses. model_cycles: of the same tile.
// The first difference is kept; after it nothing is worked on any more, and the answer is the model's.
uint64_t igq_rtl_tiles_work(igq_rtl_tiles *tiles, const igq_rtl_tile *tile, const igq_accelerator *machine,
                            uint64_t model_cycles);

// IGQ_MISMATCH with the first difference in words; else a line on standard error says how much was the same.
igq_status igq_rtl_tiles_verdict(const igq_rtl_tiles *tiles, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
