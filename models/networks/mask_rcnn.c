// SPDX-License-Identifier: Apache-2.0
#include "mask_rcnn.h"
#include "graph_build.h"
#include "layer_name.h"

#define EPSILON 1e-5 // of LayerNorms behind the stages of the backbone
enum { LEVELS = IGQ_SWIN_STAGES, NAME_BYTES = 32 };

// Maps [1][channels][height][width], the finest first; the stride of the first is that of patches.
typedef struct pyramid {
    igq_graph *graph;
    const igq_mask_rcnn_shape *shape;
    int map[LEVELS];
} pyramid;

static int convolve(igq_graph *graph, int x, igq_layer_kind kind, const char *layer, int outputs, int kernel,
                    const char *module)
{
    x = igq_build_conv(graph, x, (igq_conv_shape){outputs, kernel, 1, kernel / 2, 1}, "%s", module);
    igq_build_name_layer(graph, kind, -1, "%s", layer);
    return x;
}

static int upsample_as(igq_graph *graph, int x, int as)
{
    if (graph->out_of_memory)
        return -1;
    const igq_shape *shape = &graph->value[as].shape;
    igq_attributes with = {.num_ints = 4};
    for (int i = 0; i < 4; i++)
        with.ints[i] = shape->dim[i];
    return igq_build(graph, IGQ_OP_RESIZE, with, 1, &x);
}

static int as_image(igq_graph *graph, const igq_feature_map *map, int level)
{
    int x = igq_build_layer_norm(graph, map->value, EPSILON, "norm%d", level);
    x = igq_build_transpose(graph, x, 3, (int64_t[]){2, 0, 1});
    return igq_build_reshape(graph, x, 4, (int64_t[]){1, map->channels, map->height, map->width});
}

// Lateral convolutions, the coarsest first; each finer map is added to the one above it, upsampled. Then a convolution
// on each.
static pyramid build_pyramid(igq_graph *graph, const igq_mask_rcnn_shape *shape, const igq_feature_map map[LEVELS])
{
    pyramid p = {.graph = graph, .shape = shape};
    int lateral[LEVELS], channels = shape->fpn_channels;
    char layer[NAME_BYTES], module[IGQ_WEIGHT_NAME_BYTES];
    for (int s = LEVELS - 1; s >= 0; s--) {
        igq_format_name(layer, sizeof layer, "p%d.lateral", s + 2);
        igq_format_name(module, sizeof module, "neck.lateral_convs.%d.conv", s);
        int x = convolve(graph, as_image(graph, &map[s], s), IGQ_LAYER_FPN, layer, channels, 1, module);
        lateral[s] = s < LEVELS - 1 ? igq_build_two(graph, IGQ_OP_ADD, x, upsample_as(graph, lateral[s + 1], x)) : x;
    }
    for (int s = 0; s < LEVELS; s++) {
        igq_format_name(layer, sizeof layer, "p%d.output", s + 2);
        igq_format_name(module, sizeof module, "neck.fpn_convs.%d.conv", s);
        p.map[s] = convolve(graph, lateral[s], IGQ_LAYER_FPN, layer, channels, 3, module);
    }
    return p;
}

/// Region proposals ///

// The weights of the head, which looks at all levels.
typedef struct rpn_weights {
    int conv[2], predict[2]; // weight, bias
} rpn_weights;

static int convolve_shared(igq_graph *graph, int x, int kernel, const int weights[2])
{
    const igq_attributes with = {
        .stride = {1, 1}, .pad = {kernel / 2, kernel / 2, kernel / 2, kernel / 2}, .dilation = {1, 1}, .groups = 1};
    return igq_build(graph, IGQ_OP_CONV, with, 3, (int[]){x, weights[0], weights[1]});
}

static int propose(const pyramid *p, int x, const rpn_weights *weights, int level)
{
    x = convolve_shared(p->graph, x, 3, weights->conv);
    igq_build_name_layer(p->graph, IGQ_LAYER_RPN, -1, "rpn.p%d.conv", level);
    x = convolve_shared(p->graph, igq_build_one(p->graph, IGQ_OP_RELU, x), 1, weights->predict);
    igq_build_name_layer(p->graph, IGQ_LAYER_HEAD, -1, "rpn.p%d.predict", level);
    return x;
}

// Whether there is an object, and the four sides of its box, at each pixel of each level; the fifth is every other
// pixel of the fourth.
static void build_region_proposals(int result[LEVELS + 1], const pyramid *p)
{
    igq_graph *graph = p->graph;
    int64_t channels = p->shape->fpn_channels, sides = 5 * p->shape->anchors;
    const rpn_weights weights = {
        .conv = {igq_build_weight(graph, 4, (int64_t[]){channels, channels, 3, 3}, "rpn_head.rpn_conv.weight"),
                 igq_build_weight(graph, 1, &channels, "rpn_head.rpn_conv.bias")},
        .predict = {igq_build_weight(graph, 4, (int64_t[]){sides, channels, 1, 1}, "rpn_head.{rpn_cls,rpn_reg}.weight"),
                    igq_build_weight(graph, 1, &sides, "rpn_head.{rpn_cls,rpn_reg}.bias")}};
    const igq_attributes every_other = {.kernel = {1, 1}, .stride = {2, 2}, .dilation = {1, 1}};
    for (int s = 0; s < LEVELS; s++)
        result[s] = propose(p, p->map[s], &weights, s + 2);
    int coarsest = igq_build(graph, IGQ_OP_MAX_POOL, every_other, 1, &p->map[LEVELS - 1]);
    result[LEVELS] = propose(p, coarsest, &weights, LEVELS + 2);
}

/// Regions ///

// A number below 1, the same on every machine.
static float next_share(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) * 0x1p-24f;
}

// Of `num` regions those of a level, [..][4] (left, top, right, bottom in pixels of the image), in squares whose sides
// are what the level is for: 56 to 112 pixels on the finest, twice as much on the next.
static int draw_regions(const pyramid *p, int num, int level, uint32_t state)
{
    enum { FINEST_SIDE = 56 };
    const igq_swin_shape *image = &p->shape->backbone;
    int first = num * level / LEVELS, own = num * (level + 1) / LEVELS - first;
    const igq_shape shape = {.rank = 2, .dim = {own, 4}};
    float *box = igq_graph_take(p->graph, (size_t)own * 4 * sizeof *box), width = (float)image->image_width;
    float height = (float)image->image_height;
    for (int i = 0; box && i < own; i++) {
        float side = (float)(FINEST_SIDE << level) * (1 + next_share(&state));
        float across = side < width ? side : width, down = side < height ? side : height;
        box[4 * i] = next_share(&state) * (width - across);
        box[4 * i + 1] = next_share(&state) * (height - down);
        box[4 * i + 2] = box[4 * i] + across;
        box[4 * i + 3] = box[4 * i + 1] + down;
    }
    return box ? igq_graph_add_weight(p->graph, "", box, IGQ_ELEMENT_FLOAT, &shape) : -1;
}

// [num][channels][size][size] of the pyramid.
static int look_at_regions(const pyramid *p, int num, int size, uint32_t seed)
{
    int part[LEVELS];
    for (int s = 0; s < LEVELS; s++) {
        const igq_attributes with = {.kernel = {size, size}, .alpha = 1.0 / (p->shape->backbone.patch_size << s)};
        const int inputs[] = {p->map[s], draw_regions(p, num, s, seed + (uint32_t)s)};
        part[s] = igq_build(p->graph, IGQ_OP_ROI_ALIGN, with, 2, inputs);
    }
    return igq_build(p->graph, IGQ_OP_CONCAT, (igq_attributes){.axis = 0}, LEVELS, part);
}

/// Heads ///

// `stage`: "", or its number in a cascade from 1; `module`: "", or its number from 0 and a dot.
typedef struct head {
    char stage[12], module[12];
} head;

// The first fully connected layer is a convolution over the whole region. Classes with background, and a box for each
// class.
static void build_box_head(const pyramid *p, const head *h, int regions)
{
    igq_graph *graph = p->graph;
    const igq_mask_rcnn_shape *shape = p->shape;
    char layer[NAME_BYTES], module[IGQ_WEIGHT_NAME_BYTES];
    int x = regions, classes = shape->backbone.classes,
        values = shape->box_size * shape->box_size * shape->fpn_channels;
    for (int i = 0; i < shape->box_convs; i++) {
        igq_format_name(layer, sizeof layer, "box%s.conv%d", h->stage, i + 1);
        igq_format_name(module, sizeof module, "roi_head.bbox_head.%sshared_convs.%d.conv", h->module, i);
        x = convolve(graph, x, IGQ_LAYER_BOX, layer, shape->fpn_channels, 3, module);
        x = igq_build_one(graph, IGQ_OP_RELU, x);
    }
    x = igq_build_reshape(graph, x, 2, (int64_t[]){shape->proposals, values});
    for (int i = 0; i < shape->box_fcs; i++) {
        x = igq_build_linear(graph, x, shape->box_fc_dim, "roi_head.bbox_head.%sshared_fcs.%d", h->module, i);
        igq_build_name_layer(graph, IGQ_LAYER_BOX, -1, "box%s.fc%d", h->stage, i + 1);
        x = igq_build_one(graph, IGQ_OP_RELU, x);
    }
    x = igq_build_linear(graph, x, classes + 1 + 4 * classes, "roi_head.bbox_head.%s{fc_cls,fc_reg}", h->module);
    igq_build_name_layer(graph, IGQ_LAYER_HEAD, -1, "box%s.predict", h->stage);
    igq_build_output(graph, igq_build_slice(graph, x, 1, 0, classes + 1), "class_logits%s", h->stage);
    igq_build_output(graph, igq_build_slice(graph, x, 1, classes + 1, 4 * (int64_t)classes), "box_deltas%s", h->stage);
}

// A transposed convolution of 2 x 2 at stride 2 as a product with four outputs for each pixel: [N][C][S][S] to
// [N][C][2 S][2 S].
static int double_resolution(const pyramid *p, const head *h, int x)
{
    igq_graph *graph = p->graph;
    int64_t num = p->shape->detections, C = p->shape->fpn_channels, size = p->shape->mask_size;
    x = igq_build_transpose(graph, x, 4, (int64_t[]){0, 2, 3, 1});
    x = igq_build_reshape(graph, x, 2, (int64_t[]){num * size * size, C});
    int weight = igq_build_weight(graph, 2, (int64_t[]){C, 4 * C}, "roi_head.mask_head.%supsample.weight", h->module);
    x = igq_build_two(graph, IGQ_OP_MATMUL, x, weight);
    igq_build_name_layer(graph, IGQ_LAYER_MASK, -1, "mask%s.upsample", h->stage);
    x = igq_build_reshape(graph, x, 6, (int64_t[]){num, size, size, C, 2, 2});
    x = igq_build_transpose(graph, x, 6, (int64_t[]){0, 3, 1, 4, 2, 5});
    x = igq_build_reshape(graph, x, 4, (int64_t[]){num, C, 2 * size, 2 * size});
    int bias = igq_build_weight(graph, 1, &C, "roi_head.mask_head.%supsample.bias", h->module);
    return igq_build_two(graph, IGQ_OP_ADD, x, igq_build_reshape(graph, bias, 3, (int64_t[]){C, 1, 1}));
}

static void build_mask_head(const pyramid *p, const head *h, int regions)
{
    igq_graph *graph = p->graph;
    const igq_mask_rcnn_shape *shape = p->shape;
    char layer[NAME_BYTES], module[IGQ_WEIGHT_NAME_BYTES];
    int x = regions;
    for (int i = 0; i < shape->mask_convs; i++) {
        igq_format_name(layer, sizeof layer, "mask%s.conv%d", h->stage, i + 1);
        igq_format_name(module, sizeof module, "roi_head.mask_head.%sconvs.%d.conv", h->module, i);
        x = convolve(graph, x, IGQ_LAYER_MASK, layer, shape->fpn_channels, 3, module);
        x = igq_build_one(graph, IGQ_OP_RELU, x);
    }
    x = igq_build_one(graph, IGQ_OP_RELU, double_resolution(p, h, x));
    igq_format_name(layer, sizeof layer, "mask%s.predict", h->stage);
    igq_format_name(module, sizeof module, "roi_head.mask_head.%sconv_logits", h->module);
    x = convolve(graph, x, IGQ_LAYER_HEAD, layer, shape->backbone.classes, 1, module);
    igq_build_output(graph, x, "masks%s", h->stage);
}

igq_graph *igq_mask_rcnn_graph(const igq_mask_rcnn_shape *shape)
{
    enum { PROPOSALS = 1, DETECTIONS = 101 }; // seeds
    igq_feature_map map[LEVELS];
    int proposed[LEVELS + 1];
    igq_graph *graph = igq_graph_new();
    if (!graph)
        return NULL;
    igq_swin_build_stages(map, graph, &shape->backbone);
    const pyramid p = build_pyramid(graph, shape, map);
    build_region_proposals(proposed, &p);
    int proposals = look_at_regions(&p, shape->proposals, shape->box_size, PROPOSALS);
    int detections = look_at_regions(&p, shape->detections, shape->mask_size, DETECTIONS);
    for (int i = 0; i < shape->cascade_stages; i++) {
        head h = {.stage = "", .module = ""};
        if (shape->cascade_stages > 1) {
            igq_format_name(h.stage, sizeof h.stage, "%d", i + 1);
            igq_format_name(h.module, sizeof h.module, "%d.", i);
        }
        build_box_head(&p, &h, proposals);
        build_mask_head(&p, &h, detections);
    }
    for (int level = 0; level <= LEVELS; level++)
        igq_build_output(graph, proposed[level], "rpn.p%d", level + 2);
    return igq_build_finish(graph);
}
