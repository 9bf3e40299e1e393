// SPDX-License-Identifier: Apache-2.0
#include "layer_kinds.h"
#include "layer_name.h"
#include <stdlib.h>
#include <string.h>

static int is_constant(const igq_graph *graph, int value)
{
    return graph->value[value].is_constant;
}

static const igq_shape *output_shape(const igq_graph *graph, const igq_node *node)
{
    return &graph->value[node->output[0]].shape;
}

static int is_product_of_activations(const igq_graph *graph, const igq_node *node)
{
    return node->op == IGQ_OP_MATMUL && node->num_inputs == 2 && !is_constant(graph, node->input[1]);
}

/// Attention ///

// Elements stay what they are, in number and order.
static int passes_scores_on(igq_op op)
{
    return op == IGQ_OP_MUL || op == IGQ_OP_DIV || op == IGQ_OP_ADD || op == IGQ_OP_SUB || op == IGQ_OP_WHERE ||
           op == IGQ_OP_RESHAPE || op == IGQ_OP_CLIP || op == IGQ_OP_CAST;
}

// The product that made what a softmax reads, through scaling, masks and reshaping; -1: there is none.
static int find_scores(const igq_graph *graph, int value)
{
    int64_t num = igq_shape_elements(&graph->value[value].shape);
    for (int n = graph->value[value].node; n >= 0;) {
        const igq_node *node = &graph->node[n];
        if (is_product_of_activations(graph, node))
            return n;
        int from = -1;
        for (int i = 0; i < node->num_inputs && passes_scores_on(node->op); i++)
            if (node->input[i] >= 0 && !is_constant(graph, node->input[i]) &&
                igq_shape_elements(&graph->value[node->input[i]].shape) == num &&
                graph->value[node->input[i]].element == IGQ_ELEMENT_FLOAT && from < 0)
                from = node->input[i];
        n = from >= 0 ? graph->value[from].node : -1;
    }
    return -1;
}

// The product whose first operand is this value, through reshaping; -1: there is none.
static int find_context(const igq_graph *graph, int value)
{
    for (int n = graph->value[value].node + 1; n < graph->num_nodes; n++) {
        const igq_node *node = &graph->node[n];
        if (node->num_inputs < 1 || node->input[0] != value)
            continue;
        if (is_product_of_activations(graph, node))
            return n;
        if (node->op == IGQ_OP_RESHAPE)
            value = node->output[0];
    }
    return -1;
}

// Matrices of scores and of softmax are the same ones, [..][T][K].
static int fit_each_other(const igq_graph *graph, int scores, int context)
{
    const igq_shape *a = output_shape(graph, &graph->node[scores]);
    const igq_shape *b = &graph->value[graph->node[context].input[0]].shape;
    return igq_shape_elements(a) == igq_shape_elements(b) && a->dim[a->rank - 1] == b->dim[b->rank - 1] &&
           a->dim[a->rank - 2] == b->dim[b->rank - 2] && igq_shape_elements(a) > 0 &&
           igq_shape_elements(output_shape(graph, &graph->node[context])) > 0;
}

static void find_attention(igq_graph *graph)
{
    int block = 0;
    for (int n = 0; n < graph->num_nodes; n++) {
        const igq_node *node = &graph->node[n];
        if (node->op != IGQ_OP_SOFTMAX || node->attributes.axis != output_shape(graph, node)->rank - 1)
            continue;
        int scores = find_scores(graph, node->input[0]), context = find_context(graph, node->output[0]);
        if (scores < 0 || context < 0 || graph->node[scores].kind >= 0 || graph->node[context].kind >= 0 ||
            !fit_each_other(graph, scores, context))
            continue;
        graph->node[scores].kind = IGQ_LAYER_SCORES;
        graph->node[context].kind = IGQ_LAYER_CONTEXT;
        graph->node[scores].block = graph->node[context].block = block++;
        graph->node[context].scores = scores;
    }
}

/// Layers with weights ///

static int has_weights(const igq_graph *graph, const igq_node *node)
{
    if (node->op == IGQ_OP_CONV)
        return node->attributes.groups == 1 && is_constant(graph, node->input[1]);
    return (node->op == IGQ_OP_LINEAR || node->op == IGQ_OP_MATMUL) && is_constant(graph, node->input[1]) &&
           graph->value[node->input[1]].shape.rank == 2;
}

static igq_layer_kind kind_of_first(const igq_graph *graph, const igq_node *node)
{
    const igq_shape *kernel = &graph->value[node->input[1]].shape;
    const igq_attributes *with = &node->attributes;
    return with->stride[0] == kernel->dim[2] && with->stride[1] == kernel->dim[3] && !with->pad[0] && !with->pad[1] &&
                   kernel->dim[2] > 1
               ? IGQ_LAYER_PATCH_EMBED
               : IGQ_LAYER_STEM;
}

// after, before out (num_values): 1 if a product stands before a value, 1 if one reads what comes of it.
static void find_neighbours(unsigned char *before, unsigned char *after, const igq_graph *graph)
{
    for (int n = 0; n < graph->num_nodes; n++) {
        const igq_node *node = &graph->node[n];
        int found = has_weights(graph, node) || is_product_of_activations(graph, node);
        for (int i = 0; i < node->num_inputs; i++)
            found |= node->input[i] >= 0 && before[node->input[i]];
        for (int i = 0; i < node->num_outputs; i++)
            before[node->output[i]] = (unsigned char)found;
    }
    for (int n = graph->num_nodes - 1; n >= 0; n--) {
        const igq_node *node = &graph->node[n];
        int found = has_weights(graph, node) || is_product_of_activations(graph, node);
        for (int i = 0; i < node->num_outputs; i++)
            found |= after[node->output[i]];
        for (int i = 0; i < node->num_inputs; i++)
            if (node->input[i] >= 0)
                after[node->input[i]] |= (unsigned char)found;
    }
}

static void find_weighted(igq_graph *graph, const unsigned char *before, const unsigned char *after)
{
    for (int n = 0; n < graph->num_nodes; n++) {
        igq_node *node = &graph->node[n];
        if (node->kind >= 0 || !has_weights(graph, node) || igq_shape_elements(output_shape(graph, node)) == 0 ||
            igq_shape_elements(&graph->value[node->input[1]].shape) == 0)
            continue;
        if (node->op == IGQ_OP_CONV)
            node->kind = before[node->input[0]] ? IGQ_LAYER_CONV : (int)kind_of_first(graph, node);
        else
            node->kind = after[node->output[0]] ? IGQ_LAYER_LINEAR : IGQ_LAYER_HEAD;
    }
}

/// Names ///

// "/block.0/attn/MatMul" -> "block.0/attn": without what says the operation, the end of it where it is too long, and
// with "_" for what is no printable ASCII.
static void shorten(char name[IGQ_LAYER_NAME_BYTES], const char *full)
{
    enum { ROOM = IGQ_LAYER_NAME_BYTES - 6 }; // for a number that makes it the only one
    size_t first = *full == '/', length = strlen(full);
    const char *slash = strrchr(full, '/');
    if (slash && slash > full &&
        (strncmp(slash, "/MatMul", 7) == 0 || strcmp(slash, "/Gemm") == 0 || strcmp(slash, "/Conv") == 0 ||
         strcmp(slash, "/Add") == 0))
        length = (size_t)(slash - full);
    if (length - first > ROOM)
        first = length - ROOM;
    memset(name, 0, IGQ_LAYER_NAME_BYTES);
    for (size_t i = first; i < length; i++)
        name[i - first] = full[i] > ' ' && full[i] < 127 ? full[i] : '_';
}

static int is_taken(const igq_graph *graph, int n, const char *name)
{
    for (int k = n - 1; k >= 0; k--)
        if (graph->node[k].kind >= 0 && strcmp(graph->node[k].name, name) == 0)
            return 1;
    return 0;
}

static void name_layers(igq_graph *graph)
{
    int number = 0;
    for (int n = 0; n < graph->num_nodes && number < IGQ_MAX_GRAPH_LAYERS; n++) {
        igq_node *node = &graph->node[n];
        char name[IGQ_LAYER_NAME_BYTES];
        if (node->kind < 0)
            continue;
        number++;
        shorten(name, node->name);
        if (*name == '\0')
            igq_format_name(name, sizeof name, "%s_%d", igq_layer_kind_names[node->kind], number);
        else if (is_taken(graph, n, name))
            igq_format_name(name + strlen(name), 6, "#%d", number);
        memcpy(node->name, name, sizeof name);
    }
}

int igq_graph_find_layers(igq_graph *graph)
{
    unsigned char *before = calloc((size_t)graph->num_values + 1, 1), *after = calloc((size_t)graph->num_values + 1, 1);
    int enough = before && after;
    if (enough) {
        find_neighbours(before, after, graph);
        find_attention(graph);
        find_weighted(graph, before, after);
        name_layers(graph);
    }
    free(before);
    free(after);
    return enough;
}

uint64_t igq_node_macs(const igq_graph *graph, const igq_node *node)
{
    uint64_t outputs = (uint64_t)igq_shape_elements(output_shape(graph, node));
    const igq_shape *x = &graph->value[node->input[0]].shape;
    if (node->op == IGQ_OP_MATMUL || node->op == IGQ_OP_LINEAR)
        return outputs * (uint64_t)x->dim[x->rank - 1];
    if (node->op != IGQ_OP_CONV)
        return 0;
    const igq_shape *w = &graph->value[node->input[1]].shape;
    return outputs * (uint64_t)(w->dim[1] * w->dim[2] * w->dim[3]);
}

uint64_t igq_graph_left_macs(const igq_graph *graph)
{
    uint64_t macs = 0;
    for (int n = 0; n < graph->num_nodes; n++)
        macs += graph->node[n].kind < 0 ? igq_node_macs(graph, &graph->node[n]) : 0;
    return macs;
}
