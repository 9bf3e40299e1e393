// SPDX-License-Identifier: Apache-2.0
// Shapes of values that are moved, not computed.
#include "graph_infer.h"
#include <math.h>

const char *igq_infer_reshape(igq_graph *graph, igq_node *node)
{
    const igq_attributes *with = &node->attributes;
    const igq_shape *x = &VALUE(0)->shape;
    igq_shape shape = {.rank = with->num_ints};
    int64_t known = 1, num = igq_shape_elements(x);
    int rest = -1;
    for (int i = 0; i < shape.rank; i++) {
        int64_t dim = with->ints[i];
        if (dim == 0 && !with->allow_zero)
            dim = i < x->rank ? x->dim[i] : -2;
        if (dim < -1 || (dim == -1 && rest >= 0) || dim > IGQ_MAX_VALUE_ELEMENTS)
            return "its new shape is no shape";
        if (dim == -1)
            rest = i;
        else if (__builtin_mul_overflow(known, dim, &known))
            return "its new shape is too large";
        shape.dim[i] = dim;
    }
    if (rest >= 0)
        shape.dim[rest] = known > 0 ? num / known : 0;
    if (igq_shape_elements(&shape) != num)
        return "its new shape has another number of elements";
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

const char *igq_infer_transpose(igq_graph *graph, igq_node *node)
{
    const igq_attributes *with = &node->attributes;
    const igq_shape *x = &VALUE(0)->shape;
    igq_shape shape = {.rank = x->rank};
    int seen = 0;
    for (int i = 0; i < x->rank; i++) {
        if (with->num_ints != x->rank || with->ints[i] < 0 || with->ints[i] >= x->rank)
            return "its permutation does not fit its input";
        seen |= 1 << with->ints[i];
        shape.dim[i] = x->dim[with->ints[i]];
    }
    if (seen != (1 << x->rank) - 1)
        return "its permutation names an axis twice";
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

const char *igq_infer_concat(igq_graph *graph, igq_node *node)
{
    igq_shape shape = VALUE(0)->shape;
    int64_t axis = node->attributes.axis;
    if (!fix_axis(&axis, shape.rank))
        return "its axis does not exist";
    node->attributes.axis = (int)axis;
    for (int i = 1; i < node->num_inputs; i++) {
        const igq_shape *x = &VALUE(i)->shape;
        if (x->rank != shape.rank || VALUE(i)->element != VALUE(0)->element)
            return "its inputs do not fit each other";
        for (int k = 0; k < shape.rank; k++)
            if (k != axis && x->dim[k] != shape.dim[k])
                return "its inputs do not fit each other";
        shape.dim[axis] += x->dim[axis];
    }
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

// The inputs become attributes: ints (2 per axis) are start and step of every axis.
const char *igq_infer_slice(igq_graph *graph, igq_node *node)
{
    int num = 0, num_ends = 0, num_axes = 0, num_steps = 0;
    const int64_t *starts = igq_constant_ints(graph, node, 1, &num), *axes, *steps;
    const int64_t *ends = igq_constant_ints(graph, node, 2, &num_ends);
    axes = igq_constant_ints(graph, node, 3, &num_axes);
    steps = igq_constant_ints(graph, node, 4, &num_steps);
    igq_shape shape = VALUE(0)->shape;
    igq_attributes *with = &node->attributes;
    if (!starts || !ends || (!axes && has_input(node, 3)) || (!steps && has_input(node, 4)))
        return "its bounds are not constant";
    if (num_ends != num || (axes && num_axes != num) || (steps && num_steps != num) || num > shape.rank)
        return "its bounds do not fit its input";
    for (int i = 0; i < shape.rank; i++) {
        with->ints[2 * i] = 0;
        with->ints[2 * i + 1] = 1;
    }
    with->num_ints = 2 * shape.rank;
    for (int i = 0; i < num; i++) {
        int64_t axis = axes ? axes[i] : i, step = steps ? steps[i] : 1;
        if (!fix_axis(&axis, shape.rank) || step == 0 || step < -IGQ_MAX_VALUE_ELEMENTS ||
            step > IGQ_MAX_VALUE_ELEMENTS)
            return "its bounds do not fit its input";
        int64_t size = VALUE(0)->shape.dim[axis], start = starts[i], end = ends[i];
        start += start < 0 ? size : 0;
        end += end < 0 ? size : 0;
        start = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
        end = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
        int64_t way = step > 0 ? end - start : start - end, pace = step > 0 ? step : -step;
        shape.dim[axis] = way > 0 ? (way + pace - 1) / pace : 0;
        with->ints[2 * axis] = start;
        with->ints[2 * axis + 1] = step;
    }
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

const char *igq_infer_expand(igq_graph *graph, igq_node *node)
{
    igq_shape shape = igq_shape_of(node->attributes.num_ints, node->attributes.ints);
    if (!igq_broadcast(&shape, &VALUE(0)->shape, &shape))
        return "its new shape does not fit its input";
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

const char *igq_infer_tile(igq_graph *graph, igq_node *node)
{
    igq_shape shape = VALUE(0)->shape;
    if (node->attributes.num_ints != shape.rank)
        return "its repetitions do not fit its input";
    for (int i = 0; i < shape.rank; i++)
        if (node->attributes.ints[i] < 0 ||
            __builtin_mul_overflow(shape.dim[i], node->attributes.ints[i], &shape.dim[i]))
            return "its output is too large";
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

const char *igq_infer_pad(igq_graph *graph, igq_node *node)
{
    igq_shape shape = VALUE(0)->shape;
    const igq_attributes *with = &node->attributes;
    if (with->num_ints != 2 * shape.rank)
        return "its pads do not fit its input";
    for (int i = 0; i < shape.rank; i++) {
        int64_t before = with->ints[i], behind = with->ints[i + shape.rank], most = shape.dim[i] - 1;
        if (before < 0 || behind < 0 || before > IGQ_MAX_VALUE_ELEMENTS || behind > IGQ_MAX_VALUE_ELEMENTS)
            return "its pads are negative or too large";
        if ((with->axis == 1 && (before > most || behind > most)) || (with->axis == 2 && most < 0))
            return "mirrors more than there is";
        shape.dim[i] += before + behind;
    }
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

const char *igq_infer_gather(igq_graph *graph, igq_node *node)
{
    const igq_shape *x = &VALUE(0)->shape, *indices = &VALUE(1)->shape;
    int64_t axis = node->attributes.axis;
    igq_shape shape = {0};
    if (!fix_axis(&axis, x->rank) || VALUE(1)->element != IGQ_ELEMENT_INT)
        return "its axis does not exist, or its indices are no integers";
    node->attributes.axis = (int)axis;
    if (x->rank - 1 + indices->rank > IGQ_MAX_RANK)
        return "its output has too many dimensions";
    for (int i = 0; i < axis; i++)
        shape.dim[shape.rank++] = x->dim[i];
    for (int i = 0; i < indices->rank; i++)
        shape.dim[shape.rank++] = indices->dim[i];
    for (int i = (int)axis + 1; i < x->rank; i++)
        shape.dim[shape.rank++] = x->dim[i];
    set(graph, node, 0, VALUE(0)->element, &shape);
    return x->dim[axis] > 0 || igq_shape_elements(indices) == 0 ? NULL : "has nothing to gather";
}

const char *igq_infer_scatter(igq_graph *graph, igq_node *node)
{
    const igq_shape *x = &VALUE(0)->shape, *indices = &VALUE(1)->shape, *updates = &VALUE(2)->shape;
    int64_t depth = indices->rank > 0 ? indices->dim[indices->rank - 1] : 0;
    if (depth < 1 || depth > x->rank || VALUE(1)->element != IGQ_ELEMENT_INT ||
        VALUE(2)->element != VALUE(0)->element || updates->rank != indices->rank - 1 + x->rank - (int)depth)
        return "its indices and updates do not fit its input";
    for (int i = 0; i < updates->rank; i++)
        if (updates->dim[i] != (i < indices->rank - 1 ? indices->dim[i] : x->dim[i - (indices->rank - 1) + (int)depth]))
            return "its indices and updates do not fit its input";
    for (int i = 0; i < depth; i++)
        if (x->dim[i] == 0 && igq_shape_elements(updates) > 0)
            return "has nothing to scatter to";
    return as_first(graph, node);
}

const char *igq_infer_range(igq_graph *graph, igq_node *node)
{
    double bound[3];
    for (int i = 0; i < 3; i++) {
        const igq_value *value = VALUE(i);
        if (!value->is_constant || !value->data || igq_shape_elements(&value->shape) != 1 ||
            value->element != VALUE(0)->element)
            return "its bounds are not constant numbers of one type";
        bound[i] = value->element == IGQ_ELEMENT_INT ? (double)*(const int64_t *)value->data
                                                     : (double)*(const float *)value->data;
    }
    double num = bound[2] != 0 ? ceil((bound[1] - bound[0]) / bound[2]) : -1;
    if (!(num <= (double)IGQ_MAX_VALUE_ELEMENTS) || bound[2] == 0)
        return "its bounds are no range";
    const igq_shape shape = {.rank = 1, .dim = {num > 0 ? (int64_t)num : 0}};
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

const char *igq_infer_trilu(igq_graph *graph, igq_node *node)
{
    return VALUE(0)->shape.rank >= 2 ? as_first(graph, node) : "its input is no matrix";
}

const char *igq_infer_resize(igq_graph *graph, igq_node *node)
{
    igq_shape shape = VALUE(0)->shape;
    if (node->attributes.num_ints != shape.rank)
        return "its sizes do not fit its input";
    for (int i = 0; i < shape.rank; i++) {
        if (node->attributes.ints[i] < 1 || shape.dim[i] < 1)
            return "its sizes do not fit its input";
        shape.dim[i] = node->attributes.ints[i];
    }
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}
