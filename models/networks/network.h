// SPDX-License-Identifier: Apache-2.0
// network.h - a network as the list of its matrix products, in the order in which the accelerator runs them.
// Every vector operation (LayerNorm, softmax, GELU, residual) is the post-operation of the product before it; its
// result is the input of a later product, as a rule the next one. products.h finds the list in a graph; lists of
// products (matmuls.h) make it themselves.
#ifndef IGQ_NETWORK_H
#define IGQ_NETWORK_H
#include "params.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_LAYER_NAME_BYTES 32

typedef enum igq_layer_kind {
    IGQ_LAYER_PATCH_EMBED,
    IGQ_LAYER_STEM,    // first convolution of a ResNet
    IGQ_LAYER_CONV,    // its others, and the projection behind it
    IGQ_LAYER_MERGE,   // patch merging
    IGQ_LAYER_Q,       // of cross attention: its queries,
    IGQ_LAYER_KV,      // keys and values
    IGQ_LAYER_QKV,     // of self-attention
    IGQ_LAYER_SCORES,  // Q K^T, per head
    IGQ_LAYER_CONTEXT, // softmax(scores) V, per head
    IGQ_LAYER_PROJ,
    IGQ_LAYER_FC1,
    IGQ_LAYER_FC2,
    IGQ_LAYER_FPN,    // feature pyramid
    IGQ_LAYER_RPN,    // region proposals
    IGQ_LAYER_BOX,    // box head
    IGQ_LAYER_MASK,   // mask head
    IGQ_LAYER_HEAD,   // predictions
    IGQ_LAYER_LINEAR, // of a network whose layers have no such names
    IGQ_LAYER_KIND_COUNT
} igq_layer_kind;
extern const char
    *const igq_layer_kind_names[IGQ_LAYER_KIND_COUNT]; // "patch_embed","qkv","scores","context","proj",...

// First layers and predictions, which have code widths of their own: patch_embed, stem, head.
int igq_layer_kind_is_edge(igq_layer_kind kind);
// Linear layers whose input channels are grouped: the fully connected layers of transformer blocks, merge, linear.
int igq_layer_kind_is_grouped(igq_layer_kind kind);

typedef enum igq_vector_op {
    IGQ_VECTOR_OP_NONE, // write back only
    IGQ_VECTOR_OP_LAYER_NORM,
    IGQ_VECTOR_OP_SOFTMAX,
    IGQ_VECTOR_OP_GELU,
    IGQ_VECTOR_OP_ROTARY,
    IGQ_VECTOR_OP_COUNT
} igq_vector_op;

// Tiles of a layer that the user fixed; tokens 0: they are chosen.
typedef struct igq_layer_tiles {
    int tokens, outputs, channels, block_tokens;
    igq_loop_order order;
} igq_layer_tiles;

typedef struct igq_layer {
    char name[IGQ_LAYER_NAME_BYTES]; // "patch_embed", "b0.qkv", "b0.scores", "b0.context", "b0.proj", "b0.fc1", ...,
                                     // "head"
    igq_layer_kind kind;
    int block;    // -1 outside of blocks
    int products; // of this shape: heads x windows for scores and context, else 1
    int T, C, O;  // of one product
    igq_vector_op post_op;
    int residual;           // 1: the output is added to the residual stream before post_op
    int elementwise, moves; // how often the vector unit computes, or moves, as many values besides (vector_work.h)
    int input;              // layer whose results are the activations; -1: an input of the network, which lies in DRAM
    int read_again;         // 1: not only the next layer reads its results, so that they have to go to DRAM
    int linear;             // index among the layers with weights; -1: scores, context
    // Decoders. A layer of a later pass has weights and quantizers of one of the prompt's. Attentions of one block of a
    // network share the quantizers of q, k and v; those of the prompt have softmax quantizers of their own.
    int step;          // 0: of the prompt, and of networks that are no decoders; t: of the t-th token after it
    int like;          // that layer; -1: its own
    int ranges_from;   // layer whose ranges (instance.h) its own are joined with: of the token before; -1: none
    int kept_channels; // keys and values among its results, which stay in DRAM for later tokens (read_again is 1)
    // Scores and context only:
    int attention;         // index among the attentions of the network; -1: other layers
    int keys_from;         // layer whose results hold K and V; -1: other layers
    int heads;             // quantizers; product p is head p % heads of window p / heads
    int first_head;        // index of its head 0 among the heads of all attentions
    int first_product;     // index of its product 0 among the products of all attentions
    igq_layer_tiles tiles; // by which it is to be worked on, on a machine whose tiling is mapped
} igq_layer;

typedef struct igq_network {
    int num_layers;
    igq_layer *layer;  // (num_layers)
    int num_linear;    // layers with weights
    int num_attention; // pairs of scores and context
    int num_heads;     // of all attentions
    int num_softmax;   // softmax matrices: products of all attentions
    int inputs_apart;  // 1: layers that read an input of the network (-1) read one of their own each
    int out_of_memory; // while it is made
    igq_layer spare;   // what igq_network_add gives when memory is short
} igq_network;

// "head", or "b7.qkv" within a block.
void igq_layer_name(char name[IGQ_LAYER_NAME_BYTES], igq_layer_kind kind, int block);

// Making one: new, add in the order of execution, finish. new may return NULL, which finish passes on.
igq_network *igq_network_new(void);
void igq_network_free(igq_network *network); // NULL is fine
// A layer with weights that reads the results of the layer before it, named "KIND" or "bBLOCK.KIND". The caller changes
// what differs before the next call.
igq_layer *igq_network_add(igq_network *network, igq_layer_kind kind, int block, int T, int C, int O);
// Scores and context of an attention of `queries` x `keys` tokens a window; the layer before made Q, `keys_from` K and
// V.
void igq_network_add_attention(igq_network *network, int block, int heads, int windows, int queries, int keys,
                               int head_dim, int keys_from);
// The layer with weights of this number (igq_layer.linear), and the context layer of this attention.
const igq_layer *igq_network_linear(const igq_network *network, int linear);
const igq_layer *igq_network_attention(const igq_network *network, int attention);
// The network, or NULL if memory was short on the way.
igq_network *igq_network_finish(igq_network *network);

// Multiply-accumulates of a layer.
static inline uint64_t igq_layer_macs(const igq_layer *layer)
{
    return (uint64_t)layer->products * (uint64_t)layer->T * (uint64_t)layer->C * (uint64_t)layer->O;
}

#ifdef __cplusplus
}
#endif
#endif
