// SPDX-License-Identifier: Apache-2.0
#include "onnx_file.h"
#include "file.h"
#include "finite.h"
#include "fold_norms.h"
#include "fuse.h"
#include "layer_kinds.h"
#include "onnx_reader.h"
#include "params.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 16, MAX_NODE_INPUTS = 4096 };

/// The message ///

// What unpacking may take: the content, and several times the message that says it.
typedef struct budget {
    size_t left_bytes;
} budget;

static void *take(void *context, size_t bytes)
{
    budget *b = context;
    if (bytes > b->left_bytes)
        return NULL;
    b->left_bytes -= bytes;
    return malloc(bytes ? bytes : 1);
}

static void give(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static size_t read_varint(uint64_t *value, const uint8_t *bytes, size_t size)
{
    *value = 0;
    for (size_t i = 0; i < size && i < 10; i++) {
        *value |= (uint64_t)(bytes[i] & 127) << (7 * i);
        if (bytes[i] < 128)
            return i + 1;
    }
    return 0;
}

// protobuf-c follows messages in messages as deep as they go. 0: deeper than any network needs, or no message.
static int is_shallow(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size, int depth)
{
    if (depth > MAX_DEPTH)
        return 0;
    for (size_t at = 0; at < size;) {
        uint64_t key, length;
        size_t used = read_varint(&key, bytes + at, size - at);
        at += used;
        if (used == 0 || key >> 3 > UINT32_MAX)
            return 0;
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, (unsigned)(key >> 3));
        switch (key & 7) {
        case 0:
            used = read_varint(&length, bytes + at, size - at);
            length = 0;
            break;
        case 1:
        case 5:
            used = (key & 7) == 1 ? 8 : 4;
            length = 0;
            break;
        case 2:
            used = read_varint(&length, bytes + at, size - at);
            break;
        default:
            return 0;
        }
        if (used == 0 || used > size - at || length > size - at - used)
            return 0;
        at += used;
        if ((key & 7) == 2 && field && field->type == PROTOBUF_C_TYPE_MESSAGE &&
            !is_shallow(field->descriptor, bytes + at, (size_t)length, depth + 1))
            return 0;
        at += (size_t)length;
    }
    return 1;
}

static igq_status unpack(Onnx__ModelProto **model, const void *bytes, size_t size, const char *path, igq_error *error)
{
    budget left = {.left_bytes = 2 * size + ((size_t)32 << 20)};
    ProtobufCAllocator allocator = {take, give, &left};
    if (!is_shallow(&onnx__model_proto__descriptor, bytes, size, 0))
        return igq_fail(error, "%s: no ONNX file: its messages are damaged, or nested more than %d deep", path,
                        MAX_DEPTH);
    *model = onnx__model_proto__unpack(&allocator, size, bytes);
    return *model ? IGQ_OK
                  : igq_fail(error, "%s: no ONNX file: its messages are damaged, or need too much memory", path);
}

/// Names ///

static size_t slot_of(const igq_onnx_names *names, const char *name)
{
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    size_t slot = (size_t)(hash ^ hash >> 32) & (names->size - 1);
    while (names->name[slot] && strcmp(names->name[slot], name) != 0)
        slot = (slot + 1) & (names->size - 1);
    return slot;
}

static int find_value(const igq_onnx_names *names, const char *name)
{
    size_t slot = slot_of(names, name);
    return names->name[slot] ? names->value[slot] : -1;
}

// The table has room for twice as many names as the message has. name must live as long.
static void set_value(igq_onnx_names *names, const char *name, int value)
{
    size_t slot = slot_of(names, name);
    names->name[slot] = name;
    names->value[slot] = value;
}

static int make_names(igq_onnx_names *names, const Onnx__GraphProto *graph)
{
    size_t num = graph->n_initializer + graph->n_input + 1;
    for (size_t n = 0; n < graph->n_node; n++)
        num += graph->node[n]->n_output;
    for (names->size = 16; names->size < 2 * num;)
        names->size *= 2;
    names->name = calloc(names->size, sizeof *names->name);
    names->value = calloc(names->size, sizeof *names->value);
    return names->name && names->value;
}

/// Inputs and outputs ///

static igq_status read_input(igq_onnx_reader *in, const Onnx__ValueInfoProto *input)
{
    const char *name = input->name ? input->name : "";
    const Onnx__TypeProto__Tensor *type =
        input->type && input->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ? input->type->tensor_type : NULL;
    igq_shape shape = {0};
    if (!type || !type->shape || type->shape->n_dim > IGQ_MAX_RANK)
        return igq_fail(in->error, "%s: input %.100s has no shape; allowed: tensors of fixed shapes", in->path, name);
    shape.rank = (int)type->shape->n_dim;
    for (int i = 0; i < shape.rank; i++) {
        const Onnx__TensorShapeProto__Dimension *dim = type->shape->dim[i];
        int is_open = dim->value_case != ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        int said = in->dim && i < IGQ_ONNX_SIZED_DIMS ? in->dim[i] : 0;
        if (is_open && said == 0)
            return igq_fail(in->error,
                            "%s: input %.100s: dimension %d is \"%.60s\", which may vary; allowed: fixed shapes "
                            "(export the network "
                            "for one, or --set input.dim%d=SIZE)",
                            in->path, name, i,
                            dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM && dim->dim_param
                                ? dim->dim_param
                                : "?",
                            i);
        shape.dim[i] = is_open ? said : dim->dim_value;
        if (shape.dim[i] < 1 || shape.dim[i] > 1 << 24)
            return igq_fail(in->error, "%s: input %.100s: dimension %d is %lld; allowed: 1 to %d", in->path, name, i,
                            (long long)shape.dim[i], 1 << 24);
    }
    int64_t num = 1;
    for (int i = 0; i < shape.rank; i++)
        if ((num *= shape.dim[i]) > IGQ_MAX_VALUE_ELEMENTS)
            return igq_fail(in->error, "%s: input %.100s is too large", in->path, name);
    igq_element element = igq_onnx_is_float(type->elem_type) ? IGQ_ELEMENT_FLOAT : IGQ_ELEMENT_INT;
    int value = igq_graph_add_input(in->graph, name, element, &shape);
    if (value < 0)
        return igq_out_of_memory(in->error);
    set_value(&in->names, in->graph->value[value].name, value);
    return IGQ_OK;
}

static igq_status read_outputs(igq_onnx_reader *in, const Onnx__GraphProto *graph)
{
    if (graph->n_output == 0)
        return igq_fail(in->error, "%s: the network has no outputs", in->path);
    for (size_t i = 0; i < graph->n_output; i++) {
        const char *name = graph->output[i]->name ? graph->output[i]->name : "";
        int value = find_value(&in->names, name);
        if (value < 0)
            return igq_fail(in->error, "%s: output %.100s is made by no node", in->path, name);
        // A name of its own: several may be one value.
        char *own = igq_graph_take(in->graph, strlen(name) + 1);
        if (!own)
            return igq_out_of_memory(in->error);
        strcpy(own, name);
        in->graph->value[value].name = own;
        igq_graph_add_output(in->graph, value);
    }
    return in->graph->out_of_memory ? igq_out_of_memory(in->error) : IGQ_OK;
}

/// Nodes ///

igq_status igq_onnx_refuse(igq_onnx_operator *op, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *name = op->proto->name && *op->proto->name ? op->proto->name
                       : op->proto->n_output > 0           ? op->proto->output[0]
                                                           : "(no name)";
    return op->status = igq_fail(op->in->error, "%s: node %.200s (%.60s): %s", op->in->path, name,
                                 op->proto->op_type ? op->proto->op_type : "?", text);
}

void igq_onnx_set_output(igq_onnx_operator *op, size_t output, int value)
{
    if (output < op->proto->n_output && *op->proto->output[output])
        set_value(&op->in->names, op->proto->output[output], value);
}

static igq_status read_node(igq_onnx_reader *in, const Onnx__NodeProto *proto)
{
    int inputs[64], *list = inputs;
    igq_onnx_operator op = {.in = in, .proto = proto, .num_inputs = (int)proto->n_input};
    if (proto->n_input > MAX_NODE_INPUTS || proto->n_output == 0)
        return igq_onnx_refuse(&op, "has %zu inputs and %zu outputs", proto->n_input, proto->n_output);
    if (proto->domain && *proto->domain && strcmp(proto->domain, "ai.onnx") != 0)
        return igq_onnx_refuse(&op, "is of domain %.60s; supported: ONNX's own operators", proto->domain);
    if (proto->n_input > 64 && !(list = malloc(proto->n_input * sizeof *list)))
        return igq_out_of_memory(in->error);
    for (size_t i = 0; op.status == IGQ_OK && i < proto->n_input; i++) {
        list[i] = *proto->input[i] ? find_value(&in->names, proto->input[i]) : -1;
        if (*proto->input[i] && list[i] < 0)
            igq_onnx_refuse(&op, "its input %.100s is made by no node before it", proto->input[i]);
    }
    op.input = list;
    if (op.status == IGQ_OK)
        igq_onnx_read_operator(&op);
    if (list != inputs)
        free(list);
    if (op.status == IGQ_OK && in->graph->out_of_memory)
        return igq_out_of_memory(in->error);
    return op.status;
}

static igq_status read_graph(igq_onnx_reader *in, const Onnx__GraphProto *graph)
{
    igq_status status = IGQ_OK;
    if (graph->n_node > IGQ_ONNX_MAX_NODES)
        return igq_fail(in->error, "%s: %zu nodes; allowed: up to %d", in->path, graph->n_node, IGQ_ONNX_MAX_NODES);
    for (size_t i = 0; status == IGQ_OK && i < graph->n_initializer; i++) {
        int value = igq_onnx_tensor(in, graph->initializer[i], &status);
        if (value >= 0)
            set_value(&in->names, in->graph->value[value].name, value);
    }
    for (size_t i = 0; status == IGQ_OK && i < graph->n_input; i++)
        if (!graph->input[i]->name || find_value(&in->names, graph->input[i]->name) < 0)
            status = read_input(in, graph->input[i]);
    for (size_t n = 0; status == IGQ_OK && n < graph->n_node; n++)
        status = read_node(in, graph->node[n]);
    return status == IGQ_OK ? read_outputs(in, graph) : status;
}

static igq_status check_opset(igq_onnx_reader *in, const Onnx__ModelProto *model)
{
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = model->opset_import[i];
        if (!set->domain || !*set->domain || strcmp(set->domain, "ai.onnx") == 0) {
            if (set->version < IGQ_ONNX_LEAST_OPSET || set->version > IGQ_ONNX_MOST_OPSET)
                return igq_fail(in->error, "%s: opset %lld; supported: %d to %d", in->path, (long long)set->version,
                                IGQ_ONNX_LEAST_OPSET, IGQ_ONNX_MOST_OPSET);
            in->opset = (int)set->version;
        }
    }
    if (in->opset == 0)
        return igq_fail(in->error, "%s: says no opset; supported: %d to %d", in->path, IGQ_ONNX_LEAST_OPSET,
                        IGQ_ONNX_MOST_OPSET);
    return model->graph ? IGQ_OK : igq_fail(in->error, "%s: has no graph", in->path);
}

// Weights that nothing could be quantized to.
static igq_status check_weights(const igq_onnx_reader *in, const igq_node *node)
{
    for (int i = 1; i < node->num_inputs; i++) {
        const igq_value *weight = node->input[i] >= 0 ? &in->graph->value[node->input[i]] : NULL;
        if (!weight || !weight->is_constant || !weight->data || weight->element != IGQ_ELEMENT_FLOAT)
            continue;
        const float *values = weight->data;
        size_t num = (size_t)igq_shape_elements(&weight->shape), bad = igq_first_not_finite(values, num);
        if (bad < num)
            return igq_fail(in->error, "%s: tensor %.100s of node %.100s: element %zu is %s; allowed: finite numbers",
                            in->path, weight->name, node->name, bad, igq_not_finite_text(values[bad]));
    }
    return IGQ_OK;
}

// What an array takes.
static igq_status check_layers(const igq_onnx_reader *in)
{
    int64_t num_layers = 0, num_products = 0;
    for (int n = 0; n < in->graph->num_nodes; n++) {
        const igq_node *node = &in->graph->node[n];
        const igq_shape *x = &in->graph->value[node->input[0]].shape, *w;
        if (node->kind < 0)
            continue;
        if (check_weights(in, node) != IGQ_OK)
            return IGQ_USER_ERROR;
        w = &in->graph->value[node->input[1]].shape;
        int64_t C = node->op == IGQ_OP_CONV ? igq_shape_elements(w) / w->dim[0] : x->dim[x->rank - 1];
        int64_t outputs = igq_shape_elements(&in->graph->value[node->output[0]].shape);
        num_layers++;
        if (node->kind == IGQ_LAYER_SCORES) {
            const igq_shape *out = &in->graph->value[node->output[0]].shape;
            num_products += outputs / (out->dim[out->rank - 1] * out->dim[out->rank - 2]);
        }
        if (C > IGQ_MAX_CHANNELS || outputs > INT32_MAX / 2)
            return igq_fail(in->error, "%s: node %s (%s): %lld channels and %lld results; supported: up to %d and %d",
                            in->path, node->name, igq_layer_kind_names[node->kind], (long long)C, (long long)outputs,
                            IGQ_MAX_CHANNELS, INT32_MAX / 2);
    }
    if (num_layers > IGQ_MAX_GRAPH_LAYERS || num_products > IGQ_ONNX_MAX_PRODUCTS)
        return igq_fail(in->error, "%s: %lld layers, attentions of %lld products in all; supported: up to %d and %d",
                        in->path, (long long)num_layers, (long long)num_products, IGQ_MAX_GRAPH_LAYERS,
                        IGQ_ONNX_MAX_PRODUCTS);
    return IGQ_OK;
}

static igq_status parse(igq_onnx *onnx, const void *bytes, size_t size, const char *path, int may_open, const int *dim,
                        igq_error *error)
{
    Onnx__ModelProto *model = NULL;
    igq_onnx_reader in = {.path = path, .may_open = may_open, .onnx = onnx, .dim = dim, .error = error};
    *onnx = (igq_onnx){NULL};
    igq_status status = unpack(&model, bytes, size, path, error);
    if (status != IGQ_OK)
        return status;
    onnx->message = model;
    onnx->graph = in.graph = igq_graph_new();
    status = check_opset(&in, model);
    if (status == IGQ_OK && (!in.graph || !make_names(&in.names, model->graph)))
        status = igq_out_of_memory(error);
    if (status == IGQ_OK)
        status = read_graph(&in, model->graph);
    if (status == IGQ_OK &&
        (!igq_graph_fuse(in.graph) || !igq_graph_fold_batch_norms(in.graph) || !igq_graph_find_layers(in.graph)))
        status = igq_out_of_memory(error);
    if (status == IGQ_OK)
        status = check_layers(&in);
    free(in.names.name);
    free(in.names.value);
    if (status != IGQ_OK)
        igq_onnx_close(onnx);
    for (char *c = status != IGQ_OK ? strchr(error->message, '\n') : NULL; c; c = strchr(c, '\n'))
        *c = ' '; // of a name in the file
    return status;
}

igq_status igq_onnx_parse(igq_onnx *onnx, const void *bytes, size_t size, const char *path, const int *dim,
                          igq_error *error)
{
    return parse(onnx, bytes, size, path, 0, dim, error);
}

igq_status igq_onnx_open(igq_onnx *onnx, const char *path, const int *dim, igq_error *error)
{
    char *bytes;
    size_t size;
    *onnx = (igq_onnx){NULL};
    igq_status status = igq_file_read(&bytes, &size, path, error);
    if (status != IGQ_OK)
        return status;
    status = parse(onnx, bytes, size, path, 1, dim, error);
    free(bytes);
    return status;
}

void igq_onnx_close(igq_onnx *onnx)
{
    igq_graph_free(onnx->graph);
    if (onnx->message)
        onnx__model_proto__free_unpacked(onnx->message, NULL);
    igq_onnx_close_data(onnx);
    *onnx = (igq_onnx){NULL};
}
