// SPDX-License-Identifier: Apache-2.0
// operations.h - what the blocks of a machine do, as one list for each block: an operation's width stands there once,
// beside how many units do it side by side (units.h) and how often a product asks for it (events.h). Internal to
// igq_events_count and igq_units_of; docs/energy.md has the list as two tables.
#ifndef IGQ_OPERATIONS_H
#define IGQ_OPERATIONS_H
#include "events.h"
#include "units.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_TREE_LEVELS 16

// An operation of a block: what its units measure, what the product asks of them.
typedef struct igq_operation {
    igq_event event;
    igq_measure units, events;
} igq_operation;

// What the lists are made from: a machine and a product on it, and what follows from both. Sums go into `units` and
// `events`. A machine without a product has one of zeros: what a product asks for is then zero everywhere.
typedef struct igq_operations {
    igq_measure units[IGQ_EVENT_COUNT], events[IGQ_EVENT_COUNT];
    const igq_accelerator *accelerator;
    const igq_work *work;
    igq_scheme_cfg scheme;     // that the product really got
    int act_bits, weight_bits; // codes
    int sum_growth;            // bits that a sum over all channels has more than its terms
    igq_widths widths;
    // Of the machine: vector MACs, activations and weights entering them in a cycle.
    uint64_t vector_macs, acts_a_cycle, weights_a_cycle;
    // Of the product. C: channels on the lists; passes of the multipliers, partial products; outputs: T O; blocks of
    // tokens_in_flight, of lanes; activations and weights entering the arrays.
    uint64_t T, C, O, passes, partial_products, outputs, token_blocks, output_blocks, acts_in, weights_in;
    // Elements (and bits) that tiles bring into the buffers.
    uint64_t loaded_weights, loaded_weight_bits, loaded_acts, loaded_act_bits;
    // Of all lists, or parts of a list that arrays work on: vector MACs, sums handed to post-processing and groups that
    // these belong to, per output; adders of the trees, level by level.
    uint64_t vectors, handovers, group_sums, tree_adds[IGQ_MAX_TREE_LEVELS];
} igq_operations;

// Blocks, or vectors, of an output that are scaled one by one; 0 of a machine without a product.
uint64_t igq_scaled_blocks(const igq_operations *sums);

// `bits` wide. Registers too: so many of them, so many clocked.
igq_operation igq_operation_of(igq_event event, int bits, uint64_t units, uint64_t times);
// A multiplication of a_bits by b_bits.
igq_operation igq_multiplication(igq_event event, int a_bits, int b_bits, uint64_t units, uint64_t times);
// One of `ways` by multiplexers: ways - 1 for each bit. The product selects among the first `used`: log2(used) of them
// lie in the way.
igq_operation igq_selection(igq_event event, int bits, int ways, int used, uint64_t units, uint64_t times);
// Accesses of a memory, whose units are its banks (igq_units.memory).
igq_operation igq_access(igq_event event, uint64_t accesses, uint64_t bits);

void igq_operations_add(igq_operations *sums, const igq_operation *operation, int num);
#define IGQ_OPERATIONS_ADD(sums, list) igq_operations_add(sums, list, (int)(sizeof(list) / sizeof *(list)))

// Adders at a level of a balanced tree: those of level 0 add leaves. Their sums are a bit wider than what they add.
uint64_t igq_tree_adders(int leaves, int level);

// What a machine has of each operation.
void igq_operation_units(igq_measure units[IGQ_EVENT_COUNT], const igq_accelerator *accelerator);

// One for each block.
void igq_operations_of_arrays(igq_operations *sums);
void igq_operations_of_quantizers(igq_operations *sums);
void igq_operations_of_outputs(igq_operations *sums); // post-processing and vector unit
void igq_operations_of_assignment(igq_operations *sums);
void igq_operations_of_crossbar(igq_operations *sums);
void igq_operations_of_pairs(igq_operations *sums);
void igq_operations_of_turning(igq_operations *sums);  // V on its way into the weight buffer
void igq_operations_of_memories(igq_operations *sums); // of a product: a machine has banks instead

#ifdef __cplusplus
}
#endif
#endif
