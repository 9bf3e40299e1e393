// SPDX-License-Identifier: Apache-2.0
#include "format.h"
#include <assert.h>
#include <stddef.h>

const igq_format *igq_act_format(const igq_scheme_cfg *cfg)
{
    switch (cfg->scheme) {
    case IGQ_SCHEME_VSQUANT:
        return &igq_format_vector;
    case IGQ_SCHEME_MX:
    case IGQ_SCHEME_NVFP4:
    case IGQ_SCHEME_BFP:
        return &igq_format_block;
    default:
        return &igq_format_affine;
    }
}

const igq_format *igq_weight_format(const igq_scheme_cfg *cfg)
{
    switch (igq_weight_scheme_of(cfg)) {
    case IGQ_WEIGHT_SCHEME_VSQUANT:
        return &igq_format_vector;
    case IGQ_WEIGHT_SCHEME_MX:
    case IGQ_WEIGHT_SCHEME_NVFP4:
    case IGQ_WEIGHT_SCHEME_BFP:
        return &igq_format_block;
    default:
        return &igq_format_affine;
    }
}

const char *igq_pairing_refusal(const igq_scheme_cfg *cfg)
{
    const igq_format *act = igq_act_format(cfg), *weight = igq_weight_format(cfg);
    if (act == weight && act == &igq_format_block) {
        int a = act->act_storage(cfg, 8).block, w = weight->weight_storage(cfg, 8).block;
        return a % w == 0 || w % a == 0 ? NULL : "blocks of activations and weights do not end together";
    }
    if (act == weight || (act != &igq_format_affine && weight == &igq_format_affine))
        return NULL;
    if (act == &igq_format_affine)
        return "a scale of the weights belongs to neighbouring channels, and groups of activations take channels apart";
    return "integer scales of vectors and powers of two of blocks are multiplied by different hardware";
}

const igq_pairing *igq_pairing_of(const igq_scheme_cfg *cfg)
{
    const igq_format *act = igq_act_format(cfg);
    if (igq_pairing_refusal(cfg))
        return NULL;
    return act == &igq_format_affine   ? &igq_pairing_affine
           : act == &igq_format_vector ? &igq_pairing_vector
                                       : &igq_pairing_block;
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

void igq_count_equal(uint32_t *zeros, const uint8_t *codes, uint8_t zero_point, int C)
{
    for (int c = 0; c < C; c++)
        zeros[c] += codes[c] == zero_point;
}
