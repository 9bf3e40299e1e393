// SPDX-License-Identifier: Apache-2.0
// Ranges of one image, and the observer that collects them.
#include "arena.h"
#include "calibrate.h"
#include "fixed.h"
#include <assert.h>
#include <stdlib.h>

enum { QKV_TENSORS = 3 };

// The arrays that make up an instance; `ranges` is cut up further, lo and hi of each tensor.
typedef struct parts {
    igq_real_instance *instance;
    igq_real_range *linear, *softmax, *qkv;
    float *ranges;
} parts;

static void place_parts(parts *part, igq_arena *arena, const igq_network *network)
{
    size_t num_linear = (size_t)network->num_linear, num_softmax = (size_t)network->num_softmax;
    size_t num_heads = (size_t)network->num_heads, members = num_heads * QKV_TENSORS;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        members += layer->linear >= 0 ? (size_t)layer->C : 0;
        members += layer->kind == IGQ_LAYER_CONTEXT ? (size_t)layer->products * (size_t)layer->T : 0;
    }
    part->instance = igq_arena_take(arena, sizeof *part->instance);
    part->linear = igq_arena_take(arena, num_linear * sizeof *part->linear);
    part->softmax = igq_arena_take(arena, num_softmax * sizeof *part->softmax);
    part->qkv = igq_arena_take(arena, num_heads * sizeof *part->qkv);
    part->ranges = igq_arena_take(arena, 2 * members * sizeof *part->ranges);
}

static float *place_range(igq_real_range *range, float *next, int num)
{
    *range = (igq_real_range){.num = num, .lo = next, .hi = next + num};
    return range->hi + num;
}

igq_real_instance *igq_real_instance_new(const igq_network *network)
{
    parts part;
    igq_arena counter = {0};
    place_parts(&part, &counter, network);
    igq_arena arena = {.base = calloc(1, counter.used_bytes)};
    if (!arena.base)
        return NULL;
    place_parts(&part, &arena, network);
    *part.instance = (igq_real_instance){.linear = part.linear, .softmax = part.softmax, .qkv = part.qkv};
    float *next = part.ranges;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        if (layer->linear >= 0)
            next = place_range(&part.linear[layer->linear], next, layer->C);
        for (int p = 0; layer->kind == IGQ_LAYER_CONTEXT && p < layer->products; p++)
            next = place_range(&part.softmax[layer->first_product + p], next, layer->T);
    }
    for (int h = 0; h < network->num_heads; h++)
        next = place_range(&part.qkv[h], next, QKV_TENSORS);
    return part.instance;
}

void igq_real_instance_free(igq_real_instance *instance)
{
    free(instance);
}

static void range_to_grid(igq_range *out, const igq_real_range *range, int exponent)
{
    igq_to_fixed(out->lo, range->lo, (size_t)range->num, exponent);
    igq_to_fixed(out->hi, range->hi, (size_t)range->num, exponent);
}

void igq_real_instance_to_grid(igq_instance *out, const igq_real_instance *real, const igq_calibration *calibration)
{
    assert(out->num_linear == calibration->num_linear);
    for (int linear = 0; linear < out->num_linear; linear++)
        range_to_grid(&out->linear[linear], &real->linear[linear], calibration->linear[linear].act.exponent);
    for (int p = 0; p < out->num_softmax; p++)
        range_to_grid(&out->softmax[p], &real->softmax[p], IGQ_SOFTMAX_EXPONENT);
}

static void start_range(igq_real_range *range, int member, float x)
{
    range->lo[member] = x;
    range->hi[member] = x;
}

static void widen_range(igq_real_range *range, int member, float x)
{
    if (x < range->lo[member])
        range->lo[member] = x;
    if (x > range->hi[member])
        range->hi[member] = x;
}

static void collect_linear(void *context, const igq_layer *layer, const float *x)
{
    const igq_range_collector *collector = context;
    igq_real_range *range = &collector->instance->linear[layer->linear];
    int C = layer->C;
    for (int c = 0; c < C; c++)
        start_range(range, c, x[c]);
    for (int t = 1; t < layer->T; t++)
        for (int c = 0; c < C; c++)
            widen_range(range, c, x[(size_t)t * (size_t)C + (size_t)c]);
}

static void collect_softmax(const igq_range_collector *collector, const igq_layer *layer, int product, const float *x)
{
    igq_real_range *range = &collector->instance->softmax[layer->first_product + product];
    for (int row = 0; row < layer->T; row++, x += layer->C) {
        start_range(range, row, x[0]);
        for (int k = 1; k < layer->C; k++)
            widen_range(range, row, x[k]);
    }
}

// The windows of an attention share the ranges of a head.
static void collect_attention(void *context, const igq_layer *layer, int product, igq_operand operand, const float *x)
{
    static const int tensor_of[] = {[IGQ_OPERAND_QUERY] = 0, [IGQ_OPERAND_KEY] = 1, [IGQ_OPERAND_VALUE] = 2};
    const igq_range_collector *collector = context;
    if (operand == IGQ_OPERAND_SOFTMAX) {
        collect_softmax(collector, layer, product, x);
        return;
    }
    igq_real_range *range = &collector->instance->qkv[layer->first_head + product % layer->heads];
    size_t num = (size_t)(operand == IGQ_OPERAND_QUERY ? layer->T : layer->O) * (size_t)layer->C;
    if (product < layer->heads)
        start_range(range, tensor_of[operand], x[0]);
    for (size_t i = 0; i < num; i++)
        widen_range(range, tensor_of[operand], x[i]);
}

igq_observer igq_range_collector_observer(igq_range_collector *collector)
{
    return (igq_observer){.context = collector, .linear_input = collect_linear, .attention_input = collect_attention};
}
