// SPDX-License-Identifier: Apache-2.0
#include "swin.h"
#include "layer_name.h"

static int ceil_div(int numerator, int denominator)
{
    return (numerator + denominator - 1) / denominator;
}

static void add_block(igq_network *network, const igq_swin_shape *shape, const igq_feature_map *map, int block)
{
    int windows = ceil_div(map->height, shape->window_size) * ceil_div(map->width, shape->window_size);
    int window_tokens = shape->window_size * shape->window_size, dim = map->channels;
    igq_network_add(network, IGQ_LAYER_QKV, block, windows * window_tokens, dim, 3 * dim);
    igq_network_add_attention(network, block, dim / shape->head_dim, windows, window_tokens, window_tokens,
                              shape->head_dim, network->num_layers - 1);
    igq_network_add_proj(network, block, windows * window_tokens, dim);
    igq_network_add_mlp(network, block, map->height * map->width, dim, shape->mlp_ratio * dim, IGQ_VECTOR_OP_GELU);
}

// Four neighbouring tokens become one of twice the channels; a last odd row or column is padded.
static void add_merge(igq_network *network, igq_feature_map *map, int stage)
{
    map->height = ceil_div(map->height, 2);
    map->width = ceil_div(map->width, 2);
    igq_layer *merge =
        igq_network_add(network, IGQ_LAYER_MERGE, -1, map->height * map->width, 4 * map->channels, 2 * map->channels);
    map->channels *= 2;
    merge->post_op = IGQ_VECTOR_OP_LAYER_NORM;
    merge->residual = 1;
    igq_format_name(merge->name, sizeof merge->name, "s%d.merge", stage);
}

void igq_swin_add_stages(igq_feature_map stage[IGQ_SWIN_STAGES], igq_network *network, const igq_swin_shape *shape)
{
    int block = 0;
    igq_feature_map map = {.height = ceil_div(shape->image_height, shape->patch_size),
                           .width = ceil_div(shape->image_width, shape->patch_size),
                           .channels = shape->dim};
    // Patch embedding and merging begin a residual stream, which costs what adding to one does.
    igq_layer *patch_embed = igq_network_add(network, IGQ_LAYER_PATCH_EMBED, -1, map.height * map.width,
                                             shape->image_channels * shape->patch_size * shape->patch_size, shape->dim);
    patch_embed->post_op = IGQ_VECTOR_OP_LAYER_NORM;
    patch_embed->residual = 1;
    for (int s = 0; s < IGQ_SWIN_STAGES; s++) {
        if (s > 0)
            add_merge(network, &map, s);
        for (int i = 0; i < shape->depth[s]; i++)
            add_block(network, shape, &map, block++);
        map.layer = network->num_layers - 1;
        stage[s] = map;
    }
}

igq_network *igq_swin_network(const igq_swin_shape *shape)
{
    igq_feature_map stage[IGQ_SWIN_STAGES];
    igq_network *network = igq_network_new();
    if (!network)
        return NULL;
    igq_swin_add_stages(stage, network, shape);
    igq_network_add(network, IGQ_LAYER_HEAD, -1, 1, stage[IGQ_SWIN_STAGES - 1].channels, shape->classes);
    return igq_network_finish(network);
}
