// SPDX-License-Identifier: Apache-2.0
// tiling_choose.c - the search for a product's tiles. What is tried does not depend on the sizes of buffers, so a
// larger buffer only adds to it.
#include "latency.h"
#include "tile_schedule.h"
#include "tiling.h"
#include <assert.h>

static int ceil_div(int numerator, int denominator)
{
    return (numerator + denominator - 1) / denominator;
}

// What a tiling costs, most important first.
typedef struct tiling_cost {
    uint64_t first, second, tiles;
} tiling_cost;

static int is_less(const tiling_cost *a, const tiling_cost *b)
{
    if (a->first != b->first)
        return a->first < b->first;
    if (a->second != b->second)
        return a->second < b->second;
    return a->tiles < b->tiles;
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
    igq_tiling best;
    tiling_cost least;
} search;

static void consider(search *state, const igq_tiling *tiling, const igq_schedule_lists *lists)
{
    const igq_product *product = state->product;
    const igq_accelerator *accelerator = state->accelerator;
    if (!igq_tiling_fits(tiling, product, accelerator))
        return;
    uint64_t bytes = dram_bytes(tiling, product, accelerator);
    tiling_cost cost = {.tiles = (uint64_t)igq_tiling_num_tiles(tiling, product)};
    switch (accelerator->tiling.objective) {
    case IGQ_TILING_OBJECTIVE_TRAFFIC:
        cost.first = bytes;
        break;
    case IGQ_TILING_OBJECTIVE_ENERGY:
        cost.first = memory_energy(tiling, product, bytes);
        break;
    default:
        if (igq_dram_transfer_cycles(bytes, &accelerator->dram) > state->least.first)
            return;
        cost.first = igq_schedule_cycles(tiling, product, lists, state->least.first, accelerator);
        cost.second = bytes;
        break;
    }
    if (accelerator->tiling.objective != IGQ_TILING_OBJECTIVE_CYCLES && cost.first <= state->least.first)
        cost.second = igq_schedule_cycles(tiling, product, lists, UINT64_MAX, accelerator);
    if (is_less(&cost, &state->least)) {
        state->least = cost;
        state->best = *tiling;
    }
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
    int token_unit = igq_token_unit(product, array);
    int token_units = ceil_div(product->T, token_unit), output_units = ceil_div(product->O, array->lanes);
    igq_schedule_lists lists;
    igq_schedule_lists_init(&lists, tile_channels, product, state->accelerator);
    for (int order = IGQ_LOOP_WEIGHTS_OUTER; order <= IGQ_LOOP_ACTIVATIONS_OUTER; order++) {
        for (int t = token_units; t > 0; t = next_smaller(t, token_units)) {
            for (int o = output_units; o > 0; o = next_smaller(o, output_units)) {
                igq_tiling tiling;
                igq_tiling_set(&tiling, product, t * token_unit, o * array->lanes, tile_channels,
                               (igq_loop_order)order);
                tiling.block_tokens = block_tokens;
                if (order > 0 && (tiling.num_output_tiles == 1 || product->images * tiling.num_token_tiles == 1))
                    continue; // the loops do the same
                consider(state, &tiling, &lists);
            }
        }
    }
}

static void search_blocks(search *state, int tile_channels)
{
    const igq_mac_array_cfg *array = &state->accelerator->mac_array;
    int half = array->tokens_in_flight / 2;
    search_channels(state, tile_channels, array->tokens_in_flight);
    if (array->tokens_in_flight % 2 == 0 && half > 0 && half % array->token_rows == 0)
        search_channels(state, tile_channels, half);
}

void igq_tiling_choose(igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator)
{
    if (accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED) {
        const igq_tiling_cfg *fixed = &accelerator->tiling;
        igq_tiling_set(tiling, product, fixed->tile_tokens, fixed->tile_outputs, fixed->tile_channels,
                       fixed->loop_order);
        return;
    }
    search state = {.product = product, .accelerator = accelerator, .least = {UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    int unit = igq_channel_unit(accelerator), units = ceil_div(product->C, unit);
    search_blocks(&state, 0);
    // Sums that are cut cost room and hand-overs, and in FP32 their last bits depend on where: only if nothing else
    // fits; then into 2, 3, 4, 6, 8, 12, ... tiles, down to single units.
    if (state.least.tiles == UINT64_MAX)
        for (int num = 2, tile = units + 1; tile > 1; num = num % 3 == 0 ? num / 3 * 4 : num / 2 * 3) {
            tile = num < units ? ceil_div(units, num) : 1;
            search_blocks(&state, tile * unit);
        }
    assert(state.least.tiles < UINT64_MAX);
    *tiling = state.best;
}
