// SPDX-License-Identifier: Apache-2.0
#include "calibration.h"
#include "arena.h"
#include <stdlib.h>

// The arrays that make up a calibration; `bounds` is cut up further, a piece per layer and head.
typedef struct parts {
    igq_calibration *calibration;
    igq_linear_calibration *linear;
    igq_head_calibration *head;
    int *qkv_exponent;
    int16_t *bounds;
} parts;

static void place_parts(parts *part, igq_arena *arena, const igq_network *network, int max_groups)
{
    size_t num_linear = (size_t)network->num_linear, num_heads = (size_t)network->num_heads, members = 0;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        members += layer->linear >= 0 ? (size_t)layer->C : 0;
        members += layer->kind == IGQ_LAYER_CONTEXT ? (size_t)(layer->heads * layer->T) : 0;
    }
    size_t groups = (num_linear + num_heads) * (size_t)max_groups;
    part->calibration = igq_arena_take(arena, sizeof *part->calibration);
    part->linear = igq_arena_take(arena, num_linear * sizeof *part->linear);
    part->head = igq_arena_take(arena, num_heads * sizeof *part->head);
    part->qkv_exponent = igq_arena_take(arena, (size_t)network->num_attention * sizeof *part->qkv_exponent);
    part->bounds = igq_arena_take(arena, (2 * members + 4 * groups) * sizeof *part->bounds);
}

static int16_t *place_bounds(igq_group_bounds *bounds, int16_t *next, int num_members, int max_groups)
{
    bounds->num_members = num_members;
    bounds->member_lo = next;
    bounds->member_hi = bounds->member_lo + num_members;
    bounds->lower = bounds->member_hi + num_members;
    bounds->upper = bounds->lower + max_groups;
    bounds->cover_lower = bounds->upper + max_groups;
    bounds->cover_upper = bounds->cover_lower + max_groups;
    return bounds->cover_upper + max_groups;
}

igq_calibration *igq_calibration_new(const igq_network *network, int max_groups)
{
    parts part;
    igq_arena counter = {0};
    place_parts(&part, &counter, network, max_groups);
    igq_arena arena = {.base = calloc(1, counter.used_bytes)};
    if (!arena.base)
        return NULL;
    place_parts(&part, &arena, network, max_groups);

    igq_calibration *calibration = part.calibration;
    calibration->num_linear = network->num_linear;
    calibration->num_attention = network->num_attention;
    calibration->num_heads = network->num_heads;
    calibration->linear = part.linear;
    calibration->head = part.head;
    calibration->qkv_exponent = part.qkv_exponent;
    int16_t *next = part.bounds;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        if (layer->linear >= 0)
            next = place_bounds(&part.linear[layer->linear].act, next, layer->C, max_groups);
        for (int h = 0; layer->kind == IGQ_LAYER_CONTEXT && h < layer->heads; h++) {
            igq_group_bounds *softmax = &part.head[layer->first_head + h].softmax;
            next = place_bounds(softmax, next, layer->T, max_groups);
            softmax->exponent = IGQ_SOFTMAX_EXPONENT;
        }
    }
    return calibration;
}

void igq_calibration_free(igq_calibration *calibration)
{
    free(calibration);
}
