// SPDX-License-Identifier: Apache-2.0
// latency.h - closed forms of the timing contract (docs/timing.md): phases of the group assignment module, passes of
// the multipliers, and the bounds that no simulated run may beat.
#ifndef IGQ_LATENCY_H
#define IGQ_LATENCY_H
#include "accelerator.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// From the first member read for scoring to its index on a list: registered range read, registered differences,
// registered distances, argmin. RTL twin: rtl/igq_scorer.sv.
#define IGQ_SCORE_PIPELINE_CYCLES 4

// What the RTL of the datapath takes (rtl/datapath/igq_datapath_pkg.sv): keys of a machine that it stands for have
// these values, post_processing.latency_cycles this one or more.
#define IGQ_RTL_SETUP_CYCLES 3  // row_selector.setup_cycles
#define IGQ_RTL_GATHER_CYCLES 2 // row_selector.pipeline_cycles
#define IGQ_RTL_MAC_CYCLES 5    // mac_array.pipeline_cycles
#define IGQ_RTL_POST_CYCLES 10  // post_processing.latency_cycles
#define IGQ_RTL_ADD_CYCLES 2    // post_processing.add_cycles

static inline uint64_t igq_ceil_div(uint64_t numerator, uint64_t denominator)
{
    return (numerator + denominator - 1) / denominator;
}

// Range phase: one beat of `lanes` members per cycle, observation after observation.
uint64_t igq_range_cycles(int observations, int members, int lanes);
// Score phase: `lanes` members per cycle against all groups, and a cycle for each repair (igq_assign_limited).
uint64_t igq_score_cycles(int members, int lanes, int repairs);
// Emit phase: one list entry per cycle; the first follows the score phase at once.
uint64_t igq_emit_cycles(int members);
// Cycles of post-processing for lists whose sums of `tokens` tokens are complete: `arrays` arrays in all, `lone_lists`
// of the lists have one array. It takes the sums of an array by themselves, in chunks: as many whole rows of tokens as
// it has lanes for, or a row in pieces. A list of a single chunk takes add_cycles.
uint64_t igq_handover_cycles(uint64_t arrays, uint64_t lone_lists, uint64_t tokens, const igq_accelerator *accelerator);
// Words of a bank that a channel takes: its weights lie in digits of mac_bits, the digits of all lanes side by side and
// as many of them as fit into a word.
int igq_weight_words(int weight_bits, const igq_accelerator *accelerator);

// Elastic: one slice is dealt per cycle when the lists are complete.
uint64_t igq_deal_cycles(int num_slices);

// Partial products of mac_bits x mac_bits that a product of act_bits x weight_bits is made of: a w with
// a = ceil(act_bits/mac_bits), w = ceil(weight_bits/mac_bits).
int igq_partial_products(int act_bits, int weight_bits, const igq_mac_array_cfg *array);
// Passes of the multipliers for it: a w with wide_rate quarter, max(a, w) with half.
int igq_mac_passes(int act_bits, int weight_bits, const igq_mac_array_cfg *array);
// ceil(T C O passes / peak): no organisation of the arrays is faster.
uint64_t igq_compute_bound_cycles(int T, int C, int O, int passes, int peak_macs_per_cycle);
// ceil(bytes / peak bandwidth): no schedule of the DRAM bus is faster. 0 with an ideal memory.
uint64_t igq_dram_bound_cycles(uint64_t bytes, const igq_dram_cfg *dram);

// Bytes that a transfer occupies the bus with: whole bursts.
uint64_t igq_dram_burst_bytes(uint64_t bytes, const igq_dram_cfg *dram);
// Cycles of the bus for one transfer, without the latency that follows (models ideal and bandwidth).
uint64_t igq_dram_transfer_cycles(uint64_t bytes, const igq_dram_cfg *dram);
// Clocks of the memory (half its data rate) and cycles of the machine, the first that begins no earlier. Model banks.
uint64_t igq_dram_clock_of_cycle(uint64_t cycle, const igq_accelerator *accelerator);
uint64_t igq_dram_cycle_of_clock(uint64_t clock, const igq_accelerator *accelerator);
// One task of the vector unit; 0 if it is ideal.
uint64_t igq_vector_cycles(int passes, uint64_t elements, const igq_vector_unit_cfg *unit);

// row_selector.write_ports shared: cycles that the words written into the banks of weight and activation buffer (so
// many bits of each) take beyond the idle ones, those in which nothing is gathered.
uint64_t igq_write_conflict_cycles(uint64_t weight_bits, uint64_t act_bits, uint64_t idle_cycles,
                                   const igq_row_selector_cfg *selector);

// K and V of attention on their way from the activation buffer into the weight buffer, `bits` of them.
uint64_t igq_operand_copy_cycles(uint64_t bits, const igq_accelerator *accelerator);
// Elements of a side of the squares in which V is turned: as many as come in a cycle. 0: nothing is turned.
int igq_turn_elements(int element_bits, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
