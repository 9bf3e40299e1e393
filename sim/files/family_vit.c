// SPDX-License-Identifier: Apache-2.0
#include "family.h"
#include "workload_keys.h"

// clang-format off
static const igq_key keys[] = {
    INT("network", "image_size", shape.image_size, 1, 4096, "pixels", "side of the square input"),
    INT("network", "patch_size", shape.patch_size, 1, 1024, "pixels", "side of a square patch; divides image_size"),
    INT("network", "image_channels", shape.image_channels, 1, 64, "", "colours"),
    INT("network", "dim", shape.dim, 1, IGQ_MAX_CHANNELS, "channels", "width of a token; a multiple of heads"),
    INT("network", "depth", shape.depth, 1, 256, "", "blocks"),
    INT("network", "heads", shape.heads, 1, 256, "", "attention heads"),
    INT("network", "mlp_dim", shape.mlp_dim, 1, IGQ_MAX_CHANNELS, "channels", "hidden width of the MLP"),
    INT("network", "classes", shape.classes, 1, 1 << 20, "", "outputs of the head"),
    INT("network", "prefix_tokens", shape.prefix_tokens, 1, 2, "tokens", "1: class token; 2: distillation token too"),
    REAL("network", "layer_norm_epsilon", shape.layer_norm_epsilon, 0, 1, "", "added to the variance"),

    REAL("preprocess", "crop_pct", preprocess.crop_pct, 0.1, 1, "", "part of the shorter side that the crop keeps"),
    REAL3("preprocess", "mean", preprocess.mean, -10, 10, "", "of R, G, B in [0, 1]"),
    REAL3("preprocess", "std", preprocess.std, 1e-6, 10, "", "of R, G, B in [0, 1]"),
};
// clang-format on

static igq_status check(igq_workload *workload, igq_key_source *source)
{
    const igq_vit_shape *shape = &workload->shape;
    int patch_values = shape->patch_size * shape->patch_size * shape->image_channels;
    if (shape->image_size % shape->patch_size != 0)
        return igq_key_source_refuse(source, "network.patch_size",
                                     "is %d; allowed: divisors of network.image_size, which is %d", shape->patch_size,
                                     shape->image_size);
    igq_status status = igq_check_divides(shape->dim, "network.dim", shape->heads, "network.heads", source);
    if (status == IGQ_OK)
        status = igq_check_most(patch_values, "values of a patch", IGQ_MAX_CHANNELS, "network.patch_size", source);
    if (status == IGQ_OK)
        status = igq_check_most(igq_vit_tokens(shape), "tokens", IGQ_MAX_TOKENS, "network.image_size", source);
    return status;
}

static igq_graph *graph(const igq_workload *workload)
{
    return igq_vit_graph(&workload->shape, NULL);
}

static int classes(const igq_workload *workload)
{
    return workload->shape.classes;
}

const igq_family_row igq_family_vit = {
    .keys = keys, .num_keys = NUM(keys), .check = check, .graph = graph, .classes = classes};
