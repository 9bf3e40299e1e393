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

typedef enum igq_event {
    IGQ_EVENT_CYCLE,
    // MAC arrays
    IGQ_EVENT_GATED_MULTIPLY,     // did not happen: an operand was zero (zero_gating)
    IGQ_EVENT_MULTIPLY,           // operands one bit wider than codes where zero points are subtracted before
    IGQ_EVENT_TREE_ADD,           // inside a vector MAC
    IGQ_EVENT_ACCUMULATE,         // into an accumulator
    IGQ_EVENT_ACCUMULATOR_SELECT, // one of the sums of a lane is read: to be added to, or handed over
    IGQ_EVENT_MAC_REGISTER,       // bits clocked into operand and accumulator registers, and where V is turned
    IGQ_EVENT_REGISTER_CYCLE,     // register bits times cycles: what a clock tree serves
    // Zero points
    IGQ_EVENT_ZERO_POINT_SUBTRACT, // zero_point subtract: of a code, before the multiplier
    IGQ_EVENT_ZERO_POINT_SUM,      // zero_point correct: of codes of a group, per instance
    IGQ_EVENT_ZERO_POINT_MULTIPLY, // zero points times these sums
    IGQ_EVENT_ZERO_POINT_ADD,      // corrections of group sums
    // Quantizers at the inputs of the arrays
    IGQ_EVENT_QUANTIZE_MULTIPLY,
    IGQ_EVENT_QUANTIZE_SHIFT, // multiplexer bits
    IGQ_EVENT_QUANTIZE_ADD,   // rounding, zero point, clamp
    IGQ_EVENT_SCALE_SEARCH,   // largest magnitude of a vector (vsquant): comparisons
    IGQ_EVENT_SCALE_DERIVE,   // multiplications of reciprocals found at run time (vsquant, channelwise)
    // Scaling and accumulation of group sums
    IGQ_EVENT_SLICE_ADD,     // sums of the arrays that work on one group, before they are scaled
    IGQ_EVENT_SCALE_CONVERT, // integer to FP32: multiplexer bits
    IGQ_EVENT_SCALE_FP32_MULTIPLY,
    IGQ_EVENT_SCALE_FP32_ADD,
    IGQ_EVENT_SCALE_MULTIPLY, // integer
    IGQ_EVENT_SCALE_ADD,
    IGQ_EVENT_SCALE_SHIFT, // multiplexer bits
    // Outputs: weight scale, bias, back to 16 bits
    IGQ_EVENT_OUTPUT_FP32_MULTIPLY,
    IGQ_EVENT_OUTPUT_FP32_ADD,
    IGQ_EVENT_OUTPUT_CONVERT, // multiplexer bits
    IGQ_EVENT_VECTOR_OP,      // FP32 multiply-add of the vector unit
    // Group assignment
    IGQ_EVENT_RANGE_COMPARE,
    IGQ_EVENT_RANGE_SELECT, // of the smaller and larger value, and of a bank of ranges: multiplexer bits
    IGQ_EVENT_DISTANCE_SUBTRACT,
    IGQ_EVENT_DISTANCE_SQUARE,
    IGQ_EVENT_DISTANCE_ADD,
    IGQ_EVENT_ARGMIN_COMPARE,
    IGQ_EVENT_ASSIGN_REGISTER, // bits clocked: bounds, distances, ends and lengths of lists
    IGQ_EVENT_DEAL_MULTIPLY,   // elastic: vectors of one list times slices of another
    IGQ_EVENT_DEAL_COMPARE,    // of these products
    IGQ_EVENT_ZERO_COMPARE,    // zero_skip: of a channel's range with what its group turns into zero
    IGQ_EVENT_ZERO_SELECT,     // that interval by group: multiplexer bits
    IGQ_EVENT_CROSSBAR,        // multiplexer bits between banks and arrays
    // Memories: accesses and bits
    IGQ_EVENT_WEIGHT_BUFFER_READ,
    IGQ_EVENT_WEIGHT_BUFFER_WRITE,
    IGQ_EVENT_ACTIVATION_BUFFER_READ,
    IGQ_EVENT_ACTIVATION_BUFFER_WRITE,
    IGQ_EVENT_OUTPUT_BUFFER_READ,
    IGQ_EVENT_OUTPUT_BUFFER_WRITE,
    IGQ_EVENT_RANGE_MEMORY_READ,
    IGQ_EVENT_RANGE_MEMORY_WRITE,
    IGQ_EVENT_INDEX_BUFFER_READ,
    IGQ_EVENT_INDEX_BUFFER_WRITE,
    IGQ_EVENT_DRAM_READ,
    IGQ_EVENT_DRAM_WRITE,
    IGQ_EVENT_COUNT
} igq_event;
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
