// SPDX-License-Identifier: Apache-2.0
#include "latency.h"
#include <math.h>

uint64_t igq_range_cycles(int observations, int members, int lanes)
{
    return (uint64_t)observations * igq_ceil_div((uint64_t)members, (uint64_t)lanes);
}

uint64_t igq_score_cycles(int members, int lanes, int repairs)
{
    return igq_ceil_div((uint64_t)members, (uint64_t)lanes) + IGQ_SCORE_PIPELINE_CYCLES + (uint64_t)repairs;
}

uint64_t igq_emit_cycles(int members)
{
    return (uint64_t)members;
}

uint64_t igq_deal_cycles(int num_slices)
{
    return (uint64_t)num_slices;
}

static int digits(int bits, const igq_mac_array_cfg *array)
{
    return (bits + array->mac_bits - 1) / array->mac_bits;
}

uint64_t igq_handover_cycles(uint64_t arrays, uint64_t lone_lists, uint64_t tokens, const igq_accelerator *accelerator)
{
    uint64_t post_lanes = (uint64_t)accelerator->post_processing.lanes, lanes = (uint64_t)accelerator->mac_array.lanes;
    uint64_t rows = post_lanes > lanes ? post_lanes / lanes : 1; // of a chunk
    uint64_t chunks = igq_ceil_div(tokens, rows) * igq_ceil_div(lanes, post_lanes);
    uint64_t add_cycles = (uint64_t)accelerator->post_processing.add_cycles;
    uint64_t waits = chunks == 1 && add_cycles > 1 ? add_cycles - 1 : 0;
    return arrays * chunks + lone_lists * waits;
}

int igq_weight_words(int weight_bits, const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    int in_word = accelerator->row_selector.bank_width_bits / (array->lanes * array->mac_bits);
    return (int)igq_ceil_div((uint64_t)digits(weight_bits, array), in_word > 1 ? (uint64_t)in_word : 1);
}

int igq_partial_products(int act_bits, int weight_bits, const igq_mac_array_cfg *array)
{
    return digits(act_bits, array) * digits(weight_bits, array);
}

int igq_mac_passes(int act_bits, int weight_bits, const igq_mac_array_cfg *array)
{
    int acts = digits(act_bits, array), weights = digits(weight_bits, array);
    if (array->wide_rate == IGQ_WIDE_RATE_HALF)
        return acts > weights ? acts : weights;
    return acts * weights;
}

uint64_t igq_compute_bound_cycles(int T, int C, int O, int passes, int peak_macs_per_cycle)
{
    uint64_t macs = (uint64_t)T * (uint64_t)C * (uint64_t)O * (uint64_t)passes;
    return igq_ceil_div(macs, (uint64_t)peak_macs_per_cycle);
}

uint64_t igq_dram_bound_cycles(uint64_t bytes, const igq_dram_cfg *dram)
{
    const uint64_t millionths = 1000000;
    if (dram->model == IGQ_DRAM_MODEL_IDEAL)
        return 0;
    return igq_ceil_div(bytes * millionths, (uint64_t)llround(dram->bandwidth_bytes_per_cycle * (double)millionths));
}

uint64_t igq_dram_burst_bytes(uint64_t bytes, const igq_dram_cfg *dram)
{
    uint64_t burst_bytes = (uint64_t)dram->burst_bytes;
    return igq_ceil_div(bytes, burst_bytes) * burst_bytes;
}

uint64_t igq_dram_transfer_cycles(uint64_t bytes, const igq_dram_cfg *dram)
{
    return igq_dram_bound_cycles(igq_dram_burst_bytes(bytes, dram), dram);
}

// Data rates count to a thousandth of a MT/s.
static uint64_t ktransfers_per_s(const igq_dram_cfg *dram)
{
    return (uint64_t)llround(dram->part.data_rate_mtps * 1000);
}

uint64_t igq_dram_clock_of_cycle(uint64_t cycle, const igq_accelerator *accelerator)
{
    return igq_ceil_div(cycle * ktransfers_per_s(&accelerator->dram), 2000 * (uint64_t)accelerator->clock_mhz);
}

uint64_t igq_dram_cycle_of_clock(uint64_t clock, const igq_accelerator *accelerator)
{
    return igq_ceil_div(clock * 2000 * (uint64_t)accelerator->clock_mhz, ktransfers_per_s(&accelerator->dram));
}

uint64_t igq_vector_cycles(int passes, uint64_t elements, const igq_vector_unit_cfg *unit)
{
    if (unit->ideal)
        return 0;
    return (uint64_t)passes * igq_ceil_div(elements, (uint64_t)unit->lanes) + (uint64_t)unit->latency_cycles;
}

uint64_t igq_write_conflict_cycles(uint64_t weight_bits, uint64_t act_bits, uint64_t idle_cycles,
                                   const igq_row_selector_cfg *selector)
{
    // Words are spread evenly over the banks; the buffers have banks of their own.
    uint64_t bits = weight_bits > act_bits ? weight_bits : act_bits;
    uint64_t words = igq_ceil_div(bits, (uint64_t)selector->bank_width_bits);
    uint64_t cycles = igq_ceil_div(words, (uint64_t)selector->num_banks * (uint64_t)selector->ports_per_bank);
    return cycles > idle_cycles ? cycles - idle_cycles : 0;
}

uint64_t igq_operand_copy_cycles(uint64_t bits, const igq_accelerator *accelerator)
{
    int a_cycle = accelerator->operand_bits_per_cycle;
    return a_cycle > 0 ? igq_ceil_div(bits, (uint64_t)a_cycle) : 0;
}

int igq_turn_elements(int element_bits, const igq_accelerator *accelerator)
{
    return (accelerator->operand_bits_per_cycle + element_bits - 1) / element_bits;
}
