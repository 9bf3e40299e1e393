// SPDX-License-Identifier: Apache-2.0
#include "scaled_gemm.h"
#include "clones.h"
#include "fixed.h"
#include <assert.h>
#include <string.h>

static int tile_length(const igq_scaled_operands *operands)
{
    const int C = operands->grouping->C;
    return operands->tile_channels > 0 && operands->tile_channels < C ? operands->tile_channels : C;
}

// What one unit of a group sum is worth in the exact sum over groups (int, pow2).
static int64_t integer_scale(const igq_group_scales *scales, int g)
{
    return scales->mode == IGQ_GROUP_SCALE_POW2 ? (int64_t)1 << scales->weight[g] : scales->weight[g];
}

/// Output channels side by side ///

// Of all output channels: scaled weights channel by channel, the sum of a group, what groups have added up to.
typedef struct work {
    int16_t *weights; // [C][O]
    int64_t *sum, *exact;
    float *acc;
} work;

size_t igq_scaled_gemm_scratch(int C, int O)
{
    const size_t outputs = ((size_t)O + 7) / 8 * 8;
    return outputs * (2 * sizeof(int64_t) + sizeof(float) + (size_t)C * sizeof(int16_t));
}

static work work_of(void *scratch, int O)
{
    const size_t outputs = ((size_t)O + 7) / 8 * 8;
    int64_t *sum = scratch;
    float *acc = (float *)(sum + 2 * outputs);
    return (work){.sum = sum, .exact = sum + outputs, .acc = acc, .weights = (int16_t *)(acc + outputs)};
}

static void scale_weights(int16_t *scaled, const igq_scaled_operands *operands)
{
    const int C = operands->grouping->C, O = operands->O, V = operands->V, num_vectors = (C + V - 1) / V;
    for (int o = 0; o < O; o++)
        for (int c = 0; c < C; c++) {
            const int scale = operands->weight_scale[(size_t)o * (size_t)num_vectors + (size_t)(c / V)];
            scaled[(size_t)c * (size_t)O + (size_t)o] =
                (int16_t)(operands->weight_codes[(size_t)o * (size_t)C + (size_t)c] * scale);
        }
}

// act has 9 bits with its sign, so a product has 24.
IGQ_CLONES static void add_channel(int64_t *restrict sum, const int16_t *restrict weights, int32_t act, int O)
{
    for (int o = 0; o < O; o++)
        sum[o] += act * weights[o];
}

// Adds finished sums of group g. Returns how many saturated.
static uint64_t add_group(work *at, const igq_scaled_operands *operands, int g)
{
    const igq_group_scales *scales = operands->scales;
    uint64_t saturated = 0;
    for (int o = 0; o < operands->O; o++) {
        const int64_t kept = igq_saturate(at->sum[o], operands->acc_bits);
        saturated += kept != at->sum[o];
        if (scales->mode == IGQ_GROUP_SCALE_FP32)
            at->acc[o] += scales->step[g] * (float)kept;
        else
            at->exact[o] += kept * integer_scale(scales, g);
    }
    return saturated;
}

// Channels of group g in the tile that ends before `end`, from the cursor on.
static uint64_t group_of_tile(work *at, int32_t *cursor, const igq_scaled_operands *operands, const uint8_t *codes,
                              int g, int end)
{
    const igq_grouping *grouping = operands->grouping;
    const int first = *cursor;
    for (; *cursor < grouping->start[g + 1] && grouping->channel[*cursor] < end; ++*cursor) {
        const int c = grouping->channel[*cursor];
        if (*cursor == first)
            memset(at->sum, 0, (size_t)operands->O * sizeof *at->sum);
        add_channel(at->sum, at->weights + (size_t)c * (size_t)operands->O,
                    codes[c] - operands->quantizer[g].zero_point, operands->O);
    }
    return *cursor > first ? add_group(at, operands, g) : 0;
}

uint64_t igq_scaled_gemm(float *y, const igq_scaled_operands *operands, void *scratch)
{
    const igq_grouping *grouping = operands->grouping;
    const int C = grouping->C, O = operands->O, tile = tile_length(operands);
    uint64_t saturated = 0;
    work at = work_of(scratch, O);
    assert(operands->acc_bits >= 8 && operands->acc_bits <= 32);
    scale_weights(at.weights, operands);
    for (int t = 0; t < operands->T; t++) {
        int32_t cursor[IGQ_MAX_CHANNELS];
        memcpy(cursor, grouping->start, (size_t)grouping->G * sizeof *cursor);
        memset(at.acc, 0, (size_t)O * sizeof *at.acc);
        memset(at.exact, 0, (size_t)O * sizeof *at.exact);
        for (int end = tile; end < C + tile; end += tile)
            for (int g = 0; g < grouping->G; g++)
                saturated +=
                    group_of_tile(&at, &cursor[g], operands, operands->act_codes + (size_t)t * (size_t)C, g, end);
        for (int o = 0; o < O; o++) {
            const float acc = operands->scales->mode == IGQ_GROUP_SCALE_FP32
                                  ? at.acc[o]
                                  : (float)at.exact[o] * operands->scales->layer_scale;
            const float scaled = operands->weight_gamma[o] * acc;
            y[(size_t)t * (size_t)O + (size_t)o] = operands->bias ? scaled + operands->bias[o] : scaled;
        }
    }
    return saturated;
}

/// Naive ///

static int64_t group_sum_ref(const igq_scaled_operands *operands, size_t t, size_t o, int g, int first, int end)
{
    const size_t C = (size_t)operands->grouping->C, V = (size_t)operands->V;
    int64_t sum = 0;
    for (size_t c = (size_t)first; c < (size_t)end && c < C; c++)
        if (operands->grouping->group[c] == g)
            sum += (int64_t)(operands->act_codes[t * C + c] - operands->quantizer[g].zero_point) *
                   operands->weight_codes[o * C + c] * operands->weight_scale[o * ((C + V - 1) / V) + c / V];
    return sum;
}

uint64_t igq_scaled_gemm_ref(float *y, const igq_scaled_operands *operands)
{
    const igq_group_scales *scales = operands->scales;
    const int C = operands->grouping->C, tile = tile_length(operands);
    uint64_t saturated = 0;
    for (size_t t = 0; t < (size_t)operands->T; t++)
        for (size_t o = 0; o < (size_t)operands->O; o++) {
            float acc = 0;
            int64_t exact = 0;
            for (int first = 0; first < C; first += tile)
                for (int g = 0; g < operands->grouping->G; g++) {
                    const int64_t sum = group_sum_ref(operands, t, o, g, first, first + tile);
                    const int64_t kept = igq_saturate(sum, operands->acc_bits);
                    saturated += kept != sum;
                    if (scales->mode == IGQ_GROUP_SCALE_FP32)
                        acc += scales->step[g] * (float)kept;
                    else
                        exact += kept * integer_scale(scales, g);
                }
            if (scales->mode != IGQ_GROUP_SCALE_FP32)
                acc = (float)exact * scales->layer_scale;
            acc *= operands->weight_gamma[o];
            y[t * (size_t)operands->O + o] = operands->bias ? acc + operands->bias[o] : acc;
        }
    return saturated;
}
