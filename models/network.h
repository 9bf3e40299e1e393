// SPDX-License-Identifier: Apache-2.0
// network.h - a network as the list of its matrix products, in the order in which the accelerator runs them.
// Every vector operation (LayerNorm, softmax, GELU, residual) is the post-operation of the product before it; its
// result is the input of the next product.
#ifndef IGQ_NETWORK_H
#define IGQ_NETWORK_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_LAYER_NAME_BYTES 32

// A vision transformer of the ViT / DeiT family.
typedef struct igq_vit_shape {
    int image_size, patch_size, image_channels; // square images and patches; image_size is a multiple of patch_size
    int dim, depth, heads, mlp_dim, classes;    // dim is a multiple of heads
    int prefix_tokens;                          // 1: class token; 2: class and distillation tokens
    double layer_norm_epsilon;
} igq_vit_shape;

// Tokens: patches + prefix tokens.
int igq_vit_tokens(const igq_vit_shape *shape);

typedef enum igq_layer_kind {
    IGQ_LAYER_PATCH_EMBED,
    IGQ_LAYER_QKV,
    IGQ_LAYER_SCORES,  // Q K^T, per head
    IGQ_LAYER_CONTEXT, // softmax(scores) V, per head
    IGQ_LAYER_PROJ,
    IGQ_LAYER_FC1,
    IGQ_LAYER_FC2,
    IGQ_LAYER_HEAD,
    IGQ_LAYER_KIND_COUNT
} igq_layer_kind;
extern const char
    *const igq_layer_kind_names[IGQ_LAYER_KIND_COUNT]; // "patch_embed","qkv","scores","context","proj",...

typedef enum igq_vector_op {
    IGQ_VECTOR_OP_NONE, // write back only
    IGQ_VECTOR_OP_LAYER_NORM,
    IGQ_VECTOR_OP_SOFTMAX,
    IGQ_VECTOR_OP_GELU,
    IGQ_VECTOR_OP_COUNT
} igq_vector_op;

typedef struct igq_layer {
    char name[IGQ_LAYER_NAME_BYTES]; // "patch_embed", "b0.qkv", "b0.scores", "b0.context", "b0.proj", "b0.fc1", ...,
                                     // "head"
    igq_layer_kind kind;
    int block;   // -1 for patch_embed and head
    int heads;   // products of this shape: heads for scores and context, else 1
    int T, C, O; // of one product
    igq_vector_op post_op;
    int residual; // 1: the output is added to the residual stream before post_op
} igq_layer;

// patch_embed, then per block qkv, scores, context, proj, fc1, fc2, then head (T = prefix_tokens).
int igq_vit_num_layers(const igq_vit_shape *shape); // 2 + 6 depth
void igq_vit_layers(igq_layer *layers, const igq_vit_shape *shape);

// Index into the per-linear-layer arrays of calibration.h and instance.h: 0 patch_embed, 1 + 4 block + {0 qkv, 1 proj,
// 2 fc1, 3 fc2}, last head. -1 for scores and context.
int igq_vit_num_linear(const igq_vit_shape *shape); // 2 + 4 depth
int igq_vit_linear_index(const igq_vit_shape *shape, igq_layer_kind kind, int block);
igq_layer_kind igq_vit_linear_kind(const igq_vit_shape *shape, int linear);
int igq_vit_linear_block(const igq_vit_shape *shape, int linear); // -1 for patch_embed and head
void igq_vit_linear_name(char name[IGQ_LAYER_NAME_BYTES], const igq_vit_shape *shape, int linear); // as in igq_layer
// C of that linear layer, and its T.
int igq_vit_linear_channels(const igq_vit_shape *shape, int linear);
int igq_vit_linear_outputs(const igq_vit_shape *shape, int linear);
int igq_vit_linear_tokens(const igq_vit_shape *shape, int linear);

#ifdef __cplusplus
}
#endif
#endif
