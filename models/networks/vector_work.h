// SPDX-License-Identifier: Apache-2.0
// vector_work.h - what an operation without a product costs the vector unit: how many passes over its values, by a key
// of the machine for each kind of work (vector_unit.layer_norm_passes, ...).
#ifndef IGQ_VECTOR_WORK_H
#define IGQ_VECTOR_WORK_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_vector_work {
    IGQ_VECTOR_WORK_FREE,        // done where results are scaled, written or addressed: another shape, slices, ReLU and
                                 // other clamps, sums and products with a constant number or one for each channel
    IGQ_VECTOR_WORK_NORM,        // LayerNorm, RMSNorm: layer_norm_passes
    IGQ_VECTOR_WORK_SOFTMAX,     // softmax_passes
    IGQ_VECTOR_WORK_ACTIVATION,  // GELU, SiLU: gelu_passes
    IGQ_VECTOR_WORK_ROTARY,      // rotary_passes
    IGQ_VECTOR_WORK_ELEMENTWISE, // all other arithmetic, reductions and pooling: elementwise_passes; a sum may be a
                                 // residual (products.h): residual_passes
    IGQ_VECTOR_WORK_MOVE,        // transposed, joined, padded, gathered, repeated: move_passes
    IGQ_VECTOR_WORK_COUNT
} igq_vector_work;

extern const char *const igq_vector_work_names[IGQ_VECTOR_WORK_COUNT]; // "free", "layer_norm_passes", ...

igq_vector_work igq_vector_work_of(const igq_graph *graph, const igq_node *node);

#ifdef __cplusplus
}
#endif
#endif
