// SPDX-License-Identifier: Apache-2.0
// Weights of families by their names in checkpoints, which the test writes from drawn weights; RoIAlign, and other
// operations that builders alone use.
#include "bert.h"
#include "detr.h"
#include "draw_weights.h"
#include "graph_build.h"
#include "graph_weights.h"
#include "mask_rcnn.h"
#include "operation_code.h"
#include "safetensors.h"
#include "swin.h"
#include <check.h>
#include "temp_dir.h"

enum { MAX_TENSORS = 512 };

static const igq_bert_shape bert = {.tokens = 4, .vocabulary = 7, .dim = 8, .depth = 2, .heads = 2, .mlp_dim = 12};
static const igq_swin_shape swin = {.image_height = 16,
                                    .image_width = 16,
                                    .image_channels = 3,
                                    .patch_size = 1,
                                    .dim = 4,
                                    .depth = {1, 1, 1, 1},
                                    .head_dim = 2,
                                    .window_size = 2,
                                    .mlp_ratio = 2,
                                    .classes = 3};
static const igq_detr_shape detr = {.image_height = 32,
                                    .image_width = 32,
                                    .image_channels = 3,
                                    .depth = {1, 1, 1, 1},
                                    .dim = 8,
                                    .heads = 2,
                                    .mlp_dim = 12,
                                    .encoder_depth = 1,
                                    .decoder_depth = 1,
                                    .queries = 3,
                                    .classes = 3};
static const igq_mask_rcnn_shape mask_rcnn = {.backbone = swin,
                                              .fpn_channels = 4,
                                              .anchors = 2,
                                              .proposals = 5,
                                              .detections = 4,
                                              .cascade_stages = 2,
                                              .box_convs = 1,
                                              .box_fcs = 1,
                                              .box_fc_dim = 6,
                                              .box_size = 2,
                                              .mask_size = 2,
                                              .mask_convs = 1};

typedef struct family {
    const igq_dialect *dialects;
    int num_dialects;
} family;

static igq_graph *graph_of(const igq_dialect *dialects)
{
    igq_graph *graph = dialects == igq_bert_dialects   ? igq_bert_graph(&bert)
                       : dialects == igq_swin_dialects ? igq_swin_graph(&swin)
                       : dialects == igq_detr_dialects ? igq_detr_graph(&detr)
                                                       : igq_mask_rcnn_graph(&mask_rcnn);
    ck_assert_ptr_nonnull(graph);
    return graph;
}

/// A checkpoint ///

static igq_tensor tensor[MAX_TENSORS];
static char name[MAX_TENSORS][IGQ_TENSOR_NAME_BYTES + 16];
static int num_tensors;

static void put(const char *prefix, const char *own, const float *data, int rank, const int64_t *shape)
{
    ck_assert_int_lt(num_tensors, MAX_TENSORS);
    snprintf(name[num_tensors], sizeof name[0], "%s%s", prefix, own);
    tensor[num_tensors] = igq_tensor_make(name[num_tensors], IGQ_DTYPE_F32, data, rank, shape);
    num_tensors++;
}

// A tensor of three times the rows where a weight is a piece of one; the other pieces are of other weights.
static float *piece_of(const char *prefix, char *own, const igq_shape *shape, int64_t rows, int64_t each)
{
    static float room[64][4096];
    char full[IGQ_TENSOR_NAME_BYTES + 16];
    char *open = strrchr(own, '[');
    int piece = atoi(open + 1), at = 0;
    int64_t total[8];
    *open = '\0';
    snprintf(full, sizeof full, "%s%s", prefix, own);
    while (at < num_tensors && strcmp(name[at], full) != 0)
        at++;
    memcpy(total, shape->dim, sizeof total);
    total[0] = 3 * rows / (strstr(own, "in_proj") && piece == 0 && rows > 8 ? 2 : 1);
    if (at == num_tensors)
        put(prefix, own, room[num_tensors % 64], shape->rank, total);
    return (float *)(uintptr_t)tensor[at].data + piece * rows * each;
}

// All weights of a graph as a dialect has them.
static void put_weights(const igq_graph *graph, const igq_dialect *dialect, const char *prefix)
{
    num_tensors = 0;
    for (int v = 0; v < graph->num_values; v++) {
        const igq_value *value = &graph->value[v];
        char whole[IGQ_TENSOR_NAME_BYTES];
        if (!value->is_constant || *value->name == '\0')
            continue;
        igq_weight_name(whole, value->name, dialect);
        char *open = strchr(whole, '{'), *close = open ? strchr(open, '}') : NULL;
        int64_t rows = value->shape.dim[0], each = igq_shape_elements(&value->shape) / rows;
        const float *data = value->data;
        if (strchr(whole, '[')) {
            memcpy(piece_of(prefix, whole, &value->shape, rows, each), data, (size_t)(rows * each) * sizeof *data);
        } else if (!open) {
            put(prefix, whole, data, value->shape.rank, value->shape.dim);
        } else {
            int num_parts = 1;
            for (const char *c = open; c < close; c++)
                num_parts += *c == ',';
            for (char *word = open + 1; word < close; data += rows / num_parts * each) {
                char part[IGQ_TENSOR_NAME_BYTES];
                int length = (int)strcspn(word, ",}");
                igq_shape shape = value->shape;
                shape.dim[0] = rows / num_parts;
                snprintf(part, sizeof part, "%.*s%.*s%s", (int)(open - whole), whole, length, word, close + 1);
                put(prefix, part, data, shape.rank, shape.dim);
                word += length + 1;
            }
        }
    }
}

static igq_status load(igq_graph_weights **weights, igq_graph *graph, const igq_dialect *dialects, igq_error *error)
{
    const char *path = temp_path("weights.safetensors");
    ck_assert_msg(igq_safetensors_write(path, tensor, num_tensors, NULL, 0, error) == IGQ_OK, "%s", error->message);
    return igq_graph_weights_open(weights, graph, path, dialects, error);
}

/// Tests ///

static const family families[] = {
    {igq_bert_dialects, 2}, {igq_swin_dialects, 4}, {igq_detr_dialects, 3}, {igq_mask_rcnn_dialects, 2}};

START_TEST(every_dialect_gives_the_same_weights)
{
    static const char *const prefixes[] = {"", "model.", "module."};
    igq_error error;
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (int d = 0; d < families[f].num_dialects; d++) {
            const igq_dialect *dialects = families[f].dialects;
            igq_graph *drawn = graph_of(dialects), *loaded = graph_of(dialects);
            igq_graph_weights *weights = NULL;
            ck_assert_int_eq(igq_graph_draw_weights(drawn, (uint64_t)d + 3), 1);
            put_weights(drawn, &dialects[d], prefixes[d % 3]);
            ck_assert_msg(load(&weights, loaded, dialects, &error) == IGQ_OK, "%s: %s", dialects[d].name,
                          error.message);
            for (int v = 0; v < drawn->num_values; v++)
                if (drawn->value[v].is_constant)
                    ck_assert_mem_eq(drawn->value[v].data, loaded->value[v].data,
                                     (size_t)igq_shape_elements(&drawn->value[v].shape) *
                                         igq_element_bytes(drawn->value[v].element));
            igq_graph_weights_close(weights);
            igq_graph_free(drawn);
            igq_graph_free(loaded);
        }
}
END_TEST

// Names as they stand in published checkpoints.
START_TEST(dialects_have_the_published_names)
{
    static const struct {
        const igq_dialect *dialect;
        const char *own, *wanted;
    } cases[] = {
        {&igq_swin_dialects[1], "layers.1.downsample.reduction.weight", "layers.0.downsample.reduction.weight"},
        {&igq_swin_dialects[1], "head.fc.bias", "head.bias"},
        {&igq_swin_dialects[2], "layers.0.blocks.1.attn.relative_position_bias_table",
         "encoder.layers.0.blocks.1.attention.self.relative_position_bias_table"},
        {&igq_swin_dialects[2], "layers.3.blocks.1.mlp.fc2.weight", "encoder.layers.3.blocks.1.output.dense.weight"},
        {&igq_swin_dialects[2], "norm.weight", "layernorm.weight"},
        {&igq_swin_dialects[3], "layers.2.blocks.5.attn.qkv.weight", "features.5.5.attn.qkv.weight"},
        {&igq_swin_dialects[3], "layers.3.downsample.norm.bias", "features.6.norm.bias"},
        {&igq_detr_dialects[0], "backbone.layer3.5.conv2.weight", "backbone.conv_encoder.model.layer3.5.conv2.weight"},
        {&igq_detr_dialects[1], "backbone.layer3.5.bn2.running_var", "backbone.0.body.layer3.5.bn2.running_var"},
        {&igq_detr_dialects[1], "decoder.layers.5.encoder_attn.v_proj.bias",
         "transformer.decoder.layers.5.multihead_attn.in_proj_bias[2]"},
        {&igq_detr_dialects[1], "encoder.layers.0.final_layer_norm.weight",
         "transformer.encoder.layers.0.norm2.weight"},
        {&igq_detr_dialects[1], "decoder.layers.0.final_layer_norm.weight",
         "transformer.decoder.layers.0.norm3.weight"},
        {&igq_mask_rcnn_dialects[0], "layers.3.downsample.norm.weight", "layers.2.downsample.norm.weight"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[IGQ_TENSOR_NAME_BYTES];
        igq_weight_name(got, cases[i].own, cases[i].dialect);
        ck_assert_str_eq(got, cases[i].wanted);
    }
}
END_TEST

START_TEST(what_does_not_fit_is_refused_by_name)
{
    igq_error error;
    igq_graph *graph = igq_bert_graph(&bert), *loaded;
    igq_graph_weights *weights = NULL;
    const float values[64] = {0};
    ck_assert_int_eq(igq_graph_draw_weights(graph, 1), 1);
#define REFUSED(...)                                                                                                   \
    do {                                                                                                               \
        loaded = igq_bert_graph(&bert);                                                                                \
        ASSERT_REFUSED(load(&weights, loaded, igq_bert_dialects, &error), &error, "weights.safetensors", __VA_ARGS__); \
        igq_graph_free(loaded);                                                                                        \
    } while (0)
    put_weights(graph, &igq_bert_dialects[0], "bert.");
    num_tensors--;
    REFUSED("bert.pooler.dense.bias", "missing", "Hugging Face");
    put_weights(graph, &igq_bert_dialects[0], "");
    put("", "encoder.layer.2.output.dense.bias", values, 1, (int64_t[]){8});
    REFUSED("encoder.layer.2.output.dense.bias", "no part");
    put_weights(graph, &igq_bert_dialects[0], "");
    tensor[num_tensors - 1] = igq_tensor_make(name[num_tensors - 1], IGQ_DTYPE_F32, values, 1, (int64_t[]){9});
    REFUSED("pooler.dense.bias", "[9]", "[8]");
    // Heads of pretraining and buffers pass.
    put_weights(graph, &igq_bert_dialects[0], "");
    put("", "cls.predictions.bias", values, 1, (int64_t[]){7});
    put("", "embeddings.position_ids", values, 1, (int64_t[]){4});
    loaded = igq_bert_graph(&bert);
    ck_assert_msg(load(&weights, loaded, igq_bert_dialects, &error) == IGQ_OK, "%s", error.message);
    igq_graph_weights_close(weights);
    igq_graph_free(loaded);
    igq_graph_free(graph);
}
END_TEST

// A plane that rises by 1 a column and by 10 a row is sampled exactly: a place of a region has the plane's value at its
// centre.
START_TEST(regions_of_a_plane_are_its_values)
{
    enum { SIDE = 12, PLACES = 3 };
    float plane[SIDE * SIDE], out[2 * PLACES * PLACES];
    const float boxes[2][4] = {{4, 6, 16, 18}, {2, 2, 8, 5}}; // in pixels of which two are one of the plane
    igq_graph *graph = igq_graph_new();
    const igq_shape image = igq_shape_of(4, (int64_t[]){1, 1, SIDE, SIDE}), of_boxes = {.rank = 2, .dim = {2, 4}};
    const int inputs[] = {igq_graph_add_input(graph, "x", IGQ_ELEMENT_FLOAT, &image),
                          igq_graph_add_weight(graph, "", boxes, IGQ_ELEMENT_FLOAT, &of_boxes)};
    const igq_attributes with = {.kernel = {PLACES, PLACES}, .alpha = 0.5};
    igq_build(graph, IGQ_OP_ROI_ALIGN, with, 2, inputs);
    for (int i = 0; i < SIDE * SIDE; i++)
        plane[i] = (float)(i % SIDE + 10 * (i / SIDE));
    const void *const in[] = {plane, boxes};
    void *const to[] = {out};
    igq_op_code_of(IGQ_OP_ROI_ALIGN)(&(igq_operands){graph, &graph->node[0], in, to});
    for (int i = 0; i < 2 * PLACES * PLACES; i++) {
        const float *box = boxes[i / (PLACES * PLACES)];
        double column = ((i % PLACES + 0.5) * (double)(box[2] - box[0]) / PLACES + (double)box[0]) / 2 - 0.5;
        double row = ((i / PLACES % PLACES + 0.5) * (double)(box[3] - box[1]) / PLACES + (double)box[1]) / 2 - 0.5;
        ck_assert_double_eq_tol((double)out[i], column + 10 * row, 1e-4);
    }
    igq_graph_free(graph);
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("weight_dialects", every_dialect_gives_the_same_weights, dialects_have_the_published_names,
                            what_does_not_fit_is_refused_by_name, regions_of_a_plane_are_its_values);
}
