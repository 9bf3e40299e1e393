// SPDX-License-Identifier: Apache-2.0
// small_vit.h - a random vision transformer, small enough for naive references, with an image for it.
#ifndef SMALL_VIT_H
#define SMALL_VIT_H
#include "of_vit.h"
#include "rng.h"
#include <stdlib.h>

enum { SMALL_VIT_DEPTH = 2, SMALL_VIT_CLASSES = 10 };

typedef struct small_vit {
    igq_vit_shape shape;
    igq_vit_weights weights;
    igq_block_weights block[SMALL_VIT_DEPTH];
    float *image;       // [3][16][16]
    float memory[8192]; // of all of the above
} small_vit;

// The next num values of the memory, filled with random numbers around `center`.
static inline float *small_vit_take(rng *random, float **next, int num, float center, float spread)
{
    float *values = *next;
    *next += num;
    rng_fill_float(values, (size_t)num, center - spread, center + spread, random);
    return values;
}

static inline igq_linear_weights small_vit_linear(rng *random, float **next, int C, int O)
{
    igq_linear_weights linear;
    linear.weight = small_vit_take(random, next, C * O, 0, 0.5f);
    linear.bias = small_vit_take(random, next, O, 0, 0.5f);
    return linear;
}

static inline igq_norm_weights small_vit_norm(rng *random, float **next, int C)
{
    igq_norm_weights norm;
    norm.gain = small_vit_take(random, next, C, 1, 0.8f);
    norm.bias = small_vit_take(random, next, C, 0, 0.5f);
    return norm;
}

static inline small_vit *small_vit_new(int seed, int prefix_tokens)
{
    small_vit *vit = calloc(1, sizeof *vit);
    rng random = {(uint64_t)seed};
    vit->shape = (igq_vit_shape){.image_size = 16,
                                 .patch_size = 4,
                                 .image_channels = 3,
                                 .dim = 12,
                                 .depth = SMALL_VIT_DEPTH,
                                 .heads = 3,
                                 .mlp_dim = 24,
                                 .classes = SMALL_VIT_CLASSES,
                                 .prefix_tokens = prefix_tokens,
                                 .layer_norm_epsilon = 1e-6};
    const igq_vit_shape *shape = &vit->shape;
    igq_vit_weights *w = &vit->weights;
    float *next = vit->memory;
    int dim = shape->dim;
    w->class_token = small_vit_take(&random, &next, dim, 0, 1);
    w->distillation_token = small_vit_take(&random, &next, dim, 0, 1);
    w->position = small_vit_take(&random, &next, igq_vit_tokens(shape) * dim, 0, 0.5f);
    w->patch_embed = small_vit_linear(&random, &next, vit_linear(shape, 0).C, dim);
    w->norm = small_vit_norm(&random, &next, dim);
    w->head = small_vit_linear(&random, &next, dim, shape->classes);
    w->head_distillation = small_vit_linear(&random, &next, dim, shape->classes);
    w->block = vit->block;
    for (int b = 0; b < shape->depth; b++) {
        igq_block_weights *block = &vit->block[b];
        block->norm1 = small_vit_norm(&random, &next, dim);
        block->norm2 = small_vit_norm(&random, &next, dim);
        block->qkv = small_vit_linear(&random, &next, dim, 3 * dim);
        block->proj = small_vit_linear(&random, &next, dim, dim);
        block->fc1 = small_vit_linear(&random, &next, dim, shape->mlp_dim);
        block->fc2 = small_vit_linear(&random, &next, shape->mlp_dim, dim);
    }
    vit->image = small_vit_take(&random, &next, 3 * 16 * 16, 0, 2);
    return vit;
}

static inline void small_vit_free(small_vit *vit)
{
    free(vit);
}

#endif
