// SPDX-License-Identifier: Apache-2.0
#include "family.h"
#include "workload_keys.h"

static const char *const rotary_pairs[] = {[IGQ_ROTARY_HALVES] = "halves", [IGQ_ROTARY_NEIGHBOURS] = "neighbours"};
static const char *const logits[] = {[IGQ_LOGITS_LAST] = "last", [IGQ_LOGITS_ALL] = "all"};
static const char *const decode_ranges[] = {
    [IGQ_DECODE_RANGES_TOKEN] = "token", [IGQ_DECODE_RANGES_RUNNING] = "running"};
static const char *const texts[] = {[IGQ_TEXT_GIVEN] = "given", [IGQ_TEXT_GREEDY] = "greedy"};

// clang-format off
#define RUN_KEYS                                                                                                       \
    INT("network", "prefill_tokens", llama.prefill_tokens, 1, IGQ_MAX_TOKENS, "tokens", "of the prompt, worked on together"), \
    INT("network", "decode_tokens", llama.decode_tokens, 0, IGQ_MAX_TOKENS, "tokens", "after it, one after another"), \
    {"network", "causal_block", IGQ_KEY_INT, AT(llama.causal_block), 0, IGQ_MAX_TOKENS, NULL, 0, "tokens",             \
     "of the prompt whose scores are one product, with the keys up to its last; 0: all", "0", NULL},                   \
    CHOICE("network", "decode_ranges", llama.decode_ranges, decode_ranges, "token", \
           "of a decoded token's channels: its own values, or joined with those of all tokens before it"), \
    CHOICE("network", "logits", llama.logits, logits, "last", "of the prompt: of its last token, or of all"),          \
    CHOICE("network", "text", llama.text, texts, "given", "decoded tokens: given, or the likeliest after those before (greedy)")

static const igq_key llama_keys[] = {
    INT("network", "vocabulary", llama.vocabulary, 1, 1 << 20, "", "tokens that there are"),
    INT("network", "dim", llama.dim, 1, IGQ_MAX_CHANNELS, "channels", "width of a token; an even multiple of heads"),
    INT("network", "depth", llama.depth, 1, 256, "", "blocks"),
    INT("network", "heads", llama.heads, 1, 256, "", "attention heads; a multiple of kv_heads"),
    INT("network", "kv_heads", llama.kv_heads, 1, 256, "", "heads of keys and values, each for a group of queries"),
    INT("network", "mlp_dim", llama.mlp_dim, 1, IGQ_MAX_CHANNELS, "channels", "hidden width of the gated MLP"),
    REAL("network", "norm_epsilon", llama.norm_epsilon, 0, 1, "", "added to the mean square"),
    REAL("network", "rotary_base", llama.rotary_base, 1, 1e9, "", "of the angles: pair i turns by position * base^(-2i / head dim)"),
    CHOICE("network", "rotary_pairs", llama.rotary_pairs, rotary_pairs, "halves",
           "values of a head that turn together: i and i + half, or 2i and 2i + 1"),
    CHOICE("network", "tied", llama.tied, igq_no_yes, "no", "the head's weights are the embedding"),
    RUN_KEYS,
};

static const igq_key gpt2_keys[] = {
    INT("network", "vocabulary", llama.vocabulary, 1, 1 << 20, "", "tokens that there are"),
    INT("network", "dim", llama.dim, 1, IGQ_MAX_CHANNELS, "channels", "width of a token; a multiple of heads"),
    INT("network", "depth", llama.depth, 1, 256, "", "blocks"),
    INT("network", "heads", llama.heads, 1, 256, "", "attention heads"),
    INT("network", "mlp_dim", llama.mlp_dim, 1, IGQ_MAX_CHANNELS, "channels", "hidden width of the MLP"),
    REAL("network", "norm_epsilon", llama.norm_epsilon, 0, 1, "", "added to the variance"),
    RUN_KEYS,
};
// clang-format on

// What the graph of a decoder would take: layers of all passes, values of its largest tensors.
static igq_status check_llama_size(const igq_llama_shape *shape, int rows, igq_key_source *source)
{
    enum { MOST_LAYERS = 1 << 14, MOST_MASK_VALUES = 1 << 24 };
    int64_t P = shape->prefill_tokens, D = shape->decode_tokens, vocabulary = shape->vocabulary;
    int64_t layers = shape->depth * (4 + 2 * ((P + rows - 1) / rows)) + 1 + D * (6 * shape->depth + 1);
    igq_status status = igq_check_most(layers, "layers of all passes", MOST_LAYERS, "network.decode_tokens", source);
    if (status == IGQ_OK && rows > 1)
        status =
            igq_check_most((int64_t)rows * rows, "values of a mask", MOST_MASK_VALUES, "network.causal_block", source);
    if (status == IGQ_OK)
        status = igq_check_most(shape->heads * rows * (P + D), "scores of a product", INT32_MAX, "network.causal_block",
                                source);
    if (status == IGQ_OK)
        status =
            igq_check_most(vocabulary * shape->dim, "values of the embedding", INT32_MAX, "network.vocabulary", source);
    return status == IGQ_OK ? igq_check_most(vocabulary * (P + D), "logits", INT32_MAX, "network.vocabulary", source)
                            : status;
}

static igq_status check_llama(igq_workload *workload, igq_key_source *source)
{
    const igq_llama_shape *shape = &workload->llama;
    int P = shape->prefill_tokens, group = shape->heads / shape->kv_heads;
    int rows = shape->causal_block > 0 && shape->causal_block < P ? shape->causal_block : P;
    igq_status status = igq_check_divides(shape->dim, "network.dim", shape->heads, "network.heads", source);
    if (status == IGQ_OK && shape->style == IGQ_DECODER_LLAMA && shape->dim / shape->heads % 2 != 0)
        status = igq_key_source_refuse(source, "network.dim",
                                       "is %d, %d for each of the heads; allowed: an even number for each", shape->dim,
                                       shape->dim / shape->heads);
    if (status == IGQ_OK)
        status = igq_check_divides(shape->heads, "network.heads", shape->kv_heads, "network.kv_heads", source);
    if (status == IGQ_OK)
        status = igq_check_most((long long)P + shape->decode_tokens, "tokens", IGQ_MAX_TOKENS, "network.decode_tokens",
                                source);
    if (status == IGQ_OK)
        status = igq_check_most((long long)rows * group, "rows of queries in a product", IGQ_MAX_TOKENS,
                                "network.causal_block", source);
    return status == IGQ_OK ? check_llama_size(shape, rows, source) : status;
}

static igq_status check_gpt2(igq_workload *workload, igq_key_source *source)
{
    workload->llama.style = IGQ_DECODER_GPT2;
    workload->llama.kv_heads = workload->llama.heads;
    workload->llama.tied = 1;
    return check_llama(workload, source);
}

static igq_graph *graph(const igq_workload *workload)
{
    return igq_llama_graph(&workload->llama);
}

const igq_family_row igq_family_llama = {
    .keys = llama_keys, .num_keys = NUM(llama_keys), .check = check_llama, .graph = graph};

const igq_family_row igq_family_gpt2 = {
    .keys = gpt2_keys, .num_keys = NUM(gpt2_keys), .check = check_gpt2, .graph = graph};
