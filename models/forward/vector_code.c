// SPDX-License-Identifier: Apache-2.0
// What the vector unit does in one go, and reductions.
#include "elementary.h"
#include "nonlinear.h"
#include "operation_walk.h"
#include <math.h>

/// Of the vector unit ///

static void gelu(const igq_operands *with)
{
    size_t num = elements(output_of(with));
    memcpy(with->out[0], with->in[0], num * sizeof(float));
    if (with->node->attributes.axis)
        igq_gelu_tanh(with->out[0], num);
    else
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

// a cos - b sin and a sin + b cos of every pair (a, b).
static void rotary(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape;
    size_t half = (size_t)x->dim[x->rank - 1] / 2, rows = half ? elements(input_of(with, 0)) / (2 * half) : 0;
    size_t step = with->node->attributes.axis ? 2 : 1, other = with->node->attributes.axis ? 1 : half, stride[2];
    igq_shape angles = *x;
    angles.dim[angles.rank - 1] = (int64_t)half;
    walk w = {.offset = {0}};
    broadcast_strides(w.stride[0], &input_of(with, 1)->shape, &angles);
    broadcast_strides(w.stride[1], &input_of(with, 2)->shape, &angles);
    row_of(stride, &w, &angles);
    const float *in = with->in[0], *cosines = with->in[1], *sines = with->in[2];
    float *y = with->out[0];
    for (size_t row = 0; row < rows; row++, in += 2 * half, y += 2 * half, next_row(&w, &angles))
        for (size_t k = 0; k < half; k++) {
            float a = in[k * step], b = in[k * step + other];
            float cosine = cosines[w.offset[0] + k * stride[0]], sine = sines[w.offset[1] + k * stride[1]];
            y[k * step] = a * cosine - b * sine;
            y[k * step + other] = a * sine + b * cosine;
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

const igq_op_code igq_vector_codes[IGQ_OP_COUNT] = {
    [IGQ_OP_GELU] = gelu,         [IGQ_OP_SOFTMAX] = softmax,       [IGQ_OP_LAYER_NORM] = layer_norm,
    [IGQ_OP_RMS_NORM] = rms_norm, [IGQ_OP_BATCH_NORM] = batch_norm, [IGQ_OP_MEAN] = mean,
    [IGQ_OP_SUM] = sum,           [IGQ_OP_REDUCE_MAX] = largest,    [IGQ_OP_REDUCE_MIN] = least,
    [IGQ_OP_ARG_MAX] = arg_max,   [IGQ_OP_ROTARY] = rotary,
};
