// SPDX-License-Identifier: Apache-2.0
// fixed.h - the one rounding rule of igqsim and the fixed-point grid of wide activations.
// Rounding is half up: round(v) = floor(v + 1/2), the adder-and-truncate rounding of hardware. No other rule is used
// anywhere that results are bit-true.
#ifndef IGQ_FIXED_H
#define IGQ_FIXED_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// v / 2^shift_log2 rounded half up. shift_log2 in [0, 62]; |v| < 2^62.
static inline int64_t igq_shift_round(int64_t v, int shift_log2)
{
    return shift_log2 == 0 ? v : (v + ((int64_t)1 << (shift_log2 - 1))) >> shift_log2;
}

// round(v) half up, for |v| < 2^51; exact, also just below one half.
int64_t igq_round(double v);

// v saturated to a signed number of `bits` bits, bits in [2, 63].
int64_t igq_saturate(int64_t v, int bits);

// Smallest exponent e such that max_abs <= (2^15 - 1) * 2^e / 2^headroom_bits; max_abs >= 0 and finite.
// For max_abs = 0 the answer is -15. The result is in [-40, 40].
int igq_grid_exponent(double max_abs, int headroom_bits);

// fixed[i] = saturate16(round(x[i] / 2^exponent)), half up; exponent in [-40, 40]. Returns how many values saturated;
// NaN becomes 0 and is not counted.
size_t igq_to_fixed(int16_t *fixed, const float *x, size_t num, int exponent);
size_t igq_to_fixed_ref(int16_t *fixed, const float *x, size_t num, int exponent);

// x[i] = fixed[i] * 2^exponent, exact in float.
void igq_from_fixed(float *x, const int16_t *fixed, size_t num, int exponent);

#ifdef __cplusplus
}
#endif
#endif
