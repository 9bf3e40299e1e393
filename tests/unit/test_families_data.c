// SPDX-License-Identifier: Apache-2.0
// The builders of families with the weights of the small ONNX networks of the shared data, against the outputs that
// another framework gave of these, in full precision. Weights are found by the order in which both graphs use them.
#include "bert.h"
#include "detr.h"
#include "draw_weights.h"
#include "fold_norms.h"
#include "graph_build.h"
#include "onnx_file.h"
#include "photos.h"
#include "products.h"
#include "safetensors.h"
#include "swin.h"
#include <math.h>

static igq_onnx onnx;
static igq_safetensors *io;
static igq_error error;

static void open_network(const char *name)
{
    char path[512], file[128];
    snprintf(file, sizeof file, "onnx/%s.onnx", name);
    data_path(path, file);
    ck_assert_msg(igq_onnx_open(&onnx, path, NULL, &error) == IGQ_OK, "%s", error.message);
    snprintf(file, sizeof file, "onnx/%s.io.safetensors", name);
    data_path(path, file);
    ck_assert_msg(igq_safetensors_open(&io, path, &error) == IGQ_OK, "%s", error.message);
}

static void close_network(void)
{
    igq_safetensors_close(io);
    igq_onnx_close(&onnx);
}

static const float *reference(const char *name)
{
    const float *values;
    ck_assert_int_eq(igq_safetensors_floats(&values, io, igq_safetensors_find(io, name), &error), IGQ_OK);
    return values;
}

// Runs a graph: output i of the first sample to out.
static void run_graph(float *out, igq_graph *graph, const void *input, int output)
{
    igq_products *products = igq_products_of(graph);
    igq_executor *executor = igq_executor_new(products);
    igq_fp32_engine *fp32 = igq_fp32_engine_new(products, NULL);
    const igq_engine engine = igq_fp32_engine_get(fp32);
    const igq_shape *shape = &igq_graph_value(graph, graph->output[output])->shape;
    igq_execute(executor, &engine, &input);
    memcpy(out, igq_executor_output(executor, output), (size_t)igq_shape_elements(shape) * sizeof *out);
    igq_fp32_engine_free(fp32);
    igq_executor_free(executor);
    igq_products_free(products);
}

static void assert_near(const float *got, const float *wanted, int num)
{
    double largest = 0, off = 0;
    for (int i = 0; i < num; i++) {
        largest = fmax(largest, fabs((double)wanted[i]));
        off = fmax(off, fabs((double)got[i] - (double)wanted[i]));
    }
    ck_assert_double_lt(off, 1e-4 * largest);
    ck_assert_double_gt(largest, 0);
}

/// Weights ///

static float *weight_of(const igq_graph *graph, int value)
{
    return (float *)(uintptr_t)igq_graph_value(graph, value)->data;
}

static igq_value *named(const igq_graph *graph, const char *name)
{
    for (int v = 0; v < graph->num_values; v++)
        if (strcmp(graph->value[v].name, name) == 0)
            return &graph->value[v];
    ck_abort_msg("no value %s", name);
    return NULL;
}

// The next node from *n on that has weights, or is of this kind of operation.
static const igq_node *next_weighted(const igq_graph *graph, int *n)
{
    while (*n < graph->num_nodes) {
        const igq_node *node = &graph->node[(*n)++];
        if ((node->op == IGQ_OP_LINEAR || node->op == IGQ_OP_MATMUL || node->op == IGQ_OP_CONV) &&
            igq_graph_value(graph, node->input[1])->is_constant)
            return node;
    }
    return NULL;
}

static const igq_node *next_of(const igq_graph *graph, int *n, igq_op op)
{
    while (*n < graph->num_nodes)
        if (graph->node[(*n)++].op == op)
            return &graph->node[*n - 1];
    return NULL;
}

// Rows first ... of a weight [O][C] and its bias, from a node of the file, whose matrix may be [C][O].
static void copy_rows(float *weight, float *bias, const igq_node *from)
{
    const igq_value *w = igq_graph_value(onnx.graph, from->input[1]);
    const float *values = w->data;
    int64_t num = igq_shape_elements(&w->shape), outputs = w->shape.dim[from->op == IGQ_OP_MATMUL ? 1 : 0];
    for (int64_t i = 0; i < num; i++)
        weight[from->op == IGQ_OP_MATMUL ? i % outputs * (num / outputs) + i / outputs : i] = values[i];
    if (from->num_inputs > 2)
        memcpy(bias, igq_graph_value(onnx.graph, from->input[2])->data, (size_t)outputs * sizeof *bias);
}

static void copy_all_products(igq_graph *graph)
{
    int ours = 0, theirs = 0;
    for (const igq_node *to; (to = next_weighted(graph, &ours));)
        copy_rows(weight_of(graph, to->input[1]), to->num_inputs > 2 ? weight_of(graph, to->input[2]) : NULL,
                  next_weighted(onnx.graph, &theirs));
}

static void copy_norms(igq_graph *graph)
{
    int ours = 0, theirs = 0;
    for (const igq_node *to, *from;
         (to = next_of(graph, &ours, IGQ_OP_LAYER_NORM)) && (from = next_of(onnx.graph, &theirs, IGQ_OP_LAYER_NORM));)
        for (int i = 1; i <= 2; i++) {
            const igq_value *values = igq_graph_value(onnx.graph, from->input[i]);
            memcpy(weight_of(graph, to->input[i]), values->data,
                   (size_t)igq_shape_elements(&values->shape) * sizeof(float));
        }
}

/// Networks ///

// Its small classifier stands behind the pooler, which is where the family ends.
START_TEST(bert_is_the_reference)
{
    enum { TOKENS = 64, WORDS = 1000, DIM = 96, CLASSES = 2 };
    const igq_bert_shape shape = {
        .tokens = TOKENS, .vocabulary = WORDS, .dim = DIM, .depth = 3, .heads = 3, .mlp_dim = 4 * DIM};
    open_network("bert_small_random");
    igq_graph *graph = igq_bert_graph(&shape);
    float pooled[DIM], logits[CLASSES];
    ck_assert_int_eq(igq_graph_draw_weights(graph, 1), 1);
    copy_all_products(graph);
    copy_norms(graph);
    memcpy(weight_of(graph, (int)(named(graph, "embeddings.word_embeddings.weight") - graph->value)),
           named(onnx.graph, "e.weight")->data, sizeof(float) * WORDS * DIM);
    memcpy(weight_of(graph, (int)(named(graph, "embeddings.position_embeddings.weight[0]") - graph->value)),
           named(onnx.graph, "onnx::Add_336")->data, sizeof(float) * TOKENS * DIM);
    memset(weight_of(graph, (int)(named(graph, "embeddings.token_type_embeddings.weight") - graph->value)), 0,
           sizeof(float) * 2 * DIM);
    run_graph(pooled, graph, igq_safetensors_find(io, "input_ids")->data, 1);
    const float *weight = named(onnx.graph, "c.weight")->data, *bias = named(onnx.graph, "c.bias")->data;
    for (int o = 0; o < CLASSES; o++) {
        logits[o] = bias[o];
        for (int c = 0; c < DIM; c++)
            logits[o] += weight[o * DIM + c] * pooled[c];
    }
    assert_near(logits, reference("logits"), CLASSES);
    igq_graph_free(graph);
    close_network();
}
END_TEST

// The file has the sum for each pair of tokens in place of the table.
static void copy_relative_positions(igq_graph *graph, int window)
{
    int tokens = window * window, side = 2 * window - 1, theirs = 0;
    for (int v = 0; v < graph->num_values; v++) {
        if (!strstr(graph->value[v].name, "relative_position_bias_table"))
            continue;
        const igq_value *sum = NULL;
        while (!sum) {
            const igq_node *add = next_of(onnx.graph, &theirs, IGQ_OP_ADD);
            const igq_value *second = igq_graph_value(onnx.graph, add->input[1]);
            if (second->is_constant && second->shape.rank == 4 && second->shape.dim[0] == 1)
                sum = second;
        }
        int heads = (int)graph->value[v].shape.dim[1];
        for (int i = 0; i < heads * tokens * tokens; i++) {
            int q = i / tokens % tokens, k = i % tokens;
            int row = (q / window - k / window + window - 1) * side + q % window - k % window + window - 1;
            weight_of(graph, v)[row * heads + i / (tokens * tokens)] = ((const float *)sum->data)[i];
        }
    }
}

START_TEST(swin_is_the_reference)
{
    enum { CLASSES = 100, WINDOW = 7 };
    const igq_swin_shape shape = {.image_height = 224,
                                  .image_width = 224,
                                  .image_channels = 3,
                                  .patch_size = 4,
                                  .dim = 32,
                                  .depth = {2, 2, 2, 2},
                                  .head_dim = 32,
                                  .window_size = WINDOW,
                                  .mlp_ratio = 4,
                                  .classes = CLASSES};
    open_network("swin_small_random");
    igq_graph *graph = igq_swin_graph(&shape);
    float logits[CLASSES];
    ck_assert_int_eq(igq_graph_draw_weights(graph, 1), 1);
    copy_all_products(graph);
    copy_norms(graph);
    copy_relative_positions(graph, WINDOW);
    run_graph(logits, graph, reference("pixel_values"), 0);
    assert_near(logits, reference("logits"), CLASSES);
    igq_graph_free(graph);
    close_network();
}
END_TEST

// A weight with rows of several nodes of the file, one behind another, and its bias.
static void copy_named(igq_graph *graph, const char *name, int num, const igq_node *const *from)
{
    char full[192];
    snprintf(full, sizeof full, "%s.weight", name);
    float *weight = weight_of(graph, (int)(named(graph, full) - graph->value));
    snprintf(full, sizeof full, "%s.bias", name);
    float *bias = weight_of(graph, (int)(named(graph, full) - graph->value));
    for (int i = 0; i < num; i++) {
        const igq_value *w = igq_graph_value(onnx.graph, from[i]->input[1]);
        int64_t values = igq_shape_elements(&w->shape), outputs = w->shape.dim[from[i]->op == IGQ_OP_MATMUL ? 1 : 0];
        copy_rows(weight, bias, from[i]);
        weight += values;
        bias += outputs;
    }
}

enum { DETR_SIDE = 7, DETR_DIM = 64, DETR_QUERIES = 25, DETR_CLASSES = 20, DETR_CONVS = 6 };

// q, k, v and o of an attention of the file.
static void copy_attention(igq_graph *graph, const char *module, int is_cross, int *theirs)
{
    const igq_node *node[4];
    char name[4][128];
    for (int i = 0; i < 4; i++)
        node[i] = next_weighted(onnx.graph, theirs);
    static const char *const parts[] = {"q_proj", "k_proj", "v_proj", "out_proj"};
    for (int i = 0; i < 4; i++)
        snprintf(name[i], sizeof name[i], "%s.%s", module, i == 0 && !is_cross ? "{q_proj,k_proj}" : parts[i]);
    copy_named(graph, name[0], is_cross ? 1 : 2, node);
    if (is_cross)
        copy_named(graph, name[1], 1, node + 1);
    copy_named(graph, name[2], 1, node + 2);
    copy_named(graph, name[3], 1, node + 3);
}

static void copy_next(igq_graph *graph, const char *name, int *theirs)
{
    const igq_node *node = next_weighted(onnx.graph, theirs);
    copy_named(graph, name, 1, &node);
}

static void copy_detr(igq_graph *graph)
{
    char name[128];
    int theirs = 0;
    for (int i = 0; i < DETR_CONVS; i++) // of the ResNet, and the projection behind it
        next_weighted(onnx.graph, &theirs);
    for (int i = 0; i < 4; i++) {
        const char *part = i < 2 ? "encoder" : "decoder";
        snprintf(name, sizeof name, "%s.layers.%d.self_attn", part, i % 2);
        copy_attention(graph, name, 0, &theirs);
        snprintf(name, sizeof name, "%s.layers.%d.encoder_attn", part, i % 2);
        if (i >= 2)
            copy_attention(graph, name, 1, &theirs);
        for (int fc = 1; fc <= 2; fc++) {
            snprintf(name, sizeof name, "%s.layers.%d.fc%d", part, i % 2, fc);
            copy_next(graph, name, &theirs);
        }
    }
    copy_next(graph, "class_labels_classifier", &theirs);
    copy_next(graph, "bbox_predictor.layers.0", &theirs);
    copy_next(graph, "bbox_predictor.layers.2", &theirs);
    // The file has two layers for boxes, the family three: what is positive goes through a ReLU unchanged.
    float *between = weight_of(graph, (int)(named(graph, "bbox_predictor.layers.1.weight") - graph->value));
    for (int i = 0; i < DETR_DIM * DETR_DIM; i++)
        between[i] = i / DETR_DIM == i % DETR_DIM;
}

// What stands before the encoder in the file is pooled to 7 x 7, so encoder and decoder begin with its values.
START_TEST(transformer_of_detr_is_the_reference)
{
    const igq_detr_shape shape = {.dim = DETR_DIM,
                                  .heads = 4,
                                  .mlp_dim = 4 * DETR_DIM,
                                  .encoder_depth = 2,
                                  .decoder_depth = 2,
                                  .queries = DETR_QUERIES,
                                  .classes = DETR_CLASSES};
    static float features[DETR_DIM * DETR_SIDE * DETR_SIDE], logits[DETR_QUERIES * (DETR_CLASSES + 1)];
    float boxes[DETR_QUERIES * 4];
    open_network("detr_small_random");
    int n = 0;
    igq_graph_add_output(onnx.graph, next_of(onnx.graph, &n, IGQ_OP_AVERAGE_POOL)->output[0]);
    run_graph(features, onnx.graph, reference("pixel_values"), onnx.graph->num_outputs - 1);

    igq_graph *graph = igq_graph_new();
    const igq_shape image = igq_shape_of(4, (int64_t[]){1, DETR_DIM, DETR_SIDE, DETR_SIDE});
    int x = igq_graph_add_input(graph, "features", IGQ_ELEMENT_FLOAT, &image);
    int positions = igq_build_weight(graph, 2, (int64_t[]){DETR_SIDE * DETR_SIDE, DETR_DIM}, "positions");
    igq_detr_build_transformer(graph, x, positions, &shape);
    ck_assert_int_eq(igq_graph_draw_weights(graph, 1), 1);
    copy_detr(graph);
    memcpy(weight_of(graph, positions), named(onnx.graph, "pos")->data, sizeof features);
    memcpy(weight_of(graph, (int)(named(graph, "query_position_embeddings.weight") - graph->value)),
           named(onnx.graph, "q")->data, sizeof(float) * DETR_QUERIES * DETR_DIM);
    run_graph(logits, graph, features, 0);
    run_graph(boxes, graph, features, 1);
    assert_near(logits, reference("class_logits"), DETR_QUERIES * (DETR_CLASSES + 1));
    assert_near(boxes, reference("boxes"), DETR_QUERIES * 4);
    igq_graph_free(graph);
    close_network();
}
END_TEST

// One block of a ResNet with its batch norms folded, as the file has them; ours are folded too.
START_TEST(resnet_of_detr_is_the_reference)
{
    enum { SIDE = 14, WIDTH = 16 };
    static const char *const convs[] = {"backbone.conv1", "backbone.layer2.0.conv1", "backbone.layer2.0.conv2",
                                        "backbone.layer2.0.conv3", "backbone.layer2.0.downsample.0"};
    static const char *const norms[] = {"backbone.bn1", "backbone.layer2.0.bn1", "backbone.layer2.0.bn2",
                                        "backbone.layer2.0.bn3", "backbone.layer2.0.downsample.1"};
    static float got[4 * WIDTH * SIDE * SIDE], wanted[4 * WIDTH * SIDE * SIDE];
    open_network("detr_small_random");
    igq_graph *graph = igq_graph_new();
    const igq_shape image = igq_shape_of(4, (int64_t[]){1, 3, 112, 112});
    int x = igq_graph_add_input(graph, "pixel_values", IGQ_ELEMENT_FLOAT, &image), theirs = 0, n = 0;
    x = igq_detr_build_resnet(graph, x, (int[]){0, 0, 0, 0}, WIDTH);
    igq_graph_add_output(graph, igq_detr_build_bottleneck(graph, x, 1, 0, WIDTH));
    ck_assert_int_eq(igq_graph_draw_weights(graph, 1), 1);
    for (int i = 0; i < 5; i++) {
        char weight[64], bias[64];
        snprintf(weight, sizeof weight, "%s.weight", convs[i]);
        snprintf(bias, sizeof bias, "%s.bias", norms[i]);
        copy_rows(weight_of(graph, (int)(named(graph, weight) - graph->value)),
                  weight_of(graph, (int)(named(graph, bias) - graph->value)), next_weighted(onnx.graph, &theirs));
    }
    ck_assert_int_eq(igq_graph_fold_batch_norms(graph), 1);
    for (int i = 0; i < graph->num_nodes; i++)
        ck_assert_int_ne(graph->node[i].op, IGQ_OP_BATCH_NORM);
    run_graph(got, graph, reference("pixel_values"), 0);
    const igq_node *add = next_of(onnx.graph, &n, IGQ_OP_ADD);
    while (onnx.graph->node[n].op != IGQ_OP_RELU)
        n++;
    ck_assert_ptr_nonnull(add);
    igq_graph_add_output(onnx.graph, onnx.graph->node[n].output[0]);
    run_graph(wanted, onnx.graph, reference("pixel_values"), onnx.graph->num_outputs - 1);
    assert_near(got, wanted, 4 * WIDTH * SIDE * SIDE);
    igq_graph_free(graph);
    close_network();
}
END_TEST

int main(void)
{
    if (skip_without_data())
        return 77;
    Suite *suite = suite_create("families_data");
    TCase *tests = tcase_create("families_data");
    tcase_add_test(tests, bert_is_the_reference);
    tcase_add_test(tests, swin_is_the_reference);
    tcase_add_test(tests, transformer_of_detr_is_the_reference);
    tcase_add_test(tests, resnet_of_detr_is_the_reference);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
