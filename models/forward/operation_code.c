// SPDX-License-Identifier: Apache-2.0
#include "operation_code.h"
#include "elementary.h"
#include "nonlinear.h"
#include <math.h>
#include <string.h>

static const igq_value *input_of(const igq_operands *with, int i)
{
    return &with->graph->value[with->node->input[i]];
}

static const igq_value *output_of(const igq_operands *with)
{
    return &with->graph->value[with->node->output[0]];
}

static size_t elements(const igq_value *value)
{
    return (size_t)igq_shape_elements(&value->shape);
}

// Product of the dimensions first ... before.
static size_t span(const igq_shape *shape, int first, int before)
{
    size_t num = 1;
    for (int i = first; i < before; i++)
        num *= (size_t)shape->dim[i];
    return num;
}

/// Elementwise with broadcasting ///

// Steps through an operand in the order of the result: its distance in elements along each dimension, 0 where it is
// stretched.
static void broadcast_strides(size_t stride[IGQ_MAX_RANK], const igq_shape *operand, const igq_shape *out)
{
    size_t next = 1;
    for (int back = 1; back <= out->rank; back++) {
        int64_t size = back <= operand->rank ? operand->dim[operand->rank - back] : 1;
        stride[out->rank - back] = size == 1 ? 0 : next;
        next *= (size_t)size;
    }
}

// Places in two operands, row after row of the result (along its last axis). Starts at zero.
typedef struct walk {
    int64_t at[IGQ_MAX_RANK];
    size_t offset[2], stride[2][IGQ_MAX_RANK];
} walk;

static void next_row(walk *w, const igq_shape *out)
{
    for (int axis = out->rank - 2; axis >= 0; axis--) {
        for (int i = 0; i < 2; i++)
            w->offset[i] += w->stride[i][axis];
        if (++w->at[axis] < out->dim[axis])
            return;
        for (int i = 0; i < 2; i++)
            w->offset[i] -= w->stride[i][axis] * (size_t)out->dim[axis];
        w->at[axis] = 0;
    }
}

// Length of a row of the result, and the strides of both operands along it.
static size_t row_of(size_t stride[2], const walk *w, const igq_shape *out)
{
    for (int i = 0; i < 2; i++)
        stride[i] = out->rank > 0 ? w->stride[i][out->rank - 1] : 0;
    return out->rank > 0 ? (size_t)out->dim[out->rank - 1] : 1;
}

#define BINARY(name, from, to, expression)                                                                             \
    static void name##_##from(const igq_operands *with)                                                                \
    {                                                                                                                  \
        const igq_value *out = output_of(with);                                                                        \
        walk w = {.offset = {0}};                                                                                      \
        size_t stride[2], num = elements(out);                                                                         \
        broadcast_strides(w.stride[0], &input_of(with, 0)->shape, &out->shape);                                        \
        broadcast_strides(w.stride[1], &input_of(with, 1)->shape, &out->shape);                                        \
        size_t row = row_of(stride, &w, &out->shape);                                                                  \
        to *y = with->out[0];                                                                                          \
        for (size_t i = 0; i < num; i += row, next_row(&w, &out->shape)) {                                             \
            const from *a = (const from *)with->in[0] + w.offset[0], *b = (const from *)with->in[1] + w.offset[1];     \
            for (size_t k = 0; k < row; k++)                                                                           \
                y[i + k] = expression(a[k * stride[0]], b[k * stride[1]]);                                             \
        }                                                                                                              \
    }
#define SUM(x, y) ((x) + (y))
#define PRODUCT(x, y) ((x) * (y))
#define DIFFERENCE(x, y) ((x) - (y))
#define QUOTIENT(x, y) ((x) / (y))
#define LEAST(x, y) ((y) < (x) ? (y) : (x))
#define LARGEST(x, y) ((y) > (x) ? (y) : (x))
#define SAME(x, y) ((x) == (y))
#define GREATER(x, y) ((x) > (y))
#define LESS(x, y) ((x) < (y))
#define GREATER_OR_EQUAL(x, y) ((x) >= (y))
#define LESS_OR_EQUAL(x, y) ((x) <= (y))
#define BOTH(x, y) ((x) && (y))
#define EITHER(x, y) ((x) || (y))

// Integers wrap; a division by zero gives 0.
static int64_t add_int(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x + (uint64_t)y);
}

static int64_t sub_int(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x - (uint64_t)y);
}

static int64_t mul_int(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x * (uint64_t)y);
}

static int64_t div_int(int64_t x, int64_t y)
{
    return y == 0 ? 0 : y == -1 ? sub_int(0, x) : x / y;
}

// The sign of the divisor, as Python's.
static int64_t mod_int(int64_t x, int64_t y)
{
    int64_t rest = y == 0 || y == -1 ? 0 : x % y;
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

static float mod_float(float x, float y)
{
    return fmodf(x, y);
}

// Whole exponents up to 64 by multiplication, 1/2 by the square root, others of positive numbers by exp and log.
static float pow_float(float x, float y)
{
    if (y == 0.5f)
        return sqrtf(x);
    if (y == floorf(y) && fabsf(y) <= 64) {
        float power = 1;
        for (int i = 0; i < (int)fabsf(y); i++)
            power *= x;
        return y < 0 ? 1 / power : power;
    }
    return x > 0 && isfinite(x) ? (float)igq_exp((double)y * igq_log((double)x)) : x == 0 && y > 0 ? 0 : NAN;
}

static int64_t pow_int(int64_t x, int64_t y)
{
    int64_t power = 1;
    for (int64_t i = 0; i < y && i < 64; i++)
        power = mul_int(power, x);
    return power;
}

BINARY(add, float, float, SUM)
BINARY(sub, float, float, DIFFERENCE)
BINARY(mul, float, float, PRODUCT)
BINARY(div, float, float, QUOTIENT)
BINARY(power, float, float, pow_float)
BINARY(min, float, float, LEAST)
BINARY(max, float, float, LARGEST)
BINARY(modulo, float, float, mod_float)
BINARY(equal, float, int64_t, SAME)
BINARY(greater, float, int64_t, GREATER)
BINARY(less, float, int64_t, LESS)
BINARY(greater_or_equal, float, int64_t, GREATER_OR_EQUAL)
BINARY(less_or_equal, float, int64_t, LESS_OR_EQUAL)
BINARY(add, int64_t, int64_t, add_int)
BINARY(sub, int64_t, int64_t, sub_int)
BINARY(mul, int64_t, int64_t, mul_int)
BINARY(div, int64_t, int64_t, div_int)
BINARY(power, int64_t, int64_t, pow_int)
BINARY(min, int64_t, int64_t, LEAST)
BINARY(max, int64_t, int64_t, LARGEST)
BINARY(modulo, int64_t, int64_t, mod_int)
BINARY(equal, int64_t, int64_t, SAME)
BINARY(greater, int64_t, int64_t, GREATER)
BINARY(less, int64_t, int64_t, LESS)
BINARY(greater_or_equal, int64_t, int64_t, GREATER_OR_EQUAL)
BINARY(less_or_equal, int64_t, int64_t, LESS_OR_EQUAL)
BINARY(and, int64_t, int64_t, BOTH)
BINARY(or, int64_t, int64_t, EITHER)

#define BY_ELEMENT(name)                                                                                               \
    static void name(const igq_operands *with)                                                                         \
    {                                                                                                                  \
        if (input_of(with, 0)->element == IGQ_ELEMENT_FLOAT)                                                           \
            name##_float(with);                                                                                        \
        else                                                                                                           \
            name##_int64_t(with);                                                                                      \
    }
BY_ELEMENT(add)
BY_ELEMENT(sub)
BY_ELEMENT(mul)
BY_ELEMENT(div)
BY_ELEMENT(power)
BY_ELEMENT(min)
BY_ELEMENT(max)
BY_ELEMENT(modulo)
BY_ELEMENT(equal)
BY_ELEMENT(greater)
BY_ELEMENT(less)
BY_ELEMENT(greater_or_equal)
BY_ELEMENT(less_or_equal)

static void where(const igq_operands *with)
{
    const igq_value *out = output_of(with);
    const int64_t *condition = with->in[0];
    walk w = {.offset = {0}}, c = {.offset = {0}};
    size_t stride[2], of_condition[2], num = elements(out);
    broadcast_strides(c.stride[0], &input_of(with, 0)->shape, &out->shape);
    broadcast_strides(w.stride[0], &input_of(with, 1)->shape, &out->shape);
    broadcast_strides(w.stride[1], &input_of(with, 2)->shape, &out->shape);
    size_t row = row_of(stride, &w, &out->shape), bytes = igq_element_bytes(out->element);
    row_of(of_condition, &c, &out->shape);
    char *y = with->out[0];
    for (size_t i = 0; i < num; i += row, next_row(&w, &out->shape), next_row(&c, &out->shape))
        for (size_t k = 0; k < row; k++, y += bytes) {
            int chosen = condition[c.offset[0] + k * of_condition[0]] ? 0 : 1;
            memcpy(y, (const char *)with->in[1 + chosen] + (w.offset[chosen] + k * stride[chosen]) * bytes, bytes);
        }
}

/// Elementwise ///

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

// Numbers that no int64 holds become its ends, NaN 0.
static int64_t to_int(float x)
{
    return x != x ? 0 : x >= 0x1p63f ? INT64_MAX : x < -0x1p63f ? INT64_MIN : (int64_t)x;
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

/// Of the vector unit ///

static void gelu(const igq_operands *with)
{
    size_t num = elements(output_of(with));
    memcpy(with->out[0], with->in[0], num * sizeof(float));
    igq_gelu(with->out[0], num);
}

// Along the last axis by the vector unit's own routine, along others value after value.
static void softmax(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape;
    int axis = with->node->attributes.axis;
    size_t num = elements(input_of(with, 0)), K = (size_t)x->dim[axis], inner = span(x, axis + 1, x->rank);
    float *y = with->out[0];
    memcpy(y, with->in[0], num * sizeof(float));
    if (num == 0)
        return;
    if (inner == 1) {
        igq_softmax_rows(y, (int)(num / K), (int)K);
        return;
    }
    for (size_t i = 0; i < num; i += i % inner == inner - 1 ? 1 + (K - 1) * inner : 1) {
        float largest = y[i], sum = 0;
        for (size_t k = 1; k < K; k++)
            largest = y[i + k * inner] > largest ? y[i + k * inner] : largest;
        for (size_t k = 0; k < K; k++)
            sum += y[i + k * inner] = (float)igq_exp((double)(y[i + k * inner] - largest));
        for (size_t k = 0; k < K; k++)
            y[i + k * inner] /= sum;
    }
}

static void layer_norm(const igq_operands *with)
{
    const igq_value *x = input_of(with, 0);
    int C = (int)x->shape.dim[x->shape.rank - 1];
    igq_layer_norm(with->out[0], with->in[0], with->in[1], with->in[2], (int)elements(x) / C, C,
                   with->node->attributes.epsilon);
}

// x / sqrt(mean of squares + epsilon) * gain; squares are added in ascending order.
static void rms_norm(const igq_operands *with)
{
    const igq_value *value = input_of(with, 0);
    size_t C = (size_t)value->shape.dim[value->shape.rank - 1], num = elements(value);
    const float *x = with->in[0], *gain = with->in[1];
    float *y = with->out[0];
    for (size_t i = 0; i < num; i += C) {
        float sum = 0;
        for (size_t c = 0; c < C; c++)
            sum += x[i + c] * x[i + c];
        float inverse = 1.0f / sqrtf(sum / (float)C + (float)with->node->attributes.epsilon);
        for (size_t c = 0; c < C; c++)
            y[i + c] = x[i + c] * inverse * gain[c];
    }
}

static void batch_norm(const igq_operands *with)
{
    const igq_shape *shape = &input_of(with, 0)->shape;
    const float *x = with->in[0], *gain = with->in[1], *bias = with->in[2], *mean = with->in[3],
                *variance = with->in[4];
    float *y = with->out[0];
    size_t C = (size_t)shape->dim[1], inner = span(shape, 2, shape->rank);
    for (size_t i = 0; i < elements(input_of(with, 0)); i++) {
        size_t c = i / inner % C;
        y[i] = (x[i] - mean[c]) / sqrtf(variance[c] + (float)with->node->attributes.epsilon) * gain[c] + bias[c];
    }
}

/// Reductions ///

// Where each element of x goes in the output.
static walk reduction_walk(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape;
    igq_shape kept = *x;
    walk w = {.offset = {0}};
    for (int i = 0; i < with->node->attributes.num_ints; i++)
        kept.dim[with->node->attributes.ints[i]] = 1;
    broadcast_strides(w.stride[0], &kept, x);
    return w;
}

#define REDUCE(name, type, start, expression)                                                                          \
    static void name##_##type(const igq_operands *with)                                                                \
    {                                                                                                                  \
        const igq_shape *x = &input_of(with, 0)->shape;                                                                \
        const type *in = with->in[0];                                                                                  \
        type *y = with->out[0];                                                                                        \
        size_t stride[2], num = elements(output_of(with)), all = elements(input_of(with, 0));                          \
        walk w = reduction_walk(with);                                                                                 \
        size_t row = row_of(stride, &w, x);                                                                            \
        for (size_t i = 0; i < num; i++)                                                                               \
            y[i] = start;                                                                                              \
        for (size_t i = 0; i < all; i += row, next_row(&w, x))                                                         \
            for (size_t k = 0; k < row; k++) {                                                                         \
                type *sum = &y[w.offset[0] + k * stride[0]];                                                           \
                *sum = expression(*sum, in[i + k]);                                                                    \
            }                                                                                                          \
    }
REDUCE(sum, float, 0, SUM)
REDUCE(largest, float, -INFINITY, LARGEST)
REDUCE(least, float, INFINITY, LEAST)
REDUCE(sum, int64_t, 0, add_int)
REDUCE(largest, int64_t, INT64_MIN, LARGEST)
REDUCE(least, int64_t, INT64_MAX, LEAST)
BY_ELEMENT(sum)
BY_ELEMENT(largest)
BY_ELEMENT(least)

static void mean(const igq_operands *with)
{
    size_t num = elements(output_of(with)), each = num ? elements(input_of(with, 0)) / num : 1;
    sum(with);
    for (size_t i = 0; i < num; i++) {
        if (output_of(with)->element == IGQ_ELEMENT_FLOAT)
            ((float *)with->out[0])[i] /= (float)each;
        else
            ((int64_t *)with->out[0])[i] /= (int64_t)each;
    }
}

// The first of the largest.
static void arg_max(const igq_operands *with)
{
    const igq_value *x = input_of(with, 0);
    int axis = with->node->attributes.axis, is_float = x->element == IGQ_ELEMENT_FLOAT;
    size_t K = (size_t)x->shape.dim[axis], inner = span(&x->shape, axis + 1, x->shape.rank);
    int64_t *y = with->out[0];
    for (size_t i = 0; i < elements(output_of(with)); i++) {
        size_t first = i / inner * K * inner + i % inner, best = 0;
        for (size_t k = 1; k < K; k++) {
            size_t at = first + k * inner, at_best = first + best * inner;
            if (is_float ? ((const float *)with->in[0])[at] > ((const float *)with->in[0])[at_best]
                         : ((const int64_t *)with->in[0])[at] > ((const int64_t *)with->in[0])[at_best])
                best = k;
        }
        y[i] = (int64_t)best;
    }
}

/// Moved ///

// y = x at the places of the walk, for elements of either size.
static void gather_walk(const igq_operands *with, walk *w)
{
    const igq_value *out = output_of(with);
    size_t stride[2], row = row_of(stride, w, &out->shape), num = elements(out);
    size_t bytes = igq_element_bytes(out->element);
    char *y = with->out[0];
    for (size_t i = 0; i < num; i += row, next_row(w, &out->shape), y += row * bytes) {
        const char *x = (const char *)with->in[0] + w->offset[0] * bytes;
        if (stride[0] == 1)
            memcpy(y, x, row * bytes);
        else if (out->element == IGQ_ELEMENT_FLOAT)
            for (size_t k = 0; k < row; k++)
                ((float *)y)[k] = ((const float *)x)[k * stride[0]];
        else
            for (size_t k = 0; k < row; k++)
                ((int64_t *)y)[k] = ((const int64_t *)x)[k * stride[0]];
    }
}

static void transpose(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape;
    walk w = {.offset = {0}};
    for (int i = 0; i < x->rank; i++) {
        int from = (int)with->node->attributes.ints[i];
        w.stride[0][i] = span(x, from + 1, x->rank);
    }
    gather_walk(with, &w);
}

static void slice(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape;
    const int64_t *start_and_step = with->node->attributes.ints;
    walk w = {.offset = {0}};
    for (int i = 0; i < x->rank; i++) {
        size_t distance = span(x, i + 1, x->rank);
        w.offset[0] += (size_t)start_and_step[2 * i] * distance;
        w.stride[0][i] = (size_t)start_and_step[2 * i + 1] * distance; // wraps where the step is negative
    }
    gather_walk(with, &w);
}

static void concat(const igq_operands *with)
{
    const igq_shape *shape = &output_of(with)->shape;
    int axis = with->node->attributes.axis;
    size_t outer = span(shape, 0, axis), bytes = igq_element_bytes(output_of(with)->element);
    size_t row = span(shape, axis, shape->rank) * bytes, at = 0;
    for (int k = 0; k < with->node->num_inputs; k++) {
        size_t part = span(&input_of(with, k)->shape, axis, shape->rank) * bytes;
        for (size_t i = 0; i < outer; i++)
            memcpy((char *)with->out[0] + i * row + at, (const char *)with->in[k] + i * part, part);
        at += part;
    }
}

static void expand(const igq_operands *with)
{
    walk w = {.offset = {0}};
    broadcast_strides(w.stride[0], &input_of(with, 0)->shape, &output_of(with)->shape);
    gather_walk(with, &w);
}

// Copies element `from` of x to element `to` of y.
static void copy(const igq_operands *with, size_t to, size_t from)
{
    size_t bytes = igq_element_bytes(output_of(with)->element);
    memcpy((char *)with->out[0] + to * bytes, (const char *)with->in[0] + from * bytes, bytes);
}

// Goes through the output element after element; source says where each comes from along each axis, -1: from nowhere.
static void copy_from(const igq_operands *with, int64_t (*source)(const igq_operands *with, int axis, int64_t at))
{
    const igq_shape *x = &input_of(with, 0)->shape, *y = &output_of(with)->shape;
    int64_t at[IGQ_MAX_RANK] = {0};
    for (size_t i = 0; i < elements(output_of(with)); i++) {
        int64_t from = 0;
        for (int axis = 0; axis < x->rank && from >= 0; axis++) {
            int64_t place = source(with, axis, at[axis]);
            from = place < 0 ? -1 : from * x->dim[axis] + place;
        }
        if (from >= 0)
            copy(with, i, (size_t)from);
        for (int axis = y->rank - 1; axis >= 0 && ++at[axis] == y->dim[axis]; axis--)
            at[axis] = 0;
    }
}

static int64_t tile_source(const igq_operands *with, int axis, int64_t at)
{
    return at % input_of(with, 0)->shape.dim[axis];
}

static void tile(const igq_operands *with)
{
    copy_from(with, tile_source);
}

static int64_t pad_source(const igq_operands *with, int axis, int64_t at)
{
    int64_t size = input_of(with, 0)->shape.dim[axis], place = at - with->node->attributes.ints[axis];
    if (place >= 0 && place < size)
        return place;
    switch (with->node->attributes.axis) {
    case 1: // mirrored
        return place < 0 ? -place : 2 * (size - 1) - place;
    case 2: // the edge
        return place < 0 ? 0 : size - 1;
    default:
        return -1;
    }
}

static void pad(const igq_operands *with)
{
    size_t num = elements(output_of(with));
    for (size_t i = 0; i < num; i++) {
        if (output_of(with)->element == IGQ_ELEMENT_FLOAT)
            ((float *)with->out[0])[i] = (float)with->node->attributes.alpha;
        else
            ((int64_t *)with->out[0])[i] = to_int((float)with->node->attributes.alpha);
    }
    copy_from(with, pad_source);
}

// Of the output's pixel: asymmetric, rounded down; or half_pixel, to the nearest (ties down).
static int64_t resize_source(const igq_operands *with, int axis, int64_t at)
{
    int64_t from = input_of(with, 0)->shape.dim[axis], to = output_of(with)->shape.dim[axis], place;
    if (with->node->attributes.axis == 0)
        place = at * from / to;
    else // ceil((at + 1/2) from / to - 1), in halves
        place = ((2 * at + 1) * from + 2 * to - 1) / (2 * to) - 1;
    return place < 0 ? 0 : place >= from ? from - 1 : place;
}

static void resize(const igq_operands *with)
{
    copy_from(with, resize_source);
}

// Indices beyond the axis are pulled to its ends: they come from the network's input.
static size_t index_of(int64_t index, int64_t size)
{
    index += index < 0 ? size : 0;
    return (size_t)(index < 0 ? 0 : index >= size ? size - 1 : index);
}

static void gather(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape;
    int axis = with->node->attributes.axis;
    size_t outer = span(x, 0, axis), inner = span(x, axis + 1, x->rank), num = elements(input_of(with, 1));
    size_t bytes = inner * igq_element_bytes(output_of(with)->element), size = (size_t)x->dim[axis];
    const int64_t *indices = with->in[1];
    char *y = with->out[0];
    for (size_t i = 0; i < outer; i++)
        for (size_t k = 0; k < num; k++, y += bytes)
            memcpy(y, (const char *)with->in[0] + (i * size + index_of(indices[k], x->dim[axis])) * bytes, bytes);
}

static void scatter(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape, *shape = &input_of(with, 1)->shape;
    size_t depth = (size_t)shape->dim[shape->rank - 1], num = elements(input_of(with, 1)) / depth;
    size_t element = igq_element_bytes(output_of(with)->element), bytes = span(x, (int)depth, x->rank) * element;
    const int64_t *indices = with->in[1];
    memcpy(with->out[0], with->in[0], elements(output_of(with)) * element);
    for (size_t i = 0; i < num; i++) {
        size_t at = 0;
        for (size_t k = 0; k < depth; k++)
            at = at * (size_t)x->dim[k] + index_of(indices[i * depth + k], x->dim[k]);
        memcpy((char *)with->out[0] + at * bytes, (const char *)with->in[2] + i * bytes, bytes);
    }
}

static void range(const igq_operands *with)
{
    size_t num = elements(output_of(with));
    for (size_t i = 0; i < num; i++) {
        if (output_of(with)->element == IGQ_ELEMENT_FLOAT)
            ((float *)with->out[0])[i] = *(const float *)with->in[0] + (float)i * *(const float *)with->in[2];
        else
            ((int64_t *)with->out[0])[i] =
                add_int(*(const int64_t *)with->in[0], mul_int((int64_t)i, *(const int64_t *)with->in[2]));
    }
}

static void trilu(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape;
    int64_t rows = x->dim[x->rank - 2], columns = x->dim[x->rank - 1], diagonal = with->node->attributes.axis;
    size_t num = elements(output_of(with));
    memset(with->out[0], 0, num * igq_element_bytes(output_of(with)->element));
    for (size_t i = 0; i < num; i++) {
        int64_t row = (int64_t)i / columns % rows, column = (int64_t)i % columns;
        if (with->node->attributes.allow_zero ? column - row >= diagonal : column - row <= diagonal)
            copy(with, i, i);
    }
}

static void cum_sum(const igq_operands *with)
{
    const igq_value *x = input_of(with, 0);
    int axis = with->node->attributes.axis;
    size_t K = (size_t)x->shape.dim[axis], inner = span(&x->shape, axis + 1, x->shape.rank);
    for (size_t i = 0; i < elements(x); i++) {
        int is_first = i / inner % K == 0;
        if (x->element == IGQ_ELEMENT_FLOAT)
            ((float *)with->out[0])[i] =
                ((const float *)with->in[0])[i] + (is_first ? 0 : ((float *)with->out[0])[i - inner]);
        else
            ((int64_t *)with->out[0])[i] =
                add_int(((const int64_t *)with->in[0])[i], is_first ? 0 : ((int64_t *)with->out[0])[i - inner]);
    }
}

/// Windows ///

// The largest, or the mean, of one window; pads count where the node says so.
static float pool_window(const igq_operands *with, const float *x, int64_t top, int64_t left)
{
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *shape = &input_of(with, 0)->shape;
    int is_max = with->node->op == IGQ_OP_MAX_POOL, num = 0;
    float result = is_max ? -INFINITY : 0;
    for (int i = 0; i < of->kernel[0]; i++)
        for (int j = 0; j < of->kernel[1]; j++) {
            int64_t row = top + (int64_t)i * of->dilation[0], column = left + (int64_t)j * of->dilation[1];
            if (row < 0 || row >= shape->dim[2] || column < 0 || column >= shape->dim[3])
                continue;
            float value = x[row * shape->dim[3] + column];
            result = is_max ? LARGEST(result, value) : result + value;
            num++;
        }
    if (is_max)
        return result;
    return result / (float)(of->allow_zero ? of->kernel[0] * of->kernel[1] : num > 0 ? num : 1);
}

static void pool(const igq_operands *with)
{
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *x = &input_of(with, 0)->shape, *y = &output_of(with)->shape;
    const float *plane = with->in[0];
    float *out = with->out[0];
    for (int64_t p = 0; p < x->dim[0] * x->dim[1]; p++, plane += x->dim[2] * x->dim[3])
        for (int64_t i = 0; i < y->dim[2]; i++)
            for (int64_t j = 0; j < y->dim[3]; j++)
                *out++ = pool_window(with, plane, i * of->stride[0] - of->pad[0], j * of->stride[1] - of->pad[1]);
}

/// Products that no array does: convolutions in groups, products of two activations without a softmax ///

static float convolve_window(const igq_operands *with, const float *x, const float *w, int64_t top, int64_t left)
{
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *shape = &input_of(with, 0)->shape, *kernel = &input_of(with, 1)->shape;
    float sum = 0;
    for (int64_t c = 0; c < kernel->dim[1]; c++, x += shape->dim[2] * shape->dim[3])
        for (int64_t i = 0; i < kernel->dim[2]; i++)
            for (int64_t j = 0; j < kernel->dim[3]; j++, w++) {
                int64_t row = top + i * of->dilation[0], column = left + j * of->dilation[1];
                if (row >= 0 && row < shape->dim[2] && column >= 0 && column < shape->dim[3])
                    sum += x[row * shape->dim[3] + column] * *w;
            }
    return sum;
}

static void convolution(const igq_operands *with)
{
    const igq_attributes *of = &with->node->attributes;
    const igq_shape *x = &input_of(with, 0)->shape, *w = &input_of(with, 1)->shape, *y = &output_of(with)->shape;
    const float *in = with->in[0], *bias = with->node->num_inputs > 2 ? with->in[2] : NULL;
    float *out = with->out[0];
    int64_t each = y->dim[1] / of->groups, plane = x->dim[2] * x->dim[3];
    for (int64_t image = 0; image < x->dim[0]; image++)
        for (int64_t o = 0; o < y->dim[1]; o++) {
            const float *channels = in + (image * x->dim[1] + o / each * w->dim[1]) * plane;
            const float *weights = (const float *)with->in[1] + o * w->dim[1] * w->dim[2] * w->dim[3];
            for (int64_t i = 0; i < y->dim[2]; i++)
                for (int64_t j = 0; j < y->dim[3]; j++)
                    *out++ = convolve_window(with, channels, weights, i * of->stride[0] - of->pad[0],
                                             j * of->stride[1] - of->pad[1]) +
                             (bias ? bias[o] : 0);
        }
}

static void matrix_product(const igq_operands *with)
{
    igq_shape a = input_of(with, 0)->shape, b = input_of(with, 1)->shape, batch = output_of(with)->shape;
    int64_t M = a.dim[a.rank - 2], C = a.dim[a.rank - 1], N = b.dim[b.rank - 1];
    const float *bias = with->node->num_inputs > 2 ? with->in[2] : NULL;
    size_t matrix[2] = {(size_t)(M * C), (size_t)(C * N)}, num = elements(output_of(with));
    float *y = with->out[0];
    walk w = {.offset = {0}};
    a.rank -= 2;
    b.rank -= 2;
    batch.rank -= 2;
    broadcast_strides(w.stride[0], &a, &batch);
    broadcast_strides(w.stride[1], &b, &batch);
    batch.dim[batch.rank++] = 1; // a row of one matrix
    for (size_t at = 0; at < num; at += (size_t)(M * N), next_row(&w, &batch)) {
        const float *x = (const float *)with->in[0] + w.offset[0] * matrix[0];
        const float *v = (const float *)with->in[1] + w.offset[1] * matrix[1];
        for (int64_t m = 0; m < M; m++)
            for (int64_t n = 0; n < N; n++) {
                float sum = 0;
                for (int64_t c = 0; c < C; c++)
                    sum += x[m * C + c] * v[c * N + n];
                *y++ = sum + (bias ? bias[n] : 0);
            }
    }
}

// Weights [O][C] of a linear layer that is folded.
static void linear_product(const igq_operands *with)
{
    const igq_shape *w = &input_of(with, 1)->shape;
    size_t O = (size_t)w->dim[0], C = (size_t)w->dim[1], rows = elements(output_of(with)) / (O ? O : 1);
    const float *x = with->in[0], *weights = with->in[1], *bias = with->node->num_inputs > 2 ? with->in[2] : NULL;
    float *y = with->out[0];
    for (size_t t = 0; t < rows; t++)
        for (size_t o = 0; o < O; o++) {
            float sum = 0;
            for (size_t c = 0; c < C; c++)
                sum += x[t * C + c] * weights[o * C + c];
            *y++ = sum + (bias ? bias[o] : 0);
        }
}

static void reshape(const igq_operands *with)
{
    memcpy(with->out[0], with->in[0], elements(output_of(with)) * igq_element_bytes(output_of(with)->element));
}

const igq_op_code igq_op_codes[IGQ_OP_COUNT] = {
    [IGQ_OP_CONV] = convolution,
    [IGQ_OP_LINEAR] = linear_product,
    [IGQ_OP_MATMUL] = matrix_product,
    [IGQ_OP_ADD] = add,
    [IGQ_OP_SUB] = sub,
    [IGQ_OP_MUL] = mul,
    [IGQ_OP_DIV] = div,
    [IGQ_OP_POW] = power,
    [IGQ_OP_MIN] = min,
    [IGQ_OP_MAX] = max,
    [IGQ_OP_MOD] = modulo,
    [IGQ_OP_EQUAL] = equal,
    [IGQ_OP_GREATER] = greater,
    [IGQ_OP_LESS] = less,
    [IGQ_OP_GREATER_OR_EQUAL] = greater_or_equal,
    [IGQ_OP_LESS_OR_EQUAL] = less_or_equal,
    [IGQ_OP_AND] = and_int64_t,
    [IGQ_OP_OR] = or_int64_t,
    [IGQ_OP_WHERE] = where,
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
    [IGQ_OP_GELU] = gelu,
    [IGQ_OP_SILU] = silu,
    [IGQ_OP_SOFTMAX] = softmax,
    [IGQ_OP_LAYER_NORM] = layer_norm,
    [IGQ_OP_RMS_NORM] = rms_norm,
    [IGQ_OP_BATCH_NORM] = batch_norm,
    [IGQ_OP_MEAN] = mean,
    [IGQ_OP_SUM] = sum,
    [IGQ_OP_REDUCE_MAX] = largest,
    [IGQ_OP_REDUCE_MIN] = least,
    [IGQ_OP_ARG_MAX] = arg_max,
    [IGQ_OP_MAX_POOL] = pool,
    [IGQ_OP_AVERAGE_POOL] = pool,
    [IGQ_OP_RESHAPE] = reshape,
    [IGQ_OP_TRANSPOSE] = transpose,
    [IGQ_OP_CONCAT] = concat,
    [IGQ_OP_SLICE] = slice,
    [IGQ_OP_EXPAND] = expand,
    [IGQ_OP_TILE] = tile,
    [IGQ_OP_PAD] = pad,
    [IGQ_OP_GATHER] = gather,
    [IGQ_OP_SCATTER_ND] = scatter,
    [IGQ_OP_RANGE] = range,
    [IGQ_OP_TRILU] = trilu,
    [IGQ_OP_CUM_SUM] = cum_sum,
    [IGQ_OP_RESIZE] = resize,
};
