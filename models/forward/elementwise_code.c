// SPDX-License-Identifier: Apache-2.0
// Elementwise operations of two operands, with broadcasting.
#include "elementary.h"
#include "operation_walk.h"
#include <math.h>

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
#define PRODUCT(x, y) ((x) * (y))
#define DIFFERENCE(x, y) ((x) - (y))
#define QUOTIENT(x, y) ((x) / (y))
#define SAME(x, y) ((x) == (y))
#define GREATER(x, y) ((x) > (y))
#define LESS(x, y) ((x) < (y))
#define GREATER_OR_EQUAL(x, y) ((x) >= (y))
#define LESS_OR_EQUAL(x, y) ((x) <= (y))
#define BOTH(x, y) ((x) && (y))
#define EITHER(x, y) ((x) || (y))

// A division by zero gives 0.
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

const igq_op_code igq_elementwise_codes[IGQ_OP_COUNT] = {
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
};
