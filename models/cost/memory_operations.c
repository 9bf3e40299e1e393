// SPDX-License-Identifier: Apache-2.0
// memory_operations.c - accesses of the memories, and the crossbar that operands take from banks to arrays. The banks
// themselves are in units.c.
#include "format.h"
#include "latency.h"
#include "operations.h"

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// As many rows leave the crossbar per cycle as the banks give or the arrays take; each way out chooses among all banks.
void igq_operations_of_crossbar(igq_operations *sums)
{
    const igq_row_selector_cfg *selector = &sums->accelerator->row_selector;
    const igq_mac_array_cfg *array = &sums->accelerator->mac_array;
    uint64_t bank_bits = (uint64_t)selector->bank_width_bits;
    uint64_t ways_out = min_u64((uint64_t)selector->num_banks * (uint64_t)selector->ports_per_bank,
                                (uint64_t)array->num_arrays * (uint64_t)array->vector_length);
    uint64_t weight_bits = min_u64((uint64_t)igq_row_bits(array), bank_bits);
    uint64_t act_bits =
        min_u64((uint64_t)(array->tokens_in_flight * igq_stored_act_bits(sums->accelerator)), bank_bits);
    const igq_operation list[] = {
        igq_selection(IGQ_EVENT_CROSSBAR, (int)(weight_bits + act_bits), selector->num_banks, 1, ways_out, 0),
    };
    if (igq_scheme_permutes(sums->accelerator->scheme.scheme))
        IGQ_OPERATIONS_ADD(sums, list);
}

// unbound: a pair of list and block is dealt to an array, which keeps where the list goes on and ends; the entries of
// each vector come from any of the lists.
void igq_operations_of_pairs(igq_operations *sums)
{
    const igq_mac_array_cfg *array = &sums->accelerator->mac_array;
    uint64_t blocks = sums->work->selects ? sums->output_blocks * sums->token_blocks : 0;
    uint64_t arrays = (uint64_t)array->num_arrays, pairs = blocks * sums->group_sums, vectors = blocks * sums->vectors;
    int index = sums->widths.index, groups = sums->accelerator->num_groups;
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_DEAL_COMPARE, index, 2, 2 * pairs),
        igq_operation_of(IGQ_EVENT_ASSIGN_REGISTER, 2 * index, arrays, pairs),
        igq_selection(IGQ_EVENT_INDEX_SELECT, array->vector_length * index, groups, groups, arrays, vectors),
    };
    if (sums->accelerator->mac_organisation == IGQ_ORGANISATION_UNBOUND &&
        igq_scheme_permutes(sums->accelerator->scheme.scheme))
        IGQ_OPERATIONS_ADD(sums, list);
}

// V is turned in two squares of registers, one filled while the other is read; an element is clocked once. The
// narrowest codes make the largest squares.
void igq_operations_of_turning(igq_operations *sums)
{
    const igq_product *product = &sums->work->product;
    int element_bits = product->operand_codes ? product->weight_bits : IGQ_ACT_IN_BITS;
    int narrowest_bits = sums->accelerator->activation_stores == IGQ_STORES_VALUES
                             ? IGQ_ACT_IN_BITS
                             : sums->accelerator->mac_array.mac_bits;
    uint64_t side = (uint64_t)igq_turn_elements(narrowest_bits, sums->accelerator);
    const igq_operation list[] = {
        igq_operation_of(IGQ_EVENT_MAC_REGISTER, narrowest_bits, 2 * side * side, 0),
        igq_operation_of(IGQ_EVENT_MAC_REGISTER, element_bits, 0, sums->work->turns_operand ? sums->loaded_weights : 0),
    };
    if (sums->accelerator->operand_bits_per_cycle > 0)
        IGQ_OPERATIONS_ADD(sums, list);
}

// Words that the activations of one channel take, in blocks of tokens in flight.
static uint64_t act_words_of(const igq_operations *sums, uint64_t element_bits)
{
    const igq_tiling *tiling = &sums->work->tiling;
    uint64_t bank_bits = (uint64_t)sums->accelerator->row_selector.bank_width_bits, words = 0;
    uint64_t block = (uint64_t)igq_tiling_block_tokens(tiling, &sums->accelerator->mac_array);
    uint64_t full = (uint64_t)(tiling->num_token_tiles - 1), tile = (uint64_t)tiling->tile_tokens;
    const uint64_t tokens[2] = {tile, sums->T - full * tile}, times[2] = {full, 1};
    for (int t = 0; t < 2; t++)
        words += times[t] * (tokens[t] / block * igq_ceil_div(block * element_bits, bank_bits) +
                             igq_ceil_div(tokens[t] % block * element_bits, bank_bits));
    return words;
}

// What leaves the banks for the arrays, block by block.
static void add_operand_reads(igq_operations *sums)
{
    const igq_mac_array_cfg *array = &sums->accelerator->mac_array;
    const igq_row_selector_cfg *selector = &sums->accelerator->row_selector;
    const igq_product *product = &sums->work->product;
    uint64_t row_bits = (uint64_t)array->lanes * (uint64_t)product->weight_bits;
    uint64_t rows = sums->C * sums->output_blocks * sums->token_blocks;
    uint64_t element_bits = (uint64_t)igq_storage_element_bits(&product->acts);
    uint64_t act_words = act_words_of(sums, element_bits);
    // Scales of vectors lie in a narrow bank of their own, which is read along with the first row of the vector, or
    // with each where a list takes channels of many vectors.
    uint64_t scale_bits =
        igq_pairing_of(&sums->scheme) == &igq_pairing_scaled
            ? rows * (uint64_t)array->lanes * (uint64_t)sums->scheme.vsquant_weight_scale_bits
            : sums->output_blocks * sums->token_blocks * (uint64_t)array->lanes * (uint64_t)product->weight_scale_bits;
    uint64_t act_bits = sums->acts_in * element_bits;
    if (product->acts.block > 0)
        act_bits += sums->T * sums->output_blocks * (uint64_t)product->acts.scale_bits *
                    igq_ceil_div((uint64_t)product->C, (uint64_t)product->acts.block);
    uint64_t weight_words = rows * (uint64_t)igq_weight_words(product->weight_bits, sums->accelerator),
             weight_bits = rows * row_bits + scale_bits;
    uint64_t stages = (uint64_t)igq_log2_ceil((uint64_t)selector->num_banks);
    act_words *= sums->C * sums->output_blocks;
    const igq_operation list[] = {
        igq_access(IGQ_EVENT_WEIGHT_BUFFER_READ, weight_words, weight_bits),
        igq_access(IGQ_EVENT_ACTIVATION_BUFFER_READ, act_words, act_bits),
    };
    const igq_operation selected[] = {
        igq_access(IGQ_EVENT_INDEX_BUFFER_READ, rows, rows * (uint64_t)sums->widths.index),
        igq_access(IGQ_EVENT_CROSSBAR, weight_words + act_words, (weight_bits + act_bits) * stages),
    };
    IGQ_OPERATIONS_ADD(sums, list);
    if (sums->work->selects)
        IGQ_OPERATIONS_ADD(sums, selected);
}

// `elements` of 16 bits, one by one.
static igq_operation access_16(igq_event event, uint64_t elements)
{
    return igq_access(event, elements, elements * IGQ_ACT_IN_BITS);
}

static void add_loads(igq_operations *sums)
{
    const igq_product *product = &sums->work->product;
    int from_buffer = product->weight_dram_bits == 0; // K and V
    uint64_t operand_bits = product->operand_codes ? (uint64_t)product->weight_bits : IGQ_ACT_IN_BITS;
    uint64_t moved = from_buffer ? sums->loaded_weights : 0;
    uint64_t recoded = product->recodes ? sums->T * (uint64_t)product->C : 0;
    uint64_t code_bits = (uint64_t)igq_storage_element_bits(&product->acts);
    int ideal = sums->accelerator->dram.model == IGQ_DRAM_MODEL_IDEAL;
    uint64_t read_bytes = ideal ? 0 : sums->work->dram_read_bytes,
             write_bytes = ideal ? 0 : sums->work->dram_write_bytes;
    const igq_operation list[] = {
        igq_access(IGQ_EVENT_WEIGHT_BUFFER_WRITE, sums->loaded_weights, sums->loaded_weight_bits),
        igq_access(IGQ_EVENT_ACTIVATION_BUFFER_WRITE, sums->loaded_acts, sums->loaded_act_bits),
        igq_access(IGQ_EVENT_ACTIVATION_BUFFER_READ, moved, moved * operand_bits),
        access_16(IGQ_EVENT_ACTIVATION_BUFFER_READ, recoded),
        igq_access(IGQ_EVENT_ACTIVATION_BUFFER_WRITE, recoded, recoded * code_bits),
        igq_access(IGQ_EVENT_DRAM_READ, read_bytes, read_bytes * 8),
        igq_access(IGQ_EVENT_DRAM_WRITE, write_bytes, write_bytes * 8),
    };
    IGQ_OPERATIONS_ADD(sums, list);
}

// Bits of all results as they are stored, in the pieces in which they are written back.
static uint64_t result_bits(const igq_operations *sums)
{
    const igq_product *product = &sums->work->product;
    const igq_tiling *tiling = &sums->work->tiling;
    uint64_t pieces = igq_tiling_parks_rows(tiling, product) ? 1 : (uint64_t)tiling->num_output_tiles;
    int last = product->O - (int)(pieces - 1) * tiling->tile_outputs;
    return sums->T * ((pieces - 1) * igq_storage_row_bits(&product->outputs, tiling->tile_outputs) +
                      igq_storage_row_bits(&product->outputs, last));
}

// Every pass of the vector unit reads an element and puts its result where it found it; the last one puts it where the
// next product, or the store engine, takes it from, as it is stored. Rows that are parked (in the activation buffer)
// are worked on there. The residual stream comes to the output buffer from DRAM, and goes from there; on the chip it is
// read and written in the activation buffer.
static void add_outputs(igq_operations *sums)
{
    const igq_product *product = &sums->work->product;
    int parks = igq_tiling_parks_rows(&sums->work->tiling, product);
    uint64_t n = sums->outputs;
    uint64_t row_passes = (uint64_t)product->row_passes, parked = parks ? row_passes * n : 0;
    uint64_t passes_here = (uint64_t)product->tile_passes + (parks ? 0 : row_passes);
    uint64_t old_from_dram = igq_loads_residual(product) ? n : 0, new_to_dram = igq_stores_residual(product) ? n : 0;
    uint64_t old_from_buffer = product->residual_from_buffer ? n : 0, new_to_buffer = product->residual_stays ? n : 0;
    uint64_t stored = product->outputs_in_dram ? n : 0, stays = n - stored;
    uint64_t bits = result_bits(sums), stored_bits = stored > 0 ? bits : 0;
    igq_event row_read = parks ? IGQ_EVENT_ACTIVATION_BUFFER_READ : IGQ_EVENT_OUTPUT_BUFFER_READ;
    igq_event row_write = parks ? IGQ_EVENT_ACTIVATION_BUFFER_WRITE : IGQ_EVENT_OUTPUT_BUFFER_WRITE;
    // Sums that waited for the channels of the next tile.
    uint64_t partial = (uint64_t)(igq_tiling_channel_tiles(&sums->work->tiling) - 1) * n;
    const igq_operation list[] = {
        igq_access(IGQ_EVENT_OUTPUT_BUFFER_WRITE, partial, partial * IGQ_PARTIAL_SUM_BITS),
        igq_access(IGQ_EVENT_OUTPUT_BUFFER_READ, partial, partial * IGQ_PARTIAL_SUM_BITS),
        access_16(IGQ_EVENT_OUTPUT_BUFFER_WRITE, n + old_from_dram + new_to_dram), // n: from post-processing
        access_16(IGQ_EVENT_OUTPUT_BUFFER_READ, old_from_dram + new_to_dram),
        access_16(IGQ_EVENT_ACTIVATION_BUFFER_READ, old_from_buffer),
        access_16(IGQ_EVENT_ACTIVATION_BUFFER_WRITE, new_to_buffer),
        access_16(IGQ_EVENT_OUTPUT_BUFFER_READ, passes_here * n),
        access_16(IGQ_EVENT_OUTPUT_BUFFER_WRITE, (passes_here - 1) * n),
        access_16(IGQ_EVENT_ACTIVATION_BUFFER_WRITE, parked),
        access_16(IGQ_EVENT_ACTIVATION_BUFFER_READ, parked),
        igq_access(row_write, stored, stored_bits),
        igq_access(row_read, stored, stored_bits),
        igq_access(IGQ_EVENT_ACTIVATION_BUFFER_WRITE, stays, bits - stored_bits),
    };
    IGQ_OPERATIONS_ADD(sums, list);
}

// Ranges: read and written for a beat of values, read once more when scored (or when channelwise makes quantizers of
// them). Lists: into those being built, out of them, into the set that the row selector reads; a channel that is to be
// skipped carries a flag, by which it is dropped on the last way. Rows of a softmax keep their order: the quantizer of
// each is looked up whenever the row enters the arrays.
static void add_assignment(igq_operations *sums)
{
    const igq_work *work = sums->work;
    const igq_group_assignment_cfg *unit = &sums->accelerator->group_assignment;
    uint64_t members = (uint64_t)work->assign_members, values = members * (uint64_t)work->assign_observations;
    uint64_t beats = igq_range_cycles(work->assign_observations, work->assign_members, unit->range_lanes);
    uint64_t steps = igq_ceil_div(members, (uint64_t)unit->distance_lanes);
    uint64_t listed = work->assign_groups ? members : 0, index = (uint64_t)sums->widths.index;
    uint64_t finds_zeros = sums->accelerator->row_selector.zero_skip && work->selects;
    uint64_t kept = finds_zeros && listed ? sums->C : listed;
    uint64_t looked_up = work->selects ? 0 : listed * sums->output_blocks;
    const igq_operation list[] = {
        igq_access(IGQ_EVENT_RANGE_MEMORY_READ, beats + steps, (values + members) * IGQ_RANGE_BITS),
        igq_access(IGQ_EVENT_RANGE_MEMORY_WRITE, beats, values * IGQ_RANGE_BITS),
        access_16(IGQ_EVENT_ACTIVATION_BUFFER_READ, work->ranges_from_buffer ? values : 0),
        igq_access(IGQ_EVENT_INDEX_BUFFER_WRITE, listed, listed * (index + finds_zeros)),
        igq_access(IGQ_EVENT_INDEX_BUFFER_READ, listed, listed * (index + finds_zeros)),
        igq_access(IGQ_EVENT_INDEX_BUFFER_WRITE, kept, kept * index),
        igq_access(IGQ_EVENT_INDEX_BUFFER_READ, looked_up, looked_up * index),
    };
    if (members > 0)
        IGQ_OPERATIONS_ADD(sums, list);
}

void igq_operations_of_memories(igq_operations *sums)
{
    add_operand_reads(sums);
    add_loads(sums);
    add_outputs(sums);
    add_assignment(sums);
}
