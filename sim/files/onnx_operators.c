// SPDX-License-Identifier: Apache-2.0
// The operators of ONNX that igqsim knows, each as nodes of a graph.
#include "fold.h"
#include "graph_operations.h"
#include "onnx_reader.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef igq_onnx_operator operator_;

/// Attributes and inputs ///

static const Onnx__AttributeProto *find_attribute(const operator_ *op, const char *name)
{
    for (size_t i = 0; i < op->proto->n_attribute; i++)
        if (op->proto->attribute[i]->name && strcmp(op->proto->attribute[i]->name, name) == 0)
            return op->proto->attribute[i];
    return NULL;
}

static int64_t int_attribute(const operator_ *op, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *attribute = find_attribute(op, name);
    int64_t value = attribute ? attribute->i : otherwise;
    return value < -(1 << 24) ? -(1 << 24) : value > 1 << 24 ? 1 << 24 : value;
}

static double float_attribute(const operator_ *op, const char *name, double otherwise)
{
    const Onnx__AttributeProto *attribute = find_attribute(op, name);
    return attribute ? (double)attribute->f : otherwise;
}

static int text_is(const operator_ *op, const char *name, const char *text, const char *otherwise)
{
    const Onnx__AttributeProto *attribute = find_attribute(op, name);
    if (!attribute)
        return strcmp(text, otherwise) == 0;
    return attribute->s.len == strlen(text) && memcmp(attribute->s.data, text, attribute->s.len) == 0;
}

static int has_input(const operator_ *op, int i)
{
    return i < op->num_inputs && op->input[i] >= 0;
}

static const igq_value *value_of(const operator_ *op, int i)
{
    return &op->in->graph->value[op->input[i]];
}

static int need_inputs(operator_ *op, int least, int most)
{
    int num = op->num_inputs;
    for (int i = 0; i < least && i < num; i++)
        if (op->input[i] < 0)
            num = i;
    if (num < least || num > most) {
        igq_onnx_refuse(op, "has %d inputs; allowed: %d to %d", num, least, most);
        return 0;
    }
    return 1;
}

// The integers of an attribute, or (from the opset on where they moved) of a constant input; num -1: not given. At most
// 2 IGQ_MAX_RANK. 0: refused.
static int read_ints(operator_ *op, int64_t *ints, int *num, const char *name, int input)
{
    const Onnx__AttributeProto *attribute = find_attribute(op, name);
    const int64_t *from = NULL;
    *num = -1;
    if (attribute) {
        *num = attribute->n_ints > 2 * IGQ_MAX_RANK ? 2 * IGQ_MAX_RANK + 1 : (int)attribute->n_ints;
        from = attribute->ints;
    } else if (has_input(op, input)) {
        const igq_value *value = value_of(op, input);
        int64_t elements = igq_shape_elements(&value->shape);
        if (!value->data || value->element != IGQ_ELEMENT_INT) {
            igq_onnx_refuse(op, "its %s come from a computed value; supported: constants (fixed shapes)", name);
            return 0;
        }
        *num = elements > 2 * IGQ_MAX_RANK ? 2 * IGQ_MAX_RANK + 1 : (int)elements;
        from = value->data;
    }
    if (*num > 2 * IGQ_MAX_RANK) {
        igq_onnx_refuse(op, "has more than %d %s", 2 * IGQ_MAX_RANK, name);
        return 0;
    }
    for (int i = 0; i < *num; i++)
        ints[i] = from[i];
    return 1;
}

// A constant number; 0: refused.
static int read_number(operator_ *op, double *number, int input)
{
    const igq_value *value = value_of(op, input);
    if (!value->data || igq_shape_elements(&value->shape) != 1) {
        igq_onnx_refuse(op, "its input %d is no constant number", input);
        return 0;
    }
    *number = value->element == IGQ_ELEMENT_INT ? (double)*(const int64_t *)value->data
                                                : (double)*(const float *)value->data;
    return 1;
}

/// Nodes ///

// A node of the graph, computed at once where everything is constant. The value, or -1 (refused).
static int emit(operator_ *op, igq_op kind, const igq_attributes *with, int num_inputs, const int *inputs)
{
    igq_graph *graph = op->in->graph;
    if (op->status != IGQ_OK)
        return -1;
    for (int i = 0; i < num_inputs; i++)
        if (inputs[i] >= graph->num_values)
            return -1;
    igq_node *node = igq_graph_add_node(graph, kind, with, num_inputs, inputs, 1);
    if (!node) {
        op->status = igq_out_of_memory(op->in->error);
        return -1;
    }
    const char *name = op->proto->name && *op->proto->name ? op->proto->name : op->proto->output[0];
    size_t length = strlen(name), cut = length < sizeof node->name ? 0 : length - sizeof node->name + 1;
    memcpy(node->name, name + cut, length - cut);
    const char *wrong = igq_op_infer(graph, node);
    int value = node->output[0];
    if (wrong) {
        igq_onnx_refuse(op, "%s", wrong);
        return -1;
    }
    igq_fold_last(graph, &op->in->folded);
    return value;
}

static void finish(operator_ *op, int value)
{
    if (op->status == IGQ_OK && value >= 0)
        igq_onnx_set_output(op, 0, value);
}

static int number(operator_ *op, float value)
{
    float *data = igq_graph_take(op->in->graph, sizeof *data);
    if (!data)
        return -1;
    *data = value;
    return igq_graph_add_weight(op->in->graph, "", data, IGQ_ELEMENT_FLOAT, &(igq_shape){0});
}

static int reshape_to(operator_ *op, int x, int rank, const int64_t *dim)
{
    igq_attributes with = {.num_ints = rank, .allow_zero = 1};
    if (rank > IGQ_MAX_RANK) {
        igq_onnx_refuse(op, "its output has %d dimensions; supported: up to %d", rank, IGQ_MAX_RANK);
        return -1;
    }
    memcpy(with.ints, dim, (size_t)rank * sizeof *dim);
    return emit(op, IGQ_OP_RESHAPE, &with, 1, &x);
}

// What the operator is called here, and what else its converter wants to know.
typedef struct known {
    const char *name;
    void (*convert)(operator_ *op, igq_op kind, int least_inputs, int most_inputs);
    igq_op kind;
    int least_inputs, most_inputs;
} known;

static void plain(operator_ *op, igq_op kind, int least, int most)
{
    if (need_inputs(op, least, most))
        finish(op, emit(op, kind, &(igq_attributes){0}, op->num_inputs, op->input));
}

// With an axis, and alpha and beta of their own.
static void with_attributes(operator_ *op, igq_op kind, int least, int most)
{
    static const struct {
        igq_op kind;
        int axis;
        double alpha, beta;
    } initial[] = {{IGQ_OP_SOFTMAX, -1, 0, 0},       {IGQ_OP_LEAKY_RELU, 0, 0.01, 0}, {IGQ_OP_HARD_SIGMOID, 0, 0.2, 0.5},
                   {IGQ_OP_CONCAT, 0, 0, 0},         {IGQ_OP_GATHER, 0, 0, 0}};
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
    igq_attributes with = {.alpha = float_attribute(op, "min", -INFINITY), .beta = float_attribute(op, "max", INFINITY)};
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

/// Windows and products ///

// Attributes of windows of two dimensions. 0: refused.
static int read_windows(operator_ *op, igq_attributes *with, const int64_t kernel[2])
{
    static const char *const names[] = {"strides", "dilations", "pads"};
    int64_t ints[3][2 * IGQ_MAX_RANK] = {{1, 1}, {1, 1}, {0}};
    for (int k = 0; k < 3; k++) {
        int num, wanted = k == 2 ? 4 : 2;
        if (!read_ints(op, ints[k], &num, names[k], -1))
            return 0;
        for (int i = 0; i < num && i < wanted; i++)
            if (num != wanted || ints[k][i] < (k < 2) || ints[k][i] > 1 << 16) {
                igq_onnx_refuse(op, "its %s are not %d numbers of at least %d; supported: images [N][C][H][W]", names[k],
                                wanted, k < 2);
                return 0;
            }
    }
    const igq_shape *x = &value_of(op, 0)->shape;
    if (x->rank != 4 || kernel[0] < 1 || kernel[1] < 1 || kernel[0] > 1 << 16 || kernel[1] > 1 << 16) {
        igq_onnx_refuse(op, "is not over images [N][C][H][W]");
        return 0;
    }
    int same_upper = text_is(op, "auto_pad", "SAME_UPPER", "NOTSET"), same_lower = text_is(op, "auto_pad", "SAME_LOWER", "NOTSET");
    for (int i = 0; i < 2; i++) {
        with->kernel[i] = (int)kernel[i];
        with->stride[i] = (int)ints[0][i];
        with->dilation[i] = (int)ints[1][i];
        with->pad[i] = (int)ints[2][i];
        with->pad[i + 2] = (int)ints[2][i + 2];
        if (same_upper || same_lower) {
            int64_t size = x->dim[2 + i], stride = ints[0][i];
            int64_t all = ((size + stride - 1) / stride - 1) * stride + ints[1][i] * (kernel[i] - 1) + 1 - size;
            all = all > 0 ? all : 0;
            with->pad[i] = (int)(same_upper ? all / 2 : all - all / 2);
            with->pad[i + 2] = (int)(all - with->pad[i]);
        }
    }
    return 1;
}

static void convolution(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.groups = (int)int_attribute(op, "group", 1)};
    if (!need_inputs(op, least, most))
        return;
    const igq_shape *w = &value_of(op, 1)->shape;
    if (w->rank != 4) {
        igq_onnx_refuse(op, "has weights of %d dimensions; supported: 4", w->rank);
        return;
    }
    if (has_input(op, 2) && igq_shape_elements(&value_of(op, 2)->shape) != w->dim[0]) {
        igq_onnx_refuse(op, "its bias does not fit its weights");
        return;
    }
    if (read_windows(op, &with, &w->dim[2]))
        finish(op, emit(op, kind, &with, has_input(op, 2) ? 3 : 2, op->input));
}

static void pool(operator_ *op, igq_op kind, int least, int most)
{
    igq_attributes with = {.ceil_mode = int_attribute(op, "ceil_mode", 0) != 0,
                           .allow_zero = int_attribute(op, "count_include_pad", 0) != 0};
    int64_t kernel[2 * IGQ_MAX_RANK];
    int num;
    if (!need_inputs(op, least, most) || !read_ints(op, kernel, &num, "kernel_shape", -1))
        return;
    if (num != 2) {
        igq_onnx_refuse(op, "has a window of %d dimensions; supported: 2", num);
        return;
    }
    if (value_of(op, 0)->element != IGQ_ELEMENT_FLOAT)
        igq_onnx_refuse(op, "its input is not float");
    if (read_windows(op, &with, kernel))
        finish(op, emit(op, kind, &with, 1, op->input));
}

static int transposed(operator_ *op, int value)
{
    const igq_attributes with = {.num_ints = 2, .ints = {1, 0}};
    return emit(op, IGQ_OP_TRANSPOSE, &with, 1, &value);
}

// alpha A B + beta C. Weights as they lie ([O][C]) where nothing else is asked for.
static void gemm(operator_ *op, igq_op kind, int least, int most)
{
    if (!need_inputs(op, least, most))
        return;
    float alpha = (float)float_attribute(op, "alpha", 1), beta = (float)float_attribute(op, "beta", 1);
    int turn_b = int_attribute(op, "transB", 0) != 0, a = op->input[0], b = op->input[1];
    const igq_shape *shape = &value_of(op, 1)->shape;
    if (value_of(op, 0)->shape.rank != 2 || shape->rank != 2) {
        igq_onnx_refuse(op, "is not a product of matrices");
        return;
    }
    if (int_attribute(op, "transA", 0))
        a = transposed(op, a);
    int64_t outputs = shape->dim[turn_b ? 0 : 1];
    int is_bias = has_input(op, 2) && value_of(op, 2)->is_constant && igq_shape_elements(&value_of(op, 2)->shape) == outputs &&
                  beta == 1 && alpha == 1 && turn_b && value_of(op, 1)->is_constant;
    int y;
    if (turn_b && value_of(op, 1)->is_constant)
        y = emit(op, IGQ_OP_LINEAR, &(igq_attributes){0}, is_bias ? 3 : 2, (int[]){a, b, is_bias ? op->input[2] : -1});
    else
        y = emit(op, kind, &(igq_attributes){0}, 2, (int[]){a, turn_b ? transposed(op, b) : b});
    if (alpha != 1)
        y = emit(op, IGQ_OP_MUL, &(igq_attributes){0}, 2, (int[]){y, number(op, alpha)});
    if (has_input(op, 2) && !is_bias) {
        int c = op->input[2];
        if (beta != 1)
            c = emit(op, IGQ_OP_MUL, &(igq_attributes){0}, 2, (int[]){c, number(op, beta)});
        y = emit(op, IGQ_OP_ADD, &(igq_attributes){0}, 2, (int[]){y, c});
    }
    finish(op, y);
}

/// Shapes ///

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

static void slice(operator_ *op, igq_op kind, int least, int most)
{
    if (need_inputs(op, least, most))
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
        igq_onnx_refuse(op, "has attribute \"%.60s\"; supported: value, value_int, value_float, value_ints, value_floats",
                        name);
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

/// All ///

static const known table[] = {
    {"Abs", plain, IGQ_OP_ABS, 1, 1},
    {"Add", plain, IGQ_OP_ADD, 2, 2},
    {"And", plain, IGQ_OP_AND, 2, 2},
    {"ArgMax", arg_max, IGQ_OP_ARG_MAX, 1, 1},
    {"AveragePool", pool, IGQ_OP_AVERAGE_POOL, 1, 1},
    {"BatchNormalization", batch_norm, IGQ_OP_BATCH_NORM, 5, 5},
    {"Cast", cast, IGQ_OP_CAST, 1, 1},
    {"Ceil", plain, IGQ_OP_CEIL, 1, 1},
    {"Clip", clip, IGQ_OP_CLIP, 1, 3},
    {"Concat", with_attributes, IGQ_OP_CONCAT, 1, 4096},
    {"Constant", read_constant, IGQ_OP_COUNT, 0, 0},
    {"ConstantOfShape", constant_of_shape, IGQ_OP_EXPAND, 1, 1},
    {"Conv", convolution, IGQ_OP_CONV, 2, 3},
    {"Cos", plain, IGQ_OP_COS, 1, 1},
    {"CumSum", cum_sum, IGQ_OP_CUM_SUM, 2, 2},
    {"Div", plain, IGQ_OP_DIV, 2, 2},
    {"Dropout", same_value, IGQ_OP_COUNT, 1, 3},
    {"Equal", plain, IGQ_OP_EQUAL, 2, 2},
    {"Erf", plain, IGQ_OP_ERF, 1, 1},
    {"Exp", plain, IGQ_OP_EXP, 1, 1},
    {"Expand", shape_from, IGQ_OP_EXPAND, 2, 2},
    {"Flatten", flatten, IGQ_OP_RESHAPE, 1, 1},
    {"Floor", plain, IGQ_OP_FLOOR, 1, 1},
    {"Gather", with_attributes, IGQ_OP_GATHER, 2, 2},
    {"Gelu", gelu, IGQ_OP_GELU, 1, 1},
    {"Gemm", gemm, IGQ_OP_MATMUL, 2, 3},
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
    {"MaxPool", pool, IGQ_OP_MAX_POOL, 1, 1},
    {"Min", chain, IGQ_OP_MIN, 1, 4096},
    {"Mod", plain, IGQ_OP_MOD, 2, 2},
    {"Mul", plain, IGQ_OP_MUL, 2, 2},
    {"Neg", plain, IGQ_OP_NEG, 1, 1},
    {"Not", plain, IGQ_OP_NOT, 1, 1},
    {"Or", plain, IGQ_OP_OR, 2, 2},
    {"Pad", pad, IGQ_OP_PAD, 2, 4},
    {"Pow", plain, IGQ_OP_POW, 2, 2},
    {"Range", plain, IGQ_OP_RANGE, 3, 3},
    {"Reciprocal", plain, IGQ_OP_RECIPROCAL, 1, 1},
    {"ReduceMax", reduce, IGQ_OP_REDUCE_MAX, 1, 2},
    {"ReduceMean", reduce, IGQ_OP_MEAN, 1, 2},
    {"ReduceMin", reduce, IGQ_OP_REDUCE_MIN, 1, 2},
    {"ReduceSum", reduce, IGQ_OP_SUM, 1, 2},
    {"Relu", plain, IGQ_OP_RELU, 1, 1},
    {"Reshape", reshape, IGQ_OP_RESHAPE, 2, 2},
    {"Resize", resize, IGQ_OP_RESIZE, 1, 4},
    {"Round", plain, IGQ_OP_ROUND, 1, 1},
    {"ScatterND", scatter, IGQ_OP_SCATTER_ND, 3, 3},
    {"Shape", shape_of, IGQ_OP_COUNT, 1, 1},
    {"Sigmoid", plain, IGQ_OP_SIGMOID, 1, 1},
    {"Sin", plain, IGQ_OP_SIN, 1, 1},
    {"Slice", slice, IGQ_OP_SLICE, 3, 5},
    {"Softmax", with_attributes, IGQ_OP_SOFTMAX, 1, 1},
    {"Softplus", plain, IGQ_OP_SOFTPLUS, 1, 1},
    {"Split", split, IGQ_OP_SLICE, 1, 2},
    {"Sqrt", plain, IGQ_OP_SQRT, 1, 1},
    {"Squeeze", squeeze, IGQ_OP_RESHAPE, 1, 2},
    {"Sub", plain, IGQ_OP_SUB, 2, 2},
    {"Sum", chain, IGQ_OP_ADD, 1, 4096},
    {"Tanh", plain, IGQ_OP_TANH, 1, 1},
    {"Tile", shape_from, IGQ_OP_TILE, 2, 2},
    {"Transpose", transpose, IGQ_OP_TRANSPOSE, 1, 1},
    {"Trilu", trilu, IGQ_OP_TRILU, 1, 2},
    {"Unsqueeze", unsqueeze, IGQ_OP_RESHAPE, 1, 2},
    {"Where", plain, IGQ_OP_WHERE, 3, 3},
};

static igq_status refuse_unknown(operator_ *op)
{
    char all[1200] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? " " : "", table[i].name);
    return igq_onnx_refuse(op, "operator is not supported; supported: %.900s", all);
}

igq_status igq_onnx_read_operator(igq_onnx_operator *op)
{
    const char *name = op->proto->op_type ? op->proto->op_type : "";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) {
            table[i].convert(op, table[i].kind, table[i].least_inputs, table[i].most_inputs);
            if (op->status == IGQ_OK && op->in->graph->out_of_memory)
                op->status = igq_out_of_memory(op->in->error);
            return op->status;
        }
    return refuse_unknown(op);
}
