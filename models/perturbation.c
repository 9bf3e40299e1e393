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
    int grouped;             // the layer that is quantized
    float *streams, *stream; // [depth][tokens][dim] before each block in full precision; [tokens][dim]
    float *reference_logits, *logits;
    void *scratch;
};

int igq_num_grouped(const igq_vit_shape *shape)
{
    return IGQ_GROUPED_PER_BLOCK * shape->depth;
}

int igq_grouped_block(int grouped)
{
    return grouped / IGQ_GROUPED_PER_BLOCK;
}

igq_layer_kind igq_grouped_kind(int grouped)
{
    static const igq_layer_kind kinds[IGQ_GROUPED_PER_BLOCK] = {IGQ_LAYER_QKV, IGQ_LAYER_CONTEXT, IGQ_LAYER_PROJ,
                                                                IGQ_LAYER_FC1, IGQ_LAYER_FC2};
    return kinds[grouped % IGQ_GROUPED_PER_BLOCK];
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
    p->reference_logits = malloc((size_t)shape->classes * sizeof *p->reference_logits);
    p->logits = malloc((size_t)shape->classes * sizeof *p->logits);
    p->scratch = malloc(igq_vit_forward_scratch(shape));
    if (!p->fp32 || !p->datapath || !p->instance || !p->streams || !p->stream || !p->reference_logits || !p->logits ||
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
    free(p->reference_logits);
    free(p->logits);
    free(p->scratch);
    free(p);
}

// An engine that quantizes p->grouped alone.

static void linear(void *context, int index, float *y, const float *x, int T)
{
    const igq_perturbation *p = context;
    int quantized = igq_vit_linear_index(p->shape, igq_grouped_kind(p->grouped), igq_grouped_block(p->grouped));
    const igq_engine *engine = index == quantized ? &p->quantized : &p->exact;
    engine->linear(engine->context, index, y, x, T);
}

static void attention(void *context, int block, float *out, const float *qkv, int T)
{
    const igq_perturbation *p = context;
    int is_quantized = igq_grouped_kind(p->grouped) == IGQ_LAYER_CONTEXT && igq_grouped_block(p->grouped) == block;
    const igq_engine *engine = is_quantized ? &p->quantized : &p->exact;
    engine->attention(engine->context, block, out, qkv, T);
}

void igq_perturbation_of_image(double *psi, igq_perturbation *p, const float *image)
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
    for (p->grouped = 0; p->grouped < igq_num_grouped(shape); p->grouped++) {
        int first = igq_grouped_block(p->grouped);
        memcpy(p->stream, p->streams + (size_t)first * size, bytes);
        for (int block = first; block < shape->depth; block++)
            igq_vit_block(p->stream, block, p->weights, shape, &one_quantized, p->scratch);
        igq_vit_classify(p->logits, p->stream, p->weights, shape, &p->exact, p->scratch);
        psi[p->grouped] = igq_kl_divergence(p->reference_logits, p->logits, shape->classes);
    }
}
