// SPDX-License-Identifier: Apache-2.0
#include "elementary.h"
#include "clones.h"
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

// ln 2 in two parts: small integers times the first are exact.
static const double ln2_hi = 0x1.62e42feep-1, ln2_lo = 0x1.a39ef35793c76p-33;

// exp(x) = 2^n exp(r), |r| <= ln2/2, Taylor to the 13th power (next term: 4e-18).
static inline double exp_of(double x)
{
    enum { DEGREE = 13, BIAS = 1023, MANTISSA_BITS = 52 };
    const double inverse_ln2 = 1.4426950408889634;
    x = x < -700 ? -700 : x;
    x = x > 700 ? 700 : x;
    double n = floor(x * inverse_ln2 + 0.5);
    double r = (x - n * ln2_hi) - n * ln2_lo, sum = 1, power;
    for (int k = DEGREE; k >= 1; k--)
        sum = sum * r / k + 1;
    int64_t power_bits = (int64_t)((int32_t)(n == n ? n : 0) + BIAS) << MANTISSA_BITS; // sum is NaN where x is
    memcpy(&power, &power_bits, sizeof power);
    return sum * power;
}

double igq_exp(double x)
{
    return exp_of(x);
}

IGQ_CLONES void igq_exp_all(double *x, size_t num)
{
    for (size_t i = 0; i < num; i++)
        x[i] = exp_of(x[i]);
}

// log(2^e m) = e ln2 + 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172, odd powers to the 23rd (next term: 2e-21).
double igq_log(double x)
{
    enum { LAST_POWER = 23 };
    assert(x > 0 && isfinite(x));
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752) {
        m *= 2;
        e--;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int power = LAST_POWER; power >= 1; power -= 2)
        sum = sum * square + 1.0 / power;
    return e * ln2_hi + (e * ln2_lo + 2 * s * sum);
}
