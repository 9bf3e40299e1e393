// SPDX-License-Identifier: Apache-2.0
#include "nvfp4.h"
#include "mx.h"
#include <assert.h>
#include <float.h>
#include <math.h>

static_assert(FLT_EVAL_METHOD == 0, "floats are rounded to float at once");

enum { BLOCK = IGQ_NVFP4_BLOCK };
static const float largest_scale = 448, largest_code = 6;

float igq_nvfp4_tensor_scale(float amax)
{
    if (amax == 0)
        return 1;
    float g = largest_scale * largest_code / amax;
    return g < FLT_MAX ? g : FLT_MAX;
}

static float largest_magnitude(float largest, const float *x, int num)
{
    for (int i = 0; i < num; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    return largest;
}

void igq_nvfp4_largest(float *amax, const float *x, int R, int C, igq_nvfp4_variant variant)
{
    float largest = 0;
    for (int r = 0; r < R; r++) {
        amax[r] = largest_magnitude(0, x + (size_t)r * (size_t)C, C);
        largest = amax[r] > largest ? amax[r] : largest;
    }
    for (int r = 0; r < R && variant != IGQ_NVFP4_VARIANT_ROWS; r++)
        amax[r] = largest;
}

// E4M3 code of the scale of a block; grow is 1, or 1.5 where the largest is to become 4.
static uint8_t block_scale(float amax, float g, float grow)
{
    igq_element e4m3 = igq_element_of(IGQ_ELEMENT_FP8_E4M3);
    float scale = amax * (g * (1 / largest_code));
    if (grow != 1)
        scale *= grow;
    return igq_element_encode(&e4m3, scale < largest_scale ? scale : largest_scale, IGQ_TIES_EVEN);
}

static float scale_number(uint8_t scale)
{
    igq_element e4m3 = igq_element_of(IGQ_ELEMENT_FP8_E4M3);
    return (float)igq_element_value(&e4m3, scale);
}

static float encode_factor(uint8_t scale, float g)
{
    float factor = 1 / (scale_number(scale) * (1 / g));
    return factor < FLT_MAX ? factor : FLT_MAX;
}

static void encode_block(uint8_t *codes, const float *x, int num, uint8_t scale, float g)
{
    igq_element fp4 = igq_element_of(IGQ_ELEMENT_FP4_E2M1);
    float factor = encode_factor(scale, g);
    for (int i = 0; i < num; i++) {
        float y = x[i] * factor;
        y = y > largest_code ? largest_code : y < -largest_code ? -largest_code : y;
        codes[i] = igq_element_encode(&fp4, y, IGQ_TIES_EVEN);
    }
}

static double squared_error(const uint8_t *codes, const float *x, int num, uint8_t scale, float g)
{
    igq_element fp4 = igq_element_of(IGQ_ELEMENT_FP4_E2M1);
    double sum = 0;
    for (int i = 0; i < num; i++) {
        double error = x[i] - igq_element_value(&fp4, codes[i]) * scale_number(scale) / g;
        sum += error * error;
    }
    return sum;
}

static void quantize_block(uint8_t *codes, uint8_t *scale, const float *x, int num, float amax, float g,
                           igq_nvfp4_variant variant)
{
    *scale = block_scale(amax, g, 1);
    encode_block(codes, x, num, *scale, g);
    if (variant != IGQ_NVFP4_VARIANT_FOUR_OVER_SIX)
        return;
    uint8_t other_codes[BLOCK], other = block_scale(amax, g, 1.5f);
    encode_block(other_codes, x, num, other, g);
    if (squared_error(other_codes, x, num, other, g) < squared_error(codes, x, num, *scale, g)) {
        *scale = other;
        for (int i = 0; i < num; i++)
            codes[i] = other_codes[i];
    }
}

void igq_nvfp4_quantize(uint8_t *codes, uint8_t *scale, const float *x, const float *g, int R, int C,
                        igq_nvfp4_variant variant)
{
    int blocks = igq_num_blocks(C, BLOCK), rows = variant == IGQ_NVFP4_VARIANT_SQUARES ? BLOCK : 1;
    for (int top = 0; top < R; top += rows)
        for (int b = 0; b < blocks; b++) {
            int num = C - b * BLOCK < BLOCK ? C - b * BLOCK : BLOCK;
            float amax = 0;
            for (int r = top; r < R && r < top + rows; r++)
                amax = largest_magnitude(amax, x + (size_t)r * (size_t)C + (size_t)(b * BLOCK), num);
            for (int r = top; r < R && r < top + rows; r++) {
                size_t first = (size_t)r * (size_t)C + (size_t)(b * BLOCK);
                quantize_block(codes + first, scale + (size_t)r * (size_t)blocks + (size_t)b, x + first, num, amax,
                               g[r], variant);
            }
        }
}

// The nearest of the eight magnitudes by its limits, as the standard's table of FP4 gives them.
static uint8_t fp4_by_limits(float y)
{
    float a = fabsf(y);
    int code = a <= 0.25f   ? 0
               : a < 0.75f  ? 1
               : a <= 1.25f ? 2
               : a < 1.75f  ? 3
               : a <= 2.5f  ? 4
               : a < 3.5f   ? 5
               : a <= 5     ? 6
                            : 7;
    return (uint8_t)(code | (signbit(y) ? 8 : 0));
}

// One number, with the scale of its block found anew: grow is 1 or 1.5.
static uint8_t code_ref(uint8_t *scale, const float *x, const float *g, int R, int C, int r, int c, float grow,
                        igq_nvfp4_variant variant)
{
    int top = variant == IGQ_NVFP4_VARIANT_SQUARES ? r / BLOCK * BLOCK : r;
    int bottom = variant == IGQ_NVFP4_VARIANT_SQUARES ? top + BLOCK : r + 1;
    igq_element e4m3 = igq_element_of(IGQ_ELEMENT_FP8_E4M3);
    float amax = 0;
    for (int i = top; i < bottom && i < R; i++)
        for (int k = c / BLOCK * BLOCK; k < c / BLOCK * BLOCK + BLOCK && k < C; k++)
            amax = fmaxf(amax, fabsf(x[(size_t)i * (size_t)C + (size_t)k]));
    float wanted = amax * (g[r] * (1 / 6.0f)) * grow;
    *scale = igq_element_encode_ref(&e4m3, fminf(wanted, 448), IGQ_TIES_EVEN);
    float factor = fminf(1 / ((float)igq_element_value(&e4m3, *scale) * (1 / g[r])), FLT_MAX);
    return fp4_by_limits(x[(size_t)r * (size_t)C + (size_t)c] * factor);
}

void igq_nvfp4_quantize_ref(uint8_t *codes, uint8_t *scale, const float *x, const float *g, int R, int C,
                            igq_nvfp4_variant variant)
{
    static const double magnitude[8] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
    static const float grow[2] = {1, 1.5f};
    igq_element e4m3 = igq_element_of(IGQ_ELEMENT_FP8_E4M3);
    int blocks = igq_num_blocks(C, BLOCK);
    for (int r = 0; r < R; r++)
        for (int b = 0; b < blocks; b++) {
            double error[2] = {0, 0};
            int num_tries = variant == IGQ_NVFP4_VARIANT_FOUR_OVER_SIX ? 2 : 1;
            uint8_t found = 0;
            for (int k = 0; k < num_tries; k++)
                for (int c = b * BLOCK; c < C && c < (b + 1) * BLOCK; c++) {
                    uint8_t code = code_ref(&found, x, g, R, C, r, c, grow[k], variant);
                    double number = (code & 8 ? -1 : 1) * magnitude[code & 7] * igq_element_value(&e4m3, found) / g[r];
                    double difference = x[(size_t)r * (size_t)C + (size_t)c] - number;
                    error[k] += difference * difference;
                }
            int best = num_tries == 2 && error[1] < error[0];
            for (int c = b * BLOCK; c < C && c < (b + 1) * BLOCK; c++)
                codes[(size_t)r * (size_t)C + (size_t)c] = code_ref(&found, x, g, R, C, r, c, grow[best], variant);
            scale[(size_t)r * (size_t)blocks + (size_t)b] = found;
        }
}
