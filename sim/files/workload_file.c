// SPDX-License-Identifier: Apache-2.0
#include "workload_file.h"
#include "keys.h"
#include <string.h>

#define AT(member) offsetof(igq_workload, member)
#define INT(section, name, member, min, max, unit, meaning)                                                            \
    {                                                                                                                  \
        section, name, IGQ_KEY_INT, AT(member), min, max, NULL, 0, unit, meaning                                       \
    }
#define REAL(section, name, member, min, max, unit, meaning)                                                           \
    {                                                                                                                  \
        section, name, IGQ_KEY_REAL, AT(member), min, max, NULL, 0, unit, meaning                                      \
    }
#define REAL3(section, name, member, min, max, unit, meaning)                                                          \
    {                                                                                                                  \
        section, name, IGQ_KEY_REAL3, AT(member), min, max, NULL, 0, unit, meaning                                     \
    }
#define SPREAD(kind)                                                                                                   \
    REAL("synthetic_ranges", #kind "_channel_spread", synthetic_ranges.kind.channel_spread, 0, 5, "ln",                \
         "standard deviation between the channels of " #kind),                                                         \
        REAL("synthetic_ranges", #kind "_instance_spread", synthetic_ranges.kind.instance_spread, 0, 5, "ln",          \
             "standard deviation of a channel of " #kind " between images")

// clang-format off
static const igq_key keys[] = {
    {NULL, "name", IGQ_KEY_TEXT, AT(name), 0, 0, NULL, 0, "", "name of the network in reports"},

    INT("network", "image_size", shape.image_size, 1, 4096, "pixels", "side of the square input"),
    INT("network", "patch_size", shape.patch_size, 1, 1024, "pixels", "side of a square patch; divides image_size"),
    INT("network", "image_channels", shape.image_channels, 1, 64, "", "colours"),
    INT("network", "dim", shape.dim, 1, IGQ_MAX_CHANNELS, "channels", "width of a token; a multiple of heads"),
    INT("network", "depth", shape.depth, 1, 256, "", "blocks"),
    INT("network", "heads", shape.heads, 1, 256, "", "attention heads"),
    INT("network", "mlp_dim", shape.mlp_dim, 1, IGQ_MAX_CHANNELS, "channels", "hidden width of the MLP"),
    INT("network", "classes", shape.classes, 1, 1 << 20, "", "outputs of the head"),
    INT("network", "prefix_tokens", shape.prefix_tokens, 1, 2, "tokens", "1: class token; 2: distillation token too"),
    REAL("network", "layer_norm_epsilon", shape.layer_norm_epsilon, 0, 1, "", "added to the variance"),

    REAL("preprocess", "crop_pct", preprocess.crop_pct, 0.1, 1, "", "part of the shorter side that the crop keeps"),
    REAL3("preprocess", "mean", preprocess.mean, -10, 10, "", "of R, G, B in [0, 1]"),
    REAL3("preprocess", "std", preprocess.std, 1e-6, 10, "", "of R, G, B in [0, 1]"),

    INT("precision", "act_bits", precision.act_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "inputs of the linear layers of blocks, and softmax rows"),
    INT("precision", "weight_bits", precision.weight_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "weights of the linear layers of blocks"),
    INT("precision", "attn_bits", precision.attn_bits, 2, IGQ_MAX_CODE_BITS, "bits", "q, k and v"),
    INT("precision", "edge_bits", precision.edge_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "patch_embed and head, activations and weights"),
    INT("precision", "weight_groups", precision.weight_groups, 0, IGQ_MAX_CHANNELS, "quantizers",
        "of the weights of each layer of blocks, over neighbouring output channels; 0: one per output channel"),
    REAL("precision", "weight_epsilon_pct", precision.weight_epsilon_pct, 0, 49, "%",
        "weights are clipped at this percentile and 100 minus it"),

    INT("synthetic_ranges", "seed", synthetic_ranges.seed, 0, 2147483647, "", "of the random numbers"),
    SPREAD(qkv),
    SPREAD(proj),
    SPREAD(fc1),
    SPREAD(fc2),
    SPREAD(softmax),
    REAL("synthetic_ranges", "softmax_median", synthetic_ranges.softmax_median, 1e-6, 1, "",
        "median over the rows of the largest value of a softmax row"),
};
// clang-format on
#define NUM_KEYS ((int)(sizeof keys / sizeof *keys))

static igq_status check_shape(const igq_vit_shape *shape, const igq_yaml_file *file, igq_error *error)
{
    if (shape->image_size % shape->patch_size != 0)
        return igq_yaml_refuse(file, "network.patch_size", error,
                               "is %d; allowed: divisors of network.image_size, which is %d", shape->patch_size,
                               shape->image_size);
    if (shape->dim % shape->heads != 0)
        return igq_yaml_refuse(file, "network.dim", error, "is %d; allowed: multiples of network.heads, which is %d",
                               shape->dim, shape->heads);
    if (shape->patch_size * shape->patch_size * shape->image_channels > IGQ_MAX_CHANNELS)
        return igq_yaml_refuse(file, "network.patch_size", error, "a patch has %d values; allowed: 1 to %d",
                               shape->patch_size * shape->patch_size * shape->image_channels, IGQ_MAX_CHANNELS);
    if (igq_vit_tokens(shape) > IGQ_MAX_TOKENS)
        return igq_yaml_refuse(file, "network.image_size", error, "gives %d tokens; allowed: 1 to %d",
                               igq_vit_tokens(shape), IGQ_MAX_TOKENS);
    return IGQ_OK;
}

igq_status igq_workload_load(igq_workload *workload, const char *path, igq_error *error)
{
    igq_yaml_file file;
    igq_status status = igq_yaml_open(&file, path, error);
    if (status != IGQ_OK)
        return status;
    memset(workload, 0, sizeof *workload);
    status = igq_keys_read(workload, keys, NUM_KEYS, &file, error);
    if (status == IGQ_OK)
        status = check_shape(&workload->shape, &file, error);
    igq_yaml_close(&file);
    return status;
}

igq_network *igq_workload_network(const igq_workload *workload)
{
    return igq_vit_network(&workload->shape);
}

json_t *igq_workload_to_json(const igq_workload *workload)
{
    return igq_keys_to_json(workload, keys, NUM_KEYS);
}

void igq_workload_describe_keys(FILE *out, const igq_workload *workload)
{
    igq_keys_print(out, workload, keys, NUM_KEYS);
}
