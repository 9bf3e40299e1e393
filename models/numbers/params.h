// SPDX-License-Identifier: Apache-2.0
// params.h - the dimensions, limits and choices that every model shares.
// Dims used in all headers (the papers' letters, everything else is a word):
//   T tokens, C input channels, O output channels, G groups, V vector length (channels of one vector MAC).
//   Activations are row-major [T][C], weights [O][C] as PyTorch stores them.
#ifndef IGQ_PARAMS_H
#define IGQ_PARAMS_H

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_CHANNELS 16384 // channel indices are uint16_t
#define IGQ_MAX_TOKENS 16384
#define IGQ_MAX_GROUPS 64 // of the schemes that keep quantizers in registers; channelwise uses G = C
#define IGQ_MAX_CODE_BITS 8
#define IGQ_ACT_IN_BITS 16 // width of wide activations: int16_t on a power-of-two grid per layer

// What the numbers are (DESIGN: "scheme").
typedef enum igq_scheme {
    IGQ_SCHEME_LAYERWISE,   // one quantizer for the tensor
    IGQ_SCHEME_CONSECUTIVE, // G fixed runs of neighbouring channels
    IGQ_SCHEME_PEG,         // G equal groups of channels sorted by calibrated range (static permutation)
    IGQ_SCHEME_IGQ,         // nearest of G calibrated quantizers, chosen per instance (Eqs. 4, 5)
    IGQ_SCHEME_IGQ_FIXED,   // the same quantizers, each channel held in the group nearest to its calibrated range
    IGQ_SCHEME_CHANNELWISE, // a quantizer per channel from the instance's own range (upper bound)
    IGQ_SCHEME_VSQUANT,     // two-level scale per vector of V channels and token
    IGQ_SCHEME_MX,          // power of two per block of channels and token, small floats or integers (OCP)
    IGQ_SCHEME_NVFP4,       // FP8 scale per block of 16 channels and token, FP4
    IGQ_SCHEME_BFP,         // power of two per block of channels and token, integers of act_bits
    IGQ_SCHEME_TENDER,      // G fixed groups by calibrated magnitude, scales powers of two apart
    IGQ_SCHEME_COUNT
} igq_scheme;

// How weights are coded.
typedef enum igq_weight_scheme {
    IGQ_WEIGHT_SCHEME_AUTO, // as the activations with vsquant, mx, nvfp4, bfp; else as the calibration groups them
    IGQ_WEIGHT_SCHEME_PER_CHANNEL, // a quantizer per output channel, bounds at percentiles
    IGQ_WEIGHT_SCHEME_GROUPS,      // a quantizer per group of neighbouring output channels (Q-BERT)
    IGQ_WEIGHT_SCHEME_VSQUANT,     // two-level scale per output channel and vector of V channels
    IGQ_WEIGHT_SCHEME_MX,          // as the schemes of these names, per output channel and block
    IGQ_WEIGHT_SCHEME_NVFP4,
    IGQ_WEIGHT_SCHEME_BFP,
    IGQ_WEIGHT_SCHEME_COUNT
} igq_weight_scheme;

// Elements of a block (element.h).
typedef enum igq_element_kind {
    IGQ_ELEMENT_FP4_E2M1,
    IGQ_ELEMENT_FP6_E2M3,
    IGQ_ELEMENT_FP6_E3M2,
    IGQ_ELEMENT_FP8_E4M3,
    IGQ_ELEMENT_FP8_E5M2,
    IGQ_ELEMENT_INT8,
    IGQ_ELEMENT_INT4, // not in the standard
    IGQ_ELEMENT_COUNT
} igq_element_kind;

// Where a number half way between two elements goes.
typedef enum igq_ties { IGQ_TIES_EVEN, IGQ_TIES_AWAY, IGQ_TIES_COUNT } igq_ties;

// How the power of two of a block follows from its largest magnitude (mx.h).
typedef enum igq_scale_rule {
    IGQ_SCALE_RULE_FLOOR,
    IGQ_SCALE_RULE_CEIL,
    IGQ_SCALE_RULE_EVEN,
    IGQ_SCALE_RULE_COUNT
} igq_scale_rule;

// nvfp4.h
typedef enum igq_nvfp4_variant {
    IGQ_NVFP4_VARIANT_PLAIN,
    IGQ_NVFP4_VARIANT_SQUARES,
    IGQ_NVFP4_VARIANT_ROWS,
    IGQ_NVFP4_VARIANT_FOUR_OVER_SIX,
    IGQ_NVFP4_VARIANT_COUNT
} igq_nvfp4_variant;

// How the channels of a group meet the multipliers.
typedef enum igq_organisation {
    IGQ_ORGANISATION_PER_GROUP, // an array per group; the fullest group sets the pace
    IGQ_ORGANISATION_SHARED,    // one array takes the groups in turn, each padded up to V
    IGQ_ORGANISATION_ELASTIC,   // slices of an array dealt to the groups, so that the fullest share is least
    IGQ_ORGANISATION_TEMPORAL,  // output-stationary, one channel per cycle in group order
    IGQ_ORGANISATION_UNBOUND,   // arrays as in per_group, each takes any pair of list and block of outputs
    IGQ_ORGANISATION_COUNT
} igq_organisation;

typedef enum igq_distance { IGQ_DISTANCE_L2, IGQ_DISTANCE_L1, IGQ_DISTANCE_LINF, IGQ_DISTANCE_COUNT } igq_distance;

// How group sums are added up (Eq. 7).
typedef enum igq_group_scale {
    IGQ_GROUP_SCALE_FP32, // each sum times its FP32 scale, added in FP32 in group order
    IGQ_GROUP_SCALE_INT,  // each sum times an M-bit integer, exact integer sum, one FP32 scale per layer (VS-Quant)
    IGQ_GROUP_SCALE_POW2, // scales are powers of two apart: the accumulator is shifted at a group change (Tender)
    IGQ_GROUP_SCALE_COUNT
} igq_group_scale;

// What the capacity of a list is rounded up to.
typedef enum igq_capacity_unit {
    IGQ_CAPACITY_CHANNEL,
    IGQ_CAPACITY_VECTOR, // whole vectors of the MAC arrays
    IGQ_CAPACITY_UNIT_COUNT
} igq_capacity_unit;

// How fast multipliers of b x b bits take codes of 2b bits.
typedef enum igq_wide_rate {
    IGQ_WIDE_RATE_QUARTER, // a multiplier forms the four partial products one after the other
    IGQ_WIDE_RATE_HALF,    // a multiplier is b x 2b bits: two of them at once
    IGQ_WIDE_RATE_COUNT
} igq_wide_rate;

// Where zero points are taken out. The numbers are the same, the hardware is not.
typedef enum igq_zero_point {
    IGQ_ZERO_POINT_SUBTRACT, // before the multiplier: operands one bit wider
    IGQ_ZERO_POINT_CORRECT,  // after it: sums of codes of a group are formed per instance
    IGQ_ZERO_POINT_COUNT
} igq_zero_point;

typedef enum igq_range_source {
    IGQ_RANGE_SOURCE_PASS,      // the range unit reads the activation buffer in a pass of its own
    IGQ_RANGE_SOURCE_WRITEBACK, // it listens while the producer writes the activations back
    IGQ_RANGE_SOURCE_COUNT
} igq_range_source;

// Who says how layers are cut into tiles.
typedef enum igq_tiling_choice {
    IGQ_TILING_CHOICE_AUTO,  // the simulator, by its objective
    IGQ_TILING_CHOICE_FIXED, // the user, the same for all layers
    IGQ_TILING_CHOICE_COUNT
} igq_tiling_choice;

// What the simulator chooses tiles by.
typedef enum igq_tiling_objective {
    IGQ_TILING_OBJECTIVE_CYCLES,
    IGQ_TILING_OBJECTIVE_TRAFFIC, // DRAM
    IGQ_TILING_OBJECTIVE_ENERGY,  // of DRAM and buffers
    IGQ_TILING_OBJECTIVE_COUNT
} igq_tiling_objective;

typedef enum igq_loop_order {
    IGQ_LOOP_WEIGHTS_OUTER,     // each weight tile meets all activation tiles in turn
    IGQ_LOOP_ACTIVATIONS_OUTER, // each activation tile meets all weight tiles in turn
    IGQ_LOOP_ORDER_COUNT
} igq_loop_order;

// How activations lie in buffers and DRAM.
typedef enum igq_stores {
    IGQ_STORES_AUTO,   // codes where their quantizer is known when they are written back, else values
    IGQ_STORES_CODES,  // the same; refused for schemes that would leave values
    IGQ_STORES_VALUES, // 16 bits, quantized where they enter the arrays
    IGQ_STORES_COUNT
} igq_stores;

// The names that configuration files, command line and reports use, in enum order.
extern const char *const igq_scheme_names[IGQ_SCHEME_COUNT];
extern const char *const igq_element_names[IGQ_ELEMENT_COUNT];
extern const char *const igq_ties_names[IGQ_TIES_COUNT];
extern const char *const igq_scale_rule_names[IGQ_SCALE_RULE_COUNT];
extern const char *const igq_nvfp4_variant_names[IGQ_NVFP4_VARIANT_COUNT];
extern const char *const igq_weight_scheme_names[IGQ_WEIGHT_SCHEME_COUNT];
extern const char *const igq_organisation_names[IGQ_ORGANISATION_COUNT];
extern const char *const igq_distance_names[IGQ_DISTANCE_COUNT];
extern const char *const igq_group_scale_names[IGQ_GROUP_SCALE_COUNT];
extern const char *const igq_capacity_unit_names[IGQ_CAPACITY_UNIT_COUNT];
extern const char *const igq_wide_rate_names[IGQ_WIDE_RATE_COUNT];
extern const char *const igq_zero_point_names[IGQ_ZERO_POINT_COUNT];
extern const char *const igq_range_source_names[IGQ_RANGE_SOURCE_COUNT];
extern const char *const igq_tiling_choice_names[IGQ_TILING_CHOICE_COUNT];
extern const char *const igq_loop_order_names[IGQ_LOOP_ORDER_COUNT];
extern const char *const igq_tiling_objective_names[IGQ_TILING_OBJECTIVE_COUNT];
extern const char *const igq_stores_names[IGQ_STORES_COUNT];

#ifdef __cplusplus
}
#endif
#endif
