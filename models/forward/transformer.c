// SPDX-License-Identifier: Apache-2.0
#include "transformer.h"
#include "arena.h"
#include "nonlinear.h"
#include <assert.h>
#include <string.h>

// Working tensors of one forward pass. `wide` holds, one after another, patches, qkv and the hidden layer of the MLP.
typedef struct buffers {
    float *stream; // [tokens][dim] residual stream of a whole forward pass
    float *narrow; // [tokens][dim] normalized input of a product, output of attention
    float *branch; // [tokens][dim] output of proj and fc2
    float *wide;   // [tokens][max(3 dim, mlp_dim, patch values)]
    float *logits; // [prefix_tokens][classes]
} buffers;

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void place_buffers(buffers *buffer, igq_arena *arena, const igq_vit_shape *shape)
{
    size_t tokens = (size_t)igq_vit_tokens(shape), dim = (size_t)shape->dim;
    size_t patch_values = (size_t)igq_vit_linear_channels(shape, 0);
    size_t wide = max_size(max_size(3 * dim, (size_t)shape->mlp_dim), patch_values);
    buffer->stream = igq_arena_take(arena, tokens * dim * sizeof(float));
    buffer->narrow = igq_arena_take(arena, tokens * dim * sizeof(float));
    buffer->branch = igq_arena_take(arena, tokens * dim * sizeof(float));
    buffer->wide = igq_arena_take(arena, tokens * wide * sizeof(float));
    buffer->logits = igq_arena_take(arena, (size_t)(shape->prefix_tokens * shape->classes) * sizeof(float));
}

size_t igq_vit_forward_scratch(const igq_vit_shape *shape)
{
    igq_arena counter = {0};
    buffers buffer;
    place_buffers(&buffer, &counter, shape);
    return counter.used_bytes;
}

// patches [patch][channel][row][column], patches row by row: the order of a convolution's weights.
static void cut_patches(float *patches, const float *image, const igq_vit_shape *shape)
{
    int size = shape->image_size, patch = shape->patch_size;
    for (int top = 0; top < size; top += patch)
        for (int left = 0; left < size; left += patch)
            for (int channel = 0; channel < shape->image_channels; channel++)
                for (int row = 0; row < patch; row++) {
                    size_t start = ((size_t)channel * (size_t)size + (size_t)(top + row)) * (size_t)size + (size_t)left;
                    memcpy(patches, image + start, (size_t)patch * sizeof(float));
                    patches += patch;
                }
}

static void add(float *sum, const float *x, size_t num)
{
    for (size_t i = 0; i < num; i++)
        sum[i] += x[i];
}

static buffers buffers_in(void *scratch, const igq_vit_shape *shape)
{
    buffers buffer;
    igq_arena arena = {.base = scratch};
    place_buffers(&buffer, &arena, shape);
    return buffer;
}

void igq_vit_embed(float *stream, const float *image, const igq_vit_weights *weights, const igq_vit_shape *shape,
                   const igq_engine *engine, void *scratch)
{
    assert(shape->prefix_tokens == 1 || shape->prefix_tokens == 2);
    buffers buffer = buffers_in(scratch, shape);
    size_t dim = (size_t)shape->dim;
    cut_patches(buffer.wide, image, shape);
    engine->linear(engine->context, 0, stream + (size_t)shape->prefix_tokens * dim, buffer.wide,
                   igq_vit_linear_tokens(shape, 0));
    memcpy(stream, weights->class_token, dim * sizeof(float));
    if (shape->prefix_tokens == 2)
        memcpy(stream + dim, weights->distillation_token, dim * sizeof(float));
    add(stream, weights->position, (size_t)igq_vit_tokens(shape) * dim);
}

void igq_vit_block(float *stream, int block, const igq_vit_weights *weights, const igq_vit_shape *shape,
                   const igq_engine *engine, void *scratch)
{
    const igq_block_weights *w = &weights->block[block];
    buffers buffer = buffers_in(scratch, shape);
    int T = igq_vit_tokens(shape), dim = shape->dim;
    size_t stream_size = (size_t)T * (size_t)dim;
    int qkv = igq_vit_linear_index(shape, IGQ_LAYER_QKV, block),
        proj = igq_vit_linear_index(shape, IGQ_LAYER_PROJ, block);
    int fc1 = igq_vit_linear_index(shape, IGQ_LAYER_FC1, block),
        fc2 = igq_vit_linear_index(shape, IGQ_LAYER_FC2, block);

    igq_layer_norm(buffer.narrow, stream, w->norm1.gain, w->norm1.bias, T, dim, shape->layer_norm_epsilon);
    engine->linear(engine->context, qkv, buffer.wide, buffer.narrow, T);
    engine->attention(engine->context, block, buffer.narrow, buffer.wide, T);
    engine->linear(engine->context, proj, buffer.branch, buffer.narrow, T);
    add(stream, buffer.branch, stream_size);

    igq_layer_norm(buffer.narrow, stream, w->norm2.gain, w->norm2.bias, T, dim, shape->layer_norm_epsilon);
    engine->linear(engine->context, fc1, buffer.wide, buffer.narrow, T);
    igq_gelu(buffer.wide, (size_t)T * (size_t)shape->mlp_dim);
    engine->linear(engine->context, fc2, buffer.branch, buffer.wide, T);
    add(stream, buffer.branch, stream_size);
}

void igq_vit_classify(float *logits, const float *stream, const igq_vit_weights *weights, const igq_vit_shape *shape,
                      const igq_engine *engine, void *scratch)
{
    buffers buffer = buffers_in(scratch, shape);
    int T = shape->prefix_tokens, head = igq_vit_linear_index(shape, IGQ_LAYER_HEAD, -1);
    igq_layer_norm(buffer.narrow, stream, weights->norm.gain, weights->norm.bias, T, shape->dim,
                   shape->layer_norm_epsilon);
    engine->linear(engine->context, head, buffer.logits, buffer.narrow, T);
    for (int i = 0; i < shape->classes; i++)
        logits[i] = T == 2 ? (buffer.logits[i] + buffer.logits[shape->classes + i]) / 2 : buffer.logits[i];
}

void igq_vit_forward(float *logits, const float *image, const igq_vit_weights *weights, const igq_vit_shape *shape,
                     const igq_engine *engine, void *scratch)
{
    float *stream = buffers_in(scratch, shape).stream;
    igq_vit_embed(stream, image, weights, shape, engine, scratch);
    for (int block = 0; block < shape->depth; block++)
        igq_vit_block(stream, block, weights, shape, engine, scratch);
    igq_vit_classify(logits, stream, weights, shape, engine, scratch);
}

const igq_linear_weights *igq_vit_linear_weights(const igq_vit_weights *weights, const igq_vit_shape *shape, int linear)
{
    const igq_block_weights *block = &weights->block[linear > 0 ? (linear - 1) / 4 : 0];
    switch (igq_vit_linear_kind(shape, linear)) {
    case IGQ_LAYER_PATCH_EMBED:
        return &weights->patch_embed;
    case IGQ_LAYER_QKV:
        return &block->qkv;
    case IGQ_LAYER_PROJ:
        return &block->proj;
    case IGQ_LAYER_FC1:
        return &block->fc1;
    case IGQ_LAYER_FC2:
        return &block->fc2;
    default:
        return &weights->head;
    }
}
