// SPDX-License-Identifier: Apache-2.0
// onnx_operator.h - inside of the converters of operators (onnx_operators.c, onnx_windows.c, onnx_shapes.c):
// attributes, inputs, and the nodes that they become.
#ifndef IGQ_ONNX_OPERATOR_H
#define IGQ_ONNX_OPERATOR_H
#include "fold.h"
#include "graph_operations.h"
#include "onnx_reader.h"
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

static inline int64_t int_attribute(const operator_ *op, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *attribute = find_attribute(op, name);
    int64_t value = attribute ? attribute->i : otherwise;
    return value < -(1 << 24) ? -(1 << 24) : value > 1 << 24 ? 1 << 24 : value;
}

static inline double float_attribute(const operator_ *op, const char *name, double otherwise)
{
    const Onnx__AttributeProto *attribute = find_attribute(op, name);
    return attribute ? (double)attribute->f : otherwise;
}

static inline int text_is(const operator_ *op, const char *name, const char *text, const char *otherwise)
{
    const Onnx__AttributeProto *attribute = find_attribute(op, name);
    if (!attribute)
        return strcmp(text, otherwise) == 0;
    return attribute->s.len == strlen(text) && memcmp(attribute->s.data, text, attribute->s.len) == 0;
}

static inline int has_input(const operator_ *op, int i)
{
    return i >= 0 && i < op->num_inputs && op->input[i] >= 0;
}

static const igq_value *value_of(const operator_ *op, int i)
{
    return &op->in->graph->value[op->input[i]];
}

static inline int need_inputs(operator_ *op, int least, int most)
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
static inline int read_ints(operator_ *op, int64_t *ints, int *num, const char *name, int input)
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
static inline int read_number(operator_ *op, double *number, int input)
{
    const igq_value *value = value_of(op, input);
    if (!value->data || igq_shape_elements(&value->shape) != 1) {
        igq_onnx_refuse(op, "its input %d is no constant number", input);
        return 0;
    }
    *number =
        value->element == IGQ_ELEMENT_INT ? (double)*(const int64_t *)value->data : (double)*(const float *)value->data;
    return 1;
}

/// Nodes ///

// A node of the graph, computed at once where everything is constant. The value, or -1 (refused).
static inline int emit(operator_ *op, igq_op kind, const igq_attributes *with, int num_inputs, const int *inputs)
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

static inline void finish(operator_ *op, int value)
{
    if (op->status == IGQ_OK && value >= 0)
        igq_onnx_set_output(op, 0, value);
}

static inline int number(operator_ *op, float value)
{
    float *data = igq_graph_take(op->in->graph, sizeof *data);
    if (!data)
        return -1;
    *data = value;
    return igq_graph_add_weight(op->in->graph, "", data, IGQ_ELEMENT_FLOAT, &(igq_shape){0});
}

static inline int reshape_to(operator_ *op, int x, int rank, const int64_t *dim)
{
    igq_attributes with = {.num_ints = rank, .allow_zero = 1};
    if (rank > IGQ_MAX_RANK) {
        igq_onnx_refuse(op, "its output has %d dimensions; supported: up to %d", rank, IGQ_MAX_RANK);
        return -1;
    }
    for (int i = 0; i < rank; i++)
        with.ints[i] = dim[i];
    return emit(op, IGQ_OP_RESHAPE, &with, 1, &x);
}

// What the operator is called here, and what else its converter wants to know.
typedef struct igq_onnx_known {
    const char *name;
    void (*convert)(operator_ *op, igq_op kind, int least_inputs, int most_inputs);
    igq_op kind;
    int least_inputs, most_inputs;
} igq_onnx_known;

// One node with the operator's inputs.
static inline void plain(operator_ *op, igq_op kind, int least, int most)
{
    if (need_inputs(op, least, most))
        finish(op, emit(op, kind, &(igq_attributes){0}, op->num_inputs, op->input));
}

// Ends with a name of NULL.
extern const igq_onnx_known igq_onnx_windows[], igq_onnx_shapes[];

#endif
