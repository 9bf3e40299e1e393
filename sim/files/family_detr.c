// SPDX-License-Identifier: Apache-2.0
#include "family.h"
#include "workload_keys.h"

// clang-format off
static const igq_key keys[] = {
    INT("network", "image_height", detr.image_height, 1, 4096, "pixels", "rows of the input"),
    INT("network", "image_width", detr.image_width, 1, 4096, "pixels", "columns of the input"),
    INT("network", "image_channels", detr.image_channels, 1, 64, "", "colours"),
    INT("network", "stage1_depth", detr.depth[0], 1, 64, "", "bottleneck blocks of the ResNet's first stage"),
    INT("network", "stage2_depth", detr.depth[1], 1, 64, "", "of the second"),
    INT("network", "stage3_depth", detr.depth[2], 1, 64, "", "of the third"),
    INT("network", "stage4_depth", detr.depth[3], 1, 64, "", "of the fourth"),
    INT("network", "dim", detr.dim, 1, 4096, "channels", "width of a token; a multiple of heads"),
    INT("network", "heads", detr.heads, 1, 256, "", "attention heads"),
    INT("network", "mlp_dim", detr.mlp_dim, 1, IGQ_MAX_CHANNELS, "channels", "hidden width of the MLP"),
    INT("network", "encoder_depth", detr.encoder_depth, 1, 256, "", "blocks of the encoder"),
    INT("network", "decoder_depth", detr.decoder_depth, 1, 256, "", "blocks of the decoder"),
    INT("network", "queries", detr.queries, 1, IGQ_MAX_TOKENS, "tokens", "of the decoder: objects that can be found"),
    INT("network", "classes", detr.classes, 1, 1 << 20, "", "of the objects, without \"no object\""),
    PREPROCESS_KEYS("1"),
};
// clang-format on

static igq_status check(igq_workload *workload, igq_key_source *source)
{
    const igq_detr_shape *shape = &workload->detr;
    igq_status status = igq_check_divides(shape->dim, "network.dim", shape->heads, "network.heads", source);
    if (status == IGQ_OK && shape->dim % 4 != 0)
        status = igq_key_source_refuse(source, "network.dim",
                                       "is %d; allowed: multiples of 4, for sine and cosine of "
                                       "rows and columns",
                                       shape->dim);
    return status;
}

static igq_graph *graph(const igq_workload *workload)
{
    return igq_detr_graph(&workload->detr);
}

const igq_family_row igq_family_detr = {
    .keys = keys, .num_keys = NUM(keys), .check = check, .graph = graph, .dialects = igq_detr_dialects};
