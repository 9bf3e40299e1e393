// SPDX-License-Identifier: Apache-2.0
#include "shape_members.h"

const igq_shape_member igq_shape_members[IGQ_NUM_SHAPE_MEMBERS] = {
    {"image_size", offsetof(igq_vit_shape, image_size)},
    {"patch_size", offsetof(igq_vit_shape, patch_size)},
    {"image_channels", offsetof(igq_vit_shape, image_channels)},
    {"dim", offsetof(igq_vit_shape, dim)},
    {"depth", offsetof(igq_vit_shape, depth)},
    {"heads", offsetof(igq_vit_shape, heads)},
    {"mlp_dim", offsetof(igq_vit_shape, mlp_dim)},
    {"classes", offsetof(igq_vit_shape, classes)},
    {"prefix_tokens", offsetof(igq_vit_shape, prefix_tokens)},
};

int igq_shape_value(const igq_vit_shape *shape, int member)
{
    return *(const int *)((const char *)shape + igq_shape_members[member].offset);
}
