// SPDX-License-Identifier: Apache-2.0
#include "tile_schedule.h"
#include "latency.h"
#include <string.h>

static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/// Cycles of tiles

static size_t aligned(size_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

size_t igq_schedule_lists_size(int C, int G, const igq_accelerator *accelerator)
{
    return 2 * aligned(igq_steps_room(C, accelerator) * sizeof(igq_step)) + igq_grouping_size(C, G);
}

void igq_schedule_lists_init(igq_schedule_lists *lists, const igq_grouping *all, int overlapped, void *memory)
{
    lists->all = all;
    lists->memory = memory;
    lists->overlapped = overlapped;
}

void igq_schedule_lists_cut(igq_schedule_lists *lists, int tile_channels, const igq_product *product,
                            const igq_accelerator *accelerator)
{
    const igq_grouping *all = lists->all;
    int C = product->C, tile = tile_channels > 0 && tile_channels < C ? tile_channels : C;
    int begin[2] = {0, (C - 1) / tile * tile}, end[2] = {tile, C};
    char *memory = lists->memory;
    size_t steps_bytes = aligned(igq_steps_room(C, accelerator) * sizeof(igq_step));
    int act_bits = product->act_bits > 0 ? product->act_bits : accelerator->mac_array.mac_bits;
    for (int i = 0; i < 2; i++) {
        igq_grouping slice;
        igq_grouping_init(&slice, memory + 2 * steps_bytes, C, all->G);
        if (tile < C)
            igq_grouping_slice(&slice, all, begin[i], end[i]);
        if (i == 0 || tile < C)
            igq_block_times_init(&lists->times[i], tile < C ? &slice : all, act_bits, product->weight_bits,
                                 (igq_step *)(void *)(memory + (size_t)i * steps_bytes), accelerator);
    }
}

static void set_tile_cycles(igq_tile_cycles *cycles, const igq_tiling *tiling, const igq_product *product,
                            igq_schedule_lists *lists, const igq_accelerator *accelerator)
{
    const igq_dram_cfg *dram = &accelerator->dram;
    const igq_vector_unit_cfg *unit = &accelerator->vector_unit;
    int tile_channels = tiling->tile_channels > 0 ? tiling->tile_channels : product->C;
    int channels[2] = {tile_channels, product->C - (igq_tiling_channel_tiles(tiling) - 1) * tile_channels};
    int tokens[2] = {tiling->tile_tokens, product->T - (tiling->num_token_tiles - 1) * tiling->tile_tokens};
    int outputs[2] = {tiling->tile_outputs, product->O - (tiling->num_output_tiles - 1) * tiling->tile_outputs};
    int block = igq_tiling_block_tokens(tiling, &accelerator->mac_array);
    const uint64_t times[3][2] = {
        {(uint64_t)(product->images * (tiling->num_token_tiles - 1)), (uint64_t)product->images},
        {(uint64_t)(tiling->num_output_tiles - 1), 1},
        {(uint64_t)(igq_tiling_channel_tiles(tiling) - 1), 1}};
    int parks = igq_tiling_parks_rows(tiling, product);
    cycles->all_arrays = 0;
    int passes = product->tile_passes + (parks ? 0 : product->row_passes);
    for (int t = 0; t < 2; t++) {
        for (int o = 0; o < 2; o++) {
            uint64_t elements = (uint64_t)tokens[t] * (uint64_t)outputs[o];
            uint64_t stored = igq_result_bytes(product, tokens[t], parks ? product->O : outputs[o]);
            uint64_t values = igq_output_bytes(tokens[t], outputs[o]);
            cycles->vector[t][o] = igq_vector_cycles(passes, elements, unit);
            cycles->stores[t][o] = product->outputs_in_dram ? igq_dram_transfer_cycles(stored, dram) : 0;
            cycles->residual[t][o] = product->residual ? igq_dram_transfer_cycles(values, dram) : 0;
            for (int c = 0; c < 2; c++) {
                int same_t = t == 1 && tokens[0] == tokens[1], same_o = o == 1 && outputs[0] == outputs[1];
                int same_c = c == 1 && channels[0] == channels[1];
                cycles->arrays[t][o][c] = same_t || same_o || same_c
                                              ? cycles->arrays[t && !same_t][o && !same_o][c && !same_c]
                                              : igq_block_times_tile(&lists->times[c && channels[1] != channels[0]],
                                                                     tokens[t], outputs[o], block);
                cycles->all_arrays += times[0][t] * times[1][o] * times[2][c] * cycles->arrays[t][o][c];
            }
        }
        cycles->rows[t] = igq_vector_cycles(product->row_passes, (uint64_t)tokens[t] * (uint64_t)product->O, unit);
        for (int c = 0; c < 2; c++) {
            uint64_t act_bytes = product->acts_in_dram ? igq_act_tile_bytes(product, tokens[t], channels[c]) : 0;
            cycles->acts[t][c] = igq_dram_transfer_cycles(act_bytes, dram);
            cycles->weights[t][c] = // [o][c]
                igq_dram_transfer_cycles(igq_weight_tile_bytes(product, outputs[t], channels[c]), dram);
            cycles->copies[t][c] =
                igq_operand_copy_cycles(igq_operand_bits(product, outputs[t], channels[c]), accelerator);
        }
    }
}

/// Tiles one after another

// Slots of a buffer: when each is free, and which is next.
typedef struct slots {
    uint64_t free[2];
    int num, next, held;
} slots;

enum { MOST_TAKEN = 16 };
typedef struct span {
    uint64_t begin, end;
} span;

typedef struct schedule {
    const igq_tile_cycles *cycles;
    const igq_product *product;
    const igq_tiling *tiling;
    uint64_t latency;                                // of DRAM
    uint64_t loads_free, residual_free, stores_free; // bus: for loads, residual tiles, stores
    span taken[MOST_TAKEN];                          // of the bus, beyond loads_free
    unsigned first_taken, num_taken;
    uint64_t bus_cycles, vector_cycles; // in all
    uint64_t arrays_free, vector_free;  // units
    uint64_t weights_there, acts_there, residual_there;
    uint64_t copied;   // K or V of the last tile that needed them
    int early_weights; // tiles that were fetched before the barrier
    slots weights, acts, outputs;
    // In which tiles become free while they are read (activations: for the last block of outputs); 0: at their end.
    uint64_t weight_parts, act_parts, output_blocks;
} schedule;

// A load takes the bus where more urgent transfers leave it.
static uint64_t load(schedule *at, uint64_t asked, uint64_t cycles)
{
    if (cycles == 0)
        return asked;
    uint64_t now = max_u64(at->loads_free, asked), left = cycles;
    for (; at->num_taken > 0; at->first_taken++, at->num_taken--) {
        const span *taken = &at->taken[at->first_taken % MOST_TAKEN];
        if (taken->begin >= now + left)
            break;
        left -= taken->begin > now ? taken->begin - now : 0;
        now = max_u64(now, taken->end);
    }
    at->loads_free = now + left;
    at->bus_cycles += cycles;
    return at->loads_free + at->latency;
}

// A transfer that goes before loads, from `free` on. Those that have been placed already are pushed back.
static uint64_t urgent(schedule *at, uint64_t *free, uint64_t asked, uint64_t cycles)
{
    if (cycles == 0)
        return asked;
    uint64_t begin = max_u64(*free, asked);
    *free = begin + cycles;
    at->bus_cycles += cycles;
    if (begin < at->loads_free || at->num_taken == MOST_TAKEN) {
        at->loads_free += cycles;
        return *free;
    }
    unsigned place = at->first_taken + at->num_taken++;
    for (; place > at->first_taken && at->taken[(place - 1) % MOST_TAKEN].begin > begin; place--)
        at->taken[place % MOST_TAKEN] = at->taken[(place - 1) % MOST_TAKEN];
    at->taken[place % MOST_TAKEN] = (span){begin, *free};
    return *free;
}

static uint64_t slot_free(const slots *of)
{
    return of->free[of->next];
}
static void take_slot(slots *of)
{
    of->held = of->next;
    of->next = of->num == 2 ? 1 - of->next : 0;
}

static void load_operands(schedule *at, const igq_tile *tile, int t, int o, int c)
{
    const igq_tile_cycles *cycles = at->cycles;
    int loads_acts = tile->loads_acts && at->product->acts_in_dram;
    uint64_t act_slot = loads_acts ? slot_free(&at->acts) : UINT64_MAX;
    uint64_t weight_slot = tile->loads_weights ? slot_free(&at->weights) : UINT64_MAX;
    for (int turn = 0; turn < 2; turn++) { // the one whose slot is free first
        if (loads_acts && (turn == 0) == (act_slot <= weight_slot)) {
            at->acts_there = load(at, act_slot, cycles->acts[t][c]);
            take_slot(&at->acts);
        } else if (tile->loads_weights && (turn == 0) == (act_slot > weight_slot)) {
            int early = at->early_weights-- > 0;
            if (cycles->copies[o][c] > 0)
                at->weights_there = at->copied = max_u64(at->copied, weight_slot) + cycles->copies[o][c];
            else
                at->weights_there = early ? 0 : load(at, weight_slot, cycles->weights[o][c]);
            at->bus_cycles += early ? cycles->weights[o][c] : 0;
            take_slot(&at->weights);
        }
    }
}

static void finish_outputs(schedule *at, const igq_tile *tile, int t, int o)
{
    const igq_product *product = at->product;
    int parks = igq_tiling_parks_rows(at->tiling, product);
    at->vector_free = max_u64(max_u64(at->vector_free, at->arrays_free), at->residual_there) + at->cycles->vector[t][o];
    at->vector_cycles += at->cycles->vector[t][o];
    uint64_t slot_done = at->vector_free;
    if (igq_stores_residual(product)) {
        uint64_t stored = urgent(at, &at->stores_free, at->vector_free, at->cycles->residual[t][o]);
        if (parks || !product->outputs_in_dram)
            slot_done = stored;
    }
    if (!parks && product->outputs_in_dram)
        slot_done = urgent(at, &at->stores_free, at->vector_free, at->cycles->stores[t][o]);
    at->outputs.free[at->outputs.held] = slot_done;
    if (parks && tile->ends_rows) {
        at->vector_free += at->cycles->rows[t];
        at->vector_cycles += at->cycles->rows[t];
        if (product->outputs_in_dram)
            urgent(at, &at->stores_free, at->vector_free, at->cycles->stores[t][o]);
    }
}

// A tile that fills the words of the one before, of the same size, begins while that is still being read: by as much
// as it takes, or up to when the first part is free.
static uint64_t overlap(uint64_t parts, uint64_t arrays, uint64_t load)
{
    uint64_t most = parts > 0 ? arrays - igq_ceil_div(arrays, parts) : 0;
    return load < most ? load : most;
}

static uint64_t cycles_of_weights(const schedule *at, int o, int c)
{
    return at->cycles->weights[o][c] + at->cycles->copies[o][c];
}

static void run_tile(schedule *at, const igq_tile *tile, int t, int o, int c)
{
    load_operands(at, tile, t, o, c);
    uint64_t begin = max_u64(at->arrays_free, max_u64(at->weights_there, at->acts_there));
    if (tile->opens_sums) {
        begin = max_u64(begin, slot_free(&at->outputs));
        take_slot(&at->outputs);
        at->residual_there = 0;
        if (igq_loads_residual(at->product))
            at->residual_there = urgent(at, &at->residual_free, begin, at->cycles->residual[t][o]) + at->latency;
    }
    at->arrays_free = begin + at->cycles->arrays[t][o][c];
    uint64_t arrays = at->cycles->arrays[t][o][c];
    if (tile->frees_weights)
        at->weights.free[at->weights.held] =
            at->arrays_free - overlap(at->weight_parts, arrays, cycles_of_weights(at, o, c));
    if (tile->frees_acts)
        at->acts.free[at->acts.held] =
            at->arrays_free - overlap(at->act_parts, arrays / at->output_blocks, at->cycles->acts[t][c]);
    if (tile->ends_sums)
        finish_outputs(at, tile, t, o);
}

// Words that follow one another are as good as two slots if there is room for two tiles.
static void set_slots(schedule *at, const igq_accelerator *accelerator)
{
    const igq_tiling *tiling = at->tiling;
    const igq_product *product = at->product;
    int channels = tiling->tile_channels > 0 ? tiling->tile_channels : product->C;
    at->output_blocks = igq_ceil_div((uint64_t)tiling->tile_outputs, (uint64_t)igq_outputs_at_once(accelerator));
    at->weights.num = igq_buffer_slots(&accelerator->weight_buffer);
    at->acts.num = igq_buffer_slots(&accelerator->activation_buffer);
    if (accelerator->weight_buffer.double_buffered == IGQ_BUFFERING_WORDS) {
        uint64_t bits = igq_weight_buffer_bits(product, tiling->tile_outputs, channels);
        at->weights.num = 2 * bits <= igq_weight_room_bits(accelerator) ? 2 : 1;
        at->weight_parts = at->output_blocks;
    }
    if (product->acts_in_dram && accelerator->activation_buffer.double_buffered == IGQ_BUFFERING_WORDS) {
        uint64_t bits = igq_act_buffer_bits(product, tiling->tile_tokens, channels);
        at->acts.num = 2 * bits <= igq_act_room_bits(tiling, product, accelerator) ? 2 : 1;
        at->act_parts = igq_ceil_div((uint64_t)tiling->tile_tokens,
                                     (uint64_t)igq_tiling_block_tokens(tiling, &accelerator->mac_array));
    }
}

uint64_t igq_schedule_cycles(const igq_tiling *tiling, const igq_product *product, igq_schedule_lists *lists,
                             uint64_t limit, const igq_accelerator *accelerator)
{
    enum { MOST_TILES = 1024 }; // a longer product goes on as it began
    igq_tile_cycles cycles;
    set_tile_cycles(&cycles, tiling, product, lists, accelerator);
    if (cycles.all_arrays > limit)
        return cycles.all_arrays;
    schedule at = {.cycles = &cycles, .product = product, .tiling = tiling};
    at.latency = (uint64_t)accelerator->dram.latency_cycles;
    set_slots(&at, accelerator);
    at.outputs.num = igq_buffer_slots(&accelerator->output_buffer);
    at.early_weights = igq_weights_are_activations(product) ? 0 : at.weights.num - 1;
    int num_tiles = igq_tiling_num_tiles(tiling, product), n = 0;
    int last_token = product->T - (tiling->num_token_tiles - 1) * tiling->tile_tokens;
    int last_output = product->O - (tiling->num_output_tiles - 1) * tiling->tile_outputs;
    igq_tiling_walk walk = {0};
    for (; n < num_tiles && n < MOST_TILES && at.arrays_free < limit; n++) {
        igq_tile tile;
        igq_tiling_walk_next(&tile, &walk, tiling, product);
        run_tile(&at, &tile, tile.tokens == last_token, tile.outputs == last_output, tile.ends_sums);
    }
    uint64_t results = lists->overlapped ? at.vector_cycles : max_u64(at.vector_free, at.stores_free);
    uint64_t end = max_u64(results, max_u64(at.bus_cycles, at.arrays_free));
    return n < num_tiles && at.arrays_free < limit ? end * (uint64_t)num_tiles / (uint64_t)n : end;
}
