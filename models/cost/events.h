// SPDX-License-Identifier: Apache-2.0
// events.h - what the hardware did for a product, in plain integers: arithmetic by operand width, accesses of each
// memory, cycles. Energy is these counts times a technology's figures (energy.h), whenever and as often as one likes.
// docs/energy.md gives the formula of every event.
#ifndef IGQ_EVENTS_H
#define IGQ_EVENTS_H
#include "accelerator.h"
#include "grouping.h"
#include "tiling.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// How often something happened, and how wide it was. Figures of a technology are per event, per bit or per bit^2, so
// these three sums are all that energy needs to know of operand widths.
typedef struct igq_measure {
    uint64_t count;
    uint64_t bits;         // sum of widths; of a multiplication: of both operands
    uint64_t bit_products; // multiplications: sum of the products of the operands' widths
} igq_measure;

// All events, as EVENT(id, name in reports and technologies); a new one is a row here, a row in its block's list
// (operations.h), and a term of a component in configs/technologies/components.yaml.
// clang-format off
#define IGQ_EVENTS(EVENT) \
    EVENT(CYCLE, cycle) \
    /* MAC arrays */ \
    EVENT(GATED_MULTIPLY, gated_multiply) /* did not happen: an operand was zero (zero_gating) */ \
    EVENT(MULTIPLY, multiply) /* operands one bit wider than codes where zero points are subtracted before */ \
    EVENT(TREE_ADD, tree_add) /* inside a vector MAC */ \
    EVENT(ACCUMULATE, accumulate) /* into an accumulator */ \
    EVENT(ACCUMULATOR_SELECT, accumulator_select) /* one of the sums of a lane is read: to be added to, or handed over */ \
    EVENT(MAC_REGISTER, mac_register) /* bits clocked into operand and accumulator registers, and where V is turned */ \
    EVENT(REGISTER_CYCLE, register_cycle) /* register bits times cycles: what a clock tree serves */ \
    /* Zero points */ \
    EVENT(ZERO_POINT_SUBTRACT, zero_point_subtract) /* zero_point subtract: of a code, before the multiplier */ \
    EVENT(ZERO_POINT_SUM, zero_point_sum) /* zero_point correct: of codes of a group, per instance */ \
    EVENT(ZERO_POINT_MULTIPLY, zero_point_multiply) /* zero points times these sums */ \
    EVENT(ZERO_POINT_ADD, zero_point_add) /* corrections of group sums */ \
    /* Quantizers at the inputs of the arrays */ \
    EVENT(QUANTIZE_MULTIPLY, quantize_multiply) \
    EVENT(QUANTIZE_SHIFT, quantize_shift) /* multiplexer bits */ \
    EVENT(QUANTIZE_ADD, quantize_add) /* rounding, zero point, clamp */ \
    EVENT(SCALE_SEARCH, scale_search) /* largest magnitude of a vector (vsquant): comparisons */ \
    EVENT(SCALE_DERIVE, scale_derive) /* multiplications of reciprocals found at run time (vsquant, channelwise) */ \
    /* Scaling and accumulation of group sums */ \
    EVENT(SLICE_ADD, slice_add) /* sums of the arrays that work on one group, before they are scaled */ \
    EVENT(SCALE_CONVERT, scale_convert) /* integer to FP32: multiplexer bits */ \
    EVENT(SCALE_FP32_MULTIPLY, scale_fp32_multiply) \
    EVENT(SCALE_FP32_ADD, scale_fp32_add) \
    EVENT(SCALE_MULTIPLY, scale_multiply) /* integer */ \
    EVENT(SCALE_ADD, scale_add) \
    EVENT(SCALE_SHIFT, scale_shift) /* multiplexer bits */ \
    /* Outputs: weight scale, bias, back to 16 bits */ \
    EVENT(OUTPUT_FP32_MULTIPLY, output_fp32_multiply) \
    EVENT(OUTPUT_FP32_ADD, output_fp32_add) \
    EVENT(OUTPUT_CONVERT, output_convert) /* multiplexer bits */ \
    EVENT(VECTOR_OP, vector_op) /* FP32 multiply-add of the vector unit */ \
    /* Group assignment */ \
    EVENT(RANGE_COMPARE, range_compare) \
    EVENT(RANGE_SELECT, range_select) /* of the smaller and larger value, and of a bank of ranges: multiplexer bits */ \
    EVENT(DISTANCE_SUBTRACT, distance_subtract) \
    EVENT(DISTANCE_SQUARE, distance_square) \
    EVENT(DISTANCE_ADD, distance_add) \
    EVENT(ARGMIN_COMPARE, argmin_compare) \
    EVENT(ASSIGN_REGISTER, assign_register) /* bits clocked: bounds, distances, ends and lengths of lists */ \
    EVENT(DEAL_MULTIPLY, deal_multiply) /* elastic: vectors of one list times slices of another */ \
    EVENT(DEAL_COMPARE, deal_compare) /* of these products; unbound: is that the last list, the last block */ \
    EVENT(INDEX_SELECT, index_select) /* unbound: entries of the list that an array takes: multiplexer bits */ \
    EVENT(ZERO_COMPARE, zero_compare) /* zero_skip: of a channel's range with what its group turns into zero */ \
    EVENT(ZERO_SELECT, zero_select) /* that interval by group: multiplexer bits */ \
    EVENT(CROSSBAR, crossbar) /* multiplexer bits between banks and arrays */ \
    /* Memories: accesses and bits */ \
    EVENT(WEIGHT_BUFFER_READ, weight_buffer_read) \
    EVENT(WEIGHT_BUFFER_WRITE, weight_buffer_write) \
    EVENT(ACTIVATION_BUFFER_READ, activation_buffer_read) \
    EVENT(ACTIVATION_BUFFER_WRITE, activation_buffer_write) \
    EVENT(OUTPUT_BUFFER_READ, output_buffer_read) \
    EVENT(OUTPUT_BUFFER_WRITE, output_buffer_write) \
    EVENT(RANGE_MEMORY_READ, range_memory_read) \
    EVENT(RANGE_MEMORY_WRITE, range_memory_write) \
    EVENT(INDEX_BUFFER_READ, index_buffer_read) \
    EVENT(INDEX_BUFFER_WRITE, index_buffer_write) \
    EVENT(DRAM_READ, dram_read) \
    EVENT(DRAM_WRITE, dram_write)
// clang-format on

#define IGQ_EVENT_ID(id, name) IGQ_EVENT_##id,
typedef enum igq_event { IGQ_EVENTS(IGQ_EVENT_ID) IGQ_EVENT_COUNT } igq_event;
#undef IGQ_EVENT_ID
extern const char *const igq_event_names[IGQ_EVENT_COUNT]; // "cycle", "multiply", ...

typedef struct igq_events {
    igq_measure of[IGQ_EVENT_COUNT];
} igq_events;

// What a product was and how it ran.
typedef struct igq_work {
    igq_product product;
    igq_tiling tiling;
    int image;         // of those that share the product's weight tiles
    int act_bits;      // codes; those of weights are in product
    igq_scheme scheme; // that this product really got (edge layers are layer-wise)
    igq_weight_scheme weight_scheme;
    const igq_grouping *grouping; // lists that the row selector worked on
    int selects;                  // 1: they are not in channel order, so index buffer and crossbar are in use
    int turns_operand;            // 1: the operand is V, which is turned on its way into the weight buffer
    // Of the group assignment; 0 members: it had nothing to do. 0 groups: ranges only.
    int assign_members, assign_observations, assign_groups;
    int ranges_from_buffer; // 1: in a pass over the activation buffer; 0: listening to the write-back, or from DRAM
    uint64_t cycles, dram_read_bytes, dram_write_bytes; // as simulated
} igq_work;

void igq_events_count(igq_events *events, const igq_work *work, const igq_accelerator *accelerator);

// Zero gating: `zero_products` of the multiplications of a layer, each in `passes`, did not happen. All of them are of
// one width.
void igq_events_gate(igq_events *events, uint64_t zero_products, int passes);

// The same events with gating off.
void igq_events_ungate(igq_events *events);

// sum += one
void igq_events_add(igq_events *sum, const igq_events *one);

// Widths that counts, units and documents share.
typedef struct igq_widths {
    int act_operand, weight_operand; // of a multiplier
    int distance, argmin;            // a distance, and its key in the argmin tree
    int index;                       // an entry of the index buffer
    int list_end;                    // first or last member of a list, in a lane of the distances
    int deal_vectors, deal_slices;   // vectors of a list and slices dealt to it, as numbers (elastic)
    int scale_sum;                   // an integer sum of scaled group sums
    int vector_dot, scale_product;   // sum of a vector or block; vsquant: product of its scales as kept
} igq_widths;
igq_widths igq_widths_of(const igq_accelerator *accelerator, const igq_scheme_cfg *scheme, int act_bits,
                         int weight_bits);

// Bits of a scale of vsquant's weights; 0 where weights have none.
int igq_integer_weight_scale_bits(const igq_scheme_cfg *scheme);

int igq_log2_ceil(uint64_t value); // 0 for 0 and 1

#define IGQ_RANGE_BITS (2 * IGQ_ACT_IN_BITS) // of a member, and bounds of a group
#define IGQ_QUANTIZER_MULTIPLIER_BITS 15     // quant.h
#define IGQ_QUANTIZER_PRODUCT_BITS 31
#define IGQ_FP32_FRACTION_BITS 24
#define IGQ_POW2_SHIFT_STAGES 4 // shifts up to 15

#ifdef __cplusplus
}
#endif
#endif
