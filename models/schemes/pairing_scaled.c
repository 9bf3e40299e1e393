// SPDX-License-Identifier: Apache-2.0
// pairing_scaled.c - groups of activations (affine, tender) times weights with VS-Quant's scales (scaled_gemm.h).
#include "format.h"
#include "scaled_gemm.h"
#include <assert.h>
#include <math.h>

// The constants that tender's middles leave: b'(o) as in format_tender.c, with w' and gamma_o.
static void add_middles(float *sum, const igq_scaled_operands *operands, const int16_t *middle, int exponent)
{
    int C = operands->grouping->C, num_vectors = (C + operands->V - 1) / operands->V;
    for (int o = 0; o < operands->O; o++) {
        const int8_t *codes = operands->weight_codes + (size_t)o * (size_t)C;
        const uint16_t *scale = operands->weight_scale + (size_t)o * (size_t)num_vectors;
        int64_t product = 0;
        for (int c = 0; c < C; c++)
            product += (int64_t)middle[c] * codes[c] * scale[c / operands->V];
        float real = (float)ldexp((double)product, exponent);
        sum[o] = (operands->bias ? operands->bias[o] : 0) + operands->weight_gamma[o] * real;
    }
}

static uint64_t product(float *y, const igq_activation_codes *act, int first_token, int T,
                        const igq_code_weights *weights, const float *bias, int exponent, int tile_channels,
                        const igq_scheme_cfg *cfg, void *scratch)
{
    igq_scaled_operands operands = {
        .act_codes = act->codes + (size_t)first_token * (size_t)weights->C,
        .grouping = &act->grouping,
        .quantizer = act->quantizer,
        .scales = &act->scales,
        .weight_codes = weights->vector_codes,
        .weight_scale = weights->vector_scale,
        .weight_gamma = weights->vector_gamma,
        .bias = bias,
        .T = T,
        .O = weights->O,
        .V = igq_vsquant_length(cfg),
        .acc_bits = cfg->acc_bits,
        .tile_channels = tile_channels,
    };
    float *with_middles = (float *)((char *)scratch + igq_scaled_gemm_scratch(weights->C, weights->O));
    if (cfg->scheme == IGQ_SCHEME_TENDER) {
        add_middles(with_middles, &operands, act->tender_middle, exponent);
        operands.bias = with_middles;
    }
    return igq_scaled_gemm(y, &operands, scratch);
}

// Softmax rows meet V, which is coded as the activations are (igq_scheme_of_layer).
static uint64_t product_rows(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                             int exponent, int tile_channels, const igq_scheme_cfg *cfg, void *scratch)
{
    (void)y, (void)act, (void)R, (void)weights, (void)exponent, (void)tile_channels, (void)cfg, (void)scratch;
    assert(0);
    return 0;
}

static size_t scratch_bytes(int T, int C, int O, int G, const igq_scheme_cfg *cfg)
{
    (void)T, (void)G, (void)cfg;
    return igq_scaled_gemm_scratch(C, O) + (size_t)O * sizeof(float);
}

const igq_pairing igq_pairing_scaled = {.scaling = IGQ_SCALING_GROUPS,
                                        .least_acc_bits = 16,
                                        .most_acc_bits = 32,
                                        .product = product,
                                        .product_rows = product_rows,
                                        .scratch_bytes = scratch_bytes};
