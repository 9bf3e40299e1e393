// SPDX-License-Identifier: Apache-2.0
#include "fixed.h"
#include "clones.h"
#include <assert.h>
#include <float.h>
#include <math.h>

// Bits depend on it: x87 would keep more of them; and negative numbers shift arithmetically.
static_assert(FLT_EVAL_METHOD == 0, "float and double operations must not be wider than their types");
static_assert(-1 >> 1 == -1, "a right shift of a negative number must keep its sign");

#define MIN_EXPONENT (-40)
#define MAX_EXPONENT 40

int64_t igq_round(double v)
{
    const double below = floor(v);
    return (int64_t)below + (v - below >= 0.5);
}

int64_t igq_saturate(int64_t v, int bits)
{
    const int64_t max = ((int64_t)1 << (bits - 1)) - 1;
    const int64_t min = -max - 1;
    return v > max ? max : v < min ? min : v;
}

int igq_grid_exponent(double max_abs, int headroom_bits)
{
    assert(max_abs >= 0 && isfinite(max_abs));
    if (max_abs == 0)
        return -15;
    int exponent = MIN_EXPONENT;
    while (exponent < MAX_EXPONENT && max_abs > ldexp(INT16_MAX, exponent - headroom_bits))
        exponent++;
    return exponent;
}

// round(v) half up for |v| < 2^23, with nothing but operations that every vector unit has. v - floor(v) may round, but
// only where it is beyond one half anyway.
static inline int32_t round_float(float v)
{
    const int32_t toward_zero = (int32_t)v;
    const int32_t below = toward_zero - ((float)toward_zero > v);
    return below + (v - (float)below >= 0.5f);
}

IGQ_CLONES size_t igq_to_fixed(int16_t *restrict fixed, const float *restrict x, size_t num, int exponent)
{
    assert(exponent >= MIN_EXPONENT && exponent <= MAX_EXPONENT);
    const float limit = 65536.0f; // beyond every int16_t, within round_float
    const float scale = ldexpf(1.0f, -exponent);
    size_t saturated = 0;
    for (size_t i = 0; i < num; i++) {
        const float number = x[i] == x[i] ? x[i] : 0;
        const float v = number * scale;
        const int32_t rounded = round_float(fabsf(v) < limit ? v : copysignf(limit, v));
        const int32_t at_most = rounded < INT16_MAX ? rounded : INT16_MAX;
        const int32_t kept = at_most > INT16_MIN ? at_most : INT16_MIN;
        saturated += kept != rounded;
        fixed[i] = (int16_t)kept;
    }
    return saturated;
}

size_t igq_to_fixed_ref(int16_t *fixed, const float *x, size_t num, int exponent)
{
    size_t saturated = 0;
    for (size_t i = 0; i < num; i++) {
        const double v = ldexp(x[i], -exponent);
        if (isnan(v)) {
            fixed[i] = 0;
        } else if (v >= 32767.5) {
            fixed[i] = INT16_MAX;
            saturated++;
        } else if (v < -32768.5) {
            fixed[i] = INT16_MIN;
            saturated++;
        } else {
            fixed[i] = (int16_t)floor(v + 0.5);
        }
    }
    return saturated;
}

IGQ_CLONES void igq_from_fixed(float *restrict x, const int16_t *restrict fixed, size_t num, int exponent)
{
    const float step = ldexpf(1.0f, exponent);
    for (size_t i = 0; i < num; i++)
        x[i] = (float)fixed[i] * step;
}
