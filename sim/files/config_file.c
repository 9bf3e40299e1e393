// SPDX-License-Identifier: Apache-2.0
#include "config_file.h"
#include "file.h"
#include "json_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A value of the file, or of an entry of a list of it, for a key.
typedef struct config_row {
    const char *json, *key;
    int index;           // of a list; -1: a number
    const char *initial; // where the file has none; NULL: it has to
} config_row;

// A value that the family takes for granted: one of the texts, or what JSON writes so (false, null, 1.0).
typedef struct config_rule {
    const char *json, *allowed[3];
    int may_miss;
} config_rule;

typedef struct loader {
    igq_config *config;
    const json_t *json;
    const char *path;
    igq_error *error;
} loader;

typedef struct config_model {
    const char *type, *family;
    const config_row *rows;
    const config_rule *rules;
    igq_status (*rest)(loader *load);
} config_model;

/// Values ///

static igq_status add(loader *load, const char *key, const char *value)
{
    igq_config *config = load->config;
    if (config->num == IGQ_CONFIG_MAX_SETTINGS)
        return igq_fail(load->error, "%s: too many values", load->path);
    igq_config_setting *setting = &config->setting[config->num++];
    setting->key = key;
    snprintf(setting->value, sizeof setting->value, "%s", value);
    return IGQ_OK;
}

static igq_status add_int(loader *load, const char *key, long long value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", value);
    return add(load, key, text);
}

static igq_status add_number(loader *load, const char *key, const char *json, const json_t *value)
{
    char text[64];
    if (json_is_integer(value))
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(text, sizeof text, "%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_real(value))
        snprintf(text, sizeof text, "%.17g", json_real_value(value));
    else
        return igq_fail(load->error, "%s: %s is %s; allowed: a number, for %s", load->path, json,
                        value ? "none" : "missing", key);
    return add(load, key, text);
}

static igq_status add_rows(loader *load, const config_row *rows)
{
    igq_status status = IGQ_OK;
    for (const config_row *row = rows; status == IGQ_OK && row->json; row++) {
        const json_t *value = json_object_get(load->json, row->json);
        char name[64];
        snprintf(name, sizeof name, "%s", row->json);
        if (value && row->index >= 0 && json_is_array(value)) {
            value = json_array_get(value, (size_t)row->index);
            snprintf(name, sizeof name, "%s[%d]", row->json, row->index);
        }
        status = row->initial && (!value || json_is_null(value)) ? add(load, row->key, row->initial)
                                                                 : add_number(load, row->key, name, value);
    }
    return status;
}

static void write_value(char text[64], const json_t *value)
{
    char *dumped = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    snprintf(text, 64, "%.60s", json_is_string(value) ? json_string_value(value) : dumped ? dumped : "missing");
    free(dumped);
}

static igq_status check_rules(const loader *load, const config_rule *rules)
{
    for (const config_rule *rule = rules; rule->json; rule++) {
        const json_t *value = json_object_get(load->json, rule->json);
        char text[64], allowed[128] = "";
        int fits = !value && rule->may_miss;
        write_value(text, value);
        for (int i = 0; i < 3 && rule->allowed[i]; i++) {
            fits |= strcmp(text, rule->allowed[i]) == 0;
            snprintf(allowed + strlen(allowed), sizeof allowed - strlen(allowed), "%s%s", i ? ", " : "",
                     rule->allowed[i]);
        }
        if (!fits)
            return igq_fail(load->error, "%s: %s is %s, which the network of this family does not have; allowed: %s",
                            load->path, rule->json, text, allowed);
    }
    return IGQ_OK;
}

static long long whole(const loader *load, const char *json, long long otherwise)
{
    const json_t *value = json_object_get(load->json, json);
    return json_is_integer(value) ? (long long)json_integer_value(value) : otherwise;
}

// Classes of the predictions: labels that are listed, or counted.
static igq_status add_classes(loader *load)
{
    const json_t *labels = json_object_get(load->json, "id2label");
    long long num = json_is_object(labels) ? (long long)json_object_size(labels) : whole(load, "num_labels", 2);
    return add_int(load, "network.classes", num);
}

// Means or deviations of red, green and blue.
static igq_status add_colours(loader *load, const char *key, const json_t *list, const char *otherwise)
{
    char text[96];
    double colour[3];
    for (size_t i = 0; i < 3; i++)
        colour[i] = json_number_value(json_array_get(list, i));
    snprintf(text, sizeof text, "[%.9g, %.9g, %.9g]", colour[0], colour[1], colour[2]);
    return add(load, key, json_array_size(list) == 3 ? text : otherwise);
}

static igq_status add_preprocess(loader *load)
{
    char path[4096];
    const char *slash = strrchr(load->path, '/');
    json_t *file = NULL;
    igq_status status = IGQ_OK;
    snprintf(path, sizeof path, "%.*spreprocessor_config.json", slash ? (int)(slash + 1 - load->path) : 0, load->path);
    if (igq_file_exists(path))
        status = igq_json_read(&file, path, "preprocessor_config.json of a Hugging Face folder", load->error);
    if (status == IGQ_OK)
        status = add(load, "preprocess.crop_pct", "1");
    if (status == IGQ_OK)
        status = add_colours(load, "preprocess.mean", json_object_get(file, "image_mean"), "[0.485, 0.456, 0.406]");
    if (status == IGQ_OK)
        status = add_colours(load, "preprocess.std", json_object_get(file, "image_std"), "[0.229, 0.224, 0.225]");
    json_decref(file);
    return status;
}

/// Families ///

static const config_row llama_rows[] = {{"vocab_size", "network.vocabulary", -1, NULL},
                                        {"hidden_size", "network.dim", -1, NULL},
                                        {"num_hidden_layers", "network.depth", -1, NULL},
                                        {"num_attention_heads", "network.heads", -1, NULL},
                                        {"intermediate_size", "network.mlp_dim", -1, NULL},
                                        {"rms_norm_eps", "network.norm_epsilon", -1, "1e-6"},
                                        {"rope_theta", "network.rotary_base", -1, "10000"},
                                        {"tie_word_embeddings", "network.tied", -1, "no"},
                                        {NULL, NULL, 0, NULL}};
static const config_rule llama_rules[] = {{"hidden_act", {"silu"}, 1},     {"attention_bias", {"false"}, 1},
                                          {"mlp_bias", {"false"}, 1},      {"rope_scaling", {"null"}, 1},
                                          {"sliding_window", {"null"}, 1}, {NULL, {NULL}, 0}};

static igq_status add_run(loader *load)
{
    igq_status status = add(load, "network.prefill_tokens", "128");
    if (status == IGQ_OK)
        status = add(load, "network.decode_tokens", "16");
    return status == IGQ_OK ? add(load, "network.causal_block", "32") : status;
}

static igq_status rest_of_llama(loader *load)
{
    long long heads = whole(load, "num_attention_heads", 1), dim = whole(load, "hidden_size", 1);
    long long head_dim = whole(load, "head_dim", heads > 0 ? dim / heads : 0);
    if (heads > 0 && head_dim != dim / heads)
        return igq_fail(load->error, "%s: head_dim is %lld; allowed: hidden_size over num_attention_heads, %lld",
                        load->path, head_dim, dim / heads);
    igq_status status = add_int(load, "network.kv_heads", whole(load, "num_key_value_heads", heads));
    return status == IGQ_OK ? add_run(load) : status;
}

static const config_row gpt2_rows[] = {{"vocab_size", "network.vocabulary", -1, NULL},
                                       {"n_embd", "network.dim", -1, NULL},
                                       {"n_layer", "network.depth", -1, NULL},
                                       {"n_head", "network.heads", -1, NULL},
                                       {"layer_norm_epsilon", "network.norm_epsilon", -1, "1e-5"},
                                       {NULL, NULL, 0, NULL}};
static const config_rule gpt2_rules[] = {{"activation_function", {"gelu_new"}, 1},
                                         {"scale_attn_weights", {"true"}, 1},
                                         {"scale_attn_by_inverse_layer_idx", {"false"}, 1},
                                         {"add_cross_attention", {"false"}, 1},
                                         {"tie_word_embeddings", {"true"}, 1},
                                         {NULL, {NULL}, 0}};

static igq_status rest_of_gpt2(loader *load)
{
    long long dim = whole(load, "n_embd", 0), inner = whole(load, "n_inner", 0);
    igq_status status = add_int(load, "network.mlp_dim", inner > 0 ? inner : dim < 1 << 20 ? 4 * dim : dim);
    return status == IGQ_OK ? add_run(load) : status;
}

static const config_row vit_rows[] = {{"image_size", "network.image_size", -1, "224"},
                                      {"patch_size", "network.patch_size", -1, "16"},
                                      {"num_channels", "network.image_channels", -1, "3"},
                                      {"hidden_size", "network.dim", -1, NULL},
                                      {"num_hidden_layers", "network.depth", -1, NULL},
                                      {"num_attention_heads", "network.heads", -1, NULL},
                                      {"intermediate_size", "network.mlp_dim", -1, NULL},
                                      {"layer_norm_eps", "network.layer_norm_epsilon", -1, "1e-12"},
                                      {NULL, NULL, 0, NULL}};
static const config_rule vit_rules[] = {{"hidden_act", {"gelu"}, 1}, {"qkv_bias", {"true"}, 1}, {NULL, {NULL}, 0}};

static igq_status rest_of_vit(loader *load)
{
    int is_deit = strcmp(json_string_value(json_object_get(load->json, "model_type")), "deit") == 0;
    igq_status status = add(load, "network.prefix_tokens", is_deit ? "2" : "1");
    if (status == IGQ_OK)
        status = add_classes(load);
    return status == IGQ_OK ? add_preprocess(load) : status;
}

static const config_row swin_rows[] = {{"image_size", "network.image_height", 0, "224"},
                                       {"image_size", "network.image_width", 1, "224"},
                                       {"num_channels", "network.image_channels", -1, "3"},
                                       {"patch_size", "network.patch_size", -1, "4"},
                                       {"embed_dim", "network.dim", -1, NULL},
                                       {"depths", "network.stage1_depth", 0, NULL},
                                       {"depths", "network.stage2_depth", 1, NULL},
                                       {"depths", "network.stage3_depth", 2, NULL},
                                       {"depths", "network.stage4_depth", 3, NULL},
                                       {"window_size", "network.window_size", -1, "7"},
                                       {NULL, NULL, 0, NULL}};
static const config_rule swin_rules[] = {{"hidden_act", {"gelu"}, 1},
                                         {"qkv_bias", {"true"}, 1},
                                         {"use_absolute_embeddings", {"false"}, 1},
                                         {NULL, {NULL}, 0}};

// Heads of all stages have as many channels.
static igq_status rest_of_swin(loader *load)
{
    const json_t *heads = json_object_get(load->json, "num_heads");
    long long dim = whole(load, "embed_dim", 0), head_dim = 0;
    if (dim < 1 || dim > 1 << 20)
        return igq_fail(load->error, "%s: embed_dim is %lld; allowed: 1 to %d", load->path, dim, 1 << 20);
    for (size_t i = 0; i < json_array_size(heads); i++, dim *= 2) {
        long long num = (long long)json_integer_value(json_array_get(heads, i));
        if (num < 1 || num > dim || dim % num != 0 || (i > 0 && dim / num != head_dim) || i > 3)
            return igq_fail(load->error,
                            "%s: num_heads[%zu] does not fit embed_dim; allowed: heads as wide in all of 4 stages",
                            load->path, i);
        head_dim = dim / num;
    }
    if (json_array_size(heads) != 4 || json_array_size(json_object_get(load->json, "depths")) != 4)
        return igq_fail(load->error, "%s: depths and num_heads; allowed: 4 stages", load->path);
    double ratio = json_number_value(json_object_get(load->json, "mlp_ratio"));
    if (ratio != 0 && ratio != (double)(int)ratio)
        return igq_fail(load->error, "%s: mlp_ratio is %g; allowed: whole numbers", load->path, ratio);
    igq_status status = add_int(load, "network.head_dim", head_dim);
    if (status == IGQ_OK)
        status = add_int(load, "network.mlp_ratio", ratio != 0 ? (long long)ratio : 4);
    if (status == IGQ_OK)
        status = add_classes(load);
    return status == IGQ_OK ? add_preprocess(load) : status;
}

static const config_row bert_rows[] = {
    {"hidden_size", "network.dim", -1, NULL},           {"num_hidden_layers", "network.depth", -1, NULL},
    {"num_attention_heads", "network.heads", -1, NULL}, {"intermediate_size", "network.mlp_dim", -1, NULL},
    {"vocab_size", "network.vocabulary", -1, NULL},     {NULL, NULL, 0, NULL}};
static const config_rule bert_rules[] = {{"hidden_act", {"gelu"}, 1},
                                         {"position_embedding_type", {"absolute"}, 1},
                                         {"layer_norm_eps", {"1e-12"}, 1},
                                         {NULL, {NULL}, 0}};

static igq_status rest_of_bert(loader *load)
{
    return add(load, "network.tokens", "128");
}

static const config_row detr_rows[] = {{"d_model", "network.dim", -1, NULL},
                                       {"encoder_attention_heads", "network.heads", -1, NULL},
                                       {"encoder_ffn_dim", "network.mlp_dim", -1, NULL},
                                       {"encoder_layers", "network.encoder_depth", -1, NULL},
                                       {"decoder_layers", "network.decoder_depth", -1, NULL},
                                       {"num_queries", "network.queries", -1, NULL},
                                       {"num_channels", "network.image_channels", -1, "3"},
                                       {NULL, NULL, 0, NULL}};
static const config_rule detr_rules[] = {{"activation_function", {"relu"}, 1},
                                         {"position_embedding_type", {"sine"}, 1},
                                         {"dilation", {"false"}, 1},
                                         {"backbone", {"resnet50", "resnet101"}, 1},
                                         {NULL, {NULL}, 0}};

static igq_status rest_of_detr(loader *load)
{
    static const char *const pairs[][2] = {{"encoder_attention_heads", "decoder_attention_heads"},
                                           {"encoder_ffn_dim", "decoder_ffn_dim"}};
    static const char *const stages[] = {"network.stage1_depth", "network.stage2_depth", "network.stage3_depth",
                                         "network.stage4_depth"};
    const char *backbone = json_string_value(json_object_get(load->json, "backbone"));
    const char *const depths[] = {"3", "4", backbone && strcmp(backbone, "resnet101") == 0 ? "23" : "6", "3"};
    igq_status status = IGQ_OK;
    for (size_t i = 0; i < 2; i++)
        if (whole(load, pairs[i][0], 0) != whole(load, pairs[i][1], whole(load, pairs[i][0], 0)))
            return igq_fail(load->error, "%s: %s differs from %s; allowed: the same", load->path, pairs[i][1],
                            pairs[i][0]);
    for (size_t i = 0; status == IGQ_OK && i < 4; i++)
        status = add(load, stages[i], depths[i]);
    if (status == IGQ_OK)
        status = add(load, "network.image_height", "800");
    if (status == IGQ_OK)
        status = add(load, "network.image_width", "1066");
    return status == IGQ_OK ? add_classes(load) : status;
}

static const config_model models[] = {{"bert", "bert", bert_rows, bert_rules, rest_of_bert},
                                      {"deit", "vit", vit_rows, vit_rules, rest_of_vit},
                                      {"detr", "detr", detr_rows, detr_rules, rest_of_detr},
                                      {"gpt2", "gpt2", gpt2_rows, gpt2_rules, rest_of_gpt2},
                                      {"llama", "llama", llama_rows, llama_rules, rest_of_llama},
                                      {"mistral", "llama", llama_rows, llama_rules, rest_of_llama},
                                      {"swin", "swin", swin_rows, swin_rules, rest_of_swin},
                                      {"vit", "vit", vit_rows, vit_rules, rest_of_vit}};

/// All ///

static igq_status load_model(loader *load)
{
    const char *type = json_string_value(json_object_get(load->json, "model_type"));
    char allowed[128] = "";
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const config_model *model = &models[i];
        snprintf(allowed + strlen(allowed), sizeof allowed - strlen(allowed), "%s%s", i ? ", " : "", model->type);
        if (!type || strcmp(type, model->type) != 0)
            continue;
        load->config->family = model->family;
        igq_status status = check_rules(load, model->rules);
        if (status == IGQ_OK)
            status = add_rows(load, model->rows);
        return status == IGQ_OK ? model->rest(load) : status;
    }
    return igq_fail(load->error, "%s: model_type is %.60s; allowed: %s", load->path, type ? type : "missing", allowed);
}

igq_status igq_config_load(igq_config *config, const char *path, igq_error *error)
{
    json_t *json;
    *config = (igq_config){.num = 0};
    igq_status status = igq_json_read(&json, path, "config.json of a Hugging Face folder", error);
    if (status != IGQ_OK)
        return status;
    loader load = {.config = config, .json = json, .path = path, .error = error};
    status = load_model(&load);
    json_decref(json);
    return status;
}
