// SPDX-License-Identifier: Apache-2.0
// Elementwise operations of one operand.
#include "elementary.h"
#include "operation_walk.h"
#include <math.h>

static double sigmoid_of(double x)
{
    return 1 / (1 + igq_exp(-x));
}

// Abramowitz & Stegun 7.1.26 in double; absolute error below 1.5e-7.
static double erf_of(double x)
{
    double z = fabs(x), t = 1 / (1 + 0.3275911 * z);
    double p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    double erf = 1 - p * igq_exp(-z * z);
    return x < 0 ? -erf : erf;
}

// sin(x + quarter * pi/2): to the nearest quarter turn, then Taylor's series. Error below 1e-9 up to |x| of 1e5.
static double sine_of(double x, int quarter)
{
    const double half_pi_hi = 1.5707963267341256, half_pi_lo = 6.077100506506192e-11;
    if (!(fabs(x) < 1e9))
        return NAN;
    double n = floor(x / (half_pi_hi + half_pi_lo) + 0.5), r = (x - n * half_pi_hi) - n * half_pi_lo, r2 = r * r;
    double sine = r * (1 - r2 / 6 * (1 - r2 / 20 * (1 - r2 / 42 * (1 - r2 / 72 * (1 - r2 / 110)))));
    double cosine = 1 - r2 / 2 * (1 - r2 / 12 * (1 - r2 / 30 * (1 - r2 / 56 * (1 - r2 / 90 * (1 - r2 / 132)))));
    int turn = (int)(((int64_t)n + quarter) & 3);
    double value = turn & 1 ? cosine : sine;
    return turn & 2 ? -value : value;
}

static float clip_of(double x, double low, double high)
{
    return (float)(x < low ? low : x > high ? high : x);
}

static float rounded(float x)
{
    float down = floorf(x), rest = x - down;
    return rest < 0.5f || (rest == 0.5f && floorf(down / 2) * 2 == down) ? down : down + 1;
}

static float softplus_of(double x)
{
    return (float)(x > 30 ? x : igq_log(1 + igq_exp(x)));
}

// One float after another. x is the value as float, d as double, a and b the attributes.
#define UNARY(name, expression)                                                                                        \
    static void name(const igq_operands *with)                                                                         \
    {                                                                                                                  \
        const float *in = with->in[0];                                                                                 \
        float *y = with->out[0];                                                                                       \
        const double a = with->node->attributes.alpha, b = with->node->attributes.beta;                                \
        (void)a, (void)b;                                                                                              \
        size_t num = elements(output_of(with));                                                                        \
        for (size_t i = 0; i < num; i++) {                                                                             \
            const float x = in[i];                                                                                     \
            const double d = (double)x;                                                                                \
            (void)d;                                                                                                   \
            y[i] = (float)(expression);                                                                                \
        }                                                                                                              \
    }
UNARY(neg_float, -x)
UNARY(abs_float, fabsf(x))
UNARY(square_root, sqrtf(x))
UNARY(reciprocal, 1 / x)
UNARY(exponential, igq_exp(d))
UNARY(logarithm, d > 0 && isfinite(d) ? igq_log(d) : d == 0 ? -INFINITY : d)
UNARY(error_function, erf_of(d))
UNARY(tangent, 1 - 2 / (igq_exp(2 * d) + 1))
UNARY(sigmoid, sigmoid_of(d))
UNARY(silu, x *(float)sigmoid_of(d))
UNARY(softplus, softplus_of(d))
UNARY(relu, x < 0 ? 0 : x)
UNARY(leaky_relu, x < 0 ? (float)a * x : x)
UNARY(hard_sigmoid, clip_of(a *d + b, 0, 1))
UNARY(hard_swish, x *clip_of(d / 6 + 0.5, 0, 1))
UNARY(clip, clip_of(d, a, b))
UNARY(round_down, floorf(x))
UNARY(round_up, ceilf(x))
UNARY(round_even, rounded(x))
UNARY(sine, sine_of(d, 0))
UNARY(cosine, sine_of(d, 1))

static void neg(const igq_operands *with)
{
    const int64_t *x = with->in[0];
    int64_t *y = with->out[0];
    if (output_of(with)->element == IGQ_ELEMENT_FLOAT) {
        neg_float(with);
        return;
    }
    for (size_t i = 0; i < elements(output_of(with)); i++)
        y[i] = sub_int(0, x[i]);
}

static void absolute(const igq_operands *with)
{
    const int64_t *x = with->in[0];
    int64_t *y = with->out[0];
    if (output_of(with)->element == IGQ_ELEMENT_FLOAT) {
        abs_float(with);
        return;
    }
    for (size_t i = 0; i < elements(output_of(with)); i++)
        y[i] = x[i] < 0 ? sub_int(0, x[i]) : x[i];
}

static void negation(const igq_operands *with)
{
    const int64_t *x = with->in[0];
    int64_t *y = with->out[0];
    for (size_t i = 0; i < elements(output_of(with)); i++)
        y[i] = !x[i];
}

static void cast(const igq_operands *with)
{
    igq_element from = input_of(with, 0)->element, to = output_of(with)->element;
    const float *real = with->in[0];
    const int64_t *whole = with->in[0];
    size_t num = elements(output_of(with));
    if (from == to)
        memcpy(with->out[0], with->in[0], num * igq_element_bytes(to));
    else if (to == IGQ_ELEMENT_FLOAT)
        for (size_t i = 0; i < num; i++)
            ((float *)with->out[0])[i] = (float)whole[i];
    else
        for (size_t i = 0; i < num; i++)
            ((int64_t *)with->out[0])[i] = to_int(real[i]);
}

static void cast_bool(const igq_operands *with)
{
    int is_float = input_of(with, 0)->element == IGQ_ELEMENT_FLOAT;
    int64_t *y = with->out[0];
    for (size_t i = 0; i < elements(output_of(with)); i++)
        y[i] = is_float ? ((const float *)with->in[0])[i] != 0 : ((const int64_t *)with->in[0])[i] != 0;
}

const igq_op_code igq_unary_codes[IGQ_OP_COUNT] = {
    [IGQ_OP_NEG] = neg,
    [IGQ_OP_ABS] = absolute,
    [IGQ_OP_SQRT] = square_root,
    [IGQ_OP_RECIPROCAL] = reciprocal,
    [IGQ_OP_EXP] = exponential,
    [IGQ_OP_LOG] = logarithm,
    [IGQ_OP_ERF] = error_function,
    [IGQ_OP_TANH] = tangent,
    [IGQ_OP_SIGMOID] = sigmoid,
    [IGQ_OP_SOFTPLUS] = softplus,
    [IGQ_OP_RELU] = relu,
    [IGQ_OP_LEAKY_RELU] = leaky_relu,
    [IGQ_OP_HARD_SIGMOID] = hard_sigmoid,
    [IGQ_OP_HARD_SWISH] = hard_swish,
    [IGQ_OP_CLIP] = clip,
    [IGQ_OP_FLOOR] = round_down,
    [IGQ_OP_CEIL] = round_up,
    [IGQ_OP_ROUND] = round_even,
    [IGQ_OP_SIN] = sine,
    [IGQ_OP_COS] = cosine,
    [IGQ_OP_NOT] = negation,
    [IGQ_OP_CAST] = cast,
    [IGQ_OP_CAST_BOOL] = cast_bool,
    [IGQ_OP_SILU] = silu,
};
