// SPDX-License-Identifier: Apache-2.0
#include "vit.h"
#include "graph_build.h"
#include "products.h"
#include <assert.h>

static int num_patches(const igq_vit_shape *shape)
{
    int side = shape->image_size / shape->patch_size;
    return side * side;
}

int igq_vit_tokens(const igq_vit_shape *shape)
{
    return num_patches(shape) + shape->prefix_tokens;
}

// The graph that is made, and what it is made from.
typedef struct builder {
    igq_graph *graph;
    const igq_vit_shape *shape;
    int has_weights; // 0: shapes only
} builder;

static int weight(const builder *b, const float *data, int rank, const int64_t *dim)
{
    const igq_shape shape = igq_shape_of(rank, dim);
    return igq_graph_add_weight(b->graph, "", data, IGQ_ELEMENT_FLOAT, &shape);
}

static int linear(const builder *b, int x, const igq_linear_weights *w, int C, int O, igq_layer_kind kind, int block)
{
    const int inputs[] = {x, weight(b, w->weight, 2, (int64_t[]){O, C}), weight(b, w->bias, 1, (int64_t[]){O})};
    int y = igq_build(b->graph, IGQ_OP_LINEAR, (igq_attributes){0}, w->bias || !b->has_weights ? 3 : 2, inputs);
    igq_build_name_as_kind(b->graph, kind, block);
    return y;
}

static int layer_norm(const builder *b, int x, const igq_norm_weights *w)
{
    const int64_t dim[] = {b->shape->dim};
    const int inputs[] = {x, weight(b, w->gain, 1, dim), weight(b, w->bias, 1, dim)};
    return igq_build(b->graph, IGQ_OP_LAYER_NORM, (igq_attributes){.epsilon = b->shape->layer_norm_epsilon}, 3, inputs);
}

// [tokens][dim]: prefix tokens and patches, with their positions.
static int embed(const builder *b, const igq_vit_weights *w)
{
    const igq_vit_shape *shape = b->shape;
    int dim = shape->dim, size = shape->image_size, patch = shape->patch_size, colours = shape->image_channels;
    const igq_shape image = igq_shape_of(4, (int64_t[]){1, colours, size, size});
    const igq_attributes with = {.stride = {patch, patch}, .dilation = {1, 1}, .groups = 1};
    const int inputs[] = {igq_graph_add_input(b->graph, "pixel_values", IGQ_ELEMENT_FLOAT, &image),
                          weight(b, w->patch_embed.weight, 4, (int64_t[]){dim, colours, patch, patch}),
                          weight(b, w->patch_embed.bias, 1, (int64_t[]){dim})};
    int has_bias = w->patch_embed.bias || !b->has_weights;
    int patches = igq_build(b->graph, IGQ_OP_CONV, with, has_bias ? 3 : 2, inputs);
    igq_build_name_as_kind(b->graph, IGQ_LAYER_PATCH_EMBED, -1);
    patches = igq_build_reshape(b->graph, patches, 2, (int64_t[]){dim, num_patches(shape)});
    patches = igq_build_transpose(b->graph, patches, 2, (int64_t[]){1, 0});
    const int64_t token[] = {1, dim};
    int parts[3], num = 0;
    parts[num++] = weight(b, w->class_token, 2, token);
    if (shape->prefix_tokens == 2)
        parts[num++] = weight(b, w->distillation_token, 2, token);
    parts[num++] = patches;
    int tokens = igq_build(b->graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 0}, num, parts);
    return igq_build_two(b->graph, IGQ_OP_ADD, tokens,
                         weight(b, w->position, 2, (int64_t[]){igq_vit_tokens(shape), dim}));
}

static int attention(const builder *b, int x, const igq_block_weights *w, int block)
{
    const igq_vit_shape *shape = b->shape;
    int T = igq_vit_tokens(shape), dim = shape->dim, heads = shape->heads, head_dim = dim / heads, part[3];
    char name[IGQ_LAYER_NAME_BYTES];
    igq_build_block_name(name, block);
    int qkv = linear(b, x, &w->qkv, dim, 3 * dim, IGQ_LAYER_QKV, block);
    qkv = igq_build_reshape(b->graph, qkv, 4, (int64_t[]){T, 3, heads, head_dim});
    qkv = igq_build_transpose(b->graph, qkv, 4, (int64_t[]){1, 2, 0, 3}); // [3][heads][T][head dim]
    for (int i = 0; i < 3; i++)
        part[i] =
            igq_build_reshape(b->graph, igq_build_slice(b->graph, qkv, 0, i, 1), 3, (int64_t[]){heads, T, head_dim});
    const igq_attention_inputs inputs = {
        .q = part[0], .k = part[1], .v = part[2], .bias = -1, .mask = -1, .block = block, .name = name};
    return linear(b, igq_build_attention(b->graph, &inputs), &w->proj, dim, dim, IGQ_LAYER_PROJ, block);
}

static int mlp(const builder *b, int x, const igq_block_weights *w, int block)
{
    const igq_vit_shape *shape = b->shape;
    int hidden = linear(b, x, &w->fc1, shape->dim, shape->mlp_dim, IGQ_LAYER_FC1, block);
    hidden = igq_build_one(b->graph, IGQ_OP_GELU, hidden);
    return linear(b, hidden, &w->fc2, shape->mlp_dim, shape->dim, IGQ_LAYER_FC2, block);
}

static int classify(const builder *b, int stream, const igq_vit_weights *w)
{
    const igq_vit_shape *shape = b->shape;
    const int64_t weight_shape[] = {shape->classes, shape->dim}, bias_shape[] = {shape->classes};
    int two = shape->prefix_tokens == 2;
    int tokens = layer_norm(b, igq_build_slice(b->graph, stream, 0, 0, shape->prefix_tokens), &w->norm);
    if (!two)
        return linear(b, tokens, &w->head, shape->dim, shape->classes, IGQ_LAYER_HEAD, -1);
    const igq_linear_weights *heads[] = {&w->head, &w->head_distillation};
    int inputs[5] = {tokens};
    for (int i = 0; i < 2; i++) {
        inputs[1 + 2 * i] = weight(b, heads[i]->weight, 2, weight_shape);
        inputs[2 + 2 * i] = heads[i]->bias || !b->has_weights ? weight(b, heads[i]->bias, 1, bias_shape) : -1;
    }
    int logits = igq_build(b->graph, IGQ_OP_LINEAR, (igq_attributes){0}, 5, inputs);
    igq_build_name_as_kind(b->graph, IGQ_LAYER_HEAD, -1);
    return igq_build(b->graph, IGQ_OP_MEAN, (igq_attributes){.num_ints = 1, .ints = {0}}, 1, &logits);
}

igq_graph *igq_vit_graph(const igq_vit_shape *shape, const igq_vit_weights *weights)
{
    static const igq_block_weights no_block = {0};
    static const igq_vit_weights no_weights = {0};
    assert(shape->prefix_tokens == 1 || shape->prefix_tokens == 2);
    const builder b = {igq_graph_new(), shape, weights != NULL};
    if (!b.graph)
        return NULL;
    const igq_vit_weights *w = weights ? weights : &no_weights;
    int stream = embed(&b, w);
    for (int block = 0; block < shape->depth; block++) {
        const igq_block_weights *of_block = weights ? &w->block[block] : &no_block;
        stream = igq_build_two(b.graph, IGQ_OP_ADD, stream,
                               attention(&b, layer_norm(&b, stream, &of_block->norm1), of_block, block));
        stream = igq_build_two(b.graph, IGQ_OP_ADD, stream,
                               mlp(&b, layer_norm(&b, stream, &of_block->norm2), of_block, block));
    }
    igq_graph_add_output(b.graph, classify(&b, stream, w));
    return igq_build_finish(b.graph);
}

igq_network *igq_vit_network(const igq_vit_shape *shape)
{
    return igq_network_of(igq_vit_graph(shape, NULL));
}
