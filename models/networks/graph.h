// SPDX-License-Identifier: Apache-2.0
// graph.h - a network as operations on tensors ("values") of fixed shapes, in topological order. Families build one
// (vit.h), an ONNX file is read into one; products.h finds the matrix products in it, executor.h runs it.
// Elements are float32 or int64; booleans are the integers 0 and 1.
#ifndef IGQ_GRAPH_H
#define IGQ_GRAPH_H
#include "network.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_RANK 8
#define IGQ_MAX_VALUE_ELEMENTS ((int64_t)1 << 31) // of one value
#define IGQ_NODE_NAME_BYTES 96

typedef enum igq_element { IGQ_ELEMENT_FLOAT, IGQ_ELEMENT_INT } igq_element;

static inline size_t igq_element_bytes(igq_element element)
{
    return element == IGQ_ELEMENT_FLOAT ? sizeof(float) : sizeof(int64_t);
}

typedef struct igq_shape {
    int rank;
    int64_t dim[IGQ_MAX_RANK];
} igq_shape;

typedef struct igq_value {
    const char *name; // "" if it has none
    igq_element element;
    igq_shape shape;
    int is_constant;  // a constant or a weight: the same in every pass
    const void *data; // of a constant; NULL: a weight that nobody has given, so that the graph has a shape only
    int node;         // that computes it; -1: constants and inputs
} igq_value;

typedef enum igq_op {
    // Products with weights, and of two activations
    IGQ_OP_CONV,   // x [N][I][H][W], weight [O][I/groups][KH][KW], bias (O)
    IGQ_OP_LINEAR, // x [..][C], weight [O][C], bias (O); a second weight and bias: x is [2][C], a row for each
    IGQ_OP_MATMUL, // a [..][M][K], b [..][K][N], bias (N)
    // Elementwise with broadcasting
    IGQ_OP_ADD,
    IGQ_OP_SUB,
    IGQ_OP_MUL,
    IGQ_OP_DIV,
    IGQ_OP_POW,
    IGQ_OP_MIN,
    IGQ_OP_MAX,
    IGQ_OP_MOD,
    IGQ_OP_EQUAL,
    IGQ_OP_GREATER,
    IGQ_OP_LESS,
    IGQ_OP_GREATER_OR_EQUAL,
    IGQ_OP_LESS_OR_EQUAL,
    IGQ_OP_AND,
    IGQ_OP_OR,
    IGQ_OP_WHERE, // condition, a, b
    // Elementwise
    IGQ_OP_NEG,
    IGQ_OP_ABS,
    IGQ_OP_SQRT,
    IGQ_OP_RECIPROCAL,
    IGQ_OP_EXP,
    IGQ_OP_LOG,
    IGQ_OP_ERF,
    IGQ_OP_TANH,
    IGQ_OP_SIGMOID,
    IGQ_OP_SOFTPLUS,
    IGQ_OP_RELU,
    IGQ_OP_LEAKY_RELU,   // slope alpha
    IGQ_OP_HARD_SIGMOID, // alpha x + beta, in 0 to 1
    IGQ_OP_HARD_SWISH,
    IGQ_OP_CLIP, // to alpha ... beta
    IGQ_OP_FLOOR,
    IGQ_OP_CEIL,
    IGQ_OP_ROUND, // ties to even
    IGQ_OP_SIN,
    IGQ_OP_COS,
    IGQ_OP_NOT,
    IGQ_OP_CAST, // to element `axis`; floats to integers towards zero
    IGQ_OP_CAST_BOOL,
    // Of the vector unit, as it does them in one go
    IGQ_OP_GELU, // axis 1: the form with tanh
    IGQ_OP_SILU,
    IGQ_OP_SOFTMAX,    // along `axis`
    IGQ_OP_LAYER_NORM, // along the last axis: x, gain, bias
    IGQ_OP_RMS_NORM,   // along the last axis: x, gain
    IGQ_OP_ROTARY,     // x [..][C], cosines and sines [..][C/2], which broadcast: pairs of the last axis are turned
    IGQ_OP_BATCH_NORM, // x [N][C]..., gain, bias, mean, variance (C)
    // Along axes `ints`, kept where keep_dims is 1
    IGQ_OP_MEAN,
    IGQ_OP_SUM,
    IGQ_OP_REDUCE_MAX,
    IGQ_OP_REDUCE_MIN,
    IGQ_OP_ARG_MAX, // along `axis`
    // Windows of images [N][C][H][W]: kernel, stride, pad
    IGQ_OP_MAX_POOL,
    IGQ_OP_AVERAGE_POOL, // allow_zero: pads count
    IGQ_OP_ROI_ALIGN,    // x [1][C][H][W], boxes [R][4] (left, top, right, bottom), alpha of their pixels one of x:
                         // [R][C] places of the kernel, each the mean of 2 x 2 samples
    // Moved, not computed
    IGQ_OP_RESHAPE, // to `ints`; 0: as it was (unless allow_zero), -1: what is left
    IGQ_OP_TRANSPOSE,
    IGQ_OP_CONCAT,     // along `axis`
    IGQ_OP_SLICE,      // starts, ends, axes, steps: constant inputs
    IGQ_OP_EXPAND,     // to `ints`, which broadcast
    IGQ_OP_TILE,       // `ints` times along each axis
    IGQ_OP_PAD,        // `ints`: before, then behind each axis; with alpha, or (axis 1, 2) mirrored, with the edge
    IGQ_OP_GATHER,     // x, indices: along `axis`
    IGQ_OP_SCATTER_ND, // x, indices, updates
    IGQ_OP_RANGE,      // start, limit, step: constant
    IGQ_OP_TRILU,      // allow_zero 1: upper triangle, else lower; diagonal `axis`
    IGQ_OP_CUM_SUM,    // along `axis`
    IGQ_OP_RESIZE,     // nearest neighbour to `ints`; axis: how places are rounded
    IGQ_OP_COUNT
} igq_op;

// What the kind of operation does not say. Which members count, graph_operations.c says.
typedef struct igq_attributes {
    int axis, num_ints;
    int64_t ints[2 * IGQ_MAX_RANK]; // shape, permutation or axes
    int keep_dims, allow_zero;
    int kernel[2], stride[2], pad[4], dilation[2], groups; // of windows: rows, columns; pads top, left, bottom, right
    int ceil_mode;                                         // 1: a window that reaches over the end counts
    double epsilon, alpha, beta;
} igq_attributes;

typedef struct igq_node {
    igq_op op;
    char name[IGQ_NODE_NAME_BYTES];
    igq_attributes attributes;
    int num_inputs, num_outputs;
    int *input, *output; // values; an input that is left out is -1
    // The layer of network.h that it becomes, said by the builder or by layer_kinds.h; kind -1: none, it is computed by
    // the vector unit. Of a context, the node of its scores.
    int kind, block, scores;
    // Of decoders, as in network.h: the token that it is for, the node whose quantizers its layer has (-1: its own),
    // how many of its results for each token are kept, and whether its ranges are joined with those of the token
    // before.
    int step, like, kept_channels, joins_ranges;
} igq_node;

typedef struct igq_graph {
    int num_values, num_nodes, num_inputs, num_outputs;
    igq_value *value;      // (num_values)
    igq_node *node;        // (num_nodes)
    int *input, *output;   // values
    int out_of_memory;     // while it is made
    struct igq_pool *pool; // names, lists and constants
} igq_graph;

igq_graph *igq_graph_new(void);        // NULL when memory is short
void igq_graph_free(igq_graph *graph); // NULL is fine
// Zeroed memory that lives as long as the graph; NULL (and out_of_memory) when it is short.
void *igq_graph_take(igq_graph *graph, size_t bytes);

int64_t igq_shape_elements(const igq_shape *shape);
igq_shape igq_shape_of(int rank, const int64_t *dim);
static inline igq_value *igq_graph_value(const igq_graph *graph, int value)
{
    return &graph->value[value];
}

// New values; their number. Names are copied.
int igq_graph_add_value(igq_graph *graph, const char *name, igq_element element, const igq_shape *shape);
int igq_graph_add_input(igq_graph *graph, const char *name, igq_element element, const igq_shape *shape);
// data NULL: not known.
int igq_graph_add_weight(igq_graph *graph, const char *name, const void *data, igq_element element,
                         const igq_shape *shape);
int igq_graph_add_ints(igq_graph *graph, int num, const int64_t *values); // a constant, copied
void igq_graph_add_output(igq_graph *graph, int value);

// A node with outputs that have no shape yet (igq_op_infer of graph_operations.h gives them one). Inputs are copied.
igq_node *igq_graph_add_node(igq_graph *graph, igq_op op, const igq_attributes *attributes, int num_inputs,
                             const int *inputs, int num_outputs);

// Takes the last node away, and its outputs with it, of which others know nothing yet.
void igq_graph_drop_node(igq_graph *graph);

#ifdef __cplusplus
}
#endif
#endif
