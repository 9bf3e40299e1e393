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

static void place_parts(parts *part, igq_arena *arena, const igq_vit_shape *shape, int max_groups)
{
    int num_linear = igq_vit_num_linear(shape);
    size_t num_heads = (size_t)(shape->depth * shape->heads);
    size_t members = num_heads * (size_t)igq_vit_tokens(shape);
    for (int linear = 0; linear < num_linear; linear++)
        members += (size_t)igq_vit_linear_channels(shape, linear);
    size_t groups = ((size_t)num_linear + num_heads) * (size_t)max_groups;
    part->calibration = igq_arena_take(arena, sizeof *part->calibration);
    part->linear = igq_arena_take(arena, (size_t)num_linear * sizeof *part->linear);
    part->head = igq_arena_take(arena, num_heads * sizeof *part->head);
    part->qkv_exponent = igq_arena_take(arena, (size_t)shape->depth * sizeof *part->qkv_exponent);
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

igq_calibration *igq_calibration_new(const igq_vit_shape *shape, int max_groups)
{
    parts part;
    igq_arena counter = {0};
    place_parts(&part, &counter, shape, max_groups);
    igq_arena arena = {.base = calloc(1, counter.used_bytes)};
    if (!arena.base)
        return NULL;
    place_parts(&part, &arena, shape, max_groups);

    igq_calibration *calibration = part.calibration;
    calibration->shape = *shape;
    calibration->linear = part.linear;
    calibration->head = part.head;
    calibration->qkv_exponent = part.qkv_exponent;
    int16_t *next = part.bounds;
    for (int linear = 0; linear < igq_vit_num_linear(shape); linear++)
        next = place_bounds(&part.linear[linear].act, next, igq_vit_linear_channels(shape, linear), max_groups);
    for (int h = 0; h < shape->depth * shape->heads; h++) {
        next = place_bounds(&part.head[h].softmax, next, igq_vit_tokens(shape), max_groups);
        part.head[h].softmax.exponent = IGQ_SOFTMAX_EXPONENT;
    }
    return calibration;
}

void igq_calibration_free(igq_calibration *calibration)
{
    free(calibration);
}
