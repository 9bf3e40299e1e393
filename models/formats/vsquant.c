// SPDX-License-Identifier: Apache-2.0
#include "vsquant.h"
#include "clones.h"
#include "fixed.h"
#include "tile.h"
#include <assert.h>
#include <math.h>
#include <string.h>

static inline int min_int(int a, int b)
{
    return a < b ? a : b;
}

static inline int num_vectors(int C, int V)
{
    return (C + V - 1) / V;
}

static inline int max_code(const igq_vsquant_cfg *cfg)
{
    return (1 << (cfg->bits - 1)) - 1;
}

static inline int max_scale(const igq_vsquant_cfg *cfg)
{
    return (1 << cfg->scale_bits) - 1;
}

/// Quantization ///

// round(ratio) for ratio >= 0, at most max.
static inline uint16_t scale_code(double ratio, int max)
{
    return (uint16_t)(ratio < max ? igq_round(ratio) : max);
}

// round(v) half up for |v| <= 127, without a call so that neighbours share a vector. NaN falls to -127.
static inline int8_t round_code(double v)
{
    v = v > -127 ? v : -127;
    const int32_t below = (int32_t)(v + 128) - 128; // v + 128 > 0: truncation is floor
    return (int8_t)(below + (v - below >= 0.5));
}

double igq_vsquant_gamma(double max_abs, const igq_vsquant_cfg *cfg)
{
    return fmax(max_abs / max_code(cfg) / max_scale(cfg), ldexp(1, -20));
}

static inline int largest_fixed(const int16_t *x, int num)
{
    int largest = 0;
    for (int j = 0; j < num; j++) {
        const int magnitude = x[j] < 0 ? -x[j] : x[j];
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

static inline void quantize_fixed(int8_t *restrict codes, const int16_t *restrict x, int num, int max_abs, int max)
{
    for (int j = 0; j < num; j++)
        codes[j] = round_code((double)(x[j] * max) / max_abs);
}

IGQ_CLONES void igq_vsquant_activations(int8_t *codes, uint16_t *scale, const int16_t *x, int R, int C,
                                        double gamma_grid, const igq_vsquant_cfg *cfg)
{
    assert(gamma_grid > 0 && cfg->V >= 1 && cfg->bits >= 2 && cfg->bits <= 8);
    const double scale_unit = max_code(cfg) * gamma_grid; // magnitude that one step of the integer scale stands for
    for (int r = 0; r < R; r++) {
        for (int first = 0; first < C; first += cfg->V) {
            const int num = min_int(C - first, cfg->V);
            const int max_abs = largest_fixed(x, num);
            *scale++ = scale_code(max_abs / scale_unit, max_scale(cfg));
            if (max_abs == 0)
                memset(codes, 0, (size_t)num);
            else
                quantize_fixed(codes, x, num, max_abs, max_code(cfg));
            codes += num;
            x += num;
        }
    }
}

static double largest_magnitude(const float *values, int num)
{
    double largest = 0;
    for (int i = 0; i < num; i++)
        largest = fmax(largest, fabs(values[i]));
    return largest;
}

void igq_vsquant_weights(int8_t *codes, uint16_t *scale, float *gamma, const float *weights, int O, int C,
                         const igq_vsquant_cfg *cfg)
{
    assert(cfg->V >= 1 && cfg->bits >= 2 && cfg->bits <= 8);
    const int max = max_code(cfg);
    for (int o = 0; o < O; o++) {
        gamma[o] = (float)(largest_magnitude(weights, C) / max / max_scale(cfg));
        if (gamma[o] == 0)
            gamma[o] = 1;
        const double scale_unit = (double)max * gamma[o];
        for (int first = 0; first < C; first += cfg->V) {
            const int num = min_int(C - first, cfg->V);
            const double max_abs = largest_magnitude(weights, num);
            *scale++ = scale_code(max_abs / scale_unit, max_scale(cfg));
            for (int j = 0; j < num; j++)
                codes[j] = max_abs > 0 ? round_code((double)weights[j] * max / max_abs) : (int8_t)0;
            codes += num;
            weights += num;
        }
    }
}

/// Product ///

// How the product of two scales is rounded.
typedef struct scale_rounding {
    int dropped_bits;
    int32_t max;
} scale_rounding;

static scale_rounding rounding_of(const igq_vsquant_operands *operands)
{
    const int full = operands->product_bits_full;
    const int kept = operands->scale_product_bits == 0 ? full : operands->scale_product_bits;
    assert(full <= 20 && kept >= 1 && kept <= full);
    return (scale_rounding){full - kept, (1 << kept) - 1};
}

// Scale of the finished sum, but for the output channel's part.
static float sum_scale(const igq_vsquant_operands *operands)
{
    return operands->act_gamma * ldexpf(1, rounding_of(operands).dropped_bits);
}

static inline int32_t scale_product(int32_t act_scale, int32_t weight_scale, int32_t half, scale_rounding rounding)
{
    const int32_t rounded = (act_scale * weight_scale + half) >> rounding.dropped_bits;
    return rounded < rounding.max ? rounded : rounding.max;
}

static inline int32_t half_unit(scale_rounding rounding)
{
    return rounding.dropped_bits == 0 ? 0 : 1 << (rounding.dropped_bits - 1);
}

static inline float output_value(int64_t sum, const igq_vsquant_operands *operands, float scale, int o)
{
    const float y = (float)sum * scale * operands->weight_gamma[o];
    return operands->bias ? y + operands->bias[o] : y;
}

// acc += sums * round_P(scales) for one vector of channels; weight_scale (16) belongs to the outputs of the tile.
IGQ_CLONES static void add_scaled(int64_t *restrict acc, const int32_t *restrict sums, const uint16_t *act_scale,
                                  const uint16_t *restrict weight_scale, scale_rounding rounding)
{
    const int32_t half = half_unit(rounding);
    for (int t = 0; t < IGQ_TILE_TOKENS; t++)
        for (int o = 0; o < IGQ_TILE_OUTPUTS; o++)
            acc[t * IGQ_TILE_OUTPUTS + o] +=
                (int64_t)sums[t * IGQ_TILE_OUTPUTS + o] * scale_product(act_scale[t], weight_scale[o], half, rounding);
}

// The integer that multiplies: weight o of channel c, and the scale of its vector.
static inline int16_t weight_at(const igq_vsquant_operands *operands, size_t o, size_t c)
{
    const size_t i = o * (size_t)operands->C + c;
    if (operands->affine_codes)
        return (int16_t)(operands->affine_codes[i] - operands->affine_zero_point[o]);
    return operands->weight_codes[i];
}

static inline uint16_t weight_scale_at(const igq_vsquant_operands *operands, size_t o, size_t vector)
{
    const size_t vectors = (size_t)num_vectors(operands->C, operands->V);
    return operands->affine_codes ? 1 : operands->weight_scale[o * vectors + vector];
}

static int pairs_of_vector(int V)
{
    return (V + 1) / 2;
}

static void pack_acts(const igq_tile_operands *tiles, const igq_vsquant_operands *operands)
{
    const int C = operands->C, V = operands->V;
    for (int t = 0; t < operands->T; t++) {
        const int8_t *codes = operands->act_codes + (size_t)t * (size_t)C;
        int16_t *packed = igq_tile_token_lane(tiles, t);
        for (int first = 0; first < C; first += V, packed += pairs_of_vector(V) * IGQ_TILE_ACTS)
            for (int j = 0; j < min_int(C - first, V); j++)
                packed[j / 2 * IGQ_TILE_ACTS + j % 2] = codes[first + j];
    }
}

// Codes and scales of the output channels from o on, num of them; the scales as [vector][16].
static void pack_weights(const igq_tile_operands *tiles, uint16_t *scale_panel, const igq_vsquant_operands *operands,
                         int o, int num)
{
    const int C = operands->C, V = operands->V;
    for (int i = 0; i < num; i++) {
        const size_t row = (size_t)(o + i);
        int16_t *packed = tiles->weights + 2 * i;
        for (int first = 0; first < C; first += V, packed += pairs_of_vector(V) * IGQ_TILE_WEIGHTS) {
            for (int j = 0; j < min_int(C - first, V); j++)
                packed[j / 2 * IGQ_TILE_WEIGHTS + j % 2] = weight_at(operands, row, (size_t)(first + j));
            scale_panel[first / V * IGQ_TILE_OUTPUTS + i] = weight_scale_at(operands, row, (size_t)(first / V));
        }
    }
}

// Vectors of a tile of channels.
static int tile_vectors(const igq_vsquant_operands *operands)
{
    const int all = num_vectors(operands->C, operands->V), tile = operands->tile_channels / operands->V;
    assert(operands->tile_channels % operands->V == 0);
    return tile > 0 && tile < all ? tile : all;
}

// acc += sums of vectors first ... end - 1.
static void add_vectors(int64_t *acc, const igq_vsquant_operands *operands, const igq_tile_operands *tiles,
                        const uint16_t *scale_panel, int t, int first, int end, igq_tile_kernel *kernel)
{
    const int V = operands->V, vectors = num_vectors(operands->C, V), pairs = pairs_of_vector(V);
    const int num_tokens = min_int(operands->T - t, IGQ_TILE_TOKENS);
    const scale_rounding rounding = rounding_of(operands);
    const int16_t *acts = igq_tile_token_lane(tiles, t);
    int32_t sums[IGQ_TILE_SUMS];
    uint16_t act_scale[IGQ_TILE_TOKENS] = {0};
    for (int i = first; i < end; i++) {
        kernel(sums, acts + i * pairs * IGQ_TILE_ACTS, tiles->weights + i * pairs * IGQ_TILE_WEIGHTS, pairs);
        for (int k = 0; k < num_tokens; k++)
            act_scale[k] = operands->act_scale[(size_t)(t + k) * (size_t)vectors + (size_t)i];
        add_scaled(acc, sums, act_scale, scale_panel + i * IGQ_TILE_OUTPUTS, rounding);
    }
}

// The finished sum of a tile of channels saturated to the accumulator's width; counts into *saturated.
static inline int64_t finish(uint64_t *saturated, int64_t sum, const igq_vsquant_operands *operands)
{
    const int64_t kept = igq_saturate(sum, operands->acc_bits);
    *saturated += kept != sum;
    return kept;
}

// Sums over all channels, tile after tile, of as many outputs as are left. Returns the number of saturated sums.
static uint64_t tile_product(int64_t *total, const igq_vsquant_operands *operands, const igq_tile_operands *tiles,
                             const uint16_t *scale_panel, int t, int num_outputs, igq_tile_kernel *kernel)
{
    const int num_tokens = min_int(operands->T - t, IGQ_TILE_TOKENS);
    const int vectors = num_vectors(operands->C, operands->V), step = tile_vectors(operands);
    uint64_t saturated = 0;
    memset(total, 0, IGQ_TILE_SUMS * sizeof *total);
    for (int first = 0; first < vectors; first += step) {
        int64_t acc[IGQ_TILE_SUMS] = {0};
        add_vectors(acc, operands, tiles, scale_panel, t, first, min_int(vectors, first + step), kernel);
        for (int k = 0; k < num_tokens; k++)
            for (int i = k * IGQ_TILE_OUTPUTS; i < k * IGQ_TILE_OUTPUTS + num_outputs; i++)
                total[i] += finish(&saturated, acc[i], operands);
    }
    return saturated;
}

static size_t num_pairs(int C, int V)
{
    return (size_t)num_vectors(C, V) * (size_t)pairs_of_vector(V);
}

size_t igq_vsquant_gemm_scratch(int T, int C, int O, int V)
{
    (void)O; // weights are packed for 16 output channels at a time
    return igq_tile_operands_size(T, num_pairs(C, V)) + (size_t)num_vectors(C, V) * IGQ_TILE_OUTPUTS * sizeof(uint16_t);
}

uint64_t igq_vsquant_gemm(float *y, const igq_vsquant_operands *operands, void *scratch)
{
    const int T = operands->T, C = operands->C, O = operands->O, V = operands->V;
    assert(V >= 1 && V <= 1024 && operands->acc_bits >= 16 && operands->acc_bits <= 48);
    igq_tile_kernel *kernel = igq_tile_best_kernel();
    igq_tile_operands tiles;
    igq_tile_operands_init(&tiles, scratch, T, num_pairs(C, V));
    uint16_t *scale_panel = (uint16_t *)scratch + igq_tile_operands_size(T, num_pairs(C, V)) / sizeof *scale_panel;
    memset(tiles.weights, 0, num_pairs(C, V) * IGQ_TILE_WEIGHTS * sizeof *tiles.weights);
    memset(scale_panel, 0, (size_t)num_vectors(C, V) * IGQ_TILE_OUTPUTS * sizeof *scale_panel);
    pack_acts(&tiles, operands);
    const float scale = sum_scale(operands);
    int64_t total[IGQ_TILE_SUMS];
    uint64_t saturated = 0;
    for (int o = 0; o < O; o += IGQ_TILE_OUTPUTS) {
        const int num_outputs = min_int(O - o, IGQ_TILE_OUTPUTS);
        pack_weights(&tiles, scale_panel, operands, o, num_outputs);
        for (int t = 0; t < T; t += IGQ_TILE_TOKENS) {
            saturated += tile_product(total, operands, &tiles, scale_panel, t, num_outputs, kernel);
            for (int k = 0; k < min_int(T - t, IGQ_TILE_TOKENS); k++)
                for (int i = 0; i < num_outputs; i++)
                    y[(size_t)(t + k) * (size_t)O + (size_t)(o + i)] =
                        output_value(total[k * IGQ_TILE_OUTPUTS + i], operands, scale, o + i);
        }
    }
    return saturated;
}

uint64_t igq_vsquant_gemm_ref(float *y, const igq_vsquant_operands *operands)
{
    const size_t C = (size_t)operands->C, V = (size_t)operands->V;
    const size_t vectors = (size_t)num_vectors(operands->C, operands->V);
    const size_t step = (size_t)tile_vectors(operands);
    const scale_rounding rounding = rounding_of(operands);
    uint64_t saturated = 0;
    for (size_t t = 0; t < (size_t)operands->T; t++) {
        for (size_t o = 0; o < (size_t)operands->O; o++) {
            int64_t sum = 0, total = 0;
            for (size_t i = 0; i < vectors; i++) {
                int64_t dot = 0;
                for (size_t c = i * V; c < C && c < (i + 1) * V; c++)
                    dot += operands->act_codes[t * C + c] * weight_at(operands, o, c);
                const int64_t product = (int64_t)operands->act_scale[t * vectors + i] * weight_scale_at(operands, o, i);
                const int64_t rounded = igq_shift_round(product, rounding.dropped_bits);
                sum += dot * (rounded < rounding.max ? rounded : rounding.max);
                if ((i + 1) % step == 0 || i + 1 == vectors) { // the tile of channels ends
                    total += finish(&saturated, sum, operands);
                    sum = 0;
                }
            }
            y[t * (size_t)operands->O + o] = output_value(total, operands, sum_scale(operands), (int)o);
        }
    }
    return saturated;
}
