// SPDX-License-Identifier: Apache-2.0
// Checkpoints as they come: one file, several with an index, a folder; prefixes, joined tensors, strangers.
#include <check.h>
#include "temp_dir.h"
#include "graph_weights.h"
#include "graph_build.h"
#include "llama.h"

enum { DIM = 4, MLP = 3, WORDS = 5, MOST = 32 };

static igq_llama_shape shape = {.vocabulary = WORDS,
                                .dim = DIM,
                                .depth = 1,
                                .heads = 2,
                                .kv_heads = 1,
                                .mlp_dim = MLP,
                                .rotary_base = 10,
                                .prefill_tokens = 2};

// A checkpoint that is made; values of tensor i are i + 1, i + 1.01, ...
typedef struct checkpoint {
    igq_tensor tensor[MOST];
    char name[MOST][128];
    float values[MOST][32];
    int num;
} checkpoint;

static void add(checkpoint *made, const char *prefix, const char *name, int rows, int columns)
{
    int i = made->num++, rank = columns ? 2 : 1;
    snprintf(made->name[i], sizeof made->name[i], "%s%s", prefix, name);
    for (int k = 0; k < 32; k++)
        made->values[i][k] = (float)(i + 1) + 0.01f * (float)k;
    made->tensor[i] = igq_tensor_make(made->name[i], IGQ_DTYPE_F32, made->values[i], rank, (int64_t[]){rows, columns});
}

// All that the decoder needs: body behind `prefix`, head behind `head_prefix`.
static void add_all(checkpoint *made, const char *prefix, const char *head_prefix)
{
    *made = (checkpoint){.num = 0};
    add(made, prefix, "embed_tokens.weight", WORDS, DIM);
    add(made, prefix, "layers.0.input_layernorm.weight", DIM, 0);
    add(made, prefix, "layers.0.self_attn.q_proj.weight", 4, DIM);
    add(made, prefix, "layers.0.self_attn.k_proj.weight", 2, DIM);
    add(made, prefix, "layers.0.self_attn.v_proj.weight", 2, DIM);
    add(made, prefix, "layers.0.self_attn.o_proj.weight", DIM, DIM);
    add(made, prefix, "layers.0.post_attention_layernorm.weight", DIM, 0);
    add(made, prefix, "layers.0.mlp.gate_proj.weight", MLP, DIM);
    add(made, prefix, "layers.0.mlp.up_proj.weight", MLP, DIM);
    add(made, prefix, "layers.0.mlp.down_proj.weight", DIM, MLP);
    add(made, prefix, "norm.weight", DIM, 0);
    add(made, head_prefix, "lm_head.weight", WORDS, DIM);
}

static void write_tensors(const char *name, const checkpoint *made, int first, int end)
{
    igq_error error;
    ck_assert_int_eq(igq_safetensors_write(temp_path(name), made->tensor + first, end - first, NULL, 0, &error),
                     IGQ_OK);
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(temp_path(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

// Of a checkpoint in two files, the index; `second`: what it calls the other.
static void write_index(const checkpoint *made, int split, const char *second)
{
    char text[8192] = "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {";
    for (int i = 0; i < made->num; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s\"%s\": \"%s\"", i ? ", " : "", made->name[i],
                 i < split ? "model-00001-of-00002.safetensors" : second);
    strcat(text, "}}");
    write_text("model.safetensors.index.json", text);
}

static const float *data_of(const igq_graph *graph, const char *name)
{
    for (int v = 0; v < graph->num_values; v++)
        if (strcmp(graph->value[v].name, name) == 0)
            return graph->value[v].data;
    ck_abort_msg("no value %s", name);
}

static void assert_loads(const char *path)
{
    igq_error error;
    igq_graph_weights *weights;
    igq_graph *graph = igq_llama_graph(&shape);
    ck_assert_msg(igq_graph_weights_open(&weights, graph, path, igq_plain_dialects, &error) == IGQ_OK, "%s",
                  error.message);
    for (int v = 0; v < graph->num_values; v++)
        ck_assert(!graph->value[v].is_constant || graph->value[v].data);
    const float *qkv = data_of(graph, "layers.0.self_attn.{q_proj,k_proj,v_proj}.weight");
    ck_assert_float_eq(qkv[0], 3);
    ck_assert_float_eq(qkv[4 * DIM], 4);
    ck_assert_float_eq(qkv[6 * DIM], 5);
    ck_assert_float_eq(data_of(graph, "lm_head.weight")[1], 12.01f);
    igq_graph_weights_close(weights);
    igq_graph_free(graph);
}

static void assert_not_loaded(const char *path, const char *text)
{
    igq_error error;
    igq_graph_weights *weights;
    igq_graph *graph = igq_llama_graph(&shape);
    ck_assert_int_eq(igq_graph_weights_open(&weights, graph, path, igq_plain_dialects, &error), IGQ_USER_ERROR);
    ck_assert_msg(strstr(error.message, text) != NULL, "%s", error.message);
    ck_assert_ptr_null(weights);
    igq_graph_free(graph);
}

START_TEST(a_prefix_may_stand_before_all_names_or_all_but_the_head)
{
    static const char *const prefixes[][2] = {{"", ""},
                                              {"model.", "model."},
                                              {"model.", ""},
                                              {"module.model.", "module."},
                                              {"module.model.", ""},
                                              {"backbone.", "backbone."}};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        checkpoint made;
        add_all(&made, prefixes[i][0], prefixes[i][1]);
        write_tensors("model.safetensors", &made, 0, made.num);
        assert_loads(temp_path("model.safetensors"));
        assert_loads(temp_dir);
    }
}
END_TEST

START_TEST(shards_are_read_by_their_index)
{
    checkpoint made;
    add_all(&made, "model.", "");
    write_tensors("model-00001-of-00002.safetensors", &made, 0, 6);
    write_tensors("model-00002-of-00002.safetensors", &made, 6, made.num);
    write_index(&made, 6, "model-00002-of-00002.safetensors");
    assert_loads(temp_path("model.safetensors.index.json"));
    assert_loads(temp_dir);
}
END_TEST

START_TEST(a_wrong_index_is_refused)
{
    checkpoint made;
    add_all(&made, "model.", "");
    const char *index = "model.safetensors.index.json";
    write_tensors("model-00001-of-00002.safetensors", &made, 0, 6);
    write_tensors("model-00002-of-00002.safetensors", &made, 5, made.num);
    write_index(&made, 6, "model-00002-of-00002.safetensors");
    assert_not_loaded(temp_path(index), "tensor model.layers.0.self_attn.o_proj.weight is in ");
    write_index(&made, 8, "model-00002-of-00002.safetensors");
    assert_not_loaded(temp_path(index), "model-00001-of-00002.safetensors, where weight_map has it");
    write_index(&made, 6, "../other.safetensors");
    assert_not_loaded(temp_path(index), "\"../other.safetensors\" is no file beside the index");
    write_index(&made, 6, "nothing.safetensors");
    assert_not_loaded(temp_path(index), "nothing.safetensors");
    write_text(index, "{\"weight_map\": {\"a\": 1}}");
    assert_not_loaded(temp_path(index), "weight_map: tensor a has no file");
    write_text(index, "{\"weight_map\": {}}");
    assert_not_loaded(temp_path(index), "weight_map is missing or empty");
    write_text(index, "[]");
    assert_not_loaded(temp_path(index), "index of safetensors files");
    remove(temp_path(index));
    assert_not_loaded(temp_dir,
                      "no checkpoint in this folder; allowed: model.safetensors or model.safetensors.index.json");
}
END_TEST

START_TEST(missing_and_misshapen_tensors_are_named)
{
    checkpoint made;
    add_all(&made, "model.", "");
    snprintf(made.name[3], sizeof made.name[3], "model.layers.0.self_attn.K_proj.weight");
    write_tensors("w.safetensors", &made, 0, made.num);
    assert_not_loaded(temp_path("w.safetensors"),
                      "tensor model.layers.0.self_attn.k_proj.weight is missing (1 missing in all)");
    add_all(&made, "model.", "");
    made.tensor[3].shape[0] = 1;
    made.tensor[3].bytes /= 2;
    write_tensors("w.safetensors", &made, 0, made.num);
    assert_not_loaded(temp_path("w.safetensors"), "28 values together, the workload's network needs 32");
    add_all(&made, "model.", "");
    made.tensor[9].shape[0] = MLP;
    made.tensor[9].shape[1] = DIM;
    write_tensors("w.safetensors", &made, 0, made.num);
    assert_not_loaded(
        temp_path("w.safetensors"),
        "tensor model.layers.0.mlp.down_proj.weight has shape [3][4], the workload's network needs [4][3]");
}
END_TEST

START_TEST(tensors_that_change_the_network_are_refused_and_others_pass)
{
    static const char *const changing[] = {"layers.1.input_layernorm.weight", "layers.0.self_attn.q_proj.bias",
                                           "layers.0.gamma", "norm.bias"};
    static const char *const harmless[] = {"layers.0.self_attn.rotary_emb.inv_freq", "pooler.dense.weight",
                                           "embeddings.position_ids"};
    checkpoint made;
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++) {
        char text[256];
        add_all(&made, "model.", "");
        add(&made, "model.", changing[i], DIM, 0);
        write_tensors("w.safetensors", &made, 0, made.num);
        snprintf(text, sizeof text, "tensor model.%s belongs to no part of the workload's network", changing[i]);
        assert_not_loaded(temp_path("w.safetensors"), text);
    }
    add_all(&made, "model.", "");
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        add(&made, "model.", harmless[i], DIM, 0);
    write_tensors("w.safetensors", &made, 0, made.num);
    assert_loads(temp_path("w.safetensors"));
}
END_TEST

START_TEST(a_head_beside_a_tied_embedding_is_the_same_or_refused)
{
    checkpoint made;
    add_all(&made, "model.", "");
    shape.tied = 1;
    write_tensors("w.safetensors", &made, 0, made.num);
    assert_not_loaded(temp_path("w.safetensors"), "tensor lm_head.weight is a head of its own");
    memcpy(made.values[11], made.values[0], sizeof made.values[0]);
    write_tensors("w.safetensors", &made, 0, made.num);
    igq_error error;
    igq_graph_weights *weights;
    igq_graph *graph = igq_llama_graph(&shape);
    ck_assert_int_eq(igq_graph_weights_open(&weights, graph, temp_path("w.safetensors"), igq_plain_dialects, &error),
                     IGQ_OK);
    igq_graph_weights_close(weights);
    igq_graph_free(graph);
}
END_TEST

START_TEST(a_weight_may_be_a_piece_of_a_tensor)
{
    igq_error error;
    igq_graph_weights *weights;
    checkpoint made = {.num = 0};
    add(&made, "", "in_proj", 6, DIM);
    write_tensors("w.safetensors", &made, 0, 1);
    for (int piece = 0; piece < 4; piece++) {
        igq_graph *graph = igq_graph_new();
        int value = igq_build_weight(graph, 2, (int64_t[]){2, DIM}, "in_proj[%d]", piece);
        igq_status status =
            igq_graph_weights_open(&weights, graph, temp_path("w.safetensors"), igq_plain_dialects, &error);
        ck_assert_int_eq(status, piece < 3 ? IGQ_OK : IGQ_USER_ERROR);
        if (piece < 3)
            ck_assert_float_eq(((const float *)graph->value[value].data)[0], made.values[0][2 * DIM * piece]);
        igq_graph_weights_close(weights);
        igq_graph_free(graph);
    }
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("graph_weights", a_prefix_may_stand_before_all_names_or_all_but_the_head,
                            shards_are_read_by_their_index, a_wrong_index_is_refused,
                            missing_and_misshapen_tensors_are_named,
                            tensors_that_change_the_network_are_refused_and_others_pass,
                            a_head_beside_a_tied_embedding_is_the_same_or_refused, a_weight_may_be_a_piece_of_a_tensor);
}
