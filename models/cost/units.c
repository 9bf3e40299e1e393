// SPDX-License-Identifier: Apache-2.0
#include "units.h"
#include "latency.h"
#include <assert.h>

const char *const igq_memory_names[IGQ_MEMORY_COUNT] = {
    [IGQ_MEMORY_WEIGHT_BUFFER] = "weight_buffer", [IGQ_MEMORY_ACTIVATION_BUFFER] = "activation_buffer",
    [IGQ_MEMORY_OUTPUT_BUFFER] = "output_buffer", [IGQ_MEMORY_RANGE_MEMORY] = "range_memory",
    [IGQ_MEMORY_INDEX_BUFFER] = "index_buffer",
};
static_assert(IGQ_MEMORY_COUNT == 5, "a name for every memory");

igq_memory igq_memory_read_by(igq_event event)
{
    switch (event) {
    case IGQ_EVENT_WEIGHT_BUFFER_READ:
        return IGQ_MEMORY_WEIGHT_BUFFER;
    case IGQ_EVENT_ACTIVATION_BUFFER_READ:
        return IGQ_MEMORY_ACTIVATION_BUFFER;
    case IGQ_EVENT_OUTPUT_BUFFER_READ:
        return IGQ_MEMORY_OUTPUT_BUFFER;
    case IGQ_EVENT_RANGE_MEMORY_READ:
        return IGQ_MEMORY_RANGE_MEMORY;
    case IGQ_EVENT_INDEX_BUFFER_READ:
        return IGQ_MEMORY_INDEX_BUFFER;
    default:
        return IGQ_MEMORY_COUNT;
    }
}

igq_memory igq_memory_written_by(igq_event event)
{
    switch (event) {
    case IGQ_EVENT_WEIGHT_BUFFER_WRITE:
        return IGQ_MEMORY_WEIGHT_BUFFER;
    case IGQ_EVENT_ACTIVATION_BUFFER_WRITE:
        return IGQ_MEMORY_ACTIVATION_BUFFER;
    case IGQ_EVENT_OUTPUT_BUFFER_WRITE:
        return IGQ_MEMORY_OUTPUT_BUFFER;
    case IGQ_EVENT_RANGE_MEMORY_WRITE:
        return IGQ_MEMORY_RANGE_MEMORY;
    case IGQ_EVENT_INDEX_BUFFER_WRITE:
        return IGQ_MEMORY_INDEX_BUFFER;
    default:
        return IGQ_MEMORY_COUNT;
    }
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void set(igq_units *units, igq_event event, uint64_t num, int width_bits)
{
    units->of[event].count += num;
    units->of[event].bits += num * (uint64_t)width_bits;
}

static void set_multipliers(igq_units *units, igq_event event, uint64_t num, int a_bits, int b_bits)
{
    set(units, event, num, a_bits + b_bits);
    units->of[event].bit_products += num * (uint64_t)a_bits * (uint64_t)b_bits;
}

uint64_t igq_register_bits(const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    uint64_t arrays = (uint64_t)array->num_arrays, lanes = (uint64_t)array->lanes, V = (uint64_t)array->vector_length;
    uint64_t accumulators =
        arrays * lanes * (uint64_t)array->tokens_in_flight * (uint64_t)(array->accumulator_sets * array->acc_bits);
    uint64_t codes = (uint64_t)array->mac_bits;
    uint64_t gathered_vectors = (uint64_t)accelerator->row_selector.queue_depth + 1; // waiting, and the one in use
    return accumulators + arrays * V * codes * ((uint64_t)array->token_rows + lanes * gathered_vectors);
}

int igq_bound_bits(const igq_accelerator *accelerator)
{
    return accelerator->row_selector.zero_skip ? 2 * IGQ_RANGE_BITS : IGQ_RANGE_BITS;
}

// Bounds come in three sets: being written, and those of the layers being scored and observed.
uint64_t igq_assign_register_bits(const igq_accelerator *accelerator)
{
    igq_widths widths = igq_widths_of(accelerator, IGQ_SCHEME_IGQ, 0, 0);
    uint64_t D = (uint64_t)accelerator->group_assignment.distance_lanes, G = (uint64_t)accelerator->num_groups;
    if (accelerator->scheme.scheme != IGQ_SCHEME_IGQ)
        return 0;
    uint64_t list_bits = 2 * D * (uint64_t)widths.list_end + (uint64_t)widths.index; // ends in each lane, length
    return G * (3 * (uint64_t)igq_bound_bits(accelerator) + D * (uint64_t)widths.argmin + list_bits);
}

uint64_t igq_range_parts(const igq_group_assignment_cfg *unit)
{
    int columns = unit->range_lanes > unit->distance_lanes ? unit->range_lanes : unit->distance_lanes;
    return igq_ceil_div((uint64_t)columns, (uint64_t)unit->distance_lanes);
}

static void set_arrays(igq_units *units, const igq_accelerator *accelerator, const igq_widths *widths)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    int vsquant = accelerator->scheme.scheme == IGQ_SCHEME_VSQUANT;
    uint64_t V = (uint64_t)array->vector_length;
    uint64_t vector_macs = (uint64_t)array->num_arrays * (uint64_t)array->lanes * (uint64_t)array->token_rows;
    uint64_t acts_in = (uint64_t)array->num_arrays * (uint64_t)array->token_rows * V;
    uint64_t weights_in = (uint64_t)array->num_arrays * (uint64_t)array->lanes * V;
    int mac_bits = array->mac_bits;
    set_multipliers(units, IGQ_EVENT_MULTIPLY, vector_macs * V, widths->act_operand, widths->weight_operand);
    units->of[IGQ_EVENT_TREE_ADD].count = vector_macs * (V - 1);
    units->of[IGQ_EVENT_TREE_ADD].bits =
        vector_macs * igq_adder_tree_bits(array->vector_length, widths->act_operand + widths->weight_operand);
    set(units, IGQ_EVENT_ACCUMULATE, vector_macs, array->acc_bits);
    set(units, IGQ_EVENT_MAC_REGISTER, igq_register_bits(accelerator), 1);

    set_multipliers(units, IGQ_EVENT_QUANTIZE_MULTIPLY, acts_in, IGQ_ACT_IN_BITS, IGQ_QUANTIZER_MULTIPLIER_BITS);
    set(units, IGQ_EVENT_QUANTIZE_SHIFT, acts_in,
        IGQ_QUANTIZER_PRODUCT_BITS * igq_log2_ceil(IGQ_QUANTIZER_PRODUCT_BITS));
    set(units, IGQ_EVENT_QUANTIZE_ADD, acts_in, IGQ_QUANTIZER_PRODUCT_BITS);
    set(units, IGQ_EVENT_QUANTIZE_ADD, 3 * acts_in, IGQ_ACT_IN_BITS);

    if (vsquant) {
        const igq_scheme_cfg *cfg = &accelerator->scheme;
        set_multipliers(units, IGQ_EVENT_SCALE_MULTIPLY, vector_macs, cfg->vsquant_act_scale_bits,
                        cfg->vsquant_weight_scale_bits);
        set_multipliers(units, IGQ_EVENT_SCALE_MULTIPLY, vector_macs, widths->vector_dot, widths->scale_product);
        set(units, IGQ_EVENT_SCALE_ADD, vector_macs, widths->scale_product);
    } else if (accelerator->zero_point == IGQ_ZERO_POINT_SUBTRACT) {
        set(units, IGQ_EVENT_ZERO_POINT_SUBTRACT, acts_in + weights_in, mac_bits + 1);
    } else {
        int growth = igq_log2_ceil((uint64_t)accelerator->group_assignment.max_members);
        uint64_t sums = (uint64_t)accelerator->post_processing.lanes;
        set(units, IGQ_EVENT_ZERO_POINT_SUM, acts_in + weights_in, mac_bits + growth);
        set_multipliers(units, IGQ_EVENT_ZERO_POINT_MULTIPLY, sums, mac_bits, mac_bits + growth);
        set(units, IGQ_EVENT_ZERO_POINT_ADD, 2 * sums, array->acc_bits);
    }
}

static void set_outputs(igq_units *units, const igq_accelerator *accelerator, const igq_widths *widths)
{
    uint64_t sums = (uint64_t)accelerator->post_processing.lanes, lanes = (uint64_t)accelerator->vector_unit.lanes;
    int acc_bits = accelerator->mac_array.acc_bits;
    int fp32_sums = 0;
    if (accelerator->mac_array.num_arrays > 1) // several may work on one list
        set(units, IGQ_EVENT_SLICE_ADD, sums, acc_bits);
    if (accelerator->scheme.scheme != IGQ_SCHEME_VSQUANT) {
        switch (accelerator->scheme.group_scale) {
        case IGQ_GROUP_SCALE_FP32:
            fp32_sums = 1;
            set(units, IGQ_EVENT_SCALE_FP32_MULTIPLY, sums, 0);
            set(units, IGQ_EVENT_SCALE_FP32_ADD, sums, 0);
            break;
        case IGQ_GROUP_SCALE_INT:
            set_multipliers(units, IGQ_EVENT_SCALE_MULTIPLY, sums, acc_bits, accelerator->scheme.group_scale_bits);
            set(units, IGQ_EVENT_SCALE_ADD, sums, widths->scale_sum);
            break;
        default:
            set(units, IGQ_EVENT_SCALE_SHIFT, sums, acc_bits * IGQ_POW2_SHIFT_STAGES);
            set(units, IGQ_EVENT_SCALE_ADD, sums, acc_bits);
            break;
        }
    }
    // Sums leave at the rate of post-processing, finished outputs at that of the vector unit.
    set(units, IGQ_EVENT_SCALE_CONVERT, fp32_sums ? sums : lanes, acc_bits * igq_log2_ceil((uint64_t)acc_bits));
    set(units, IGQ_EVENT_OUTPUT_FP32_MULTIPLY, (fp32_sums ? 1 : 2) * lanes, 0);
    set(units, IGQ_EVENT_OUTPUT_FP32_ADD, lanes, 0);
    set(units, IGQ_EVENT_OUTPUT_CONVERT, lanes, IGQ_FP32_FRACTION_BITS * igq_log2_ceil(IGQ_FP32_FRACTION_BITS));
    set(units, IGQ_EVENT_VECTOR_OP, lanes, 0);
}

static void set_assignment(igq_units *units, const igq_accelerator *accelerator, const igq_widths *widths)
{
    const igq_group_assignment_cfg *unit = &accelerator->group_assignment;
    uint64_t D = (uint64_t)unit->distance_lanes, G = (uint64_t)accelerator->num_groups;
    igq_scheme scheme = accelerator->scheme.scheme;
    if (scheme == IGQ_SCHEME_VSQUANT)
        set(units, IGQ_EVENT_SCALE_SEARCH, (uint64_t)accelerator->vector_unit.lanes, IGQ_ACT_IN_BITS);
    if (scheme == IGQ_SCHEME_VSQUANT || scheme == IGQ_SCHEME_CHANNELWISE)
        set_multipliers(units, IGQ_EVENT_SCALE_DERIVE, 2, IGQ_ACT_IN_BITS, IGQ_ACT_IN_BITS);
    if (igq_scheme_needs_ranges(scheme)) {
        set(units, IGQ_EVENT_RANGE_COMPARE, 2 * (uint64_t)unit->range_lanes, IGQ_ACT_IN_BITS);
        set(units, IGQ_EVENT_RANGE_SELECT, (uint64_t)unit->range_lanes, 2 * IGQ_RANGE_BITS);
        set(units, IGQ_EVENT_RANGE_SELECT, D, IGQ_RANGE_BITS * (int)igq_range_parts(unit)); // bank and part
    }
    if (scheme != IGQ_SCHEME_IGQ)
        return;
    set(units, IGQ_EVENT_DISTANCE_SUBTRACT, 4 * D * G, IGQ_ACT_IN_BITS);
    if (accelerator->scheme.distance == IGQ_DISTANCE_L2)
        set_multipliers(units, IGQ_EVENT_DISTANCE_SQUARE, 2 * D * G, IGQ_ACT_IN_BITS, IGQ_ACT_IN_BITS);
    set(units, IGQ_EVENT_DISTANCE_ADD, D * G, widths->distance);
    set(units, IGQ_EVENT_ARGMIN_COMPARE, D * (G - 1), widths->argmin);
    set(units, IGQ_EVENT_ASSIGN_REGISTER, igq_assign_register_bits(accelerator), 1);
    if (accelerator->mac_organisation == IGQ_ORGANISATION_ELASTIC) { // a slice is dealt in a cycle
        set_multipliers(units, IGQ_EVENT_DEAL_MULTIPLY, 2 * (G - 1), widths->deal_vectors, widths->deal_slices);
        set(units, IGQ_EVENT_DEAL_COMPARE, G - 1, widths->deal_vectors + widths->deal_slices);
    }
    if (accelerator->row_selector.zero_skip) {
        set(units, IGQ_EVENT_ZERO_COMPARE, 2 * D, IGQ_ACT_IN_BITS);
        set(units, IGQ_EVENT_ZERO_SELECT, D, 2 * IGQ_ACT_IN_BITS * (accelerator->num_groups - 1));
    }
}

// As many rows leave the crossbar per cycle as the banks give or the arrays take; each way out chooses among all banks.
static void set_crossbar(igq_units *units, const igq_accelerator *accelerator)
{
    const igq_row_selector_cfg *selector = &accelerator->row_selector;
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    uint64_t banks = (uint64_t)selector->num_banks, bank_bits = (uint64_t)selector->bank_width_bits;
    if (!igq_scheme_permutes(accelerator->scheme.scheme))
        return;
    uint64_t ways_out = min_u64(banks * (uint64_t)selector->ports_per_bank,
                                (uint64_t)array->num_arrays * (uint64_t)array->vector_length);
    uint64_t weight_bits = min_u64((uint64_t)(array->lanes * array->mac_bits), bank_bits);
    uint64_t act_bits = min_u64((uint64_t)(array->tokens_in_flight * IGQ_ACT_IN_BITS), bank_bits);
    units->of[IGQ_EVENT_CROSSBAR] = (igq_measure){ways_out, ways_out * (weight_bits + act_bits) * (banks - 1), 0};
}

static uint64_t bits_to_bytes(uint64_t bits)
{
    return igq_ceil_div(bits, 8);
}

static void set_memories(igq_units *units, const igq_accelerator *accelerator, const igq_widths *widths)
{
    const igq_row_selector_cfg *selector = &accelerator->row_selector;
    const igq_group_assignment_cfg *unit = &accelerator->group_assignment;
    uint64_t banks = (uint64_t)selector->num_banks, bank_bits = (uint64_t)selector->bank_width_bits;
    uint64_t halves = (uint64_t)igq_buffer_slots(&accelerator->output_buffer);
    uint64_t members = (uint64_t)unit->max_members;
    igq_scheme scheme = accelerator->scheme.scheme;
    units->memory[IGQ_MEMORY_WEIGHT_BUFFER] =
        (igq_memory_units){banks, (uint64_t)accelerator->weight_buffer.capacity_bytes / banks, bank_bits};
    units->memory[IGQ_MEMORY_ACTIVATION_BUFFER] =
        (igq_memory_units){banks, (uint64_t)accelerator->activation_buffer.capacity_bytes / banks, bank_bits};
    units->memory[IGQ_MEMORY_OUTPUT_BUFFER] =
        (igq_memory_units){halves, (uint64_t)accelerator->output_buffer.capacity_bytes / halves,
                           (uint64_t)(accelerator->vector_unit.lanes * IGQ_ACT_IN_BITS)};
    if (igq_scheme_needs_ranges(scheme))
        units->memory[IGQ_MEMORY_RANGE_MEMORY] =
            (igq_memory_units){(uint64_t)igq_range_banks(accelerator), bits_to_bytes(members * 2 * IGQ_ACT_IN_BITS),
                               (uint64_t)(unit->range_lanes * 2 * IGQ_ACT_IN_BITS)};
    // Sets of lists, and the one being built; the static lists of peg and igq_fixed need one.
    if (igq_scheme_permutes(scheme))
        units->memory[IGQ_MEMORY_INDEX_BUFFER] =
            (igq_memory_units){scheme == IGQ_SCHEME_IGQ ? (uint64_t)igq_index_sets(accelerator) + 1 : 1,
                               bits_to_bytes(members * (uint64_t)widths->index), (uint64_t)widths->index};
}

void igq_units_of(igq_units *units, const igq_accelerator *accelerator)
{
    int mac_bits = accelerator->mac_array.mac_bits;
    igq_widths widths = igq_widths_of(accelerator, accelerator->scheme.scheme, mac_bits, mac_bits);
    *units = (igq_units){0};
    set(units, IGQ_EVENT_CYCLE, 1, 0);
    set_arrays(units, accelerator, &widths);
    set_outputs(units, accelerator, &widths);
    set_assignment(units, accelerator, &widths);
    set_crossbar(units, accelerator);
    set_memories(units, accelerator, &widths);
}
