// SPDX-License-Identifier: Apache-2.0
#include "code_product.h"
#include "format.h"

void igq_code_weights_place(igq_code_weights *weights, igq_arena *arena, int O, int C, int bits,
                            const igq_scheme_cfg *cfg)
{
    *weights = (igq_code_weights){.O = O, .C = C, .bits = bits};
    igq_weight_format(cfg)->place_weights(weights, arena, cfg);
}

void igq_code_weights_fill(igq_code_weights *weights, const float *values, int num_groups, double epsilon_pct,
                           const igq_scheme_cfg *cfg, float *scratch)
{
    igq_weight_format(cfg)->fill_weights(weights, values, num_groups, epsilon_pct, cfg, scratch);
}

void igq_code_operand_fill(igq_code_weights *weights, const int16_t *fixed, int lower, int upper, int exponent,
                           const igq_scheme_cfg *cfg, float *scratch)
{
    igq_weight_format(cfg)->fill_operand(weights, fixed, lower, upper, exponent, cfg, scratch);
}

uint64_t igq_code_product(float *y, const igq_activation_codes *act, int first_token, int T,
                          const igq_code_weights *weights, const float *bias, int exponent, int tile_channels,
                          const igq_scheme_cfg *cfg, void *scratch)
{
    return igq_pairing_of(cfg)->product(y, act, first_token, T, weights, bias, exponent, tile_channels, cfg, scratch);
}

uint64_t igq_code_product_rows(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                               int exponent, int tile_channels, const igq_scheme_cfg *cfg, void *scratch)
{
    return igq_pairing_of(cfg)->product_rows(y, act, R, weights, exponent, tile_channels, cfg, scratch);
}

size_t igq_code_product_scratch(int T, int C, int O, int G, const igq_scheme_cfg *cfg)
{
    return igq_pairing_of(cfg)->scratch_bytes(T, C, O, G, cfg);
}
