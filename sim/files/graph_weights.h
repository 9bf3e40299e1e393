// SPDX-License-Identifier: Apache-2.0
// graph_weights.h - gives the weights of a family's graph, which have names (graph_build.h), the values of a
// checkpoint, under the names of a dialect (weight_dialects.h): the one of which most are there, the first of equals.
// Names may stand behind a prefix (module. model. bert. ...), found by one rule: what stands, ended by a
// dot, before the name of the network's first weight; the shortest, if there are several. Other weights are looked for
// behind it, then behind less and less of it, from its end: a head stands beside the module that has the rest. A tensor
// that nothing reads would change the network if the network reads others of its first module (a block more, a bias
// more, LayerScale), and is refused by name; others pass, and so do tensors that are no weights (counters, masks).
#ifndef IGQ_GRAPH_WEIGHTS_H
#define IGQ_GRAPH_WEIGHTS_H
#include "graph.h"
#include "tensor_store.h"
#include "weight_dialects.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_graph_weights igq_graph_weights;

// Sets data of every constant of the graph that has a name and no data yet. Weights lie in the mapped files, joined and
// converted ones in memory; all live until they are closed. Every tensor must be there with its shape (leading
// dimensions of 1 do not count, those behind the first may be cut otherwise) and finite values.
igq_status igq_graph_weights_open(igq_graph_weights **weights, igq_graph *graph, const char *path,
                                  const igq_dialect *dialects, igq_error *error);
void igq_graph_weights_close(igq_graph_weights *weights); // NULL is fine

#ifdef __cplusplus
}
#endif
#endif
