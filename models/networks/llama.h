// SPDX-License-Identifier: Apache-2.0
// llama.h - decoders of the Llama kind: RMSNorm, rotary embedding, grouped queries, gated MLP (SiLU). One graph holds a
// whole run: the prompt (prefill), then `decode_tokens` passes of one token each, which read the keys and values of all
// tokens before them from a cache and add their own. Weights have Hugging Face's names
// (model.layers.0.self_attn.q_proj), without the prefix "model.".
// A decoder of the GPT-2 kind differs in parts: LayerNorm, learned positions, a plain MLP (GELU, the form with tanh),
// biases, the head tied to the embedding; its names are wte, wpe, h.0.ln_1, h.0.attn.c_attn, ..., without
// "transformer.", and its matrices lie as [inputs][outputs].
// P tokens of the prompt, D decoded ones, H heads, K heads of keys and values, H / K queries a group.
#ifndef IGQ_LLAMA_H
#define IGQ_LLAMA_H
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_decoder_style { IGQ_DECODER_LLAMA, IGQ_DECODER_GPT2 } igq_decoder_style;
typedef enum igq_decode_ranges { IGQ_DECODE_RANGES_TOKEN, IGQ_DECODE_RANGES_RUNNING } igq_decode_ranges;
typedef enum igq_rotary_pairs { IGQ_ROTARY_HALVES, IGQ_ROTARY_NEIGHBOURS } igq_rotary_pairs;
typedef enum igq_logits { IGQ_LOGITS_LAST, IGQ_LOGITS_ALL } igq_logits;
typedef enum igq_text { IGQ_TEXT_GIVEN, IGQ_TEXT_GREEDY } igq_text;

typedef struct igq_llama_shape {
    igq_decoder_style style; // GPT-2: kv_heads is heads, tied is 1, nothing is rotated
    int vocabulary;
    int dim, depth, heads, kv_heads, mlp_dim; // dim is an even multiple of heads, heads one of kv_heads
    double norm_epsilon;
    double rotary_base;            // pair i of a head turns by position * base^(-2i / head dim)
    igq_rotary_pairs rotary_pairs; // which values of a head are pair i: i and i + half, or 2i and 2i + 1
    int tied;                      // 1: the head is the embedding
    int prefill_tokens, decode_tokens;
    int causal_block; // tokens of the prompt whose scores are one product, with the keys up to its last; 0: all
    igq_decode_ranges decode_ranges; // of a decoded token's channels: its own, or joined with those of all before it
    igq_logits logits;               // of the prompt: of its last token, or of all
    igq_text text;                   // decoded tokens are given, or the likeliest after those before
} igq_llama_shape;

// Tokens that input_ids holds: P + D, or P where the text is greedy.
int igq_llama_given_tokens(const igq_llama_shape *shape);
// Rows of the output logits: P + D, or 1 + D where only the prompt's last counts.
int igq_llama_logit_rows(const igq_llama_shape *shape);

// Input input_ids [1][given tokens]; outputs logits [rows][vocabulary] and, of greedy text, tokens [P + D], the prompt
// and what was decoded from all passes but the last.
// Layers of a pass: per block qkv (queries, keys, values behind one another), scores and context (of each causal block;
// products are the K heads, whose queries of all their group are tokens; NAME.0, NAME.1, ... if there are several),
// proj, fc1 (gate, then up; of GPT-2 one of them), fc2; then head. Those of the t-th decoded token begin with "tN.".
// NULL when memory is short.
igq_graph *igq_llama_graph(const igq_llama_shape *shape);

// Multiply-accumulates of scores and context that the prompt's mask throws away and that the causal blocks leave out,
// of all that it would throw away. Both of one run.
typedef struct igq_causal_macs {
    uint64_t masked, skipped;
} igq_causal_macs;
igq_causal_macs igq_llama_causal_macs(const igq_llama_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
