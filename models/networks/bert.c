// SPDX-License-Identifier: Apache-2.0
#include "bert.h"
#include "graph_build.h"

#define EPSILON 1e-12 // of every LayerNorm

// Words, positions and the first segment: [tokens][dim].
static int embed(igq_graph *graph, const igq_bert_shape *shape)
{
    enum { SEGMENTS = 2 };
    const int64_t words[] = {shape->vocabulary, shape->dim}, positions[] = {shape->tokens, shape->dim};
    const igq_shape ids = igq_shape_of(2, (int64_t[]){1, shape->tokens});
    const int gather[] = {igq_build_weight(graph, 2, words, "embeddings.word_embeddings.weight"),
                          igq_graph_add_input(graph, "input_ids", IGQ_ELEMENT_INT, &ids)};
    int x = igq_build(graph, IGQ_OP_GATHER, (igq_attributes){.axis = 0}, 2, gather);
    x = igq_build_reshape(graph, x, 2, positions);
    int segments =
        igq_build_weight(graph, 2, (int64_t[]){SEGMENTS, shape->dim}, "embeddings.token_type_embeddings.weight");
    x = igq_build_two(graph, IGQ_OP_ADD, x, igq_build_slice(graph, segments, 0, 0, 1));
    x = igq_build_two(graph, IGQ_OP_ADD, x,
                      igq_build_weight(graph, 2, positions, "embeddings.position_embeddings.weight[0]"));
    return igq_build_layer_norm(graph, x, EPSILON, "embeddings.LayerNorm");
}

static int attend(igq_graph *graph, const igq_bert_shape *shape, int x, int block)
{
    char name[IGQ_LAYER_NAME_BYTES] = "";
    igq_attention_inputs parts = {.bias = -1, .mask = -1, .block = block, .name = name};
    int dim = shape->dim;
    int qkv = igq_build_linear(graph, x, 3 * dim, "encoder.layer.%d.attention.self.{query,key,value}", block);
    igq_build_name_as_kind(graph, IGQ_LAYER_QKV, block);
    parts.q = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, 0, dim), 1, shape->heads);
    parts.k = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, dim, dim), 1, shape->heads);
    parts.v = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, 2 * dim, dim), 1, shape->heads);
    igq_build_block_name(name, block);
    int context = igq_build_attention(graph, &parts);
    int out = igq_build_linear(graph, context, dim, "encoder.layer.%d.attention.output.dense", block);
    igq_build_name_as_kind(graph, IGQ_LAYER_PROJ, block);
    return out;
}

static int mlp(igq_graph *graph, const igq_bert_shape *shape, int x, int block)
{
    int hidden = igq_build_linear(graph, x, shape->mlp_dim, "encoder.layer.%d.intermediate.dense", block);
    igq_build_name_as_kind(graph, IGQ_LAYER_FC1, block);
    hidden = igq_build_one(graph, IGQ_OP_GELU, hidden);
    int out = igq_build_linear(graph, hidden, shape->dim, "encoder.layer.%d.output.dense", block);
    igq_build_name_as_kind(graph, IGQ_LAYER_FC2, block);
    return out;
}

igq_graph *igq_bert_graph(const igq_bert_shape *shape)
{
    igq_graph *graph = igq_graph_new();
    if (!graph)
        return NULL;
    int x = embed(graph, shape);
    for (int block = 0; block < shape->depth; block++) {
        x = igq_build_two(graph, IGQ_OP_ADD, attend(graph, shape, x, block), x);
        x = igq_build_layer_norm(graph, x, EPSILON, "encoder.layer.%d.attention.output.LayerNorm", block);
        x = igq_build_two(graph, IGQ_OP_ADD, mlp(graph, shape, x, block), x);
        x = igq_build_layer_norm(graph, x, EPSILON, "encoder.layer.%d.output.LayerNorm", block);
    }
    int pooled = igq_build_linear(graph, igq_build_slice(graph, x, 0, 0, 1), shape->dim, "pooler.dense");
    igq_build_name_layer(graph, IGQ_LAYER_HEAD, -1, "pooler");
    pooled = igq_build_one(graph, IGQ_OP_TANH, pooled);
    igq_build_output(graph, igq_build_reshape(graph, x, 3, (int64_t[]){1, shape->tokens, shape->dim}),
                     "last_hidden_state");
    igq_build_output(graph, pooled, "pooler_output");
    return igq_build_finish(graph);
}
