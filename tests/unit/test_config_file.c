// SPDX-License-Identifier: Apache-2.0
// config.json of Hugging Face folders as workloads.
#include <check.h>
#include "temp_dir.h"
#include "workload_file.h"

#define LLAMA                                                                                                          \
    "\"model_type\": \"llama\", \"vocab_size\": 32000, \"hidden_size\": 2048, \"intermediate_size\": 5632, "           \
    "\"num_hidden_layers\": 22, \"num_attention_heads\": 32, \"hidden_act\": \"silu\", \"rms_norm_eps\": 1e-05, "      \
    "\"rope_scaling\": null"
#define SWIN                                                                                                           \
    "\"model_type\": \"swin\", \"image_size\": 224, \"patch_size\": 4, \"embed_dim\": 96, \"depths\": [2, 2, 6, 2], "  \
    "\"num_heads\": [3, 6, 12, 24], \"window_size\": 7, \"mlp_ratio\": 4.0, \"hidden_act\": \"gelu\""
#define VIT                                                                                                            \
    "\"hidden_size\": 192, \"num_hidden_layers\": 12, \"num_attention_heads\": 3, \"intermediate_size\": 768, "        \
    "\"image_size\": 224, \"patch_size\": 16, \"num_labels\": 1000"

static igq_workload workload;
static igq_error error;

static igq_status load_with(const char *members, const igq_string_list *sets)
{
    char text[2048];
    snprintf(text, sizeof text, "{%s}", members);
    put_text(temp_path("config.json"), text);
    return igq_workload_load_with(&workload, temp_path("config.json"), sets, &error);
}

static void assert_loads(const char *members)
{
    ck_assert_msg(load_with(members, NULL) == IGQ_OK, "%s", error.message);
    igq_network *network = igq_workload_network(&workload);
    ck_assert_ptr_nonnull(network);
    igq_network_free(network);
}

START_TEST(a_llama_has_its_shape)
{
    assert_loads(LLAMA ", \"num_key_value_heads\": 4, \"tie_word_embeddings\": false");
    const igq_llama_shape *shape = &workload.llama;
    ck_assert_int_eq(workload.family, IGQ_FAMILY_LLAMA);
    ck_assert_str_eq(workload.name, strrchr(temp_dir, '/') + 1);
    ck_assert_int_eq(shape->vocabulary, 32000);
    ck_assert_int_eq(shape->dim, 2048);
    ck_assert_int_eq(shape->depth, 22);
    ck_assert_int_eq(shape->heads, 32);
    ck_assert_int_eq(shape->kv_heads, 4);
    ck_assert_int_eq(shape->mlp_dim, 5632);
    ck_assert_double_eq(shape->norm_epsilon, 1e-5);
    ck_assert_double_eq(shape->rotary_base, 10000);
    ck_assert_int_eq(shape->rotary_pairs, IGQ_ROTARY_HALVES);
    ck_assert_int_eq(shape->tied, 0);
    ck_assert_int_eq(workload.precision.act_bits, 4);
    assert_loads(LLAMA); // one head of keys and values for each of queries
    ck_assert_int_eq(shape->kv_heads, 32);
}
END_TEST

START_TEST(settings_go_before_the_file)
{
    static const char *const words[] = {"network.prefill_tokens=7", "precision.act_bits=6", "mac_array.lanes=8"};
    const igq_string_list sets = {.items = (const char **)words, .num = 3};
    ck_assert_msg(load_with(LLAMA, &sets) == IGQ_OK, "%s", error.message);
    ck_assert_int_eq(workload.llama.prefill_tokens, 7);
    ck_assert_int_eq(workload.precision.act_bits, 6);
}
END_TEST

START_TEST(other_families_have_theirs)
{
    assert_loads("\"model_type\": \"vit\", " VIT);
    ck_assert_int_eq(workload.shape.prefix_tokens, 1);
    ck_assert_int_eq(workload.shape.classes, 1000);
    ck_assert_double_eq_tol(workload.preprocess.mean[0], 0.485, 1e-7);
    put_text(temp_path("preprocessor_config.json"), "{\"image_mean\": [0.5, 0.25, 1], \"image_std\": [1, 2, 3]}");
    assert_loads("\"model_type\": \"deit\", " VIT);
    ck_assert_int_eq(workload.shape.prefix_tokens, 2);
    ck_assert_double_eq_tol(workload.preprocess.mean[1], 0.25, 1e-7);
    ck_assert_double_eq_tol(workload.preprocess.std[2], 3, 1e-7);
    assert_loads(SWIN);
    ck_assert_int_eq(workload.swin.head_dim, 32);
    ck_assert_int_eq(workload.swin.depth[2], 6);
    ck_assert_int_eq(workload.swin.image_width, 224);
    assert_loads(
        "\"model_type\": \"bert\", \"hidden_size\": 768, \"num_hidden_layers\": 12, \"num_attention_heads\": 12, "
        "\"intermediate_size\": 3072, \"vocab_size\": 30522, \"layer_norm_eps\": 1e-12");
    ck_assert_int_eq(workload.bert.mlp_dim, 3072);
    ck_assert_int_eq(workload.bert.vocabulary, 30522);
    assert_loads("\"model_type\": \"gpt2\", \"vocab_size\": 50257, \"n_embd\": 768, \"n_layer\": 12, \"n_head\": 12, "
                 "\"n_inner\": null, "
                 "\"activation_function\": \"gelu_new\", \"layer_norm_epsilon\": 1e-05");
    ck_assert_int_eq(workload.family, IGQ_FAMILY_GPT2);
    ck_assert_int_eq(workload.llama.mlp_dim, 3072);
    ck_assert_int_eq(workload.llama.kv_heads, 12);
    ck_assert_int_eq(workload.llama.style, IGQ_DECODER_GPT2);
    assert_loads("\"model_type\": \"detr\", \"d_model\": 256, \"encoder_attention_heads\": 8, "
                 "\"decoder_attention_heads\": 8, \"encoder_ffn_dim\": 2048, \"decoder_ffn_dim\": 2048, "
                 "\"encoder_layers\": 6, \"decoder_layers\": 6, \"num_queries\": 100, \"backbone\": \"resnet101\", "
                 "\"num_labels\": 91");
    ck_assert_int_eq(workload.detr.depth[2], 23);
    ck_assert_int_eq(workload.detr.classes, 91);
}
END_TEST

START_TEST(what_a_family_does_not_compute_is_refused)
{
    ASSERT_REFUSED(load_with("\"model_type\": \"gpt_neox\"", NULL), &error, "config.json", "model_type is gpt_neox",
                   "allowed: bert, deit, detr, gpt2, llama");
    ASSERT_REFUSED(load_with("\"hidden_size\": 1", NULL), &error, "model_type is missing");
    ASSERT_REFUSED(load_with(LLAMA ", \"attention_bias\": true", NULL), &error, "attention_bias is true",
                   "allowed: false");
    ASSERT_REFUSED(load_with(LLAMA ", \"sliding_window\": 4096", NULL), &error, "sliding_window is 4096");
    ASSERT_REFUSED(load_with(LLAMA ", \"head_dim\": 128", NULL), &error, "head_dim is 128", "64");
    ASSERT_REFUSED(load_with(LLAMA ", \"num_key_value_heads\": 5", NULL), &error, "network.heads", "32", "5");
    ASSERT_REFUSED(load_with("\"model_type\": \"llama\", \"vocab_size\": 10", NULL), &error, "hidden_size is missing",
                   "network.dim");
    ASSERT_REFUSED(load_with("\"model_type\": \"vit\", \"hidden_act\": \"relu\", " VIT, NULL), &error,
                   "hidden_act is relu", "gelu");
    ASSERT_REFUSED(
        load_with("\"model_type\": \"swin\", \"embed_dim\": 96, \"depths\": [2, 2], \"num_heads\": [3, 6]", NULL),
        &error, "depths[2]", "missing");
    ASSERT_REFUSED(load_with("\"model_type\": \"vit\", \"model_type\": \"vit\"", NULL), &error, "config.json:1");
}
END_TEST

START_TEST(a_decoder_that_would_take_too_much_is_refused)
{
    static const char *const words[][2] = {
        {"network.decode_tokens=16000", "layers of all passes"},
        {"network.prefill_tokens=8000", "values of a mask"},
        {"network.vocabulary=1048576", "values of the embedding"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *items[] = {words[i][0], "network.causal_block=0"};
        const igq_string_list sets = {.items = items, .num = 2};
        ASSERT_REFUSED(load_with(LLAMA, &sets), &error, words[i][1]);
    }
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("config_file", a_llama_has_its_shape, settings_go_before_the_file,
                            other_families_have_theirs, what_a_family_does_not_compute_is_refused,
                            a_decoder_that_would_take_too_much_is_refused);
}
