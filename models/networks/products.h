// SPDX-License-Identifier: Apache-2.0
// products.h - the matrix products of a graph, as the layers of network.h: which nodes they are, where their operands
// lie, and what the vector unit does to their results. An operation of the vector unit belongs to the last product that
// its inputs come from; what stands before all products is nobody's.
#ifndef IGQ_PRODUCTS_H
#define IGQ_PRODUCTS_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// Weights w[o][c] = data[o * output_stride + c * channel_stride].
typedef struct igq_product_weights {
    const float *data, *bias; // (O) or NULL
    size_t output_stride, channel_stride;
} igq_product_weights;

typedef struct igq_graph_product {
    const igq_layer *layer;
    int node;
    // Layers with weights: one set, or one for each of the (two) rows of x.
    int num_sets;
    igq_product_weights weights[2];
    // Scores and context: a [T][C] of product p lies at a_offset[p] of the first input, b[c][o] at
    // b_offset[p] + c * b_channel_stride + o of the second. All in elements.
    const size_t *a_offset, *b_offset;
    size_t b_channel_stride;
} igq_graph_product;

typedef struct igq_products {
    const igq_graph *graph;
    igq_network *network;
    igq_graph_product *product; // (num_layers of the network)
    int *of_node;               // (num_nodes) layer of a node; -1: none
} igq_products;

// The graph must outlive them, and keeps lists of theirs. NULL when memory is short.
igq_products *igq_products_of(igq_graph *graph);
void igq_products_free(igq_products *products); // NULL is fine
// The network alone, of a graph that is freed; NULL when memory is short or graph is NULL.
igq_network *igq_network_of(igq_graph *graph);

#ifdef __cplusplus
}
#endif
#endif
