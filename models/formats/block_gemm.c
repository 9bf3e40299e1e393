// SPDX-License-Identifier: Apache-2.0
#include "block_gemm.h"
#include "clones.h"
#include "mx.h"
#include "tile.h"
#include <assert.h>
#include <string.h>

// Sums of wide elements (E5M2) need up to 75 bits.
__extension__ typedef __int128 wide_sum;

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

// Channels of a tile, whole blocks of `length`.
static int tile_length(int tile_channels, int C, int length)
{
    assert(tile_channels % length == 0);
    (void)length; // without assertions
    return tile_channels > 0 && tile_channels < C ? tile_channels : C;
}

// Channels of a summed block.
static int segment_length(const igq_block_operand *act, const igq_block_operand *weights)
{
    assert(act->scale || weights->scale);
    if (!act->scale || !weights->scale)
        return act->scale ? act->block_length : weights->block_length;
    assert(act->block_length % weights->block_length == 0 || weights->block_length % act->block_length == 0);
    return min_int(act->block_length, weights->block_length);
}

static inline int64_t integer_at(const igq_block_operand *operand, size_t row, size_t C, size_t c)
{
    int64_t integer = operand->integer[operand->codes[row * C + c]];
    return operand->zero_point ? integer - operand->zero_point[row] : integer;
}

static inline double scale_at(const igq_block_operand *operand, size_t row, int C, int c)
{
    if (!operand->scale)
        return operand->scale_value[0];
    size_t blocks = (size_t)igq_num_blocks(C, operand->block_length);
    return operand->scale_value[operand->scale[row * blocks + (size_t)(c / operand->block_length)]];
}

static inline float finish(float sum, const igq_block_operand *act, const igq_block_operand *weights, const float *bias,
                           size_t t, size_t o)
{
    float y = sum * act->factor[t] * weights->factor[o];
    return bias ? y + bias[o] : y;
}

/// Naive ///

void igq_block_gemm_ref(float *y, const igq_block_operand *act, const igq_block_operand *weights, const float *bias,
                        int T, int C, int O, int tile_channels)
{
    int length = segment_length(act, weights), tile = tile_length(tile_channels, C, length);
    for (size_t t = 0; t < (size_t)T; t++)
        for (size_t o = 0; o < (size_t)O; o++) {
            float sum = 0, tile_sum = 0;
            for (int first = 0; first < C; first += length) {
                wide_sum dot = 0;
                if (first % tile == 0) { // another tile begins
                    sum += tile_sum;
                    tile_sum = 0;
                }
                for (int c = first; c < C && c < first + length; c++)
                    dot += (wide_sum)integer_at(act, t, (size_t)C, (size_t)c) *
                           integer_at(weights, o, (size_t)C, (size_t)c);
                tile_sum += (float)((float)dot * (scale_at(act, t, C, first) * scale_at(weights, o, C, first)));
            }
            y[t * (size_t)O + o] = finish(sum + tile_sum, act, weights, bias, t, o);
        }
}

/// Elements of 16 bits: tiles ///

static int64_t largest_integer(const igq_block_operand *operand)
{
    int64_t largest = 0;
    for (int code = 0; code < 256; code++) {
        int64_t magnitude = operand->integer[code] < 0 ? -operand->integer[code] : operand->integer[code];
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

static int fits_tile(const igq_block_operand *act, const igq_block_operand *weights, int length)
{
    int64_t a = largest_integer(act), w = largest_integer(weights);
    return a <= INT16_MAX && w <= INT16_MAX && a * w * length < INT32_MAX;
}

static size_t pairs_of(int length)
{
    return ((size_t)length + 1) / 2;
}

static size_t num_pairs(int C, int length)
{
    return (size_t)igq_num_blocks(C, length) * pairs_of(length);
}

// A row, block by block, each filled up to whole pairs; `step` operands of a pair lie together.
static void pack_row(int16_t *packed, const igq_block_operand *operand, size_t row, int C, int length, size_t step)
{
    for (int first = 0; first < C; first += length, packed += pairs_of(length) * step)
        for (int j = 0; j < min_int(C - first, length); j++)
            packed[(size_t)(j / 2) * step + (size_t)(j % 2)] =
                (int16_t)integer_at(operand, row, (size_t)C, (size_t)(first + j));
}

// acc += fl(fl(sums) * scales) for one block.
IGQ_CLONES static void add_scaled(float *restrict acc, const int32_t *restrict sums, const double *act_scale,
                                  const double *restrict weight_scale)
{
    for (int t = 0; t < IGQ_TILE_TOKENS; t++)
        for (int o = 0; o < IGQ_TILE_OUTPUTS; o++)
            acc[t * IGQ_TILE_OUTPUTS + o] +=
                (float)((float)sums[t * IGQ_TILE_OUTPUTS + o] * (act_scale[t] * weight_scale[o]));
}

// acc += blocks first ... end - 1 of a tile of tokens and outputs.
static void add_blocks(float *acc, const igq_block_operand *act, int T, int C, int length,
                       const igq_tile_operands *tiles, const double *weight_scale, int t, int first, int end)
{
    int num_tokens = min_int(T - t, IGQ_TILE_TOKENS);
    size_t pairs = pairs_of(length);
    const int16_t *acts = igq_tile_token_lane(tiles, t);
    igq_tile_kernel *kernel = igq_tile_best_kernel();
    for (int b = first; b < end; b++) {
        int32_t sums[IGQ_TILE_SUMS];
        double act_scale[IGQ_TILE_TOKENS] = {0};
        kernel(sums, acts + (size_t)b * pairs * IGQ_TILE_ACTS, tiles->weights + (size_t)b * pairs * IGQ_TILE_WEIGHTS,
               (int)pairs);
        for (int k = 0; k < num_tokens; k++)
            act_scale[k] = scale_at(act, (size_t)(t + k), C, b * length);
        add_scaled(acc, sums, act_scale, weight_scale + (size_t)b * IGQ_TILE_OUTPUTS);
    }
}

static void tile_product(float *y, const igq_block_operand *act, const igq_block_operand *weights, const float *bias,
                         int T, int C, int O, int tile_channels, const igq_tile_operands *tiles,
                         const double *weight_scale, int t, int o)
{
    int length = segment_length(act, weights), blocks = igq_num_blocks(C, length);
    int step = igq_num_blocks(tile_length(tile_channels, C, length), length);
    float sum[IGQ_TILE_SUMS] = {0};
    for (int first = 0; first < blocks; first += step) {
        float acc[IGQ_TILE_SUMS] = {0};
        add_blocks(acc, act, T, C, length, tiles, weight_scale, t, first, min_int(blocks, first + step));
        for (int i = 0; i < IGQ_TILE_SUMS; i++)
            sum[i] += acc[i];
    }
    for (int k = 0; k < min_int(T - t, IGQ_TILE_TOKENS); k++)
        for (int i = 0; i < min_int(O - o, IGQ_TILE_OUTPUTS); i++)
            y[(size_t)(t + k) * (size_t)O + (size_t)(o + i)] =
                finish(sum[k * IGQ_TILE_OUTPUTS + i], act, weights, bias, (size_t)(t + k), (size_t)(o + i));
}

static void tiled_product(float *y, const igq_block_operand *act, const igq_block_operand *weights, const float *bias,
                          int T, int C, int O, int tile_channels, void *scratch)
{
    int length = segment_length(act, weights), blocks = igq_num_blocks(C, length);
    size_t pairs = num_pairs(C, length), panel = (size_t)blocks * IGQ_TILE_OUTPUTS;
    double *weight_scale = scratch;
    igq_tile_operands tiles;
    igq_tile_operands_init(&tiles, weight_scale + panel, T, pairs);
    for (int t = 0; t < T; t++)
        pack_row(igq_tile_token_lane(&tiles, t), act, (size_t)t, C, length, IGQ_TILE_ACTS);
    for (int o = 0; o < O; o += IGQ_TILE_OUTPUTS) {
        memset(tiles.weights, 0, pairs * IGQ_TILE_WEIGHTS * sizeof *tiles.weights);
        memset(weight_scale, 0, panel * sizeof *weight_scale);
        for (int i = 0; i < min_int(O - o, IGQ_TILE_OUTPUTS); i++) {
            pack_row(tiles.weights + 2 * i, weights, (size_t)(o + i), C, length, IGQ_TILE_WEIGHTS);
            for (int b = 0; b < blocks; b++)
                weight_scale[b * IGQ_TILE_OUTPUTS + i] = scale_at(weights, (size_t)(o + i), C, b * length);
        }
        for (int t = 0; t < T; t += IGQ_TILE_TOKENS)
            tile_product(y, act, weights, bias, T, C, O, tile_channels, &tiles, weight_scale, t, o);
    }
}

/// Wider elements (FP8) ///

static void decode(int64_t *integers, const igq_block_operand *operand, size_t row, int C)
{
    for (size_t c = 0; c < (size_t)C; c++)
        integers[c] = integer_at(operand, row, (size_t)C, c);
}

static float wide_output(const int64_t *acts, const int64_t *weight, const double *act_scale,
                         const double *weight_scale, int C, int length, int tile)
{
    float sum = 0, tile_sum = 0;
    for (int first = 0, b = 0; first < C; first += length, b++) {
        wide_sum dot = 0;
        if (first % tile == 0) {
            sum += tile_sum;
            tile_sum = 0;
        }
        for (int c = first; c < first + min_int(C - first, length); c++)
            dot += (wide_sum)acts[c] * weight[c];
        tile_sum += (float)((float)dot * (act_scale[b] * weight_scale[b]));
    }
    return sum + tile_sum;
}

static void wide_product(float *y, const igq_block_operand *act, const igq_block_operand *weights, const float *bias,
                         int T, int C, int O, int tile_channels, void *scratch)
{
    int length = segment_length(act, weights), tile = tile_length(tile_channels, C, length);
    size_t channels = (size_t)C, blocks = (size_t)igq_num_blocks(C, length);
    int64_t *acts = scratch, *weight = acts + (size_t)T * channels;
    double *act_scale = (double *)(weight + channels), *weight_scale = act_scale + (size_t)T * blocks;
    for (size_t t = 0; t < (size_t)T; t++) {
        decode(acts + t * channels, act, t, C);
        for (size_t b = 0; b < blocks; b++)
            act_scale[t * blocks + b] = scale_at(act, t, C, (int)b * length);
    }
    for (size_t o = 0; o < (size_t)O; o++) {
        decode(weight, weights, o, C);
        for (size_t b = 0; b < blocks; b++)
            weight_scale[b] = scale_at(weights, o, C, (int)b * length);
        for (size_t t = 0; t < (size_t)T; t++)
            y[t * (size_t)O + o] =
                finish(wide_output(acts + t * channels, weight, act_scale + t * blocks, weight_scale, C, length, tile),
                       act, weights, bias, t, o);
    }
}

size_t igq_block_gemm_scratch(int T, int C, int O, int block_length)
{
    (void)O; // weights are packed for 16 output channels, or one, at a time
    size_t blocks = (size_t)igq_num_blocks(C, block_length), rows = (size_t)T + 1;
    size_t tiled = blocks * IGQ_TILE_OUTPUTS * sizeof(double) + igq_tile_operands_size(T, num_pairs(C, block_length));
    size_t wide = rows * (size_t)C * sizeof(int64_t) + rows * blocks * sizeof(double);
    return tiled > wide ? tiled : wide;
}

void igq_block_gemm(float *y, const igq_block_operand *act, const igq_block_operand *weights, const float *bias, int T,
                    int C, int O, int tile_channels, void *scratch)
{
    if (fits_tile(act, weights, segment_length(act, weights)))
        tiled_product(y, act, weights, bias, T, C, O, tile_channels, scratch);
    else
        wide_product(y, act, weights, bias, T, C, O, tile_channels, scratch);
}
