// SPDX-License-Identifier: Apache-2.0
// bert.h - the encoder of BERT (Devlin et al., NAACL 2019) and its pooler. Weights have Hugging Face's names
// (encoder.layer.0.attention.self.query.weight), without the prefix "bert.".
#ifndef IGQ_BERT_H
#define IGQ_BERT_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_bert_shape {
    int tokens;                     // length of the sequence
    int vocabulary;                 // words of the embedding
    int dim, depth, heads, mlp_dim; // dim is a multiple of heads
} igq_bert_shape;

// Input input_ids [1][tokens], all of the first segment, none of them padding. Outputs last_hidden_state
// [1][tokens][dim] and pooler_output [1][dim]. Layers: per block qkv, scores, context, proj, fc1, fc2; then pooler
// (T = 1). NULL when memory is short.
igq_graph *igq_bert_graph(const igq_bert_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
