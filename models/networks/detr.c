// SPDX-License-Identifier: Apache-2.0
#include "detr.h"
#include "layer_name.h"

// What a convolution of the ResNet reads.
typedef struct image_map {
    int height, width, channels, layer;
} image_map;

static void halve(image_map *map)
{
    map->height = (map->height + 1) / 2;
    map->width = (map->width + 1) / 2;
}

// 1 x 1, 3 x 3, 1 x 1 to four times `width`, whose output is added to the block's input; the first block of a stage
// projects that input, before. Stages but the first halve the resolution in the 3 x 3 convolution.
static void add_bottleneck(igq_network *network, image_map *map, int stage, int block, int width)
{
    image_map out = *map;
    if (stage > 0 && block == 0)
        halve(&out);
    int pixels = out.height * out.width;
    const igq_conv shortcut = {map->layer, pixels, 1, map->channels, 4 * width};
    if (block == 0)
        igq_network_add_conv(network, IGQ_LAYER_CONV, shortcut, "r%d.%d.shortcut", stage + 1, block);
    const igq_conv reduce = {map->layer, map->height * map->width, 1, map->channels, width};
    igq_network_add_conv(network, IGQ_LAYER_CONV, reduce, "r%d.%d.conv1", stage + 1, block);
    const igq_conv spatial = {network->num_layers - 1, pixels, 3, width, width};
    igq_network_add_conv(network, IGQ_LAYER_CONV, spatial, "r%d.%d.conv2", stage + 1, block);
    const igq_conv expand = {network->num_layers - 1, pixels, 1, width, 4 * width};
    igq_network_add_conv(network, IGQ_LAYER_CONV, expand, "r%d.%d.conv3", stage + 1, block)->residual = 1;
    *map = (image_map){out.height, out.width, 4 * width, network->num_layers - 1};
}

static image_map add_resnet(igq_network *network, const igq_detr_shape *shape)
{
    enum { STEM_WIDTH = 64, STEM_KERNEL = 7 };
    image_map map = {shape->image_height, shape->image_width, STEM_WIDTH, 0};
    halve(&map);
    const igq_conv stem = {-1, map.height * map.width, STEM_KERNEL, shape->image_channels, STEM_WIDTH};
    igq_network_add_conv(network, IGQ_LAYER_STEM, stem, "stem");
    halve(&map); // by pooling
    for (int stage = 0; stage < IGQ_RESNET_STAGES; stage++)
        for (int block = 0; block < shape->depth[stage]; block++)
            add_bottleneck(network, &map, stage, block, STEM_WIDTH << stage);
    return map;
}

static void add_self_attention(igq_network *network, const igq_detr_shape *shape, int block, int input, int tokens)
{
    igq_network_add(network, IGQ_LAYER_QKV, block, tokens, shape->dim, 3 * shape->dim)->input = input;
    igq_network_add_attention(network, block, shape->heads, 1, tokens, tokens, shape->dim / shape->heads,
                              network->num_layers - 1);
}

static void name_cross(igq_network *network, int num_layers, int block)
{
    for (int k = network->num_layers - num_layers; !network->out_of_memory && k < network->num_layers; k++)
        igq_format_name(network->layer[k].name, IGQ_LAYER_NAME_BYTES, "b%d.x.%s", block,
                        igq_layer_kind_names[network->layer[k].kind]);
}

// Self-attention of the queries, attention to the encoder's tokens, MLP. The first block's queries lie in DRAM.
static void add_decoder_block(igq_network *network, const igq_detr_shape *shape, int block, int tokens, int encoder)
{
    int dim = shape->dim, queries = shape->queries, before = network->num_layers - 1;
    add_self_attention(network, shape, block, before == encoder ? -1 : before, queries);
    igq_network_add_proj(network, block, queries, dim);
    int proj = network->num_layers - 1;
    igq_network_add(network, IGQ_LAYER_KV, block, tokens, dim, 2 * dim)->input = encoder;
    igq_network_add(network, IGQ_LAYER_Q, block, queries, dim, dim)->input = proj;
    igq_network_add_attention(network, block, shape->heads, 1, queries, tokens, dim / shape->heads,
                              network->num_layers - 2);
    igq_network_add_proj(network, block, queries, dim);
    name_cross(network, 5, block);
    igq_network_add_mlp(network, block, queries, dim, shape->mlp_dim, IGQ_VECTOR_OP_NONE);
}

// Classes with "no object", and three layers that give the four sides of a box.
static void add_predictions(igq_network *network, const igq_detr_shape *shape)
{
    int decoder = network->num_layers - 1, dim = shape->dim;
    igq_conv conv = {decoder, shape->queries, 1, dim, shape->classes + 1};
    igq_network_add_conv(network, IGQ_LAYER_HEAD, conv, "classes");
    conv.out = dim;
    for (int i = 1; i <= 3; i++) {
        conv.out = i < 3 ? dim : 4;
        igq_network_add_conv(network, IGQ_LAYER_HEAD, conv, "boxes.fc%d", i);
        conv.input = network->num_layers - 1;
    }
}

igq_network *igq_detr_network(const igq_detr_shape *shape)
{
    igq_network *network = igq_network_new();
    if (!network)
        return NULL;
    image_map map = add_resnet(network, shape);
    int tokens = map.height * map.width;
    igq_network_add_conv(network, IGQ_LAYER_CONV, (igq_conv){map.layer, tokens, 1, map.channels, shape->dim},
                         "project");
    for (int block = 0; block < shape->encoder_depth; block++) {
        add_self_attention(network, shape, block, network->num_layers - 1, tokens);
        igq_network_add_proj(network, block, tokens, shape->dim);
        igq_network_add_mlp(network, block, tokens, shape->dim, shape->mlp_dim, IGQ_VECTOR_OP_NONE);
    }
    int encoder = network->num_layers - 1;
    for (int i = 0; i < shape->decoder_depth; i++)
        add_decoder_block(network, shape, shape->encoder_depth + i, tokens, encoder);
    add_predictions(network, shape);
    return igq_network_finish(network);
}
