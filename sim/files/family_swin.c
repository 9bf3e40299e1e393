// SPDX-License-Identifier: Apache-2.0
#include "family_swin.h"

// clang-format off
static const igq_key keys[] = {SWIN_KEYS(swin), PREPROCESS_KEYS("0.9")};
// clang-format on

#define MAX_WINDOWS (1 << 20) // times heads, of one attention

igq_status igq_swin_check(const igq_swin_shape *shape, igq_key_source *source)
{
    int patch_values = shape->patch_size * shape->patch_size * shape->image_channels;
    int widest = shape->dim << (IGQ_SWIN_STAGES - 1);
    long long windows = 1LL * (shape->image_height / shape->patch_size / shape->window_size + 1) *
                        (shape->image_width / shape->patch_size / shape->window_size + 1);
    long long products = windows * shape->dim / shape->head_dim;
    igq_status status = igq_check_divides(shape->dim, "network.dim", shape->head_dim, "network.head_dim", source);
    if (status == IGQ_OK)
        status = igq_check_most(patch_values, "values of a patch", IGQ_MAX_CHANNELS, "network.patch_size", source);
    if (status == IGQ_OK)
        status = igq_check_most(shape->mlp_ratio * widest, "channels in the last stage", IGQ_MAX_CHANNELS,
                                "network.mlp_ratio", source);
    if (status == IGQ_OK)
        status = igq_check_most(products, "windows and heads in the first stage", MAX_WINDOWS, "network.window_size",
                                source);
    return status;
}

static igq_status check(igq_workload *workload, igq_key_source *source)
{
    return igq_swin_check(&workload->swin, source);
}

static igq_graph *graph(const igq_workload *workload)
{
    return igq_swin_graph(&workload->swin);
}

static int classes(const igq_workload *workload)
{
    return workload->swin.classes;
}

const igq_family_row igq_family_swin = {.keys = keys,
                                        .num_keys = NUM(keys),
                                        .check = check,
                                        .graph = graph,
                                        .classes = classes,
                                        .dialects = igq_swin_dialects};
