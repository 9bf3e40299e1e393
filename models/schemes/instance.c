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
    uint8_t **zero_weights, *channels; // channels: of all linear layers, cut up as ranges
} parts;

static void place_parts(parts *part, igq_arena *arena, const igq_network *network)
{
    size_t num_linear = (size_t)network->num_linear, num_softmax = (size_t)network->num_softmax, members = 0;
    size_t channels = 0;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        channels += layer->linear >= 0 ? (size_t)layer->C : 0;
        members += layer->kind == IGQ_LAYER_CONTEXT ? (size_t)layer->products * (size_t)layer->T : 0;
    }
    part->instance = igq_arena_take(arena, sizeof *part->instance);
    part->linear = igq_arena_take(arena, num_linear * sizeof *part->linear);
    part->softmax = igq_arena_take(arena, num_softmax * sizeof *part->softmax);
    part->linear_noise = igq_arena_take(arena, num_linear * sizeof *part->linear_noise);
    part->softmax_noise = igq_arena_take(arena, (size_t)network->num_attention * sizeof *part->softmax_noise);
    part->zero_products = igq_arena_take(arena, (size_t)network->num_layers * sizeof *part->zero_products);
    part->ranges = igq_arena_take(arena, 2 * (channels + members) * sizeof *part->ranges);
    part->zero_weights = igq_arena_take(arena, num_linear * sizeof *part->zero_weights);
    part->channels = igq_arena_take(arena, channels * sizeof *part->channels);
}

static int16_t *place_range(igq_range *range, int16_t *next, int num)
{
    *range = (igq_range){.num = num, .lo = next, .hi = next + num};
    return range->hi + num;
}

igq_instance *igq_instance_new(const igq_network *network)
{
    parts part;
    igq_arena counter = {0};
    place_parts(&part, &counter, network);
    igq_arena arena = {.base = calloc(1, counter.used_bytes)};
    if (!arena.base)
        return NULL;
    place_parts(&part, &arena, network);

    igq_instance *instance = part.instance;
    instance->num_linear = network->num_linear;
    instance->num_softmax = network->num_softmax;
    instance->linear = part.linear;
    instance->softmax = part.softmax;
    instance->linear_noise = part.linear_noise;
    instance->softmax_noise = part.softmax_noise;
    instance->zero_products = part.zero_products;
    instance->zero_weights = part.zero_weights;
    int16_t *next = part.ranges;
    uint8_t *next_channel = part.channels;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        if (layer->linear >= 0) {
            next = place_range(&part.linear[layer->linear], next, layer->C);
            instance->zero_weights[layer->linear] = next_channel;
            next_channel += layer->C;
        }
        for (int p = 0; layer->kind == IGQ_LAYER_CONTEXT && p < layer->products; p++)
            next = place_range(&part.softmax[layer->first_product + p], next, layer->T);
    }
    return instance;
}

void igq_instance_free(igq_instance *instance)
{
    free(instance);
}
