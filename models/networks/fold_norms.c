// SPDX-License-Identifier: Apache-2.0
#include "fold_norms.h"
#include "fuse.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { X, GAIN, BIAS, MEAN, VARIANCE, NUM_INPUTS };

static const igq_value *input_of(const igq_graph *graph, const igq_node *node, int i)
{
    return i < node->num_inputs && node->input[i] >= 0 ? &graph->value[node->input[i]] : NULL;
}

// The convolution of a batch norm that can be folded; -1: it stays.
static int convolution_of(const igq_graph *graph, int n, const int *num_readers)
{
    const igq_node *norm = &graph->node[n];
    if (norm->op != IGQ_OP_BATCH_NORM)
        return -1;
    for (int i = GAIN; i < NUM_INPUTS; i++)
        if (!input_of(graph, norm, i)->is_constant)
            return -1;
    int conv = graph->value[norm->input[X]].node;
    if (conv < 0 || graph->node[conv].op != IGQ_OP_CONV || num_readers[norm->input[X]] != 1)
        return -1;
    const igq_node *node = &graph->node[conv];
    const igq_value *bias = input_of(graph, node, 2);
    return input_of(graph, node, 1)->is_constant && (!bias || bias->is_constant) ? conv : -1;
}

static int is_known(const igq_graph *graph, const igq_node *norm, const igq_node *conv)
{
    const igq_value *bias = input_of(graph, conv, 2);
    int known = input_of(graph, conv, 1)->data && (!bias || bias->data);
    for (int i = GAIN; i < NUM_INPUTS; i++)
        known &= input_of(graph, norm, i)->data != NULL;
    return known;
}

static void scale(float *weight, float *bias, const igq_graph *graph, const igq_node *norm, const igq_node *conv)
{
    const igq_value *old = input_of(graph, conv, 1), *old_bias = input_of(graph, conv, 2);
    const float *w = old->data, *b = old_bias ? old_bias->data : NULL, *with[NUM_INPUTS] = {NULL};
    int64_t outputs = old->shape.dim[0], each = igq_shape_elements(&old->shape) / outputs;
    for (int i = GAIN; i < NUM_INPUTS; i++)
        with[i] = input_of(graph, norm, i)->data;
    for (int64_t o = 0; o < outputs; o++) {
        float factor = with[GAIN][o] / sqrtf(with[VARIANCE][o] + (float)norm->attributes.epsilon);
        for (int64_t i = 0; i < each; i++)
            *weight++ = *w++ * factor;
        bias[o] = ((b ? b[o] : 0) - with[MEAN][o]) * factor + with[BIAS][o];
    }
}

static void fold(igq_graph *graph, int n, int conv)
{
    const igq_shape shape = input_of(graph, &graph->node[conv], 1)->shape, vector = {.rank = 1, .dim = {shape.dim[0]}};
    float *weight = NULL, *bias = NULL;
    if (is_known(graph, &graph->node[n], &graph->node[conv])) {
        weight = igq_graph_take(graph, (size_t)igq_shape_elements(&shape) * sizeof *weight);
        bias = igq_graph_take(graph, (size_t)shape.dim[0] * sizeof *bias);
        if (!weight || !bias)
            return;
        scale(weight, bias, graph, &graph->node[n], &graph->node[conv]);
    }
    int inputs[] = {graph->node[conv].input[X], igq_graph_add_weight(graph, "", weight, IGQ_ELEMENT_FLOAT, &shape),
                    igq_graph_add_weight(graph, "", bias, IGQ_ELEMENT_FLOAT, &vector)};
    igq_node *node = &graph->node[n];
    int *output = node->output, *own = igq_graph_take(graph, sizeof inputs);
    if (!own)
        return;
    memcpy(own, inputs, sizeof inputs);
    *node = graph->node[conv];
    node->input = own;
    node->num_inputs = 3;
    node->output = output;
    graph->node[conv].kind = -1; // nobody reads it any more
}

int igq_graph_fold_batch_norms(igq_graph *graph)
{
    int *num_readers = calloc((size_t)graph->num_values + 1, sizeof *num_readers);
    int num_nodes = graph->num_nodes;
    if (!num_readers)
        return 0;
    igq_graph_count_readers(num_readers, graph);
    for (int n = 0; n < num_nodes && !graph->out_of_memory; n++) {
        int conv = convolution_of(graph, n, num_readers);
        if (conv >= 0)
            fold(graph, n, conv);
    }
    free(num_readers);
    return igq_graph_prune(graph) && !graph->out_of_memory;
}
