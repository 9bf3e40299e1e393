// SPDX-License-Identifier: Apache-2.0
// transformer.h - the forward pass of a vision transformer, once; matrix products are done by an engine: FP32 (the
// reference) or the accelerator's integer datapath (datapath.h). Vector operations are FP32 in fixed order
// (nonlinear.h).
#ifndef IGQ_TRANSFORMER_H
#define IGQ_TRANSFORMER_H
#include "vit.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

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

// How products are done. linear: y [T][O] = x [T][C] W^T + b of linear layer `linear` (index of network.h). Rows of the
// head's input are the prefix tokens: row 0 meets `head`, row 1 (if there is one) `head_distillation`.
// attention: out [T][dim] from qkv [T][3*dim] (q, k, v; heads inside) of block `block`, scores scaled by
// 1/sqrt(dim/heads).
typedef struct igq_engine {
    void *context;
    void (*linear)(void *context, int linear, float *y, const float *x, int T);
    void (*attention)(void *context, int block, float *out, const float *qkv, int T);
} igq_engine;

// logits out (classes); image in [channels][image_size][image_size], normalized. scratch of igq_vit_forward_scratch
// bytes.
void igq_vit_forward(float *logits, const float *image, const igq_vit_weights *weights, const igq_vit_shape *shape,
                     const igq_engine *engine, void *scratch);
size_t igq_vit_forward_scratch(const igq_vit_shape *shape);

// The same in pieces, for passes that share their beginning: embed, every block in turn, classify. stream [tokens][dim]
// is the residual stream, in and out; it must not lie in scratch.
void igq_vit_embed(float *stream, const float *image, const igq_vit_weights *weights, const igq_vit_shape *shape,
                   const igq_engine *engine, void *scratch);
void igq_vit_block(float *stream, int block, const igq_vit_weights *weights, const igq_vit_shape *shape,
                   const igq_engine *engine, void *scratch);
void igq_vit_classify(float *logits, const float *stream, const igq_vit_weights *weights, const igq_vit_shape *shape,
                      const igq_engine *engine, void *scratch);

// Weights of linear layer `linear` (the head: those of its first row).
const igq_linear_weights *igq_vit_linear_weights(const igq_vit_weights *weights, const igq_vit_shape *shape,
                                                 int linear);

// Sees the inputs of products: linear inputs x [T][C]; attention: qkv [T][3 dim] and softmax [heads][T][T].
typedef struct igq_observer {
    void *context;
    void (*linear_input)(void *context, int linear, const float *x, int T, int C);
    void (*qkv)(void *context, int block, const float *qkv, int T);
    void (*softmax)(void *context, int block, const float *softmax, int heads, int T);
} igq_observer;

// The FP32 engine: the same bits on every processor (fp32_gemm.h). observer may be NULL, and so may each of its
// functions.
typedef struct igq_fp32_engine igq_fp32_engine;
igq_fp32_engine *igq_fp32_engine_new(const igq_vit_weights *weights, const igq_vit_shape *shape,
                                     const igq_observer *observer); // NULL when memory is short
void igq_fp32_engine_free(igq_fp32_engine *engine);
igq_engine igq_fp32_engine_get(igq_fp32_engine *engine);

#ifdef __cplusplus
}
#endif
#endif
