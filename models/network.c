// SPDX-License-Identifier: Apache-2.0
#include "network.h"
#include <assert.h>
#include <string.h>

const char *const igq_layer_kind_names[IGQ_LAYER_KIND_COUNT] = {
    [IGQ_LAYER_PATCH_EMBED] = "patch_embed",
    [IGQ_LAYER_QKV] = "qkv",
    [IGQ_LAYER_SCORES] = "scores",
    [IGQ_LAYER_CONTEXT] = "context",
    [IGQ_LAYER_PROJ] = "proj",
    [IGQ_LAYER_FC1] = "fc1",
    [IGQ_LAYER_FC2] = "fc2",
    [IGQ_LAYER_HEAD] = "head",
};

enum { LAYERS_PER_BLOCK = 6, LINEAR_PER_BLOCK = 4 };

static int num_patches(const igq_vit_shape *shape)
{
    int side = shape->image_size / shape->patch_size;
    return side * side;
}

int igq_vit_tokens(const igq_vit_shape *shape)
{
    return num_patches(shape) + shape->prefix_tokens;
}

int igq_vit_num_layers(const igq_vit_shape *shape)
{
    return 2 + LAYERS_PER_BLOCK * shape->depth;
}

int igq_vit_num_linear(const igq_vit_shape *shape)
{
    return 2 + LINEAR_PER_BLOCK * shape->depth;
}

static igq_vector_op post_op(igq_layer_kind kind)
{
    switch (kind) {
    case IGQ_LAYER_PATCH_EMBED:
    case IGQ_LAYER_PROJ:
    case IGQ_LAYER_FC2:
        return IGQ_VECTOR_OP_LAYER_NORM;
    case IGQ_LAYER_SCORES:
        return IGQ_VECTOR_OP_SOFTMAX;
    case IGQ_LAYER_FC1:
        return IGQ_VECTOR_OP_GELU;
    default:
        return IGQ_VECTOR_OP_NONE;
    }
}

// "head", or "b7.qkv" within a block.
static void make_name(char name[IGQ_LAYER_NAME_BYTES], igq_layer_kind kind, int block)
{
    if (block >= 0) {
        int divisor = 1;
        while (block / divisor >= 10)
            divisor *= 10;
        *name++ = 'b';
        for (; divisor > 0; divisor /= 10)
            *name++ = (char)('0' + block / divisor % 10);
        *name++ = '.';
    }
    strcpy(name, igq_layer_kind_names[kind]);
}

static igq_layer make_layer(const igq_vit_shape *shape, igq_layer_kind kind, int block)
{
    igq_layer layer = {.kind = kind, .block = block, .heads = 1, .post_op = post_op(kind)};
    int tokens = igq_vit_tokens(shape), head_dim = shape->dim / shape->heads;
    // Patch embedding adds the position embedding, which the vector unit reads as it reads the residual stream.
    layer.residual = kind == IGQ_LAYER_PATCH_EMBED || kind == IGQ_LAYER_PROJ || kind == IGQ_LAYER_FC2;
    if (kind == IGQ_LAYER_SCORES || kind == IGQ_LAYER_CONTEXT) {
        layer.heads = shape->heads;
        layer.T = tokens;
        layer.C = kind == IGQ_LAYER_SCORES ? head_dim : tokens;
        layer.O = kind == IGQ_LAYER_SCORES ? tokens : head_dim;
    } else {
        int linear = igq_vit_linear_index(shape, kind, block);
        layer.T = igq_vit_linear_tokens(shape, linear);
        layer.C = igq_vit_linear_channels(shape, linear);
        layer.O = igq_vit_linear_outputs(shape, linear);
    }
    make_name(layer.name, kind, block);
    return layer;
}

void igq_vit_layers(igq_layer *layers, const igq_vit_shape *shape)
{
    *layers++ = make_layer(shape, IGQ_LAYER_PATCH_EMBED, -1);
    for (int block = 0; block < shape->depth; block++)
        for (int kind = IGQ_LAYER_QKV; kind <= IGQ_LAYER_FC2; kind++)
            *layers++ = make_layer(shape, (igq_layer_kind)kind, block);
    *layers = make_layer(shape, IGQ_LAYER_HEAD, -1);
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
    make_name(name, igq_vit_linear_kind(shape, linear), igq_vit_linear_block(shape, linear));
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
