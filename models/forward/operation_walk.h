// SPDX-License-Identifier: Apache-2.0
// operation_walk.h - inside of the operations' code: their values and walks through them. The code itself stands in
// elementwise_code.c (two operands), unary_code.c (one), vector_code.c (norms, softmax, reductions), move_code.c and
// window_code.c (windows, naive products), a table of its own in each.
#ifndef IGQ_OPERATION_WALK_H
#define IGQ_OPERATION_WALK_H
#include "operation_code.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// By operation; NULL: of another file.
extern const igq_op_code igq_elementwise_codes[IGQ_OP_COUNT], igq_unary_codes[IGQ_OP_COUNT];
extern const igq_op_code igq_vector_codes[IGQ_OP_COUNT], igq_move_codes[IGQ_OP_COUNT], igq_window_codes[IGQ_OP_COUNT];

static inline const igq_value *input_of(const igq_operands *with, int i)
{
    return &with->graph->value[with->node->input[i]];
}

static inline const igq_value *output_of(const igq_operands *with)
{
    return &with->graph->value[with->node->output[0]];
}

static inline size_t elements(const igq_value *value)
{
    return (size_t)igq_shape_elements(&value->shape);
}

// Product of the dimensions first ... before.
static inline size_t span(const igq_shape *shape, int first, int before)
{
    size_t num = 1;
    for (int i = first; i < before; i++)
        num *= (size_t)shape->dim[i];
    return num;
}

// Steps through an operand in the order of the result: its distance in elements along each dimension, 0 where it is
// stretched.
static inline void broadcast_strides(size_t stride[IGQ_MAX_RANK], const igq_shape *operand, const igq_shape *out)
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

static inline void next_row(walk *w, const igq_shape *out)
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
static inline size_t row_of(size_t stride[2], const walk *w, const igq_shape *out)
{
    for (int i = 0; i < 2; i++)
        stride[i] = out->rank > 0 ? w->stride[i][out->rank - 1] : 0;
    return out->rank > 0 ? (size_t)out->dim[out->rank - 1] : 1;
}

#define SUM(x, y) ((x) + (y))
#define LEAST(x, y) ((y) < (x) ? (y) : (x))
#define LARGEST(x, y) ((y) > (x) ? (y) : (x))

// Integers wrap.
static inline int64_t add_int(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x + (uint64_t)y);
}

static inline int64_t sub_int(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x - (uint64_t)y);
}

static inline int64_t mul_int(int64_t x, int64_t y)
{
    return (int64_t)((uint64_t)x * (uint64_t)y);
}

// Numbers that no int64 holds become its ends, NaN 0.
static inline int64_t to_int(float x)
{
    return x != x ? 0 : x >= 0x1p63f ? INT64_MAX : x < -0x1p63f ? INT64_MIN : (int64_t)x;
}

// A function NAME that is NAME_float or NAME_int64_t, by the elements of its first input.
#define BY_ELEMENT(name)                                                                                               \
    static void name(const igq_operands *with)                                                                         \
    {                                                                                                                  \
        if (input_of(with, 0)->element == IGQ_ELEMENT_FLOAT)                                                           \
            name##_float(with);                                                                                        \
        else                                                                                                           \
            name##_int64_t(with);                                                                                      \
    }

#endif
