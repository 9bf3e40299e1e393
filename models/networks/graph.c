// SPDX-License-Identifier: Apache-2.0
#include "graph.h"
#include <stdlib.h>
#include <string.h>

struct igq_pool {
    struct igq_pool *next;
    max_align_t data[];
};

igq_graph *igq_graph_new(void)
{
    return calloc(1, sizeof(igq_graph));
}

void igq_graph_free(igq_graph *graph)
{
    if (!graph)
        return;
    for (struct igq_pool *block = graph->pool, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(graph->value);
    free(graph->node);
    free(graph->input);
    free(graph->output);
    free(graph);
}

void *igq_graph_take(igq_graph *graph, size_t bytes)
{
    struct igq_pool *block = bytes < SIZE_MAX / 2 ? calloc(1, sizeof *block + (bytes ? bytes : 1)) : NULL;
    if (!block) {
        graph->out_of_memory = 1;
        return NULL;
    }
    block->next = graph->pool;
    graph->pool = block;
    return block->data;
}

int64_t igq_shape_elements(const igq_shape *shape)
{
    int64_t num = 1;
    for (int i = 0; i < shape->rank; i++)
        num *= shape->dim[i];
    return num;
}

igq_shape igq_shape_of(int rank, const int64_t *dim)
{
    igq_shape shape = {.rank = rank};
    for (int i = 0; i < rank; i++)
        shape.dim[i] = dim[i];
    return shape;
}

// Room for one more in a list that doubles whenever its length is a power of two. NULL when memory is short.
static void *grown(igq_graph *graph, void *list, int num, size_t item_bytes)
{
    size_t length = (size_t)num;
    if ((length & (length - 1)) != 0)
        return list;
    void *larger = realloc(list, (length ? 2 * length : 1) * item_bytes);
    graph->out_of_memory |= !larger;
    return larger;
}

int igq_graph_add_value(igq_graph *graph, const char *name, igq_element element, const igq_shape *shape)
{
    igq_value *list = grown(graph, graph->value, graph->num_values, sizeof *list);
    if (!list)
        return -1;
    graph->value = list;
    size_t length = strlen(name);
    char *own = igq_graph_take(graph, length + 1);
    if (!own)
        return -1;
    memcpy(own, name, length);
    list[graph->num_values] = (igq_value){.name = own, .element = element, .shape = *shape, .node = -1};
    return graph->num_values++;
}

int igq_graph_add_input(igq_graph *graph, const char *name, igq_element element, const igq_shape *shape)
{
    int *list = grown(graph, graph->input, graph->num_inputs, sizeof *list);
    if (!list)
        return -1;
    graph->input = list;
    int value = igq_graph_add_value(graph, name, element, shape);
    if (value >= 0)
        list[graph->num_inputs++] = value;
    return value;
}

int igq_graph_add_weight(igq_graph *graph, const char *name, const void *data, igq_element element,
                         const igq_shape *shape)
{
    int value = igq_graph_add_value(graph, name, element, shape);
    if (value >= 0) {
        graph->value[value].is_constant = 1;
        graph->value[value].data = data;
    }
    return value;
}

int igq_graph_add_ints(igq_graph *graph, int num, const int64_t *values)
{
    int64_t *own = igq_graph_take(graph, (size_t)num * sizeof *own);
    const igq_shape shape = {.rank = 1, .dim = {num}};
    if (own && num)
        memcpy(own, values, (size_t)num * sizeof *own);
    return own ? igq_graph_add_weight(graph, "", own, IGQ_ELEMENT_INT, &shape) : -1;
}

void igq_graph_add_output(igq_graph *graph, int value)
{
    int *list = grown(graph, graph->output, graph->num_outputs, sizeof *list);
    if (!list)
        return;
    graph->output = list;
    list[graph->num_outputs++] = value;
}

igq_node *igq_graph_add_node(igq_graph *graph, igq_op op, const igq_attributes *attributes, int num_inputs,
                             const int *inputs, int num_outputs)
{
    igq_node *list = grown(graph, graph->node, graph->num_nodes, sizeof *list);
    if (!list)
        return NULL;
    graph->node = list;
    igq_node *node = &list[graph->num_nodes];
    *node = (igq_node){.op = op,
                       .num_inputs = num_inputs,
                       .num_outputs = num_outputs,
                       .kind = -1,
                       .block = -1,
                       .scores = -1,
                       .like = -1};
    node->attributes = *attributes;
    node->input = igq_graph_take(graph, ((size_t)num_inputs + (size_t)num_outputs) * sizeof *node->input);
    if (!node->input)
        return NULL;
    node->output = node->input + num_inputs;
    memcpy(node->input, inputs, (size_t)num_inputs * sizeof *inputs);
    for (int i = 0; i < num_outputs; i++) {
        node->output[i] = igq_graph_add_value(graph, "", IGQ_ELEMENT_FLOAT, &(igq_shape){0});
        if (node->output[i] < 0)
            return NULL;
        graph->value[node->output[i]].node = graph->num_nodes;
    }
    graph->num_nodes++;
    return node;
}

void igq_graph_drop_node(igq_graph *graph)
{
    graph->num_nodes--;
    const igq_node *node = &graph->node[graph->num_nodes];
    for (int i = 0; i < node->num_outputs; i++)
        graph->value[node->output[i]].node = -1;
}
