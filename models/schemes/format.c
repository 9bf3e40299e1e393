// SPDX-License-Identifier: Apache-2.0
#include "format.h"
#include <assert.h>
#include <stddef.h>

const igq_format *igq_act_format(const igq_scheme_cfg *cfg)
{
    return igq_schemes[cfg->scheme].format;
}

const igq_format *igq_weight_format(const igq_scheme_cfg *cfg)
{
    static const igq_format *const formats[IGQ_WEIGHT_SCHEME_COUNT] = {
        [IGQ_WEIGHT_SCHEME_AUTO] = &igq_format_affine,   [IGQ_WEIGHT_SCHEME_PER_CHANNEL] = &igq_format_affine,
        [IGQ_WEIGHT_SCHEME_GROUPS] = &igq_format_affine, [IGQ_WEIGHT_SCHEME_VSQUANT] = &igq_format_vector,
        [IGQ_WEIGHT_SCHEME_MX] = &igq_format_block,      [IGQ_WEIGHT_SCHEME_NVFP4] = &igq_format_block,
        [IGQ_WEIGHT_SCHEME_BFP] = &igq_format_block};
    return formats[igq_weight_scheme_of(cfg)];
}

const char *igq_pairing_refusal(const igq_scheme_cfg *cfg)
{
    const igq_format *act = igq_act_format(cfg), *weight = igq_weight_format(cfg);
    if (act == weight && act == &igq_format_block) {
        int a = act->act_storage(cfg, 8).block, w = weight->weight_storage(cfg, 8).block;
        return a % w == 0 || w % a == 0 ? NULL : "blocks of activations and weights do not end together";
    }
    if (act == weight || weight == &igq_format_affine)
        return NULL;
    if (act->pairing->scaling == IGQ_SCALING_GROUPS)
        return weight == &igq_format_vector
                   ? NULL
                   : "activations in groups meet weights as integers, which exponents of blocks would make as wide as "
                     "these differ; integer scales can be multiplied in before (vsquant)";
    return "integer scales of vectors and powers of two of blocks are multiplied by different hardware";
}

const igq_pairing *igq_pairing_of(const igq_scheme_cfg *cfg)
{
    const igq_format *act = igq_act_format(cfg), *weight = igq_weight_format(cfg);
    if (igq_pairing_refusal(cfg))
        return NULL;
    return act->pairing->scaling == IGQ_SCALING_GROUPS && weight == &igq_format_vector ? &igq_pairing_scaled
                                                                                       : act->pairing;
}

int igq_act_code_bits(const igq_scheme_cfg *cfg, int bits)
{
    return igq_act_format(cfg)->act_storage(cfg, bits).bits;
}

int igq_weight_code_bits(const igq_scheme_cfg *cfg, int bits)
{
    return igq_weight_format(cfg)->weight_storage(cfg, bits).bits;
}

int igq_same_bits(const igq_scheme_cfg *cfg, int bits)
{
    (void)cfg;
    return bits;
}

int igq_num_weight_scales(const igq_scheme_cfg *cfg, int C)
{
    int block = igq_weight_format(cfg)->weight_storage(cfg, 0).block;
    return block > 0 ? (C + block - 1) / block : 0;
}

int igq_weight_scale_bits(const igq_scheme_cfg *cfg, int C)
{
    return igq_num_weight_scales(cfg, C) * igq_weight_format(cfg)->weight_storage(cfg, 0).scale_bits;
}

int igq_largest_magnitude(const igq_group_bounds *bounds)
{
    int largest = 0;
    for (int m = 0; m < bounds->num_members; m++) {
        largest = -bounds->member_lo[m] > largest ? -bounds->member_lo[m] : largest;
        largest = bounds->member_hi[m] > largest ? bounds->member_hi[m] : largest;
    }
    return largest;
}

void igq_count_equal(uint32_t *zeros, const uint8_t *codes, uint8_t zero_point, int C)
{
    for (int c = 0; c < C; c++)
        zeros[c] += codes[c] == zero_point;
}
