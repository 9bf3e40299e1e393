// SPDX-License-Identifier: Apache-2.0
// fuse_rotary.h - finds rotary embeddings that a graph has written out in elementwise operations (fuse.h).
#ifndef IGQ_FUSE_ROTARY_H
#define IGQ_FUSE_ROTARY_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// Node n becomes IGQ_OP_ROTARY if it is the last of one, in either of the usual forms:
//   halves      x cos + concat(-x[half:], x[:half]) sin, where cos and sin have the same values in both halves
//   neighbours  reshape(concat(a cos - b sin, a sin + b cos)), a and b every second value of x, from 0 and from 1
// Cosines and sines are constants with data. Its operations stay for whoever reads them too (prune afterwards).
// The bits are those of the operations written out. Memory that is short is noted in the graph.
void igq_fuse_rotary(igq_graph *graph, int n);

#ifdef __cplusplus
}
#endif
#endif
