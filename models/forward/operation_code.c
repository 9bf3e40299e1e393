// SPDX-License-Identifier: Apache-2.0
#include "operation_code.h"
#include "nonlinear.h"
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

#define BINARY(name, expression)                                                                                       \
    static void name##_float(const igq_operands *with)                                                                 \
    {                                                                                                                  \
        const igq_value *out = output_of(with);                                                                        \
        walk w = {.offset = {0}};                                                                                      \
        size_t stride[2], num = elements(out);                                                                         \
        broadcast_strides(w.stride[0], &input_of(with, 0)->shape, &out->shape);                                        \
        broadcast_strides(w.stride[1], &input_of(with, 1)->shape, &out->shape);                                        \
        size_t row = row_of(stride, &w, &out->shape);                                                                  \
        float *y = with->out[0];                                                                                       \
        for (size_t i = 0; i < num; i += row, next_row(&w, &out->shape)) {                                             \
            const float *a = (const float *)with->in[0] + w.offset[0], *b = (const float *)with->in[1] + w.offset[1];  \
            for (size_t k = 0; k < row; k++)                                                                           \
                y[i + k] = expression(a[k * stride[0]], b[k * stride[1]]);                                             \
        }                                                                                                              \
    }
#define SUM(x, y) ((x) + (y))
#define PRODUCT(x, y) ((x) * (y))
BINARY(add, SUM)
BINARY(mul, PRODUCT)

/// Of the vector unit ///

static void gelu(const igq_operands *with)
{
    size_t num = elements(output_of(with));
    memcpy(with->out[0], with->in[0], num * sizeof(float));
    igq_gelu(with->out[0], num);
}

static void softmax(const igq_operands *with)
{
    const igq_value *x = input_of(with, 0);
    size_t num = elements(x), K = (size_t)x->shape.dim[with->node->attributes.axis];
    memcpy(with->out[0], with->in[0], num * sizeof(float));
    igq_softmax_rows(with->out[0], (int)(num / K), (int)K);
}

static void layer_norm(const igq_operands *with)
{
    const igq_value *x = input_of(with, 0);
    int C = (int)x->shape.dim[x->shape.rank - 1];
    igq_layer_norm(with->out[0], with->in[0], with->in[1], with->in[2], (int)elements(x) / C, C,
                   with->node->attributes.epsilon);
}

static void mean(const igq_operands *with)
{
    const igq_shape *x = &input_of(with, 0)->shape;
    const float *in = with->in[0];
    float *y = with->out[0];
    size_t num = elements(output_of(with)), all = elements(input_of(with, 0));
    igq_shape kept = *x;
    for (int i = 0; i < with->node->attributes.num_ints; i++)
        kept.dim[with->node->attributes.ints[i]] = 1;
    walk w = {.offset = {0}};
    size_t stride[2];
    broadcast_strides(w.stride[0], &kept, x);
    size_t row = row_of(stride, &w, x);
    for (size_t i = 0; i < num; i++)
        y[i] = 0;
    for (size_t i = 0; i < all; i += row, next_row(&w, x))
        for (size_t k = 0; k < row; k++)
            y[w.offset[0] + k * stride[0]] += in[i + k];
    for (size_t i = 0; i < num; i++)
        y[i] /= (float)(all / num);
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

const igq_op_code igq_op_codes[IGQ_OP_COUNT] = {
    [IGQ_OP_ADD] = add_float,       [IGQ_OP_MUL] = mul_float,         [IGQ_OP_GELU] = gelu,
    [IGQ_OP_SOFTMAX] = softmax,     [IGQ_OP_LAYER_NORM] = layer_norm, [IGQ_OP_MEAN] = mean,
    [IGQ_OP_TRANSPOSE] = transpose, [IGQ_OP_CONCAT] = concat,         [IGQ_OP_SLICE] = slice,
};
