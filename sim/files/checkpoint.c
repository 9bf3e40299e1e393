// SPDX-License-Identifier: Apache-2.0
#include "checkpoint.h"
#include "tensor_store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODULE_BYTES 96 // of a name without its last part
#define NAME_BYTES 128

struct igq_checkpoint {
    igq_tensor_store *store;
    igq_vit_weights weights;
    float **joined; // (depth) q, k and v of a Hugging Face block, one after another: weights, then biases
    int depth;
};

// What is known while a checkpoint is read.
typedef struct loader {
    igq_checkpoint *checkpoint;
    const igq_vit_shape *shape;
    int hugging_face;        // 0: timm's names
    char prefix[NAME_BYTES]; // what stands before all names, or all but those of heads
    unsigned char *used;     // (tensors of the file)
    int num_missing;
    char first_missing[2 * NAME_BYTES];
    igq_status status;
    igq_error *error;
} loader;

// Number of the tensor behind the prefix, or behind less and less of it, from its end; -1: there is none.
static int find(const loader *load, const char *name)
{
    char full[2 * NAME_BYTES];
    size_t length = strlen(load->prefix);
    for (;;) {
        snprintf(full, sizeof full, "%.*s%s", (int)length, load->prefix, name);
        int found = igq_tensor_store_find(load->checkpoint->store, full);
        if (found >= 0 || length == 0)
            return found;
        for (length--; length > 0 && load->prefix[length - 1] != '.'; length--) {
        }
    }
}

// The tensor `name` of the given shape; its values, or NULL (missing tensors are counted, a wrong shape is the error).
static const float *fetch(loader *load, const char *name, int rank, const int64_t *shape)
{
    igq_tensor_store *store = load->checkpoint->store;
    if (load->status != IGQ_OK)
        return NULL;
    int found = find(load, name);
    if (found < 0) {
        if (load->num_missing++ == 0)
            snprintf(load->first_missing, sizeof load->first_missing, "%s%s", load->prefix, name);
        return NULL;
    }
    const igq_tensor *tensor = igq_tensor_store_at(store, found);
    if (tensor->rank != rank || memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) != 0) {
        char got[128], expected[128];
        igq_tensor_shape_text(got, sizeof got, tensor->rank, tensor->shape);
        igq_tensor_shape_text(expected, sizeof expected, rank, shape);
        load->status = igq_fail(load->error, "%s: tensor %s has shape %s, the workload's network needs %s",
                                igq_tensor_store_file(store, found), tensor->name, got, expected);
        return NULL;
    }
    load->used[found] = 1;
    const float *values = NULL;
    load->status = igq_tensor_store_floats(&values, store, found, load->error);
    return values;
}

static const float *fetch_vector(loader *load, const char *module, const char *part, int num)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s.%s", module, part);
    return fetch(load, name, 1, (int64_t[]){num});
}

static igq_norm_weights fetch_norm(loader *load, const char *module)
{
    const float *gain = fetch_vector(load, module, "weight", load->shape->dim);
    return (igq_norm_weights){gain, fetch_vector(load, module, "bias", load->shape->dim)};
}

static igq_linear_weights fetch_linear(loader *load, const char *module, int outputs, int channels)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s.weight", module);
    const float *weight = fetch(load, name, 2, (int64_t[]){outputs, channels});
    return (igq_linear_weights){weight, fetch_vector(load, module, "bias", outputs)};
}

static igq_linear_weights fetch_patch_embed(loader *load, const char *module)
{
    const igq_vit_shape *shape = load->shape;
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s.weight", module);
    const float *weight =
        fetch(load, name, 4, (int64_t[]){shape->dim, shape->image_channels, shape->patch_size, shape->patch_size});
    return (igq_linear_weights){weight, fetch_vector(load, module, "bias", shape->dim)};
}

// Class token, distillation token or position embedding: [1][tokens][dim].
static const float *fetch_tokens(loader *load, const char *name, int tokens)
{
    return fetch(load, name, 3, (int64_t[]){1, tokens, load->shape->dim});
}

static void load_timm(loader *load)
{
    const igq_vit_shape *shape = load->shape;
    igq_vit_weights *weights = &load->checkpoint->weights;
    int dim = shape->dim;
    weights->class_token = fetch_tokens(load, "cls_token", 1);
    weights->position = fetch_tokens(load, "pos_embed", igq_vit_tokens(shape));
    weights->patch_embed = fetch_patch_embed(load, "patch_embed.proj");
    weights->norm = fetch_norm(load, "norm");
    weights->head = fetch_linear(load, "head", shape->classes, dim);
    if (shape->prefix_tokens == 2) {
        weights->distillation_token = fetch_tokens(load, "dist_token", 1);
        weights->head_distillation = fetch_linear(load, "head_dist", shape->classes, dim);
    }
    for (int i = 0; i < shape->depth; i++) {
        igq_block_weights *block = &weights->block[i];
        char module[MODULE_BYTES];
#define MODULE(part) (snprintf(module, sizeof module, "blocks.%d." part, i), module)
        block->norm1 = fetch_norm(load, MODULE("norm1"));
        block->qkv = fetch_linear(load, MODULE("attn.qkv"), 3 * dim, dim);
        block->proj = fetch_linear(load, MODULE("attn.proj"), dim, dim);
        block->norm2 = fetch_norm(load, MODULE("norm2"));
        block->fc1 = fetch_linear(load, MODULE("mlp.fc1"), shape->mlp_dim, dim);
        block->fc2 = fetch_linear(load, MODULE("mlp.fc2"), dim, shape->mlp_dim);
#undef MODULE
    }
}

// Hugging Face keeps q, k and v apart; the network has them as one product.
static igq_linear_weights fetch_qkv(loader *load, int block)
{
    static const char *const names[3] = {"query", "key", "value"};
    size_t dim = (size_t)load->shape->dim;
    float *joined = malloc(3 * dim * (dim + 1) * sizeof *joined);
    load->checkpoint->joined[block] = joined;
    if (joined == NULL) {
        load->status = igq_out_of_memory(load->error);
        return (igq_linear_weights){0};
    }
    float *bias = joined + 3 * dim * dim;
    for (size_t i = 0; i < 3; i++) {
        char module[MODULE_BYTES];
        snprintf(module, sizeof module, "encoder.layer.%d.attention.attention.%s", block, names[i]);
        igq_linear_weights part = fetch_linear(load, module, (int)dim, (int)dim);
        if (part.weight == NULL || part.bias == NULL)
            continue;
        memcpy(joined + i * dim * dim, part.weight, dim * dim * sizeof *joined);
        memcpy(bias + i * dim, part.bias, dim * sizeof *joined);
    }
    return (igq_linear_weights){joined, bias};
}

static void load_hugging_face(loader *load)
{
    const igq_vit_shape *shape = load->shape;
    igq_vit_weights *weights = &load->checkpoint->weights;
    int dim = shape->dim;
    char name[MODULE_BYTES];
    weights->class_token = fetch_tokens(load, "embeddings.cls_token", 1);
    weights->position = fetch_tokens(load, "embeddings.position_embeddings", igq_vit_tokens(shape));
    weights->patch_embed = fetch_patch_embed(load, "embeddings.patch_embeddings.projection");
    weights->norm = fetch_norm(load, "layernorm");
    int two_heads = find(load, "cls_classifier.weight") >= 0;
    weights->head = fetch_linear(load, two_heads ? "cls_classifier" : "classifier", shape->classes, dim);
    if (shape->prefix_tokens == 2) {
        weights->distillation_token = fetch_tokens(load, "embeddings.distillation_token", 1);
        weights->head_distillation = fetch_linear(load, "distillation_classifier", shape->classes, dim);
    }
    for (int i = 0; i < shape->depth; i++) {
        igq_block_weights *block = &weights->block[i];
#define MODULE(part) (snprintf(name, sizeof name, "encoder.layer.%d." part, i), name)
        block->norm1 = fetch_norm(load, MODULE("layernorm_before"));
        block->qkv = fetch_qkv(load, i);
        block->proj = fetch_linear(load, MODULE("attention.output.dense"), dim, dim);
        block->norm2 = fetch_norm(load, MODULE("layernorm_after"));
        block->fc1 = fetch_linear(load, MODULE("intermediate.dense"), shape->mlp_dim, dim);
        block->fc2 = fetch_linear(load, MODULE("output.dense"), dim, shape->mlp_dim);
#undef MODULE
    }
}

// The shortest text, ended by a dot, that stands before a tensor of this name, "" among them. 0: there is no such
// tensor.
static int find_prefix(loader *load, const char *name)
{
    size_t length = strlen(name), shortest = NAME_BYTES;
    for (int i = 0; i < igq_tensor_store_num(load->checkpoint->store); i++) {
        const char *own = igq_tensor_store_at(load->checkpoint->store, i)->name;
        size_t own_length = strlen(own), before = own_length - length;
        if (own_length >= length && before < shortest && strcmp(own + before, name) == 0 &&
            (before == 0 || own[before - 1] == '.')) {
            shortest = before;
            snprintf(load->prefix, sizeof load->prefix, "%.*s", (int)before, own);
        }
    }
    return shortest < NAME_BYTES;
}

// Hugging Face's names are told by where the class token lies; anything else is read as timm's.
static void find_dialect(loader *load)
{
    load->hugging_face = find_prefix(load, "embeddings.cls_token");
    if (!load->hugging_face)
        find_prefix(load, "cls_token");
}

// Tokens that the network does not have would change the shape of the position embedding too: name the cause, not that.
static igq_status check_tokens(const loader *load)
{
    const igq_tensor_store *store = load->checkpoint->store;
    for (int i = 0; i < igq_tensor_store_num(store); i++) {
        const char *name = igq_tensor_store_at(store, i)->name;
        if (strstr(name, "reg_token") != NULL || strstr(name, "register_tokens") != NULL)
            return igq_fail(load->error, "%s: tensor %s: networks with register tokens are not supported",
                            igq_tensor_store_file(store, i), name);
        if (load->shape->prefix_tokens == 1 &&
            (strstr(name, "dist_token") != NULL || strstr(name, "distillation_token") != NULL))
            return igq_fail(load->error,
                            "%s: tensor %s: the checkpoint has a distillation token, so the workload needs "
                            "prefix_tokens: 2 (it has 1)",
                            igq_tensor_store_file(store, i), name);
    }
    return IGQ_OK;
}

// 1 if a tensor that was not read may change what the network computes: one of a block (LayerScale, more blocks), or
// of a top-level module that vision transformers are known to have (a norm more, a layer before the head, pooling by
// attention). Others are strangers, of whatever dtype: counters, decoders of pretraining, pooler of Hugging Face.
static int changes_network(const loader *load, const char *name)
{
    static const char *const harmless[] = {"decoder", "mask_token", "pooler"};
    static const char *const parts[] = {"block", "encoder", "layer", "norm",   "embed",   "token", "pool", "logits",
                                        "head",  "attn",    "proj",  "ln_",    "rel_pos", "rope",  "stem", "classifier",
                                        "gamma", "adapter", "lora",  "prompt", "mlp",     "fc"};
    size_t prefix = strlen(load->prefix);
    if (prefix > 0 && strncmp(name, load->prefix, prefix) == 0)
        name += prefix;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (strncmp(name, harmless[i], strlen(harmless[i])) == 0)
            return 0;
    size_t length = strcspn(name, ".");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *found = strstr(name, parts[i]);
        if (found != NULL && found < name + length)
            return 1;
    }
    return 0;
}

static igq_status check_unused(const loader *load)
{
    const igq_tensor_store *store = load->checkpoint->store;
    for (int i = 0; i < igq_tensor_store_num(store); i++) {
        const char *name = igq_tensor_store_at(store, i)->name;
        if (!load->used[i] && changes_network(load, name))
            return igq_fail(load->error,
                            "%s: tensor %s belongs to no part of the workload's network, which has %d blocks of "
                            "LayerNorm, attention and MLP",
                            igq_tensor_store_file(store, i), name, load->shape->depth);
    }
    return IGQ_OK;
}

static igq_status load_weights(igq_checkpoint *checkpoint, const igq_vit_shape *shape, igq_error *error)
{
    const char *path = igq_tensor_store_path(checkpoint->store);
    loader load = {.checkpoint = checkpoint, .shape = shape, .status = IGQ_OK, .error = error};
    load.used = calloc((size_t)igq_tensor_store_num(checkpoint->store) + 1, 1);
    checkpoint->depth = shape->depth;
    checkpoint->weights.block = calloc((size_t)shape->depth, sizeof *checkpoint->weights.block);
    checkpoint->joined = calloc((size_t)shape->depth, sizeof *checkpoint->joined);
    if (load.used == NULL || checkpoint->weights.block == NULL || checkpoint->joined == NULL) {
        free(load.used);
        return igq_fail(error, "%s: not enough memory", path);
    }
    find_dialect(&load);
    load.status = check_tokens(&load);
    if (load.hugging_face)
        load_hugging_face(&load);
    else
        load_timm(&load);
    if (load.status == IGQ_OK)
        load.status = check_unused(&load);
    if (load.status == IGQ_OK && load.num_missing > 0)
        load.status = igq_fail(error, "%s: tensor %s is missing (%d missing in all); read with the names of %s", path,
                               load.first_missing, load.num_missing, load.hugging_face ? "Hugging Face" : "timm");
    free(load.used);
    return load.status;
}

igq_status igq_checkpoint_open(igq_checkpoint **checkpoint, const char *path, const igq_vit_shape *shape,
                               igq_error *error)
{
    igq_checkpoint *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return igq_fail(error, "%s: not enough memory", path);
    igq_status status = igq_tensor_store_open(&opened->store, path, error);
    if (status == IGQ_OK)
        status = load_weights(opened, shape, error);
    if (status == IGQ_OK)
        *checkpoint = opened;
    else
        igq_checkpoint_close(opened);
    return status;
}

void igq_checkpoint_close(igq_checkpoint *checkpoint)
{
    if (checkpoint == NULL)
        return;
    for (int i = 0; i < checkpoint->depth && checkpoint->joined != NULL; i++)
        free(checkpoint->joined[i]);
    free(checkpoint->joined);
    free(checkpoint->weights.block);
    igq_tensor_store_close(checkpoint->store);
    free(checkpoint);
}

const igq_vit_weights *igq_checkpoint_weights(const igq_checkpoint *checkpoint)
{
    return &checkpoint->weights;
}
