// SPDX-License-Identifier: Apache-2.0
#include "graph_infer.h"
#include <assert.h>
#include <string.h>

const int64_t *igq_constant_ints(const igq_graph *graph, const igq_node *node, int input, int *num)
{
    if (!has_input(node, input))
        return NULL;
    const igq_value *value = VALUE(input);
    *num = (int)igq_shape_elements(&value->shape);
    return value->element == IGQ_ELEMENT_INT && value->is_constant ? value->data : NULL;
}

int igq_broadcast(igq_shape *out, const igq_shape *a, const igq_shape *b)
{
    igq_shape shape = {.rank = a->rank > b->rank ? a->rank : b->rank};
    for (int i = 1; i <= shape.rank; i++) {
        int64_t of_a = i <= a->rank ? a->dim[a->rank - i] : 1, of_b = i <= b->rank ? b->dim[b->rank - i] : 1;
        if (of_a != of_b && of_a != 1 && of_b != 1)
            return 0;
        shape.dim[shape.rank - i] = of_a == 1 ? of_b : of_a;
    }
    *out = shape;
    return 1;
}

static const char *broadcast(igq_graph *graph, igq_node *node)
{
    igq_shape shape = {0};
    if (!igq_broadcast(&shape, &VALUE(0)->shape, &VALUE(1)->shape))
        return "its inputs do not fit each other";
    if (VALUE(0)->element != VALUE(1)->element)
        return "its inputs are of different types";
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

static const char *compare(igq_graph *graph, igq_node *node)
{
    const char *wrong = broadcast(graph, node);
    if (!wrong)
        OUTPUT(0)->element = IGQ_ELEMENT_INT;
    return wrong;
}

static const char *infer_where(igq_graph *graph, igq_node *node)
{
    igq_shape shape = {0};
    if (VALUE(0)->element != IGQ_ELEMENT_INT || VALUE(1)->element != VALUE(2)->element)
        return "its inputs are of different types";
    if (!igq_broadcast(&shape, &VALUE(1)->shape, &VALUE(2)->shape) || !igq_broadcast(&shape, &VALUE(0)->shape, &shape))
        return "its inputs do not fit each other";
    set(graph, node, 0, VALUE(1)->element, &shape);
    return NULL;
}

// Elementwise on floats alone.
static const char *as_first_float(igq_graph *graph, igq_node *node)
{
    return VALUE(0)->element == IGQ_ELEMENT_FLOAT ? as_first(graph, node) : "its input is not float";
}

static const char *as_first_int(igq_graph *graph, igq_node *node)
{
    return VALUE(0)->element == IGQ_ELEMENT_INT ? as_first(graph, node) : "its input is not an integer";
}

static const char *infer_cast(igq_graph *graph, igq_node *node)
{
    as_first(graph, node);
    OUTPUT(0)->element = node->op == IGQ_OP_CAST_BOOL ? IGQ_ELEMENT_INT : (igq_element)node->attributes.axis;
    return NULL;
}

/// Products ///

static const char *infer_linear(igq_graph *graph, igq_node *node)
{
    igq_shape shape = VALUE(0)->shape;
    const igq_shape *weight = &VALUE(1)->shape;
    if (shape.rank < 1 || weight->rank != 2 || weight->dim[1] != shape.dim[shape.rank - 1])
        return "weights and input do not fit each other";
    shape.dim[shape.rank - 1] = weight->dim[0];
    set(graph, node, 0, IGQ_ELEMENT_FLOAT, &shape);
    return NULL;
}

static const char *infer_matmul(igq_graph *graph, igq_node *node)
{
    igq_shape a = VALUE(0)->shape, b = VALUE(1)->shape, shape;
    if (a.rank < 2 || b.rank < 2 || a.dim[a.rank - 1] != b.dim[b.rank - 2])
        return "its inputs do not fit each other";
    int64_t rows = a.dim[a.rank - 1 - 1], columns = b.dim[b.rank - 1];
    a.dim[a.rank - 2] = a.dim[a.rank - 1] = b.dim[b.rank - 2] = b.dim[b.rank - 1] = 1;
    if (!igq_broadcast(&shape, &a, &b))
        return "its inputs do not fit each other";
    shape.dim[shape.rank - 2] = rows;
    shape.dim[shape.rank - 1] = columns;
    if (has_input(node, 2) && igq_shape_elements(&VALUE(2)->shape) != columns)
        return "its bias does not fit";
    set(graph, node, 0, IGQ_ELEMENT_FLOAT, &shape);
    return NULL;
}

// Places of a window along one dimension; 0 if it does not fit.
static int64_t window_places(int64_t size, int64_t kernel, const igq_attributes *with, int axis)
{
    int64_t padded = size + with->pad[axis] + with->pad[axis + 2], reach = with->dilation[axis] * (kernel - 1) + 1;
    if (padded < reach || kernel < 1)
        return 0;
    int64_t places = (padded - reach + (with->ceil_mode ? with->stride[axis] - 1 : 0)) / with->stride[axis] + 1;
    // The last window begins inside of the image or of what is put before it.
    return with->ceil_mode && (places - 1) * with->stride[axis] >= size + with->pad[axis] ? places - 1 : places;
}

static const char *infer_conv(igq_graph *graph, igq_node *node)
{
    const igq_attributes *with = &node->attributes;
    const igq_shape *x = &VALUE(0)->shape, *weight = &VALUE(1)->shape;
    if (x->rank != 4 || weight->rank != 4)
        return "is not a convolution of images [N][C][H][W]";
    if (with->groups < 1 || x->dim[1] != weight->dim[1] * with->groups || weight->dim[0] % with->groups != 0)
        return "weights and input do not fit each other";
    igq_shape shape = {.rank = 4, .dim = {x->dim[0], weight->dim[0]}};
    for (int axis = 0; axis < 2; axis++) {
        shape.dim[2 + axis] = window_places(x->dim[2 + axis], weight->dim[2 + axis], with, axis);
        if (shape.dim[2 + axis] < 1)
            return "its window does not fit into its input";
    }
    set(graph, node, 0, IGQ_ELEMENT_FLOAT, &shape);
    return NULL;
}

static const char *infer_pool(igq_graph *graph, igq_node *node)
{
    const igq_attributes *with = &node->attributes;
    igq_shape shape = VALUE(0)->shape;
    if (shape.rank != 4)
        return "is not over images [N][C][H][W]";
    for (int axis = 0; axis < 2; axis++) {
        shape.dim[2 + axis] = window_places(shape.dim[2 + axis], with->kernel[axis], with, axis);
        if (shape.dim[2 + axis] < 1)
            return "its window does not fit into its input";
    }
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

static const char *infer_roi_align(igq_graph *graph, igq_node *node)
{
    const igq_shape *x = &VALUE(0)->shape, *boxes = &VALUE(1)->shape;
    const igq_attributes *with = &node->attributes;
    if (x->rank != 4 || x->dim[0] != 1 || boxes->rank != 2 || boxes->dim[1] != 4)
        return "is not of boxes [R][4] in an image [1][C][H][W]";
    const igq_shape shape = igq_shape_of(4, (int64_t[]){boxes->dim[0], x->dim[1], with->kernel[0], with->kernel[1]});
    set(graph, node, 0, IGQ_ELEMENT_FLOAT, &shape);
    return NULL;
}

/// Of the vector unit ///

static const char *infer_softmax(igq_graph *graph, igq_node *node)
{
    int64_t axis = node->attributes.axis;
    if (!fix_axis(&axis, VALUE(0)->shape.rank))
        return "its axis does not exist";
    node->attributes.axis = (int)axis;
    return as_first(graph, node);
}

static const char *infer_layer_norm(igq_graph *graph, igq_node *node)
{
    const igq_shape *x = &VALUE(0)->shape;
    if (x->rank < 1 || igq_shape_elements(&VALUE(1)->shape) != x->dim[x->rank - 1])
        return "its gain does not fit its input";
    if (has_input(node, 2) && igq_shape_elements(&VALUE(2)->shape) != x->dim[x->rank - 1])
        return "its bias does not fit its input";
    return as_first_float(graph, node);
}

// axis 1: pairs are neighbours; 0: value c of the first half and value c of the second.
static const char *infer_rotary(igq_graph *graph, igq_node *node)
{
    igq_shape half = VALUE(0)->shape, shape = {0};
    if (half.rank < 1 || half.dim[half.rank - 1] % 2 != 0)
        return "has no pairs to turn";
    half.dim[half.rank - 1] /= 2;
    for (int i = 1; i < 3; i++)
        if (VALUE(i)->element != IGQ_ELEMENT_FLOAT || !igq_broadcast(&shape, &half, &VALUE(i)->shape) ||
            shape.rank != half.rank || igq_shape_elements(&shape) != igq_shape_elements(&half))
            return "its angles do not fit its input";
    return as_first_float(graph, node);
}

static const char *infer_batch_norm(igq_graph *graph, igq_node *node)
{
    const igq_shape *x = &VALUE(0)->shape;
    for (int i = 1; i < 5; i++)
        if (x->rank < 2 || igq_shape_elements(&VALUE(i)->shape) != x->dim[1])
            return "its parameters do not fit its input";
    return as_first_float(graph, node);
}

static const char *infer_mean(igq_graph *graph, igq_node *node)
{
    const igq_shape *x = &VALUE(0)->shape;
    igq_shape shape = {0};
    int reduced[IGQ_MAX_RANK] = {0};
    igq_attributes *with = &node->attributes;
    for (int i = 0; i < with->num_ints; i++) {
        if (!fix_axis(&with->ints[i], x->rank))
            return "its axis does not exist";
        reduced[with->ints[i]] = 1;
    }
    for (int i = 0; i < x->rank; i++)
        if (!reduced[i] || with->keep_dims)
            shape.dim[shape.rank++] = reduced[i] ? 1 : x->dim[i];
    set(graph, node, 0, VALUE(0)->element, &shape);
    return igq_shape_elements(x) > 0 ? NULL : "has nothing to reduce";
}

static const char *infer_arg_max(igq_graph *graph, igq_node *node)
{
    node->attributes.num_ints = 1;
    node->attributes.ints[0] = node->attributes.axis;
    const char *wrong = infer_mean(graph, node);
    node->attributes.axis = (int)node->attributes.ints[0];
    OUTPUT(0)->element = IGQ_ELEMENT_INT;
    return wrong;
}

const igq_op_rule igq_op_rules[IGQ_OP_COUNT] = {
    [IGQ_OP_CONV] = {"Conv", 2, 3, infer_conv},
    [IGQ_OP_LINEAR] = {"Linear", 2, 5, infer_linear},
    [IGQ_OP_MATMUL] = {"MatMul", 2, 3, infer_matmul},
    [IGQ_OP_ADD] = {"Add", 2, 2, broadcast},
    [IGQ_OP_SUB] = {"Sub", 2, 2, broadcast},
    [IGQ_OP_MUL] = {"Mul", 2, 2, broadcast},
    [IGQ_OP_DIV] = {"Div", 2, 2, broadcast},
    [IGQ_OP_POW] = {"Pow", 2, 2, broadcast},
    [IGQ_OP_MIN] = {"Min", 2, 2, broadcast},
    [IGQ_OP_MAX] = {"Max", 2, 2, broadcast},
    [IGQ_OP_MOD] = {"Mod", 2, 2, broadcast},
    [IGQ_OP_EQUAL] = {"Equal", 2, 2, compare},
    [IGQ_OP_GREATER] = {"Greater", 2, 2, compare},
    [IGQ_OP_LESS] = {"Less", 2, 2, compare},
    [IGQ_OP_GREATER_OR_EQUAL] = {"GreaterOrEqual", 2, 2, compare},
    [IGQ_OP_LESS_OR_EQUAL] = {"LessOrEqual", 2, 2, compare},
    [IGQ_OP_AND] = {"And", 2, 2, compare},
    [IGQ_OP_OR] = {"Or", 2, 2, compare},
    [IGQ_OP_WHERE] = {"Where", 3, 3, infer_where},
    [IGQ_OP_NEG] = {"Neg", 1, 1, as_first},
    [IGQ_OP_ABS] = {"Abs", 1, 1, as_first},
    [IGQ_OP_SQRT] = {"Sqrt", 1, 1, as_first_float},
    [IGQ_OP_RECIPROCAL] = {"Reciprocal", 1, 1, as_first_float},
    [IGQ_OP_EXP] = {"Exp", 1, 1, as_first_float},
    [IGQ_OP_LOG] = {"Log", 1, 1, as_first_float},
    [IGQ_OP_ERF] = {"Erf", 1, 1, as_first_float},
    [IGQ_OP_TANH] = {"Tanh", 1, 1, as_first_float},
    [IGQ_OP_SIGMOID] = {"Sigmoid", 1, 1, as_first_float},
    [IGQ_OP_SOFTPLUS] = {"Softplus", 1, 1, as_first_float},
    [IGQ_OP_RELU] = {"Relu", 1, 1, as_first_float},
    [IGQ_OP_LEAKY_RELU] = {"LeakyRelu", 1, 1, as_first_float},
    [IGQ_OP_HARD_SIGMOID] = {"HardSigmoid", 1, 1, as_first_float},
    [IGQ_OP_HARD_SWISH] = {"HardSwish", 1, 1, as_first_float},
    [IGQ_OP_CLIP] = {"Clip", 1, 1, as_first_float},
    [IGQ_OP_FLOOR] = {"Floor", 1, 1, as_first_float},
    [IGQ_OP_CEIL] = {"Ceil", 1, 1, as_first_float},
    [IGQ_OP_ROUND] = {"Round", 1, 1, as_first_float},
    [IGQ_OP_SIN] = {"Sin", 1, 1, as_first_float},
    [IGQ_OP_COS] = {"Cos", 1, 1, as_first_float},
    [IGQ_OP_NOT] = {"Not", 1, 1, as_first_int},
    [IGQ_OP_CAST] = {"Cast", 1, 1, infer_cast},
    [IGQ_OP_CAST_BOOL] = {"Cast", 1, 1, infer_cast},
    [IGQ_OP_GELU] = {"Gelu", 1, 1, as_first_float},
    [IGQ_OP_SILU] = {"Silu", 1, 1, as_first_float},
    [IGQ_OP_SOFTMAX] = {"Softmax", 1, 1, infer_softmax},
    [IGQ_OP_LAYER_NORM] = {"LayerNormalization", 3, 3, infer_layer_norm},
    [IGQ_OP_RMS_NORM] = {"RMSNormalization", 2, 2, infer_layer_norm},
    [IGQ_OP_ROTARY] = {"RotaryEmbedding", 3, 3, infer_rotary},
    [IGQ_OP_BATCH_NORM] = {"BatchNormalization", 5, 5, infer_batch_norm},
    [IGQ_OP_MEAN] = {"ReduceMean", 1, 1, infer_mean},
    [IGQ_OP_SUM] = {"ReduceSum", 1, 1, infer_mean},
    [IGQ_OP_REDUCE_MAX] = {"ReduceMax", 1, 1, infer_mean},
    [IGQ_OP_REDUCE_MIN] = {"ReduceMin", 1, 1, infer_mean},
    [IGQ_OP_ARG_MAX] = {"ArgMax", 1, 1, infer_arg_max},
    [IGQ_OP_MAX_POOL] = {"MaxPool", 1, 1, infer_pool},
    [IGQ_OP_AVERAGE_POOL] = {"AveragePool", 1, 1, infer_pool},
    [IGQ_OP_ROI_ALIGN] = {"RoiAlign", 2, 2, infer_roi_align},
    [IGQ_OP_RESHAPE] = {"Reshape", 1, 1, igq_infer_reshape},
    [IGQ_OP_TRANSPOSE] = {"Transpose", 1, 1, igq_infer_transpose},
    [IGQ_OP_CONCAT] = {"Concat", 1, 1 << 12, igq_infer_concat},
    [IGQ_OP_SLICE] = {"Slice", 3, 5, igq_infer_slice},
    [IGQ_OP_EXPAND] = {"Expand", 1, 1, igq_infer_expand},
    [IGQ_OP_TILE] = {"Tile", 1, 1, igq_infer_tile},
    [IGQ_OP_PAD] = {"Pad", 1, 1, igq_infer_pad},
    [IGQ_OP_GATHER] = {"Gather", 2, 2, igq_infer_gather},
    [IGQ_OP_SCATTER_ND] = {"ScatterND", 3, 3, igq_infer_scatter},
    [IGQ_OP_RANGE] = {"Range", 3, 3, igq_infer_range},
    [IGQ_OP_TRILU] = {"Trilu", 1, 1, igq_infer_trilu},
    [IGQ_OP_CUM_SUM] = {"CumSum", 1, 1, infer_softmax},
    [IGQ_OP_RESIZE] = {"Resize", 1, 1, igq_infer_resize},
};

const char *igq_op_infer(igq_graph *graph, igq_node *node)
{
    const igq_op_rule *operation = &igq_op_rules[node->op];
    if (node->num_inputs < operation->least_inputs || node->num_inputs > operation->most_inputs)
        return "has a wrong number of inputs";
    for (int i = 0; i < node->num_inputs; i++)
        if (node->input[i] < 0 && (i < operation->least_inputs || node->op == IGQ_OP_CONCAT))
            return "misses an input";
    const char *wrong = operation->infer(graph, node);
    for (int i = 0; !wrong && i < node->num_outputs; i++) {
        const igq_shape *shape = &OUTPUT(i)->shape;
        int64_t num = 1;
        for (int k = 0; k < shape->rank; k++)
            if (shape->dim[k] < 0 || __builtin_mul_overflow(num, shape->dim[k], &num) || num > IGQ_MAX_VALUE_ELEMENTS)
                return "its output is too large";
    }
    return wrong;
}

int igq_build(igq_graph *graph, igq_op op, igq_attributes attributes, int num_inputs, const int *inputs)
{
    if (graph->out_of_memory)
        return -1;
    igq_node *node = igq_graph_add_node(graph, op, &attributes, num_inputs, inputs, 1);
    if (!node)
        return -1;
    const char *wrong = igq_op_infer(graph, node);
    assert(!wrong);
    (void)wrong;
    return node->output[0];
}
