// SPDX-License-Identifier: Apache-2.0
// graph_build.h - what the builders of families have in common: operations by a short name, and weights that have the
// name of their tensor in a checkpoint. Weights have no data yet (draw_weights.h, or the file's weights). A name may
// say
//   {query,key,value}.weight   tensors that lie behind one another along the first dimension
//   in_proj_weight[2]          of a tensor that is longer than the weight, piece 2 of as many rows as the weight has
// Everything returns a value, or -1 when memory is short. Names are formed as layer_name.h does.
#ifndef IGQ_GRAPH_BUILD_H
#define IGQ_GRAPH_BUILD_H
#include "graph_operations.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_WEIGHT_NAME_BYTES 192
#define IGQ_NAMED(name, arguments) __attribute__((format(printf, name, arguments)))

int igq_build_weight(igq_graph *graph, int rank, const int64_t *dim, const char *name, ...) IGQ_NAMED(4, 5);
int igq_build_number(igq_graph *graph, float number);

int igq_build_one(igq_graph *graph, igq_op op, int x);
int igq_build_two(igq_graph *graph, igq_op op, int x, int y);
int igq_build_reshape(igq_graph *graph, int x, int rank, const int64_t *dim);
int igq_build_transpose(igq_graph *graph, int x, int rank, const int64_t *permutation);
// `num` entries from `start` along `axis`, which stays.
int igq_build_slice(igq_graph *graph, int x, int axis, int64_t start, int64_t num);
int igq_build_softmax(igq_graph *graph, int x);

// Modules with tensors NAME.weight and NAME.bias: x [..][C] to [..][outputs]; LayerNorm along the last axis.
int igq_build_linear(igq_graph *graph, int x, int64_t outputs, const char *name, ...) IGQ_NAMED(4, 5);
int igq_build_layer_norm(igq_graph *graph, int x, double epsilon, const char *name, ...) IGQ_NAMED(4, 5);
// Images [N][C][H][W], square kernels, padded by `pad` on all sides; without a bias where has_bias is 0.
typedef struct igq_conv_shape {
    int outputs, kernel, stride, pad, has_bias;
} igq_conv_shape;
int igq_build_conv(igq_graph *graph, int x, igq_conv_shape shape, const char *name, ...) IGQ_NAMED(4, 5);
// NAME.weight, NAME.bias, NAME.running_mean and NAME.running_var.
int igq_build_batch_norm(igq_graph *graph, int x, double epsilon, const char *name, ...) IGQ_NAMED(4, 5);

// x [T][heads * head dim] to [heads][T][head dim], or [windows * T][..] to [windows][heads][T][head dim].
int igq_build_split_heads(igq_graph *graph, int x, int windows, int heads);

// Attention of q, k, v as igq_build_split_heads gives them, back to [windows * T][heads * head dim]. Scores are scaled
// by 1 / sqrt(head dim); then `bias` and `mask` are added, which broadcast (-1: none). Layers NAME + "scores",
// "context".
typedef struct igq_attention_inputs {
    int q, k, v, bias, mask;
    int block;
    const char *name;
} igq_attention_inputs;
int igq_build_attention(igq_graph *graph, const igq_attention_inputs *inputs);

// The node that was built last is a layer of this kind and name.
void igq_build_name_layer(igq_graph *graph, igq_layer_kind kind, int block, const char *name, ...) IGQ_NAMED(4, 5);
// Its name is that of igq_layer_name.
void igq_build_name_as_kind(igq_graph *graph, igq_layer_kind kind, int block);

// "b7.", what the names of a block's layers begin with.
void igq_build_block_name(char name[IGQ_LAYER_NAME_BYTES], int block);

// An output of the network, which has this name.
void igq_build_output(igq_graph *graph, int value, const char *name, ...) IGQ_NAMED(3, 4);

// The graph, or NULL (and it is freed) if memory was short on the way.
igq_graph *igq_build_finish(igq_graph *graph);

#ifdef __cplusplus
}
#endif
#endif
