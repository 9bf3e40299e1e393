// SPDX-License-Identifier: Apache-2.0
// event_widths.c - how wide operands are, for counts and units alike.
#include "events.h"
#include "format.h"
#include "latency.h"

// Scales of weights that are multiplied with those of vectors of activations.
int igq_integer_weight_scale_bits(const igq_scheme_cfg *scheme)
{
    return igq_weight_format(scheme) == &igq_format_vector ? scheme->vsquant_weight_scale_bits : 0;
}

// Channels whose products are added up before they are scaled.
static int dot_channels(const igq_accelerator *accelerator, const igq_scheme_cfg *scheme)
{
    int block = igq_act_format(scheme)->act_storage(scheme, 0).block;
    return block > 0 ? block : accelerator->mac_array.vector_length;
}

int igq_log2_ceil(uint64_t value)
{
    int bits = 0;
    while (bits < 63 && ((uint64_t)1 << bits) < value)
        bits++;
    return bits;
}

igq_widths igq_widths_of(const igq_accelerator *accelerator, const igq_scheme_cfg *scheme, int act_bits,
                         int weight_bits)
{
    static const int distance_bits[IGQ_DISTANCE_COUNT] = {
        [IGQ_DISTANCE_L2] = 2 * IGQ_ACT_IN_BITS + 1,
        [IGQ_DISTANCE_L1] = IGQ_ACT_IN_BITS + 1,
        [IGQ_DISTANCE_LINF] = IGQ_ACT_IN_BITS,
    };
    const igq_scheme_cfg *cfg = &accelerator->scheme;
    const igq_format *act = igq_act_format(scheme), *weight = igq_weight_format(scheme);
    int subtracts = accelerator->zero_point == IGQ_ZERO_POINT_SUBTRACT, mac_bits = accelerator->mac_array.mac_bits;
    int act_operand = act_bits > mac_bits ? mac_bits : act->act_operand_bits(scheme, act_bits);
    int weight_operand = weight_bits > mac_bits ? mac_bits : weight->weight_operand_bits(scheme, weight_bits);
    if (igq_pairing_of(scheme) == &igq_pairing_scaled)
        weight_operand += scheme->vsquant_weight_scale_bits;
    int full_product = cfg->vsquant_act_scale_bits + igq_integer_weight_scale_bits(scheme);
    int rounds = cfg->vsquant_scale_product_bits > 0 && cfg->vsquant_scale_product_bits < full_product;
    igq_widths widths = {
        .act_operand = act_operand + (act->has_zero_points && (subtracts || !weight->has_zero_points)),
        .weight_operand = weight_operand + (weight->has_zero_points && (subtracts || !act->has_zero_points)),
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
        .vector_dot = act->act_operand_bits(scheme, act_bits) + weight->weight_operand_bits(scheme, weight_bits) +
                      igq_log2_ceil((uint64_t)dot_channels(accelerator, scheme)),
        .scale_product = rounds ? cfg->vsquant_scale_product_bits : full_product,
    };
    return widths;
}
