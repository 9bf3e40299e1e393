// SPDX-License-Identifier: Apache-2.0
#include "estimate.h"
#include "latency.h"
#include "slices.h"

// unbound: `side_by_side` lists at once, those that are not empty.
static void walk_round(igq_list_walk *walk, int side_by_side, const igq_grouping *grouping, int V)
{
    int end = 0;
    for (int first = 0; first < grouping->G; first = end) {
        int lists = 0, longest = 0, handovers = 0;
        for (end = first; end < grouping->G && lists < side_by_side; end++) {
            int vectors = (igq_list_length(grouping, end) + V - 1) / V;
            if (vectors > longest) // lists after the longest wait for it
                handovers = 0;
            lists += vectors > 0;
            handovers += vectors > 0;
            longest = vectors > longest ? vectors : longest;
        }
        if (lists == 0)
            return;
        if (walk->round_steps[side_by_side] == 0)
            walk->first_lists[side_by_side] = lists;
        walk->round_steps[side_by_side] += longest;
        walk->round_handovers[side_by_side] = handovers;
    }
}

static void walk_rounds(igq_list_walk *walk, const igq_grouping *grouping, const igq_accelerator *accelerator)
{
    for (int blocks = 1; blocks <= igq_blocks_at_once(accelerator); blocks++) {
        int side_by_side = igq_lists_side_by_side(blocks, accelerator);
        if (walk->round_steps[side_by_side] == 0)
            walk_round(walk, side_by_side, grouping, accelerator->mac_array.vector_length);
    }
}

igq_list_walk igq_walk_lists(const igq_grouping *grouping, const igq_accelerator *accelerator)
{
    int in_lockstep = igq_works_in_lockstep(accelerator->mac_organisation);
    int V = accelerator->mac_array.vector_length;
    int arrays[IGQ_MAX_GROUPS];
    igq_list_walk walk = {.changes = -1, .last_handovers = 1, .last_lone_lists = 1};
    if (in_lockstep)
        igq_arrays_of_lists(arrays, grouping, accelerator);
    for (int g = 0; g < grouping->G; g++) {
        int vectors = (grouping->start[g + 1] - grouping->start[g] + V - 1) / V;
        walk.changes += vectors > 0;
        if (!in_lockstep) {
            walk.steps += vectors;
        } else if (vectors > 0) {
            int steps = (vectors + arrays[g] - 1) / arrays[g];
            int used = vectors < arrays[g] ? vectors : arrays[g];
            if (steps > walk.steps) // lists after the longest wait for it
                walk.last_handovers = walk.last_lone_lists = 0;
            walk.last_handovers += used;
            walk.last_lone_lists += used == 1;
            walk.steps = steps > walk.steps ? steps : walk.steps;
        }
    }
    int shifts = igq_shifts_in_place(accelerator->scheme.group_scale, accelerator->mac_organisation);
    walk.accumulations = in_lockstep || shifts ? 1 : walk.changes + 1;
    if (!shifts)
        walk.changes = 0;
    if (accelerator->mac_organisation == IGQ_ORGANISATION_UNBOUND)
        walk_rounds(&walk, grouping, accelerator);
    return walk;
}

// Of the last hand-over, after the last step; streamed: of what is left of it then if no cycle was lost.
static uint64_t last_handover_cycles(const igq_list_walk *walk, uint64_t tokens, uint64_t outputs,
                                     const igq_accelerator *accelerator)
{
    uint64_t handovers = (uint64_t)walk->last_handovers;
    uint64_t lanes = (uint64_t)accelerator->post_processing.lanes,
             token_rows = (uint64_t)accelerator->mac_array.token_rows;
    uint64_t cycles = igq_ceil_div(handovers * tokens * outputs, lanes), rows = igq_ceil_div(tokens, token_rows);
    if (!accelerator->mac_array.stream_sums)
        return igq_handover_cycles(handovers, (uint64_t)walk->last_lone_lists, tokens, accelerator);
    uint64_t from_last_row = cycles - (rows - 1) * handovers * token_rows * outputs / lanes;
    uint64_t from_first_row = cycles > rows - 1 ? cycles - (rows - 1) : 0;
    return from_last_row > from_first_row ? from_last_row : from_first_row;
}

// Tokens or outputs of the last block.
static uint64_t last_of(int all, int block)
{
    return (uint64_t)(all - (all - 1) / block * block);
}

// unbound: rounds of as many blocks as there are arrays, those that are left, those with fewer tokens; of all outputs
// that are worked on together, which the last ones are fewer of.
typedef struct rounds {
    uint64_t compute_cycles;
    int first_blocks, last_blocks, last_tokens;
} rounds;

static void add_rounds(rounds *sum, uint64_t times, int blocks, int tokens, int passes, const igq_list_walk *walk,
                       const igq_accelerator *accelerator)
{
    uint64_t rows = igq_ceil_div((uint64_t)tokens, (uint64_t)accelerator->mac_array.token_rows);
    if (times == 0 || blocks == 0 || tokens == 0)
        return;
    sum->compute_cycles +=
        times * rows * (uint64_t)passes * (uint64_t)walk->round_steps[igq_lists_side_by_side(blocks, accelerator)];
    sum->first_blocks = sum->first_blocks > 0 ? sum->first_blocks : blocks;
    sum->last_blocks = blocks;
    sum->last_tokens = tokens;
}

static uint64_t unbound_cycles(const igq_list_walk *walk, int tokens, int outputs, int block_tokens, int passes,
                               int weight_bits, const igq_accelerator *accelerator)
{
    int lanes = accelerator->mac_array.lanes, arrays = igq_blocks_at_once(accelerator);
    int output_blocks = (outputs + lanes - 1) / lanes;
    int all = output_blocks / arrays, last = output_blocks % arrays, full = tokens / block_tokens * last;
    rounds sum = {0};
    add_rounds(&sum, (uint64_t)all * (uint64_t)(tokens / block_tokens), arrays, block_tokens, passes, walk,
               accelerator);
    add_rounds(&sum, (uint64_t)all, arrays, tokens % block_tokens, passes, walk, accelerator);
    add_rounds(&sum, (uint64_t)(full / arrays), arrays, block_tokens, passes, walk, accelerator);
    add_rounds(&sum, 1, full % arrays, block_tokens, passes, walk, accelerator);
    add_rounds(&sum, 1, last, tokens % block_tokens, passes, walk, accelerator);
    int first_lists = walk->first_lists[igq_lists_side_by_side(sum.first_blocks, accelerator)];
    int last_lists = walk->round_handovers[igq_lists_side_by_side(sum.last_blocks, accelerator)];
    uint64_t reads = igq_ceil_div((uint64_t)sum.first_blocks, (uint64_t)accelerator->row_selector.ports_per_bank) *
                     (uint64_t)igq_weight_words(weight_bits, accelerator);
    uint64_t dealt = (uint64_t)sum.first_blocks * (uint64_t)first_lists;
    uint64_t handed = (uint64_t)sum.last_blocks * (uint64_t)last_lists;
    return (reads > dealt ? reads : dealt) + sum.compute_cycles +
           igq_handover_cycles(handed, handed, (uint64_t)sum.last_tokens, accelerator);
}

uint64_t igq_estimate_walk_cycles(const igq_list_walk *walk, int tokens, int outputs, int block_tokens, int passes,
                                  int weight_bits, const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    uint64_t in_flight = (uint64_t)block_tokens, rows = (uint64_t)array->token_rows;
    uint64_t token_blocks = igq_ceil_div((uint64_t)tokens, in_flight);
    uint64_t output_blocks = igq_ceil_div((uint64_t)outputs, (uint64_t)array->lanes);
    uint64_t last_tokens = last_of(tokens, block_tokens), last_outputs = last_of(outputs, array->lanes);
    // Blocks are multiples of token_rows, so only the last one can have a row that is not full.
    uint64_t row_blocks = (token_blocks - 1) * (in_flight / rows) + igq_ceil_div(last_tokens, rows);
    const igq_row_selector_cfg *selector = &accelerator->row_selector;
    uint64_t gather_cycles = (uint64_t)igq_weight_words(weight_bits, accelerator);
    uint64_t pipeline_cycles = (uint64_t)(selector->setup_cycles + selector->pipeline_cycles + array->pipeline_cycles);
    uint64_t compute_cycles = output_blocks * row_blocks * (uint64_t)passes * (uint64_t)walk->steps;
    uint64_t shift_cycles = output_blocks * token_blocks * (uint64_t)walk->changes * (uint64_t)array->rescale_cycles;
    uint64_t skew_cycles =
        output_blocks * token_blocks * (uint64_t)walk->accumulations * (uint64_t)igq_skew_cycles(array);
    uint64_t handover_cycles = last_handover_cycles(walk, last_tokens, last_outputs, accelerator);
    if (walk->steps == 0) // no channel of the tile is on a list
        return 0;
    if (accelerator->mac_organisation == IGQ_ORGANISATION_UNBOUND)
        return pipeline_cycles + (uint64_t)accelerator->post_processing.latency_cycles +
               unbound_cycles(walk, tokens, outputs, block_tokens, passes, weight_bits, accelerator);
    return pipeline_cycles + gather_cycles + compute_cycles + shift_cycles + skew_cycles + handover_cycles +
           (uint64_t)accelerator->post_processing.latency_cycles;
}

uint64_t igq_estimate_tile_cycles(const igq_grouping *grouping, int tokens, int outputs, int act_bits, int weight_bits,
                                  const igq_accelerator *accelerator)
{
    igq_list_walk walk = igq_walk_lists(grouping, accelerator);
    return igq_estimate_walk_cycles(&walk, tokens, outputs, accelerator->mac_array.tokens_in_flight,
                                    igq_mac_passes(act_bits, weight_bits, &accelerator->mac_array), weight_bits,
                                    accelerator);
}

// Tiles of one range of channels, whose lists have been walked.
static uint64_t walk_cycles_of_tiles(const igq_list_walk *walk, const igq_product *product, const igq_tiling *tiling,
                                     int passes, const igq_accelerator *accelerator)
{
    int tokens[2] = {tiling->tile_tokens, product->T - (tiling->num_token_tiles - 1) * tiling->tile_tokens};
    int outputs[2] = {tiling->tile_outputs, product->O - (tiling->num_output_tiles - 1) * tiling->tile_outputs};
    uint64_t token_tiles[2] = {(uint64_t)(tiling->num_token_tiles - 1), 1};
    uint64_t output_tiles[2] = {(uint64_t)(tiling->num_output_tiles - 1), 1};
    int block_tokens = igq_tiling_block_tokens(tiling, &accelerator->mac_array);
    uint64_t cycles = 0;
    for (int t = 0; t < 2; t++)
        for (int o = 0; o < 2; o++)
            cycles += token_tiles[t] * output_tiles[o] *
                      igq_estimate_walk_cycles(walk, tokens[t], outputs[o], block_tokens, passes, product->weight_bits,
                                               accelerator);
    return cycles;
}

uint64_t igq_estimate_product_cycles(const igq_grouping *grouping, const igq_product *product, const igq_tiling *tiling,
                                     int act_bits, igq_grouping *scratch, const igq_accelerator *accelerator)
{
    int passes = igq_mac_passes(act_bits, product->weight_bits, &accelerator->mac_array);
    int num_tiles = igq_tiling_channel_tiles(tiling);
    uint64_t cycles = 0;
    for (int c = 0; c < num_tiles; c++) {
        int first = c * tiling->tile_channels;
        if (num_tiles > 1)
            igq_grouping_slice(scratch, grouping, first, first + tiling->tile_channels);
        igq_list_walk walk = igq_walk_lists(num_tiles > 1 ? scratch : grouping, accelerator);
        cycles += walk_cycles_of_tiles(&walk, product, tiling, passes, accelerator);
    }
    return cycles;
}
