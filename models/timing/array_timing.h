// SPDX-License-Identifier: Apache-2.0
// array_timing.h - how many cycles the MAC arrays, the row selector and post-processing take for one tile, exactly,
// from the real channel lists; and why. Contract: docs/timing.md, "MAC arrays and row selector". Cycle-by-cycle twin:
// array_timing_ref.c.
// A tile is `tokens` x `outputs` over all C. It is worked on as: for each block of `lanes` outputs, for each block of
// tokens_in_flight tokens, all *steps* of the layer. A step is one vector of each array. unbound works on *rounds* of
// as many blocks as it has arrays, and of fewer at the end.
#ifndef IGQ_ARRAY_TIMING_H
#define IGQ_ARRAY_TIMING_H
#include "accelerator.h"
#include "grouping.h"
#include "stall.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_QUEUE_DEPTH 1024 // of the row selector
#define IGQ_MAX_BANKS 4096       // of the buffers

typedef struct igq_step {
    uint16_t bank_reads;     // of the bank that is read most, for the vectors of all arrays that work on a block
    uint16_t begun_pairs;    // unbound: lists of a block that begin, dealt one after another
    uint16_t opens_set;      // 1: starts on a free accumulator set
    uint16_t ends_set;       // 1: the last of an accumulation, the next step opens a set
    uint16_t handovers;      // arrays that hand their sums to post-processing when the step is done
    uint16_t lone_lists;     // lists among them that have one array
    uint32_t rescale_cycles; // accumulator shift after the step
} igq_step;

// Where the steps of a block lie.
typedef struct igq_round_steps {
    int first_step, num_steps;
    int idle_vectors; // unbound: that arrays miss, since the list of another one is longer
} igq_round_steps;

// The steps of one block of a layer; the same for all its blocks, for unbound all with as many lists side by side.
typedef struct igq_steps {
    int num_channels;                          // on the lists
    int passes;                                // of the multipliers
    int words_per_row;                         // reads of a bank for the weights of a channel
    int num_steps;                             // 1 .. C, of a block whose lists are not side by side on unbound
    int num_vectors;                           // of all lists
    igq_step *step;                            // caller's memory
    igq_round_steps round[IGQ_MAX_GROUPS + 1]; // by lists side by side on unbound, others [1]
} igq_steps;

// Steps for which there must be memory: C, for unbound as often as there are numbers of lists side by side.
size_t igq_steps_room(int C, const igq_accelerator *accelerator);
// Steps of a layer by the machine's organisation. steps->step must point to igq_steps_room entries.
// per_group and elastic: slices.h says which arrays take which list, and requires G <= num_arrays. unbound: no
// stream_sums, no systolic.
void igq_array_steps(igq_steps *steps, const igq_grouping *grouping, int act_bits, int weight_bits,
                     const igq_accelerator *accelerator);

// Cycles of a tile. Slots are multiply-accumulate slots: cycles x peak.
typedef struct igq_tile_time {
    uint64_t cycles;                                                         // busy + row_conflict + rescale + drain
    uint64_t busy_cycles, row_conflict_cycles, rescale_cycles, drain_cycles; // drain: and the skew of a systolic array
    uint64_t useful_slots, padding_slots, fullest_group_slots;               // of busy_cycles x peak; the rest is edge
    uint64_t weight_reads;                   // words that left the ports of the weight banks
    uint64_t gather_cycles, handover_cycles; // row selector and post-processing busy
    int most_waiting_vectors;                // in the gather queue at once; of a sum of tiles: in any of them
} igq_tile_time;

// Time of a tile that starts with an empty gather queue and idle post-processing, until its last sum has left.
void igq_array_tile(igq_tile_time *time, const igq_steps *steps, int tokens, int outputs,
                    const igq_accelerator *accelerator);
void igq_array_tile_ref(igq_tile_time *time, const igq_grouping *grouping, int tokens, int outputs, int act_bits,
                        int weight_bits, const igq_accelerator *accelerator);

// sum += count * time; of the vectors that waited, the most.
void igq_tile_time_add(igq_tile_time *sum, const igq_tile_time *time, uint64_t count);

// Cycles by cause of a sum of tiles, added to `cause_cycles`; together they are sum->cycles. Busy slots are turned into
// cycles of the peak by integer division, the remainder goes to EDGE.
void igq_tile_time_causes(uint64_t cause_cycles[IGQ_CAUSE_COUNT], const igq_tile_time *sum, int peak_macs_per_cycle);

#ifdef __cplusplus
}
#endif
#endif
