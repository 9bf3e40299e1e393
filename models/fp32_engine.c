// SPDX-License-Identifier: Apache-2.0
// The FP32 engine of transformer.h: matrix products by OpenBLAS.
#include "nonlinear.h"
#include "transformer.h"
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct igq_fp32_engine {
    const igq_vit_weights *weights;
    const igq_vit_shape *shape;
    igq_observer observer;
    float *softmax; // [heads][tokens][tokens]
};

// y [T][O] = x [T][C] W^T + b
static void product(float *y, const float *x, const igq_linear_weights *w, int T, int C, int O)
{
    float keep_bias = w->bias ? 1.0f : 0.0f;
    for (int t = 0; w->bias && t < T; t++)
        memcpy(y + (size_t)t * (size_t)O, w->bias, (size_t)O * sizeof(float));
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, T, O, C, 1.0f, x, C, w->weight, C, keep_bias, y, O);
}

static void fp32_linear(void *context, int linear, float *y, const float *x, int T)
{
    const igq_fp32_engine *engine = context;
    const igq_vit_shape *shape = engine->shape;
    int C = igq_vit_linear_channels(shape, linear), O = igq_vit_linear_outputs(shape, linear);
    if (engine->observer.linear_input)
        engine->observer.linear_input(engine->observer.context, linear, x, T, C);
    if (igq_vit_linear_kind(shape, linear) == IGQ_LAYER_HEAD && T == 2) {
        product(y, x, &engine->weights->head, 1, C, O);
        product(y + O, x + C, &engine->weights->head_distillation, 1, C, O);
    } else {
        product(y, x, igq_vit_linear_weights(engine->weights, shape, linear), T, C, O);
    }
}

static void fp32_attention(void *context, int block, float *out, const float *qkv, int T)
{
    const igq_fp32_engine *engine = context;
    int dim = engine->shape->dim, heads = engine->shape->heads, head_dim = dim / heads;
    float scale = 1.0f / sqrtf((float)head_dim);
    size_t matrix = (size_t)T * (size_t)T;
    if (engine->observer.qkv)
        engine->observer.qkv(engine->observer.context, block, qkv, T);
    for (int h = 0; h < heads; h++) {
        const float *q = qkv + h * head_dim, *k = q + dim, *v = k + dim;
        float *softmax = engine->softmax + (size_t)h * matrix;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, T, T, head_dim, scale, q, 3 * dim, k, 3 * dim, 0.0f,
                    softmax, T);
        igq_softmax_rows(softmax, T, T);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, T, head_dim, T, 1.0f, softmax, T, v, 3 * dim, 0.0f,
                    out + h * head_dim, dim);
    }
    if (engine->observer.softmax)
        engine->observer.softmax(engine->observer.context, block, engine->softmax, heads, T);
}

igq_fp32_engine *igq_fp32_engine_new(const igq_vit_weights *weights, const igq_vit_shape *shape,
                                     const igq_observer *observer)
{
    size_t tokens = (size_t)igq_vit_tokens(shape);
    igq_fp32_engine *engine = calloc(1, sizeof *engine);
    float *softmax = malloc((size_t)shape->heads * tokens * tokens * sizeof(float));
    if (!engine || !softmax) {
        free(engine);
        free(softmax);
        return NULL;
    }
    engine->weights = weights;
    engine->shape = shape;
    engine->softmax = softmax;
    if (observer)
        engine->observer = *observer;
    openblas_set_num_threads(1);
    return engine;
}

void igq_fp32_engine_free(igq_fp32_engine *engine)
{
    if (engine)
        free(engine->softmax);
    free(engine);
}

igq_engine igq_fp32_engine_get(igq_fp32_engine *engine)
{
    return (igq_engine){.context = engine, .linear = fp32_linear, .attention = fp32_attention};
}
