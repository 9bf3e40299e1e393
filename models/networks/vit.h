// SPDX-License-Identifier: Apache-2.0
// vit.h - the shape of a vision transformer of the ViT / DeiT family, its weights and its graph.
#ifndef IGQ_VIT_H
#define IGQ_VIT_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_vit_shape {
    int image_size, patch_size, image_channels; // square images and patches; image_size is a multiple of patch_size
    int dim, depth, heads, mlp_dim, classes;    // dim is a multiple of heads
    int prefix_tokens;                          // 1: class token; 2: class and distillation tokens
    double layer_norm_epsilon;
} igq_vit_shape;

// Pointers into the checkpoint; shapes as PyTorch stores them ([O][C]). A bias may be NULL.
typedef struct igq_linear_weights {
    const float *weight, *bias;
} igq_linear_weights;
typedef struct igq_norm_weights {
    const float *gain, *bias;
} igq_norm_weights;
typedef struct igq_block_weights {
    igq_norm_weights norm1, norm2;
    igq_linear_weights qkv, proj, fc1, fc2;
} igq_block_weights;
typedef struct igq_vit_weights {
    const float *class_token, *distillation_token; // (dim); the latter NULL with one prefix token
    const float *position;                         // [tokens][dim]
    igq_linear_weights patch_embed;                // weight [dim][channels*patch*patch]
    igq_norm_weights norm;
    igq_linear_weights head, head_distillation; // with two prefix tokens logits are the mean of both heads
    igq_block_weights *block;                   // (depth)
} igq_vit_weights;

// The forward pass: input [1][channels][size][size] normalized pixels, output (classes) logits. Its products are
// patch_embed, then per block qkv, scores, context, proj, fc1, fc2, then head (T = prefix_tokens). weights NULL: a
// graph of shapes. They must outlive it. NULL when memory is short.
igq_graph *igq_vit_graph(const igq_vit_shape *shape, const igq_vit_weights *weights);

// Its products; NULL when memory is short.
igq_network *igq_vit_network(const igq_vit_shape *shape);

// Tokens: patches + prefix tokens.
int igq_vit_tokens(const igq_vit_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
