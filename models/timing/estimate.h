// SPDX-License-Identifier: Apache-2.0
// estimate.h - closed forms of the arrays' cycles from the sizes of the lists alone, if nothing but the first gather of
// a tile is waited for: no bank conflicts, a free accumulator set whenever one is needed, operands always there. What a
// simulated layer takes beyond that is waiting (docs/timing.md).
#ifndef IGQ_ESTIMATE_H
#define IGQ_ESTIMATE_H
#include "accelerator.h"
#include "grouping.h"
#include "tiling.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Cycles of a tile; never more than igq_array_tile gives, and the same if gathers and hand-overs take no longer than
// the arrays.
uint64_t igq_estimate_tile_cycles(const igq_grouping *grouping, int tokens, int outputs, int act_bits, int weight_bits,
                                  const igq_accelerator *accelerator);

// A pass over all lists for one block of tokens and outputs. Only the lengths of the lists matter (grouping->start).
typedef struct igq_list_walk {
    int steps;
    int changes; // of the group, which may cost a shift
    int accumulations;
    int last_handovers;  // arrays that are handed over after the last step
    int last_lone_lists; // lists among them that have one array
    // unbound, by lists side by side: steps, lists that are handed over after the last one, lists that begin with the
    // first. Those above are of one list after the other.
    int round_steps[IGQ_MAX_GROUPS + 1], round_handovers[IGQ_MAX_GROUPS + 1], first_lists[IGQ_MAX_GROUPS + 1];
} igq_list_walk;
igq_list_walk igq_walk_lists(const igq_grouping *grouping, const igq_accelerator *accelerator);
// Cycles of a tile whose lists have been walked; block_tokens: of those in flight, as many as are used.
uint64_t igq_estimate_walk_cycles(const igq_list_walk *walk, int tokens, int outputs, int block_tokens, int passes,
                                  int weight_bits, const igq_accelerator *accelerator);

// Cycles of all tiles of a product (one image). scratch: memory of its own for as many channels and groups, used where
// tiles have fewer channels than C.
uint64_t igq_estimate_product_cycles(const igq_grouping *grouping, const igq_product *product, const igq_tiling *tiling,
                                     int act_bits, igq_grouping *scratch, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
