// SPDX-License-Identifier: Apache-2.0
#include "tiling_options.h"
#include "latency.h"
#include <assert.h>
#include <limits.h>

static int ceil_div(int numerator, int denominator)
{
    return (numerator + denominator - 1) / denominator;
}

static int is_less(const igq_tiling_cost *a, const igq_tiling_cost *b)
{
    if (a->first != b->first)
        return a->first < b->first;
    if (a->second != b->second)
        return a->second < b->second;
    return a->tiles < b->tiles;
}

static int fits_into(const igq_tiling_room *room, const igq_tiling_room *most)
{
    return room->weight_bits <= most->weight_bits && room->output_bytes <= most->output_bytes &&
           room->block_tokens <= most->block_tokens;
}

const igq_tiling_option *igq_tiling_best_option(const igq_tiling_options *options, const igq_tiling_room *most)
{
    const igq_tiling_option *best = NULL;
    for (int i = 0; i < options->num; i++)
        if (fits_into(&options->option[i].room, most) && (!best || is_less(&options->option[i].cost, &best->cost)))
            best = &options->option[i];
    return best;
}

static igq_tiling_room room_of(const igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator)
{
    int cut = igq_tiling_channel_tiles(tiling) > 1;
    uint64_t values = igq_output_bytes(tiling->tile_tokens, tiling->tile_outputs);
    return (igq_tiling_room){
        .weight_bits = igq_weight_buffer_bits(product, tiling->tile_outputs, cut ? tiling->tile_channels : product->C),
        .output_bytes =
            values * (cut ? IGQ_PARTIAL_SUM_BITS / IGQ_ACT_IN_BITS : 1) + (igq_loads_residual(product) ? values : 0),
        .block_tokens = igq_tiling_block_tokens(tiling, &accelerator->mac_array)};
}

// Takes an option in, and drops those that need as much room and cost more. If there is no place, the dearest goes.
static void take_option(igq_tiling_options *options, const igq_tiling_option *next)
{
    int kept = 0, dearest = 0;
    for (int i = 0; i < options->num; i++)
        if (!fits_into(&next->room, &options->option[i].room) || is_less(&options->option[i].cost, &next->cost))
            options->option[kept++] = options->option[i];
    options->num = kept;
    if (kept < IGQ_MOST_TILING_OPTIONS) {
        options->option[options->num++] = *next;
        return;
    }
    for (int i = 1; i < kept; i++)
        if (is_less(&options->option[dearest].cost, &options->option[i].cost))
            dearest = i;
    if (is_less(&next->cost, &options->option[dearest].cost))
        options->option[dearest] = *next;
}

static uint64_t dram_bytes(const igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator)
{
    uint64_t bytes = 0;
    for (int image = 0; image < product->images; image++)
        bytes += igq_tiling_read_bytes(tiling, product, image, &accelerator->dram) +
                 igq_tiling_write_bytes(tiling, product, &accelerator->dram);
    return bytes;
}

// In accesses of a byte on the chip. DRAM counts for 20 of them (docs/timing.md); what all tilings do is left out.
static uint64_t memory_energy(const igq_tiling *tiling, const igq_product *product, uint64_t dram)
{
    enum { DRAM_COST = 20 };
    uint64_t outputs = (uint64_t)product->images * (uint64_t)product->T * (uint64_t)product->O;
    uint64_t partial = 2 * outputs * (uint64_t)(igq_tiling_channel_tiles(tiling) - 1) * IGQ_PARTIAL_SUM_BITS / 8;
    uint64_t parked = igq_tiling_parks_rows(tiling, product) ? 2 * outputs * IGQ_ACT_IN_BITS / 8 : 0;
    return DRAM_COST * dram + dram + partial + parked;
}

// The state of a search.
typedef struct search {
    const igq_product *product;
    const igq_accelerator *accelerator;
    igq_schedule_lists *lists; // NULL: none are known
    igq_tiling_options *options;
    uint64_t least; // of the options' first costs
} search;

// What fewer tokens in flight than the machine has are charged: their weights are read and gathered the more often.
static uint64_t charge_of(const igq_tiling *tiling, uint64_t cycles, const igq_mac_array_cfg *array)
{
    uint64_t most = (uint64_t)array->tokens_in_flight, block = (uint64_t)igq_tiling_block_tokens(tiling, array);
    return cycles / IGQ_SHORT_BLOCK_CHARGE * (most - block) / most;
}

static igq_tiling_cost cost_of(const search *state, const igq_tiling *tiling, uint64_t limit)
{
    const igq_product *product = state->product;
    const igq_accelerator *accelerator = state->accelerator;
    uint64_t bytes = dram_bytes(tiling, product, accelerator), cycles = bytes;
    int by_cycles = accelerator->tiling.objective == IGQ_TILING_OBJECTIVE_CYCLES;
    igq_tiling_cost cost = {.first = bytes, .tiles = (uint64_t)igq_tiling_num_tiles(tiling, product)};
    if (accelerator->tiling.objective == IGQ_TILING_OBJECTIVE_ENERGY)
        cost.first = memory_energy(tiling, product, bytes);
    if (state->lists && by_cycles && igq_dram_transfer_cycles(bytes, &accelerator->dram) > limit)
        return (igq_tiling_cost){UINT64_MAX, UINT64_MAX, UINT64_MAX, 0};
    if (state->lists && (by_cycles || cost.first <= limit))
        cycles = igq_schedule_cycles(tiling, product, state->lists, by_cycles ? limit : UINT64_MAX, accelerator);
    cost.second = by_cycles ? bytes : cycles;
    if (by_cycles) {
        cost.charge_cycles = cycles <= limit ? charge_of(tiling, cycles, &accelerator->mac_array) : 0;
        cost.first = cycles + cost.charge_cycles;
    }
    return cost;
}

// Options that cost more than half as much again as the cheapest are not kept, however little room they need.
static void consider(search *state, const igq_tiling *tiling)
{
    if (!igq_tiling_fits(tiling, state->product, state->accelerator))
        return;
    igq_tiling_option next = {.tiling = *tiling, .room = room_of(tiling, state->product, state->accelerator)};
    const igq_tiling_option *rival = igq_tiling_best_option(state->options, &next.room);
    uint64_t limit = state->least < UINT64_MAX / 2 ? state->least + state->least / 2 : UINT64_MAX;
    if (rival && rival->cost.first < limit)
        limit = rival->cost.first;
    next.cost = cost_of(state, tiling, limit);
    if (next.cost.first > limit || (rival && !is_less(&next.cost, &rival->cost)))
        return;
    take_option(state->options, &next);
    if (next.cost.first < state->least)
        state->least = next.cost.first;
}

// Next smaller tile, in units, that needs fewer units than `tile` for its number of tiles; 0: none.
static int next_smaller(int tile, int num_units)
{
    int num_tiles = ceil_div(num_units, tile);
    while (tile > 1 && ceil_div(num_units, num_tiles) >= tile)
        num_tiles++;
    return tile > 1 ? ceil_div(num_units, num_tiles) : 0;
}

// Tiles of so many channels (0: all), with so many tokens in flight.
static void search_channels(search *state, int tile_channels, int block_tokens)
{
    const igq_product *product = state->product;
    const igq_mac_array_cfg *array = &state->accelerator->mac_array;
    int token_unit = igq_token_unit(product, block_tokens, array);
    int token_units = ceil_div(product->T, token_unit), output_units = ceil_div(product->O, array->lanes);
    for (int order = IGQ_LOOP_WEIGHTS_OUTER; order <= IGQ_LOOP_ACTIVATIONS_OUTER; order++) {
        for (int t = token_units; t > 0; t = next_smaller(t, token_units)) {
            for (int o = output_units; o > 0; o = next_smaller(o, output_units)) {
                igq_tiling tiling;
                igq_tiling_set(&tiling, product, t * token_unit, o * array->lanes, tile_channels,
                               (igq_loop_order)order);
                tiling.block_tokens = block_tokens;
                if (order > 0 && (tiling.num_output_tiles == 1 || product->images * tiling.num_token_tiles == 1))
                    continue; // the loops do the same
                consider(state, &tiling);
            }
        }
    }
}

static void search_blocks(search *state, int tile_channels)
{
    const igq_mac_array_cfg *array = &state->accelerator->mac_array;
    if (state->lists)
        igq_schedule_lists_cut(state->lists, tile_channels, state->product, state->accelerator);
    for (int block = array->tokens_in_flight; block > 0; block = igq_smaller_block(block, array))
        search_channels(state, tile_channels, block);
}

void igq_tiling_find_options(igq_tiling_options *options, const igq_product *product, igq_schedule_lists *lists,
                             int cut_channels, const igq_accelerator *accelerator)
{
    search state = {product, accelerator, lists, options, UINT64_MAX};
    int unit = igq_channel_unit(accelerator), units = ceil_div(product->C, unit);
    options->num = 0;
    search_blocks(&state, 0);
    // Sums that are cut cost room and hand-overs, and in FP32 their last bits depend on where: only if nothing else
    // fits; then into 2, 3, 4, 6, 8, 12, ... tiles, down to single units.
    if (options->num == 0 && cut_channels > 0)
        search_blocks(&state, cut_channels);
    if (options->num == 0)
        for (int num = 2, tile = units + 1; tile > 1; num = num % 3 == 0 ? num / 3 * 4 : num / 2 * 3) {
            tile = num < units ? ceil_div(units, num) : 1;
            search_blocks(&state, tile * unit);
        }
    assert(options->num > 0);
}

void igq_tiling_choose(igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator)
{
    static const igq_tiling_room any = {UINT64_MAX, UINT64_MAX, INT_MAX};
    if (accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED) {
        const igq_tiling_cfg *fixed = &accelerator->tiling;
        igq_tiling_set(tiling, product, fixed->tile_tokens, fixed->tile_outputs, fixed->tile_channels,
                       fixed->loop_order);
        return;
    }
    igq_tiling_options options;
    igq_tiling_find_options(&options, product, NULL, 0, accelerator);
    *tiling = igq_tiling_best_option(&options, &any)->tiling;
}
