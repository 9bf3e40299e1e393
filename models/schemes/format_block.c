// SPDX-License-Identifier: Apache-2.0
// format_block.c - blocks of small numbers with a common scale: mx and bfp (mx.h), nvfp4 (nvfp4.h), and their product
// (block_gemm.h). Blocks lie along the input channels of a token or an output channel.
// bfp takes the width of its mantissas from the calibration (act_bits, weight_bits); mx and nvfp4 have their own.
#include "block_gemm.h"
#include "fixed.h"
#include "format.h"
#include "mx.h"
#include "nvfp4.h"
#include <math.h>

enum { SCALE_BITS = 8 }; // E8M0 and E4M3 alike

// What one side of a product is coded in.
typedef enum block_kind { MX, BFP, NVFP4 } block_kind;

static block_kind act_kind(const igq_scheme_cfg *cfg)
{
    return cfg->scheme == IGQ_SCHEME_MX ? MX : cfg->scheme == IGQ_SCHEME_BFP ? BFP : NVFP4;
}

static block_kind weight_kind(const igq_scheme_cfg *cfg)
{
    igq_weight_scheme scheme = igq_weight_scheme_of(cfg);
    return scheme == IGQ_WEIGHT_SCHEME_MX ? MX : scheme == IGQ_WEIGHT_SCHEME_BFP ? BFP : NVFP4;
}

static igq_element element_of(const igq_scheme_cfg *cfg, block_kind kind, int bits)
{
    return kind == MX    ? igq_element_of(cfg->mx_element)
           : kind == BFP ? igq_element_of_integer(bits)
                         : igq_element_of(IGQ_ELEMENT_FP4_E2M1);
}

static int block_length(const igq_scheme_cfg *cfg, block_kind kind)
{
    return kind == MX ? cfg->mx_block_length : kind == BFP ? cfg->bfp_block_length : IGQ_NVFP4_BLOCK;
}

static igq_mx_cfg mx_cfg(const igq_scheme_cfg *cfg, block_kind kind, int bits)
{
    return (igq_mx_cfg){.element = element_of(cfg, kind, bits),
                        .block_length = block_length(cfg, kind),
                        .scale_rule = kind == MX ? cfg->mx_scale_rule : IGQ_SCALE_RULE_FLOOR,
                        .ties = kind == MX ? cfg->mx_rounding : IGQ_TIES_EVEN};
}

static igq_storage storage(const igq_scheme_cfg *cfg, block_kind kind, int bits)
{
    int code_bits = kind == BFP ? bits : element_of(cfg, kind, 0).code_bits;
    return (igq_storage){code_bits, SCALE_BITS, block_length(cfg, kind)};
}

static igq_storage act_storage(const igq_scheme_cfg *cfg, int bits)
{
    return storage(cfg, act_kind(cfg), bits);
}

static igq_storage weight_storage(const igq_scheme_cfg *cfg, int bits)
{
    return storage(cfg, weight_kind(cfg), bits);
}

// Floating point enters the multipliers as whole multiples of its least number, and of its sign.
static int operand_bits(const igq_scheme_cfg *cfg, block_kind kind, int bits)
{
    if (kind == BFP)
        return bits;
    igq_element element = element_of(cfg, kind, bits);
    int64_t largest = igq_element_integer(&element, (uint8_t)element.max_code);
    return 2 + igq_floor_log2((double)largest);
}

static int act_operand_bits(const igq_scheme_cfg *cfg, int bits)
{
    return operand_bits(cfg, act_kind(cfg), bits);
}

static int weight_operand_bits(const igq_scheme_cfg *cfg, int bits)
{
    return operand_bits(cfg, weight_kind(cfg), bits);
}

// What codes and scales stand for; the rest of `operand` is the caller's.
static void set_values(igq_block_operand *operand, const igq_element *element, block_kind kind)
{
    igq_element e4m3 = igq_element_of(IGQ_ELEMENT_FP8_E4M3);
    int num_codes = 1 << element->code_bits;
    for (int code = 0; code < 256; code++) {
        operand->integer[code] = code < num_codes ? igq_element_integer(element, (uint8_t)code) : 0;
        double scale = kind == NVFP4 ? igq_element_value(&e4m3, (uint8_t)code) : igq_mx_scale_value((uint8_t)code);
        operand->scale_value[code] = ldexp(scale, element->unit_log2);
    }
    if (element->exponent_bits > 0) // codes of infinities and NaN are never made
        for (int code = 0; code < num_codes; code++)
            if ((code & (num_codes / 2 - 1)) > element->max_code)
                operand->integer[code] = 0;
    if (element->exponent_bits == 0) // nor is the most negative integer
        operand->integer[num_codes / 2] = 0;
}

// codes, scale and factor (R) of x [R][C]. amax: what the tensor scale of nvfp4 is made from, for the rows.
static void quantize(uint8_t *codes, uint8_t *scale, float *factor, const float *x, int R, int C,
                     const igq_scheme_cfg *cfg, block_kind kind, int bits)
{
    if (kind == NVFP4) {
        igq_nvfp4_quantize(codes, scale, x, factor, R, C, cfg->nvfp4_variant);
        for (int r = 0; r < R; r++)
            factor[r] = 1 / factor[r];
        return;
    }
    igq_mx_cfg mx = mx_cfg(cfg, kind, bits);
    igq_mx_quantize(codes, scale, x, R, C, &mx);
    for (int r = 0; r < R; r++)
        factor[r] = 1;
}

/// Weights ///

static void place_weights(igq_code_weights *weights, igq_arena *arena, const igq_scheme_cfg *cfg)
{
    size_t O = (size_t)weights->O;
    size_t blocks = (size_t)igq_num_blocks(weights->C, block_length(cfg, weight_kind(cfg)));
    weights->block_codes = igq_arena_take(arena, O * (size_t)weights->C);
    weights->block_scale = igq_arena_take(arena, O * blocks);
    weights->block_factor = igq_arena_take(arena, O * sizeof *weights->block_factor);
}

static void fill_weights(igq_code_weights *weights, const float *values, int num_groups, double epsilon_pct,
                         const igq_scheme_cfg *cfg, float *scratch)
{
    (void)num_groups; // it has scales of its own
    (void)epsilon_pct;
    (void)scratch;
    block_kind kind = weight_kind(cfg);
    if (kind == NVFP4) {
        igq_nvfp4_largest(weights->block_factor, values, weights->O, weights->C, cfg->nvfp4_variant);
        for (int o = 0; o < weights->O; o++)
            weights->block_factor[o] = igq_nvfp4_tensor_scale(weights->block_factor[o]);
    }
    quantize(weights->block_codes, weights->block_scale, weights->block_factor, values, weights->O, weights->C, cfg,
             kind, weights->bits);
}

static void fill_operand(igq_code_weights *weights, const int16_t *fixed, int lower, int upper, int exponent,
                         const igq_scheme_cfg *cfg, float *scratch)
{
    (void)lower; // scales come from the values
    (void)upper;
    igq_from_fixed(scratch, fixed, (size_t)weights->O * (size_t)weights->C, exponent);
    fill_weights(weights, scratch, 0, 0, cfg, NULL);
}

// A zero is coded with either sign.
static void count_zeros(uint32_t *zeros, const uint8_t *codes, const igq_element *element, int C)
{
    for (int c = 0; c < C; c++)
        zeros[c] += igq_element_integer(element, codes[c]) == 0;
}

static void count_weight_zeros(uint32_t *zeros, const igq_code_weights *weights, int o, const igq_scheme_cfg *cfg)
{
    igq_element element = element_of(cfg, weight_kind(cfg), weights->bits);
    count_zeros(zeros, weights->block_codes + (size_t)o * (size_t)weights->C, &element, weights->C);
}

/// Activations ///

// nvfp4: g of a tensor is calibrated; g of each token (variant rows) is found in the token.
static void act_tensor_scales(float *g, const float *x, int T, int C, const igq_group_bounds *bounds,
                              const igq_scheme_cfg *cfg)
{
    if (cfg->nvfp4_variant == IGQ_NVFP4_VARIANT_ROWS)
        igq_nvfp4_largest(g, x, T, C, IGQ_NVFP4_VARIANT_ROWS);
    for (int t = 0; t < T; t++) {
        float amax = cfg->nvfp4_variant == IGQ_NVFP4_VARIANT_ROWS
                         ? g[t]
                         : (float)ldexp(igq_largest_magnitude(bounds), bounds->exponent);
        g[t] = igq_nvfp4_tensor_scale(amax);
    }
}

static igq_power fill_acts(igq_activation_codes *codes, const igq_range *range, int T, int C, igq_members members,
                           const igq_group_bounds *bounds, const igq_scheme_cfg *cfg)
{
    (void)range;
    (void)members; // blocks lie along the channels of a token, whatever is dealt to groups elsewhere
    block_kind kind = act_kind(cfg);
    igq_scheme_cfg own = *cfg;
    if (own.nvfp4_variant == IGQ_NVFP4_VARIANT_SQUARES) // of weights
        own.nvfp4_variant = IGQ_NVFP4_VARIANT_PLAIN;
    float *x = codes->block_values;
    igq_from_fixed(x, codes->fixed, (size_t)T * (size_t)C, bounds->exponent);
    if (kind == NVFP4)
        act_tensor_scales(codes->block_factor, x, T, C, bounds, &own);
    quantize(codes->codes, codes->block_scale, codes->block_factor, x, T, C, &own, kind, bounds->bits);
    codes->block_bits = bounds->bits;

    igq_block_operand values;
    igq_element element = element_of(cfg, kind, bounds->bits);
    set_values(&values, &element, kind);
    igq_power power = {0};
    int length = block_length(cfg, kind);
    const uint8_t *scale = codes->block_scale;
    for (int t = 0; t < T; t++)
        for (int first = 0; first < C; first += length, scale++) {
            double step = ldexp(values.scale_value[*scale] * codes->block_factor[t], -bounds->exponent);
            for (int c = first; c < C && c < first + length; c++) {
                size_t i = (size_t)t * (size_t)C + (size_t)c;
                double error = codes->fixed[i] - (double)values.integer[codes->codes[i]] * step;
                power.signal += (double)codes->fixed[i] * codes->fixed[i];
                power.noise += error * error;
            }
        }
    return power;
}

static void count_act_zeros(uint32_t *zeros, const igq_activation_codes *act, int t, int C, igq_members members,
                            const igq_scheme_cfg *cfg)
{
    (void)members;
    igq_element element = element_of(cfg, act_kind(cfg), act->block_bits);
    count_zeros(zeros, act->codes + (size_t)t * (size_t)C, &element, C);
}

const igq_format igq_format_block = {.name = "block",
                                     .has_zero_points = 0,
                                     .place_weights = place_weights,
                                     .fill_weights = fill_weights,
                                     .fill_operand = fill_operand,
                                     .count_weight_zeros = count_weight_zeros,
                                     .weight_storage = weight_storage,
                                     .act_storage = act_storage,
                                     .weight_operand_bits = weight_operand_bits,
                                     .act_operand_bits = act_operand_bits,
                                     .fill_acts = fill_acts,
                                     .count_act_zeros = count_act_zeros,
                                     .pairing = &igq_pairing_block};

/// Blocks times blocks, or times weights with a quantizer per output channel ///

static void weight_operand(igq_block_operand *operand, const igq_code_weights *weights, const igq_scheme_cfg *cfg)
{
    if (weights->codes.codes) {
        *operand = (igq_block_operand){.codes = weights->codes.codes,
                                       .zero_point = weights->codes.zero_point,
                                       .factor = weights->codes.scale,
                                       .scale_value = {1}};
        for (int code = 0; code < 256; code++)
            operand->integer[code] = code;
        return;
    }
    block_kind kind = weight_kind(cfg);
    igq_element element = element_of(cfg, kind, weights->bits);
    *operand = (igq_block_operand){.codes = weights->block_codes,
                                   .scale = weights->block_scale,
                                   .factor = weights->block_factor,
                                   .block_length = block_length(cfg, kind)};
    set_values(operand, &element, kind);
}

static uint64_t product(float *y, const igq_activation_codes *act, int first_token, int T,
                        const igq_code_weights *weights, const float *bias, int exponent, int tile_channels,
                        const igq_scheme_cfg *cfg, void *scratch)
{
    (void)exponent; // is in the scales
    block_kind kind = act_kind(cfg);
    int length = block_length(cfg, kind);
    size_t token = (size_t)first_token, C = (size_t)weights->C;
    igq_element element = element_of(cfg, kind, act->block_bits);
    igq_block_operand acts = {.codes = act->codes + token * C,
                              .scale = act->block_scale + token * (size_t)igq_num_blocks(weights->C, length),
                              .factor = act->block_factor + token,
                              .block_length = length},
                      operand;
    set_values(&acts, &element, kind);
    weight_operand(&operand, weights, cfg);
    igq_block_gemm(y, &acts, &operand, bias, T, weights->C, weights->O, tile_channels, scratch);
    return 0; // FP32 sums do not saturate
}

static uint64_t product_rows(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                             int exponent, int tile_channels, const igq_scheme_cfg *cfg, void *scratch)
{
    return product(y, act, 0, R, weights, NULL, exponent, tile_channels, cfg, scratch);
}

static size_t scratch_bytes(int T, int C, int O, int G, const igq_scheme_cfg *cfg)
{
    (void)G;
    int act = block_length(cfg, act_kind(cfg)), shorter = act;
    if (igq_weight_format(cfg) == &igq_format_block) {
        int weight = block_length(cfg, weight_kind(cfg));
        shorter = weight < act ? weight : act;
    }
    return igq_block_gemm_scratch(T, C, O, shorter);
}

const igq_pairing igq_pairing_block = {.scaling = IGQ_SCALING_FP32,
                                       .least_acc_bits = 16,
                                       .most_acc_bits = 48,
                                       .product = product,
                                       .product_rows = product_rows,
                                       .scratch_bytes = scratch_bytes};
