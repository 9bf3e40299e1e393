// SPDX-License-Identifier: Apache-2.0
// bert.h - the encoder of BERT (Devlin et al., NAACL 2019) and its pooler. Embeddings are looked up, without products.
#ifndef IGQ_BERT_H
#define IGQ_BERT_H
#include "network.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_bert_shape {
    int tokens;                     // length of the sequence
    int dim, depth, heads, mlp_dim; // dim is a multiple of heads
} igq_bert_shape;

// Per block qkv, scores, context, proj, fc1, fc2; then pooler (T = 1). NULL when memory is short.
igq_network *igq_bert_network(const igq_bert_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
