// SPDX-License-Identifier: Apache-2.0
#include "quant.h"
#include "clones.h"
#include "fixed.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define MAX_SHIFT_LOG2 15 // of group_scale pow2

static inline int32_t clip_code(int32_t code, int32_t max)
{
    const int32_t positive = code > 0 ? code : 0;
    return positive < max ? positive : max;
}

void igq_quantizer_from_step(igq_quantizer *quantizer, double step_grid, int lower, int bits)
{
    assert(step_grid >= 1.0 / 256 && step_grid <= 65535 && bits >= 2 && bits <= IGQ_MAX_CODE_BITS);
    int exponent;
    const double fraction = frexp(1 / step_grid, &exponent); // in [1/2, 1)
    quantizer->multiplier = (int32_t)igq_round(ldexp(fraction, 15));
    quantizer->shift_log2 = 15 - exponent;
    if (quantizer->multiplier == 1 << 15) {
        quantizer->multiplier = 1 << 14;
        quantizer->shift_log2--;
    }
    const double below_zero = lower < 0 ? -(double)lower : 0;
    const int32_t max = (1 << bits) - 1;
    quantizer->zero_point = clip_code((int32_t)igq_round(below_zero / step_grid), max);
    quantizer->bits = bits;
    quantizer->step_grid = step_grid;
}

// Step of bounds widened to contain zero.
static double step_of_bounds(int lower, int upper, int bits)
{
    assert(lower <= upper);
    const int low = lower < 0 ? lower : 0;
    const int high = upper > 0 ? upper : 0;
    return low == high ? 1 : (double)(high - low) / ((1 << bits) - 1);
}

void igq_quantizer_from_bounds(igq_quantizer *quantizer, int lower, int upper, int bits)
{
    igq_quantizer_from_step(quantizer, step_of_bounds(lower, upper, bits), lower, bits);
}

// x * multiplier has 31 bits at most, and so has its sum with half a unit: 32-bit arithmetic is exact.
static inline uint8_t code_of(int16_t x, int32_t multiplier, int32_t half, int32_t shift_log2, int32_t zero_point,
                              int32_t max)
{
    return (uint8_t)clip_code(((x * multiplier + half) >> shift_log2) + zero_point, max);
}

static inline int32_t half_unit(const igq_quantizer *quantizer)
{
    return quantizer->shift_log2 == 0 ? 0 : 1 << (quantizer->shift_log2 - 1);
}

static inline int32_t max_code(const igq_quantizer *quantizer)
{
    return (1 << quantizer->bits) - 1;
}

uint8_t igq_quantize(const igq_quantizer *quantizer, int16_t x)
{
    const int64_t scaled = igq_shift_round((int64_t)x * quantizer->multiplier, quantizer->shift_log2);
    const int64_t code = scaled + quantizer->zero_point;
    return (uint8_t)(code < 0 ? 0 : code > max_code(quantizer) ? max_code(quantizer) : code);
}

#define NUM_CHANNEL_PARAMS 5

size_t igq_quantize_channels_scratch(int C)
{
    return NUM_CHANNEL_PARAMS * (size_t)C * sizeof(int32_t);
}

IGQ_CLONES void igq_quantize_channels(uint8_t *restrict codes, const int16_t *restrict x, const uint16_t *group,
                                      const igq_quantizer *quantizer, int T, int C, void *restrict scratch)
{
    // The parameters of each channel side by side, so that neighbouring channels share a vector.
    int32_t *restrict multiplier = scratch;
    int32_t *restrict half = multiplier + C;
    int32_t *restrict shift_log2 = half + C;
    int32_t *restrict zero_point = shift_log2 + C;
    int32_t *restrict max = zero_point + C;
    for (int c = 0; c < C; c++) {
        const igq_quantizer *q = &quantizer[group[c]];
        multiplier[c] = q->multiplier;
        half[c] = half_unit(q);
        shift_log2[c] = q->shift_log2;
        zero_point[c] = q->zero_point;
        max[c] = max_code(q);
    }
    for (size_t t = 0; t < (size_t)T; t++)
        for (int c = 0; c < C; c++)
            codes[t * (size_t)C + (size_t)c] =
                code_of(x[t * (size_t)C + (size_t)c], multiplier[c], half[c], shift_log2[c], zero_point[c], max[c]);
}

void igq_quantize_channels_ref(uint8_t *codes, const int16_t *x, const uint16_t *group, const igq_quantizer *quantizer,
                               int T, int C)
{
    for (size_t t = 0; t < (size_t)T; t++)
        for (size_t c = 0; c < (size_t)C; c++)
            codes[t * (size_t)C + c] = igq_quantize(&quantizer[group[c]], x[t * (size_t)C + c]);
}

IGQ_CLONES void igq_quantize_rows(uint8_t *restrict codes, const int16_t *restrict x, const uint16_t *group,
                                  const igq_quantizer *quantizer, int R, int K)
{
    for (size_t r = 0; r < (size_t)R; r++) {
        const igq_quantizer q = quantizer[group[r]];
        const int32_t half = half_unit(&q), max = max_code(&q);
        for (size_t i = r * (size_t)K; i < (r + 1) * (size_t)K; i++)
            codes[i] = code_of(x[i], q.multiplier, half, q.shift_log2, q.zero_point, max);
    }
}

// Least integer multiple of the unit that covers the step; division may leave the coarsest step an ulp above the
// largest.
static int32_t integer_weight(double step, double unit, int scale_bits)
{
    const double weight = ceil(step / unit);
    const double largest = (1 << scale_bits) - 1;
    return (int32_t)fmin(fmax(weight, 1), largest);
}

static int32_t shift_weight(double step, double unit)
{
    int32_t weight = 0;
    while (ldexp(unit, weight) < step)
        weight++;
    return weight;
}

void igq_quantizers_from_bounds(igq_quantizer *quantizer, igq_group_scales *scales, const int16_t *lower,
                                const int16_t *upper, int G, int bits, int exponent, igq_group_scale mode,
                                int scale_bits)
{
    double finest = INFINITY, coarsest = 0;
    for (int g = 0; g < G; g++) {
        igq_quantizer_from_bounds(&quantizer[g], lower[g], upper[g], bits);
        finest = fmin(finest, quantizer[g].step_grid);
        coarsest = fmax(coarsest, quantizer[g].step_grid);
    }
    scales->mode = mode;
    if (mode == IGQ_GROUP_SCALE_FP32) {
        scales->layer_scale = 1;
        for (int g = 0; g < G; g++) {
            scales->step[g] = (float)ldexp(quantizer[g].step_grid, exponent);
            scales->weight[g] = 0;
        }
        return;
    }
    assert(mode != IGQ_GROUP_SCALE_INT || (scale_bits >= 1 && scale_bits <= 16));
    const int is_int = mode == IGQ_GROUP_SCALE_INT;
    const double unit = is_int ? coarsest / ((1 << scale_bits) - 1) : fmax(finest, ldexp(coarsest, -MAX_SHIFT_LOG2));
    scales->layer_scale = (float)ldexp(unit, exponent);
    for (int g = 0; g < G; g++) {
        const double step = quantizer[g].step_grid;
        scales->weight[g] = is_int ? integer_weight(step, unit, scale_bits) : shift_weight(step, unit);
        const double widened = is_int ? scales->weight[g] * unit : ldexp(unit, scales->weight[g]);
        igq_quantizer_from_step(&quantizer[g], widened, lower[g], bits);
    }
}

#define POWER_COLUMNS 64

// Sums of a block of columns and what dequantizes the row at hand.
typedef struct power_block {
    double signal[POWER_COLUMNS], noise[POWER_COLUMNS];
    double step[POWER_COLUMNS];
    int32_t zero_point[POWER_COLUMNS];
} power_block;

IGQ_CLONES static void add_power(power_block *restrict block, const int16_t *restrict x, const uint8_t *restrict codes,
                                 int num)
{
    for (int i = 0; i < num; i++) {
        const double value = x[i];
        const double error = value - block->step[i] * (codes[i] - block->zero_point[i]);
        block->signal[i] += value * value;
        block->noise[i] += error * error;
    }
}

static void set_dequantizer(power_block *block, int column, const igq_quantizer *quantizer)
{
    block->step[column] = quantizer->step_grid;
    block->zero_point[column] = quantizer->zero_point;
}

static void finish_power(igq_power *power, const power_block *block, int num)
{
    for (int i = 0; i < num; i++) {
        power->signal += block->signal[i];
        power->noise += block->noise[i];
    }
}

void igq_power_channels(igq_power *power, const int16_t *x, const uint8_t *codes, const uint16_t *group,
                        const igq_quantizer *quantizer, int T, int C)
{
    *power = (igq_power){0, 0};
    for (int first = 0; first < C; first += POWER_COLUMNS) {
        const int num = C - first < POWER_COLUMNS ? C - first : POWER_COLUMNS;
        power_block block = {0};
        for (int i = 0; i < num; i++)
            set_dequantizer(&block, i, &quantizer[group[first + i]]);
        for (int t = 0; t < T; t++) {
            const size_t offset = (size_t)t * (size_t)C + (size_t)first;
            add_power(&block, x + offset, codes + offset, num);
        }
        finish_power(power, &block, num);
    }
}

void igq_power_rows(igq_power *power, const int16_t *x, const uint8_t *codes, const uint16_t *group,
                    const igq_quantizer *quantizer, int R, int K)
{
    *power = (igq_power){0, 0};
    for (int first = 0; first < K; first += POWER_COLUMNS) {
        const int num = K - first < POWER_COLUMNS ? K - first : POWER_COLUMNS;
        power_block block = {0};
        for (int r = 0; r < R; r++) {
            for (int i = 0; i < num; i++)
                set_dequantizer(&block, i, &quantizer[group[r]]);
            const size_t offset = (size_t)r * (size_t)K + (size_t)first;
            add_power(&block, x + offset, codes + offset, num);
        }
        finish_power(power, &block, num);
    }
}
