// SPDX-License-Identifier: Apache-2.0
// event_widths.c - how wide operands are, for counts and units alike.
#include "events.h"
#include "latency.h"

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

int igq_log2_ceil(uint64_t value)
{
    int bits = 0;
    while (bits < 63 && ((uint64_t)1 << bits) < value)
        bits++;
    return bits;
}

int igq_scheme_permutes(igq_scheme scheme)
{
    return scheme == IGQ_SCHEME_IGQ || scheme == IGQ_SCHEME_IGQ_FIXED || scheme == IGQ_SCHEME_PEG;
}

igq_widths igq_widths_of(const igq_accelerator *accelerator, igq_scheme scheme, int act_bits, int weight_bits)
{
    static const int distance_bits[IGQ_DISTANCE_COUNT] = {
        [IGQ_DISTANCE_L2] = 2 * IGQ_ACT_IN_BITS + 1,
        [IGQ_DISTANCE_L1] = IGQ_ACT_IN_BITS + 1,
        [IGQ_DISTANCE_LINF] = IGQ_ACT_IN_BITS,
    };
    const igq_scheme_cfg *cfg = &accelerator->scheme;
    int vsquant = scheme == IGQ_SCHEME_VSQUANT; // its codes are symmetric
    int extra = !vsquant && accelerator->zero_point == IGQ_ZERO_POINT_SUBTRACT;
    int full_product = cfg->vsquant_act_scale_bits + cfg->vsquant_weight_scale_bits;
    int rounds = cfg->vsquant_scale_product_bits > 0 && cfg->vsquant_scale_product_bits < full_product;
    igq_widths widths = {
        .act_operand = min_int(act_bits, accelerator->mac_array.mac_bits) + extra,
        .weight_operand = min_int(weight_bits, accelerator->mac_array.mac_bits) + extra,
        .distance = distance_bits[cfg->distance],
        .argmin = distance_bits[cfg->distance] + 1,
        .index = igq_log2_ceil((uint64_t)accelerator->group_assignment.max_members),
        .list_end = igq_log2_ceil(igq_ceil_div((uint64_t)accelerator->group_assignment.max_members,
                                               (uint64_t)accelerator->group_assignment.distance_lanes)),
        .deal_vectors = igq_log2_ceil(igq_ceil_div((uint64_t)accelerator->group_assignment.max_members,
                                                   (uint64_t)accelerator->mac_array.vector_length) +
                                      1),
        .deal_slices = igq_log2_ceil((uint64_t)accelerator->mac_array.num_arrays + 1),
        .scale_sum =
            accelerator->mac_array.acc_bits + cfg->group_scale_bits + igq_log2_ceil((uint64_t)accelerator->num_groups),
        .vector_dot = act_bits + weight_bits + igq_log2_ceil((uint64_t)accelerator->mac_array.vector_length),
        .scale_product = rounds ? cfg->vsquant_scale_product_bits : full_product,
    };
    return widths;
}
