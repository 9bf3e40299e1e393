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
};
static_assert(IGQ_CAUSE_COUNT == 11, "a name for every cause");
