// SPDX-License-Identifier: Apache-2.0
#include "fold.h"
#include "operation_code.h"
#include <stddef.h>

enum { MAX_INPUTS = 64 };

static int64_t elements(const igq_graph *graph, int value)
{
    return igq_shape_elements(&graph->value[value].shape);
}

// Elements read and written; products and windows read each of theirs many times.
static int64_t cost_of(const igq_graph *graph, const igq_node *node)
{
    int64_t cost = elements(graph, node->output[0]), each = 1;
    const igq_shape *first = &graph->value[node->input[0]].shape;
    if (node->op == IGQ_OP_MATMUL || node->op == IGQ_OP_LINEAR)
        each = first->dim[first->rank - 1];
    else if (node->op == IGQ_OP_CONV)
        each = elements(graph, node->input[1]) / graph->value[node->input[1]].shape.dim[0];
    else if (node->op == IGQ_OP_MAX_POOL || node->op == IGQ_OP_AVERAGE_POOL)
        each = (int64_t)node->attributes.kernel[0] * node->attributes.kernel[1];
    if (__builtin_mul_overflow(cost, each + 1, &cost))
        return IGQ_FOLD_MAX_WORK;
    for (int i = 0; i < node->num_inputs; i++)
        cost += node->input[i] >= 0 ? elements(graph, node->input[i]) : 0;
    return cost;
}

static int is_foldable(const igq_graph *graph, const igq_node *node)
{
    if (node->num_outputs != 1 || node->num_inputs > MAX_INPUTS)
        return 0;
    for (int i = 0; i < node->num_inputs; i++)
        if (node->input[i] >= 0 && !graph->value[node->input[i]].data)
            return 0;
    return 1;
}

int igq_fold_last(igq_graph *graph, igq_fold_work *done)
{
    const igq_node *node = &graph->node[graph->num_nodes - 1];
    const void *in[MAX_INPUTS];
    if (!is_foldable(graph, node))
        return 0;
    int64_t cost = cost_of(graph, node), kept = elements(graph, node->output[0]);
    int is_small = kept <= IGQ_FOLD_SMALL_ELEMENTS && cost <= IGQ_FOLD_SMALL_WORK;
    if (!is_small && (cost > IGQ_FOLD_MAX_WORK - done->work || kept > IGQ_FOLD_MAX_ELEMENTS - done->elements))
        return 0;
    igq_value *out = &graph->value[node->output[0]];
    void *data = igq_graph_take(graph, (size_t)kept * igq_element_bytes(out->element));
    if (!data)
        return 0;
    done->work += cost;
    done->elements += kept;
    for (int i = 0; i < node->num_inputs; i++)
        in[i] = node->input[i] >= 0 ? graph->value[node->input[i]].data : NULL;
    igq_op_code_of(node->op)(&(igq_operands){graph, node, in, &data});
    out->data = data;
    out->is_constant = 1;
    igq_graph_drop_node(graph);
    return 1;
}
