// SPDX-License-Identifier: Apache-2.0
// fold_norms.h - batch norms behind convolutions become part of their weights, as hardware has them.
#ifndef IGQ_FOLD_NORMS_H
#define IGQ_FOLD_NORMS_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// A convolution that only a batch norm reads takes its place: w' = w gain / sqrt(variance + epsilon) for each output,
// b' = (b - mean) gain / sqrt(variance + epsilon) + bias. Where weights have no data, neither has the new one. 0:
// memory is short.
int igq_graph_fold_batch_norms(igq_graph *graph);

#ifdef __cplusplus
}
#endif
#endif
