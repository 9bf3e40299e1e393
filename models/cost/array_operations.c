// SPDX-License-Identifier: Apache-2.0
// array_operations.c - MAC arrays with their zero points, and the quantizers at their inputs.
#include "format.h"
#include "latency.h"
#include "operations.h"

// Scales of vectors or blocks of a token.
static int has_block_scales(const igq_operations *sums)
{
    return igq_pairing_of(&sums->scheme)->scaling != IGQ_SCALING_GROUPS;
}

/// MAC arrays

// Partial products that a multiplier forms in a cycle.
static uint64_t products_at_once(const igq_operations *sums)
{
    return sums->accelerator->mac_array.wide_rate == IGQ_WIDE_RATE_HALF ? 2 : 1;
}

uint64_t igq_tree_adders(int leaves, int level)
{
    return (((uint64_t)leaves + ((uint64_t)1 << level) - 1) >> level) / 2;
}

// Products of V channels; partial products that a multiplier of half rate forms at once are added up before.
static void add_trees(igq_operations *sums, uint64_t steps)
{
    int V = sums->accelerator->mac_array.vector_length;
    int product_bits = sums->widths.act_operand + sums->widths.weight_operand;
    igq_operation pairs = igq_operation_of(IGQ_EVENT_TREE_ADD, product_bits + 1,
                                           (products_at_once(sums) - 1) * sums->vector_macs * (uint64_t)V,
                                           (sums->outputs * sums->partial_products - steps) * sums->C);
    igq_operations_add(sums, &pairs, 1);
    for (int level = 0; level < igq_log2_ceil((uint64_t)V); level++) {
        igq_operation add =
            igq_operation_of(IGQ_EVENT_TREE_ADD, product_bits + level + 1,
                             sums->vector_macs * igq_tree_adders(V, level), steps * sums->tree_adds[level]);
        igq_operations_add(sums, &add, 1);
    }
}

// Accumulators; one activation for all lanes of an array; a gathered row of weights for tokens_in_flight tokens, with
// the vectors that wait in the selector's queue.
static void add_registers(igq_operations *sums, uint64_t steps)
{
    const igq_mac_array_cfg *array = &sums->accelerator->mac_array;
    uint64_t accumulators = (uint64_t)array->num_arrays * (uint64_t)array->lanes * (uint64_t)array->tokens_in_flight *
                            (uint64_t)array->accumulator_sets;
    // A lane reads the sum that it adds to, and post-processing those that it takes, among the tokens in flight.
    int sums_of_a_lane = array->tokens_in_flight / array->token_rows * array->accumulator_sets;
    uint64_t gathered_vectors =
        (uint64_t)sums->accelerator->row_selector.queue_depth + 1; // waiting, and the one in use
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_MAC_REGISTER, array->acc_bits, accumulators, steps * sums->vectors),
        igq_selection(IGQ_EVENT_ACCUMULATOR_SELECT, array->acc_bits, sums_of_a_lane, sums_of_a_lane,
                      accumulators / (uint64_t)sums_of_a_lane, steps * sums->vectors + sums->outputs * sums->handovers),
        igq_operation_of(IGQ_EVENT_MAC_REGISTER, sums->act_bits, sums->acts_a_cycle, sums->acts_in),
        igq_operation_of(IGQ_EVENT_MAC_REGISTER, sums->weight_bits, sums->weights_a_cycle * gathered_vectors,
                         sums->weights_in),
    };
    IGQ_OPERATIONS_ADD(sums, list);
    if (!array->systolic)
        return;
    uint64_t multipliers = sums->vector_macs * (uint64_t)array->vector_length; // operands go on from each to the next
    const igq_operation at_multipliers[] = {
        igq_operation_of(IGQ_EVENT_MAC_REGISTER, sums->act_bits, multipliers, sums->outputs * sums->C),
        igq_operation_of(IGQ_EVENT_MAC_REGISTER, sums->weight_bits, multipliers, sums->outputs * sums->C),
    };
    IGQ_OPERATIONS_ADD(sums, at_multipliers);
}

/// Zero points

static void add_subtracted_zero_points(igq_operations *sums)
{
    const igq_operation acts =
        igq_operation_of(IGQ_EVENT_ZERO_POINT_SUBTRACT, sums->act_bits + 1, sums->acts_a_cycle, sums->acts_in);
    const igq_operation weights =
        igq_operation_of(IGQ_EVENT_ZERO_POINT_SUBTRACT, sums->weight_bits + 1, sums->weights_a_cycle, sums->weights_in);
    if (igq_act_format(&sums->scheme)->has_zero_points)
        igq_operations_add(sums, &acts, 1);
    if (igq_weight_format(&sums->scheme)->has_zero_points)
        igq_operations_add(sums, &weights, 1);
}

// P = sum xq wq - z_o sum xq - z_g (sum wq - n z_o), per token, output and group. What depends on weights alone is
// worked out in the time of a block of tokens by the units of the first.
static void add_corrected_zero_points(igq_operations *sums)
{
    int act_bits = sums->act_bits, weight_bits = sums->weight_bits, growth = sums->sum_growth;
    uint64_t lanes = (uint64_t)sums->accelerator->post_processing.lanes;
    uint64_t group_sums = sums->outputs * sums->group_sums;
    uint64_t weight_sums = sums->O * sums->token_blocks * sums->group_sums;
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_ZERO_POINT_SUM, act_bits + growth, sums->acts_a_cycle, sums->acts_in),
        igq_operation_of(IGQ_EVENT_ZERO_POINT_SUM, weight_bits + growth, sums->weights_a_cycle, sums->weights_in),
        igq_multiplication(IGQ_EVENT_ZERO_POINT_MULTIPLY, weight_bits, act_bits + growth, lanes, group_sums),
        igq_multiplication(IGQ_EVENT_ZERO_POINT_MULTIPLY, weight_bits, growth, 0, weight_sums),
        igq_multiplication(IGQ_EVENT_ZERO_POINT_MULTIPLY, act_bits, weight_bits + growth, 0, weight_sums),
        igq_operation_of(IGQ_EVENT_ZERO_POINT_ADD, sums->accelerator->mac_array.acc_bits, 2 * lanes,
                         2 * group_sums + weight_sums),
    };
    IGQ_OPERATIONS_ADD(sums, list);
}

// Weights on their way into the arrays, times the scale of their vector.
static void add_weight_scales(igq_operations *sums)
{
    int scale_bits = sums->scheme.vsquant_weight_scale_bits;
    const igq_operation scale = igq_multiplication(IGQ_EVENT_SCALE_MULTIPLY, sums->widths.weight_operand - scale_bits,
                                                   scale_bits, sums->weights_a_cycle, sums->weights_in);
    igq_operations_add(sums, &scale, 1);
}

void igq_operations_of_arrays(igq_operations *sums)
{
    int V = sums->accelerator->mac_array.vector_length;
    uint64_t steps = sums->outputs * sums->passes; // output positions times passes
    const igq_operation list[] = {
        igq_multiplication(IGQ_EVENT_MULTIPLY, sums->widths.act_operand, sums->widths.weight_operand,
                           products_at_once(sums) * sums->vector_macs * (uint64_t)V,
                           sums->outputs * sums->partial_products * sums->C),
        igq_operation_of(IGQ_EVENT_ACCUMULATE, sums->accelerator->mac_array.acc_bits, sums->vector_macs,
                         steps * sums->vectors),
    };
    IGQ_OPERATIONS_ADD(sums, list);
    add_trees(sums, steps);
    add_registers(sums, steps);
    if (igq_pairing_of(&sums->scheme) == &igq_pairing_scaled)
        add_weight_scales(sums);
    // Codes without zero points need neither; with them on one side only there is nothing to correct by groups.
    if (sums->accelerator->zero_point == IGQ_ZERO_POINT_CORRECT && igq_act_format(&sums->scheme)->has_zero_points &&
        igq_weight_format(&sums->scheme)->has_zero_points)
        add_corrected_zero_points(sums);
    else
        add_subtracted_zero_points(sums);
}

/// Quantizers

// Elements of 16 bits that become codes: results at their write-back, if they are stored as codes; values entering the
// arrays, or rewritten before; K and V on their way into the weight buffer, if they are values.
static uint64_t quantized(const igq_operations *sums)
{
    const igq_product *product = &sums->work->product;
    uint64_t operands = igq_weights_are_activations(product) ? sums->loaded_weights : 0;
    uint64_t results = product->outputs.bits > 0 ? sums->outputs : 0;
    uint64_t recoded = product->recodes ? sums->T * (uint64_t)product->C : 0;
    return (product->acts.bits > 0 ? 0 : sums->acts_in) + results + recoded + operands;
}

// Quantizers of a machine: at the write-back, and at the arrays' inputs if values enter there.
static uint64_t quantizers(const igq_operations *sums)
{
    const igq_accelerator *accelerator = sums->accelerator;
    uint64_t finished =
        accelerator->activation_stores != IGQ_STORES_VALUES ? (uint64_t)igq_output_lanes(accelerator) : 0;
    return finished + (igq_stored_act_bits(accelerator) == IGQ_ACT_IN_BITS ? sums->acts_a_cycle : 0);
}

void igq_operations_of_quantizers(igq_operations *sums)
{
    uint64_t units = quantizers(sums), elements = quantized(sums);
    const igq_operation list[] = {
        // Multiply, shift, round, add the zero point, clamp at both ends.
        igq_multiplication(IGQ_EVENT_QUANTIZE_MULTIPLY, IGQ_ACT_IN_BITS, IGQ_QUANTIZER_MULTIPLIER_BITS, units,
                           elements),
        igq_operation_of(IGQ_EVENT_QUANTIZE_SHIFT,
                         IGQ_QUANTIZER_PRODUCT_BITS * igq_log2_ceil(IGQ_QUANTIZER_PRODUCT_BITS), units, elements),
        igq_operation_of(IGQ_EVENT_QUANTIZE_ADD, IGQ_QUANTIZER_PRODUCT_BITS, units, elements),
        igq_operation_of(IGQ_EVENT_QUANTIZE_ADD, IGQ_ACT_IN_BITS, 3 * units, 3 * elements),
    };
    IGQ_OPERATIONS_ADD(sums, list);
    // Scales that the calibration does not know: the largest magnitude of each vector, then a reciprocal by a Newton
    // step.
    int has_blocks = has_block_scales(sums);
    int finds_powers = sums->scheme.scheme == IGQ_SCHEME_MX || sums->scheme.scheme == IGQ_SCHEME_BFP; // no reciprocals
    uint64_t scales = has_blocks ? sums->T * igq_scaled_blocks(sums) : (uint64_t)sums->work->assign_members;
    const igq_operation search = igq_operation_of(IGQ_EVENT_SCALE_SEARCH, IGQ_ACT_IN_BITS,
                                                  (uint64_t)igq_output_lanes(sums->accelerator), sums->T * sums->C);
    const igq_operation derive =
        igq_multiplication(IGQ_EVENT_SCALE_DERIVE, IGQ_ACT_IN_BITS, IGQ_ACT_IN_BITS, 2, 2 * scales);
    if (has_blocks)
        igq_operations_add(sums, &search, 1);
    if ((has_blocks && !finds_powers) || igq_schemes[sums->work->scheme].ranges == IGQ_RANGES_ARE_BOUNDS)
        igq_operations_add(sums, &derive, 1);
}
