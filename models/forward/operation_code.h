// SPDX-License-Identifier: Apache-2.0
// operation_code.h - what the operations of a graph compute, but for products: naive code in FP32 (or on integers), one
// function each, every sum in ascending order unless nonlinear.h says another. The same bits on every processor.
#ifndef IGQ_OPERATION_CODE_H
#define IGQ_OPERATION_CODE_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// A node with its values: in[i] and out[i] hold igq_shape_elements of them. An input that is left out is NULL.
typedef struct igq_operands {
    const igq_graph *graph;
    const igq_node *node;
    const void *const *in;
    void *const *out;
} igq_operands;

typedef void (*igq_op_code)(const igq_operands *operands);
// Products too, naively, for those that no array does. A reshape need not be computed where values may share memory.
igq_op_code igq_op_code_of(igq_op op);

#ifdef __cplusplus
}
#endif
#endif
