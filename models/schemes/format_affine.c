// SPDX-License-Identifier: Apache-2.0
// format_affine.c - unsigned codes with a step and a zero point (quant.h, weight_quant.h): one for each group of
// activation channels, one for each output channel or group of output channels.
#include "format.h"
#include "gemm.h"
#include <math.h>

/// Storage ///

static igq_storage storage(const igq_scheme_cfg *cfg, int bits)
{
    (void)cfg;
    return (igq_storage){.bits = bits};
}

/// Weights ///

static void place_weights(igq_code_weights *weights, igq_arena *arena, const igq_scheme_cfg *cfg)
{
    (void)cfg;
    void *memory = igq_arena_take(arena, igq_weight_codes_size(weights->O, weights->C));
    if (memory)
        igq_weight_codes_init(&weights->codes, memory, weights->O, weights->C, weights->bits);
}

static void fill_weights(igq_code_weights *weights, const float *values, int num_groups, double epsilon_pct,
                         const igq_scheme_cfg *cfg, float *scratch)
{
    igq_weight_quantize(&weights->codes, values, igq_weight_groups(cfg, num_groups), epsilon_pct, scratch);
}

static void fill_operand(igq_code_weights *weights, const int16_t *fixed, int lower, int upper, int exponent,
                         const igq_scheme_cfg *cfg, float *scratch)
{
    (void)cfg;
    (void)scratch;
    igq_weight_codes *codes = &weights->codes;
    igq_quantizer quantizer;
    igq_quantizer_from_bounds(&quantizer, lower, upper, weights->bits);
    for (int o = 0; o < weights->O; o++) {
        static const uint16_t only_group = 0;
        size_t row = (size_t)o * (size_t)weights->C;
        igq_quantize_rows(codes->codes + row, fixed + row, &only_group, &quantizer, 1, weights->C);
        codes->zero_point[o] = (uint8_t)quantizer.zero_point;
        codes->scale[o] = (float)ldexp(quantizer.step_grid, exponent);
    }
    igq_weight_codes_pack(codes);
}

static void count_weight_zeros(uint32_t *zeros, const igq_code_weights *weights, int o, const igq_scheme_cfg *cfg)
{
    (void)cfg;
    igq_count_equal(zeros, weights->codes.codes + (size_t)o * (size_t)weights->C, weights->codes.zero_point[o],
                    weights->C);
}

/// Activations ///

static igq_power fill_acts(igq_activation_codes *codes, const igq_range *range, int T, int C, igq_members members,
                           const igq_group_bounds *bounds, const igq_scheme_cfg *cfg)
{
    igq_power power;
    igq_grouping *grouping = &codes->grouping;
    igq_grouping_init(grouping, codes->grouping_memory, bounds->num_members, igq_scheme_num_groups(cfg, bounds));
    igq_scheme_group(grouping, cfg, bounds, range, codes->order);
    igq_scheme_bounds(codes->lower, codes->upper, cfg, bounds, grouping, range);
    igq_quantizers_from_bounds(codes->quantizer, &codes->scales, codes->lower, codes->upper, grouping->G, bounds->bits,
                               bounds->exponent, cfg->group_scale, cfg->group_scale_bits);
    if (members == IGQ_MEMBERS_CHANNELS) {
        igq_quantize_channels(codes->codes, codes->fixed, grouping->group, codes->quantizer, T, C,
                              codes->quantize_scratch);
        igq_power_channels(&power, codes->fixed, codes->codes, grouping->group, codes->quantizer, T, C);
    } else {
        igq_quantize_rows(codes->codes, codes->fixed, grouping->group, codes->quantizer, T, C);
        igq_power_rows(&power, codes->fixed, codes->codes, grouping->group, codes->quantizer, T, C);
    }
    return power;
}

static void count_act_zeros(uint32_t *zeros, const igq_activation_codes *act, int t, int C, igq_members members,
                            const igq_scheme_cfg *cfg)
{
    (void)cfg;
    const uint8_t *codes = act->codes + (size_t)t * (size_t)C;
    if (members == IGQ_MEMBERS_ROWS || act->grouping.G == 1) {
        int group = members == IGQ_MEMBERS_ROWS ? act->grouping.group[t] : 0;
        igq_count_equal(zeros, codes, (uint8_t)act->quantizer[group].zero_point, C);
        return;
    }
    for (int c = 0; c < C; c++)
        zeros[c] += codes[c] == act->quantizer[act->grouping.group[c]].zero_point;
}

const igq_format igq_format_affine = {.name = "affine",
                                      .has_zero_points = 1,
                                      .place_weights = place_weights,
                                      .fill_weights = fill_weights,
                                      .fill_operand = fill_operand,
                                      .count_weight_zeros = count_weight_zeros,
                                      .weight_storage = storage,
                                      .act_storage = storage,
                                      .weight_operand_bits = igq_same_bits,
                                      .act_operand_bits = igq_same_bits,
                                      .fill_acts = fill_acts,
                                      .count_act_zeros = count_act_zeros,
                                      .pairing = &igq_pairing_affine};

/// Affine times affine: Eq. (7) ///

static uint64_t product(float *y, const igq_activation_codes *act, int first_token, int T,
                        const igq_code_weights *weights, const float *bias, int exponent, int tile_channels,
                        const igq_scheme_cfg *cfg, void *scratch)
{
    (void)exponent; // is in the scales of the groups
    igq_gemm_operands operands = {
        .act_codes = act->codes + (size_t)first_token * (size_t)weights->C,
        .grouping = &act->grouping,
        .quantizer = act->quantizer,
        .scales = &act->scales,
        .weights = &weights->codes,
        .bias = bias,
        .T = T,
        .acc_bits = cfg->acc_bits,
        .tile_channels = tile_channels,
    };
    return igq_gemm(y, &operands, scratch);
}

static uint64_t product_rows(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                             int exponent, int tile_channels, const igq_scheme_cfg *cfg, void *scratch)
{
    (void)exponent;
    return igq_gemm_rows(y, act->codes, act->grouping.group, act->quantizer, &act->scales, &weights->codes, R,
                         cfg->acc_bits, tile_channels, scratch);
}

static size_t scratch_bytes(int T, int C, int O, int G, const igq_scheme_cfg *cfg)
{
    (void)cfg;
    return igq_gemm_scratch(T, C, O, G);
}

const igq_pairing igq_pairing_affine = {.scaling = IGQ_SCALING_GROUPS,
                                        .least_acc_bits = 8,
                                        .most_acc_bits = 32,
                                        .product = product,
                                        .product_rows = product_rows,
                                        .scratch_bytes = scratch_bytes};
