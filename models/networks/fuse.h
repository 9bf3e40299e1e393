// SPDX-License-Identifier: Apache-2.0
// fuse.h - what several operations of a graph do that the hardware does in one go becomes one: LayerNorm, RMSNorm, GELU
// (with erf) and SiLU written out in elementwise operations, and biases that are added behind a product.
#ifndef IGQ_FUSE_H
#define IGQ_FUSE_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// Operations that nothing reads any more are taken away, whether they were before or not. 0: memory is short.
int igq_graph_fuse(igq_graph *graph);

// Keeps the nodes that the outputs need, in their order. 0: memory is short.
int igq_graph_prune(igq_graph *graph);

// num_readers (num_values), zeroed: how many inputs of nodes, and outputs of the network, each value is.
void igq_graph_count_readers(int *num_readers, const igq_graph *graph);

#ifdef __cplusplus
}
#endif
#endif
