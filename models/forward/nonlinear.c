// SPDX-License-Identifier: Apache-2.0
#include "nonlinear.h"
#include "elementary.h"
#include "clones.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

// Sums run in this many interleaved parts, so that the compiler may use vector registers without changing the order.
enum { PARTS = 8 };

static inline float sum_of_parts(const float part[PARTS])
{
    return ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

static inline float sum(const float *x, int num)
{
    float part[PARTS] = {0};
    int i = 0;
    for (; i + PARTS <= num; i += PARTS)
        for (int j = 0; j < PARTS; j++)
            part[j] += x[i + j];
    for (int j = 0; i + j < num; j++)
        part[j] += x[i + j];
    return sum_of_parts(part);
}

static inline float sum_of_squares(const float *x, int num)
{
    float part[PARTS] = {0};
    int i = 0;
    for (; i + PARTS <= num; i += PARTS)
        for (int j = 0; j < PARTS; j++)
            part[j] += x[i + j] * x[i + j];
    for (int j = 0; i + j < num; j++)
        part[j] += x[i + j] * x[i + j];
    return sum_of_parts(part);
}

// The order does not matter here; the parts are for vector registers. num >= 1; a NaN counts only in front.
static inline float largest_of(const float *x, int num)
{
    float part[PARTS];
    int i = 0;
    for (int j = 0; j < PARTS; j++)
        part[j] = x[0];
    for (; i + PARTS <= num; i += PARTS)
        for (int j = 0; j < PARTS; j++)
            part[j] = x[i + j] > part[j] ? x[i + j] : part[j];
    for (; i < num; i++)
        part[0] = x[i] > part[0] ? x[i] : part[0];
    for (int j = 1; j < PARTS; j++)
        part[0] = part[j] > part[0] ? part[j] : part[0];
    return part[0];
}

// exp(x) = 2^n exp(r), |r| <= ln2/2, Taylor to the 7th power (next term: 5e-9). Arguments are clamped to [-87, 88],
// where 2^n is a normal float.
static inline float exp_float(float x)
{
    const float round_magic = 12582912.0f;                       // 1.5 * 2^23: adding it rounds to an integer
    const float ln2_hi = 0.693359375f, ln2_lo = -2.12194440e-4f; // n * ln2_hi is exact
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    float n = (x * 1.44269504f + round_magic) - round_magic;
    float r = (x - n * ln2_hi) - n * ln2_lo;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t power_bits = ((int32_t)(n == n ? n : 0.0f) + 127) << 23; // p is NaN where x is
    float power;
    memcpy(&power, &power_bits, sizeof power);
    return p * power;
}

// erfc(z) for z >= 0: Abramowitz & Stegun 7.1.26, absolute error below 1.5e-7.
static inline float erfc_float(float z)
{
    float t = 1.0f / (1.0f + 0.3275911f * z);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    return p * t * exp_float(-z * z);
}

IGQ_CLONES void igq_layer_norm(float *y, const float *x, const float *gain, const float *bias, int T, int C,
                               double epsilon)
{
    for (int t = 0; t < T; t++) {
        const float *x_t = x + (size_t)t * (size_t)C;
        float *y_t = y + (size_t)t * (size_t)C;
        float mean = sum(x_t, C) / (float)C;
        for (int c = 0; c < C; c++)
            y_t[c] = x_t[c] - mean;
        float variance = sum_of_squares(y_t, C) / (float)C;
        float inverse = 1.0f / sqrtf(variance + (float)epsilon);
        for (int c = 0; c < C; c++)
            y_t[c] = y_t[c] * inverse * gain[c] + bias[c];
    }
}

IGQ_CLONES void igq_softmax_rows(float *x, int R, int K)
{
    for (int r = 0; r < R; r++) {
        float *x_r = x + (size_t)r * (size_t)K;
        float largest = largest_of(x_r, K);
        for (int k = 0; k < K; k++)
            x_r[k] = exp_float(x_r[k] - largest);
        float inverse = 1.0f / sum(x_r, K);
        for (int k = 0; k < K; k++)
            x_r[k] *= inverse;
    }
}

// max(x, 0) - |x|/2 erfc(|x| / sqrt 2) is the same function, without cancellation on the negative side.
IGQ_CLONES void igq_gelu(float *x, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        float magnitude = x[i] < 0.0f ? -x[i] : x[i];
        float positive = x[i] > 0.0f ? x[i] : 0.0f;
        x[i] = positive - 0.5f * magnitude * erfc_float(magnitude * 0.707106781f);
    }
}

// (1 + tanh u) / 2 = 1 / (1 + exp(-2u)).
void igq_gelu_tanh(float *x, size_t num)
{
    const double twice_root = 1.5957691216057308; // 2 sqrt(2/pi)
    for (size_t i = 0; i < num; i++) {
        double value = (double)x[i];
        x[i] = (float)(value / (1 + igq_exp(-twice_root * (value + 0.044715 * value * value * value))));
    }
}
