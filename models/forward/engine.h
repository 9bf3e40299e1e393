// SPDX-License-Identifier: Apache-2.0
// engine.h - who does the products of a graph (executor.h): FP32, the reference, or the accelerator's integer datapath
// (datapath.h). All other operations are FP32 in fixed order.
#ifndef IGQ_ENGINE_H
#define IGQ_ENGINE_H
#include "products.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// linear: y [T][O] = x [T][C] W^T + bias of a layer with weights; with two sets of weights row 0 of x meets the first,
// row 1 the second. matmul: y [products][T][O] = a b of scores and context, where a and b are the inputs of the node.
typedef struct igq_engine {
    void *context;
    void (*linear)(void *context, const igq_graph_product *product, float *y, const float *x);
    void (*matmul)(void *context, const igq_graph_product *product, float *y, const float *a, const float *b);
} igq_engine;

// Operands of attention; T, C and O are those of the layer that reads them.
typedef enum igq_operand {
    IGQ_OPERAND_QUERY,   // of scores [T][C]
    IGQ_OPERAND_KEY,     // of scores [O][C]
    IGQ_OPERAND_SOFTMAX, // of context [T][C]
    IGQ_OPERAND_VALUE    // of context [C][O]
} igq_operand;

// Sees the inputs of products: x [T][C] of a layer with weights; the operands of each product of an attention, two at a
// time.
typedef struct igq_observer {
    void *context;
    void (*linear_input)(void *context, const igq_layer *layer, const float *x);
    void (*attention_input)(void *context, const igq_layer *layer, int product, igq_operand operand, const float *x);
} igq_observer;

// The FP32 engine: the same bits on every processor (fp32_gemm.h). observer may be NULL, and so may each of its
// functions. NULL when memory is short.
typedef struct igq_fp32_engine igq_fp32_engine;
igq_fp32_engine *igq_fp32_engine_new(const igq_products *products, const igq_observer *observer);
void igq_fp32_engine_free(igq_fp32_engine *engine);
igq_engine igq_fp32_engine_get(igq_fp32_engine *engine);

// Matrix b of a product as it lies in memory, [C][O], or turned, [O][C].
void igq_product_pack(float *packed, const igq_graph_product *product, int p, const float *b);
void igq_product_pack_turned(float *packed, const igq_graph_product *product, int p, const float *b);

#ifdef __cplusplus
}
#endif
#endif
