// SPDX-License-Identifier: Apache-2.0
#include "instance.h"
#include "arena.h"
#include <stdlib.h>

// The arrays that make up an instance; `ranges` is cut up further, lo and hi of each layer and head.
typedef struct parts {
    igq_instance *instance;
    igq_range *linear, *softmax;
    igq_layer_noise *linear_noise, *softmax_noise;
    uint64_t *zero_products;
    int16_t *ranges;
} parts;

static void place_parts(parts *part, igq_arena *arena, const igq_vit_shape *shape)
{
    size_t num_linear = (size_t)igq_vit_num_linear(shape), num_heads = (size_t)(shape->depth * shape->heads);
    size_t members = num_heads * (size_t)igq_vit_tokens(shape);
    for (int linear = 0; linear < igq_vit_num_linear(shape); linear++)
        members += (size_t)igq_vit_linear_channels(shape, linear);
    part->instance = igq_arena_take(arena, sizeof *part->instance);
    part->linear = igq_arena_take(arena, num_linear * sizeof *part->linear);
    part->softmax = igq_arena_take(arena, num_heads * sizeof *part->softmax);
    part->linear_noise = igq_arena_take(arena, num_linear * sizeof *part->linear_noise);
    part->softmax_noise = igq_arena_take(arena, (size_t)shape->depth * sizeof *part->softmax_noise);
    part->zero_products = igq_arena_take(arena, (size_t)igq_vit_num_layers(shape) * sizeof *part->zero_products);
    part->ranges = igq_arena_take(arena, 2 * members * sizeof *part->ranges);
}

static int16_t *place_range(igq_range *range, int16_t *next, int num)
{
    *range = (igq_range){.num = num, .lo = next, .hi = next + num};
    return range->hi + num;
}

igq_instance *igq_instance_new(const igq_vit_shape *shape)
{
    parts part;
    igq_arena counter = {0};
    place_parts(&part, &counter, shape);
    igq_arena arena = {.base = calloc(1, counter.used_bytes)};
    if (!arena.base)
        return NULL;
    place_parts(&part, &arena, shape);

    igq_instance *instance = part.instance;
    instance->linear = part.linear;
    instance->softmax = part.softmax;
    instance->linear_noise = part.linear_noise;
    instance->softmax_noise = part.softmax_noise;
    instance->zero_products = part.zero_products;
    int16_t *next = part.ranges;
    for (int linear = 0; linear < igq_vit_num_linear(shape); linear++)
        next = place_range(&part.linear[linear], next, igq_vit_linear_channels(shape, linear));
    for (int h = 0; h < shape->depth * shape->heads; h++)
        next = place_range(&part.softmax[h], next, igq_vit_tokens(shape));
    return instance;
}

void igq_instance_free(igq_instance *instance)
{
    free(instance);
}
