// SPDX-License-Identifier: Apache-2.0
// layer_kinds.h - which nodes of a graph that was read from a file are products of the arrays, and of which kind.
//   Scores and context: products of two activations before and behind a softmax along its last axis.
//   Layers with weights: convolutions in one group, and products with a constant matrix. Convolutions that read the
//   network's input are stem, or patch_embed where the windows do not overlap; a layer whose results no product reads
//   is head; other fully connected ones are linear.
// What is left runs in full precision: convolutions in groups, products without a softmax.
#ifndef IGQ_LAYER_KINDS_H
#define IGQ_LAYER_KINDS_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_GRAPH_LAYERS (1 << 13) // layers behind these are given no names: refuse them

// Also cuts the names of these nodes to those of layers, each of its own. 0: memory is short.
int igq_graph_find_layers(igq_graph *graph);

// Multiply-accumulates of a node, whether an array does them or not; 0: it has none.
uint64_t igq_node_macs(const igq_graph *graph, const igq_node *node);
// Those of nodes that are no layers: left to full precision.
uint64_t igq_graph_left_macs(const igq_graph *graph);

#ifdef __cplusplus
}
#endif
#endif
