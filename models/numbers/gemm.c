// SPDX-License-Identifier: Apache-2.0
#include "gemm.h"
#include "clones.h"
#include "fixed.h"
#include "tile.h"
#include <assert.h>
#include <string.h>

static inline int min_int(int a, int b)
{
    return a < b ? a : b;
}

static inline int list_length(const igq_grouping *grouping, int g)
{
    return grouping->start[g + 1] - grouping->start[g];
}

static inline int pairs_of(int num_channels)
{
    return (num_channels + 1) / 2;
}

// What one unit of a group sum is worth in the exact sum over groups (int, pow2).
static inline int32_t integer_scale(const igq_group_scales *scales, int g)
{
    return scales->mode == IGQ_GROUP_SCALE_POW2 ? 1 << scales->weight[g] : scales->weight[g];
}

// What one unit of a row's sum is worth.
static inline float row_scale(const igq_group_scales *scales, int g)
{
    return scales->mode == IGQ_GROUP_SCALE_FP32 ? scales->step[g]
                                                : (float)integer_scale(scales, g) * scales->layer_scale;
}

/// Packing ///

// One token: channels of one list, two by two. An odd last channel keeps the zero beside it.
static void pack_list(int16_t *packed, const uint8_t *codes, const uint16_t *channel, int num, int zero_point)
{
    for (int i = 0; i + 1 < num; i += 2, packed += IGQ_TILE_ACTS) {
        packed[0] = (int16_t)(codes[channel[i]] - zero_point);
        packed[1] = (int16_t)(codes[channel[i + 1]] - zero_point);
    }
    if (num % 2)
        packed[0] = (int16_t)(codes[channel[num - 1]] - zero_point);
}

static void pack_acts(const igq_tile_operands *tiles, const igq_gemm_operands *operands)
{
    const igq_grouping *grouping = operands->grouping;
    for (int t = 0; t < operands->T; t++) {
        const uint8_t *codes = operands->act_codes + (size_t)t * (size_t)grouping->C;
        int16_t *packed = igq_tile_token_lane(tiles, t);
        for (int g = 0; g < grouping->G; g++) {
            const int num = list_length(grouping, g);
            pack_list(packed, codes, grouping->channel + grouping->start[g], num, operands->quantizer[g].zero_point);
            packed += pairs_of(num) * IGQ_TILE_ACTS;
        }
    }
}

static void pack_rows(const igq_tile_operands *tiles, const uint8_t *row_codes, const uint16_t *row_group,
                      const igq_quantizer *quantizer, int R, int K)
{
    for (int r = 0; r < R; r++) {
        const uint8_t *codes = row_codes + (size_t)r * (size_t)K;
        const int32_t zero_point = quantizer[row_group[r]].zero_point;
        int16_t *packed = igq_tile_token_lane(tiles, r);
        for (int k = 0; k < K; k++)
            packed[k / 2 * IGQ_TILE_ACTS + k % 2] = (int16_t)(codes[k] - zero_point);
    }
}

// A pair of input channels of 16 output channels.
static inline void pack_weight_pair(int16_t *restrict packed, const uint8_t *restrict even, const uint8_t *restrict odd,
                                    const uint8_t *restrict zero_point)
{
    for (int o = 0; o < IGQ_TILE_OUTPUTS; o++) {
        packed[2 * o] = (int16_t)(even[o] - zero_point[o]);
        packed[2 * o + 1] = (int16_t)(odd[o] - zero_point[o]);
    }
}

// num channels of the panel that begins at output channel o, two by two; channel NULL takes them as they come. An odd
// last channel is paired with the zero points themselves, which are zero once subtracted.
IGQ_CLONES static int16_t *pack_weights(int16_t *packed, const igq_weight_codes *weights, int o,
                                        const uint16_t *channel, int num)
{
    const uint8_t *panel = weights->panels + (size_t)o * (size_t)weights->C;
    const uint8_t *zero_point = weights->zero_point + o;
    for (int i = 0; i < num; i += 2, packed += IGQ_TILE_WEIGHTS) {
        const int even = channel ? channel[i] : i;
        const int odd = i + 1 == num ? 0 : channel ? channel[i + 1] : i + 1;
        pack_weight_pair(packed, panel + even * IGQ_TILE_OUTPUTS,
                         i + 1 == num ? zero_point : panel + odd * IGQ_TILE_OUTPUTS, zero_point);
    }
    return packed;
}

/// Tiles ///

IGQ_CLONES static void add_fp32(float *restrict acc, const int32_t *restrict sums, float step)
{
    for (int i = 0; i < IGQ_TILE_SUMS; i++)
        acc[i] += step * (float)sums[i];
}

IGQ_CLONES static void add_exact(int64_t *restrict acc, const int32_t *restrict sums, int32_t scale)
{
    for (int i = 0; i < IGQ_TILE_SUMS; i++)
        acc[i] += (int64_t)sums[i] * scale;
}

// All groups of one tile: acc is the A of gemm.h. Returns the number of saturated group sums.
static uint64_t tile_product(float *acc, const igq_gemm_operands *operands, const int16_t *acts, const int16_t *weights,
                             igq_tile_kernel *kernel)
{
    const igq_group_scales *scales = operands->scales;
    const int is_fp32 = scales->mode == IGQ_GROUP_SCALE_FP32;
    int32_t sums[IGQ_TILE_SUMS];
    int64_t exact[IGQ_TILE_SUMS];
    uint64_t saturated = 0;
    if (is_fp32)
        memset(acc, 0, IGQ_TILE_SUMS * sizeof *acc);
    else
        memset(exact, 0, sizeof exact);
    for (int g = 0; g < operands->grouping->G; g++) {
        const int num = list_length(operands->grouping, g);
        if (num == 0)
            continue;
        kernel(sums, acts, weights, pairs_of(num));
        if (!igq_tile_fits(num, operands->acc_bits))
            saturated += igq_tile_saturate(sums, operands->acc_bits);
        if (is_fp32)
            add_fp32(acc, sums, scales->step[g]);
        else
            add_exact(exact, sums, integer_scale(scales, g));
        acts += pairs_of(num) * IGQ_TILE_ACTS;
        weights += pairs_of(num) * IGQ_TILE_WEIGHTS;
    }
    if (!is_fp32)
        for (int i = 0; i < IGQ_TILE_SUMS; i++)
            acc[i] = (float)exact[i] * scales->layer_scale;
    return saturated;
}

// Writes the part of a tile that lies inside of y [..][O]; y, scale and bias point to the tile's first element.
IGQ_CLONES static void write_tile(float *restrict y, const float *restrict acc, const float *restrict scale,
                                  const float *restrict bias, int num_tokens, int num_outputs, int O)
{
    for (int t = 0; t < num_tokens; t++) {
        float *y_t = y + (size_t)t * (size_t)O;
        const float *acc_t = acc + t * IGQ_TILE_OUTPUTS;
        if (bias)
            for (int o = 0; o < num_outputs; o++)
                y_t[o] = scale[o] * acc_t[o] + bias[o];
        else
            for (int o = 0; o < num_outputs; o++)
                y_t[o] = scale[o] * acc_t[o];
    }
}

/// Products ///

// Each list has at most one channel without a partner.
static size_t max_pairs(int C, int G)
{
    return (size_t)(C + min_int(C, G)) / 2 + 1;
}

size_t igq_gemm_scratch(int T, int C, int O, int G)
{
    (void)O; // weights are packed for 16 output channels at a time
    return igq_tile_operands_size(T, max_pairs(C, G));
}

uint64_t igq_gemm(float *y, const igq_gemm_operands *operands, void *scratch)
{
    const igq_grouping *grouping = operands->grouping;
    const igq_weight_codes *weights = operands->weights;
    const int T = operands->T, O = weights->O;
    assert(grouping->C == weights->C && grouping->C <= IGQ_MAX_CHANNELS);
    assert(operands->acc_bits >= 8 && operands->acc_bits <= 32);
    size_t num_pairs = 0;
    for (int g = 0; g < grouping->G; g++)
        num_pairs += (size_t)pairs_of(list_length(grouping, g));
    igq_tile_kernel *kernel = igq_tile_best_kernel();
    igq_tile_operands tiles;
    igq_tile_operands_init(&tiles, scratch, T, num_pairs);
    pack_acts(&tiles, operands);
    float acc[IGQ_TILE_SUMS];
    uint64_t saturated = 0;
    for (int o = 0; o < O; o += IGQ_TILE_OUTPUTS) {
        int16_t *packed = tiles.weights;
        for (int g = 0; g < grouping->G; g++)
            packed = pack_weights(packed, weights, o, grouping->channel + grouping->start[g], list_length(grouping, g));
        for (int t = 0; t < T; t += IGQ_TILE_TOKENS) {
            saturated += tile_product(acc, operands, igq_tile_token_lane(&tiles, t), tiles.weights, kernel);
            write_tile(y + (size_t)t * (size_t)O + o, acc, weights->scale + o,
                       operands->bias ? operands->bias + o : NULL, min_int(T - t, IGQ_TILE_TOKENS),
                       min_int(O - o, IGQ_TILE_OUTPUTS), O);
        }
    }
    return saturated;
}

uint64_t igq_gemm_rows(float *y, const uint8_t *row_codes, const uint16_t *row_group, const igq_quantizer *quantizer,
                       const igq_group_scales *scales, const igq_weight_codes *weights, int R, int acc_bits,
                       void *scratch)
{
    const int K = weights->C, O = weights->O;
    assert(K <= IGQ_MAX_CHANNELS && acc_bits >= 8 && acc_bits <= 32);
    igq_tile_kernel *kernel = igq_tile_best_kernel();
    igq_tile_operands tiles;
    igq_tile_operands_init(&tiles, scratch, R, (size_t)pairs_of(K));
    pack_rows(&tiles, row_codes, row_group, quantizer, R, K);
    int32_t sums[IGQ_TILE_SUMS];
    float acc[IGQ_TILE_SUMS];
    uint64_t saturated = 0;
    for (int o = 0; o < O; o += IGQ_TILE_OUTPUTS) {
        pack_weights(tiles.weights, weights, o, NULL, K);
        for (int r = 0; r < R; r += IGQ_TILE_TOKENS) {
            const int num_rows = min_int(R - r, IGQ_TILE_TOKENS);
            kernel(sums, igq_tile_token_lane(&tiles, r), tiles.weights, pairs_of(K));
            if (!igq_tile_fits(K, acc_bits))
                saturated += igq_tile_saturate(sums, acc_bits);
            for (int i = 0; i < num_rows; i++) {
                const float scale = row_scale(scales, row_group[r + i]);
                for (int j = i * IGQ_TILE_OUTPUTS; j < (i + 1) * IGQ_TILE_OUTPUTS; j++)
                    acc[j] = scale * (float)sums[j];
            }
            write_tile(y + (size_t)r * (size_t)O + o, acc, weights->scale + o, NULL, num_rows,
                       min_int(O - o, IGQ_TILE_OUTPUTS), O);
        }
    }
    return saturated;
}

/// Naive twins ///

// Sum of one group for one token and output channel, saturated; counts into *saturated.
static int64_t group_sum_ref(uint64_t *saturated, const igq_gemm_operands *operands, int t, int o, int g)
{
    const igq_grouping *grouping = operands->grouping;
    const igq_weight_codes *weights = operands->weights;
    const size_t C = (size_t)grouping->C;
    int64_t sum = 0;
    for (int i = grouping->start[g]; i < grouping->start[g + 1]; i++) {
        const size_t c = grouping->channel[i];
        sum += (operands->act_codes[(size_t)t * C + c] - operands->quantizer[g].zero_point) *
               (weights->codes[(size_t)o * C + c] - weights->zero_point[o]);
    }
    const int64_t kept = igq_saturate(sum, operands->acc_bits);
    *saturated += kept != sum;
    return kept;
}

uint64_t igq_gemm_ref(float *y, const igq_gemm_operands *operands)
{
    const igq_group_scales *scales = operands->scales;
    const int O = operands->weights->O;
    uint64_t saturated = 0;
    for (int t = 0; t < operands->T; t++) {
        for (int o = 0; o < O; o++) {
            float acc = 0;
            int64_t exact = 0;
            for (int g = 0; g < operands->grouping->G; g++) {
                if (list_length(operands->grouping, g) == 0)
                    continue;
                const int64_t sum = group_sum_ref(&saturated, operands, t, o, g);
                if (scales->mode == IGQ_GROUP_SCALE_FP32)
                    acc += scales->step[g] * (float)sum;
                else
                    exact += sum * integer_scale(scales, g);
            }
            if (scales->mode != IGQ_GROUP_SCALE_FP32)
                acc = (float)exact * scales->layer_scale;
            float *out = &y[(size_t)t * (size_t)O + (size_t)o];
            *out = operands->weights->scale[o] * acc;
            if (operands->bias)
                *out += operands->bias[o];
        }
    }
    return saturated;
}

uint64_t igq_gemm_rows_ref(float *y, const uint8_t *row_codes, const uint16_t *row_group,
                           const igq_quantizer *quantizer, const igq_group_scales *scales,
                           const igq_weight_codes *weights, int R, int acc_bits)
{
    const size_t K = (size_t)weights->C, O = (size_t)weights->O;
    uint64_t saturated = 0;
    for (size_t r = 0; r < (size_t)R; r++) {
        const int g = row_group[r];
        for (size_t o = 0; o < O; o++) {
            int64_t sum = 0;
            for (size_t k = 0; k < K; k++)
                sum += (row_codes[r * K + k] - quantizer[g].zero_point) *
                       (weights->codes[o * K + k] - weights->zero_point[o]);
            const int64_t kept = igq_saturate(sum, acc_bits);
            saturated += kept != sum;
            y[r * O + o] = weights->scale[o] * (row_scale(scales, g) * (float)kept);
        }
    }
    return saturated;
}
