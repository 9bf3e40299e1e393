// SPDX-License-Identifier: Apache-2.0
// format_tender.c - activations of Tender (tender.h): signed codes in groups whose scales are powers of two apart. They
// are multiplied as groups with zero points are (igq_pairing_affine), with one zero point for all: half of the codes.
#include "format.h"
#include "tender.h"
#include <math.h>

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

static igq_power fill_acts(igq_activation_codes *codes, const igq_range *range, int T, int C, igq_members members,
                           const igq_group_bounds *bounds, const igq_scheme_cfg *cfg)
{
    igq_power power;
    igq_grouping *grouping = &codes->grouping;
    int largest = igq_tender_largest(bounds), of_rows = members == IGQ_MEMBERS_ROWS;
    igq_grouping_init(grouping, codes->grouping_memory, bounds->num_members, igq_scheme_num_groups(cfg, bounds));
    igq_scheme_group(grouping, cfg, bounds, range, codes->order);
    set_scales(codes, largest, grouping->G, bounds->bits, bounds->exponent);
    igq_tender_codes(codes->codes, codes->fixed, grouping->group, of_rows, T, C, largest, bounds->bits,
                     codes->tender_scratch);
    if (of_rows)
        igq_power_rows(&power, codes->fixed, codes->codes, grouping->group, codes->quantizer, T, C);
    else
        igq_power_channels(&power, codes->fixed, codes->codes, grouping->group, codes->quantizer, T, C);
    return power;
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
                                      .pairing = &igq_pairing_affine};
