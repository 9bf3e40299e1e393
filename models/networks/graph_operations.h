// SPDX-License-Identifier: Apache-2.0
// graph_operations.h - what kinds of operations there are: their names, how many inputs they take and which shape they
// give. What they compute stands in forward/operation_code.h.
#ifndef IGQ_GRAPH_OPERATIONS_H
#define IGQ_GRAPH_OPERATIONS_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_op_rule {
    const char *name; // ONNX's, where ONNX has it
    int least_inputs, most_inputs;
    // Elements and shapes of the node's outputs from its inputs and attributes. NULL, or what is wrong, to be put
    // behind the node's name. Inputs have shapes; constant ones may have no data.
    const char *(*infer)(igq_graph *graph, igq_node *node);
} igq_op_rule;

extern const igq_op_rule igq_op_rules[IGQ_OP_COUNT];

// Gives the outputs of a node their shapes, and refuses values that are too large. NULL, or what is wrong.
const char *igq_op_infer(igq_graph *graph, igq_node *node);

// The integers of a constant input; NULL if it is left out or not known.
const int64_t *igq_constant_ints(const igq_graph *graph, const igq_node *node, int input, int *num);

// Numpy's rule: dimensions are compared from the last, 1 stretches. 0 if they do not fit.
int igq_broadcast(igq_shape *out, const igq_shape *a, const igq_shape *b);

// A node and its shape in one step, for builders: the first output, or -1 when memory is short. A wrong shape is the
// builder's mistake (asserted).
int igq_build(igq_graph *graph, igq_op op, igq_attributes attributes, int num_inputs, const int *inputs);

#ifdef __cplusplus
}
#endif
#endif
