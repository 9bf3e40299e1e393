// SPDX-License-Identifier: Apache-2.0
// stall.h - where the cycles of the MAC arrays went. Every cycle of a run belongs to exactly one cause.
#ifndef IGQ_STALL_H
#define IGQ_STALL_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a layer or a run is limited by: the class of causes that took most of its cycles.
typedef enum igq_limit {
    IGQ_LIMIT_COMPUTE, // the peak of the arrays
    IGQ_LIMIT_DRAM,
    IGQ_LIMIT_VECTOR_UNIT,
    IGQ_LIMIT_POST_PROCESSING,
    IGQ_LIMIT_ASSIGNMENT,
    IGQ_LIMIT_MAPPING, // how layers and lists fit the arrays
    IGQ_LIMIT_COUNT
} igq_limit;
extern const char *const igq_limit_names[IGQ_LIMIT_COUNT]; // "compute", "dram", "vector_unit", ...

// All that is said of a cause anywhere, in the order of reports: CAUSE(id, key in reports, class, meaning on pages and
// in docs/formats.md). A new one is a row here; sim/html/names.js gives it a colour.
// clang-format off
#define IGQ_CAUSES(CAUSE) \
    CAUSE(COMPUTE, compute, COMPUTE, "useful multiply-accumulates at the full peak, in whole cycles") \
    CAUSE(EDGE, edge, MAPPING, "lanes or token rows beyond the edge of the layer, and what rounding left of compute") \
    CAUSE(PADDING, padding, MAPPING, "vector elements beyond the end of a group's list of channels") \
    CAUSE(FULLEST_GROUP, fullest_group, MAPPING, \
          "arrays waiting for the array with the longest list (per_group, elastic, unbound)") \
    CAUSE(ROW_CONFLICT, row_conflict, MAPPING, \
          "rows of a gathered vector not there yet: conflicts of banks, first gather of a tile") \
    CAUSE(RESCALE, rescale, POST_PROCESSING, \
          "accumulators shifted where the group changes, or no accumulator set free") \
    CAUSE(DRAIN, drain, POST_PROCESSING, "end of a tile: last sums on their way out of post-processing") \
    CAUSE(WEIGHTS, weights, DRAM, "weight tile not there yet (DRAM)") \
    CAUSE(ACTIVATIONS, activations, DRAM, "activation tile not there yet (DRAM)") \
    CAUSE(VECTOR_UNIT, vector_unit, VECTOR_UNIT, \
          "the vector unit has not written the last activation, or holds the output buffer's slots") \
    CAUSE(ASSIGNMENT, assignment, ASSIGNMENT, "channel lists of the group assignment module not finished") \
    CAUSE(STORES, stores, DRAM, \
          "results on their way to DRAM: slots of the output buffer not free, or not written yet") \
    CAUSE(RESIDUAL, residual, DRAM, "the vector unit waits for the residual tile to be added (DRAM)")
// clang-format on

#define IGQ_CAUSE_ID(id, key, limit, meaning) IGQ_CAUSE_##id,
typedef enum igq_cause { IGQ_CAUSES(IGQ_CAUSE_ID) IGQ_CAUSE_COUNT } igq_cause;
#undef IGQ_CAUSE_ID
extern const char *const igq_cause_names[IGQ_CAUSE_COUNT]; // "compute", "edge", "padding", "fullest_group", ...
extern const char *const igq_cause_meanings[IGQ_CAUSE_COUNT];

// The first of the classes with most cycles.
igq_limit igq_limited_by(const uint64_t cause_cycles[IGQ_CAUSE_COUNT]);

#ifdef __cplusplus
}
#endif
#endif
