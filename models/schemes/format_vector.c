// SPDX-License-Identifier: Apache-2.0
// format_vector.c - VS-Quant (vsquant.h): signed codes, an integer scale for each vector of channels. The scale of the
// scales is one per layer for activations (calibrated), one per output channel for weights.
#include "fixed.h"
#include "format.h"
#include "vsquant.h"
#include <math.h>

int igq_vsquant_length(const igq_scheme_cfg *cfg)
{
    enum { USUAL_LENGTH = 16 };
    int of_weights_alone = cfg->scheme != IGQ_SCHEME_VSQUANT;
    return cfg->vsquant_vector_length > 0                ? cfg->vsquant_vector_length
           : of_weights_alone && cfg->vector_length == 1 ? USUAL_LENGTH
                                                         : cfg->vector_length;
}

static int num_vectors(const igq_scheme_cfg *cfg, int C)
{
    int length = igq_vsquant_length(cfg);
    return (C + length - 1) / length;
}

/// Weights ///

static void place_weights(igq_code_weights *weights, igq_arena *arena, const igq_scheme_cfg *cfg)
{
    size_t O = (size_t)weights->O, scales = O * (size_t)num_vectors(cfg, weights->C);
    weights->vector_codes = igq_arena_take(arena, O * (size_t)weights->C * sizeof *weights->vector_codes);
    weights->vector_scale = igq_arena_take(arena, scales * sizeof *weights->vector_scale);
    weights->vector_gamma = igq_arena_take(arena, O * sizeof *weights->vector_gamma);
}

static void fill_weights(igq_code_weights *weights, const float *values, int num_groups, double epsilon_pct,
                         const igq_scheme_cfg *cfg, float *scratch)
{
    (void)num_groups; // it has scales of its own
    (void)epsilon_pct;
    (void)scratch;
    igq_vsquant_cfg vector = {
        .V = igq_vsquant_length(cfg), .bits = weights->bits, .scale_bits = cfg->vsquant_weight_scale_bits};
    igq_vsquant_weights(weights->vector_codes, weights->vector_scale, weights->vector_gamma, values, weights->O,
                        weights->C, &vector);
}

static void fill_operand(igq_code_weights *weights, const int16_t *fixed, int lower, int upper, int exponent,
                         const igq_scheme_cfg *cfg, float *scratch)
{
    (void)lower; // scales come from the values
    (void)upper;
    igq_from_fixed(scratch, fixed, (size_t)weights->O * (size_t)weights->C, exponent);
    fill_weights(weights, scratch, 0, 0, cfg, NULL);
}

static void count_weight_zeros(uint32_t *zeros, const igq_code_weights *weights, int o, const igq_scheme_cfg *cfg)
{
    (void)cfg;
    // The byte of a zero is zero in both signs.
    igq_count_equal(zeros, (const uint8_t *)weights->vector_codes + (size_t)o * (size_t)weights->C, 0, weights->C);
}

static igq_storage weight_storage(const igq_scheme_cfg *cfg, int bits)
{
    return (igq_storage){bits, cfg->vsquant_weight_scale_bits, igq_vsquant_length(cfg)};
}

/// Activations ///

static igq_storage act_storage(const igq_scheme_cfg *cfg, int bits)
{
    return (igq_storage){bits, cfg->vsquant_act_scale_bits, igq_vsquant_length(cfg)};
}

static igq_power fill_acts(igq_activation_codes *codes, const igq_range *range, int T, int C, igq_members members,
                           const igq_group_bounds *bounds, const igq_scheme_cfg *cfg)
{
    (void)range;
    (void)members; // vectors lie along the channels of a token, whatever is dealt to groups elsewhere
    igq_power power = {0};
    igq_vsquant_cfg vector = {
        .V = igq_vsquant_length(cfg), .bits = bounds->bits, .scale_bits = cfg->vsquant_act_scale_bits};
    codes->vector_gamma_grid = igq_vsquant_gamma(igq_largest_magnitude(bounds), &vector);
    igq_vsquant_activations(codes->vector_codes, codes->vector_scale, codes->fixed, T, C, codes->vector_gamma_grid,
                            &vector);
    const uint16_t *scale = codes->vector_scale;
    for (int t = 0; t < T; t++)
        for (int first = 0; first < C; first += vector.V, scale++) {
            double step = *scale * codes->vector_gamma_grid;
            for (int c = first; c < C && c < first + vector.V; c++) {
                size_t i = (size_t)t * (size_t)C + (size_t)c;
                double error = codes->fixed[i] - codes->vector_codes[i] * step;
                power.signal += (double)codes->fixed[i] * codes->fixed[i];
                power.noise += error * error;
            }
        }
    return power;
}

static void count_act_zeros(uint32_t *zeros, const igq_activation_codes *act, int t, int C, igq_members members,
                            const igq_scheme_cfg *cfg)
{
    (void)cfg;
    (void)members;
    igq_count_equal(zeros, (const uint8_t *)act->vector_codes + (size_t)t * (size_t)C, 0, C);
}

const igq_format igq_format_vector = {.name = "vector",
                                      .has_zero_points = 0,
                                      .place_weights = place_weights,
                                      .fill_weights = fill_weights,
                                      .fill_operand = fill_operand,
                                      .count_weight_zeros = count_weight_zeros,
                                      .weight_storage = weight_storage,
                                      .act_storage = act_storage,
                                      .weight_operand_bits = igq_same_bits,
                                      .act_operand_bits = igq_same_bits,
                                      .fill_acts = fill_acts,
                                      .count_act_zeros = count_act_zeros,
                                      .pairing = &igq_pairing_vector};

/// Vectors times vectors, or times weights with a quantizer per output channel ///

static uint64_t product(float *y, const igq_activation_codes *act, int first_token, int T,
                        const igq_code_weights *weights, const float *bias, int exponent, int tile_channels,
                        const igq_scheme_cfg *cfg, void *scratch)
{
    int affine = weights->codes.codes != NULL;
    size_t C = (size_t)weights->C, token = (size_t)first_token;
    igq_vsquant_operands operands = {
        .act_codes = act->vector_codes + token * C,
        .act_scale = act->vector_scale + token * (size_t)num_vectors(cfg, weights->C),
        .weight_codes = weights->vector_codes,
        .weight_scale = weights->vector_scale,
        .weight_gamma = affine ? weights->codes.scale : weights->vector_gamma,
        .affine_codes = weights->codes.codes,
        .affine_zero_point = weights->codes.zero_point,
        .bias = bias,
        .act_gamma = (float)ldexp(act->vector_gamma_grid, exponent),
        .T = T,
        .C = weights->C,
        .O = weights->O,
        .V = igq_vsquant_length(cfg),
        .product_bits_full = cfg->vsquant_act_scale_bits + (affine ? 0 : cfg->vsquant_weight_scale_bits),
        .scale_product_bits = affine ? 0 : cfg->vsquant_scale_product_bits,
        .acc_bits = cfg->acc_bits,
        .tile_channels = tile_channels,
    };
    return igq_vsquant_gemm(y, &operands, scratch);
}

static uint64_t product_rows(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                             int exponent, int tile_channels, const igq_scheme_cfg *cfg, void *scratch)
{
    return product(y, act, 0, R, weights, NULL, exponent, tile_channels, cfg, scratch);
}

static size_t scratch_bytes(int T, int C, int O, int G, const igq_scheme_cfg *cfg)
{
    (void)G;
    return igq_vsquant_gemm_scratch(T, C, O, igq_vsquant_length(cfg));
}

const igq_pairing igq_pairing_vector = {.scaling = IGQ_SCALING_INTEGER,
                                        .least_acc_bits = 16,
                                        .most_acc_bits = 48,
                                        .product = product,
                                        .product_rows = product_rows,
                                        .scratch_bytes = scratch_bytes};
