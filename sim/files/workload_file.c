// SPDX-License-Identifier: Apache-2.0
#include "workload_file.h"
#include "accelerator_file.h"
#include "fold_norms.h"
#include "config_file.h"
#include "keys.h"
#include "matmul_file.h"
#include "products.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_WINDOWS (1 << 20) // times heads, of one attention

#define AT(member) offsetof(igq_workload, member)
#define INT(section, name, member, min, max, unit, meaning)                                                            \
    {                                                                                                                  \
        section, name, IGQ_KEY_INT, AT(member), min, max, NULL, 0, unit, meaning, NULL, NULL                           \
    }
#define REAL(section, name, member, min, max, unit, meaning)                                                           \
    {                                                                                                                  \
        section, name, IGQ_KEY_REAL, AT(member), min, max, NULL, 0, unit, meaning, NULL, NULL                          \
    }
#define REAL3(section, name, member, min, max, unit, meaning)                                                          \
    {                                                                                                                  \
        section, name, IGQ_KEY_REAL3, AT(member), min, max, NULL, 0, unit, meaning, NULL, NULL                         \
    }
#define CHOICE(section, name, member, names, initial, meaning)                                                         \
    {                                                                                                                  \
        section, name, IGQ_KEY_CHOICE, AT(member), 0, 0, names, 2, "", meaning, initial, NULL                          \
    }
#define WITH_DEFAULT(kind, section, name, member, min, max, initial, unit, meaning)                                    \
    {                                                                                                                  \
        section, name, kind, AT(member), min, max, NULL, 0, unit, meaning, initial, NULL                               \
    }
#define SPREAD(kind)                                                                                                   \
    REAL("synthetic_ranges", #kind "_channel_spread", synthetic_ranges.kind.channel_spread, 0, 5, "ln",                \
         "standard deviation between the channels of " #kind),                                                         \
        REAL("synthetic_ranges", #kind "_instance_spread", synthetic_ranges.kind.instance_spread, 0, 5, "ln",          \
             "standard deviation of a channel of " #kind " between images")

const char *const igq_family_names[IGQ_FAMILY_COUNT] = {
    [IGQ_FAMILY_VIT] = "vit",   [IGQ_FAMILY_SWIN] = "swin",       [IGQ_FAMILY_MASK_RCNN] = "mask_rcnn",
    [IGQ_FAMILY_DETR] = "detr", [IGQ_FAMILY_BERT] = "bert",       [IGQ_FAMILY_LLAMA] = "llama",
    [IGQ_FAMILY_GPT2] = "gpt2", [IGQ_FAMILY_MATMULS] = "matmuls", [IGQ_FAMILY_ONNX] = "onnx"};
static const char *const no_yes[] = {"no", "yes"};
static const char *const rotary_pairs[] = {[IGQ_ROTARY_HALVES] = "halves", [IGQ_ROTARY_NEIGHBOURS] = "neighbours"};
static const char *const logits[] = {[IGQ_LOGITS_LAST] = "last", [IGQ_LOGITS_ALL] = "all"};
static const char *const decode_ranges[] = {
    [IGQ_DECODE_RANGES_TOKEN] = "token", [IGQ_DECODE_RANGES_RUNNING] = "running"};
static const char *const texts[] = {[IGQ_TEXT_GIVEN] = "given", [IGQ_TEXT_GREEDY] = "greedy"};

// Photos as ImageNet's, where a file does not say otherwise.
#define PREPROCESS_KEYS(kept)                                                                                          \
    WITH_DEFAULT(IGQ_KEY_REAL, "preprocess", "crop_pct", preprocess.crop_pct, 0.1, 1, kept, "",                        \
                 "part of the resized image that the crop keeps"),                                                     \
        WITH_DEFAULT(IGQ_KEY_REAL3, "preprocess", "mean", preprocess.mean, -10, 10, "[0.485, 0.456, 0.406]", "",       \
                     "of R, G, B in [0, 1]"),                                                                          \
        WITH_DEFAULT(IGQ_KEY_REAL3, "preprocess", "std", preprocess.std, 1e-6, 10, "[0.229, 0.224, 0.225]", "",        \
                     "of R, G, B in [0, 1]")

// clang-format off
static const igq_key head_keys[] = {
    {NULL, "name", IGQ_KEY_TEXT, AT(name), 0, 0, NULL, 0, "", "name of the network in reports", NULL, NULL},
    {"network", "family", IGQ_KEY_CHOICE, AT(family), 0, 0, igq_family_names, IGQ_FAMILY_COUNT, "",
     "kind of network; says which keys follow", NULL, NULL},
};

static const igq_key vit_keys[] = {
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
};

#define SWIN_KEYS(swin)                                                                                                \
    INT("network", "image_height", swin.image_height, 1, 4096, "pixels", "rows of the input"),                         \
    INT("network", "image_width", swin.image_width, 1, 4096, "pixels", "columns of the input"),                        \
    INT("network", "image_channels", swin.image_channels, 1, 64, "", "colours"),                                       \
    INT("network", "patch_size", swin.patch_size, 1, 64, "pixels", "side of a square patch"),                          \
    INT("network", "dim", swin.dim, 1, 1024, "channels", "of the first stage, doubled by each; a multiple of head_dim"), \
    INT("network", "stage1_depth", swin.depth[0], 1, 64, "", "blocks of the first stage"),                             \
    INT("network", "stage2_depth", swin.depth[1], 1, 64, "", "of the second"),                                         \
    INT("network", "stage3_depth", swin.depth[2], 1, 64, "", "of the third"),                                          \
    INT("network", "stage4_depth", swin.depth[3], 1, 64, "", "of the fourth"),                                         \
    INT("network", "head_dim", swin.head_dim, 1, 1024, "channels", "of an attention head"),                            \
    INT("network", "window_size", swin.window_size, 1, 64, "tokens", "side of a square window"),                       \
    INT("network", "mlp_ratio", swin.mlp_ratio, 1, 16, "", "hidden width of the MLP over the stage's channels"),       \
    INT("network", "classes", swin.classes, 1, 1 << 20, "", "of the predictions")

static const igq_key swin_keys[] = {SWIN_KEYS(swin), PREPROCESS_KEYS("0.9")};

static const igq_key mask_rcnn_keys[] = {
    SWIN_KEYS(mask_rcnn.backbone),
    INT("network", "fpn_channels", mask_rcnn.fpn_channels, 1, 1024, "channels", "of each level of the feature pyramid"),
    INT("network", "anchors", mask_rcnn.anchors, 1, 64, "", "of the region proposals, at each pixel"),
    INT("network", "proposals", mask_rcnn.proposals, 1, 1 << 14, "", "regions that the box heads look at"),
    INT("network", "detections", mask_rcnn.detections, 1, 1 << 12, "", "regions that the mask heads look at"),
    INT("network", "cascade_stages", mask_rcnn.cascade_stages, 1, 8, "",
        "box and mask heads behind one another; 1: Mask R-CNN"),
    INT("network", "box_convs", mask_rcnn.box_convs, 0, 16, "", "convolutions of a box head"),
    INT("network", "box_fcs", mask_rcnn.box_fcs, 1, 16, "", "its fully connected layers, before the predictions"),
    INT("network", "box_fc_dim", mask_rcnn.box_fc_dim, 1, 4096, "channels", "their outputs"),
    INT("network", "box_size", mask_rcnn.box_size, 1, 64, "pixels", "side of the regions that it looks at"),
    INT("network", "mask_convs", mask_rcnn.mask_convs, 0, 16, "", "convolutions of a mask head"),
    INT("network", "mask_size", mask_rcnn.mask_size, 1, 64, "pixels", "side of the regions that it looks at"),
    PREPROCESS_KEYS("1"),
};

static const igq_key detr_keys[] = {
    INT("network", "image_height", detr.image_height, 1, 4096, "pixels", "rows of the input"),
    INT("network", "image_width", detr.image_width, 1, 4096, "pixels", "columns of the input"),
    INT("network", "image_channels", detr.image_channels, 1, 64, "", "colours"),
    INT("network", "stage1_depth", detr.depth[0], 1, 64, "", "bottleneck blocks of the ResNet's first stage"),
    INT("network", "stage2_depth", detr.depth[1], 1, 64, "", "of the second"),
    INT("network", "stage3_depth", detr.depth[2], 1, 64, "", "of the third"),
    INT("network", "stage4_depth", detr.depth[3], 1, 64, "", "of the fourth"),
    INT("network", "dim", detr.dim, 1, 4096, "channels", "width of a token; a multiple of heads"),
    INT("network", "heads", detr.heads, 1, 256, "", "attention heads"),
    INT("network", "mlp_dim", detr.mlp_dim, 1, IGQ_MAX_CHANNELS, "channels", "hidden width of the MLP"),
    INT("network", "encoder_depth", detr.encoder_depth, 1, 256, "", "blocks of the encoder"),
    INT("network", "decoder_depth", detr.decoder_depth, 1, 256, "", "blocks of the decoder"),
    INT("network", "queries", detr.queries, 1, IGQ_MAX_TOKENS, "tokens", "of the decoder: objects that can be found"),
    INT("network", "classes", detr.classes, 1, 1 << 20, "", "of the objects, without \"no object\""),
    PREPROCESS_KEYS("1"),
};

static const igq_key bert_keys[] = {
    INT("network", "tokens", bert.tokens, 1, IGQ_MAX_TOKENS, "tokens", "length of the sequence"),
    INT("network", "dim", bert.dim, 1, 4096, "channels", "width of a token; a multiple of heads"),
    INT("network", "depth", bert.depth, 1, 256, "", "blocks"),
    INT("network", "heads", bert.heads, 1, 256, "", "attention heads"),
    INT("network", "mlp_dim", bert.mlp_dim, 1, IGQ_MAX_CHANNELS, "channels", "hidden width of the MLP"),
    WITH_DEFAULT(IGQ_KEY_INT, "network", "vocabulary", bert.vocabulary, 1, 1 << 20, "30522", "words",
                 "of the embedding"),
};

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
    CHOICE("network", "tied", llama.tied, no_yes, "no", "the head's weights are the embedding"),
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

#define OPEN_DIM(i)                                                                                                    \
    WITH_DEFAULT(IGQ_KEY_INT, "input", "dim" #i, input_dim[i], 0, 1 << 24, "0", "",                                     \
                 "dimension " #i " of inputs whose file leaves it open; 0: it leaves none open")
static const igq_key photo_keys[] = {OPEN_DIM(0), OPEN_DIM(1), OPEN_DIM(2), OPEN_DIM(3), PREPROCESS_KEYS("1")};

static const igq_key tail_keys[] = {
    INT("precision", "act_bits", precision.act_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "inputs of all layers but the edges, and softmax rows"),
    INT("precision", "weight_bits", precision.weight_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "weights of all layers but the edges"),
    INT("precision", "attn_bits", precision.attn_bits, 2, IGQ_MAX_CODE_BITS, "bits", "q, k and v"),
    INT("precision", "edge_bits", precision.edge_bits, 2, IGQ_MAX_CODE_BITS, "bits",
        "patch embedding, stem and predictions, activations and weights"),
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

// The keys of a file of a family.
typedef struct key_table {
    igq_key key[64];
    int num;
} key_table;

static void append(key_table *table, const igq_key *keys, size_t num)
{
    assert((size_t)table->num + num <= sizeof table->key / sizeof *table->key);
    memcpy(&table->key[table->num], keys, num * sizeof *keys);
    table->num += (int)num;
}

#define NUM(keys) (sizeof(keys) / sizeof *(keys))
static key_table keys_of(igq_family family)
{
    static const struct {
        const igq_key *keys;
        size_t num;
    } of_family[IGQ_FAMILY_COUNT] = {[IGQ_FAMILY_VIT] = {vit_keys, NUM(vit_keys)},
                                     [IGQ_FAMILY_SWIN] = {swin_keys, NUM(swin_keys)},
                                     [IGQ_FAMILY_MASK_RCNN] = {mask_rcnn_keys, NUM(mask_rcnn_keys)},
                                     [IGQ_FAMILY_DETR] = {detr_keys, NUM(detr_keys)},
                                     [IGQ_FAMILY_BERT] = {bert_keys, NUM(bert_keys)},
                                     [IGQ_FAMILY_LLAMA] = {llama_keys, NUM(llama_keys)},
                                     [IGQ_FAMILY_GPT2] = {gpt2_keys, NUM(gpt2_keys)},
                                     [IGQ_FAMILY_MATMULS] = {tail_keys, 0}, // nothing of their own
                                     [IGQ_FAMILY_ONNX] = {photo_keys, NUM(photo_keys)}};
    key_table table = {.num = 0};
    append(&table, head_keys, NUM(head_keys));
    append(&table, of_family[family].keys, of_family[family].num);
    append(&table, tail_keys, NUM(tail_keys));
    return table;
}

// A part that must divide a whole, both named by their keys.
static igq_status check_divides(int whole, const char *whole_key, int part, const char *part_key,
                                igq_key_source *source)
{
    if (whole % part == 0)
        return IGQ_OK;
    return igq_key_source_refuse(source, whole_key, "is %d; allowed: multiples of %s, which is %d", whole, part_key,
                                 part);
}

// A number that the given keys lead to.
static igq_status check_most(long long number, const char *what, int most, const char *key, igq_key_source *source)
{
    return number <= most ? IGQ_OK
                          : igq_key_source_refuse(source, key, "gives %lld %s; allowed: 1 to %d", number, what, most);
}

static igq_status check_vit(const igq_vit_shape *shape, igq_key_source *source)
{
    int patch_values = shape->patch_size * shape->patch_size * shape->image_channels;
    if (shape->image_size % shape->patch_size != 0)
        return igq_key_source_refuse(source, "network.patch_size",
                                     "is %d; allowed: divisors of network.image_size, which is %d", shape->patch_size,
                                     shape->image_size);
    igq_status status = check_divides(shape->dim, "network.dim", shape->heads, "network.heads", source);
    if (status == IGQ_OK)
        status = check_most(patch_values, "values of a patch", IGQ_MAX_CHANNELS, "network.patch_size", source);
    if (status == IGQ_OK)
        status = check_most(igq_vit_tokens(shape), "tokens", IGQ_MAX_TOKENS, "network.image_size", source);
    return status;
}

static igq_status check_swin(const igq_swin_shape *shape, igq_key_source *source)
{
    int patch_values = shape->patch_size * shape->patch_size * shape->image_channels;
    int widest = shape->dim << (IGQ_SWIN_STAGES - 1);
    long long windows = 1LL * (shape->image_height / shape->patch_size / shape->window_size + 1) *
                        (shape->image_width / shape->patch_size / shape->window_size + 1);
    long long products = windows * shape->dim / shape->head_dim;
    igq_status status = check_divides(shape->dim, "network.dim", shape->head_dim, "network.head_dim", source);
    if (status == IGQ_OK)
        status = check_most(patch_values, "values of a patch", IGQ_MAX_CHANNELS, "network.patch_size", source);
    if (status == IGQ_OK)
        status = check_most(shape->mlp_ratio * widest, "channels in the last stage", IGQ_MAX_CHANNELS,
                            "network.mlp_ratio", source);
    if (status == IGQ_OK)
        status =
            check_most(products, "windows and heads in the first stage", MAX_WINDOWS, "network.window_size", source);
    return status;
}

// What the graph of a decoder would take: layers of all passes, values of its largest tensors.
static igq_status check_llama_size(const igq_llama_shape *shape, int rows, igq_key_source *source)
{
    enum { MOST_LAYERS = 1 << 14, MOST_MASK_VALUES = 1 << 24 };
    int64_t P = shape->prefill_tokens, D = shape->decode_tokens, vocabulary = shape->vocabulary;
    int64_t layers = shape->depth * (4 + 2 * ((P + rows - 1) / rows)) + 1 + D * (6 * shape->depth + 1);
    igq_status status = check_most(layers, "layers of all passes", MOST_LAYERS, "network.decode_tokens", source);
    if (status == IGQ_OK && rows > 1)
        status = check_most((int64_t)rows * rows, "values of a mask", MOST_MASK_VALUES, "network.causal_block", source);
    if (status == IGQ_OK)
        status =
            check_most(shape->heads * rows * (P + D), "scores of a product", INT32_MAX, "network.causal_block", source);
    if (status == IGQ_OK)
        status =
            check_most(vocabulary * shape->dim, "values of the embedding", INT32_MAX, "network.vocabulary", source);
    return status == IGQ_OK ? check_most(vocabulary * (P + D), "logits", INT32_MAX, "network.vocabulary", source)
                            : status;
}

static igq_status check_llama(const igq_llama_shape *shape, igq_key_source *source)
{
    int P = shape->prefill_tokens, group = shape->heads / shape->kv_heads;
    int rows = shape->causal_block > 0 && shape->causal_block < P ? shape->causal_block : P;
    igq_status status = check_divides(shape->dim, "network.dim", shape->heads, "network.heads", source);
    if (status == IGQ_OK && shape->style == IGQ_DECODER_LLAMA && shape->dim / shape->heads % 2 != 0)
        status = igq_key_source_refuse(source, "network.dim",
                                       "is %d, %d for each of the heads; allowed: an even number for each", shape->dim,
                                       shape->dim / shape->heads);
    if (status == IGQ_OK)
        status = check_divides(shape->heads, "network.heads", shape->kv_heads, "network.kv_heads", source);
    if (status == IGQ_OK)
        status =
            check_most((long long)P + shape->decode_tokens, "tokens", IGQ_MAX_TOKENS, "network.decode_tokens", source);
    if (status == IGQ_OK)
        status = check_most((long long)rows * group, "rows of queries in a product", IGQ_MAX_TOKENS,
                            "network.causal_block", source);
    return status == IGQ_OK ? check_llama_size(shape, rows, source) : status;
}

// Inputs of a box head's first layer.
static igq_status check_mask_rcnn(const igq_mask_rcnn_shape *shape, igq_key_source *source)
{
    igq_status status = check_swin(&shape->backbone, source);
    return status == IGQ_OK ? check_most((long long)shape->box_size * shape->box_size * shape->fpn_channels,
                                         "values of a region", IGQ_MAX_CHANNELS, "network.box_size", source)
                            : status;
}

static igq_status check_detr(const igq_detr_shape *shape, igq_key_source *source)
{
    igq_status status = check_divides(shape->dim, "network.dim", shape->heads, "network.heads", source);
    if (status == IGQ_OK && shape->dim % 4 != 0)
        status = igq_key_source_refuse(source, "network.dim",
                                       "is %d; allowed: multiples of 4, for sine and cosine of "
                                       "rows and columns",
                                       shape->dim);
    return status;
}

// What the keys of a family leave unsaid.
static void complete(igq_workload *workload)
{
    if (workload->family != IGQ_FAMILY_GPT2)
        return;
    workload->llama.style = IGQ_DECODER_GPT2;
    workload->llama.kv_heads = workload->llama.heads;
    workload->llama.tied = 1;
}

static igq_status check_shape(igq_workload *workload, igq_key_source *source)
{
    complete(workload);
    switch (workload->family) {
    case IGQ_FAMILY_VIT:
        return check_vit(&workload->shape, source);
    case IGQ_FAMILY_SWIN:
        return check_swin(&workload->swin, source);
    case IGQ_FAMILY_MASK_RCNN:
        return check_mask_rcnn(&workload->mask_rcnn, source);
    case IGQ_FAMILY_LLAMA:
    case IGQ_FAMILY_GPT2:
        return check_llama(&workload->llama, source);
    case IGQ_FAMILY_DETR:
        return check_detr(&workload->detr, source);
    default:
        return check_divides(workload->bert.dim, "network.dim", workload->bert.heads, "network.heads", source);
    }
}

// The family decides which keys the file has, so it is read before them. A file without one is read as vit, which says
// that the key is missing.
static igq_status read_family(igq_family *family, igq_key_source *source)
{
    char allowed[IGQ_KEY_TEXT_BYTES];
    const char *text = igq_key_source_text(source, "network", "family");
    *family = IGQ_FAMILY_VIT;
    if (text == NULL)
        return IGQ_OK;
    for (int i = 0; i < IGQ_FAMILY_MATMULS; i++) { // a list of products says so by its key
        *family = (igq_family)i;
        if (strcmp(text, igq_family_names[i]) == 0)
            return IGQ_OK;
    }
    igq_key_allowed(allowed, &head_keys[1]);
    return igq_key_source_refuse(source, "network.family", "\"%.60s\" is not one of the choices; allowed: %s", text,
                                 allowed);
}

// What a network has whose file says nothing of it, in the order of tail_keys: that of configs/workloads.
static const char *const default_tail[NUM(tail_keys)] = {"4",     "4",     "8",     "8",     "0",     "0.05",
                                                         "1",     "0.190", "0.140", "0.382", "0.377", "0.216",
                                                         "0.140", "0.611", "0.624", "0.167", "0.569", "0.147"};

static int has_ending(const char *path, const char *ending)
{
    size_t length = strlen(path), end = strlen(ending);
    return length > end && strcmp(path + length - end, ending) == 0;
}

// The name of a file without folders and ending, what no name may have replaced by "_".
static void name_after_file(igq_workload *workload, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    snprintf(workload->name, sizeof workload->name, "%.*s", dot ? (int)(dot - base) : (int)strlen(base), base);
    for (char *c = workload->name; *c; c++)
        if (!strchr(IGQ_KEY_NAME_CHARACTERS, *c))
            *c = '_';
}

// Settings of the command line for some keys; others are left alone.
static igq_status add_sets(igq_key_source *source, const igq_string_list *sets, const igq_key *keys, int num_keys)
{
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && sets != NULL && i < sets->num; i++) {
        const char *equals = strchr(sets->items[i], '=');
        char key[IGQ_KEY_PATH_BYTES] = "";
        if (equals != NULL)
            snprintf(key, sizeof key, "%.*s", (int)(equals - sets->items[i]), sets->items[i]);
        if (igq_keys_find(keys, num_keys, key) != NULL)
            status = igq_key_source_set(source, "--set", key, equals + 1);
    }
    return status;
}

// Precision and ranges of a network whose file has none, and of `photos` how they are prepared: from the YAML file
// `path` (NULL: none), under the settings of the command line.
static igq_status read_tail(igq_workload *workload, const char *path, int photos, const igq_string_list *sets,
                            igq_error *error)
{
    igq_key keys[NUM(photo_keys) + NUM(tail_keys)];
    int num = 0;
    for (size_t i = 0; photos && i < NUM(photo_keys); i++)
        keys[num++] = photo_keys[i];
    for (size_t i = 0; i < NUM(tail_keys); i++) {
        keys[num] = tail_keys[i];
        keys[num++].initial = default_tail[i];
    }
    igq_key_source source;
    igq_status status = igq_key_source_open(&source, path, NULL, error);
    if (status == IGQ_OK)
        status = add_sets(&source, sets, keys, num);
    if (status == IGQ_OK)
        status = igq_keys_read(workload, keys, num, &source);
    igq_key_source_close(&source);
    return status;
}

// The folder that a file lies in, for its name; the file's own where it has none.
static void name_after_folder(igq_workload *workload, const char *path)
{
    char folder[IGQ_NAME_BYTES];
    const char *end = strrchr(path, '/'), *start = end;
    while (start != NULL && start > path && start[-1] != '/')
        start--;
    if (end == NULL || end == start || *start == '.') {
        name_after_file(workload, path);
        return;
    }
    snprintf(folder, sizeof folder, "%.*s.", (int)(end - start), start); // no ending to take away
    name_after_file(workload, folder);
}

// config.json of a Hugging Face folder: what it says of the network, under the settings of the command line.
static igq_status load_config(igq_workload *workload, const char *path, const igq_string_list *sets, igq_error *error)
{
    igq_config config;
    igq_key_source source = igq_key_source_none(error);
    igq_status status = igq_config_load(&config, path, error);
    if (status != IGQ_OK)
        return status;
    while (strcmp(igq_family_names[workload->family], config.family) != 0)
        workload->family++;
    key_table table = keys_of(workload->family);
    for (size_t i = 0; i < NUM(tail_keys); i++)
        table.key[table.num - (int)NUM(tail_keys) + (int)i].initial = default_tail[i];
    status = igq_key_source_set(&source, path, "network.family", config.family);
    for (int i = 0; status == IGQ_OK && i < config.num; i++)
        status = igq_key_source_set(&source, path, config.setting[i].key, config.setting[i].value);
    if (status == IGQ_OK)
        status = add_sets(&source, sets, table.key + 1, table.num - 1); // but for the name
    if (status == IGQ_OK)
        status = igq_keys_read(workload, table.key + 1, table.num - 1, &source);
    if (status == IGQ_OK)
        status = check_shape(workload, &source);
    igq_key_source_close(&source);
    name_after_folder(workload, path);
    return status;
}

// network.yaml beside network.onnx, new; NULL: there is none, or memory is short.
static char *yaml_beside(const char *path)
{
    size_t length = strlen(path) - strlen(".onnx");
    char *yaml = malloc(length + sizeof ".yaml");
    if (yaml != NULL)
        snprintf(yaml, length + sizeof ".yaml", "%.*s.yaml", (int)length, path);
    if (yaml != NULL && access(yaml, F_OK) == 0)
        return yaml;
    free(yaml);
    return NULL;
}

static igq_status load_matmuls(igq_workload *workload, const char *path, const igq_string_list *sets, igq_error *error)
{
    workload->family = IGQ_FAMILY_MATMULS;
    name_after_file(workload, path);
    igq_status status = has_ending(path, ".csv") ? igq_matmuls_load_csv(&workload->matmuls, path, error)
                                                 : igq_matmuls_load_yaml(&workload->matmuls, path, error);
    return status == IGQ_OK ? read_tail(workload, NULL, 0, sets, error) : status;
}

static igq_status load_onnx(igq_workload *workload, const char *path, const igq_string_list *sets, igq_error *error)
{
    workload->family = IGQ_FAMILY_ONNX;
    name_after_file(workload, path);
    char *yaml = yaml_beside(path);
    igq_status status = read_tail(workload, yaml, 1, sets, error);
    free(yaml);
    return status == IGQ_OK ? igq_onnx_open(&workload->onnx, path, workload->input_dim, error) : status;
}

void igq_workload_free(igq_workload *workload)
{
    igq_onnx_close(&workload->onnx);
    free(workload->matmuls.item);
    workload->matmuls = (igq_matmuls){0};
}

// A YAML file that is a list of products says so by its key.
static int lists_matmuls(igq_key_source *source)
{
    igq_yaml_node top = igq_yaml_top(&source->file[0]);
    return igq_yaml_is_section(&top) && igq_yaml_find(&top, "matmuls").node != NULL;
}

igq_status igq_workload_load_with(igq_workload *workload, const char *path, const igq_string_list *sets,
                                  igq_error *error)
{
    igq_key_source source;
    memset(workload, 0, sizeof *workload);
    if (has_ending(path, ".csv"))
        return load_matmuls(workload, path, sets, error);
    if (has_ending(path, ".onnx"))
        return load_onnx(workload, path, sets, error);
    if (has_ending(path, ".json"))
        return load_config(workload, path, sets, error);
    igq_status status = igq_key_source_open(&source, path, sets, error);
    if (status == IGQ_OK && lists_matmuls(&source)) {
        igq_key_source_close(&source);
        return load_matmuls(workload, path, sets, error);
    }
    igq_key_source_unset(&source, "name");
    if (status == IGQ_OK)
        status = read_family(&workload->family, &source);
    if (status == IGQ_OK) {
        const key_table table = keys_of(workload->family);
        status = igq_keys_read(workload, table.key, table.num, &source);
    }
    if (status == IGQ_OK)
        status = check_shape(workload, &source);
    igq_key_source_close(&source);
    return status;
}

igq_status igq_workload_bases(igq_base_list *list, const char *path, igq_error *error)
{
    *list = (igq_base_list){0};
    if (has_ending(path, ".onnx") && (list->path[0] = yaml_beside(path)) != NULL)
        list->num = 1;
    return has_ending(path, ".csv") || has_ending(path, ".onnx") || has_ending(path, ".json")
               ? IGQ_OK
               : igq_base_list_open(list, path, error);
}

igq_status igq_workload_load(igq_workload *workload, const char *path, igq_error *error)
{
    return igq_workload_load_with(workload, path, NULL, error);
}

igq_status igq_sets_check(const igq_string_list *sets, int with_machine, const igq_workload *workload, igq_error *error)
{
    int num_keys, num_tables = 0;
    key_table workload_keys;
    igq_key_table tables[2];
    if (with_machine) {
        const igq_key *keys = igq_accelerator_keys(&num_keys);
        tables[num_tables++] = (igq_key_table){keys, num_keys};
    }
    if (workload != NULL) {
        workload_keys = keys_of(workload->family);
        tables[num_tables++] = (igq_key_table){workload_keys.key + 1, workload_keys.num - 1}; // without name
    }
    return igq_key_sets_check(sets, tables, num_tables, error);
}

// The graph stays.
static igq_network *network_of(igq_graph *graph)
{
    igq_products *products = igq_products_of(graph);
    igq_network *network = products ? products->network : NULL;
    if (products)
        products->network = NULL;
    igq_products_free(products);
    return network;
}

igq_graph *igq_workload_graph(const igq_workload *workload)
{
    switch (workload->family) {
    case IGQ_FAMILY_VIT:
        return igq_vit_graph(&workload->shape, NULL);
    case IGQ_FAMILY_SWIN:
        return igq_swin_graph(&workload->swin);
    case IGQ_FAMILY_MASK_RCNN:
        return igq_mask_rcnn_graph(&workload->mask_rcnn);
    case IGQ_FAMILY_DETR:
        return igq_detr_graph(&workload->detr);
    case IGQ_FAMILY_LLAMA:
    case IGQ_FAMILY_GPT2:
        return igq_llama_graph(&workload->llama);
    default:
        assert(workload->family == IGQ_FAMILY_BERT);
        return igq_bert_graph(&workload->bert);
    }
}

int igq_workload_classes(const igq_workload *workload)
{
    const igq_graph *graph = workload->onnx.graph;
    const igq_shape *first = graph ? &graph->value[graph->output[0]].shape : NULL;
    switch (workload->family) {
    case IGQ_FAMILY_VIT:
        return workload->shape.classes;
    case IGQ_FAMILY_SWIN:
        return workload->swin.classes;
    case IGQ_FAMILY_ONNX:
        return first->rank > 0 ? (int)first->dim[first->rank - 1] : 1;
    default:
        return 1;
    }
}

// As it is executed, with batch norms in the convolutions.
static igq_network *network_of_family(const igq_workload *workload)
{
    igq_graph *graph = igq_workload_graph(workload);
    if (graph && igq_graph_fold_batch_norms(graph))
        return igq_network_of(graph);
    igq_graph_free(graph);
    return NULL;
}

igq_network *igq_workload_network(const igq_workload *workload)
{
    switch (workload->family) {
    case IGQ_FAMILY_MATMULS:
        return igq_matmuls_network(&workload->matmuls);
    case IGQ_FAMILY_ONNX:
        return network_of(workload->onnx.graph);
    default:
        return network_of_family(workload);
    }
}

json_t *igq_workload_to_json(const igq_workload *workload)
{
    const key_table table = keys_of(workload->family);
    return igq_keys_to_json(workload, table.key, table.num);
}

json_t *igq_workload_schema(void)
{
    json_t *families = json_array();
    for (int i = 0; i < IGQ_FAMILY_COUNT; i++) {
        const key_table table = keys_of((igq_family)i);
        json_t *one = igq_keys_schema(table.key, table.num);
        json_t *network = json_object_get(json_object_get(one, "properties"), "network");
        json_object_set_new(json_object_get(network, "properties"), "family",
                            json_pack("{s:s}", "const", igq_family_names[i]));
        json_array_append_new(families, one);
    }
    return json_pack("{s:o}", "anyOf", families);
}
