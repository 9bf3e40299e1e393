// SPDX-License-Identifier: Apache-2.0
// stall.h - where the cycles of the MAC arrays went. Every cycle of a run belongs to exactly one cause.
#ifndef IGQ_STALL_H
#define IGQ_STALL_H

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
    IGQ_CAUSE_DRAIN,         // end of a tile: last sums on their way out of post-processing, output buffer full
    IGQ_CAUSE_WEIGHTS,       // weight tile not there yet
    IGQ_CAUSE_ACTIVATIONS,   // activation tile not there yet (DRAM)
    IGQ_CAUSE_VECTOR_UNIT,   // the producer's vector operation has not written the last activation
    IGQ_CAUSE_ASSIGNMENT,    // index lists not finished
    IGQ_CAUSE_COUNT
} igq_cause;
extern const char *const igq_cause_names[IGQ_CAUSE_COUNT]; // "compute", "edge", "padding", "fullest_group", ...

#ifdef __cplusplus
}
#endif
#endif
