// SPDX-License-Identifier: Apache-2.0
#include "detr.h"
#include "graph_build.h"
#include "layer_name.h"

#define NORM_EPSILON 1e-5 // of batch norms and LayerNorms
enum { STEM_WIDTH = 64, STEM_KERNEL = 7 };

/// ResNet ///

static int convolve(igq_graph *graph, int x, igq_conv_shape shape, const char *module, const char *conv,
                    const char *norm, igq_layer_kind kind, const char *layer)
{
    x = igq_build_conv(graph, x, shape, "%s%s", module, conv);
    igq_build_name_layer(graph, kind, -1, "%s", layer);
    return igq_build_batch_norm(graph, x, NORM_EPSILON, "%s%s", module, norm);
}

int igq_detr_build_bottleneck(igq_graph *graph, int x, int stage, int block, int width)
{
    char module[IGQ_WEIGHT_NAME_BYTES], name[5][IGQ_LAYER_NAME_BYTES];
    int stride = stage > 0 && block == 0 ? 2 : 1, shortcut = x;
    igq_format_name(module, sizeof module, "backbone.layer%d.%d.", stage + 1, block);
    for (int i = 1; i <= 3; i++)
        igq_format_name(name[i], sizeof name[i], "r%d.%d.conv%d", stage + 1, block, i);
    igq_format_name(name[4], sizeof name[4], "r%d.%d.shortcut", stage + 1, block);
    if (block == 0)
        shortcut = convolve(graph, x, (igq_conv_shape){4 * width, 1, stride, 0, 0}, module, "downsample.0",
                            "downsample.1", IGQ_LAYER_CONV, name[4]);
    x = convolve(graph, x, (igq_conv_shape){width, 1, 1, 0, 0}, module, "conv1", "bn1", IGQ_LAYER_CONV, name[1]);
    x = igq_build_one(graph, IGQ_OP_RELU, x);
    x = convolve(graph, x, (igq_conv_shape){width, 3, stride, 1, 0}, module, "conv2", "bn2", IGQ_LAYER_CONV, name[2]);
    x = igq_build_one(graph, IGQ_OP_RELU, x);
    x = convolve(graph, x, (igq_conv_shape){4 * width, 1, 1, 0, 0}, module, "conv3", "bn3", IGQ_LAYER_CONV, name[3]);
    return igq_build_one(graph, IGQ_OP_RELU, igq_build_two(graph, IGQ_OP_ADD, x, shortcut));
}

int igq_detr_build_resnet(igq_graph *graph, int x, const int depth[IGQ_RESNET_STAGES], int width)
{
    const igq_conv_shape stem = {width, STEM_KERNEL, 2, STEM_KERNEL / 2, 0};
    const igq_attributes pool = {.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}, .dilation = {1, 1}};
    x = convolve(graph, x, stem, "backbone.", "conv1", "bn1", IGQ_LAYER_STEM, "stem");
    x = igq_build_one(graph, IGQ_OP_RELU, x);
    x = igq_build(graph, IGQ_OP_MAX_POOL, pool, 1, &x);
    for (int stage = 0; stage < IGQ_RESNET_STAGES; stage++)
        for (int block = 0; block < depth[stage]; block++)
            x = igq_detr_build_bottleneck(graph, x, stage, block, width << stage);
    return x;
}

/// Positions ///

// Divisors of the angles: dim / 4 of them, 10000^(4 i / dim).
static double next_divisor(double divisor, int dim)
{
    // 10000^(4 / dim) by the series of e^x, x = 4 ln 10000 / dim: the same bits everywhere.
    double x = 4 * 9.210340371976184 / dim, term = 1, factor = 1;
    for (int i = 1; i < 40; i++) {
        term *= x / i;
        factor += term;
    }
    return divisor * factor;
}

// [tokens][dim / 4]: angles of the rows (axis 0) or columns (axis 1), from 2 pi / size to 2 pi.
static int angles(igq_graph *graph, int height, int width, int dim, int axis)
{
    int each = dim / 4;
    const igq_shape shape = {.rank = 2, .dim = {(int64_t)height * width, each}};
    float *angle = igq_graph_take(graph, (size_t)igq_shape_elements(&shape) * sizeof *angle);
    double divisor = 1;
    for (int i = 0; angle && i < each; i++, divisor = next_divisor(divisor, dim))
        for (int token = 0; token < height * width; token++) {
            int place = axis == 0 ? token / width : token % width, size = axis == 0 ? height : width;
            angle[token * each + i] = (float)(6.283185307179586 * (place + 1) / (size + 1e-6) / divisor);
        }
    return angle ? igq_graph_add_weight(graph, "", angle, IGQ_ELEMENT_FLOAT, &shape) : -1;
}

// [tokens][dim]: of the row, then of the column, sine and cosine of each angle in turn.
int igq_detr_build_positions(igq_graph *graph, int height, int width, int dim)
{
    int parts[2], each = dim / 4, tokens = height * width;
    for (int axis = 0; axis < 2; axis++) {
        int angle = angles(graph, height, width, dim, axis), pair[2];
        pair[0] = igq_build_one(graph, IGQ_OP_SIN, angle);
        pair[1] = igq_build_one(graph, IGQ_OP_COS, angle);
        for (int i = 0; i < 2; i++)
            pair[i] = igq_build_reshape(graph, pair[i], 3, (int64_t[]){tokens, each, 1});
        parts[axis] = igq_build(graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 2}, 2, pair);
        parts[axis] = igq_build_reshape(graph, parts[axis], 2, (int64_t[]){tokens, 2 * each});
    }
    return igq_build(graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 1}, 2, parts);
}

/// Transformer ///

// What its blocks share.
typedef struct transformer {
    igq_graph *graph;
    const igq_detr_shape *shape;
    int positions, queries; // embeddings of the encoder's tokens, of the decoder's
} transformer;

static int project(const transformer *t, int x, int outputs, const char *module, const char *part, igq_layer_kind kind,
                   int block, const char *prefix, const char *layer)
{
    x = igq_build_linear(t->graph, x, outputs, "%s%s", module, part);
    igq_build_name_layer(t->graph, kind, block, "%s%s", prefix, layer);
    return x;
}

static int with_positions(const transformer *t, int x, int positions)
{
    return igq_build_two(t->graph, IGQ_OP_ADD, x, positions);
}

static int split(const transformer *t, int x)
{
    return igq_build_split_heads(t->graph, x, 1, t->shape->heads);
}

// Of x to itself: queries and keys in one product, since both see the positions. Keys come last, next to the scores.
static int attend_self(const transformer *t, int x, int positions, const char *module, int block)
{
    char name[IGQ_LAYER_NAME_BYTES];
    int dim = t->shape->dim;
    igq_build_block_name(name, block);
    int v = project(t, x, dim, module, "v_proj", IGQ_LAYER_KV, block, name, "v");
    int qk = project(t, with_positions(t, x, positions), 2 * dim, module, "{q_proj,k_proj}", IGQ_LAYER_QKV, block, name,
                     "qk");
    const igq_attention_inputs parts = {.q = split(t, igq_build_slice(t->graph, qk, 1, 0, dim)),
                                        .k = split(t, igq_build_slice(t->graph, qk, 1, dim, dim)),
                                        .v = split(t, v),
                                        .bias = -1,
                                        .mask = -1,
                                        .block = block,
                                        .name = name};
    return project(t, igq_build_attention(t->graph, &parts), dim, module, "out_proj", IGQ_LAYER_PROJ, block, name,
                   "proj");
}

// Of the queries to the encoder's tokens.
static int attend_cross(const transformer *t, int x, int memory, const char *module, int block)
{
    char name[IGQ_LAYER_NAME_BYTES];
    int dim = t->shape->dim;
    igq_format_name(name, sizeof name, "b%d.x.", block);
    int v = project(t, memory, dim, module, "v_proj", IGQ_LAYER_KV, block, name, "v");
    int k = project(t, with_positions(t, memory, t->positions), dim, module, "k_proj", IGQ_LAYER_KV, block, name, "k");
    int q = project(t, with_positions(t, x, t->queries), dim, module, "q_proj", IGQ_LAYER_Q, block, name, "q");
    const igq_attention_inputs parts = {
        .q = split(t, q), .k = split(t, k), .v = split(t, v), .bias = -1, .mask = -1, .block = block, .name = name};
    return project(t, igq_build_attention(t->graph, &parts), dim, module, "out_proj", IGQ_LAYER_PROJ, block, name,
                   "proj");
}

static int add_and_norm(const transformer *t, int x, int y, const char *module, const char *norm)
{
    return igq_build_layer_norm(t->graph, igq_build_two(t->graph, IGQ_OP_ADD, x, y), NORM_EPSILON, "%s%s", module,
                                norm);
}

static int mlp(const transformer *t, int x, const char *module, int block)
{
    char name[IGQ_LAYER_NAME_BYTES];
    igq_build_block_name(name, block);
    int hidden = project(t, x, t->shape->mlp_dim, module, "fc1", IGQ_LAYER_FC1, block, name, "fc1");
    hidden = igq_build_one(t->graph, IGQ_OP_RELU, hidden);
    return project(t, hidden, t->shape->dim, module, "fc2", IGQ_LAYER_FC2, block, name, "fc2");
}

static int encoder_block(const transformer *t, int x, int number)
{
    char module[IGQ_WEIGHT_NAME_BYTES], attention[IGQ_WEIGHT_NAME_BYTES];
    igq_format_name(module, sizeof module, "encoder.layers.%d.", number);
    igq_format_name(attention, sizeof attention, "%sself_attn.", module);
    x = add_and_norm(t, x, attend_self(t, x, t->positions, attention, number), module, "self_attn_layer_norm");
    return add_and_norm(t, x, mlp(t, x, module, number), module, "final_layer_norm");
}

static int decoder_block(const transformer *t, int x, int memory, int number)
{
    char module[IGQ_WEIGHT_NAME_BYTES], self[IGQ_WEIGHT_NAME_BYTES], cross[IGQ_WEIGHT_NAME_BYTES];
    int block = t->shape->encoder_depth + number;
    igq_format_name(module, sizeof module, "decoder.layers.%d.", number);
    igq_format_name(self, sizeof self, "%sself_attn.", module);
    igq_format_name(cross, sizeof cross, "%sencoder_attn.", module);
    x = add_and_norm(t, x, attend_self(t, x, t->queries, self, block), module, "self_attn_layer_norm");
    x = add_and_norm(t, x, attend_cross(t, x, memory, cross, block), module, "encoder_attn_layer_norm");
    return add_and_norm(t, x, mlp(t, x, module, block), module, "final_layer_norm");
}

// Classes with "no object", and three layers that give centre and size of a box.
static void predict(const transformer *t, int x)
{
    const igq_detr_shape *shape = t->shape;
    igq_graph *graph = t->graph;
    int classes = project(t, x, shape->classes + 1, "", "class_labels_classifier", IGQ_LAYER_HEAD, -1, "", "classes");
    int boxes = x;
    for (int i = 0; i < 3; i++) {
        boxes = igq_build_linear(graph, boxes, i < 2 ? shape->dim : 4, "bbox_predictor.layers.%d", i);
        igq_build_name_layer(graph, IGQ_LAYER_HEAD, -1, "boxes.fc%d", i + 1);
        boxes = igq_build_one(graph, i < 2 ? IGQ_OP_RELU : IGQ_OP_SIGMOID, boxes);
    }
    classes = igq_build_reshape(graph, classes, 3, (int64_t[]){1, shape->queries, shape->classes + 1});
    igq_build_output(graph, classes, "logits");
    igq_build_output(graph, igq_build_reshape(graph, boxes, 3, (int64_t[]){1, shape->queries, 4}), "pred_boxes");
}

// The decoder begins with zeros.
static int no_objects(igq_graph *graph, const igq_detr_shape *shape)
{
    const igq_shape dim = {.rank = 2, .dim = {shape->queries, shape->dim}};
    const float *zeros = igq_graph_take(graph, (size_t)igq_shape_elements(&dim) * sizeof *zeros);
    return zeros ? igq_graph_add_weight(graph, "", zeros, IGQ_ELEMENT_FLOAT, &dim) : -1;
}

void igq_detr_build_transformer(igq_graph *graph, int x, int positions, const igq_detr_shape *shape)
{
    int queries =
        igq_build_weight(graph, 2, (int64_t[]){shape->queries, shape->dim}, "query_position_embeddings.weight");
    const transformer t = {graph, shape, positions, queries};
    x = igq_build_reshape(graph, x, 2, (int64_t[]){shape->dim, -1});
    x = igq_build_transpose(graph, x, 2, (int64_t[]){1, 0});
    for (int i = 0; i < shape->encoder_depth; i++)
        x = encoder_block(&t, x, i);
    int memory = x;
    x = no_objects(graph, shape);
    for (int i = 0; i < shape->decoder_depth; i++)
        x = decoder_block(&t, x, memory, i);
    predict(&t, igq_build_layer_norm(graph, x, NORM_EPSILON, "decoder.layernorm"));
}

igq_graph *igq_detr_graph(const igq_detr_shape *shape)
{
    const igq_shape image =
        igq_shape_of(4, (int64_t[]){1, shape->image_channels, shape->image_height, shape->image_width});
    igq_graph *graph = igq_graph_new();
    if (!graph)
        return NULL;
    int x = igq_graph_add_input(graph, "pixel_values", IGQ_ELEMENT_FLOAT, &image);
    x = igq_detr_build_resnet(graph, x, shape->depth, STEM_WIDTH);
    x = igq_build_conv(graph, x, (igq_conv_shape){shape->dim, 1, 1, 0, 1}, "input_projection");
    igq_build_name_layer(graph, IGQ_LAYER_CONV, -1, "project");
    if (!graph->out_of_memory) {
        int height = (int)graph->value[x].shape.dim[2], width = (int)graph->value[x].shape.dim[3];
        igq_detr_build_transformer(graph, x, igq_detr_build_positions(graph, height, width, shape->dim), shape);
    }
    return igq_build_finish(graph);
}
