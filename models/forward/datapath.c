// SPDX-License-Identifier: Apache-2.0
#include "datapath.h"
#include "activation_codes.h"
#include "arena.h"
#include "fixed.h"
#include "code_product.h"
#include "zero_products.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Work space of attention: one product at a time. Transposed value codes are the weights of the context product.
typedef struct attention {
    igq_scheme_cfg scores_cfg;  // layer-wise whatever the scheme
    igq_scheme_cfg context_cfg; // the scheme, and values coded as it codes activations
    int16_t *fixed;             // query [T][C], key [O][C] or value, turned, [O][C]
    uint16_t *one_group;        // zeros: the group of every token
    float *turned;              // key or value [O][C]
    igq_activation_codes query;
    igq_code_weights operand; // key or value of the layer at hand
} attention;

struct igq_datapath {
    const igq_products *products;
    const igq_calibration *calibration;
    igq_scheme_cfg cfg;
    igq_observer observer;
    int has_observer;
    igq_instance *instance;
    const int *tile_channels;      // (num_layers), NULL: all
    igq_code_weights (*linear)[2]; // (num_linear) one for each set of weights
    void *act_memory, *operand_memory;
    igq_activation_codes act;
    attention attention;
    float *observed; // what the observer is shown
    float *percentile_scratch;
    uint32_t *zeros_scratch; // two numbers a channel
    void *product_scratch;
};

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/// Memory and weights ///

static igq_scheme_cfg layer_cfg(const igq_datapath *datapath, const igq_layer *layer)
{
    if (layer->linear >= 0 || layer->kind == IGQ_LAYER_SCORES)
        return igq_scheme_of_layer(&datapath->cfg, layer->kind);
    return igq_scheme_of_layer(&datapath->cfg, IGQ_LAYER_CONTEXT);
}

static void place_linear(igq_datapath *datapath, igq_arena *arena)
{
    const igq_network *network = datapath->products->network;
    datapath->linear = igq_arena_take(arena, (size_t)network->num_linear * sizeof *datapath->linear);
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        igq_scheme_cfg cfg = layer_cfg(datapath, layer);
        for (int set = 0; set < datapath->products->product[k].num_sets; set++) {
            igq_code_weights placed;
            if (layer->like >= 0) { // quantized once
                if (datapath->linear)
                    datapath->linear[layer->linear][set] = datapath->linear[network->layer[layer->like].linear][set];
                continue;
            }
            igq_code_weights_place(&placed, arena, layer->O, layer->C,
                                   datapath->calibration->linear[layer->linear].weight_bits, &cfg);
            if (datapath->linear)
                datapath->linear[layer->linear][set] = placed;
        }
    }
}

// Keys and values as weights, placed anew for each layer in the same memory.
static void place_operand(igq_datapath *datapath, igq_arena *arena, const igq_layer *layer)
{
    igq_scheme_cfg cfg = layer_cfg(datapath, layer);
    igq_code_weights_place(&datapath->attention.operand, arena, layer->O, layer->C, datapath->calibration->attn_bits,
                           &cfg);
}

static int is_packed(const igq_product_weights *weights, int C)
{
    return weights->output_stride == (size_t)C && weights->channel_stride == 1;
}

// What the largest layers need.
typedef struct sizes {
    size_t act_bytes, query_bytes, operand_bytes, product_bytes;
    size_t matrix, tokens, channels, observed, percentile; // elements
} sizes;

static sizes sizes_of(igq_datapath *datapath)
{
    sizes most = {0};
    for (int k = 0; k < datapath->products->network->num_layers; k++) {
        const igq_layer *layer = &datapath->products->network->layer[k];
        size_t T = (size_t)layer->T, C = (size_t)layer->C, O = (size_t)layer->O;
        igq_scheme_cfg cfg = layer_cfg(datapath, layer);
        int G = 1;
        most.channels = max_size(most.channels, max_size(C, T));
        most.tokens = max_size(most.tokens, max_size(T, O));
        most.act_bytes = max_size(most.act_bytes, igq_activation_codes_size(layer->T, layer->C));
        most.observed = max_size(most.observed, T * C);
        if (layer->linear >= 0) {
            const igq_linear_calibration *calibration = &datapath->calibration->linear[layer->linear];
            G = igq_scheme_num_groups(&cfg, &calibration->act);
            size_t packed = is_packed(&datapath->products->product[k].weights[0], layer->C) ? 0 : O * C;
            most.percentile = max_size(
                most.percentile, packed + igq_weight_quantize_scratch(layer->O, layer->C, calibration->weight_groups));
        } else {
            igq_arena counter = {0};
            place_operand(datapath, &counter, layer);
            most.operand_bytes = max_size(most.operand_bytes, counter.used_bytes);
            most.matrix = max_size(most.matrix, max_size(T * C, O * C));
            most.observed = max_size(most.observed, O * C);
            most.percentile = max_size(most.percentile, C);
        }
        most.product_bytes =
            max_size(most.product_bytes, igq_code_product_scratch(layer->T, layer->C, layer->O, G, &cfg));
    }
    return most;
}

// Places all arrays behind the datapath itself, which comes first.
static igq_datapath *place(igq_arena *arena, const igq_datapath *settings)
{
    igq_datapath placed = *settings;
    const sizes most = sizes_of(&placed);
    attention *a = &placed.attention;
    igq_datapath *datapath = igq_arena_take(arena, sizeof *datapath);
    place_linear(&placed, arena);
    placed.act_memory = igq_arena_take(arena, most.act_bytes);
    placed.operand_memory = igq_arena_take(arena, most.operand_bytes);
    a->scores_cfg = igq_scheme_of_layer(&placed.cfg, IGQ_LAYER_SCORES);
    a->context_cfg = igq_scheme_of_layer(&placed.cfg, IGQ_LAYER_CONTEXT);
    a->fixed = igq_arena_take(arena, most.matrix * sizeof *a->fixed);
    a->turned = igq_arena_take(arena, most.matrix * sizeof *a->turned);
    a->one_group = igq_arena_take(arena, max_size(most.tokens, most.channels) * sizeof *a->one_group);
    placed.observed = igq_arena_take(arena, placed.has_observer ? most.observed * sizeof *placed.observed : 0);
    placed.percentile_scratch = igq_arena_take(arena, most.percentile * sizeof(float));
    placed.zeros_scratch = igq_arena_take(arena, 2 * most.channels * sizeof *placed.zeros_scratch);
    placed.product_scratch = igq_arena_take(arena, most.product_bytes);
    if (datapath)
        *datapath = placed;
    return datapath;
}

static void pack_weights(float *packed, const igq_product_weights *weights, int O, int C)
{
    for (size_t o = 0; o < (size_t)O; o++)
        for (size_t c = 0; c < (size_t)C; c++)
            packed[o * (size_t)C + c] = weights->data[o * weights->output_stride + c * weights->channel_stride];
}

// One set of weights of a layer.
static void quantize_set(igq_datapath *datapath, const igq_layer *layer, const igq_product_weights *weights, int set)
{
    const igq_linear_calibration *calibration = &datapath->calibration->linear[layer->linear];
    igq_scheme_cfg cfg = layer_cfg(datapath, layer);
    float *packed = datapath->percentile_scratch, *scratch = packed;
    if (!is_packed(weights, layer->C)) {
        pack_weights(packed, weights, layer->O, layer->C);
        scratch += (size_t)layer->O * (size_t)layer->C;
    }
    igq_code_weights_fill(&datapath->linear[layer->linear][set], packed == scratch ? weights->data : packed,
                          calibration->weight_groups, calibration->weight_epsilon_pct, &cfg, scratch);
}

static void quantize_weights(igq_datapath *datapath)
{
    for (int k = 0; k < datapath->products->network->num_layers; k++) {
        const igq_graph_product *product = &datapath->products->product[k];
        for (int set = 0; set < product->num_sets && product->layer->like < 0; set++)
            quantize_set(datapath, product->layer, &product->weights[set], set);
    }
}

igq_datapath *igq_datapath_new(const igq_products *products, const igq_calibration *calibration,
                               const igq_scheme_cfg *cfg, const igq_observer *observer)
{
    igq_datapath settings = {.products = products, .calibration = calibration, .cfg = *cfg};
    settings.has_observer = observer != NULL;
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

void igq_datapath_cut(igq_datapath *datapath, const int *tile_channels)
{
    datapath->tile_channels = tile_channels;
}

static int tile_channels_of(const igq_datapath *datapath, const igq_layer *layer)
{
    return datapath->tile_channels ? datapath->tile_channels[layer - datapath->products->network->layer] : 0;
}

/// Linear layers ///

static void datapath_linear(void *context, const igq_graph_product *product, float *y, const float *x)
{
    igq_datapath *datapath = context;
    const igq_layer *layer = product->layer;
    int linear = layer->linear, T = layer->T, C = layer->C, O = layer->O, rows = T / product->num_sets;
    const igq_group_bounds *bounds = &datapath->calibration->linear[linear].act;
    igq_layer_noise *noise = &datapath->instance->linear_noise[linear];
    igq_scheme_cfg cfg = layer_cfg(datapath, layer);
    uint64_t *zero_products = &datapath->instance->zero_products[layer - datapath->products->network->layer];

    *noise = (igq_layer_noise){0};
    *zero_products = 0;
    igq_activation_codes_init(&datapath->act, datapath->act_memory, T, C);
    if (layer->ranges_from >= 0)
        datapath->act.seen = &datapath->instance->linear[datapath->products->network->layer[layer->ranges_from].linear];
    igq_activation_codes_fill(&datapath->act, &datapath->instance->linear[linear], noise, x, T, C, IGQ_MEMBERS_CHANNELS,
                              bounds, &cfg);
    if (datapath->observer.linear_input) {
        igq_from_fixed(datapath->observed, datapath->act.fixed, (size_t)T * (size_t)C, bounds->exponent);
        datapath->observer.linear_input(datapath->observer.context, layer, datapath->observed);
    }
    for (int set = 0; set < product->num_sets; set++) {
        const igq_code_weights *weights = &datapath->linear[linear][set];
        noise->overflow_count += igq_code_product(y + (size_t)set * (size_t)O, &datapath->act, set, rows, weights,
                                                  product->weights[set].bias, bounds->exponent,
                                                  tile_channels_of(datapath, layer), &cfg, datapath->product_scratch);
        *zero_products +=
            igq_zero_products(&datapath->act, set, rows, IGQ_MEMBERS_CHANNELS, weights, &cfg, datapath->zeros_scratch);
        for (int c = 0; set == 0 && c < C; c++)
            datapath->instance->zero_weights[linear][c] = datapath->zeros_scratch[C + c] == (uint32_t)O;
    }
}

/// Attention ///

// x (num) on the grid of the attention, into attention.fixed.
static void to_grid(igq_datapath *datapath, const float *x, size_t num, const igq_layer *layer, igq_layer_noise *noise)
{
    attention *a = &datapath->attention;
    int exponent = datapath->calibration->qkv_exponent[layer->attention];
    noise->saturated_count += igq_to_fixed(a->fixed, x, num, exponent);
}

static void show(const igq_datapath *datapath, const igq_layer *layer, int product, igq_operand operand,
                 const int16_t *fixed, size_t num, int exponent)
{
    if (!datapath->observer.attention_input)
        return;
    igq_from_fixed(datapath->observed, fixed, num, exponent);
    datapath->observer.attention_input(datapath->observer.context, layer, product, operand, datapath->observed);
}

static void quantize_query(attention *a, const igq_head_calibration *head, int T, int head_dim, int bits, int exponent)
{
    igq_activation_codes *query = &a->query;
    igq_grouping_init(&query->grouping, query->grouping_memory, head_dim, 1);
    memset(query->grouping.group, 0, (size_t)head_dim * sizeof *query->grouping.group);
    igq_grouping_build(&query->grouping);
    igq_quantizers_from_bounds(query->quantizer, &query->scales, &head->q_lower, &head->q_upper, 1, bits, exponent,
                               a->scores_cfg.group_scale, a->scores_cfg.group_scale_bits);
    igq_quantize_rows(query->codes, a->fixed, a->one_group, query->quantizer, T, head_dim);
}

static uint64_t *zero_products_of(igq_datapath *datapath, const igq_layer *layer)
{
    return &datapath->instance->zero_products[layer - datapath->products->network->layer];
}

static const igq_head_calibration *head_of(const igq_datapath *datapath, const igq_layer *layer, int p)
{
    return &datapath->calibration->head[layer->first_head + p % layer->heads];
}

// y [T][O] of product p.
static void product_scores(igq_datapath *datapath, const igq_graph_product *product, int p, float *y, const float *a,
                           const float *b)
{
    const igq_layer *layer = product->layer;
    const igq_calibration *calibration = datapath->calibration;
    const igq_head_calibration *head = head_of(datapath, layer, p);
    attention *at = &datapath->attention;
    igq_layer_noise *noise = &datapath->instance->softmax_noise[layer->attention];
    int exponent = calibration->qkv_exponent[layer->attention];
    size_t query = (size_t)layer->T * (size_t)layer->C, key = (size_t)layer->O * (size_t)layer->C;
    to_grid(datapath, a + product->a_offset[p], query, layer, noise);
    show(datapath, layer, p, IGQ_OPERAND_QUERY, at->fixed, query, exponent);
    quantize_query(at, head, layer->T, layer->C, calibration->attn_bits, exponent);
    igq_product_pack_turned(at->turned, product, p, b);
    to_grid(datapath, at->turned, key, layer, noise);
    show(datapath, layer, p, IGQ_OPERAND_KEY, at->fixed, key, exponent);
    igq_code_operand_fill(&at->operand, at->fixed, head->k_lower, head->k_upper, exponent, &at->scores_cfg, at->turned);
    noise->overflow_count +=
        igq_code_product(y, &at->query, 0, layer->T, &at->operand, NULL, exponent, tile_channels_of(datapath, layer),
                         &at->scores_cfg, datapath->product_scratch);
    *zero_products_of(datapath, layer) += igq_zero_products(&at->query, 0, layer->T, IGQ_MEMBERS_CHANNELS, &at->operand,
                                                            &at->scores_cfg, datapath->zeros_scratch);
}

static void quantize_value(igq_datapath *datapath, const igq_graph_product *product, int p, const float *b)
{
    const igq_layer *layer = product->layer;
    attention *at = &datapath->attention;
    const igq_head_calibration *head = head_of(datapath, layer, p);
    int exponent = datapath->calibration->qkv_exponent[layer->attention];
    size_t value = (size_t)layer->O * (size_t)layer->C;
    igq_product_pack_turned(at->turned, product, p, b);
    to_grid(datapath, at->turned, value, layer, &datapath->instance->softmax_noise[layer->attention]);
    if (datapath->observer.attention_input) {
        for (size_t o = 0; o < (size_t)layer->O; o++)
            for (size_t c = 0; c < (size_t)layer->C; c++)
                datapath->observed[c * (size_t)layer->O + o] =
                    (float)ldexp(at->fixed[o * (size_t)layer->C + c], exponent);
        datapath->observer.attention_input(datapath->observer.context, layer, p, IGQ_OPERAND_VALUE, datapath->observed);
    }
    igq_code_operand_fill(&at->operand, at->fixed, head->v_lower, head->v_upper, exponent, &at->context_cfg,
                          at->turned);
}

static void product_context(igq_datapath *datapath, const igq_graph_product *product, int p, float *y, const float *a,
                            const float *b)
{
    const igq_layer *layer = product->layer;
    igq_layer_noise *noise = &datapath->instance->softmax_noise[layer->attention];
    igq_activation_codes *act = &datapath->act;
    size_t matrix = (size_t)layer->T * (size_t)layer->C;
    igq_activation_codes_fill(act, &datapath->instance->softmax[layer->first_product + p], noise,
                              a + product->a_offset[p], layer->T, layer->C, IGQ_MEMBERS_ROWS,
                              igq_softmax_bounds(datapath->calibration, layer, p), &datapath->attention.context_cfg);
    show(datapath, layer, p, IGQ_OPERAND_SOFTMAX, act->fixed, matrix, IGQ_SOFTMAX_EXPONENT);
    quantize_value(datapath, product, p, b);
    noise->overflow_count += igq_code_product_rows(y, act, layer->T, &datapath->attention.operand, IGQ_SOFTMAX_EXPONENT,
                                                   tile_channels_of(datapath, layer), &datapath->attention.context_cfg,
                                                   datapath->product_scratch);
    *zero_products_of(datapath, layer) +=
        igq_zero_products(act, 0, layer->T, IGQ_MEMBERS_ROWS, &datapath->attention.operand,
                          &datapath->attention.context_cfg, datapath->zeros_scratch);
}

// Scores come before their context, and start the counts of both.
static void datapath_matmul(void *engine, const igq_graph_product *product, float *y, const float *a, const float *b)
{
    igq_datapath *datapath = engine;
    const igq_layer *layer = product->layer;
    igq_arena arena = {.base = datapath->operand_memory};
    place_operand(datapath, &arena, layer);
    igq_activation_codes_init(layer->kind == IGQ_LAYER_SCORES ? &datapath->attention.query : &datapath->act,
                              datapath->act_memory, layer->T, layer->C);
    if (layer->kind == IGQ_LAYER_SCORES)
        datapath->instance->softmax_noise[layer->attention] = (igq_layer_noise){0};
    *zero_products_of(datapath, layer) = 0;
    for (int p = 0; p < layer->products; p++, y += (size_t)layer->T * (size_t)layer->O) {
        if (layer->kind == IGQ_LAYER_SCORES)
            product_scores(datapath, product, p, y, a, b);
        else
            product_context(datapath, product, p, y, a, b);
    }
}

igq_engine igq_datapath_engine(igq_datapath *datapath, igq_instance *instance)
{
    datapath->instance = instance;
    instance->executed = 1;
    return (igq_engine){.context = datapath, .linear = datapath_linear, .matmul = datapath_matmul};
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

void igq_observe_softmax(igq_range *range, igq_layer_noise *noise, const float *softmax, int T, int K,
                         const igq_group_bounds *bounds, const igq_scheme_cfg *cfg, void *scratch)
{
    igq_activation_codes codes;
    igq_activation_codes_init(&codes, scratch, T, K);
    igq_activation_codes_fill(&codes, range, noise, softmax, T, K, IGQ_MEMBERS_ROWS, bounds, cfg);
}

size_t igq_observe_scratch(int T, int C)
{
    return igq_activation_codes_size(T, C);
}
