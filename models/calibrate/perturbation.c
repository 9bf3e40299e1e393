// SPDX-License-Identifier: Apache-2.0
#include "perturbation.h"
#include "datapath.h"
#include "metrics.h"
#include <stdlib.h>
#include <string.h>

struct igq_perturbation {
    const igq_vit_weights *weights;
    const igq_vit_shape *shape;
    igq_fp32_engine *fp32;
    igq_datapath *datapath;
    igq_instance *instance;
    igq_engine exact, quantized;
    igq_grouped grouped;     // the layer that is quantized
    float *context;          // [tokens][dim]
    float *streams, *stream; // [depth][tokens][dim] before each block in full precision; [tokens][dim]
    float *reference_logits, *logits;
    void *scratch;
};

enum { LINEAR_PER_BLOCK = 4 };

int igq_num_grouped(const igq_vit_shape *shape)
{
    return (LINEAR_PER_BLOCK + shape->heads) * shape->depth;
}

igq_grouped igq_grouped_at(const igq_vit_shape *shape, int index)
{
    static const igq_layer_kind after_heads[] = {IGQ_LAYER_PROJ, IGQ_LAYER_FC1, IGQ_LAYER_FC2};
    int per_block = LINEAR_PER_BLOCK + shape->heads, place = index % per_block;
    igq_grouped grouped = {.block = index / per_block, .kind = IGQ_LAYER_QKV};
    if (place > shape->heads) {
        grouped.kind = after_heads[place - shape->heads - 1];
    } else if (place > 0) {
        grouped.kind = IGQ_LAYER_CONTEXT;
        grouped.head = place - 1;
    }
    return grouped;
}

static size_t stream_size(const igq_vit_shape *shape)
{
    return (size_t)igq_vit_tokens(shape) * (size_t)shape->dim;
}

igq_perturbation *igq_perturbation_new(const igq_vit_weights *weights, const igq_vit_shape *shape,
                                       const igq_calibration *calibration, const igq_scheme_cfg *cfg)
{
    igq_perturbation *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->weights = weights;
    p->shape = shape;
    p->fp32 = igq_fp32_engine_new(weights, shape, NULL);
    p->datapath = igq_datapath_new(weights, shape, calibration, cfg, NULL);
    p->instance = p->datapath ? igq_datapath_instance_new(p->datapath) : NULL;
    p->streams = malloc((size_t)shape->depth * stream_size(shape) * sizeof *p->streams);
    p->stream = malloc(stream_size(shape) * sizeof *p->stream);
    p->context = malloc(stream_size(shape) * sizeof *p->context);
    p->reference_logits = malloc((size_t)shape->classes * sizeof *p->reference_logits);
    p->logits = malloc((size_t)shape->classes * sizeof *p->logits);
    p->scratch = malloc(igq_vit_forward_scratch(shape));
    if (!p->fp32 || !p->datapath || !p->instance || !p->streams || !p->stream || !p->context || !p->reference_logits || !p->logits ||
        !p->scratch) {
        igq_perturbation_free(p);
        return NULL;
    }
    p->exact = igq_fp32_engine_get(p->fp32);
    p->quantized = igq_datapath_engine(p->datapath, p->instance);
    return p;
}

void igq_perturbation_free(igq_perturbation *p)
{
    if (!p)
        return;
    igq_fp32_engine_free(p->fp32);
    igq_datapath_free(p->datapath);
    igq_instance_free(p->instance);
    free(p->streams);
    free(p->stream);
    free(p->context);
    free(p->reference_logits);
    free(p->logits);
    free(p->scratch);
    free(p);
}

// An engine that quantizes p->grouped alone.

static void linear(void *context, int index, float *y, const float *x, int T)
{
    const igq_perturbation *p = context;
    int quantized = igq_vit_linear_index(p->shape, p->grouped.kind, p->grouped.block);
    const igq_engine *engine = index == quantized ? &p->quantized : &p->exact;
    engine->linear(engine->context, index, y, x, T);
}

static void attention(void *context, int block, float *out, const float *qkv, int T)
{
    const igq_perturbation *p = context;
    p->exact.attention(p->exact.context, block, out, qkv, T);
    if (p->grouped.kind != IGQ_LAYER_CONTEXT || p->grouped.block != block)
        return;
    size_t dim = (size_t)p->shape->dim, head_dim = dim / (size_t)p->shape->heads;
    p->quantized.attention(p->quantized.context, block, p->context, qkv, T);
    for (size_t t = 0; t < (size_t)T; t++) {
        size_t head = t * dim + (size_t)p->grouped.head * head_dim;
        memcpy(out + head, p->context + head, head_dim * sizeof *out);
    }
}

void igq_perturbation_of_image(double *psi, igq_perturbation *p, const float *image, const unsigned char *wanted)
{
    const igq_vit_shape *shape = p->shape;
    const igq_engine one_quantized = {p, linear, attention};
    size_t size = stream_size(shape), bytes = size * sizeof *p->stream;
    igq_vit_embed(p->stream, image, p->weights, shape, &p->exact, p->scratch);
    for (int block = 0; block < shape->depth; block++) {
        memcpy(p->streams + (size_t)block * size, p->stream, bytes);
        igq_vit_block(p->stream, block, p->weights, shape, &p->exact, p->scratch);
    }
    igq_vit_classify(p->reference_logits, p->stream, p->weights, shape, &p->exact, p->scratch);
    for (int i = 0; i < igq_num_grouped(shape); i++) {
        psi[i] = 0;
        if (wanted && !wanted[i])
            continue;
        p->grouped = igq_grouped_at(shape, i);
        int first = p->grouped.block;
        memcpy(p->stream, p->streams + (size_t)first * size, bytes);
        for (int block = first; block < shape->depth; block++)
            igq_vit_block(p->stream, block, p->weights, shape, &one_quantized, p->scratch);
        igq_vit_classify(p->logits, p->stream, p->weights, shape, &p->exact, p->scratch);
        psi[i] = igq_kl_divergence(p->reference_logits, p->logits, shape->classes);
    }
}
