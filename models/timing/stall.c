// SPDX-License-Identifier: Apache-2.0
#include "stall.h"
#include <assert.h>

#define NAME(id, key, limit, meaning) [IGQ_CAUSE_##id] = #key,
#define MEANING(id, key, limit, meaning) [IGQ_CAUSE_##id] = meaning,
#define LIMIT(id, key, limit, meaning) [IGQ_CAUSE_##id] = IGQ_LIMIT_##limit,

const char *const igq_cause_names[IGQ_CAUSE_COUNT] = {IGQ_CAUSES(NAME)};
const char *const igq_cause_meanings[IGQ_CAUSE_COUNT] = {IGQ_CAUSES(MEANING)};
static const igq_limit limit_of_cause[IGQ_CAUSE_COUNT] = {IGQ_CAUSES(LIMIT)};

const char *const igq_limit_names[IGQ_LIMIT_COUNT] = {
    [IGQ_LIMIT_COMPUTE] = "compute",         [IGQ_LIMIT_DRAM] = "dram",
    [IGQ_LIMIT_VECTOR_UNIT] = "vector_unit", [IGQ_LIMIT_POST_PROCESSING] = "post_processing",
    [IGQ_LIMIT_ASSIGNMENT] = "assignment",   [IGQ_LIMIT_MAPPING] = "mapping",
};
static_assert(IGQ_LIMIT_COUNT == 6, "a name for every limit");

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
