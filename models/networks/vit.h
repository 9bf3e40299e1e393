// SPDX-License-Identifier: Apache-2.0
// vit.h - the shape of a vision transformer of the ViT / DeiT family, and its layers.
#ifndef IGQ_VIT_H
#define IGQ_VIT_H
#include "network.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_vit_shape {
    int image_size, patch_size, image_channels; // square images and patches; image_size is a multiple of patch_size
    int dim, depth, heads, mlp_dim, classes;    // dim is a multiple of heads
    int prefix_tokens;                          // 1: class token; 2: class and distillation tokens
    double layer_norm_epsilon;
} igq_vit_shape;

// patch_embed, then per block qkv, scores, context, proj, fc1, fc2, then head (T = prefix_tokens). NULL when memory is
// short.
igq_network *igq_vit_network(const igq_vit_shape *shape);

// Tokens: patches + prefix tokens.
int igq_vit_tokens(const igq_vit_shape *shape);

// Index into the per-linear-layer arrays of calibration.h and instance.h: 0 patch_embed, 1 + 4 block + {0 qkv, 1 proj,
// 2 fc1, 3 fc2}, last head. -1 for scores and context.
int igq_vit_num_linear(const igq_vit_shape *shape); // 2 + 4 depth
int igq_vit_linear_index(const igq_vit_shape *shape, igq_layer_kind kind, int block);
igq_layer_kind igq_vit_linear_kind(const igq_vit_shape *shape, int linear);
int igq_vit_linear_block(const igq_vit_shape *shape, int linear); // -1 for patch_embed and head
void igq_vit_linear_name(char name[IGQ_LAYER_NAME_BYTES], const igq_vit_shape *shape, int linear); // as in igq_layer
// C, O and T of that linear layer.
int igq_vit_linear_channels(const igq_vit_shape *shape, int linear);
int igq_vit_linear_outputs(const igq_vit_shape *shape, int linear);
int igq_vit_linear_tokens(const igq_vit_shape *shape, int linear);

#ifdef __cplusplus
}
#endif
#endif
