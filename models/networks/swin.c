// SPDX-License-Identifier: Apache-2.0
#include "swin.h"
#include "graph_build.h"
#include "layer_name.h"

#define EPSILON 1e-5     // of every LayerNorm
#define FORBIDDEN -100.f // added to scores of tokens that are no neighbours in the image

static int ceil_div(int numerator, int denominator)
{
    return (numerator + denominator - 1) / denominator;
}

// A stage, and what its blocks share.
typedef struct stage {
    igq_graph *graph;
    const igq_swin_shape *shape;
    igq_feature_map map;
    int number;                    // of the stage
    int rows, columns;             // of windows
    int shift_rows, shift_columns; // of every other block; 0 where one window is all there is
    int index;                     // [T * T] of the table of relative positions
    int mask;                      // [windows][1][T][T] of shifted blocks; -1: nothing is shifted
} stage;

/// Constants ///

// Of query q and key k of a window, the row of the table.
static int relative_index(igq_graph *graph, int window)
{
    int tokens = window * window, side = 2 * window - 1;
    int64_t *index = igq_graph_take(graph, (size_t)tokens * (size_t)tokens * sizeof *index);
    const igq_shape shape = {.rank = 1, .dim = {(int64_t)tokens * tokens}};
    for (int q = 0; index && q < tokens; q++)
        for (int k = 0; k < tokens; k++)
            index[q * tokens + k] =
                (q / window - k / window + window - 1) * side + q % window - k % window + window - 1;
    return index ? igq_graph_add_weight(graph, "", index, IGQ_ELEMENT_INT, &shape) : -1;
}

// Which of the three parts of a shifted dimension a place lies in.
static int part_of(int place, int size, int window, int shift)
{
    return shift == 0 || place < size - window ? 0 : place < size - shift ? 1 : 2;
}

static int shift_mask(const stage *s)
{
    int window = s->shape->window_size, tokens = window * window, windows = s->rows * s->columns;
    int height = s->rows * window, width = s->columns * window;
    if (s->shift_rows == 0 && s->shift_columns == 0)
        return -1;
    float *mask = igq_graph_take(s->graph, (size_t)windows * (size_t)tokens * (size_t)tokens * sizeof *mask),
          *next = mask;
    const igq_shape shape = igq_shape_of(4, (int64_t[]){windows, 1, tokens, tokens});
    for (int w = 0; mask && w < windows; w++)
        for (int q = 0; q < tokens; q++)
            for (int k = 0; k < tokens; k++) {
                int part[2];
                for (int i = 0; i < 2; i++) {
                    int token = i ? k : q, row = w / s->columns * window + token / window;
                    int column = w % s->columns * window + token % window;
                    part[i] = 3 * part_of(row, height, window, s->shift_rows) +
                              part_of(column, width, window, s->shift_columns);
                }
                *next++ = part[0] == part[1] ? 0 : FORBIDDEN;
            }
    return mask ? igq_graph_add_weight(s->graph, "", mask, IGQ_ELEMENT_FLOAT, &shape) : -1;
}

/// Windows ///

// [H][W][C] whose rows (axis 0) or columns (axis 1) begin with entry `shift`, those before it at the end.
static int roll(const stage *s, int x, int axis, int size, int shift)
{
    if (shift == 0)
        return x;
    const int parts[] = {igq_build_slice(s->graph, x, axis, shift, size - shift),
                         igq_build_slice(s->graph, x, axis, 0, shift)};
    return igq_build(s->graph, IGQ_OP_CONCAT, (igq_attributes){.axis = axis}, 2, parts);
}

// [height][width][C] to rows of windows, [windows * tokens][C]; padded with zeros at the bottom and on the right.
static int cut_windows(const stage *s, int x, int is_shifted)
{
    int window = s->shape->window_size, height = s->rows * window, width = s->columns * window;
    int64_t C = s->map.channels;
    igq_attributes pad = {.num_ints = 6, .ints = {0, 0, 0, height - s->map.height, width - s->map.width, 0}};
    if (height != s->map.height || width != s->map.width)
        x = igq_build(s->graph, IGQ_OP_PAD, pad, 1, &x);
    if (is_shifted) {
        x = roll(s, x, 0, height, s->shift_rows);
        x = roll(s, x, 1, width, s->shift_columns);
    }
    x = igq_build_reshape(s->graph, x, 5, (int64_t[]){s->rows, window, s->columns, window, C});
    x = igq_build_transpose(s->graph, x, 5, (int64_t[]){0, 2, 1, 3, 4});
    return igq_build_reshape(s->graph, x, 2, (int64_t[]){(int64_t)height * width, C});
}

static int join_windows(const stage *s, int x, int is_shifted)
{
    int window = s->shape->window_size, height = s->rows * window, width = s->columns * window;
    int64_t C = s->map.channels;
    x = igq_build_reshape(s->graph, x, 5, (int64_t[]){s->rows, s->columns, window, window, C});
    x = igq_build_transpose(s->graph, x, 5, (int64_t[]){0, 2, 1, 3, 4});
    x = igq_build_reshape(s->graph, x, 3, (int64_t[]){height, width, C});
    if (is_shifted) {
        x = roll(s, x, 0, height, s->shift_rows ? height - s->shift_rows : 0);
        x = roll(s, x, 1, width, s->shift_columns ? width - s->shift_columns : 0);
    }
    if (height != s->map.height)
        x = igq_build_slice(s->graph, x, 0, 0, s->map.height);
    return width != s->map.width ? igq_build_slice(s->graph, x, 1, 0, s->map.width) : x;
}

/// Blocks ///

// [heads][T][T], from the table of a block.
static int relative_bias(const stage *s, const char *module, int heads)
{
    int window = s->shape->window_size, tokens = window * window, side = 2 * window - 1;
    int table =
        igq_build_weight(s->graph, 2, (int64_t[]){side * side, heads}, "%sattn.relative_position_bias_table", module);
    int bias = igq_build(s->graph, IGQ_OP_GATHER, (igq_attributes){.axis = 0}, 2, (int[]){table, s->index});
    bias = igq_build_reshape(s->graph, bias, 3, (int64_t[]){tokens, tokens, heads});
    return igq_build_transpose(s->graph, bias, 3, (int64_t[]){2, 0, 1});
}

static int attend(const stage *s, int x, const char *module, int block, int is_shifted)
{
    igq_graph *graph = s->graph;
    int dim = s->map.channels, heads = dim / s->shape->head_dim, windows = s->rows * s->columns;
    char name[IGQ_LAYER_NAME_BYTES];
    igq_build_block_name(name, block);
    int qkv = igq_build_linear(graph, cut_windows(s, x, is_shifted), 3 * dim, "%sattn.qkv", module);
    igq_build_name_as_kind(graph, IGQ_LAYER_QKV, block);
    const igq_attention_inputs parts = {
        .q = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, 0, dim), windows, heads),
        .k = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, dim, dim), windows, heads),
        .v = igq_build_split_heads(graph, igq_build_slice(graph, qkv, 1, 2 * dim, dim), windows, heads),
        .bias = relative_bias(s, module, heads),
        .mask = is_shifted ? s->mask : -1,
        .block = block,
        .name = name};
    int out = igq_build_linear(graph, igq_build_attention(graph, &parts), dim, "%sattn.proj", module);
    igq_build_name_as_kind(graph, IGQ_LAYER_PROJ, block);
    return join_windows(s, out, is_shifted);
}

static int mlp(const stage *s, int x, const char *module, int block)
{
    igq_graph *graph = s->graph;
    int dim = s->map.channels;
    x = igq_build_reshape(graph, x, 2, (int64_t[]){(int64_t)s->map.height * s->map.width, dim});
    x = igq_build_linear(graph, x, (int64_t)s->shape->mlp_ratio * dim, "%smlp.fc1", module);
    igq_build_name_as_kind(graph, IGQ_LAYER_FC1, block);
    x = igq_build_linear(graph, igq_build_one(graph, IGQ_OP_GELU, x), dim, "%smlp.fc2", module);
    igq_build_name_as_kind(graph, IGQ_LAYER_FC2, block);
    return igq_build_reshape(graph, x, 3, (int64_t[]){s->map.height, s->map.width, dim});
}

static int build_block(const stage *s, int x, int number, int block)
{
    char module[IGQ_WEIGHT_NAME_BYTES];
    igq_graph *graph = s->graph;
    igq_format_name(module, sizeof module, "layers.%d.blocks.%d.", s->number, number);
    int normed = igq_build_layer_norm(graph, x, EPSILON, "%snorm1", module);
    x = igq_build_two(graph, IGQ_OP_ADD, x, attend(s, normed, module, block, number % 2));
    normed = igq_build_layer_norm(graph, x, EPSILON, "%snorm2", module);
    return igq_build_two(graph, IGQ_OP_ADD, x, mlp(s, normed, module, block));
}

/// Between stages ///

static void embed(igq_feature_map *map, igq_graph *graph, const igq_swin_shape *shape)
{
    int patch = shape->patch_size;
    const igq_shape image =
        igq_shape_of(4, (int64_t[]){1, shape->image_channels, shape->image_height, shape->image_width});
    *map = (igq_feature_map){.height = ceil_div(shape->image_height, patch),
                             .width = ceil_div(shape->image_width, patch),
                             .channels = shape->dim};
    int x = igq_graph_add_input(graph, "pixel_values", IGQ_ELEMENT_FLOAT, &image);
    int below = map->height * patch - shape->image_height, right = map->width * patch - shape->image_width;
    if (below > 0 || right > 0)
        x = igq_build(graph, IGQ_OP_PAD, (igq_attributes){.num_ints = 8, .ints = {0, 0, 0, 0, 0, 0, below, right}}, 1,
                      &x);
    x = igq_build_conv(graph, x, (igq_conv_shape){map->channels, patch, patch, 0, 1}, "patch_embed.proj");
    igq_build_name_as_kind(graph, IGQ_LAYER_PATCH_EMBED, -1);
    x = igq_build_reshape(graph, x, 3, (int64_t[]){map->channels, map->height, map->width});
    x = igq_build_transpose(graph, x, 3, (int64_t[]){1, 2, 0});
    map->value = igq_build_layer_norm(graph, x, EPSILON, "patch_embed.norm");
}

// Four neighbouring tokens become one of twice the channels; a last odd row or column is padded. Their channels stand
// in the order of the published code: even rows, odd rows, each of the even columns, then of the odd ones.
static void merge(igq_feature_map *map, igq_graph *graph, int number)
{
    int height = ceil_div(map->height, 2), width = ceil_div(map->width, 2), C = map->channels, x = map->value;
    const igq_attributes pad = {.num_ints = 6, .ints = {0, 0, 0, 2 * height - map->height, 2 * width - map->width, 0}};
    if (2 * height != map->height || 2 * width != map->width)
        x = igq_build(graph, IGQ_OP_PAD, pad, 1, &x);
    x = igq_build_reshape(graph, x, 5, (int64_t[]){height, 2, width, 2, C});
    x = igq_build_transpose(graph, x, 5, (int64_t[]){0, 2, 3, 1, 4});
    x = igq_build_reshape(graph, x, 2, (int64_t[]){(int64_t)height * width, 4 * C});
    x = igq_build_layer_norm(graph, x, EPSILON, "layers.%d.downsample.norm", number);
    const int inputs[] = {
        x, igq_build_weight(graph, 2, (int64_t[]){2 * C, 4 * C}, "layers.%d.downsample.reduction.weight", number)};
    x = igq_build(graph, IGQ_OP_LINEAR, (igq_attributes){0}, 2, inputs);
    igq_build_name_layer(graph, IGQ_LAYER_MERGE, -1, "s%d.merge", number);
    x = igq_build_reshape(graph, x, 3, (int64_t[]){height, width, 2 * C});
    *map = (igq_feature_map){.height = height, .width = width, .channels = 2 * C, .value = x};
}

static stage start_stage(igq_graph *graph, const igq_swin_shape *shape, const igq_feature_map *map, int number)
{
    int window = shape->window_size;
    stage s = {.graph = graph, .shape = shape, .map = *map, .number = number};
    s.rows = ceil_div(map->height, window);
    s.columns = ceil_div(map->width, window);
    s.shift_rows = s.rows > 1 ? window / 2 : 0;
    s.shift_columns = s.columns > 1 ? window / 2 : 0;
    s.index = relative_index(graph, window);
    s.mask = shape->depth[number] > 1 ? shift_mask(&s) : -1;
    return s;
}

void igq_swin_build_stages(igq_feature_map result[IGQ_SWIN_STAGES], igq_graph *graph, const igq_swin_shape *shape)
{
    igq_feature_map map;
    int block = 0;
    embed(&map, graph, shape);
    for (int number = 0; number < IGQ_SWIN_STAGES; number++) {
        if (number > 0)
            merge(&map, graph, number);
        const stage s = start_stage(graph, shape, &map, number);
        for (int i = 0; i < shape->depth[number]; i++)
            map.value = build_block(&s, map.value, i, block++);
        result[number] = map;
    }
}

igq_graph *igq_swin_graph(const igq_swin_shape *shape)
{
    igq_feature_map map[IGQ_SWIN_STAGES];
    const igq_feature_map *last = &map[IGQ_SWIN_STAGES - 1];
    igq_graph *graph = igq_graph_new();
    if (!graph)
        return NULL;
    igq_swin_build_stages(map, graph, shape);
    int x =
        igq_build_reshape(graph, last->value, 3, (int64_t[]){1, (int64_t)last->height * last->width, last->channels});
    x = igq_build_layer_norm(graph, x, EPSILON, "norm");
    x = igq_build(graph, IGQ_OP_MEAN, (igq_attributes){.num_ints = 1, .ints = {1}}, 1, &x);
    x = igq_build_linear(graph, x, shape->classes, "head.fc");
    igq_build_name_as_kind(graph, IGQ_LAYER_HEAD, -1);
    igq_build_output(graph, x, "logits");
    return igq_build_finish(graph);
}
