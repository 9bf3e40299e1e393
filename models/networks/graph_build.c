// SPDX-License-Identifier: Apache-2.0
#include "graph_build.h"
#include "layer_name.h"
#include <math.h>
#include <string.h>

// A name, formed from `format` and what follows it, with `ending`.
#define FORM_NAME(text, format, ending)                                                                                \
    do {                                                                                                               \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        size_t length = igq_vformat_name(text, sizeof(text), format, arguments);                                       \
        va_end(arguments);                                                                                             \
        igq_format_name((text) + length, sizeof(text) - length, "%s", ending);                                         \
    } while (0)

static int add_weight(igq_graph *graph, int rank, const int64_t *dim, const char *module, const char *part)
{
    char name[IGQ_WEIGHT_NAME_BYTES];
    const igq_shape shape = igq_shape_of(rank, dim);
    igq_format_name(name, sizeof name, "%s%s", module, part);
    return igq_graph_add_weight(graph, name, NULL, IGQ_ELEMENT_FLOAT, &shape);
}

// Dimension `back` from the end (1: the last); 1 when memory is short.
static int64_t last_dim(const igq_graph *graph, int x, int back)
{
    if (graph->out_of_memory)
        return 1;
    const igq_shape *shape = &graph->value[x].shape;
    return shape->dim[shape->rank - back];
}

int igq_build_weight(igq_graph *graph, int rank, const int64_t *dim, const char *name, ...)
{
    char text[IGQ_WEIGHT_NAME_BYTES];
    FORM_NAME(text, name, "");
    return add_weight(graph, rank, dim, text, "");
}

int igq_build_number(igq_graph *graph, float number)
{
    float *own = igq_graph_take(graph, sizeof *own);
    if (!own)
        return -1;
    *own = number;
    return igq_graph_add_weight(graph, "", own, IGQ_ELEMENT_FLOAT, &(igq_shape){0});
}

int igq_build_one(igq_graph *graph, igq_op op, int x)
{
    return igq_build(graph, op, (igq_attributes){0}, 1, &x);
}

int igq_build_two(igq_graph *graph, igq_op op, int x, int y)
{
    return igq_build(graph, op, (igq_attributes){0}, 2, (int[]){x, y});
}

static int with_ints(igq_graph *graph, igq_op op, int x, int num, const int64_t *ints)
{
    igq_attributes with = {.num_ints = num};
    for (int i = 0; i < num; i++)
        with.ints[i] = ints[i];
    return igq_build(graph, op, with, 1, &x);
}

int igq_build_reshape(igq_graph *graph, int x, int rank, const int64_t *dim)
{
    return with_ints(graph, IGQ_OP_RESHAPE, x, rank, dim);
}

int igq_build_transpose(igq_graph *graph, int x, int rank, const int64_t *permutation)
{
    return with_ints(graph, IGQ_OP_TRANSPOSE, x, rank, permutation);
}

int igq_build_slice(igq_graph *graph, int x, int axis, int64_t start, int64_t num)
{
    const int inputs[] = {x, igq_graph_add_ints(graph, 1, (int64_t[]){start}),
                          igq_graph_add_ints(graph, 1, (int64_t[]){start + num}),
                          igq_graph_add_ints(graph, 1, (int64_t[]){axis})};
    return igq_build(graph, IGQ_OP_SLICE, (igq_attributes){0}, 4, inputs);
}

int igq_build_softmax(igq_graph *graph, int x)
{
    return igq_build(graph, IGQ_OP_SOFTMAX, (igq_attributes){.axis = -1}, 1, &x);
}

/// Modules ///

int igq_build_linear(igq_graph *graph, int x, int64_t outputs, const char *name, ...)
{
    char module[IGQ_WEIGHT_NAME_BYTES];
    FORM_NAME(module, name, "");
    const int64_t dim[] = {outputs, last_dim(graph, x, 1)};
    const int inputs[] = {x, add_weight(graph, 2, dim, module, ".weight"), add_weight(graph, 1, dim, module, ".bias")};
    return igq_build(graph, IGQ_OP_LINEAR, (igq_attributes){0}, 3, inputs);
}

int igq_build_layer_norm(igq_graph *graph, int x, double epsilon, const char *name, ...)
{
    char module[IGQ_WEIGHT_NAME_BYTES];
    FORM_NAME(module, name, "");
    const int64_t dim[] = {last_dim(graph, x, 1)};
    const int inputs[] = {x, add_weight(graph, 1, dim, module, ".weight"), add_weight(graph, 1, dim, module, ".bias")};
    return igq_build(graph, IGQ_OP_LAYER_NORM, (igq_attributes){.epsilon = epsilon}, 3, inputs);
}

int igq_build_conv(igq_graph *graph, int x, igq_conv_shape shape, const char *name, ...)
{
    char module[IGQ_WEIGHT_NAME_BYTES];
    FORM_NAME(module, name, "");
    const int64_t dim[] = {shape.outputs, last_dim(graph, x, 3), shape.kernel, shape.kernel};
    const igq_attributes with = {.stride = {shape.stride, shape.stride},
                                 .pad = {shape.pad, shape.pad, shape.pad, shape.pad},
                                 .dilation = {1, 1},
                                 .groups = 1};
    const int inputs[] = {x, add_weight(graph, 4, dim, module, ".weight"),
                          shape.has_bias ? add_weight(graph, 1, dim, module, ".bias") : -1};
    return igq_build(graph, IGQ_OP_CONV, with, shape.has_bias ? 3 : 2, inputs);
}

int igq_build_batch_norm(igq_graph *graph, int x, double epsilon, const char *name, ...)
{
    char module[IGQ_WEIGHT_NAME_BYTES];
    FORM_NAME(module, name, "");
    const int64_t dim[] = {last_dim(graph, x, 3)};
    const int inputs[] = {x, add_weight(graph, 1, dim, module, ".weight"), add_weight(graph, 1, dim, module, ".bias"),
                          add_weight(graph, 1, dim, module, ".running_mean"),
                          add_weight(graph, 1, dim, module, ".running_var")};
    return igq_build(graph, IGQ_OP_BATCH_NORM, (igq_attributes){.epsilon = epsilon}, 5, inputs);
}

/// Attention ///

int igq_build_split_heads(igq_graph *graph, int x, int windows, int heads)
{
    int64_t tokens = last_dim(graph, x, 2) / windows, head_dim = last_dim(graph, x, 1) / heads;
    if (windows == 1) {
        x = igq_build_reshape(graph, x, 3, (int64_t[]){tokens, heads, head_dim});
        return igq_build_transpose(graph, x, 3, (int64_t[]){1, 0, 2});
    }
    x = igq_build_reshape(graph, x, 4, (int64_t[]){windows, tokens, heads, head_dim});
    return igq_build_transpose(graph, x, 4, (int64_t[]){0, 2, 1, 3});
}

// [heads][T][head dim] to [T][heads * head dim], or of windows.
static int join_heads(igq_graph *graph, int x)
{
    int64_t heads = last_dim(graph, x, 3), tokens = last_dim(graph, x, 2), head_dim = last_dim(graph, x, 1);
    int is_windowed = !graph->out_of_memory && graph->value[x].shape.rank == 4;
    int64_t windows = is_windowed ? last_dim(graph, x, 4) : 1;
    x = is_windowed ? igq_build_transpose(graph, x, 4, (int64_t[]){0, 2, 1, 3})
                    : igq_build_transpose(graph, x, 3, (int64_t[]){1, 0, 2});
    return igq_build_reshape(graph, x, 2, (int64_t[]){windows * tokens, heads * head_dim});
}

int igq_build_attention(igq_graph *graph, const igq_attention_inputs *inputs)
{
    int is_windowed = !graph->out_of_memory && graph->value[inputs->k].shape.rank == 4;
    int turned = is_windowed ? igq_build_transpose(graph, inputs->k, 4, (int64_t[]){0, 1, 3, 2})
                             : igq_build_transpose(graph, inputs->k, 3, (int64_t[]){0, 2, 1});
    int scores = igq_build_two(graph, IGQ_OP_MATMUL, inputs->q, turned), node = graph->num_nodes - 1;
    igq_build_name_layer(graph, IGQ_LAYER_SCORES, inputs->block, "%sscores", inputs->name);
    float head_dim = (float)last_dim(graph, inputs->q, 1);
    scores = igq_build_two(graph, IGQ_OP_MUL, scores, igq_build_number(graph, 1.0f / sqrtf(head_dim)));
    if (inputs->bias >= 0)
        scores = igq_build_two(graph, IGQ_OP_ADD, scores, inputs->bias);
    if (inputs->mask >= 0)
        scores = igq_build_two(graph, IGQ_OP_ADD, scores, inputs->mask);
    int context = igq_build_two(graph, IGQ_OP_MATMUL, igq_build_softmax(graph, scores), inputs->v);
    igq_build_name_layer(graph, IGQ_LAYER_CONTEXT, inputs->block, "%scontext", inputs->name);
    if (!graph->out_of_memory)
        graph->node[graph->num_nodes - 1].scores = node;
    return join_heads(graph, context);
}

/// Layers ///

void igq_build_name_layer(igq_graph *graph, igq_layer_kind kind, int block, const char *name, ...)
{
    char text[IGQ_LAYER_NAME_BYTES];
    FORM_NAME(text, name, "");
    if (graph->out_of_memory)
        return;
    igq_node *node = &graph->node[graph->num_nodes - 1];
    node->kind = (int)kind;
    node->block = block;
    igq_format_name(node->name, sizeof node->name, "%s", text);
}

void igq_build_name_as_kind(igq_graph *graph, igq_layer_kind kind, int block)
{
    char name[IGQ_LAYER_NAME_BYTES];
    igq_layer_name(name, kind, block);
    igq_build_name_layer(graph, kind, block, "%s", name);
}

void igq_build_block_name(char name[IGQ_LAYER_NAME_BYTES], int block)
{
    igq_format_name(name, IGQ_LAYER_NAME_BYTES, "b%d.", block);
}

void igq_build_output(igq_graph *graph, int value, const char *name, ...)
{
    char text[IGQ_WEIGHT_NAME_BYTES];
    FORM_NAME(text, name, "");
    char *own = igq_graph_take(graph, strlen(text) + 1);
    if (graph->out_of_memory)
        return;
    memcpy(own, text, strlen(text));
    graph->value[value].name = own;
    igq_graph_add_output(graph, value);
}

igq_graph *igq_build_finish(igq_graph *graph)
{
    if (!graph->out_of_memory)
        return graph;
    igq_graph_free(graph);
    return NULL;
}
