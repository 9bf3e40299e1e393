// SPDX-License-Identifier: Apache-2.0
#include "llama.h"
#include "graph_build.h"
#include "layer_name.h"
#include <math.h>

#define MASKED (-1e9f) // added to scores of tokens to come

// Weight and bias of a linear layer or a norm (values).
typedef struct affine {
    int weight, bias;
} affine;

// Weights of a block, its cache [K][tokens so far][head dim] (values), and the nodes of the prompt's layers.
typedef struct decoder_block {
    affine input_norm, qkv, proj, output_norm, fc1, fc2;
    int keys, values;
    int node_qkv, node_scores, node_context, node_proj, node_fc1, node_fc2;
} decoder_block;

typedef struct decoder {
    igq_graph *graph;
    const igq_llama_shape *shape;
    int head_dim, group; // H / K
    int embedding, head;
    int positions; // [P + D][dim], of GPT-2
    affine norm;
    int cosines, sines;     // [P + D][head dim / 2]
    int scale;              // of the scores
    int mask, mask_rest;    // [tokens][tokens] of a causal block, and of the last one if it is shorter; -1: none
    int node_head;          // of the prompt
    int step, tokens, past; // of the pass that is built: tokens before it
    decoder_block *block;   // (depth)
} decoder;

int igq_llama_given_tokens(const igq_llama_shape *shape)
{
    return shape->prefill_tokens + (shape->text == IGQ_TEXT_GREEDY ? 0 : shape->decode_tokens);
}

int igq_llama_logit_rows(const igq_llama_shape *shape)
{
    return (shape->logits == IGQ_LOGITS_ALL ? shape->prefill_tokens : 1) + shape->decode_tokens;
}

static int causal_block(const igq_llama_shape *shape)
{
    return shape->causal_block > 0 && shape->causal_block < shape->prefill_tokens ? shape->causal_block
                                                                                  : shape->prefill_tokens;
}

igq_causal_macs igq_llama_causal_macs(const igq_llama_shape *shape)
{
    igq_causal_macs macs = {0};
    int P = shape->prefill_tokens, size = causal_block(shape);
    uint64_t each = 2 * (uint64_t)shape->dim * (uint64_t)shape->depth; // of a query and a key
    for (int token = 0; token < P; token++) {
        int end = (token / size + 1) * size < P ? (token / size + 1) * size : P;
        macs.masked += each * (uint64_t)(P - 1 - token);
        macs.skipped += each * (uint64_t)(P - end);
    }
    return macs;
}

/// Constants and weights ///

static int floats(const decoder *d, const float *data, int64_t rows, int64_t columns)
{
    const igq_shape shape = igq_shape_of(2, (int64_t[]){rows, columns});
    return data ? igq_graph_add_weight(d->graph, "", data, IGQ_ELEMENT_FLOAT, &shape) : -1;
}

// Angles in double, rounded once.
static void add_angles(decoder *d)
{
    int64_t tokens = d->shape->prefill_tokens + d->shape->decode_tokens, half = d->head_dim / 2;
    float *cosine = igq_graph_take(d->graph, (size_t)(tokens * half) * sizeof *cosine);
    float *sine = igq_graph_take(d->graph, (size_t)(tokens * half) * sizeof *sine);
    for (int64_t i = 0; cosine && sine && i < tokens * half; i++) {
        double frequency = pow(d->shape->rotary_base, -(double)(i % half) / (double)half);
        cosine[i] = (float)cos((double)(i / half) * frequency);
        sine[i] = (float)sin((double)(i / half) * frequency);
    }
    d->cosines = floats(d, cosine, tokens, half);
    d->sines = floats(d, sine, tokens, half);
}

// [queries][keys] of a causal block: the keys before it are seen by all of it, its own by those that follow. As many
// keys as queries: those before it are put in front by `with_mask`.
static int add_mask(const decoder *d, int tokens)
{
    float *mask = igq_graph_take(d->graph, (size_t)tokens * (size_t)tokens * sizeof *mask);
    for (int q = 0; mask && q < tokens; q++)
        for (int k = 0; k < tokens; k++)
            mask[q * tokens + k] = k <= q ? 0 : MASKED;
    return floats(d, mask, tokens, tokens);
}

static void add_llama_weights(decoder *d)
{
    const igq_llama_shape *shape = d->shape;
    igq_graph *graph = d->graph;
    const int64_t dim[] = {shape->dim}, words[] = {shape->vocabulary, shape->dim};
    const int64_t qkv[] = {shape->dim + 2 * shape->kv_heads * d->head_dim, shape->dim};
    const int64_t proj[] = {shape->dim, shape->dim};
    const int64_t up[] = {2 * (int64_t)shape->mlp_dim, shape->dim}, down[] = {shape->dim, shape->mlp_dim};
    d->embedding = igq_build_weight(graph, 2, words, "embed_tokens.weight");
    for (int i = 0; i < shape->depth; i++) {
        decoder_block *b = &d->block[i];
        b->input_norm.weight = igq_build_weight(graph, 1, dim, "layers.%d.input_layernorm.weight", i);
        b->qkv.weight = igq_build_weight(graph, 2, qkv, "layers.%d.self_attn.{q_proj,k_proj,v_proj}.weight", i);
        b->proj.weight = igq_build_weight(graph, 2, proj, "layers.%d.self_attn.o_proj.weight", i);
        b->output_norm.weight = igq_build_weight(graph, 1, dim, "layers.%d.post_attention_layernorm.weight", i);
        b->fc1.weight = igq_build_weight(graph, 2, up, "layers.%d.mlp.{gate_proj,up_proj}.weight", i);
        b->fc2.weight = igq_build_weight(graph, 2, down, "layers.%d.mlp.down_proj.weight", i);
    }
    d->norm.weight = igq_build_weight(graph, 1, dim, "norm.weight");
    d->head = shape->tied ? d->embedding : igq_build_weight(graph, 2, words, "lm_head.weight");
}

// A norm of C channels (O 0), or a linear layer whose weights lie as [C][O].
static affine gpt2_affine(const decoder *d, const char *module, int64_t C, int64_t O)
{
    const int64_t weight[] = {C, O}, bias[] = {O > 0 ? O : C};
    affine made = {.weight = igq_build_weight(d->graph, O > 0 ? 2 : 1, weight, "%s.weight", module)};
    made.bias = igq_build_weight(d->graph, 1, bias, "%s.bias", module);
    return made;
}

static affine gpt2_part(const decoder *d, int block, const char *part, int64_t C, int64_t O)
{
    char module[IGQ_LAYER_NAME_BYTES];
    igq_format_name(module, sizeof module, "h.%d.%s", block, part);
    return gpt2_affine(d, module, C, O);
}

static void add_gpt2_weights(decoder *d)
{
    const igq_llama_shape *shape = d->shape;
    int64_t dim = shape->dim, mlp = shape->mlp_dim, tokens = shape->prefill_tokens + shape->decode_tokens;
    d->embedding = igq_build_weight(d->graph, 2, (int64_t[]){shape->vocabulary, dim}, "wte.weight");
    d->positions = igq_build_weight(d->graph, 2, (int64_t[]){tokens, dim}, "wpe.weight[0]"); // the first of its rows
    for (int i = 0; i < shape->depth; i++) {
        decoder_block *b = &d->block[i];
        b->input_norm = gpt2_part(d, i, "ln_1", dim, 0);
        b->qkv = gpt2_part(d, i, "attn.c_attn", dim, 3 * dim);
        b->proj = gpt2_part(d, i, "attn.c_proj", dim, dim);
        b->output_norm = gpt2_part(d, i, "ln_2", dim, 0);
        b->fc1 = gpt2_part(d, i, "mlp.c_fc", dim, mlp);
        b->fc2 = gpt2_part(d, i, "mlp.c_proj", mlp, dim);
    }
    d->norm = gpt2_affine(d, "ln_f", dim, 0);
    d->head = d->embedding;
}

/// Layers ///

// The node that was built last is a layer; *node: that of the prompt, which is noted, or which it is like. part: of an
// attention, -1: it is whole.
static void name_part(const decoder *d, igq_layer_kind kind, int block, int part, int *node)
{
    char own[IGQ_LAYER_NAME_BYTES];
    if (d->graph->out_of_memory)
        return;
    igq_layer_name(own, kind, block);
    if (d->step > 0)
        igq_build_name_layer(d->graph, kind, block, "t%d.%s", d->step, own);
    else if (part >= 0)
        igq_build_name_layer(d->graph, kind, block, "%s.%d", own, part);
    else
        igq_build_name_layer(d->graph, kind, block, "%s", own);
    igq_node *last = &d->graph->node[d->graph->num_nodes - 1];
    last->step = d->step;
    last->joins_ranges =
        d->step > 0 && d->shape->decode_ranges == IGQ_DECODE_RANGES_RUNNING && igq_layer_kind_is_grouped(kind);
    if (d->step > 0)
        last->like = *node;
    else
        *node = d->graph->num_nodes - 1;
}

static void name_layer(const decoder *d, igq_layer_kind kind, int block, int *node)
{
    name_part(d, kind, block, -1, node);
}

static int is_gpt2(const decoder *d)
{
    return d->shape->style == IGQ_DECODER_GPT2;
}

static int linear(const decoder *d, int x, affine w)
{
    if (is_gpt2(d))
        return igq_build(d->graph, IGQ_OP_MATMUL, (igq_attributes){0}, 3, (int[]){x, w.weight, w.bias});
    return igq_build_two(d->graph, IGQ_OP_LINEAR, x, w.weight);
}

static int norm(const decoder *d, int x, affine w)
{
    const igq_attributes with = {.epsilon = d->shape->norm_epsilon};
    if (is_gpt2(d))
        return igq_build(d->graph, IGQ_OP_LAYER_NORM, with, 3, (int[]){x, w.weight, w.bias});
    return igq_build(d->graph, IGQ_OP_RMS_NORM, with, 2, (int[]){x, w.weight});
}

/// Attention ///

static int rotate(const decoder *d, int x)
{
    if (is_gpt2(d))
        return x;
    const int inputs[] = {x, igq_build_slice(d->graph, d->cosines, 0, d->past, d->tokens),
                          igq_build_slice(d->graph, d->sines, 0, d->past, d->tokens)};
    return igq_build(d->graph, IGQ_OP_ROTARY, (igq_attributes){.axis = d->shape->rotary_pairs == IGQ_ROTARY_NEIGHBOURS},
                     3, inputs);
}

// Behind what earlier tokens left there.
static int cached(const decoder *d, int cache, int x)
{
    return d->past > 0 ? igq_build(d->graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 1}, 2, (int[]){cache, x}) : x;
}

// scores [K][group * tokens][keys]: those of the last `tokens` keys are masked.
static int with_mask(const decoder *d, int scores, int tokens, int keys)
{
    const int64_t K = d->shape->kv_heads, apart[] = {K, d->group, tokens, keys};
    int mask = tokens == causal_block(d->shape) ? d->mask : d->mask_rest;
    if (mask < 0)
        return scores;
    if (keys > tokens)
        mask = igq_build(d->graph, IGQ_OP_PAD, (igq_attributes){.num_ints = 4, .ints = {0, keys - tokens, 0, 0}}, 1,
                         &mask);
    scores = igq_build_reshape(d->graph, scores, 4, apart);
    scores = igq_build_two(d->graph, IGQ_OP_ADD, scores, mask);
    return igq_build_reshape(d->graph, scores, 3, (int64_t[]){K, (int64_t)d->group * tokens, keys});
}

// Queries `first` ... of q [H][T][head dim] with the first `keys` of the cache: [tokens][dim].
static int attend_block(decoder *d, int q, int number, int first, int tokens, int keys)
{
    igq_graph *graph = d->graph;
    decoder_block *b = &d->block[number];
    const int64_t K = d->shape->kv_heads, rows = (int64_t)d->group * tokens, width = d->head_dim;
    int part = tokens < d->tokens ? first / causal_block(d->shape) : -1;
    int k = b->keys, v = b->values, scores_like = b->node_scores, context_like = b->node_context;
    if (part >= 0) {
        q = igq_build_slice(graph, q, 1, first, tokens);
        k = keys < d->past + d->tokens ? igq_build_slice(graph, k, 1, 0, keys) : k;
        v = keys < d->past + d->tokens ? igq_build_slice(graph, v, 1, 0, keys) : v;
    }
    q = igq_build_reshape(graph, q, 3, (int64_t[]){K, rows, width});
    int scores = igq_build_two(graph, IGQ_OP_MATMUL, q, igq_build_transpose(graph, k, 3, (int64_t[]){0, 2, 1}));
    name_part(d, IGQ_LAYER_SCORES, number, part, &scores_like);
    int node = graph->num_nodes - 1;
    scores = igq_build_two(graph, IGQ_OP_MUL, scores, d->scale);
    if (d->step == 0)
        scores = with_mask(d, scores, tokens, keys);
    int context = igq_build_two(graph, IGQ_OP_MATMUL, igq_build_softmax(graph, scores), v);
    name_part(d, IGQ_LAYER_CONTEXT, number, part, &context_like);
    if (!graph->out_of_memory)
        graph->node[graph->num_nodes - 1].scores = node;
    b->node_scores = scores_like;
    b->node_context = context_like;
    context = igq_build_reshape(graph, context, 4, (int64_t[]){K, d->group, tokens, width});
    context = igq_build_transpose(graph, context, 4, (int64_t[]){2, 0, 1, 3});
    return igq_build_reshape(graph, context, 2, (int64_t[]){tokens, d->shape->dim});
}

// All causal blocks of the prompt are like the last, whose keys are all of them.
static void link_blocks(const decoder *d, int number, int first_node)
{
    for (int n = first_node; !d->graph->out_of_memory && d->step == 0 && n < d->graph->num_nodes; n++) {
        igq_node *node = &d->graph->node[n];
        if (node->kind == IGQ_LAYER_SCORES && n != d->block[number].node_scores)
            node->like = d->block[number].node_scores;
        if (node->kind == IGQ_LAYER_CONTEXT && n != d->block[number].node_context)
            node->like = d->block[number].node_context;
    }
}

static int attend(decoder *d, int x, int number)
{
    igq_graph *graph = d->graph;
    decoder_block *b = &d->block[number];
    int dim = d->shape->dim, kv = d->shape->kv_heads * d->head_dim, first_node = graph->num_nodes;
    int size = d->step > 0 ? 1 : causal_block(d->shape), result = -1;
    int qkv = linear(d, x, b->qkv);
    name_layer(d, IGQ_LAYER_QKV, number, &b->node_qkv);
    if (!graph->out_of_memory && d->shape->decode_tokens > 0)
        graph->node[graph->num_nodes - 1].kept_channels = 2 * kv;
    int q = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, 0, dim), 1, d->shape->heads);
    int k = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, dim, kv), 1, d->shape->kv_heads);
    int v = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, dim + kv, kv), 1, d->shape->kv_heads);
    q = rotate(d, q);
    b->keys = cached(d, b->keys, rotate(d, k));
    b->values = cached(d, b->values, v);
    for (int first = 0; first < d->tokens; first += size) {
        int tokens = d->tokens - first < size ? d->tokens - first : size;
        int part = attend_block(d, q, number, first, tokens, d->past + first + tokens);
        const int parts[] = {result, part};
        result = first == 0 ? part : igq_build(graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 0}, 2, parts);
    }
    link_blocks(d, number, first_node);
    result = linear(d, result, b->proj);
    name_layer(d, IGQ_LAYER_PROJ, number, &b->node_proj);
    return result;
}

/// Passes ///

static int mlp(decoder *d, int x, int number)
{
    decoder_block *b = &d->block[number];
    int hidden = linear(d, x, b->fc1), width = d->shape->mlp_dim;
    name_layer(d, IGQ_LAYER_FC1, number, &b->node_fc1);
    if (is_gpt2(d)) {
        hidden = igq_build(d->graph, IGQ_OP_GELU, (igq_attributes){.axis = 1}, 1, &hidden);
    } else {
        int gate = igq_build_one(d->graph, IGQ_OP_SILU, igq_build_slice(d->graph, hidden, 1, 0, width));
        int up = igq_build_slice(d->graph, hidden, 1, width, width);
        hidden = igq_build_two(d->graph, IGQ_OP_MUL, gate, up);
    }
    int result = linear(d, hidden, b->fc2);
    name_layer(d, IGQ_LAYER_FC2, number, &b->node_fc2);
    return result;
}

// ids [tokens] to logits [tokens][vocabulary], or to those of the last.
static int pass(decoder *d, int ids)
{
    igq_graph *graph = d->graph;
    int x = igq_build(graph, IGQ_OP_GATHER, (igq_attributes){.axis = 0}, 2, (int[]){d->embedding, ids});
    if (is_gpt2(d))
        x = igq_build_two(graph, IGQ_OP_ADD, x, igq_build_slice(graph, d->positions, 0, d->past, d->tokens));
    for (int i = 0; i < d->shape->depth; i++) {
        x = igq_build_two(graph, IGQ_OP_ADD, x, attend(d, norm(d, x, d->block[i].input_norm), i));
        x = igq_build_two(graph, IGQ_OP_ADD, x, mlp(d, norm(d, x, d->block[i].output_norm), i));
    }
    if (d->shape->logits == IGQ_LOGITS_LAST && d->tokens > 1)
        x = igq_build_slice(graph, x, 0, d->tokens - 1, 1);
    x = igq_build_two(graph, IGQ_OP_LINEAR, norm(d, x, d->norm), d->head);
    name_layer(d, IGQ_LAYER_HEAD, -1, &d->node_head);
    return x;
}

static int join(igq_graph *graph, int num, const int *parts)
{
    return num == 1 ? parts[0] : igq_build(graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 0}, num, parts);
}

// The prompt, then token after token. logits, tokens out (1 + D): what each pass gives and what it was given.
static void build_passes(decoder *d, int *logits, int *tokens)
{
    const igq_llama_shape *shape = d->shape;
    int given = igq_llama_given_tokens(shape);
    const igq_shape ids_shape = igq_shape_of(2, (int64_t[]){1, given});
    int ids = igq_graph_add_input(d->graph, "input_ids", IGQ_ELEMENT_INT, &ids_shape);
    ids = igq_build_reshape(d->graph, ids, 1, (int64_t[]){given});
    for (d->step = 0; d->step <= shape->decode_tokens; d->step++) {
        d->past = d->step > 0 ? shape->prefill_tokens + d->step - 1 : 0;
        d->tokens = d->step > 0 ? 1 : shape->prefill_tokens;
        if (d->step > 0 && shape->text == IGQ_TEXT_GREEDY) {
            int before = logits[d->step - 1];
            if (d->step == 1 && shape->logits == IGQ_LOGITS_ALL)
                before = igq_build_slice(d->graph, before, 0, shape->prefill_tokens - 1, 1);
            tokens[d->step] = igq_build(d->graph, IGQ_OP_ARG_MAX, (igq_attributes){.axis = 1}, 1, &before);
        } else {
            tokens[d->step] = igq_build_slice(d->graph, ids, 0, d->past, d->tokens);
        }
        logits[d->step] = pass(d, tokens[d->step]);
    }
}

igq_graph *igq_llama_graph(const igq_llama_shape *shape)
{
    decoder d = {.graph = igq_graph_new(), .shape = shape, .mask = -1, .mask_rest = -1};
    if (!d.graph)
        return NULL;
    int size = causal_block(shape), rest = shape->prefill_tokens % size, passes = 1 + shape->decode_tokens;
    d.head_dim = shape->dim / shape->heads;
    d.group = shape->heads / shape->kv_heads;
    d.block = igq_graph_take(d.graph, (size_t)shape->depth * sizeof *d.block);
    int *logits = igq_graph_take(d.graph, 2 * (size_t)passes * sizeof *logits);
    if (d.block && logits) {
        if (is_gpt2(&d)) {
            add_gpt2_weights(&d);
        } else {
            add_llama_weights(&d);
            add_angles(&d);
        }
        d.scale = igq_build_number(d.graph, 1.0f / sqrtf((float)d.head_dim));
        d.mask = size > 1 ? add_mask(&d, size) : -1;
        d.mask_rest = rest > 1 ? add_mask(&d, rest) : -1;
        build_passes(&d, logits, logits + passes);
        igq_build_output(d.graph, join(d.graph, passes, logits), "logits");
        if (shape->text == IGQ_TEXT_GREEDY)
            igq_build_output(d.graph, join(d.graph, passes, logits + passes), "tokens");
    }
    return igq_build_finish(d.graph);
}
