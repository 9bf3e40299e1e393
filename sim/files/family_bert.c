// SPDX-License-Identifier: Apache-2.0
#include "family.h"
#include "workload_keys.h"

// clang-format off
static const igq_key keys[] = {
    INT("network", "tokens", bert.tokens, 1, IGQ_MAX_TOKENS, "tokens", "length of the sequence"),
    INT("network", "dim", bert.dim, 1, 4096, "channels", "width of a token; a multiple of heads"),
    INT("network", "depth", bert.depth, 1, 256, "", "blocks"),
    INT("network", "heads", bert.heads, 1, 256, "", "attention heads"),
    INT("network", "mlp_dim", bert.mlp_dim, 1, IGQ_MAX_CHANNELS, "channels", "hidden width of the MLP"),
    WITH_DEFAULT(IGQ_KEY_INT, "network", "vocabulary", bert.vocabulary, 1, 1 << 20, "30522", "words",
                 "of the embedding"),
};
// clang-format on

static igq_status check(igq_workload *workload, igq_key_source *source)
{
    return igq_check_divides(workload->bert.dim, "network.dim", workload->bert.heads, "network.heads", source);
}

static igq_graph *graph(const igq_workload *workload)
{
    return igq_bert_graph(&workload->bert);
}

const igq_family_row igq_family_bert = {
    .keys = keys, .num_keys = NUM(keys), .check = check, .graph = graph, .dialects = igq_bert_dialects};
