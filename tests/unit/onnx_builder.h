// SPDX-License-Identifier: Apache-2.0
// onnx_builder.h - small ONNX files in memory, for tests.
#ifndef ONNX_BUILDER_H
#define ONNX_BUILDER_H
#include "onnx.pb-c.h"
#include <stdlib.h>
#include <string.h>

enum { ONNX_MOST = 48 };

typedef struct onnx_builder {
    Onnx__ModelProto model;
    Onnx__GraphProto graph;
    Onnx__OperatorSetIdProto opset, *opsets[1];
    Onnx__NodeProto node[ONNX_MOST], *nodes[ONNX_MOST];
    Onnx__TensorProto tensor[ONNX_MOST], *tensors[ONNX_MOST];
    Onnx__ValueInfoProto input, output, *inputs[1], *outputs[1];
    Onnx__TypeProto type;
    Onnx__TypeProto__Tensor tensor_type;
    Onnx__TensorShapeProto shape;
    Onnx__TensorShapeProto__Dimension dim[8], *dims[8];
    Onnx__AttributeProto attribute[2 * ONNX_MOST], *attributes[ONNX_MOST][4];
    char *names[ONNX_MOST][8];
    Onnx__StringStringEntryProto place[4], *places[4]; // of one tensor in a file beside
    size_t num_attributes;
} onnx_builder;

// A file with an input "x" of floats of this shape, and an output "y".
static inline onnx_builder *onnx_new(int rank, const int64_t *dim)
{
    onnx_builder *b = calloc(1, sizeof *b);
    onnx__model_proto__init(&b->model);
    onnx__graph_proto__init(&b->graph);
    onnx__operator_set_id_proto__init(&b->opset);
    onnx__value_info_proto__init(&b->input);
    onnx__value_info_proto__init(&b->output);
    onnx__type_proto__init(&b->type);
    onnx__type_proto__tensor__init(&b->tensor_type);
    onnx__tensor_shape_proto__init(&b->shape);
    b->model.graph = &b->graph;
    b->opset.has_version = 1;
    b->opset.version = 14;
    b->opsets[0] = &b->opset;
    b->model.opset_import = b->opsets;
    b->model.n_opset_import = 1;
    for (int i = 0; i < rank; i++) {
        onnx__tensor_shape_proto__dimension__init(&b->dim[i]);
        b->dim[i].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        b->dim[i].dim_value = dim[i];
        b->dims[i] = &b->dim[i];
    }
    b->shape.n_dim = (size_t)rank;
    b->shape.dim = b->dims;
    b->tensor_type.has_elem_type = 1;
    b->tensor_type.elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    b->tensor_type.shape = &b->shape;
    b->type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    b->type.tensor_type = &b->tensor_type;
    b->input.name = "x";
    b->input.type = &b->type;
    b->output.name = "y";
    b->inputs[0] = &b->input;
    b->outputs[0] = &b->output;
    b->graph.input = b->inputs;
    b->graph.output = b->outputs;
    b->graph.n_input = b->graph.n_output = 1;
    b->graph.node = b->nodes;
    b->graph.initializer = b->tensors;
    return b;
}

static inline Onnx__TensorProto *onnx_tensor(onnx_builder *b, const char *name, int rank, int64_t *dim)
{
    Onnx__TensorProto *t = &b->tensor[b->graph.n_initializer];
    onnx__tensor_proto__init(t);
    t->name = (char *)name;
    t->n_dims = (size_t)rank;
    t->dims = dim;
    t->has_data_type = 1;
    b->tensors[b->graph.n_initializer++] = t;
    return t;
}

static inline void onnx_floats(onnx_builder *b, const char *name, int rank, int64_t *dim, float *values)
{
    Onnx__TensorProto *t = onnx_tensor(b, name, rank, dim);
    t->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    t->n_float_data = 1;
    for (int i = 0; i < rank; i++)
        t->n_float_data *= (size_t)dim[i];
    t->float_data = values;
}

// Floats in a file beside; entries are keys and values in turn, ended by NULL.
static inline void onnx_external_floats(onnx_builder *b, const char *name, int rank, int64_t *dim,
                                        const char *const *entries)
{
    Onnx__TensorProto *t = onnx_tensor(b, name, rank, dim);
    t->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    t->has_data_location = 1;
    t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    t->external_data = b->places;
    for (; entries[2 * t->n_external_data]; t->n_external_data++) {
        Onnx__StringStringEntryProto *entry = &b->place[t->n_external_data];
        onnx__string_string_entry_proto__init(entry);
        entry->key = (char *)entries[2 * t->n_external_data];
        entry->value = (char *)entries[2 * t->n_external_data + 1];
        b->places[t->n_external_data] = entry;
    }
}

static inline void onnx_ints(onnx_builder *b, const char *name, int64_t *num, int64_t *values)
{
    Onnx__TensorProto *t = onnx_tensor(b, name, 1, num);
    t->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
    t->n_int64_data = (size_t)*num;
    t->int64_data = values;
}

// A node; inputs and outputs are lists that end with NULL.
static inline Onnx__NodeProto *onnx_node(onnx_builder *b, const char *op, const char *const *inputs,
                                         const char *const *outputs)
{
    size_t n = b->graph.n_node, used = 0;
    Onnx__NodeProto *node = &b->node[n];
    onnx__node_proto__init(node);
    node->op_type = (char *)op;
    node->input = b->names[n];
    while (*inputs)
        b->names[n][used++] = (char *)*inputs++;
    node->n_input = used;
    node->output = b->names[n] + used;
    while (*outputs)
        b->names[n][used++] = (char *)*outputs++;
    node->n_output = used - node->n_input;
    node->attribute = b->attributes[n];
    b->nodes[b->graph.n_node++] = node;
    return node;
}
#define ONNX_NODE(b, op, output, ...)                                                                                  \
    onnx_node(b, op, (const char *const[]){__VA_ARGS__, NULL}, (const char *const[]){output, NULL})

static inline Onnx__AttributeProto *onnx_attribute(onnx_builder *b, Onnx__NodeProto *node, const char *name)
{
    Onnx__AttributeProto *a = &b->attribute[b->num_attributes++];
    onnx__attribute_proto__init(a);
    a->name = (char *)name;
    a->has_i = a->has_f = 1;
    node->attribute[node->n_attribute++] = a;
    return a;
}

static inline void onnx_int(onnx_builder *b, Onnx__NodeProto *node, const char *name, int64_t value)
{
    onnx_attribute(b, node, name)->i = value;
}

static inline void onnx_list(onnx_builder *b, Onnx__NodeProto *node, const char *name, size_t num, int64_t *values)
{
    Onnx__AttributeProto *a = onnx_attribute(b, node, name);
    a->n_ints = num;
    a->ints = values;
}

// The file's bytes, which the caller frees; the builder is gone.
static inline uint8_t *onnx_bytes(onnx_builder *b, size_t *size)
{
    *size = onnx__model_proto__get_packed_size(&b->model);
    uint8_t *bytes = malloc(*size + 1);
    onnx__model_proto__pack(&b->model, bytes);
    free(b);
    return bytes;
}

#endif
