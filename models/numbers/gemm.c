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

// Channels of a tile; 0: all.
static inline int tile_length(int tile_channels, int C)
{
    return tile_channels > 0 && tile_channels < C ? tile_channels : C;
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

/// Segments ///

// Channels that an accumulator sums up: those of a group in a tile, grouping->channel[first .. first + num).
typedef struct segment {
    int group, first, num;
} segment;

// In the order of summation; empty ones are left out. cursor (G) is work space. Returns their number, at most C.
static int cut_lists(segment *segments, int32_t *cursor, const igq_grouping *grouping, int tile_channels)
{
    const int C = grouping->C, tile = tile_length(tile_channels, C);
    int num_segments = 0;
    memcpy(cursor, grouping->start, (size_t)grouping->G * sizeof *cursor);
    for (int end = tile; end < C + tile; end += tile) {
        for (int g = 0; g < grouping->G; g++) {
            const int first = cursor[g];
            while (cursor[g] < grouping->start[g + 1] && grouping->channel[cursor[g]] < end)
                cursor[g]++;
            if (cursor[g] > first)
                segments[num_segments++] = (segment){g, first, cursor[g] - first};
        }
    }
    return num_segments;
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

static void pack_acts(const igq_tile_operands *tiles, const igq_gemm_operands *operands, const segment *segments,
                      int num_segments)
{
    const igq_grouping *grouping = operands->grouping;
    for (int t = 0; t < operands->T; t++) {
        const uint8_t *codes = operands->act_codes + (size_t)t * (size_t)grouping->C;
        int16_t *packed = igq_tile_token_lane(tiles, t);
        for (const segment *s = segments; s < segments + num_segments; s++) {
            pack_list(packed, codes, grouping->channel + s->first, s->num, operands->quantizer[s->group].zero_point);
            packed += pairs_of(s->num) * IGQ_TILE_ACTS;
        }
    }
}

// Tile after tile of keys, each filled up to whole pairs.
static void pack_rows(const igq_tile_operands *tiles, const uint8_t *row_codes, const uint16_t *row_group,
                      const igq_quantizer *quantizer, int R, int K, int tile)
{
    for (int r = 0; r < R; r++) {
        const uint8_t *codes = row_codes + (size_t)r * (size_t)K;
        const int32_t zero_point = quantizer[row_group[r]].zero_point;
        int16_t *packed = igq_tile_token_lane(tiles, r);
        for (int first = 0; first < K; first += tile) {
            const int num = min_int(tile, K - first);
            for (int k = 0; k < num; k++)
                packed[k / 2 * IGQ_TILE_ACTS + k % 2] = (int16_t)(codes[first + k] - zero_point);
            packed += pairs_of(num) * IGQ_TILE_ACTS;
        }
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

// num channels of the panel that begins at output channel o, two by two: those of a list, or (NULL) from `first` on. An
// odd last channel is paired with the zero points themselves, which are zero once subtracted.
IGQ_CLONES static int16_t *pack_weights(int16_t *packed, const igq_weight_codes *weights, int o,
                                        const uint16_t *channel, int first, int num)
{
    const uint8_t *panel = weights->panels + (size_t)o * (size_t)weights->C;
    const uint8_t *zero_point = weights->zero_point + o;
    for (int i = 0; i < num; i += 2, packed += IGQ_TILE_WEIGHTS) {
        const int even = channel ? channel[i] : first + i;
        const int odd = i + 1 == num ? 0 : channel ? channel[i + 1] : first + i + 1;
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

// All segments: acc is the A of gemm.h. Returns the number of saturated sums.
static uint64_t tile_product(float *acc, const igq_gemm_operands *operands, const segment *segments, int num_segments,
                             const int16_t *acts, const int16_t *weights, igq_tile_kernel *kernel)
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
    for (const segment *s = segments; s < segments + num_segments; s++) {
        kernel(sums, acts, weights, pairs_of(s->num));
        if (!igq_tile_fits(s->num, operands->acc_bits))
            saturated += igq_tile_saturate(sums, operands->acc_bits);
        if (is_fp32)
            add_fp32(acc, sums, scales->step[s->group]);
        else
            add_exact(exact, sums, integer_scale(scales, s->group));
        acts += pairs_of(s->num) * IGQ_TILE_ACTS;
        weights += pairs_of(s->num) * IGQ_TILE_WEIGHTS;
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

// Segments and cursors lie in front of the tiles. A segment has at most one channel without a partner, and there are at
// most C of them.
static size_t segments_bytes(int C, int G)
{
    return (size_t)C * sizeof(segment) + (size_t)G * sizeof(int32_t);
}

size_t igq_gemm_scratch(int T, int C, int O, int G)
{
    (void)O; // weights are packed for 16 output channels at a time
    return segments_bytes(C, G) + igq_tile_operands_size(T, (size_t)C);
}

uint64_t igq_gemm(float *y, const igq_gemm_operands *operands, void *scratch)
{
    const igq_grouping *grouping = operands->grouping;
    const igq_weight_codes *weights = operands->weights;
    const int T = operands->T, O = weights->O;
    assert(grouping->C == weights->C && grouping->C <= IGQ_MAX_CHANNELS);
    assert(operands->acc_bits >= 8 && operands->acc_bits <= 32);
    segment *segments = scratch;
    const int num_segments =
        cut_lists(segments, (int32_t *)(segments + grouping->C), grouping, operands->tile_channels);
    size_t num_pairs = 0;
    for (int s = 0; s < num_segments; s++)
        num_pairs += (size_t)pairs_of(segments[s].num);
    igq_tile_kernel *kernel = igq_tile_best_kernel();
    igq_tile_operands tiles;
    igq_tile_operands_init(&tiles, (char *)scratch + segments_bytes(grouping->C, grouping->G), T, num_pairs);
    pack_acts(&tiles, operands, segments, num_segments);
    float acc[IGQ_TILE_SUMS];
    uint64_t saturated = 0;
    for (int o = 0; o < O; o += IGQ_TILE_OUTPUTS) {
        int16_t *packed = tiles.weights;
        for (int s = 0; s < num_segments; s++)
            packed = pack_weights(packed, weights, o, grouping->channel + segments[s].first, 0, segments[s].num);
        for (int t = 0; t < T; t += IGQ_TILE_TOKENS) {
            saturated += tile_product(acc, operands, segments, num_segments, igq_tile_token_lane(&tiles, t),
                                      tiles.weights, kernel);
            write_tile(y + (size_t)t * (size_t)O + o, acc, weights->scale + o,
                       operands->bias ? operands->bias + o : NULL, min_int(T - t, IGQ_TILE_TOKENS),
                       min_int(O - o, IGQ_TILE_OUTPUTS), O);
        }
    }
    return saturated;
}

// acc += fl(scale * fl(sums)), each row of the tile with its own scale.
static void add_rows_fp32(float *acc, const int32_t *sums, const float *scale)
{
    for (int r = 0; r < IGQ_TILE_TOKENS; r++)
        for (int i = r * IGQ_TILE_OUTPUTS; i < (r + 1) * IGQ_TILE_OUTPUTS; i++)
            acc[i] += scale[r] * (float)sums[i];
}

// All tiles of keys of one tile of rows, whose scales are given: acc is the A of gemm.h. Returns the number of
// saturated sums.
static uint64_t rows_product(float *acc, const float *scale, int is_fp32, const int16_t *acts, const int16_t *weights,
                             int K, int tile, int acc_bits, igq_tile_kernel *kernel)
{
    int32_t sums[IGQ_TILE_SUMS];
    int64_t exact[IGQ_TILE_SUMS] = {0};
    uint64_t saturated = 0;
    memset(acc, 0, IGQ_TILE_SUMS * sizeof *acc);
    for (int first = 0; first < K; first += tile) {
        const int num = min_int(tile, K - first);
        kernel(sums, acts, weights, pairs_of(num));
        if (!igq_tile_fits(num, acc_bits))
            saturated += igq_tile_saturate(sums, acc_bits);
        if (is_fp32)
            add_rows_fp32(acc, sums, scale);
        else
            add_exact(exact, sums, 1);
        acts += pairs_of(num) * IGQ_TILE_ACTS;
        weights += pairs_of(num) * IGQ_TILE_WEIGHTS;
    }
    if (!is_fp32)
        for (int i = 0; i < IGQ_TILE_SUMS; i++)
            acc[i] = scale[i / IGQ_TILE_OUTPUTS] * (float)exact[i];
    return saturated;
}

uint64_t igq_gemm_rows(float *y, const uint8_t *row_codes, const uint16_t *row_group, const igq_quantizer *quantizer,
                       const igq_group_scales *scales, const igq_weight_codes *weights, int R, int acc_bits,
                       int tile_channels, void *scratch)
{
    const int K = weights->C, O = weights->O, tile = tile_length(tile_channels, K);
    assert(K <= IGQ_MAX_CHANNELS && acc_bits >= 8 && acc_bits <= 32);
    igq_tile_kernel *kernel = igq_tile_best_kernel();
    igq_tile_operands tiles;
    igq_tile_operands_init(&tiles, scratch, R, (size_t)(K / tile * pairs_of(tile) + pairs_of(K % tile)));
    pack_rows(&tiles, row_codes, row_group, quantizer, R, K, tile);
    float acc[IGQ_TILE_SUMS];
    uint64_t saturated = 0;
    for (int o = 0; o < O; o += IGQ_TILE_OUTPUTS) {
        int16_t *packed = tiles.weights;
        for (int first = 0; first < K; first += tile)
            packed = pack_weights(packed, weights, o, NULL, first, min_int(tile, K - first));
        for (int r = 0; r < R; r += IGQ_TILE_TOKENS) {
            const int num_rows = min_int(R - r, IGQ_TILE_TOKENS);
            float scale[IGQ_TILE_TOKENS] = {0};
            for (int i = 0; i < num_rows; i++)
                scale[i] = row_scale(scales, row_group[r + i]);
            saturated += rows_product(acc, scale, scales->mode == IGQ_GROUP_SCALE_FP32, igq_tile_token_lane(&tiles, r),
                                      tiles.weights, K, tile, acc_bits, kernel);
            write_tile(y + (size_t)r * (size_t)O + o, acc, weights->scale + o, NULL, num_rows,
                       min_int(O - o, IGQ_TILE_OUTPUTS), O);
        }
    }
    return saturated;
}

/// Naive twins ///

// Sum of the channels first ... end - 1 of one group for one token and output channel, saturated; counts into
// *saturated.
static int64_t group_sum_ref(uint64_t *saturated, const igq_gemm_operands *operands, int t, int o, int g, int first,
                             int end)
{
    const igq_grouping *grouping = operands->grouping;
    const igq_weight_codes *weights = operands->weights;
    const size_t C = (size_t)grouping->C;
    int64_t sum = 0;
    for (int i = grouping->start[g]; i < grouping->start[g + 1]; i++) {
        const int c = grouping->channel[i];
        if (c >= first && c < end)
            sum += (operands->act_codes[(size_t)t * C + (size_t)c] - operands->quantizer[g].zero_point) *
                   (weights->codes[(size_t)o * C + (size_t)c] - weights->zero_point[o]);
    }
    const int64_t kept = igq_saturate(sum, operands->acc_bits);
    *saturated += kept != sum;
    return kept;
}

uint64_t igq_gemm_ref(float *y, const igq_gemm_operands *operands)
{
    const igq_group_scales *scales = operands->scales;
    const int O = operands->weights->O, C = operands->weights->C, tile = tile_length(operands->tile_channels, C);
    uint64_t saturated = 0;
    for (int t = 0; t < operands->T; t++) {
        for (int o = 0; o < O; o++) {
            float acc = 0;
            int64_t exact = 0;
            for (int first = 0; first < C; first += tile)
                for (int g = 0; g < operands->grouping->G; g++) {
                    const int64_t sum = group_sum_ref(&saturated, operands, t, o, g, first, first + tile);
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
                           const igq_weight_codes *weights, int R, int acc_bits, int tile_channels)
{
    const size_t K = (size_t)weights->C, O = (size_t)weights->O;
    const size_t tile = (size_t)tile_length(tile_channels, weights->C);
    uint64_t saturated = 0;
    for (size_t r = 0; r < (size_t)R; r++) {
        const int g = row_group[r];
        for (size_t o = 0; o < O; o++) {
            float acc = 0;
            int64_t exact = 0;
            for (size_t first = 0; first < K; first += tile) {
                int64_t sum = 0;
                for (size_t k = first; k < K && k < first + tile; k++)
                    sum += (row_codes[r * K + k] - quantizer[g].zero_point) *
                           (weights->codes[o * K + k] - weights->zero_point[o]);
                const int64_t kept = igq_saturate(sum, acc_bits);
                saturated += kept != sum;
                acc += row_scale(scales, g) * (float)kept;
                exact += kept;
            }
            if (scales->mode != IGQ_GROUP_SCALE_FP32)
                acc = row_scale(scales, g) * (float)exact;
            y[r * O + o] = weights->scale[o] * acc;
        }
    }
    return saturated;
}
