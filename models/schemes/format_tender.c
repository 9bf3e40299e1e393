// SPDX-License-Identifier: Apache-2.0
// format_tender.c - activations of Tender (tender.h): signed codes in groups whose scales are powers of two apart. They
// meet weights as groups with zero points do (gemm.h), with one zero point for all: half of the codes.
//   y(t,o) = fl(fl(s_o A) + b'(o)),  b'(o) = fl(bias(o) + fl(s_o fl(2^exponent sum_c b(c) (wq(o,c) - z_o))))
#include "format.h"
#include "gemm.h"
#include "tender.h"
#include <math.h>
#include <string.h>

/// Calibrated groups ///

int igq_tender_middle(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds, int member)
{
    int ends = bounds->member_lo[member] + bounds->member_hi[member];
    return !cfg->tender_subtracts_middle ? 0 : ends >= 0 ? ends / 2 : -((1 - ends) / 2);
}

int igq_tender_magnitude(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds, int member)
{
    int middle = igq_tender_middle(cfg, bounds, member);
    int below = middle - bounds->member_lo[member], above = bounds->member_hi[member] - middle;
    int magnitude = below > above ? below : above;
    return magnitude > 0 ? magnitude : 0;
}

int igq_tender_largest(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds)
{
    int largest = 1;
    for (int m = 0; m < bounds->num_members; m++) {
        int magnitude = igq_tender_magnitude(cfg, bounds, m);
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

/// Activations ///

static igq_storage storage(const igq_scheme_cfg *cfg, int bits)
{
    (void)cfg;
    return (igq_storage){.bits = bits};
}

// Shifts and the scale of the finest group, and what the groups' codes stand for.
static void set_scales(igq_activation_codes *codes, int largest, int G, int bits, int exponent)
{
    codes->scales.mode = IGQ_GROUP_SCALE_POW2;
    codes->scales.layer_scale = (float)ldexp(igq_tender_step(largest, G - 1, bits), exponent);
    for (int g = 0; g < G; g++) {
        codes->scales.weight[g] = G - 1 - g;
        codes->quantizer[g] = (igq_quantizer){
            .zero_point = 1 << (bits - 1), .bits = bits, .step_grid = igq_tender_step(largest, g, bits)};
    }
}

static igq_power power_of(const igq_activation_codes *codes, int T, int C, igq_members members)
{
    igq_power power = {0};
    for (int t = 0; t < T; t++)
        for (int c = 0; c < C; c++) {
            size_t i = (size_t)t * (size_t)C + (size_t)c;
            const igq_quantizer *quantizer =
                &codes->quantizer[codes->grouping.group[members == IGQ_MEMBERS_ROWS ? t : c]];
            double value = codes->fixed[i], error = value - codes->tender_middle[c] -
                                                    quantizer->step_grid * (codes->codes[i] - quantizer->zero_point);
            power.signal += value * value;
            power.noise += error * error;
        }
    return power;
}

static igq_power fill_acts(igq_activation_codes *codes, const igq_range *range, int T, int C, igq_members members,
                           const igq_group_bounds *bounds, const igq_scheme_cfg *cfg)
{
    igq_grouping *grouping = &codes->grouping;
    int largest = igq_tender_largest(cfg, bounds), bits = bounds->bits;
    igq_grouping_init(grouping, codes->grouping_memory, bounds->num_members, igq_scheme_num_groups(cfg, bounds));
    igq_scheme_group(grouping, cfg, bounds, range, codes->order);
    set_scales(codes, largest, grouping->G, bits, bounds->exponent);
    memset(codes->tender_middle, 0, (size_t)C * sizeof *codes->tender_middle);
    for (int c = 0; members == IGQ_MEMBERS_CHANNELS && c < C; c++)
        codes->tender_middle[c] = (int16_t)igq_tender_middle(cfg, bounds, c);
    igq_tender_codes(codes->codes, codes->fixed, codes->tender_middle, grouping->group,
                     members == IGQ_MEMBERS_ROWS ? IGQ_TENDER_ROWS : IGQ_TENDER_CHANNELS, T, C, largest, bits,
                     codes->tender_scratch);
    return power_of(codes, T, C, members);
}

static void count_act_zeros(uint32_t *zeros, const igq_activation_codes *act, int t, int C, igq_members members,
                            const igq_scheme_cfg *cfg)
{
    (void)members;
    (void)cfg;
    igq_count_equal(zeros, act->codes + (size_t)t * (size_t)C, (uint8_t)act->quantizer[0].zero_point, C);
}

// There are no weights in this format.
const igq_format igq_format_tender = {.name = "tender",
                                      .has_zero_points = 0,
                                      .act_storage = storage,
                                      .act_operand_bits = igq_same_bits,
                                      .fill_acts = fill_acts,
                                      .count_act_zeros = count_act_zeros,
                                      .pairing = &igq_pairing_tender};

/// Tender times affine ///

// b' (O)
static void add_middles(float *sum, const float *bias, const int16_t *middle, const igq_weight_codes *weights,
                        int exponent)
{
    for (int o = 0; o < weights->O; o++) {
        const uint8_t *codes = weights->codes + (size_t)o * (size_t)weights->C;
        int64_t product = 0;
        for (int c = 0; c < weights->C; c++)
            product += middle[c] * (codes[c] - weights->zero_point[o]);
        float real = (float)ldexp((double)product, exponent);
        sum[o] = (bias ? bias[o] : 0) + weights->scale[o] * real;
    }
}

static uint64_t product(float *y, const igq_activation_codes *act, int first_token, int T,
                        const igq_code_weights *weights, const float *bias, int exponent, int tile_channels,
                        const igq_scheme_cfg *cfg, void *scratch)
{
    float *with_middles = (float *)((char *)scratch + igq_gemm_scratch(T, weights->C, weights->O, act->grouping.G));
    add_middles(with_middles, bias, act->tender_middle, &weights->codes, exponent);
    igq_gemm_operands operands = {
        .act_codes = act->codes + (size_t)first_token * (size_t)weights->C,
        .grouping = &act->grouping,
        .quantizer = act->quantizer,
        .scales = &act->scales,
        .weights = &weights->codes,
        .bias = with_middles,
        .T = T,
        .acc_bits = cfg->acc_bits,
        .tile_channels = tile_channels,
    };
    return igq_gemm(y, &operands, scratch);
}

static uint64_t product_rows(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                             int exponent, int tile_channels, const igq_scheme_cfg *cfg, void *scratch)
{
    return igq_pairing_affine.product_rows(y, act, R, weights, exponent, tile_channels, cfg, scratch);
}

static size_t scratch_bytes(int T, int C, int O, int G, const igq_scheme_cfg *cfg)
{
    (void)cfg;
    return igq_gemm_scratch(T, C, O, G) + (size_t)O * sizeof(float);
}

const igq_pairing igq_pairing_tender = {.scaling = IGQ_SCALING_GROUPS,
                                        .least_acc_bits = 8,
                                        .most_acc_bits = 32,
                                        .product = product,
                                        .product_rows = product_rows,
                                        .scratch_bytes = scratch_bytes};
