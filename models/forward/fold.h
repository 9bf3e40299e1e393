// SPDX-License-Identifier: Apache-2.0
// fold.h - constants of a graph that is being made: a node whose inputs are all constant is computed at once.
#ifndef IGQ_FOLD_H
#define IGQ_FOLD_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// What folding may cost in one graph: elements that are kept, and elements read and written together. What is small,
// such as shapes, is always folded.
#define IGQ_FOLD_MAX_ELEMENTS ((int64_t)1 << 22)
#define IGQ_FOLD_MAX_WORK ((int64_t)1 << 25)
#define IGQ_FOLD_SMALL_ELEMENTS 256
#define IGQ_FOLD_SMALL_WORK 4096

typedef struct igq_fold_work {
    int64_t elements, work; // so far, from 0
} igq_fold_work;

// Computes the last node of the graph if its inputs are constants with data and *done allows it; its outputs
// become constants and the node is taken away. 1 if so.
int igq_fold_last(igq_graph *graph, igq_fold_work *done);

#ifdef __cplusplus
}
#endif
#endif
