// SPDX-License-Identifier: Apache-2.0
// stall.h - where the cycles of the MAC arrays went. Every cycle of a run belongs to exactly one cause.
#ifndef IGQ_STALL_H
#define IGQ_STALL_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_cause {
    IGQ_CAUSE_COMPUTE,       // useful multiply-accumulates at full width (rounded down to whole cycles of the peak)
    IGQ_CAUSE_EDGE,          // lanes or token rows beyond the edge of the layer, and what COMPUTE's rounding left
    IGQ_CAUSE_PADDING,       // vector elements beyond the end of a group's list
    IGQ_CAUSE_FULLEST_GROUP, // per_group, elastic: arrays waiting for the array with the longest list
    IGQ_CAUSE_ROW_CONFLICT,  // row selector: gathered vector not there yet (bank conflicts and first gather of a tile)
    IGQ_CAUSE_RESCALE,       // accumulator shift at a group change, or no free accumulator set
    IGQ_CAUSE_DRAIN,         // end of a tile: last sums on their way out of post-processing
    IGQ_CAUSE_WEIGHTS,       // weight tile not there yet
    IGQ_CAUSE_ACTIVATIONS,   // activation tile not there yet (DRAM)
    IGQ_CAUSE_VECTOR_UNIT,   // the vector unit has not written the last activation, or holds the output buffer's slots
    IGQ_CAUSE_ASSIGNMENT,    // index lists not finished
    IGQ_CAUSE_STORES,        // results on their way to DRAM: slots of the output buffer not free, or not written yet
    IGQ_CAUSE_RESIDUAL,      // the vector unit waits for the residual tile to be added (DRAM)
    IGQ_CAUSE_COUNT
} igq_cause;
extern const char *const igq_cause_names[IGQ_CAUSE_COUNT]; // "compute", "edge", "padding", "fullest_group", ...

// What a layer or a run is limited by: the class of causes that took most of its cycles.
typedef enum igq_limit {
    IGQ_LIMIT_COMPUTE,         // the peak of the arrays: COMPUTE
    IGQ_LIMIT_DRAM,            // WEIGHTS, ACTIVATIONS, STORES, RESIDUAL
    IGQ_LIMIT_VECTOR_UNIT,     // VECTOR_UNIT
    IGQ_LIMIT_POST_PROCESSING, // RESCALE, DRAIN
    IGQ_LIMIT_ASSIGNMENT,      // ASSIGNMENT
    IGQ_LIMIT_MAPPING,         // how layers and lists fit the arrays: EDGE, PADDING, FULLEST_GROUP, ROW_CONFLICT
    IGQ_LIMIT_COUNT
} igq_limit;
extern const char *const igq_limit_names[IGQ_LIMIT_COUNT]; // "compute", "dram", "vector_unit", ...
// The first of the classes with most cycles.
igq_limit igq_limited_by(const uint64_t cause_cycles[IGQ_CAUSE_COUNT]);

#ifdef __cplusplus
}
#endif
#endif
