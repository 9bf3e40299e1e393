// SPDX-License-Identifier: Apache-2.0
#include "bert.h"
#include <stddef.h>

igq_network *igq_bert_network(const igq_bert_shape *shape)
{
    int tokens = shape->tokens, dim = shape->dim;
    igq_network *network = igq_network_new();
    if (!network)
        return NULL;
    for (int block = 0; block < shape->depth; block++) {
        igq_network_add(network, IGQ_LAYER_QKV, block, tokens, dim, 3 * dim);
        igq_network_add_attention(network, block, shape->heads, 1, tokens, tokens, dim / shape->heads,
                                  network->num_layers - 1);
        igq_network_add_proj(network, block, tokens, dim);
        igq_network_add_mlp(network, block, tokens, dim, shape->mlp_dim, IGQ_VECTOR_OP_GELU);
    }
    const igq_conv pooler = {network->num_layers - 1, 1, 1, dim, dim};
    igq_network_add_conv(network, IGQ_LAYER_HEAD, pooler, "pooler");
    return igq_network_finish(network);
}
