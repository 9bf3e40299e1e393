// SPDX-License-Identifier: Apache-2.0
#include "operations.h"
#include "format.h"
#include "latency.h"
#include "slices.h"
#include <string.h>

/// One operation

igq_operation igq_operation_of(igq_event event, int bits, uint64_t units, uint64_t times)
{
    uint64_t width = (uint64_t)bits;
    return (igq_operation){event, {units, units * width, 0}, {times, times * width, 0}};
}

igq_operation igq_multiplication(igq_event event, int a_bits, int b_bits, uint64_t units, uint64_t times)
{
    igq_operation operation = igq_operation_of(event, a_bits + b_bits, units, times);
    operation.units.bit_products = units * (uint64_t)a_bits * (uint64_t)b_bits;
    operation.events.bit_products = times * (uint64_t)a_bits * (uint64_t)b_bits;
    return operation;
}

igq_operation igq_selection(igq_event event, int bits, int ways, int used, uint64_t units, uint64_t times)
{
    uint64_t width = (uint64_t)bits, stages = (uint64_t)igq_log2_ceil((uint64_t)used);
    uint64_t multiplexers = ways > 1 ? (uint64_t)ways - 1 : 0;
    return (igq_operation){event, {units, units * width * multiplexers, 0}, {times, times * width * stages, 0}};
}

igq_operation igq_access(igq_event event, uint64_t accesses, uint64_t bits)
{
    return (igq_operation){.event = event, .events = {accesses, bits, 0}};
}

/// Sums

static void add_measure(igq_measure *sum, const igq_measure *one)
{
    sum->count += one->count;
    sum->bits += one->bits;
    sum->bit_products += one->bit_products;
}

void igq_operations_add(igq_operations *sums, const igq_operation *operation, int num)
{
    for (int i = 0; i < num; i++) {
        add_measure(&sums->units[operation[i].event], &operation[i].units);
        add_measure(&sums->events[operation[i].event], &operation[i].events);
    }
}

static void add_list(igq_operations *sums, int num, int arrays)
{
    int V = sums->accelerator->mac_array.vector_length;
    uint64_t full = (uint64_t)(num / V);
    int rest = num % V;
    uint64_t vectors = full + (rest > 0);
    sums->vectors += vectors;
    sums->handovers += vectors < (uint64_t)arrays ? vectors : (uint64_t)arrays;
    sums->group_sums += vectors > 0;
    for (int level = 0; level < igq_log2_ceil((uint64_t)V); level++)
        sums->tree_adds[level] += full * igq_tree_adders(V, level) + igq_tree_adders(rest, level);
}

// Channels of a list from `first` to `end`.
static int listed(const igq_grouping *grouping, int g, int first, int end)
{
    int num = 0;
    for (int i = grouping->start[g]; i < grouping->start[g + 1]; i++)
        num += grouping->channel[i] >= first && grouping->channel[i] < end;
    return num;
}

// Lists of a tile's channels. Each array that works on a list hands over sums of its own; those of one list are added
// up before they are scaled.
static void add_lists(igq_operations *sums, const igq_grouping *grouping, int first, int end)
{
    int all = first == 0 && end >= grouping->C;
    int in_lockstep = igq_works_in_lockstep(sums->accelerator->mac_organisation);
    int arrays[IGQ_MAX_GROUPS];
    if (in_lockstep) {
        int32_t start[IGQ_MAX_GROUPS + 1] = {0};
        igq_grouping range = {.C = grouping->C, .G = grouping->G, .start = start};
        for (int g = 0; g < grouping->G && !all; g++)
            start[g + 1] = start[g] + listed(grouping, g, first, end);
        igq_arrays_of_lists(arrays, all ? grouping : &range, sums->accelerator);
    }
    for (int g = 0; g < grouping->G; g++) {
        int num = all ? grouping->start[g + 1] - grouping->start[g] : listed(grouping, g, first, end);
        add_list(sums, num, in_lockstep ? arrays[g] : 1);
    }
}

// Blocks of tokens in flight: none spans two tiles.
static uint64_t token_blocks(const igq_product *product, const igq_tiling *tiling, const igq_mac_array_cfg *array)
{
    uint64_t block = (uint64_t)igq_tiling_block_tokens(tiling, array), full = (uint64_t)(tiling->num_token_tiles - 1);
    int last = product->T - (tiling->num_token_tiles - 1) * tiling->tile_tokens;
    return full * igq_ceil_div((uint64_t)tiling->tile_tokens, block) + igq_ceil_div((uint64_t)last, block);
}

// Tiles loaded into the buffers.
static void add_loads(igq_operations *sums)
{
    const igq_product *product = &sums->work->product;
    const igq_tiling *tiling = &sums->work->tiling;
    for (int i = 0; i < igq_tiling_num_tiles(tiling, product); i++) {
        igq_tile tile;
        igq_tiling_tile(&tile, tiling, product, i);
        if (tile.image != sums->work->image)
            continue;
        sums->loaded_weights += tile.loads_weights ? (uint64_t)tile.outputs * (uint64_t)tile.channels : 0;
        sums->loaded_weight_bits +=
            tile.loads_weights ? igq_weight_buffer_bits(product, tile.outputs, tile.channels) : 0;
        uint64_t act_rows = tile.loads_acts && product->acts_in_dram ? (uint64_t)tile.tokens : 0;
        sums->loaded_acts += act_rows * (uint64_t)tile.channels;
        sums->loaded_act_bits += act_rows * igq_storage_row_bits(&product->acts, tile.channels);
    }
}

uint64_t igq_scaled_blocks(const igq_operations *sums)
{
    int block = igq_act_format(&sums->scheme)->act_storage(&sums->scheme, 0).block;
    return igq_pairing_of(&sums->scheme)->scaling == IGQ_SCALING_INTEGER ? sums->vectors
           : block > 0                                                   ? igq_ceil_div(sums->C, (uint64_t)block)
                                                                         : 0;
}

static void start(igq_operations *sums, const igq_accelerator *accelerator, const igq_work *work)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    uint64_t arrays = (uint64_t)array->num_arrays, V = (uint64_t)array->vector_length;
    igq_scheme_cfg scheme = accelerator->scheme;
    scheme.scheme = work->scheme;
    scheme.weight_scheme = work->weight_scheme;
    *sums = (igq_operations){
        .accelerator = accelerator,
        .work = work,
        .scheme = scheme,
        .act_bits = work->act_bits,
        .weight_bits = work->product.weight_bits,
        .widths = igq_widths_of(accelerator, &scheme, work->act_bits, work->product.weight_bits),
        .vector_macs = arrays * (uint64_t)array->lanes * (uint64_t)array->token_rows,
        .acts_a_cycle = arrays * (uint64_t)array->token_rows * V,
        .weights_a_cycle = arrays * (uint64_t)array->lanes * V,
    };
}

static void add_product(igq_operations *sums)
{
    const igq_product *product = &sums->work->product;
    const igq_mac_array_cfg *array = &sums->accelerator->mac_array;
    sums->T = (uint64_t)product->T;
    sums->C = (uint64_t)igq_grouping_num_listed(sums->work->grouping);
    sums->O = (uint64_t)product->O;
    sums->passes = (uint64_t)igq_mac_passes(sums->act_bits, sums->weight_bits, array);
    sums->partial_products = (uint64_t)igq_partial_products(sums->act_bits, sums->weight_bits, array);
    sums->outputs = sums->T * sums->O;
    sums->token_blocks = token_blocks(product, &sums->work->tiling, array);
    sums->output_blocks = igq_ceil_div(sums->O, (uint64_t)array->lanes);
    sums->acts_in = sums->T * sums->C * sums->output_blocks;
    sums->weights_in = sums->O * sums->C * sums->token_blocks;
    sums->sum_growth = igq_log2_ceil(sums->C);
    const igq_tiling *tiling = &sums->work->tiling;
    for (int c = 0; c < igq_tiling_channel_tiles(tiling); c++)
        add_lists(sums, sums->work->grouping, c * tiling->tile_channels,
                  tiling->tile_channels > 0 ? (c + 1) * tiling->tile_channels : product->C);
    add_loads(sums);
}

static void add_blocks(igq_operations *sums)
{
    const igq_operation cycle[] = {
        igq_operation_of(IGQ_EVENT_CYCLE, 0, 1, sums->work->cycles),
    };
    IGQ_OPERATIONS_ADD(sums, cycle);
    igq_operations_of_arrays(sums);
    igq_operations_of_quantizers(sums);
    igq_operations_of_outputs(sums);
    igq_operations_of_assignment(sums);
    igq_operations_of_crossbar(sums);
    igq_operations_of_pairs(sums);
    igq_operations_of_turning(sums);
}

void igq_operation_units(igq_measure units[IGQ_EVENT_COUNT], const igq_accelerator *accelerator)
{
    int mac_bits = accelerator->mac_array.mac_bits;
    const igq_work nothing = {.act_bits = mac_bits,
                              .product.weight_bits = mac_bits,
                              .scheme = accelerator->scheme.scheme,
                              .weight_scheme = accelerator->scheme.weight_scheme};
    igq_operations sums;
    start(&sums, accelerator, &nothing);
    sums.sum_growth = igq_log2_ceil((uint64_t)accelerator->group_assignment.max_members);
    add_blocks(&sums);
    memcpy(units, sums.units, sizeof sums.units);
}

void igq_events_count(igq_events *events, const igq_work *work, const igq_accelerator *accelerator)
{
    igq_operations sums;
    start(&sums, accelerator, work);
    add_product(&sums);
    add_blocks(&sums);
    igq_operations_of_memories(&sums);
    memcpy(events->of, sums.events, sizeof events->of);
    igq_measure units[IGQ_EVENT_COUNT];
    igq_operation_units(units, accelerator);
    uint64_t register_bits = units[IGQ_EVENT_MAC_REGISTER].bits + units[IGQ_EVENT_ASSIGN_REGISTER].bits;
    events->of[IGQ_EVENT_REGISTER_CYCLE] = (igq_measure){work->cycles, work->cycles * register_bits, 0};
}
