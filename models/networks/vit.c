// SPDX-License-Identifier: Apache-2.0
#include "vit.h"
#include <assert.h>
#include <stddef.h>

enum { LINEAR_PER_BLOCK = 4 };

static int num_patches(const igq_vit_shape *shape)
{
    int side = shape->image_size / shape->patch_size;
    return side * side;
}

int igq_vit_tokens(const igq_vit_shape *shape)
{
    return num_patches(shape) + shape->prefix_tokens;
}

igq_network *igq_vit_network(const igq_vit_shape *shape)
{
    int tokens = igq_vit_tokens(shape), dim = shape->dim;
    int patch_values = shape->image_channels * shape->patch_size * shape->patch_size;
    igq_network *network = igq_network_new();
    if (!network)
        return NULL;
    // Patch embedding adds the position embedding, which the vector unit reads as it reads the residual stream.
    igq_layer *patch_embed = igq_network_add(network, IGQ_LAYER_PATCH_EMBED, -1, num_patches(shape), patch_values, dim);
    patch_embed->post_op = IGQ_VECTOR_OP_LAYER_NORM;
    patch_embed->residual = 1;
    for (int block = 0; block < shape->depth; block++) {
        igq_network_add(network, IGQ_LAYER_QKV, block, tokens, dim, 3 * dim);
        igq_network_add_attention(network, block, shape->heads, 1, tokens, tokens, dim / shape->heads,
                                  network->num_layers - 1);
        igq_network_add_proj(network, block, tokens, dim);
        igq_network_add_mlp(network, block, tokens, dim, shape->mlp_dim, IGQ_VECTOR_OP_GELU);
    }
    igq_network_add(network, IGQ_LAYER_HEAD, -1, shape->prefix_tokens, dim, shape->classes);
    return igq_network_finish(network);
}

int igq_vit_num_linear(const igq_vit_shape *shape)
{
    return 2 + LINEAR_PER_BLOCK * shape->depth;
}

int igq_vit_linear_index(const igq_vit_shape *shape, igq_layer_kind kind, int block)
{
    switch (kind) {
    case IGQ_LAYER_PATCH_EMBED:
        return 0;
    case IGQ_LAYER_QKV:
        return 1 + LINEAR_PER_BLOCK * block;
    case IGQ_LAYER_PROJ:
        return 2 + LINEAR_PER_BLOCK * block;
    case IGQ_LAYER_FC1:
        return 3 + LINEAR_PER_BLOCK * block;
    case IGQ_LAYER_FC2:
        return 4 + LINEAR_PER_BLOCK * block;
    case IGQ_LAYER_HEAD:
        return igq_vit_num_linear(shape) - 1;
    default:
        return -1;
    }
}

igq_layer_kind igq_vit_linear_kind(const igq_vit_shape *shape, int linear)
{
    static const igq_layer_kind in_block[LINEAR_PER_BLOCK] = {IGQ_LAYER_QKV, IGQ_LAYER_PROJ, IGQ_LAYER_FC1,
                                                              IGQ_LAYER_FC2};
    assert(linear >= 0 && linear < igq_vit_num_linear(shape));
    if (linear == 0)
        return IGQ_LAYER_PATCH_EMBED;
    if (linear == igq_vit_num_linear(shape) - 1)
        return IGQ_LAYER_HEAD;
    return in_block[(linear - 1) % LINEAR_PER_BLOCK];
}

int igq_vit_linear_block(const igq_vit_shape *shape, int linear)
{
    int is_edge = linear == 0 || linear == igq_vit_num_linear(shape) - 1;
    return is_edge ? -1 : (linear - 1) / LINEAR_PER_BLOCK;
}

void igq_vit_linear_name(char name[IGQ_LAYER_NAME_BYTES], const igq_vit_shape *shape, int linear)
{
    igq_layer_name(name, igq_vit_linear_kind(shape, linear), igq_vit_linear_block(shape, linear));
}

int igq_vit_linear_channels(const igq_vit_shape *shape, int linear)
{
    switch (igq_vit_linear_kind(shape, linear)) {
    case IGQ_LAYER_PATCH_EMBED:
        return shape->image_channels * shape->patch_size * shape->patch_size;
    case IGQ_LAYER_FC2:
        return shape->mlp_dim;
    default:
        return shape->dim;
    }
}

int igq_vit_linear_outputs(const igq_vit_shape *shape, int linear)
{
    switch (igq_vit_linear_kind(shape, linear)) {
    case IGQ_LAYER_QKV:
        return 3 * shape->dim;
    case IGQ_LAYER_FC1:
        return shape->mlp_dim;
    case IGQ_LAYER_HEAD:
        return shape->classes;
    default:
        return shape->dim;
    }
}

int igq_vit_linear_tokens(const igq_vit_shape *shape, int linear)
{
    switch (igq_vit_linear_kind(shape, linear)) {
    case IGQ_LAYER_PATCH_EMBED:
        return num_patches(shape);
    case IGQ_LAYER_HEAD:
        return shape->prefix_tokens;
    default:
        return igq_vit_tokens(shape);
    }
}
