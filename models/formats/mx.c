// SPDX-License-Identifier: Apache-2.0
#include "mx.h"
#include <math.h>
#include <string.h>

enum { LEAST_EXPONENT = -127, LARGEST_EXPONENT = 127, LEAST_NORMAL_LOG2 = -126 };

float igq_mx_scale_value(uint8_t scale)
{
    return scale == IGQ_MX_SCALE_NAN ? NAN : ldexpf(1, scale + LEAST_EXPONENT);
}

static double largest_magnitude(const float *x, int num)
{
    float largest = 0;
    for (int i = 0; i < num; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    return largest;
}

// Before it is clamped.
static int shared_exponent(double amax, const igq_mx_cfg *cfg)
{
    const igq_element *element = &cfg->element;
    double largest = igq_element_largest(element);
    int exponent = igq_floor_log2(amax);
    switch (cfg->scale_rule) {
    case IGQ_SCALE_RULE_CEIL:
        exponent -= element->emax;
        return exponent + (amax > ldexp(largest, exponent));
    case IGQ_SCALE_RULE_EVEN: // only a mantissa that is rounded up to 2 matters
        exponent += ldexp(amax, -exponent) >= 2 - ldexp(1, -element->fraction_bits - 1);
        return exponent - element->emax;
    default:
        return exponent - element->emax;
    }
}

void igq_mx_quantize(uint8_t *codes, uint8_t *scale, const float *x, int R, int C, const igq_mx_cfg *cfg)
{
    for (int r = 0; r < R; r++)
        for (int first = 0; first < C; first += cfg->block_length) {
            int num = C - first < cfg->block_length ? C - first : cfg->block_length;
            double amax = largest_magnitude(x, num);
            int exponent = shared_exponent(amax > 0 ? amax : ldexp(1, LEAST_NORMAL_LOG2), cfg);
            if (exponent > LARGEST_EXPONENT) {
                *scale++ = IGQ_MX_SCALE_NAN;
                memset(codes, 0, (size_t)num);
            } else {
                exponent = exponent > LEAST_EXPONENT ? exponent : LEAST_EXPONENT;
                *scale++ = (uint8_t)(exponent - LEAST_EXPONENT);
                double reciprocal = ldexp(1, -exponent);
                for (int i = 0; i < num; i++)
                    codes[i] = igq_element_encode(&cfg->element, x[i] * reciprocal, cfg->ties);
            }
            codes += num;
            x += num;
        }
}

// The exponents tried one after another, from the least; the nearest element by looking at all.
static int shared_exponent_ref(double amax, const igq_mx_cfg *cfg)
{
    double least = ldexp(1, LEAST_NORMAL_LOG2), base = amax > 0 ? amax : least;
    double largest = igq_element_largest(&cfg->element), binade = ldexp(1, cfg->element.emax);
    for (int exponent = LEAST_EXPONENT; exponent <= LARGEST_EXPONENT; exponent++) {
        double scaled = ldexp(base, -exponent), step = ldexp(binade, -cfg->element.fraction_bits);
        if (cfg->scale_rule == IGQ_SCALE_RULE_CEIL   ? scaled <= largest
            : cfg->scale_rule == IGQ_SCALE_RULE_EVEN ? floor(scaled / step + 0.5) * step < 2 * binade
                                                     : scaled < 2 * binade)
            return exponent;
    }
    return LARGEST_EXPONENT + 1;
}

void igq_mx_quantize_ref(uint8_t *codes, uint8_t *scale, const float *x, int R, int C, const igq_mx_cfg *cfg)
{
    int blocks = igq_num_blocks(C, cfg->block_length);
    for (int r = 0; r < R; r++)
        for (int b = 0; b < blocks; b++) {
            double amax = 0;
            for (int c = b * cfg->block_length; c < C && c < (b + 1) * cfg->block_length; c++)
                amax = fmax(amax, fabs(x[(size_t)r * (size_t)C + (size_t)c]));
            int exponent = shared_exponent_ref(amax, cfg), is_nan = exponent > LARGEST_EXPONENT;
            scale[(size_t)r * (size_t)blocks + (size_t)b] =
                is_nan ? IGQ_MX_SCALE_NAN : (uint8_t)(exponent - LEAST_EXPONENT);
            for (int c = b * cfg->block_length; c < C && c < (b + 1) * cfg->block_length; c++) {
                size_t i = (size_t)r * (size_t)C + (size_t)c;
                codes[i] = is_nan ? 0 : igq_element_encode_ref(&cfg->element, ldexp(x[i], -exponent), cfg->ties);
            }
        }
}
