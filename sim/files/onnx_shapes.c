// SPDX-License-Identifier: Apache-2.0
// ONNX operators that move values, and constants.
#include "onnx_operator.h"
#include <math.h>

static void reshape(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.allow_zero = int_attribute(op, "allowzero", 0) != 0};
    if (!need_inputs(op, least, most) || !read_ints(op, with.ints, &with.num_ints, "shape", 1))
        return;
    if (with.num_ints > IGQ_MAX_RANK)
        igq_onnx_refuse(op, "its output has %d dimensions; supported: up to %d", with.num_ints, IGQ_MAX_RANK);
    finish(op, emit(op, kind, &with, 1, op->input));
}

static void flatten(operator_ *op, igq_op kind, int least, int most)
{
    (void)kind;
    if (!need_inputs(op, least, most))
        return;
    const igq_shape *x = &value_of(op, 0)->shape;
    int64_t axis = int_attribute(op, "axis", 1), dim[2] = {1, 1};
    axis += axis < 0 ? x->rank : 0;
    if (axis < 0 || axis > x->rank) {
        igq_onnx_refuse(op, "its axis does not exist");
        return;
    }
    for (int i = 0; i < x->rank; i++)
        dim[i >= axis] *= x->dim[i];
    finish(op, reshape_to(op, op->input[0], 2, dim));
}

static void squeeze(operator_ *op, igq_op kind, int least, int most)
{
    int64_t axes[2 * IGQ_MAX_RANK], dim[IGQ_MAX_RANK];
    int num, rank = 0, removed[IGQ_MAX_RANK] = {0};
    (void)kind;
    if (!need_inputs(op, least, most) || !read_ints(op, axes, &num, "axes", 1))
        return;
    const igq_shape *x = &value_of(op, 0)->shape;
    for (int i = 0; i < num; i++) {
        axes[i] += axes[i] < 0 ? x->rank : 0;
        if (axes[i] < 0 || axes[i] >= x->rank || x->dim[axes[i]] != 1) {
            igq_onnx_refuse(op, "takes away an axis that is not 1, or does not exist");
            return;
        }
        removed[axes[i]] = 1;
    }
    for (int i = 0; i < x->rank; i++)
        if (num < 0 ? x->dim[i] != 1 : !removed[i])
            dim[rank++] = x->dim[i];
    finish(op, reshape_to(op, op->input[0], rank, dim));
}

static void unsqueeze(operator_ *op, igq_op kind, int least, int most)
{
    int64_t axes[2 * IGQ_MAX_RANK], dim[IGQ_MAX_RANK];
    int num, added[IGQ_MAX_RANK] = {0};
    (void)kind;
    if (!need_inputs(op, least, most) || !read_ints(op, axes, &num, "axes", 1))
        return;
    const igq_shape *x = &value_of(op, 0)->shape;
    int rank = x->rank + (num > 0 ? num : 0), from = 0;
    if (rank > IGQ_MAX_RANK) {
        igq_onnx_refuse(op, "its output has %d dimensions; supported: up to %d", rank, IGQ_MAX_RANK);
        return;
    }
    for (int i = 0; i < num; i++) {
        axes[i] += axes[i] < 0 ? rank : 0;
        if (axes[i] < 0 || axes[i] >= rank || added[axes[i]]) {
            igq_onnx_refuse(op, "adds an axis twice, or one that cannot be");
            return;
        }
        added[axes[i]] = 1;
    }
    for (int i = 0; i < rank; i++)
        dim[i] = added[i] ? 1 : x->dim[from++];
    finish(op, reshape_to(op, op->input[0], rank, dim));
}

static void transpose(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {0};
    if (!need_inputs(op, least, most) || !read_ints(op, with.ints, &with.num_ints, "perm", -1))
        return;
    int rank = value_of(op, 0)->shape.rank;
    for (int i = 0; with.num_ints < 0 && i < rank; i++)
        with.ints[i] = rank - 1 - i;
    with.num_ints = with.num_ints < 0 ? rank : with.num_ints;
    finish(op, emit(op, kind, &with, 1, op->input));
}

// Before opset 10 its bounds were attributes.
static void slice_of_attributes(operator_ *op, igq_op kind)
{
    static const char *const names[] = {"starts", "ends", "axes"};
    int inputs[4] = {op->input[0]}, num_inputs = 1;
    for (int i = 0; i < 3; i++) {
        int64_t ints[2 * IGQ_MAX_RANK];
        int num;
        if (!read_ints(op, ints, &num, names[i], -1))
            return;
        if (num >= 0)
            inputs[num_inputs++] = igq_graph_add_ints(op->in->graph, num, ints);
    }
    finish(op, emit(op, kind, &(igq_attributes){0}, num_inputs, inputs));
}

static void slice(operator_ *op, igq_op kind, int least, int most)
{
    if (op->in->opset < 10 && need_inputs(op, 1, 1))
        slice_of_attributes(op, kind);
    else if (need_inputs(op, least, most))
        finish(op, emit(op, kind, &(igq_attributes){0}, op->num_inputs, op->input));
}

// A slice for each output.
static void split(operator_ *op, igq_op kind, int least, int most)
{
    int64_t sizes[2 * IGQ_MAX_RANK], axis = int_attribute(op, "axis", 0), at = 0;
    int num, outputs = (int)op->proto->n_output;
    (void)kind;
    if (!need_inputs(op, least, most) || !read_ints(op, sizes, &num, "split", 1))
        return;
    const igq_shape x = value_of(op, 0)->shape;
    axis += axis < 0 ? x.rank : 0;
    if (axis < 0 || axis >= x.rank || outputs < 1 || outputs > 4096 || (num >= 0 && num != outputs)) {
        igq_onnx_refuse(op, "its axis or its parts do not fit its input");
        return;
    }
    int64_t each = (x.dim[axis] + outputs - 1) / outputs;
    for (int i = 0; i < outputs && op->status == IGQ_OK; i++) {
        int64_t size = num >= 0 ? sizes[i] : x.dim[axis] - at < each ? x.dim[axis] - at : each;
        if (size < 0 || size > x.dim[axis] - at) {
            igq_onnx_refuse(op, "its parts do not fit its input");
            return;
        }
        const int inputs[] = {op->input[0], igq_graph_add_ints(op->in->graph, 1, (int64_t[]){at}),
                              igq_graph_add_ints(op->in->graph, 1, (int64_t[]){at + size}),
                              igq_graph_add_ints(op->in->graph, 1, &axis)};
        int value = emit(op, IGQ_OP_SLICE, &(igq_attributes){0}, 4, inputs);
        if (value >= 0)
            igq_onnx_set_output(op, (size_t)i, value);
        at += size;
    }
}

static void shape_from(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {0};
    if (!need_inputs(op, least, most) ||
        !read_ints(op, with.ints, &with.num_ints, kind == IGQ_OP_TILE ? "repeats" : "shape", 1))
        return;
    if (with.num_ints > IGQ_MAX_RANK)
        igq_onnx_refuse(op, "its output has %d dimensions; supported: up to %d", with.num_ints, IGQ_MAX_RANK);
    finish(op, emit(op, kind, &with, 1, op->input));
}

static void pad(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {0};
    int is_constant = text_is(op, "mode", "constant", "constant");
    if (!need_inputs(op, least, most) || !read_ints(op, with.ints, &with.num_ints, "pads", 1))
        return;
    if (has_input(op, 3)) {
        igq_onnx_refuse(op, "names axes; supported: pads of all axes");
        return;
    }
    if (is_constant && has_input(op, 2) && !read_number(op, &with.alpha, 2))
        return;
    with.axis = is_constant ? 0 : text_is(op, "mode", "reflect", "constant") ? 1 : 2;
    if (with.axis == 2 && !text_is(op, "mode", "edge", "constant"))
        igq_onnx_refuse(op, "its mode is unknown; supported: constant, reflect, edge");
    finish(op, emit(op, kind, &with, 1, op->input));
}

static void resize(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {0};
    if (!need_inputs(op, least, most))
        return;
    const igq_shape *x = &value_of(op, 0)->shape;
    int floors = text_is(op, "coordinate_transformation_mode", "asymmetric", "half_pixel") &&
                 text_is(op, "nearest_mode", "floor", "round_prefer_floor");
    int nearest = text_is(op, "coordinate_transformation_mode", "half_pixel", "half_pixel") &&
                  text_is(op, "nearest_mode", "round_prefer_floor", "round_prefer_floor");
    with.axis = !floors;
    if (!text_is(op, "mode", "nearest", "nearest") || (!floors && !nearest)) {
        igq_onnx_refuse(op, "supported: nearest, asymmetric with floor or half_pixel with round_prefer_floor");
        return;
    }
    if (has_input(op, 3)) {
        if (!read_ints(op, with.ints, &with.num_ints, "sizes", 3))
            return;
    } else if (has_input(op, 2) && value_of(op, 2)->data && value_of(op, 2)->element == IGQ_ELEMENT_FLOAT &&
               igq_shape_elements(&value_of(op, 2)->shape) == x->rank) {
        with.num_ints = x->rank;
        for (int i = 0; i < x->rank; i++) {
            double size = floor((double)x->dim[i] * (double)((const float *)value_of(op, 2)->data)[i]);
            with.ints[i] = size >= 1 && size <= 1 << 24 ? (int64_t)size : 0;
        }
    }
    finish(op, emit(op, kind, &with, 1, op->input));
}

static void scatter(operator_ *op, igq_op kind, int least, int most)
{
    if (!text_is(op, "reduction", "none", "none"))
        igq_onnx_refuse(op, "reduces; supported: \"none\"");
    plain(op, kind, least, most);
}

static void trilu(operator_ *op, igq_op kind, int least, int most)
{
    double diagonal = 0;
    if (!need_inputs(op, least, most) || (has_input(op, 1) && !read_number(op, &diagonal, 1)))
        return;
    const igq_attributes with = {.axis = (int)fmax(-1e6, fmin(1e6, diagonal)),
                                 .allow_zero = int_attribute(op, "upper", 1) != 0};
    finish(op, emit(op, kind, &with, 1, op->input));
}

static void cum_sum(operator_ *op, igq_op kind, int least, int most)
{
    double axis = 0;
    if (!need_inputs(op, least, most) || !read_number(op, &axis, 1))
        return;
    if (int_attribute(op, "exclusive", 0) || int_attribute(op, "reverse", 0) || fabs(axis) > IGQ_MAX_RANK)
        igq_onnx_refuse(op, "is exclusive, reverse or of no axis; supported: plain sums");
    finish(op, emit(op, kind, &(igq_attributes){.axis = op->status == IGQ_OK ? (int)axis : 0}, 1, op->input));
}

/// Constants ///

static void shape_of(operator_ *op, igq_op kind, int least, int most)
{
    (void)kind;
    if (!need_inputs(op, least, most))
        return;
    const igq_shape x = value_of(op, 0)->shape;
    int64_t start = int_attribute(op, "start", 0), end = int_attribute(op, "end", x.rank);
    start += start < 0 ? x.rank : 0;
    end += end < 0 ? x.rank : 0;
    start = start < 0 ? 0 : start > x.rank ? x.rank : start;
    end = end < start ? start : end > x.rank ? x.rank : end;
    finish(op, igq_graph_add_ints(op->in->graph, (int)(end - start), x.dim + start));
}

// A constant with values of its own, copied.
static int constant(operator_ *op, igq_element element, const igq_shape *shape, const void *values)
{
    size_t bytes = (size_t)igq_shape_elements(shape) * igq_element_bytes(element);
    void *data = igq_graph_take(op->in->graph, bytes);
    if (data && bytes)
        memcpy(data, values, bytes);
    return data ? igq_graph_add_weight(op->in->graph, "", data, element, shape) : -1;
}

static void read_constant(operator_ *op, igq_op kind, int least, int most)
{
    const Onnx__AttributeProto *a = op->proto->n_attribute > 0 ? op->proto->attribute[0] : NULL;
    const char *name = a && a->name ? a->name : "";
    (void)kind;
    if (!need_inputs(op, least, most))
        return;
    if (strcmp(name, "value") == 0 && a->t) {
        finish(op, igq_onnx_tensor(op->in, a->t, &op->status));
    } else if (strcmp(name, "value_int") == 0) {
        finish(op, constant(op, IGQ_ELEMENT_INT, &(igq_shape){0}, &a->i));
    } else if (strcmp(name, "value_float") == 0) {
        finish(op, constant(op, IGQ_ELEMENT_FLOAT, &(igq_shape){0}, &a->f));
    } else if (strcmp(name, "value_ints") == 0) {
        finish(op, constant(op, IGQ_ELEMENT_INT, &(igq_shape){1, {(int64_t)a->n_ints}}, a->ints));
    } else if (strcmp(name, "value_floats") == 0) {
        finish(op, constant(op, IGQ_ELEMENT_FLOAT, &(igq_shape){1, {(int64_t)a->n_floats}}, a->floats));
    } else {
        igq_onnx_refuse(
            op, "has attribute \"%.60s\"; supported: value, value_int, value_float, value_ints, value_floats", name);
    }
}

// A number, spread by a node of its own.
static void constant_of_shape(operator_ *op, igq_op kind, int least, int most)
{
    const Onnx__AttributeProto *a = find_attribute(op, "value");
    igq_attributes with = {0};
    if (!need_inputs(op, least, most) || !read_ints(op, with.ints, &with.num_ints, "shape", 0))
        return;
    int value = a && a->t ? igq_onnx_tensor(op->in, a->t, &op->status) : number(op, 0);
    if (op->status != IGQ_OK || value < 0)
        return;
    if (igq_shape_elements(&op->in->graph->value[value].shape) != 1 || with.num_ints > IGQ_MAX_RANK) {
        igq_onnx_refuse(op, "its value is not one number, or its output has more than %d dimensions", IGQ_MAX_RANK);
        return;
    }
    value = reshape_to(op, value, 0, NULL);
    finish(op, emit(op, kind, &with, 1, &value));
}

const igq_onnx_known igq_onnx_shapes[] = {
    {"Constant", read_constant, IGQ_OP_COUNT, 0, 0},
    {"ConstantOfShape", constant_of_shape, IGQ_OP_EXPAND, 1, 1},
    {"CumSum", cum_sum, IGQ_OP_CUM_SUM, 2, 2},
    {"Expand", shape_from, IGQ_OP_EXPAND, 2, 2},
    {"Flatten", flatten, IGQ_OP_RESHAPE, 1, 1},
    {"Pad", pad, IGQ_OP_PAD, 2, 4},
    {"Reshape", reshape, IGQ_OP_RESHAPE, 2, 2},
    {"Resize", resize, IGQ_OP_RESIZE, 1, 4},
    {"ScatterND", scatter, IGQ_OP_SCATTER_ND, 3, 3},
    {"Shape", shape_of, IGQ_OP_COUNT, 1, 1},
    {"Slice", slice, IGQ_OP_SLICE, 3, 5},
    {"Split", split, IGQ_OP_SLICE, 1, 2},
    {"Squeeze", squeeze, IGQ_OP_RESHAPE, 1, 2},
    {"Tile", shape_from, IGQ_OP_TILE, 2, 2},
    {"Transpose", transpose, IGQ_OP_TRANSPOSE, 1, 1},
    {"Trilu", trilu, IGQ_OP_TRILU, 1, 2},
    {"Unsqueeze", unsqueeze, IGQ_OP_RESHAPE, 1, 2},
    {NULL, NULL, IGQ_OP_COUNT, 0, 0},
};
