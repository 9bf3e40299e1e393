// SPDX-License-Identifier: Apache-2.0
#include "stall.h"
#include <assert.h>

const char *const igq_cause_names[IGQ_CAUSE_COUNT] = {
    [IGQ_CAUSE_COMPUTE] = "compute",
    [IGQ_CAUSE_EDGE] = "edge",
    [IGQ_CAUSE_PADDING] = "padding",
    [IGQ_CAUSE_FULLEST_GROUP] = "fullest_group",
    [IGQ_CAUSE_ROW_CONFLICT] = "row_conflict",
    [IGQ_CAUSE_RESCALE] = "rescale",
    [IGQ_CAUSE_DRAIN] = "drain",
    [IGQ_CAUSE_WEIGHTS] = "weights",
    [IGQ_CAUSE_ACTIVATIONS] = "activations",
    [IGQ_CAUSE_VECTOR_UNIT] = "vector_unit",
    [IGQ_CAUSE_ASSIGNMENT] = "assignment",
    [IGQ_CAUSE_STORES] = "stores",
    [IGQ_CAUSE_RESIDUAL] = "residual",
};
static_assert(IGQ_CAUSE_COUNT == 13, "a name for every cause");

const char *const igq_limit_names[IGQ_LIMIT_COUNT] = {
    [IGQ_LIMIT_COMPUTE] = "compute",         [IGQ_LIMIT_DRAM] = "dram",
    [IGQ_LIMIT_VECTOR_UNIT] = "vector_unit", [IGQ_LIMIT_POST_PROCESSING] = "post_processing",
    [IGQ_LIMIT_ASSIGNMENT] = "assignment",   [IGQ_LIMIT_MAPPING] = "mapping",
};
static_assert(IGQ_LIMIT_COUNT == 6, "a name for every limit");

static const igq_limit limit_of_cause[IGQ_CAUSE_COUNT] = {
    [IGQ_CAUSE_COMPUTE] = IGQ_LIMIT_COMPUTE,       [IGQ_CAUSE_EDGE] = IGQ_LIMIT_MAPPING,
    [IGQ_CAUSE_PADDING] = IGQ_LIMIT_MAPPING,       [IGQ_CAUSE_FULLEST_GROUP] = IGQ_LIMIT_MAPPING,
    [IGQ_CAUSE_ROW_CONFLICT] = IGQ_LIMIT_MAPPING,  [IGQ_CAUSE_RESCALE] = IGQ_LIMIT_POST_PROCESSING,
    [IGQ_CAUSE_DRAIN] = IGQ_LIMIT_POST_PROCESSING, [IGQ_CAUSE_WEIGHTS] = IGQ_LIMIT_DRAM,
    [IGQ_CAUSE_ACTIVATIONS] = IGQ_LIMIT_DRAM,      [IGQ_CAUSE_VECTOR_UNIT] = IGQ_LIMIT_VECTOR_UNIT,
    [IGQ_CAUSE_ASSIGNMENT] = IGQ_LIMIT_ASSIGNMENT, [IGQ_CAUSE_STORES] = IGQ_LIMIT_DRAM,
    [IGQ_CAUSE_RESIDUAL] = IGQ_LIMIT_DRAM,
};

igq_limit igq_limited_by(const uint64_t cause_cycles[IGQ_CAUSE_COUNT])
{
    uint64_t cycles[IGQ_LIMIT_COUNT] = {0};
    igq_limit most = IGQ_LIMIT_COMPUTE;
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
        cycles[limit_of_cause[cause]] += cause_cycles[cause];
    for (int limit = 0; limit < IGQ_LIMIT_COUNT; limit++)
        if (cycles[limit] > cycles[most])
            most = (igq_limit)limit;
    return most;
}
