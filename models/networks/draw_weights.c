// SPDX-License-Identifier: Apache-2.0
#include "draw_weights.h"
#include <math.h>
#include <string.h>

// splitmix64 (Steele, Lea, Flood 2014).
static uint64_t next_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), end = strlen(ending);
    return length >= end && strcmp(text + length - end, ending) == 0;
}

// Four numbers of 16 bits, whose sum has the variance 4 (2^32 - 1) / 12.
static void draw_normal(float *out, int64_t num, float deviation, uint64_t state)
{
    const float scale = deviation * 1.7320508f / 65536.0f;
    for (int64_t i = 0; i < num; i++) {
        uint64_t bits = next_bits(&state);
        int32_t sum = (int32_t)(bits & 0xffff) + (int32_t)(bits >> 16 & 0xffff) + (int32_t)(bits >> 32 & 0xffff) +
                      (int32_t)(bits >> 48);
        out[i] = (float)(sum - 2 * 65535) * scale;
    }
}

static int draw(igq_graph *graph, igq_value *value, uint64_t state)
{
    int64_t num = igq_shape_elements(&value->shape);
    float *own = igq_graph_take(graph, (size_t)num * sizeof *own);
    if (!own)
        return 0;
    value->data = own;
    if (value->shape.rank > 1) {
        draw_normal(own, num, 1.0f / sqrtf((float)(num / value->shape.dim[0])), state);
        return 1;
    }
    int is_one = ends_with(value->name, ".weight") || ends_with(value->name, ".running_var");
    for (int64_t i = 0; i < num && is_one; i++)
        own[i] = 1;
    return 1;
}

int igq_graph_draw_weights(igq_graph *graph, uint64_t seed)
{
    for (int v = 0; v < graph->num_values; v++) {
        uint64_t state = seed << 32 | (uint32_t)v;
        igq_value *value = &graph->value[v];
        if (value->is_constant && !value->data && !draw(graph, value, next_bits(&state)))
            return 0;
    }
    return 1;
}
