// SPDX-License-Identifier: Apache-2.0
// block_times.h - cycles of tiles of any size, put together from those of their blocks (lanes x tokens in flight): what
// a block takes among others of its kind, and what the last one takes longer. Exact for tiles of a single block and,
// but for a few cycles where a last, smaller block follows others, for all (array_timing.h walks through every tile).
#ifndef IGQ_BLOCK_TIMES_H
#define IGQ_BLOCK_TIMES_H
#include "array_timing.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IGQ_MOST_BLOCK_TIMES = 64 };
typedef struct igq_block_time {
    int tokens, outputs;
    uint64_t alone_cycles, among_cycles;
} igq_block_time;

// Of one range of channels. Blocks that were met are remembered, as many as there is room for.
typedef struct igq_block_times {
    igq_steps steps;
    igq_accelerator machine;
    int num;
    igq_block_time block[IGQ_MOST_BLOCK_TIMES];
} igq_block_times;

// lists: of the range. step: memory for as many steps as there are channels on them, used as long as the times are.
void igq_block_times_init(igq_block_times *times, const igq_grouping *lists, int act_bits, int weight_bits,
                          igq_step *step, const igq_accelerator *accelerator);

// Cycles of a tile in blocks of block_tokens tokens; 0 if no channel is on a list.
uint64_t igq_block_times_tile(igq_block_times *times, int tokens, int outputs, int block_tokens);

#ifdef __cplusplus
}
#endif
#endif
