// SPDX-License-Identifier: Apache-2.0
// graph_infer.h - inside of graph_operations.c and graph_moves.c: shapes of nodes.
#ifndef IGQ_GRAPH_INFER_H
#define IGQ_GRAPH_INFER_H
#include "graph_operations.h"

#define VALUE(i) (&graph->value[node->input[i]])
#define OUTPUT(i) (&graph->value[node->output[i]])

static inline int has_input(const igq_node *node, int i)
{
    return i < node->num_inputs && node->input[i] >= 0;
}

static inline void set(igq_graph *graph, const igq_node *node, int output, igq_element element, const igq_shape *shape)
{
    OUTPUT(output)->element = element;
    OUTPUT(output)->shape = *shape;
}

// From the end where negative. 0 if there is no such axis.
static inline int fix_axis(int64_t *axis, int rank)
{
    *axis += *axis < 0 ? rank : 0;
    return *axis >= 0 && *axis < rank;
}

static inline const char *as_first(igq_graph *graph, igq_node *node)
{
    igq_shape shape = VALUE(0)->shape;
    set(graph, node, 0, VALUE(0)->element, &shape);
    return NULL;
}

// Of values that are moved, not computed (graph_moves.c).
const char *igq_infer_reshape(igq_graph *graph, igq_node *node);
const char *igq_infer_transpose(igq_graph *graph, igq_node *node);
const char *igq_infer_concat(igq_graph *graph, igq_node *node);
const char *igq_infer_slice(igq_graph *graph, igq_node *node);
const char *igq_infer_expand(igq_graph *graph, igq_node *node);
const char *igq_infer_tile(igq_graph *graph, igq_node *node);
const char *igq_infer_pad(igq_graph *graph, igq_node *node);
const char *igq_infer_gather(igq_graph *graph, igq_node *node);
const char *igq_infer_scatter(igq_graph *graph, igq_node *node);
const char *igq_infer_range(igq_graph *graph, igq_node *node);
const char *igq_infer_trilu(igq_graph *graph, igq_node *node);
const char *igq_infer_resize(igq_graph *graph, igq_node *node);

#endif
