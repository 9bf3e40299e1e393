// SPDX-License-Identifier: Apache-2.0
#include "vector_work.h"

const char *const igq_vector_work_names[IGQ_VECTOR_WORK_COUNT] = {
    [IGQ_VECTOR_WORK_FREE] = "free",
    [IGQ_VECTOR_WORK_NORM] = "layer_norm_passes",
    [IGQ_VECTOR_WORK_SOFTMAX] = "softmax_passes",
    [IGQ_VECTOR_WORK_ACTIVATION] = "gelu_passes",
    [IGQ_VECTOR_WORK_ROTARY] = "rotary_passes",
    [IGQ_VECTOR_WORK_ELEMENTWISE] = "elementwise_passes, residual_passes",
    [IGQ_VECTOR_WORK_MOVE] = "move_passes",
};

// A constant of one number, or of numbers along one dimension.
static int is_constant_vector(const igq_graph *graph, int value)
{
    const igq_value *operand = &graph->value[value];
    int num_long = 0;
    for (int i = 0; i < operand->shape.rank; i++)
        num_long += operand->shape.dim[i] > 1;
    return operand->is_constant && num_long <= 1;
}

igq_vector_work igq_vector_work_of(const igq_graph *graph, const igq_node *node)
{
    switch (node->op) {
    case IGQ_OP_RESHAPE:
    case IGQ_OP_SLICE:
    case IGQ_OP_RELU:
    case IGQ_OP_CLIP:
    case IGQ_OP_CAST:
        return IGQ_VECTOR_WORK_FREE;
    case IGQ_OP_ADD:
    case IGQ_OP_SUB:
    case IGQ_OP_MUL:
    case IGQ_OP_DIV:
        return is_constant_vector(graph, node->input[0]) || is_constant_vector(graph, node->input[1])
                   ? IGQ_VECTOR_WORK_FREE
                   : IGQ_VECTOR_WORK_ELEMENTWISE;
    case IGQ_OP_LAYER_NORM:
    case IGQ_OP_RMS_NORM:
        return IGQ_VECTOR_WORK_NORM;
    case IGQ_OP_SOFTMAX:
        return IGQ_VECTOR_WORK_SOFTMAX;
    case IGQ_OP_GELU:
    case IGQ_OP_SILU:
        return IGQ_VECTOR_WORK_ACTIVATION;
    case IGQ_OP_ROTARY:
        return IGQ_VECTOR_WORK_ROTARY;
    case IGQ_OP_TRANSPOSE:
    case IGQ_OP_CONCAT:
    case IGQ_OP_EXPAND:
    case IGQ_OP_TILE:
    case IGQ_OP_PAD:
    case IGQ_OP_GATHER:
    case IGQ_OP_SCATTER_ND:
    case IGQ_OP_RESIZE:
    case IGQ_OP_TRILU:
        return IGQ_VECTOR_WORK_MOVE;
    default:
        return IGQ_VECTOR_WORK_ELEMENTWISE;
    }
}
