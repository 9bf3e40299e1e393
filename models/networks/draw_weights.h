// SPDX-License-Identifier: Apache-2.0
// draw_weights.h - random weights for a graph of a family, of which nobody has trained ones at hand: timing and memory
// are those of the network, its answers mean nothing.
#ifndef IGQ_DRAW_WEIGHTS_H
#define IGQ_DRAW_WEIGHTS_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// Fills in every weight without data, from `seed` and its place in the graph: what is multiplied is normal (the sum of
// four uniform numbers) with the standard deviation 1 / sqrt(values that a result is summed from), gains and variances
// are 1, biases and means 0. The same bits on every processor. 0: memory is short.
int igq_graph_draw_weights(igq_graph *graph, uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
