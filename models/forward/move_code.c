// SPDX-License-Identifier: Apache-2.0
// Values that are moved, not computed.
#include "operation_walk.h"

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

static void reshape(const igq_operands *with)
{
    memcpy(with->out[0], with->in[0], elements(output_of(with)) * igq_element_bytes(output_of(with)->element));
}

const igq_op_code igq_move_codes[IGQ_OP_COUNT] = {
    [IGQ_OP_RESHAPE] = reshape,    [IGQ_OP_TRANSPOSE] = transpose, [IGQ_OP_CONCAT] = concat, [IGQ_OP_SLICE] = slice,
    [IGQ_OP_EXPAND] = expand,      [IGQ_OP_TILE] = tile,           [IGQ_OP_PAD] = pad,       [IGQ_OP_GATHER] = gather,
    [IGQ_OP_SCATTER_ND] = scatter, [IGQ_OP_RANGE] = range,         [IGQ_OP_TRILU] = trilu,   [IGQ_OP_CUM_SUM] = cum_sum,
    [IGQ_OP_RESIZE] = resize,
};
