// SPDX-License-Identifier: Apache-2.0
// shape_members.h - the dimensions of a network by name, as calibrations and traces record them to tell whose they are.
#ifndef IGQ_SHAPE_MEMBERS_H
#define IGQ_SHAPE_MEMBERS_H
#include "vit.h"
#include <stddef.h>

#define IGQ_NUM_SHAPE_MEMBERS 9

typedef struct igq_shape_member {
    const char *name;
    size_t offset; // of an int in igq_vit_shape
} igq_shape_member;
extern const igq_shape_member igq_shape_members[IGQ_NUM_SHAPE_MEMBERS];

int igq_shape_value(const igq_vit_shape *shape, int member);

#endif
