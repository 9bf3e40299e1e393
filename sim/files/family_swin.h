// SPDX-License-Identifier: Apache-2.0
// family_swin.h - keys of a Swin, which is also a backbone.
#ifndef IGQ_FAMILY_SWIN_H
#define IGQ_FAMILY_SWIN_H
#include "family.h"
#include "workload_keys.h"

// clang-format off
#define SWIN_KEYS(swin)                                                                                                \
    INT("network", "image_height", swin.image_height, 1, 4096, "pixels", "rows of the input"),                         \
    INT("network", "image_width", swin.image_width, 1, 4096, "pixels", "columns of the input"),                        \
    INT("network", "image_channels", swin.image_channels, 1, 64, "", "colours"),                                       \
    INT("network", "patch_size", swin.patch_size, 1, 64, "pixels", "side of a square patch"),                          \
    INT("network", "dim", swin.dim, 1, 1024, "channels", "of the first stage, doubled by each; a multiple of head_dim"), \
    INT("network", "stage1_depth", swin.depth[0], 1, 64, "", "blocks of the first stage"),                             \
    INT("network", "stage2_depth", swin.depth[1], 1, 64, "", "of the second"),                                         \
    INT("network", "stage3_depth", swin.depth[2], 1, 64, "", "of the third"),                                          \
    INT("network", "stage4_depth", swin.depth[3], 1, 64, "", "of the fourth"),                                         \
    INT("network", "head_dim", swin.head_dim, 1, 1024, "channels", "of an attention head"),                            \
    INT("network", "window_size", swin.window_size, 1, 64, "tokens", "side of a square window"),                       \
    INT("network", "mlp_ratio", swin.mlp_ratio, 1, 16, "", "hidden width of the MLP over the stage's channels"),       \
    INT("network", "classes", swin.classes, 1, 1 << 20, "", "of the predictions")
// clang-format on

igq_status igq_swin_check(const igq_swin_shape *shape, igq_key_source *source);

#endif
