// SPDX-License-Identifier: Apache-2.0
// layer_lists.h - channel lists of a small layer, with memory of their own.
#ifndef TEST_LAYER_LISTS_H
#define TEST_LAYER_LISTS_H
#include "grouping.h"
#include <assert.h>
#include <string.h>

enum { LAYER_LISTS_MAX_C = 64 };

typedef struct layer_lists {
    igq_grouping grouping;
    uint64_t memory[LAYER_LISTS_MAX_C * 4];
} layer_lists;

// group: (C) of each channel
static inline void layer_lists_init(layer_lists *lists, int C, int G, const uint16_t *group)
{
    assert(igq_grouping_size(C, G) <= sizeof lists->memory);
    igq_grouping_init(&lists->grouping, lists->memory, C, G);
    memcpy(lists->grouping.group, group, (size_t)C * sizeof *group);
    igq_grouping_build(&lists->grouping);
}

#endif
