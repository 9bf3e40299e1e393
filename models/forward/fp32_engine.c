// SPDX-License-Identifier: Apache-2.0
// The FP32 engine of transformer.h.
#include "fp32_gemm.h"
#include "nonlinear.h"
#include "transformer.h"
#include <math.h>
#include <stdlib.h>

struct igq_fp32_engine {
    const igq_vit_weights *weights;
    const igq_vit_shape *shape;
    igq_observer observer;
    float *softmax; // [heads][tokens][tokens]
    void *gemm_scratch;
};

// y [T][O] = x [T][C] W^T + b
static void product(float *y, const float *x, const igq_linear_weights *w, int T, int C, int O, void *scratch)
{
    const igq_fp32_operands operands = {.x = x,
                                        .x_token_stride = (size_t)C,
                                        .w = w->weight,
                                        .w_output_stride = (size_t)C,
                                        .w_channel_stride = 1,
                                        .bias = w->bias,
                                        .scale = 1,
                                        .T = T,
                                        .C = C,
                                        .O = O};
    igq_fp32_gemm(y, (size_t)O, &operands, scratch);
}

static void fp32_linear(void *context, int linear, float *y, const float *x, int T)
{
    const igq_fp32_engine *engine = context;
    const igq_vit_shape *shape = engine->shape;
    int C = igq_vit_linear_channels(shape, linear), O = igq_vit_linear_outputs(shape, linear);
    if (engine->observer.linear_input)
        engine->observer.linear_input(engine->observer.context, linear, x, T, C);
    if (igq_vit_linear_kind(shape, linear) == IGQ_LAYER_HEAD && T == 2) {
        product(y, x, &engine->weights->head, 1, C, O, engine->gemm_scratch);
        product(y + O, x + C, &engine->weights->head_distillation, 1, C, O, engine->gemm_scratch);
    } else {
        product(y, x, igq_vit_linear_weights(engine->weights, shape, linear), T, C, O, engine->gemm_scratch);
    }
}

// softmax [T][T] of one head, from its part of qkv.
static void head_softmax(float *softmax, const float *q, const float *k, int T, int head_dim, size_t token_stride,
                         void *scratch)
{
    const igq_fp32_operands operands = {.x = q,
                                        .x_token_stride = token_stride,
                                        .w = k,
                                        .w_output_stride = token_stride,
                                        .w_channel_stride = 1,
                                        .scale = 1.0f / sqrtf((float)head_dim),
                                        .T = T,
                                        .C = head_dim,
                                        .O = T};
    igq_fp32_gemm(softmax, (size_t)T, &operands, scratch);
    igq_softmax_rows(softmax, T, T);
}

static void head_context(float *out, size_t out_stride, const float *softmax, const float *v, int T, int head_dim,
                         size_t token_stride, void *scratch)
{
    const igq_fp32_operands operands = {.x = softmax,
                                        .x_token_stride = (size_t)T,
                                        .w = v,
                                        .w_output_stride = 1,
                                        .w_channel_stride = token_stride,
                                        .scale = 1,
                                        .T = T,
                                        .C = T,
                                        .O = head_dim};
    igq_fp32_gemm(out, out_stride, &operands, scratch);
}

static void fp32_attention(void *context, int block, float *out, const float *qkv, int T)
{
    const igq_fp32_engine *engine = context;
    int dim = engine->shape->dim, heads = engine->shape->heads, head_dim = dim / heads;
    size_t token_stride = 3 * (size_t)dim, matrix = (size_t)T * (size_t)T;
    if (engine->observer.qkv)
        engine->observer.qkv(engine->observer.context, block, qkv, T);
    for (int h = 0; h < heads; h++) {
        const float *q = qkv + h * head_dim, *k = q + dim, *v = k + dim;
        float *softmax = engine->softmax + (size_t)h * matrix;
        head_softmax(softmax, q, k, T, head_dim, token_stride, engine->gemm_scratch);
        head_context(out + h * head_dim, (size_t)dim, softmax, v, T, head_dim, token_stride, engine->gemm_scratch);
    }
    if (engine->observer.softmax)
        engine->observer.softmax(engine->observer.context, block, engine->softmax, heads, T);
}

static size_t largest_gemm_scratch(const igq_vit_shape *shape)
{
    int tokens = igq_vit_tokens(shape), channels = tokens; // those of softmax times v
    for (int linear = 0; linear < igq_vit_num_linear(shape); linear++)
        if (igq_vit_linear_channels(shape, linear) > channels)
            channels = igq_vit_linear_channels(shape, linear);
    return igq_fp32_gemm_scratch(tokens, channels);
}

igq_fp32_engine *igq_fp32_engine_new(const igq_vit_weights *weights, const igq_vit_shape *shape,
                                     const igq_observer *observer)
{
    size_t tokens = (size_t)igq_vit_tokens(shape);
    igq_fp32_engine *engine = calloc(1, sizeof *engine);
    float *softmax = malloc((size_t)shape->heads * tokens * tokens * sizeof(float));
    void *gemm_scratch = malloc(largest_gemm_scratch(shape));
    if (!engine || !softmax || !gemm_scratch) {
        free(engine);
        free(softmax);
        free(gemm_scratch);
        return NULL;
    }
    engine->weights = weights;
    engine->shape = shape;
    engine->softmax = softmax;
    engine->gemm_scratch = gemm_scratch;
    if (observer)
        engine->observer = *observer;
    return engine;
}

void igq_fp32_engine_free(igq_fp32_engine *engine)
{
    if (!engine)
        return;
    free(engine->softmax);
    free(engine->gemm_scratch);
    free(engine);
}

igq_engine igq_fp32_engine_get(igq_fp32_engine *engine)
{
    return (igq_engine){.context = engine, .linear = fp32_linear, .attention = fp32_attention};
}
