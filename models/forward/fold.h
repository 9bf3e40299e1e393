// SPDX-License-Identifier: Apache-2.0
// fold.h - constants of a graph that is being made: a node whose inputs are all constant is computed at once.
#ifndef IGQ_FOLD_H
#define IGQ_FOLD_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// What folding may cost: multiplications and moves together.
#define IGQ_FOLD_MAX_ELEMENTS ((int64_t)1 << 22) // of one node
#define IGQ_FOLD_MAX_WORK ((int64_t)1 << 28)     // of one graph

// Computes the last node of the graph if its inputs are constants with data and *work (from 0) allows it; its outputs
// become constants and the node is taken away. 1 if so.
int igq_fold_last(igq_graph *graph, int64_t *work);

#ifdef __cplusplus
}
#endif
#endif
