// SPDX-License-Identifier: Apache-2.0
// output_operations.c - post-processing (scaling and accumulation of group sums) and the vector unit.
#include "format.h"
#include "operations.h"
#include "slices.h"

// 1 if an output can be the sum of several groups.
static int adds_groups(const igq_accelerator *accelerator)
{
    igq_group_count groups = igq_schemes[accelerator->scheme.scheme].groups;
    return groups == IGQ_GROUPS_MEMBERS || (groups != IGQ_GROUPS_ONE && accelerator->num_groups > 1);
}

// The dot product of a vector times the product of its scales, which is rounded where it does not keep all bits.
static void add_vector_scales(igq_operations *sums)
{
    const igq_scheme_cfg *cfg = &sums->accelerator->scheme;
    int act_bits = cfg->vsquant_act_scale_bits, weight_bits = igq_integer_weight_scale_bits(&sums->scheme);
    int product_bits = sums->widths.scale_product;
    uint64_t units = sums->vector_macs, vectors = sums->outputs * sums->vectors;
    const igq_operation scales = igq_multiplication(IGQ_EVENT_SCALE_MULTIPLY, act_bits, weight_bits, units, vectors);
    const igq_operation dot =
        igq_multiplication(IGQ_EVENT_SCALE_MULTIPLY, sums->widths.vector_dot, product_bits, units, vectors);
    const igq_operation round = igq_operation_of(IGQ_EVENT_SCALE_ADD, product_bits, units, vectors);
    if (weight_bits > 0)
        igq_operations_add(sums, &scales, 1);
    igq_operations_add(sums, &dot, 1);
    if (product_bits < act_bits + weight_bits)
        igq_operations_add(sums, &round, 1);
}

// The sum of a block becomes FP32, takes the exponents of both scales, and with E4M3 scales the product of their
// mantissas, and is added to an FP32 accumulator.
static void add_block_scales(igq_operations *sums)
{
    enum { EXPONENT_BITS = 8, E4M3_MANTISSA_BITS = 4 };
    uint64_t units = sums->vector_macs, blocks = sums->outputs * igq_scaled_blocks(sums);
    int dot_bits = sums->widths.vector_dot;
    uint64_t scaled_sides = igq_weight_format(&sums->scheme) == &igq_format_block ? 2 : 1;
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_SCALE_CONVERT, dot_bits * igq_log2_ceil((uint64_t)dot_bits), units, blocks),
        igq_operation_of(IGQ_EVENT_SCALE_ADD, EXPONENT_BITS, scaled_sides * units, scaled_sides * blocks),
        igq_operation_of(IGQ_EVENT_SCALE_FP32_ADD, 0, units, blocks),
    };
    const igq_operation mantissas[] = {
        igq_multiplication(IGQ_EVENT_SCALE_MULTIPLY, E4M3_MANTISSA_BITS, E4M3_MANTISSA_BITS, units, blocks),
        igq_multiplication(IGQ_EVENT_SCALE_MULTIPLY, dot_bits, 2 * E4M3_MANTISSA_BITS, units, blocks),
    };
    IGQ_OPERATIONS_ADD(sums, list);
    if (sums->scheme.scheme == IGQ_SCHEME_NVFP4)
        IGQ_OPERATIONS_ADD(sums, mantissas);
}

// Sums beyond the first of an output are added to it; a machine that never has a second one has no adders for them.
static void add_group_scales(igq_operations *sums)
{
    const igq_accelerator *accelerator = sums->accelerator;
    int acc_bits = accelerator->mac_array.acc_bits;
    uint64_t lanes = (uint64_t)accelerator->post_processing.lanes;
    uint64_t adders = adds_groups(accelerator) ? lanes : 0;
    uint64_t group_sums = sums->outputs * sums->group_sums;
    uint64_t extra_sums = sums->group_sums > 0 ? group_sums - sums->outputs : 0; // 0 groups: all channels are skipped
    // The shift before the first group is none.
    int in_place = igq_shifts_in_place(accelerator->scheme.group_scale, accelerator->mac_organisation);
    const igq_operation fp32[] = {
        igq_operation_of(IGQ_EVENT_SCALE_FP32_MULTIPLY, 0, lanes, group_sums),
        igq_operation_of(IGQ_EVENT_SCALE_FP32_ADD, 0, adders, extra_sums),
    };
    const igq_operation integer[] = {
        igq_multiplication(IGQ_EVENT_SCALE_MULTIPLY, acc_bits, accelerator->scheme.group_scale_bits, lanes, group_sums),
        igq_operation_of(IGQ_EVENT_SCALE_ADD, sums->widths.scale_sum, adders, extra_sums),
    };
    const igq_operation shift[] = {
        igq_operation_of(IGQ_EVENT_SCALE_SHIFT, acc_bits * IGQ_POW2_SHIFT_STAGES, in_place ? adders : lanes,
                         in_place ? extra_sums : group_sums),
        igq_operation_of(IGQ_EVENT_SCALE_ADD, acc_bits, in_place ? 0 : adders, in_place ? 0 : extra_sums),
    };
    switch (accelerator->scheme.group_scale) {
    case IGQ_GROUP_SCALE_FP32:
        IGQ_OPERATIONS_ADD(sums, fp32);
        break;
    case IGQ_GROUP_SCALE_INT:
        IGQ_OPERATIONS_ADD(sums, integer);
        break;
    default:
        IGQ_OPERATIONS_ADD(sums, shift);
        break;
    }
}

void igq_operations_of_outputs(igq_operations *sums)
{
    const igq_accelerator *accelerator = sums->accelerator;
    int acc_bits = accelerator->mac_array.acc_bits;
    igq_scaling scaling = igq_pairing_of(&sums->scheme)->scaling;
    int fp32_sums = scaling == IGQ_SCALING_GROUPS && accelerator->scheme.group_scale == IGQ_GROUP_SCALE_FP32;
    int are_integers = scaling != IGQ_SCALING_FP32; // to be converted on their way out
    // Sums leave at the rate of post-processing, finished outputs at that of the vector unit.
    uint64_t handed = (uint64_t)accelerator->post_processing.lanes, finished = (uint64_t)igq_output_lanes(accelerator);
    int pays = !accelerator->vector_unit.ideal;
    int several_arrays = igq_works_in_lockstep(accelerator->mac_organisation) &&
                         accelerator->mac_array.num_arrays > 1; // may work on one list
    uint64_t passes = (uint64_t)(sums->work->product.tile_passes + sums->work->product.row_passes);
    uint64_t scales = fp32_sums ? 1 : 2; // integer sums carry a scale of their layer besides that of the output channel
    uint64_t outputs = sums->outputs;
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_SLICE_ADD, acc_bits, several_arrays ? handed : 0,
                         outputs * (sums->handovers - sums->group_sums)),
        igq_operation_of(IGQ_EVENT_SCALE_CONVERT, acc_bits * igq_log2_ceil((uint64_t)acc_bits),
                         !are_integers ? 0
                         : fp32_sums   ? handed
                                       : finished,
                         !are_integers ? 0
                         : fp32_sums   ? outputs * sums->group_sums
                                       : outputs),
        igq_operation_of(IGQ_EVENT_OUTPUT_FP32_MULTIPLY, 0, scales * finished, scales * outputs),
        igq_operation_of(IGQ_EVENT_OUTPUT_FP32_ADD, 0, finished, outputs),
        igq_operation_of(IGQ_EVENT_OUTPUT_CONVERT, IGQ_FP32_FRACTION_BITS * igq_log2_ceil(IGQ_FP32_FRACTION_BITS),
                         finished, outputs),
        igq_operation_of(IGQ_EVENT_VECTOR_OP, 0, pays ? finished : 0, pays ? passes * outputs : 0),
    };
    IGQ_OPERATIONS_ADD(sums, list);
    switch (scaling) {
    case IGQ_SCALING_INTEGER:
        add_vector_scales(sums);
        break;
    case IGQ_SCALING_FP32:
        add_block_scales(sums);
        break;
    default:
        add_group_scales(sums);
        break;
    }
}
