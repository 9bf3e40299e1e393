// SPDX-License-Identifier: Apache-2.0
#include "checkpoint.h"
#include "file.h"
#include "safetensors.h"
#include <math.h>
#include <check.h>
#include "temp_dir.h"

enum { DIM = 4, DEPTH = 2, MLP = 6, CLASSES = 3, PATCH = 2, MAX_TENSORS = 80 };
static const igq_vit_shape one_token = {.image_size = 4,
                                        .patch_size = PATCH,
                                        .image_channels = 3,
                                        .dim = DIM,
                                        .depth = DEPTH,
                                        .heads = 2,
                                        .mlp_dim = MLP,
                                        .classes = CLASSES,
                                        .prefix_tokens = 1,
                                        .layer_norm_epsilon = 1e-6};
static igq_error error;
static igq_checkpoint *checkpoint;

// The file under construction. Each tensor's values count up from 1000 * its number.
static igq_tensor tensors[MAX_TENSORS];
static char names[MAX_TENSORS][128];
static float values[MAX_TENSORS][256];
static int num_tensors;

static void add(const char *name, int rank, const int64_t *shape)
{
    int i = num_tensors++;
    snprintf(names[i], sizeof names[i], "%s", name);
    for (int k = 0; k < 256; k++)
        values[i][k] = (float)(1000 * i + k);
    tensors[i] = igq_tensor_make(names[i], IGQ_DTYPE_F32, values[i], rank, shape);
}
#define ADD(name, ...) add(name, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

static void add_module(const char *module, int outputs, int channels) // channels 0: a norm
{
    char name[128];
    snprintf(name, sizeof name, "%s.weight", module);
    if (channels == 0)
        ADD(name, outputs);
    else
        ADD(name, outputs, channels);
    snprintf(name, sizeof name, "%s.bias", module);
    ADD(name, outputs);
}

static int find(const char *name)
{
    for (int i = 0; i < num_tensors; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    ck_abort_msg("no tensor %s in the test", name);
}

static void add_timm(int prefix_tokens)
{
    ADD("cls_token", 1, 1, DIM);
    ADD("pos_embed", 1, 4 + prefix_tokens, DIM);
    ADD("patch_embed.proj.weight", DIM, 3, PATCH, PATCH);
    ADD("patch_embed.proj.bias", DIM);
    for (int i = 0; i < DEPTH; i++) {
        const struct {
            const char *name;
            int outputs, channels;
        } modules[] = {{"norm1", DIM, 0}, {"attn.qkv", 3 * DIM, DIM}, {"attn.proj", DIM, DIM},
                       {"norm2", DIM, 0}, {"mlp.fc1", MLP, DIM},      {"mlp.fc2", DIM, MLP}};
        for (int k = 0; k < 6; k++) {
            char module[64];
            snprintf(module, sizeof module, "blocks.%d.%s", i, modules[k].name);
            add_module(module, modules[k].outputs, modules[k].channels);
        }
    }
    add_module("norm", DIM, 0);
    add_module("head", CLASSES, DIM);
}

static void add_hugging_face(const char *prefix, int prefix_tokens)
{
    char name[96];
#define NAME(part) (snprintf(name, sizeof name, "%s" part, prefix), name)
    ADD(NAME("embeddings.cls_token"), 1, 1, DIM);
    ADD(NAME("embeddings.position_embeddings"), 1, 4 + prefix_tokens, DIM);
    ADD(NAME("embeddings.patch_embeddings.projection.weight"), DIM, 3, PATCH, PATCH);
    ADD(NAME("embeddings.patch_embeddings.projection.bias"), DIM);
    for (int i = 0; i < DEPTH; i++) {
        const struct {
            const char *name;
            int outputs, channels;
        } modules[] = {{"layernorm_before", DIM, 0},          {"attention.attention.query", DIM, DIM},
                       {"attention.attention.key", DIM, DIM}, {"attention.attention.value", DIM, DIM},
                       {"attention.output.dense", DIM, DIM},  {"layernorm_after", DIM, 0},
                       {"intermediate.dense", MLP, DIM},      {"output.dense", DIM, MLP}};
        for (int k = 0; k < 8; k++) {
            char module[64];
            snprintf(module, sizeof module, "%sencoder.layer.%d.%s", prefix, i, modules[k].name);
            add_module(module, modules[k].outputs, modules[k].channels);
        }
    }
    add_module(NAME("layernorm"), DIM, 0);
#undef NAME
}

static igq_status open_tensors(const igq_vit_shape *shape)
{
    ck_assert_int_eq(igq_safetensors_write(temp_path("w"), tensors, num_tensors, NULL, 0, &error), IGQ_OK);
    return igq_checkpoint_open(&checkpoint, temp_path("w"), shape, &error);
}

static void drop(const char *name)
{
    int i = 0;
    while (strcmp(tensors[i].name, name) != 0)
        i++;
    memmove(&tensors[i], &tensors[i + 1], (size_t)(num_tensors - i - 1) * sizeof *tensors);
    num_tensors--;
}

#define ASSERT_IS(pointer, name, num) ck_assert_mem_eq(pointer, values[find(name)], (num) * sizeof(float))

START_TEST(timm_names_are_read)
{
    add_timm(1);
    ck_assert_int_eq(open_tensors(&one_token), IGQ_OK);
    const igq_vit_weights *weights = igq_checkpoint_weights(checkpoint);
    ASSERT_IS(weights->class_token, "cls_token", DIM);
    ASSERT_IS(weights->position, "pos_embed", 5 * DIM);
    ASSERT_IS(weights->patch_embed.weight, "patch_embed.proj.weight", DIM * 12);
    ASSERT_IS(weights->patch_embed.bias, "patch_embed.proj.bias", DIM);
    ASSERT_IS(weights->norm.gain, "norm.weight", DIM);
    ASSERT_IS(weights->head.bias, "head.bias", CLASSES);
    ck_assert_ptr_null(weights->distillation_token);
    ck_assert_ptr_null(weights->head_distillation.weight);
    ASSERT_IS(weights->block[0].norm1.bias, "blocks.0.norm1.bias", DIM);
    ASSERT_IS(weights->block[1].qkv.weight, "blocks.1.attn.qkv.weight", 3 * DIM * DIM);
    ASSERT_IS(weights->block[1].proj.weight, "blocks.1.attn.proj.weight", DIM * DIM);
    ASSERT_IS(weights->block[1].norm2.gain, "blocks.1.norm2.weight", DIM);
    ASSERT_IS(weights->block[1].fc1.weight, "blocks.1.mlp.fc1.weight", MLP * DIM);
    ASSERT_IS(weights->block[1].fc2.bias, "blocks.1.mlp.fc2.bias", DIM);
    igq_checkpoint_close(checkpoint);
}
END_TEST

START_TEST(hugging_face_names_are_read_and_q_k_v_joined)
{
    const char *const prefixes[] = {"vit.", "deit.", ""};
    for (int i = 0; i < 3; i++) {
        num_tensors = 0;
        add_hugging_face(prefixes[i], 1);
        add_module("classifier", CLASSES, DIM);
        ADD("vit.pooler.dense.bias", DIM); // not part of the forward pass
        ck_assert_int_eq(open_tensors(&one_token), IGQ_OK);
        const igq_vit_weights *weights = igq_checkpoint_weights(checkpoint);
        char name[96];
        const char *const parts[] = {"query", "key", "value"};
        for (int k = 0; k < 3; k++) {
            snprintf(name, sizeof name, "%sencoder.layer.1.attention.attention.%s.weight", prefixes[i], parts[k]);
            ASSERT_IS(weights->block[1].qkv.weight + k * DIM * DIM, name, DIM * DIM);
            snprintf(name, sizeof name, "%sencoder.layer.1.attention.attention.%s.bias", prefixes[i], parts[k]);
            ASSERT_IS(weights->block[1].qkv.bias + k * DIM, name, DIM);
        }
        snprintf(name, sizeof name, "%sencoder.layer.0.layernorm_after.weight", prefixes[i]);
        ASSERT_IS(weights->block[0].norm2.gain, name, DIM);
        snprintf(name, sizeof name, "%sencoder.layer.0.output.dense.weight", prefixes[i]);
        ASSERT_IS(weights->block[0].fc2.weight, name, DIM * MLP);
        ASSERT_IS(weights->head.weight, "classifier.weight", CLASSES * DIM);
        igq_checkpoint_close(checkpoint);
    }
}
END_TEST

START_TEST(distilled_networks_have_two_tokens_and_two_heads)
{
    igq_vit_shape distilled = one_token;
    distilled.prefix_tokens = 2;
    add_timm(2);
    ADD("dist_token", 1, 1, DIM);
    add_module("head_dist", CLASSES, DIM);
    ck_assert_int_eq(open_tensors(&distilled), IGQ_OK);
    ASSERT_IS(igq_checkpoint_weights(checkpoint)->distillation_token, "dist_token", DIM);
    ASSERT_IS(igq_checkpoint_weights(checkpoint)->head_distillation.weight, "head_dist.weight", CLASSES * DIM);
    igq_checkpoint_close(checkpoint);
    num_tensors = 0;
    add_hugging_face("deit.", 2);
    ADD("deit.embeddings.distillation_token", 1, 1, DIM);
    add_module("cls_classifier", CLASSES, DIM);
    add_module("distillation_classifier", CLASSES, DIM);
    ck_assert_int_eq(open_tensors(&distilled), IGQ_OK);
    ASSERT_IS(igq_checkpoint_weights(checkpoint)->head.weight, "cls_classifier.weight", CLASSES * DIM);
    ASSERT_IS(igq_checkpoint_weights(checkpoint)->head_distillation.bias, "distillation_classifier.bias", CLASSES);
    igq_checkpoint_close(checkpoint);
}
END_TEST

START_TEST(half_precision_weights_are_converted)
{
    static const uint16_t halves[DIM] = {0x3f80, 0x4000, 0xbf80, 0x0000};
    add_timm(1);
    tensors[find("norm.bias")] = igq_tensor_make("norm.bias", IGQ_DTYPE_BF16, halves, 1, (int64_t[]){DIM});
    ck_assert_int_eq(open_tensors(&one_token), IGQ_OK);
    ck_assert_float_eq(igq_checkpoint_weights(checkpoint)->norm.bias[1], 2.0f);
    ck_assert_float_eq(igq_checkpoint_weights(checkpoint)->norm.bias[2], -1.0f);
    igq_checkpoint_close(checkpoint);
}
END_TEST

START_TEST(a_distillation_token_that_the_workload_lacks_is_refused)
{
    add_timm(2);
    ADD("dist_token", 1, 1, DIM);
    ASSERT_REFUSED(open_tensors(&one_token), &error, "dist_token", "distillation token", "prefix_tokens: 2");
}
END_TEST

START_TEST(register_tokens_are_refused)
{
    add_timm(1);
    ADD("reg_token", 1, 4, DIM);
    ASSERT_REFUSED(open_tensors(&one_token), &error, "reg_token", "register tokens");
    num_tensors = 0;
    add_hugging_face("", 1);
    ADD("embeddings.register_tokens", 1, 4, DIM);
    ASSERT_REFUSED(open_tensors(&one_token), &error, "embeddings.register_tokens", "register tokens");
}
END_TEST

START_TEST(a_wrong_shape_is_refused_with_both_shapes)
{
    add_timm(1);
    tensors[find("blocks.1.mlp.fc1.weight")].shape[0] = DIM;
    tensors[find("blocks.1.mlp.fc1.weight")].shape[1] = MLP;
    ASSERT_REFUSED(open_tensors(&one_token), &error, "blocks.1.mlp.fc1.weight", "[4][6]", "[6][4]");
    num_tensors = 0;
    add_timm(1);
    tensors[find("norm.weight")] =
        igq_tensor_make("norm.weight", IGQ_DTYPE_F32, values[find("norm.weight")], 2, (int64_t[]){DIM, 1});
    ASSERT_REFUSED(open_tensors(&one_token), &error, "norm.weight", "[4][1]", "[4]");
}
END_TEST

START_TEST(missing_tensors_are_named_and_counted)
{
    add_timm(1);
    drop("blocks.1.norm1.bias");
    drop("head.weight");
    ASSERT_REFUSED(open_tensors(&one_token), &error, "head.weight is missing", "2 missing", "timm");
    num_tensors = 0;
    add_hugging_face("vit.", 1);
    ASSERT_REFUSED(open_tensors(&one_token), &error, "classifier.weight is missing", "2 missing", "Hugging Face");
}
END_TEST

START_TEST(parts_that_the_network_does_not_have_are_refused)
{
    add_timm(1);
    ADD("blocks.0.ls1.gamma", DIM);
    ASSERT_REFUSED(open_tensors(&one_token), &error, "blocks.0.ls1.gamma");
    num_tensors = 0;
    add_timm(1);
    ADD("blocks.2.norm1.weight", DIM);
    ASSERT_REFUSED(open_tensors(&one_token), &error, "blocks.2.norm1.weight", "2 blocks");
}
END_TEST

START_TEST(modules_that_change_the_network_are_refused_by_name)
{
    static const char *const timm[] = {
        "pre_logits.fc.weight", "norm_pre.weight", "fc_norm.bias",   "patch_embed.norm.bias", "attn_pool.q.weight",
        "attn_pool.latent",     "norm.running",    "head.fc.weight", "pos_embed_spatial",     "rel_pos_bias.table"};
    for (size_t i = 0; i < sizeof timm / sizeof *timm; i++) {
        num_tensors = 0;
        add_timm(1);
        ADD(timm[i], DIM);
        ASSERT_REFUSED(open_tensors(&one_token), &error, timm[i]);
    }
    static const char *const hugging_face[] = {"vit.layernorm_pre.weight", "vit.embeddings.norm.bias",
                                               "vit.encoder.rel_pos.weight", "classifier.fc_norm.weight"};
    for (size_t i = 0; i < sizeof hugging_face / sizeof *hugging_face; i++) {
        num_tensors = 0;
        add_hugging_face("vit.", 1);
        add_module("classifier", CLASSES, DIM);
        ADD(hugging_face[i], DIM);
        ASSERT_REFUSED(open_tensors(&one_token), &error, hugging_face[i]);
    }
}
END_TEST

START_TEST(strangers_pass_whatever_their_dtype)
{
    add_timm(1);
    ADD("steps_seen", 1);
    ADD("mask_token", 1, 1, DIM);
    ADD("decoder_norm.weight", DIM);
    static const int64_t steps = 7;
    tensors[num_tensors++] = (igq_tensor){"steps_seen_too", IGQ_DTYPE_F32, 1, {2}, &steps, sizeof steps};
    ck_assert_int_eq(open_tensors(&one_token), IGQ_OK);
    igq_checkpoint_close(checkpoint);
    char *data;
    size_t size;
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("w"), &error), IGQ_OK);
    char *dtype = strstr(data + 8, "steps_seen_too\":{\"dtype\":\"F32\",\"shape\":[2]");
    ck_assert_ptr_nonnull(dtype);
    memcpy(strstr(dtype, "F32"), "I64", 3);
    memcpy(strstr(dtype, "[2]"), "[ ]", 3);
    put_bytes(temp_path("i64"), data, size);
    free(data);
    ck_assert_msg(igq_checkpoint_open(&checkpoint, temp_path("i64"), &one_token, &error) == IGQ_OK, "%s",
                  error.message);
    igq_checkpoint_close(checkpoint);
    num_tensors = 0;
    add_hugging_face("vit.", 1);
    add_module("classifier", CLASSES, DIM);
    add_module("vit.pooler.dense", DIM, DIM);
    ck_assert_int_eq(open_tensors(&one_token), IGQ_OK);
    igq_checkpoint_close(checkpoint);
}
END_TEST

// Wrappers put their names in front; strangers are told behind them.
static void assert_prefix(const char *prefix)
{
    char name[128];
    add_timm(1);
    for (int i = 0; i < num_tensors; i++) {
        snprintf(name, sizeof name, "%s%.60s", prefix, names[i]);
        memcpy(names[i], name, sizeof name);
    }
    ck_assert_msg(open_tensors(&one_token) == IGQ_OK, "%s", error.message);
    snprintf(name, sizeof name, "%sblocks.1.mlp.fc2.weight", prefix);
    ASSERT_IS(igq_checkpoint_weights(checkpoint)->block[1].fc2.weight, name, DIM * MLP);
    igq_checkpoint_close(checkpoint);
    snprintf(name, sizeof name, "%sblocks.2.norm1.weight", prefix);
    ADD(name, DIM);
    ASSERT_REFUSED(open_tensors(&one_token), &error, name, "no part of the workload's network");
}

START_TEST(names_may_stand_behind_a_prefix)
{
    static const char *const prefixes[] = {"module.", "model.", "backbone.", "module.model."};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++, num_tensors = 0)
        assert_prefix(prefixes[i]);
}
END_TEST

START_TEST(shards_are_read_by_their_index)
{
    char text[8192] = "{\"weight_map\": {";
    add_hugging_face("vit.", 1);
    add_module("classifier", CLASSES, DIM);
    int half = num_tensors / 2;
    for (int i = 0; i < num_tensors; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s\"%s\": \"%s\"", i ? ", " : "", names[i],
                 i < half ? "a.safetensors" : "b.safetensors");
    strcat(text, "}}");
    put_text(temp_path("model.safetensors.index.json"), text);
    ck_assert_int_eq(igq_safetensors_write(temp_path("a.safetensors"), tensors, half, NULL, 0, &error), IGQ_OK);
    ck_assert_int_eq(
        igq_safetensors_write(temp_path("b.safetensors"), tensors + half, num_tensors - half, NULL, 0, &error), IGQ_OK);
    ck_assert_msg(igq_checkpoint_open(&checkpoint, temp_dir, &one_token, &error) == IGQ_OK, "%s", error.message);
    ASSERT_IS(igq_checkpoint_weights(checkpoint)->head.weight, "classifier.weight", CLASSES * DIM);
    igq_checkpoint_close(checkpoint);
}
END_TEST

START_TEST(weights_that_are_not_finite_are_refused)
{
    add_timm(1);
    values[find("blocks.1.mlp.fc2.weight")][7] = INFINITY;
    ASSERT_REFUSED(open_tensors(&one_token), &error, "tensor blocks.1.mlp.fc2.weight: element 7 is inf");
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("checkpoint", timm_names_are_read, hugging_face_names_are_read_and_q_k_v_joined,
                            distilled_networks_have_two_tokens_and_two_heads, half_precision_weights_are_converted,
                            a_distillation_token_that_the_workload_lacks_is_refused, register_tokens_are_refused,
                            a_wrong_shape_is_refused_with_both_shapes, missing_tensors_are_named_and_counted,
                            parts_that_the_network_does_not_have_are_refused,
                            modules_that_change_the_network_are_refused_by_name, strangers_pass_whatever_their_dtype,
                            names_may_stand_behind_a_prefix, shards_are_read_by_their_index,
                            weights_that_are_not_finite_are_refused);
}
