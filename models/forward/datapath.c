// SPDX-License-Identifier: Apache-2.0
#include "datapath.h"
#include "activation_codes.h"
#include "arena.h"
#include "fixed.h"
#include "nonlinear.h"
#include "code_product.h"
#include "zero_products.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Work space of attention: one head at a time. Transposed value codes are the weights of the context product.
typedef struct attention {
    igq_scheme_cfg scores_cfg;  // layer-wise whatever the scheme
    int16_t *qkv_fixed;         // [T][3 dim]
    int16_t *head_fixed;        // [T][head dim], or transposed
    uint16_t *one_group;        // zeros: the group of every token
    igq_activation_codes query; // [T][head dim]
    igq_code_weights key;       // [T][head dim]
    igq_code_weights value;     // [head dim][T]
    float *value_real;          // [head dim][T], for vsquant
    float *softmax;             // [T][T]
    float *context;             // [T][head dim]
} attention;

struct igq_datapath {
    const igq_vit_shape *shape;
    const igq_vit_weights *weights;
    const igq_calibration *calibration;
    igq_scheme_cfg cfg;
    igq_observer observer;
    igq_instance *instance;
    igq_code_weights *linear;           // (igq_vit_num_linear)
    igq_code_weights head_distillation; // with two prefix tokens
    igq_activation_codes act;           // of the largest tensor
    attention attention;
    float *observed; // what the observer is shown
    float *percentile_scratch;
    uint32_t *zeros_scratch; // two numbers a channel
    void *product_scratch;
};

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static igq_scheme_cfg linear_cfg(const igq_datapath *datapath, int linear)
{
    return igq_scheme_of_layer(&datapath->cfg, igq_vit_linear_kind(datapath->shape, linear));
}

/// Memory and weights ///

static void place_linear(igq_datapath *datapath, igq_arena *arena)
{
    const igq_vit_shape *shape = datapath->shape;
    int num = igq_vit_num_linear(shape);
    datapath->linear = igq_arena_take(arena, (size_t)num * sizeof *datapath->linear);
    for (int linear = 0; linear < num + (shape->prefix_tokens == 2); linear++) {
        int source = linear < num ? linear : num - 1; // the second head is shaped like the first
        igq_scheme_cfg cfg = linear_cfg(datapath, source);
        igq_code_weights placed;
        igq_code_weights_place(&placed, arena, igq_vit_linear_outputs(shape, source),
                               igq_vit_linear_channels(shape, source),
                               datapath->calibration->linear[source].weight_bits, &cfg);
        if (linear == num)
            datapath->head_distillation = placed;
        else if (datapath->linear)
            datapath->linear[linear] = placed;
    }
}

static void place_activations(igq_activation_codes *codes, igq_arena *arena, int T, int C)
{
    void *memory = igq_arena_take(arena, igq_activation_codes_size(T, C));
    if (memory)
        igq_activation_codes_init(codes, memory, T, C);
}

static void place_attention(igq_datapath *datapath, igq_arena *arena)
{
    const igq_vit_shape *shape = datapath->shape;
    attention *a = &datapath->attention;
    int T = igq_vit_tokens(shape), head_dim = shape->dim / shape->heads, bits = datapath->calibration->attn_bits;
    size_t tokens = (size_t)T, head_size = tokens * (size_t)head_dim;
    a->scores_cfg = datapath->cfg;
    a->scores_cfg.scheme = IGQ_SCHEME_LAYERWISE;
    a->qkv_fixed = igq_arena_take(arena, tokens * 3 * (size_t)shape->dim * sizeof *a->qkv_fixed);
    a->head_fixed = igq_arena_take(arena, head_size * sizeof *a->head_fixed);
    a->one_group = igq_arena_take(arena, (size_t)max_int(T, head_dim) * sizeof *a->one_group);
    a->value_real = igq_arena_take(arena, head_size * sizeof *a->value_real);
    a->softmax = igq_arena_take(arena, tokens * tokens * sizeof *a->softmax);
    a->context = igq_arena_take(arena, head_size * sizeof *a->context);
    place_activations(&a->query, arena, T, head_dim);
    igq_code_weights_place(&a->key, arena, T, head_dim, bits, &a->scores_cfg);
    igq_code_weights_place(&a->value, arena, head_dim, T, bits, &datapath->cfg);
}

static size_t largest_product_scratch(const igq_datapath *datapath)
{
    const igq_vit_shape *shape = datapath->shape;
    int tokens = igq_vit_tokens(shape), head_dim = shape->dim / shape->heads;
    size_t largest = igq_code_product_scratch(tokens, head_dim, tokens, 1, &datapath->attention.scores_cfg);
    largest = max_size(largest, igq_code_product_scratch(tokens, tokens, head_dim, 1, &datapath->cfg));
    for (int linear = 0; linear < igq_vit_num_linear(shape); linear++) {
        igq_scheme_cfg cfg = linear_cfg(datapath, linear);
        int G = igq_scheme_num_groups(&cfg, &datapath->calibration->linear[linear].act);
        largest = max_size(largest, igq_code_product_scratch(igq_vit_linear_tokens(shape, linear),
                                                             igq_vit_linear_channels(shape, linear),
                                                             igq_vit_linear_outputs(shape, linear), G, &cfg));
    }
    return largest;
}

static size_t largest_percentile_scratch(const igq_datapath *datapath)
{
    const igq_vit_shape *shape = datapath->shape;
    size_t largest = (size_t)igq_vit_tokens(shape); // values of an attention
    for (int linear = 0; linear < igq_vit_num_linear(shape); linear++)
        largest = max_size(largest, igq_weight_quantize_scratch(igq_vit_linear_outputs(shape, linear),
                                                                igq_vit_linear_channels(shape, linear),
                                                                datapath->calibration->linear[linear].weight_groups));
    return largest;
}

// Places all arrays behind the datapath itself, which comes first.
static igq_datapath *place(igq_arena *arena, const igq_datapath *settings)
{
    const igq_vit_shape *shape = settings->shape;
    int T = igq_vit_tokens(shape), widest = T;
    for (int linear = 0; linear < igq_vit_num_linear(shape); linear++)
        widest = max_int(widest, igq_vit_linear_channels(shape, linear));
    size_t tokens = (size_t)T, heads = (size_t)shape->heads;
    size_t observed = max_size(tokens * (size_t)max_int(widest, 3 * shape->dim), heads * tokens * tokens);

    igq_datapath placed = *settings;
    igq_datapath *datapath = igq_arena_take(arena, sizeof *datapath);
    place_linear(&placed, arena);
    place_activations(&placed.act, arena, T, widest);
    place_attention(&placed, arena);
    placed.observed = igq_arena_take(arena, observed * sizeof *placed.observed);
    placed.percentile_scratch = igq_arena_take(arena, largest_percentile_scratch(&placed) * sizeof(float));
    placed.zeros_scratch = igq_arena_take(arena, 2 * (size_t)widest * sizeof *placed.zeros_scratch);
    placed.product_scratch = igq_arena_take(arena, largest_product_scratch(&placed));
    if (datapath)
        *datapath = placed;
    return datapath;
}

static void quantize_linear(igq_datapath *datapath, igq_code_weights *out, const float *values, int linear)
{
    const igq_linear_calibration *calibration = &datapath->calibration->linear[linear];
    igq_scheme_cfg cfg = linear_cfg(datapath, linear);
    igq_code_weights_fill(out, values, calibration->weight_groups, calibration->weight_epsilon_pct, &cfg,
                          datapath->percentile_scratch);
}

static void quantize_weights(igq_datapath *datapath)
{
    const igq_vit_shape *shape = datapath->shape;
    int num = igq_vit_num_linear(shape);
    for (int linear = 0; linear < num; linear++)
        quantize_linear(datapath, &datapath->linear[linear],
                        igq_vit_linear_weights(datapath->weights, shape, linear)->weight, linear);
    if (shape->prefix_tokens == 2)
        quantize_linear(datapath, &datapath->head_distillation, datapath->weights->head_distillation.weight, num - 1);
}

igq_datapath *igq_datapath_new(const igq_vit_weights *weights, const igq_vit_shape *shape,
                               const igq_calibration *calibration, const igq_scheme_cfg *cfg,
                               const igq_observer *observer)
{
    igq_datapath settings = {.shape = shape, .weights = weights, .calibration = calibration, .cfg = *cfg};
    if (observer)
        settings.observer = *observer;
    igq_arena counter = {0};
    place(&counter, &settings);
    igq_arena arena = {.base = calloc(1, counter.used_bytes)};
    if (!arena.base)
        return NULL;
    igq_datapath *datapath = place(&arena, &settings);
    quantize_weights(datapath);
    return datapath;
}

void igq_datapath_free(igq_datapath *datapath)
{
    free(datapath);
}

igq_instance *igq_datapath_instance_new(const igq_datapath *datapath)
{
    igq_network *network = igq_vit_network(datapath->shape);
    igq_instance *instance = network ? igq_instance_new(network) : NULL;
    igq_network_free(network);
    return instance;
}

/// Linear layers ///

// Place of a linear layer among the layers of network.h.
static int layer_of_linear(const igq_vit_shape *shape, int linear)
{
    static const int place_in_block[4] = {0, 3, 4, 5}; // qkv, (scores, context,) proj, fc1, fc2
    if (linear == 0)
        return 0;
    if (linear == igq_vit_num_linear(shape) - 1)
        return 1 + 6 * shape->depth;
    return 1 + 6 * ((linear - 1) / 4) + place_in_block[(linear - 1) % 4];
}

static void datapath_linear(void *context, int linear, float *y, const float *x, int T)
{
    igq_datapath *datapath = context;
    const igq_vit_shape *shape = datapath->shape;
    const igq_group_bounds *bounds = &datapath->calibration->linear[linear].act;
    const igq_linear_weights *weights = igq_vit_linear_weights(datapath->weights, shape, linear);
    igq_layer_noise *noise = &datapath->instance->linear_noise[linear];
    igq_scheme_cfg cfg = linear_cfg(datapath, linear);
    int C = igq_vit_linear_channels(shape, linear), O = igq_vit_linear_outputs(shape, linear);

    *noise = (igq_layer_noise){0};
    igq_activation_codes_fill(&datapath->act, &datapath->instance->linear[linear], noise, x, T, C, IGQ_MEMBERS_CHANNELS,
                              bounds, &cfg);
    if (datapath->observer.linear_input) {
        igq_from_fixed(datapath->observed, datapath->act.fixed, (size_t)T * (size_t)C, bounds->exponent);
        datapath->observer.linear_input(datapath->observer.context, linear, datapath->observed, T, C);
    }
    int has_two_heads = igq_vit_linear_kind(shape, linear) == IGQ_LAYER_HEAD && T == 2;
    noise->overflow_count = igq_code_product(y, &datapath->act, 0, has_two_heads ? 1 : T, &datapath->linear[linear],
                                             weights->bias, bounds->exponent, &cfg, datapath->product_scratch);
    uint64_t *zero_products = &datapath->instance->zero_products[layer_of_linear(shape, linear)];
    *zero_products = igq_zero_products(&datapath->act, 0, has_two_heads ? 1 : T, IGQ_MEMBERS_CHANNELS,
                                       &datapath->linear[linear], &cfg, datapath->zeros_scratch);
    for (int c = 0; c < C; c++)
        datapath->instance->zero_weights[linear][c] = datapath->zeros_scratch[C + c] == (uint32_t)O;
    if (has_two_heads) {
        *zero_products += igq_zero_products(&datapath->act, 1, 1, IGQ_MEMBERS_CHANNELS, &datapath->head_distillation,
                                            &cfg, datapath->zeros_scratch);
        noise->overflow_count += igq_code_product(y + O, &datapath->act, 1, 1, &datapath->head_distillation,
                                                  datapath->weights->head_distillation.bias, bounds->exponent, &cfg,
                                                  datapath->product_scratch);
    }
}

/// Attention ///

// Columns first ... first + head_dim of the fixed-point qkv, packed [T][head_dim].
static void pack_head(int16_t *packed, const int16_t *qkv_fixed, int T, int head_dim, int row_length)
{
    for (int t = 0; t < T; t++)
        memcpy(packed + (size_t)t * (size_t)head_dim, qkv_fixed + (size_t)t * (size_t)row_length,
               (size_t)head_dim * sizeof *packed);
}

// The same, transposed: [head_dim][T].
static void pack_head_transposed(int16_t *packed, const int16_t *qkv_fixed, int T, int head_dim, int row_length)
{
    for (size_t t = 0; t < (size_t)T; t++)
        for (size_t i = 0; i < (size_t)head_dim; i++)
            packed[i * (size_t)T + t] = qkv_fixed[t * (size_t)row_length + i];
}

static void quantize_query(attention *a, const igq_head_calibration *head, int T, int head_dim, int bits, int exponent)
{
    igq_activation_codes *query = &a->query;
    igq_grouping_init(&query->grouping, query->grouping_memory, head_dim, 1);
    memset(query->grouping.group, 0, (size_t)head_dim * sizeof *query->grouping.group);
    igq_grouping_build(&query->grouping);
    igq_quantizers_from_bounds(query->quantizer, &query->scales, &head->q_lower, &head->q_upper, 1, bits, exponent,
                               a->scores_cfg.group_scale, a->scores_cfg.group_scale_bits);
    igq_quantize_rows(query->codes, a->head_fixed, a->one_group, query->quantizer, T, head_dim);
}

// head_fixed [O][C] as the weights of a product, with one quantizer.
static void quantize_operand(igq_code_weights *operand, const attention *a, int lower, int upper, int exponent)
{
    igq_weight_codes *codes = &operand->codes;
    igq_quantizer quantizer;
    igq_quantizer_from_bounds(&quantizer, lower, upper, operand->bits);
    igq_quantize_rows(codes->codes, a->head_fixed, a->one_group, &quantizer, operand->O, operand->C);
    for (int o = 0; o < operand->O; o++) {
        codes->zero_point[o] = (uint8_t)quantizer.zero_point;
        codes->scale[o] = (float)ldexp(quantizer.step_grid, exponent);
    }
    igq_weight_codes_pack(codes);
}

// a->softmax [T][T] of one head. Returns the saturated sums.
static uint64_t head_scores(igq_datapath *datapath, const igq_head_calibration *head, const int16_t *q, int T,
                            int exponent)
{
    const igq_calibration *calibration = datapath->calibration;
    attention *a = &datapath->attention;
    int dim = datapath->shape->dim, head_dim = dim / datapath->shape->heads;
    pack_head(a->head_fixed, q, T, head_dim, 3 * dim);
    quantize_query(a, head, T, head_dim, calibration->attn_bits, exponent);
    pack_head(a->head_fixed, q + dim, T, head_dim, 3 * dim);
    quantize_operand(&a->key, a, head->k_lower, head->k_upper, exponent);
    uint64_t overflow_count = igq_code_product(a->softmax, &a->query, 0, T, &a->key, NULL, exponent, &a->scores_cfg,
                                               datapath->product_scratch);
    float scale = 1.0f / sqrtf((float)head_dim);
    for (size_t i = 0; i < (size_t)T * (size_t)T; i++)
        a->softmax[i] *= scale;
    igq_softmax_rows(a->softmax, T, T);
    return overflow_count;
}

// a->context [T][head_dim] = softmax codes (in datapath->act) times v. Returns the saturated sums.
static uint64_t head_context(igq_datapath *datapath, const igq_head_calibration *head, const int16_t *v, int T,
                             int exponent)
{
    attention *a = &datapath->attention;
    int dim = datapath->shape->dim, head_dim = dim / datapath->shape->heads;
    pack_head_transposed(a->head_fixed, v, T, head_dim, 3 * dim);
    if (datapath->cfg.scheme == IGQ_SCHEME_VSQUANT) {
        igq_from_fixed(a->value_real, a->head_fixed, (size_t)T * (size_t)head_dim, exponent);
        igq_code_weights_fill(&a->value, a->value_real, 0, 0, &datapath->cfg, datapath->percentile_scratch);
    } else {
        quantize_operand(&a->value, a, head->v_lower, head->v_upper, exponent);
    }
    return igq_code_product_rows(a->context, &datapath->act, T, &a->value, IGQ_SOFTMAX_EXPONENT, &datapath->cfg,
                                 datapath->product_scratch);
}

static void datapath_attention(void *context, int block, float *out, const float *qkv, int T)
{
    igq_datapath *datapath = context;
    const igq_calibration *calibration = datapath->calibration;
    attention *a = &datapath->attention;
    igq_layer_noise *noise = &datapath->instance->softmax_noise[block];
    int dim = datapath->shape->dim, heads = datapath->shape->heads, head_dim = dim / heads;
    int exponent = calibration->qkv_exponent[block];
    size_t qkv_size = (size_t)T * 3 * (size_t)dim, matrix = (size_t)T * (size_t)T;

    uint64_t *scores_zeros = &datapath->instance->zero_products[2 + 6 * block], *context_zeros = scores_zeros + 1;
    *scores_zeros = *context_zeros = 0;
    *noise = (igq_layer_noise){0};
    noise->saturated_count = igq_to_fixed(a->qkv_fixed, qkv, qkv_size, exponent);
    if (datapath->observer.qkv) {
        igq_from_fixed(datapath->observed, a->qkv_fixed, qkv_size, exponent);
        datapath->observer.qkv(datapath->observer.context, block, datapath->observed, T);
    }
    for (int h = 0; h < heads; h++) {
        const igq_head_calibration *head = &calibration->head[block * heads + h];
        noise->overflow_count += head_scores(datapath, head, a->qkv_fixed + h * head_dim, T, exponent);
        *scores_zeros +=
            igq_zero_products(&a->query, 0, T, IGQ_MEMBERS_CHANNELS, &a->key, &a->scores_cfg, datapath->zeros_scratch);
        igq_activation_codes_fill(&datapath->act, &datapath->instance->softmax[block * heads + h], noise, a->softmax, T,
                                  T, IGQ_MEMBERS_ROWS, &head->softmax, &datapath->cfg);
        if (datapath->observer.softmax)
            igq_from_fixed(datapath->observed + (size_t)h * matrix, datapath->act.fixed, matrix, IGQ_SOFTMAX_EXPONENT);
        noise->overflow_count += head_context(datapath, head, a->qkv_fixed + 2 * dim + h * head_dim, T, exponent);
        *context_zeros += igq_zero_products(&datapath->act, 0, T, IGQ_MEMBERS_ROWS, &a->value, &datapath->cfg,
                                            datapath->zeros_scratch);
        for (int t = 0; t < T; t++)
            memcpy(out + (size_t)t * (size_t)dim + h * head_dim, a->context + (size_t)t * (size_t)head_dim,
                   (size_t)head_dim * sizeof *out);
    }
    if (datapath->observer.softmax)
        datapath->observer.softmax(datapath->observer.context, block, datapath->observed, heads, T);
}

igq_engine igq_datapath_engine(igq_datapath *datapath, igq_instance *instance)
{
    datapath->instance = instance;
    instance->executed = 1;
    return (igq_engine){.context = datapath, .linear = datapath_linear, .attention = datapath_attention};
}

/// Traces ///

void igq_observe_linear(igq_range *range, igq_layer_noise *noise, const float *x, int T, int C,
                        const igq_group_bounds *bounds, const igq_scheme_cfg *cfg, void *scratch)
{
    igq_activation_codes codes;
    igq_activation_codes_init(&codes, scratch, T, C);
    *noise = (igq_layer_noise){0};
    igq_activation_codes_fill(&codes, range, noise, x, T, C, IGQ_MEMBERS_CHANNELS, bounds, cfg);
}

void igq_observe_softmax(igq_range *range, igq_layer_noise *noise, const float *softmax, int T,
                         const igq_group_bounds *bounds, const igq_scheme_cfg *cfg, void *scratch)
{
    igq_activation_codes codes;
    igq_activation_codes_init(&codes, scratch, T, T);
    igq_activation_codes_fill(&codes, range, noise, softmax, T, T, IGQ_MEMBERS_ROWS, bounds, cfg);
}

size_t igq_observe_scratch(int T, int C)
{
    return igq_activation_codes_size(T, C);
}
