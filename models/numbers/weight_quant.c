// SPDX-License-Identifier: Apache-2.0
#include "weight_quant.h"
#include "clones.h"
#include <assert.h>
#include <math.h>
#include <string.h>

static size_t padded_outputs(int O)
{
    return ((size_t)O + IGQ_PANEL_OUTPUTS - 1) / IGQ_PANEL_OUTPUTS * IGQ_PANEL_OUTPUTS;
}

size_t igq_weight_codes_size(int O, int C)
{
    const size_t outputs = padded_outputs(O);
    return (size_t)O * sizeof(float) + (outputs + (size_t)O) * (size_t)C + outputs;
}

void igq_weight_codes_init(igq_weight_codes *codes, void *memory, int O, int C, int bits)
{
    assert(O >= 1 && C >= 1 && bits >= 2 && bits <= 8);
    const size_t outputs = padded_outputs(O);
    codes->O = O;
    codes->C = C;
    codes->bits = bits;
    codes->scale = memory;
    codes->panels = (uint8_t *)(codes->scale + O);
    codes->codes = codes->panels + outputs * (size_t)C;
    codes->zero_point = codes->codes + (size_t)O * (size_t)C;
}

void igq_weight_codes_pack(igq_weight_codes *codes)
{
    const size_t O = (size_t)codes->O, C = (size_t)codes->C, outputs = padded_outputs(codes->O);
    memset(codes->zero_point + O, 0, outputs - O);
    for (size_t first = 0; first < O; first += IGQ_PANEL_OUTPUTS) {
        uint8_t *panel = codes->panels + first * C;
        const size_t num = O - first < IGQ_PANEL_OUTPUTS ? O - first : IGQ_PANEL_OUTPUTS;
        if (num < IGQ_PANEL_OUTPUTS)
            memset(panel, 0, C * IGQ_PANEL_OUTPUTS);
        for (size_t o = 0; o < num; o++) {
            const uint8_t *row = codes->codes + (first + o) * C;
            for (size_t c = 0; c < C; c++)
                panel[c * IGQ_PANEL_OUTPUTS + o] = row[c];
        }
    }
}

// Moves the num_kept smallest values to the front, in ascending order.
static void keep_smallest(float *values, int num, int num_kept)
{
    for (int i = 0; i < num; i++) {
        const float value = values[i];
        int place = i;
        if (i >= num_kept) {
            place = num_kept - 1;
            if (value >= values[place])
                continue;
            values[i] = values[place];
        }
        for (; place > 0 && values[place - 1] > value; place--)
            values[place] = values[place - 1];
        values[place] = value;
    }
}

static void negate(float *values, int num)
{
    for (int i = 0; i < num; i++)
        values[i] = -values[i];
}

float igq_percentile(float *values, int num, double percentile)
{
    assert(num >= 1 && percentile >= 0 && percentile <= 100);
    if (percentile > 50) {
        negate(values, num);
        const float mirrored = igq_percentile(values, num, 100 - percentile);
        negate(values, num);
        return -mirrored;
    }
    const double rank = percentile / 100 * (num - 1);
    const int below = (int)rank;
    const int above = below + 1 < num ? below + 1 : below;
    keep_smallest(values, num, above + 1);
    const double low = values[below], high = values[above];
    return (float)(low + (high - low) * (rank - below));
}

// round(v) half up, saturated far outside of any code.
static inline int32_t round_to_code(double v)
{
    const double limit = 1024;
    const double bounded = fabs(v) < limit ? v : copysign(limit, v);
    const int32_t below = (int32_t)(bounded + limit) - (int32_t)limit; // bounded + limit >= 0: truncation is floor
    return below + (bounded - below >= 0.5);
}

IGQ_CLONES static void quantize(uint8_t *restrict codes, const float *restrict weights, int num, double scale,
                                int32_t zero_point, int32_t max)
{
    for (int i = 0; i < num; i++) {
        int32_t code = round_to_code(weights[i] / scale) + zero_point;
        code = code > 0 ? code : 0;
        codes[i] = (uint8_t)(code < max ? code : max);
    }
}

int igq_num_weight_quantizers(int O, int num_groups)
{
    return num_groups == 0 || num_groups > O ? O : num_groups;
}

size_t igq_weight_quantize_scratch(int O, int C, int num_groups)
{
    const int quantizers = igq_num_weight_quantizers(O, num_groups);
    return (size_t)((O + quantizers - 1) / quantizers) * (size_t)C;
}

// Output channels first ... first + num_rows, by one quantizer.
static void quantize_group(igq_weight_codes *codes, const float *weights, int first, int num_rows, double epsilon_pct,
                           float *scratch)
{
    const int C = codes->C, num = num_rows * C;
    const int32_t max = (1 << codes->bits) - 1;
    const float *group = weights + (size_t)first * (size_t)C;
    memcpy(scratch, group, (size_t)num * sizeof *scratch);
    const float low = igq_percentile(scratch, num, epsilon_pct);
    const float high = igq_percentile(scratch, num, 100 - epsilon_pct);
    const double lower = low < 0 ? low : 0;
    const double upper = high > 0 ? high : 0;
    float scale = (float)((upper - lower) / max);
    if (scale == 0)
        scale = 1;
    const int32_t zero_point = round_to_code(-lower / scale);
    for (int o = first; o < first + num_rows; o++) {
        codes->scale[o] = scale;
        codes->zero_point[o] = (uint8_t)(zero_point < max ? zero_point : max);
    }
    quantize(codes->codes + (size_t)first * (size_t)C, group, num, scale, codes->zero_point[first], max);
}

void igq_weight_quantize(igq_weight_codes *codes, const float *weights, int num_groups, double epsilon_pct,
                         float *scratch)
{
    assert(num_groups >= 0 && epsilon_pct >= 0 && epsilon_pct < 50);
    const int64_t O = codes->O, quantizers = igq_num_weight_quantizers(codes->O, num_groups);
    for (int64_t q = 0; q < quantizers; q++) {
        const int first = (int)(q * O / quantizers), end = (int)((q + 1) * O / quantizers);
        quantize_group(codes, weights, first, end - first, epsilon_pct, scratch);
    }
    igq_weight_codes_pack(codes);
}
