// SPDX-License-Identifier: Apache-2.0
// The operators of ONNX that igqsim knows, each as nodes of a graph: here the elementwise ones, norms and reductions.
#include "onnx_operator.h"
#include <math.h>
#include <stdio.h>

// With an axis, and alpha and beta of their own.
static void with_attributes(operator_ *op, igq_op kind, int least, int most)
{
    static const struct {
        igq_op kind;
        int axis;
        double alpha, beta;
    } initial[] = {{IGQ_OP_SOFTMAX, -1, 0, 0},
                   {IGQ_OP_LEAKY_RELU, 0, 0.01, 0},
                   {IGQ_OP_HARD_SIGMOID, 0, 0.2, 0.5},
                   {IGQ_OP_CONCAT, 0, 0, 0},
                   {IGQ_OP_GATHER, 0, 0, 0}};
    igq_attributes with = {0};
    if (!need_inputs(op, least, most))
        return;
    for (size_t i = 0; i < sizeof initial / sizeof *initial; i++)
        if (initial[i].kind == kind) {
            with.axis = (int)int_attribute(op, "axis", initial[i].axis);
            with.alpha = float_attribute(op, "alpha", initial[i].alpha);
            with.beta = float_attribute(op, "beta", initial[i].beta);
        }
    int rank = value_of(op, 0)->shape.rank, last = with.axis == -1 || with.axis == rank - 1;
    if (kind == IGQ_OP_SOFTMAX && op->in->opset < 13 && (!last || !find_attribute(op, "axis")))
        igq_onnx_refuse(op, "is of opset %d and not along the last axis; supported: along the last, or opset 13",
                        op->in->opset);
    finish(op, emit(op, kind, &with, op->num_inputs, op->input));
}

static void same_value(operator_ *op, igq_op kind, int least, int most)
{
    (void)kind;
    if (need_inputs(op, least, most))
        finish(op, op->input[0]);
}

static void chain(operator_ *op, igq_op kind, int least, int most)
{
    if (!need_inputs(op, least, most))
        return;
    int value = op->input[0];
    for (int i = 1; i < op->num_inputs && op->input[i] >= 0; i++)
        value = emit(op, kind, &(igq_attributes){0}, 2, (int[]){value, op->input[i]});
    finish(op, value);
}

static void cast(operator_ *op, igq_op kind, int least, int most)
{
    int64_t to = int_attribute(op, "to", 0);
    int is_float = to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT || to == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE ||
                   to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 || to == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
    igq_attributes with = {.axis = is_float ? IGQ_ELEMENT_FLOAT : IGQ_ELEMENT_INT};
    if (!need_inputs(op, least, most))
        return;
    if (to == ONNX__TENSOR_PROTO__DATA_TYPE__BOOL)
        kind = IGQ_OP_CAST_BOOL;
    else if ((int)value_of(op, 0)->element == with.axis) {
        finish(op, op->input[0]);
        return;
    }
    finish(op, emit(op, kind, &with, 1, op->input));
}

static void clip(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.alpha = float_attribute(op, "min", -INFINITY),
                           .beta = float_attribute(op, "max", INFINITY)};
    if (!need_inputs(op, least, most))
        return;
    if ((has_input(op, 1) && !read_number(op, &with.alpha, 1)) || (has_input(op, 2) && !read_number(op, &with.beta, 2)))
        return;
    finish(op, emit(op, kind, &with, 1, op->input));
}

static void gelu(operator_ *op, igq_op kind, int least, int most)
{
    if (!text_is(op, "approximate", "none", "none"))
        igq_onnx_refuse(op, "is approximate; supported: \"none\"");
    plain(op, kind, least, most);
}

/// Norms and reductions ///

static void layer_norm(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.epsilon = float_attribute(op, "epsilon", 1e-5)};
    if (!need_inputs(op, least, most))
        return;
    const igq_shape *x = &value_of(op, 0)->shape;
    int64_t axis = int_attribute(op, "axis", -1);
    if (x->rank < 1 || (axis != -1 && axis != x->rank - 1)) {
        igq_onnx_refuse(op, "is along axis %d; supported: the last", (int)axis);
        return;
    }
    int inputs[3] = {op->input[0], op->input[1], has_input(op, 2) ? op->input[2] : -1};
    if (inputs[2] < 0) {
        const igq_shape shape = {.rank = 1, .dim = {x->dim[x->rank - 1]}};
        float *zeros = igq_graph_take(op->in->graph, (size_t)shape.dim[0] * sizeof *zeros);
        inputs[2] = zeros ? igq_graph_add_weight(op->in->graph, "", zeros, IGQ_ELEMENT_FLOAT, &shape) : -1;
    }
    finish(op, emit(op, kind, &with, 3, inputs));
}

static void batch_norm(operator_ *op, igq_op kind, int least, int most)
{
    const igq_attributes with = {.epsilon = float_attribute(op, "epsilon", 1e-5)};
    if (int_attribute(op, "training_mode", 0))
        igq_onnx_refuse(op, "is in training mode; supported: inference");
    if (need_inputs(op, least, most))
        finish(op, emit(op, kind, &with, 5, op->input));
}

static void reduce(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.keep_dims = int_attribute(op, "keepdims", 1) != 0};
    int num;
    if (!need_inputs(op, least, most) || !read_ints(op, with.ints, &num, "axes", 1))
        return;
    const igq_shape *x = &value_of(op, 0)->shape;
    if (num <= 0 && int_attribute(op, "noop_with_empty_axes", 0)) {
        finish(op, op->input[0]);
        return;
    }
    for (int i = 0; num <= 0 && i < x->rank; i++)
        with.ints[i] = i;
    with.num_ints = num <= 0 ? x->rank : num;
    finish(op, emit(op, kind, &with, 1, op->input));
}

static void arg_max(operator_ *op, igq_op kind, int least, int most)
{
    const igq_attributes with = {.axis = (int)int_attribute(op, "axis", 0),
                                 .keep_dims = int_attribute(op, "keepdims", 1) != 0};
    if (int_attribute(op, "select_last_index", 0))
        igq_onnx_refuse(op, "selects the last index; supported: the first");
    if (need_inputs(op, least, most))
        finish(op, emit(op, kind, &with, 1, op->input));
}

static void global_pool(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.keep_dims = 1};
    if (!need_inputs(op, least, most))
        return;
    for (int i = 2; i < value_of(op, 0)->shape.rank; i++)
        with.ints[with.num_ints++] = i;
    finish(op, emit(op, kind, &with, 1, op->input));
}

/// All ///

static const igq_onnx_known igq_onnx_elementwise[] = {
    {"Abs", plain, IGQ_OP_ABS, 1, 1},
    {"Add", plain, IGQ_OP_ADD, 2, 2},
    {"And", plain, IGQ_OP_AND, 2, 2},
    {"ArgMax", arg_max, IGQ_OP_ARG_MAX, 1, 1},
    {"BatchNormalization", batch_norm, IGQ_OP_BATCH_NORM, 5, 5},
    {"Cast", cast, IGQ_OP_CAST, 1, 1},
    {"Ceil", plain, IGQ_OP_CEIL, 1, 1},
    {"Clip", clip, IGQ_OP_CLIP, 1, 3},
    {"Concat", with_attributes, IGQ_OP_CONCAT, 1, 4096},
    {"Cos", plain, IGQ_OP_COS, 1, 1},
    {"Div", plain, IGQ_OP_DIV, 2, 2},
    {"Dropout", same_value, IGQ_OP_COUNT, 1, 3},
    {"Equal", plain, IGQ_OP_EQUAL, 2, 2},
    {"Erf", plain, IGQ_OP_ERF, 1, 1},
    {"Exp", plain, IGQ_OP_EXP, 1, 1},
    {"Floor", plain, IGQ_OP_FLOOR, 1, 1},
    {"Gather", with_attributes, IGQ_OP_GATHER, 2, 2},
    {"Gelu", gelu, IGQ_OP_GELU, 1, 1},
    {"GlobalAveragePool", global_pool, IGQ_OP_MEAN, 1, 1},
    {"GlobalMaxPool", global_pool, IGQ_OP_REDUCE_MAX, 1, 1},
    {"Greater", plain, IGQ_OP_GREATER, 2, 2},
    {"GreaterOrEqual", plain, IGQ_OP_GREATER_OR_EQUAL, 2, 2},
    {"HardSigmoid", with_attributes, IGQ_OP_HARD_SIGMOID, 1, 1},
    {"HardSwish", plain, IGQ_OP_HARD_SWISH, 1, 1},
    {"Identity", same_value, IGQ_OP_COUNT, 1, 1},
    {"LayerNormalization", layer_norm, IGQ_OP_LAYER_NORM, 2, 3},
    {"LeakyRelu", with_attributes, IGQ_OP_LEAKY_RELU, 1, 1},
    {"Less", plain, IGQ_OP_LESS, 2, 2},
    {"LessOrEqual", plain, IGQ_OP_LESS_OR_EQUAL, 2, 2},
    {"Log", plain, IGQ_OP_LOG, 1, 1},
    {"MatMul", plain, IGQ_OP_MATMUL, 2, 2},
    {"Max", chain, IGQ_OP_MAX, 1, 4096},
    {"Min", chain, IGQ_OP_MIN, 1, 4096},
    {"Mod", plain, IGQ_OP_MOD, 2, 2},
    {"Mul", plain, IGQ_OP_MUL, 2, 2},
    {"Neg", plain, IGQ_OP_NEG, 1, 1},
    {"Not", plain, IGQ_OP_NOT, 1, 1},
    {"Or", plain, IGQ_OP_OR, 2, 2},
    {"Pow", plain, IGQ_OP_POW, 2, 2},
    {"Range", plain, IGQ_OP_RANGE, 3, 3},
    {"Reciprocal", plain, IGQ_OP_RECIPROCAL, 1, 1},
    {"ReduceMax", reduce, IGQ_OP_REDUCE_MAX, 1, 2},
    {"ReduceMean", reduce, IGQ_OP_MEAN, 1, 2},
    {"ReduceMin", reduce, IGQ_OP_REDUCE_MIN, 1, 2},
    {"ReduceSum", reduce, IGQ_OP_SUM, 1, 2},
    {"Relu", plain, IGQ_OP_RELU, 1, 1},
    {"Round", plain, IGQ_OP_ROUND, 1, 1},
    {"Sigmoid", plain, IGQ_OP_SIGMOID, 1, 1},
    {"Sin", plain, IGQ_OP_SIN, 1, 1},
    {"Softmax", with_attributes, IGQ_OP_SOFTMAX, 1, 1},
    {"Softplus", plain, IGQ_OP_SOFTPLUS, 1, 1},
    {"Sqrt", plain, IGQ_OP_SQRT, 1, 1},
    {"Sub", plain, IGQ_OP_SUB, 2, 2},
    {"Sum", chain, IGQ_OP_ADD, 1, 4096},
    {"Tanh", plain, IGQ_OP_TANH, 1, 1},
    {"Where", plain, IGQ_OP_WHERE, 3, 3},
    {NULL, NULL, IGQ_OP_COUNT, 0, 0},
};

static const igq_onnx_known *const tables[] = {igq_onnx_elementwise, igq_onnx_windows, igq_onnx_shapes};
enum { NUM_TABLES = sizeof tables / sizeof *tables };

static igq_status refuse_unknown(operator_ *op)
{
    char all[1200] = "";
    size_t used = 0;
    for (int t = 0; t < NUM_TABLES; t++)
        for (const igq_onnx_known *known = tables[t]; known->name && used < sizeof all; known++)
            used += (size_t)snprintf(all + used, sizeof all - used, " %s", known->name);
    return igq_onnx_refuse(op, "operator is not supported; supported:%.900s", all);
}

igq_status igq_onnx_read_operator(igq_onnx_operator *op)
{
    const char *name = op->proto->op_type ? op->proto->op_type : "";
    for (int t = 0; t < NUM_TABLES; t++)
        for (const igq_onnx_known *known = tables[t]; known->name; known++)
            if (strcmp(known->name, name) == 0) {
                known->convert(op, known->kind, known->least_inputs, known->most_inputs);
                if (op->status == IGQ_OK && op->in->graph->out_of_memory)
                    op->status = igq_out_of_memory(op->in->error);
                return op->status;
            }
    return refuse_unknown(op);
}
