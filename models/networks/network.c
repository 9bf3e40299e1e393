// SPDX-License-Identifier: Apache-2.0
#include "network.h"
#include "layer_name.h"
#include <stdlib.h>
#include <string.h>

const char *const igq_layer_kind_names[IGQ_LAYER_KIND_COUNT] = {
    [IGQ_LAYER_PATCH_EMBED] = "patch_embed",
    [IGQ_LAYER_STEM] = "stem",
    [IGQ_LAYER_CONV] = "conv",
    [IGQ_LAYER_MERGE] = "merge",
    [IGQ_LAYER_Q] = "q",
    [IGQ_LAYER_KV] = "kv",
    [IGQ_LAYER_QKV] = "qkv",
    [IGQ_LAYER_SCORES] = "scores",
    [IGQ_LAYER_CONTEXT] = "context",
    [IGQ_LAYER_PROJ] = "proj",
    [IGQ_LAYER_FC1] = "fc1",
    [IGQ_LAYER_FC2] = "fc2",
    [IGQ_LAYER_FPN] = "fpn",
    [IGQ_LAYER_RPN] = "rpn",
    [IGQ_LAYER_BOX] = "box",
    [IGQ_LAYER_MASK] = "mask",
    [IGQ_LAYER_HEAD] = "head",
    [IGQ_LAYER_LINEAR] = "linear",
};

int igq_layer_kind_is_edge(igq_layer_kind kind)
{
    return kind == IGQ_LAYER_PATCH_EMBED || kind == IGQ_LAYER_STEM || kind == IGQ_LAYER_HEAD;
}

int igq_layer_kind_is_grouped(igq_layer_kind kind)
{
    switch (kind) {
    case IGQ_LAYER_MERGE:
    case IGQ_LAYER_Q:
    case IGQ_LAYER_KV:
    case IGQ_LAYER_QKV:
    case IGQ_LAYER_PROJ:
    case IGQ_LAYER_FC1:
    case IGQ_LAYER_FC2:
    case IGQ_LAYER_LINEAR:
        return 1;
    default:
        return 0;
    }
}

igq_network *igq_network_new(void)
{
    return calloc(1, sizeof(igq_network));
}

void igq_network_free(igq_network *network)
{
    if (!network)
        return;
    free(network->layer);
    free(network);
}

void igq_layer_name(char name[IGQ_LAYER_NAME_BYTES], igq_layer_kind kind, int block)
{
    if (block >= 0)
        igq_format_name(name, IGQ_LAYER_NAME_BYTES, "b%d.%s", block, igq_layer_kind_names[kind]);
    else
        igq_format_name(name, IGQ_LAYER_NAME_BYTES, "%s", igq_layer_kind_names[kind]);
}

// The next layer, zeroed. Room doubles whenever the number of layers is a power of two.
static igq_layer *append(igq_network *network)
{
    size_t num = (size_t)network->num_layers;
    if ((num & (num - 1)) == 0) {
        igq_layer *grown = realloc(network->layer, (num ? 2 * num : 1) * sizeof *grown);
        network->out_of_memory |= !grown;
        if (!grown)
            return &network->spare;
        network->layer = grown;
    }
    network->num_layers++;
    memset(&network->layer[num], 0, sizeof *network->layer);
    return &network->layer[num];
}

static igq_layer *add(igq_network *network, igq_layer_kind kind, int block, int T, int C, int O)
{
    igq_layer *layer = append(network);
    *layer = (igq_layer){.kind = kind,
                         .block = block,
                         .products = 1,
                         .T = T,
                         .C = C,
                         .O = O,
                         .input = network->num_layers - 2,
                         .linear = -1,
                         .like = -1,
                         .ranges_from = -1,
                         .attention = -1,
                         .keys_from = -1};
    igq_layer_name(layer->name, kind, block);
    return layer;
}

igq_layer *igq_network_add(igq_network *network, igq_layer_kind kind, int block, int T, int C, int O)
{
    igq_layer *layer = add(network, kind, block, T, C, O);
    layer->linear = network->num_linear++;
    return layer;
}

static void set_attention(igq_layer *layer, const igq_network *network, int heads, int windows, int keys_from)
{
    layer->products = heads * windows;
    layer->attention = network->num_attention;
    layer->keys_from = keys_from;
    layer->heads = heads;
    layer->first_head = network->num_heads;
    layer->first_product = network->num_softmax;
}

void igq_network_add_attention(igq_network *network, int block, int heads, int windows, int queries, int keys,
                               int head_dim, int keys_from)
{
    igq_layer *scores = add(network, IGQ_LAYER_SCORES, block, queries, head_dim, keys);
    scores->post_op = IGQ_VECTOR_OP_SOFTMAX;
    set_attention(scores, network, heads, windows, keys_from);
    igq_layer *context = add(network, IGQ_LAYER_CONTEXT, block, queries, keys, head_dim);
    set_attention(context, network, heads, windows, keys_from);
    network->num_attention++;
    network->num_heads += heads;
    network->num_softmax += heads * windows;
}

const igq_layer *igq_network_linear(const igq_network *network, int linear)
{
    int k = 0;
    while (network->layer[k].linear != linear)
        k++;
    return &network->layer[k];
}

const igq_layer *igq_network_attention(const igq_network *network, int attention)
{
    int k = 0;
    while (network->layer[k].attention != attention || network->layer[k].kind != IGQ_LAYER_CONTEXT)
        k++;
    return &network->layer[k];
}

igq_network *igq_network_finish(igq_network *network)
{
    if (!network)
        return NULL;
    if (network->out_of_memory) {
        igq_network_free(network);
        return NULL;
    }
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        if (layer->input >= 0 && layer->input != k - 1)
            network->layer[layer->input].read_again = 1;
        int scores = layer->kind == IGQ_LAYER_CONTEXT ? k - 1 : k;
        if (layer->keys_from >= 0 && layer->keys_from != scores - 1)
            network->layer[layer->keys_from].read_again = 1;
    }
    return network;
}
