// SPDX-License-Identifier: Apache-2.0
#include "code_product.h"
#include "gemm.h"
#include "vsquant.h"
#include <math.h>

static size_t num_vectors(int C, int V)
{
    return (size_t)((C + V - 1) / V);
}

void igq_code_weights_place(igq_code_weights *weights, igq_arena *arena, int O, int C, int bits,
                            const igq_scheme_cfg *cfg)
{
    *weights = (igq_code_weights){.O = O, .C = C, .bits = bits};
    if (cfg->scheme == IGQ_SCHEME_VSQUANT) {
        size_t scales = (size_t)O * num_vectors(C, cfg->vector_length);
        weights->vector_codes = igq_arena_take(arena, (size_t)O * (size_t)C * sizeof *weights->vector_codes);
        weights->vector_scale = igq_arena_take(arena, scales * sizeof *weights->vector_scale);
        weights->vector_gamma = igq_arena_take(arena, (size_t)O * sizeof *weights->vector_gamma);
    } else {
        void *memory = igq_arena_take(arena, igq_weight_codes_size(O, C));
        if (memory)
            igq_weight_codes_init(&weights->codes, memory, O, C, bits);
    }
}

void igq_code_weights_fill(igq_code_weights *weights, const float *values, int num_groups, double epsilon_pct,
                           const igq_scheme_cfg *cfg, float *scratch)
{
    if (cfg->scheme == IGQ_SCHEME_VSQUANT) {
        igq_vsquant_cfg vector = {
            .V = cfg->vector_length, .bits = weights->bits, .scale_bits = cfg->vsquant_weight_scale_bits};
        igq_vsquant_weights(weights->vector_codes, weights->vector_scale, weights->vector_gamma, values, weights->O,
                            weights->C, &vector);
    } else {
        igq_weight_quantize(&weights->codes, values, num_groups, epsilon_pct, scratch);
    }
}

static uint64_t vector_product(float *y, const igq_activation_codes *act, int first_token, int T,
                               const igq_code_weights *weights, const float *bias, int exponent,
                               const igq_scheme_cfg *cfg, void *scratch)
{
    size_t C = (size_t)weights->C, token = (size_t)first_token;
    igq_vsquant_operands operands = {
        .act_codes = act->vector_codes + token * C,
        .act_scale = act->vector_scale + token * num_vectors(weights->C, cfg->vector_length),
        .weight_codes = weights->vector_codes,
        .weight_scale = weights->vector_scale,
        .weight_gamma = weights->vector_gamma,
        .bias = bias,
        .act_gamma = (float)ldexp(act->vector_gamma_grid, exponent),
        .T = T,
        .C = weights->C,
        .O = weights->O,
        .V = cfg->vector_length,
        .product_bits_full = cfg->vsquant_act_scale_bits + cfg->vsquant_weight_scale_bits,
        .scale_product_bits = cfg->vsquant_scale_product_bits,
        .acc_bits = cfg->acc_bits,
    };
    return igq_vsquant_gemm(y, &operands, scratch);
}

uint64_t igq_code_product(float *y, const igq_activation_codes *act, int first_token, int T,
                          const igq_code_weights *weights, const float *bias, int exponent, const igq_scheme_cfg *cfg,
                          void *scratch)
{
    if (cfg->scheme == IGQ_SCHEME_VSQUANT)
        return vector_product(y, act, first_token, T, weights, bias, exponent, cfg, scratch);
    igq_gemm_operands operands = {
        .act_codes = act->codes + (size_t)first_token * (size_t)weights->C,
        .grouping = &act->grouping,
        .quantizer = act->quantizer,
        .scales = &act->scales,
        .weights = &weights->codes,
        .bias = bias,
        .T = T,
        .acc_bits = cfg->acc_bits,
    };
    return igq_gemm(y, &operands, scratch);
}

uint64_t igq_code_product_rows(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                               int exponent, const igq_scheme_cfg *cfg, void *scratch)
{
    if (cfg->scheme == IGQ_SCHEME_VSQUANT)
        return vector_product(y, act, 0, R, weights, NULL, exponent, cfg, scratch);
    return igq_gemm_rows(y, act->codes, act->grouping.group, act->quantizer, &act->scales, &weights->codes, R,
                         cfg->acc_bits, scratch);
}

size_t igq_code_product_scratch(int T, int C, int O, int G, const igq_scheme_cfg *cfg)
{
    return cfg->scheme == IGQ_SCHEME_VSQUANT ? igq_vsquant_gemm_scratch(T, C, O, cfg->vector_length)
                                             : igq_gemm_scratch(T, C, O, G);
}
