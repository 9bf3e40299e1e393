// SPDX-License-Identifier: Apache-2.0
#include "tiling.h"
#include "latency.h"
#include <assert.h>

static int min_int(int a, int b)
{
    return a < b ? a : b;
}
static int ceil_div(int numerator, int denominator)
{
    return (numerator + denominator - 1) / denominator;
}

void igq_product_vector_passes(igq_product *product, igq_vector_op post_op, const igq_vector_unit_cfg *unit)
{
    int tile_passes = product->residual ? unit->residual_passes : 0;
    if (unit->ideal) { // results are written back, nothing else
        product->tile_passes = 1;
        product->row_passes = 0;
        return;
    }
    if (post_op == IGQ_VECTOR_OP_GELU)
        tile_passes += unit->gelu_passes;
    product->tile_passes = tile_passes > 0 ? tile_passes : 1;
    product->row_passes = post_op == IGQ_VECTOR_OP_LAYER_NORM ? unit->layer_norm_passes
                          : post_op == IGQ_VECTOR_OP_SOFTMAX  ? unit->softmax_passes
                                                              : 0;
}

int igq_weights_are_activations(const igq_product *product)
{
    return !product->operand_codes && (product->weight_dram_bits == 0 || product->weight_dram_bits == IGQ_ACT_IN_BITS);
}

uint64_t igq_weight_tile_bytes(const igq_product *product, int outputs)
{
    uint64_t scale_bits = igq_weights_are_activations(product) ? 0 : (uint64_t)product->weight_scale_bits;
    if (product->weight_dram_bits == 0)
        return 0;
    uint64_t output_bits = (uint64_t)product->C * (uint64_t)product->weight_dram_bits + scale_bits;
    return igq_ceil_div((uint64_t)outputs * output_bits, 8);
}

uint64_t igq_weight_buffer_bits(const igq_product *product, int outputs)
{
    return (uint64_t)outputs *
           ((uint64_t)product->C * (uint64_t)product->weight_bits + (uint64_t)product->weight_scale_bits);
}

uint64_t igq_act_tile_bytes(const igq_product *product, int tokens)
{
    return igq_storage_bytes(&product->acts, tokens, product->C);
}

uint64_t igq_result_bytes(const igq_product *product, int tokens, int outputs)
{
    return igq_storage_bytes(&product->outputs, tokens, outputs);
}

uint64_t igq_output_bytes(int tokens, int outputs)
{
    return (uint64_t)tokens * (uint64_t)outputs * (IGQ_ACT_IN_BITS / 8);
}

int igq_tiling_parks_rows(const igq_tiling *tiling, const igq_product *product)
{
    return product->row_passes > 0 && tiling->num_output_tiles > 1;
}

/// Does it fit?

// Bytes that tiles and rows in progress take up in the activation buffer.
static uint64_t act_tile_room_bytes(const igq_tiling *tiling, const igq_product *product, const igq_buffer_cfg *buffer)
{
    uint64_t bytes = 0;
    if (product->acts_in_dram)
        bytes += (uint64_t)igq_buffer_slots(buffer) * igq_act_tile_bytes(product, tiling->tile_tokens);
    if (product->outputs_in_dram && igq_tiling_parks_rows(tiling, product)) {
        int tokens = tiling->order == IGQ_LOOP_ACTIVATIONS_OUTER ? tiling->tile_tokens : product->images * product->T;
        bytes += igq_output_bytes(tokens, product->O);
    }
    return bytes;
}

static igq_shortage shortage_of(const igq_tiling *tiling, const igq_product *product,
                                const igq_accelerator *accelerator)
{
    const igq_buffer_cfg *weights = &accelerator->weight_buffer, *acts = &accelerator->activation_buffer;
    const igq_buffer_cfg *outputs = &accelerator->output_buffer;
    uint64_t weight_bits = igq_weight_buffer_bits(product, tiling->tile_outputs);
    uint64_t output_bytes = igq_output_bytes(tiling->tile_tokens, tiling->tile_outputs);
    uint64_t residual_bytes = igq_loads_residual(product) ? output_bytes : 0; // the tile that is added waits here
    igq_shortage needs[] = {
        {"weight_buffer", (uint64_t)igq_buffer_slots(weights) * igq_ceil_div(weight_bits, 8),
         (uint64_t)weights->capacity_bytes},
        {"activation_buffer", product->resident_bytes + act_tile_room_bytes(tiling, product, acts),
         (uint64_t)acts->capacity_bytes},
        {"output_buffer", (uint64_t)igq_buffer_slots(outputs) * (output_bytes + residual_bytes),
         (uint64_t)outputs->capacity_bytes},
    };
    for (int i = 0; i < 3; i++)
        if (needs[i].needed_bytes > needs[i].capacity_bytes)
            return needs[i];
    return (igq_shortage){0};
}

static void set_tiling(igq_tiling *tiling, const igq_product *product, int tile_tokens, int tile_outputs,
                       igq_loop_order order)
{
    tiling->tile_tokens = min_int(tile_tokens, product->T);
    tiling->tile_outputs = min_int(tile_outputs, product->O);
    tiling->num_token_tiles = ceil_div(product->T, tiling->tile_tokens);
    tiling->num_output_tiles = ceil_div(product->O, tiling->tile_outputs);
    tiling->order = order;
}

static void set_fixed_tiling(igq_tiling *tiling, const igq_product *product, const igq_tiling_cfg *cfg)
{
    set_tiling(tiling, product, cfg->tile_tokens, cfg->tile_outputs, cfg->loop_order);
}

igq_shortage igq_tiling_shortage(const igq_product *product, const igq_accelerator *accelerator)
{
    igq_tiling tiling;
    if (accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED) {
        set_fixed_tiling(&tiling, product, &accelerator->tiling);
    } else { // the smallest
        set_tiling(&tiling, product, accelerator->mac_array.tokens_in_flight, accelerator->mac_array.lanes,
                   IGQ_LOOP_ACTIVATIONS_OUTER);
    }
    return shortage_of(&tiling, product, accelerator);
}

/// Tiles and their traffic

int igq_tiling_num_tiles(const igq_tiling *tiling, const igq_product *product)
{
    return product->images * tiling->num_token_tiles * tiling->num_output_tiles;
}

void igq_tiling_tile(igq_tile *tile, const igq_tiling *tiling, const igq_product *product, int index)
{
    int weights_outer = tiling->order == IGQ_LOOP_WEIGHTS_OUTER;
    int num_tokens = product->images * tiling->num_token_tiles; // of all images
    int num_outputs = tiling->num_output_tiles;
    int t = weights_outer ? index % num_tokens : index / num_outputs;
    int o = weights_outer ? index / num_tokens : index % num_outputs;
    int first_of_round = weights_outer ? t == 0 : o == 0;
    int last_of_round = weights_outer ? t == num_tokens - 1 : o == num_outputs - 1;
    int t_of_image = t % tiling->num_token_tiles;
    tile->image = t / tiling->num_token_tiles;
    tile->tokens = min_int(tiling->tile_tokens, product->T - t_of_image * tiling->tile_tokens);
    tile->outputs = min_int(tiling->tile_outputs, product->O - o * tiling->tile_outputs);
    // The outer operand stays for a round; the inner one only if it is a single tile.
    int weights_stay = num_outputs == 1, acts_stay = num_tokens == 1;
    tile->loads_weights = weights_stay ? index == 0 : !weights_outer || first_of_round;
    tile->frees_weights = weights_stay ? index == num_tokens - 1 : !weights_outer || last_of_round;
    tile->loads_acts = acts_stay ? index == 0 : weights_outer || first_of_round;
    tile->frees_acts = acts_stay ? index == num_outputs - 1 : weights_outer || last_of_round;
    tile->ends_rows = o == num_outputs - 1;
    tile->ends_image = tile->ends_rows && t_of_image == tiling->num_token_tiles - 1;
}

// Bursts of all weight tiles, once; the same for the activation tiles of an image.
static uint64_t all_weights_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    int last_outputs = product->O - (tiling->num_output_tiles - 1) * tiling->tile_outputs;
    uint64_t tile_bytes = igq_dram_burst_bytes(igq_weight_tile_bytes(product, tiling->tile_outputs), dram);
    return (uint64_t)(tiling->num_output_tiles - 1) * tile_bytes +
           igq_dram_burst_bytes(igq_weight_tile_bytes(product, last_outputs), dram);
}

static uint64_t all_acts_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    int last_tokens = product->T - (tiling->num_token_tiles - 1) * tiling->tile_tokens;
    uint64_t tile_bytes = igq_dram_burst_bytes(igq_act_tile_bytes(product, tiling->tile_tokens), dram);
    return (uint64_t)(tiling->num_token_tiles - 1) * tile_bytes +
           igq_dram_burst_bytes(igq_act_tile_bytes(product, last_tokens), dram);
}

// Bursts of the outputs of an image moved in pieces of the token tiles x `tile_outputs` columns.
static uint64_t all_outputs_bytes(const igq_tiling *tiling, const igq_product *product, const igq_storage *storage,
                                  int tile_outputs, const igq_dram_cfg *dram)
{
    int num_output_tiles = ceil_div(product->O, tile_outputs);
    int last_tokens = product->T - (tiling->num_token_tiles - 1) * tiling->tile_tokens;
    int last_outputs = product->O - (num_output_tiles - 1) * tile_outputs;
    uint64_t rows = (uint64_t)(tiling->num_token_tiles - 1), columns = (uint64_t)(num_output_tiles - 1);
    return rows * columns * igq_dram_burst_bytes(igq_storage_bytes(storage, tiling->tile_tokens, tile_outputs), dram) +
           rows * igq_dram_burst_bytes(igq_storage_bytes(storage, tiling->tile_tokens, last_outputs), dram) +
           columns * igq_dram_burst_bytes(igq_storage_bytes(storage, last_tokens, tile_outputs), dram) +
           igq_dram_burst_bytes(igq_storage_bytes(storage, last_tokens, last_outputs), dram);
}

static uint64_t weight_loads_bytes(const igq_tiling *tiling, const igq_product *product, int image,
                                   const igq_dram_cfg *dram)
{
    int are_shared = tiling->order == IGQ_LOOP_WEIGHTS_OUTER || tiling->num_output_tiles == 1;
    int rounds = !are_shared ? tiling->num_token_tiles : image == 0 ? 1 : 0;
    return (uint64_t)rounds * all_weights_bytes(tiling, product, dram);
}

// Of each image.
static uint64_t act_loads_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    if (!product->acts_in_dram)
        return 0;
    int stay = tiling->order == IGQ_LOOP_ACTIVATIONS_OUTER || product->images * tiling->num_token_tiles == 1;
    int rounds = stay ? 1 : tiling->num_output_tiles;
    return (uint64_t)rounds * all_acts_bytes(tiling, product, dram);
}

static uint64_t residual_stream_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    const igq_storage values = {0};
    return all_outputs_bytes(tiling, product, &values, tiling->tile_outputs, dram);
}

uint64_t igq_tiling_read_bytes(const igq_tiling *tiling, const igq_product *product, int image,
                               const igq_dram_cfg *dram)
{
    uint64_t residual_bytes = igq_loads_residual(product) ? residual_stream_bytes(tiling, product, dram) : 0;
    return weight_loads_bytes(tiling, product, image, dram) + act_loads_bytes(tiling, product, dram) + residual_bytes;
}

uint64_t igq_tiling_write_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    int columns = igq_tiling_parks_rows(tiling, product) ? product->O : tiling->tile_outputs;
    uint64_t residual_bytes = igq_stores_residual(product) ? residual_stream_bytes(tiling, product, dram) : 0;
    uint64_t output_bytes =
        product->outputs_in_dram ? all_outputs_bytes(tiling, product, &product->outputs, columns, dram) : 0;
    return residual_bytes + output_bytes;
}

static uint64_t all_weight_loads_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    uint64_t bytes = 0;
    for (int image = 0; image < product->images; image++)
        bytes += weight_loads_bytes(tiling, product, image, dram);
    return bytes;
}

uint64_t igq_tiling_exposed_read_bytes(const igq_tiling *tiling, const igq_product *product,
                                       const igq_accelerator *accelerator)
{
    const igq_dram_cfg *dram = &accelerator->dram;
    uint64_t weights = all_weight_loads_bytes(tiling, product, dram);
    uint64_t acts = (uint64_t)product->images * act_loads_bytes(tiling, product, dram);
    // The last weight tile of the product before holds a slot to its end; activation slots may all be free.
    uint64_t early_weights = (uint64_t)(igq_buffer_slots(&accelerator->weight_buffer) - 1) *
                             igq_dram_burst_bytes(igq_weight_tile_bytes(product, tiling->tile_outputs), dram);
    uint64_t early_acts = (uint64_t)igq_buffer_slots(&accelerator->activation_buffer) *
                          igq_dram_burst_bytes(igq_act_tile_bytes(product, tiling->tile_tokens), dram);
    return (weights > early_weights ? weights - early_weights : 0) + (acts > early_acts ? acts - early_acts : 0);
}

/// Choice

typedef struct tiling_cost {
    uint64_t dram_bytes, end_cycles, tiles;
} tiling_cost;

static int is_less(const tiling_cost *a, const tiling_cost *b)
{
    if (a->dram_bytes != b->dram_bytes)
        return a->dram_bytes < b->dram_bytes;
    if (a->end_cycles != b->end_cycles)
        return a->end_cycles < b->end_cycles;
    return a->tiles < b->tiles;
}

// The blocks of all tilings are the same, so only what happens at the ends of tiles and of the product tells them
// apart.
static tiling_cost cost_of(const igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator)
{
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    const igq_vector_unit_cfg *unit = &accelerator->vector_unit;
    int last_tokens = product->T - (tiling->num_token_tiles - 1) * tiling->tile_tokens;
    int last_outputs = product->O - (tiling->num_output_tiles - 1) * tiling->tile_outputs;
    uint64_t block_sums = (uint64_t)array->tokens_in_flight * (uint64_t)array->lanes;
    uint64_t drain_cycles = igq_ceil_div(block_sums, (uint64_t)accelerator->post_processing.lanes) +
                            (uint64_t)accelerator->post_processing.latency_cycles;
    uint64_t tiles = (uint64_t)igq_tiling_num_tiles(tiling, product);
    uint64_t dram_bytes = 0;
    for (int image = 0; image < product->images; image++)
        dram_bytes += igq_tiling_read_bytes(tiling, product, image, &accelerator->dram) +
                      igq_tiling_write_bytes(tiling, product, &accelerator->dram);

    int parks = igq_tiling_parks_rows(tiling, product);
    int passes = product->tile_passes + (parks ? 0 : product->row_passes);
    uint64_t vector_cycles = igq_vector_cycles(passes, (uint64_t)last_tokens * (uint64_t)last_outputs, unit);
    if (parks) { // with weights outer all rows end in the last round
        int rows = tiling->order == IGQ_LOOP_WEIGHTS_OUTER ? product->images * product->T : last_tokens;
        vector_cycles += igq_vector_cycles(product->row_passes, (uint64_t)rows * (uint64_t)product->O, unit);
    }
    return (tiling_cost){
        .dram_bytes = dram_bytes,
        .end_cycles = tiles * drain_cycles + vector_cycles,
        .tiles = tiles,
    };
}

// Next smaller tile, in blocks, that needs fewer blocks than `tile_blocks` for its number of tiles; 0: none.
static int next_smaller(int tile_blocks, int num_blocks)
{
    int num_tiles = ceil_div(num_blocks, tile_blocks);
    while (tile_blocks > 1 && ceil_div(num_blocks, num_tiles) >= tile_blocks)
        num_tiles++;
    return tile_blocks > 1 ? ceil_div(num_blocks, num_tiles) : 0;
}

void igq_tiling_choose(igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator)
{
    if (accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED) {
        set_fixed_tiling(tiling, product, &accelerator->tiling);
        return;
    }
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    int token_blocks = ceil_div(product->T, array->tokens_in_flight),
        output_blocks = ceil_div(product->O, array->lanes);
    tiling_cost least = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    for (int order = IGQ_LOOP_WEIGHTS_OUTER; order <= IGQ_LOOP_ACTIVATIONS_OUTER; order++) {
        for (int t = token_blocks; t > 0; t = next_smaller(t, token_blocks)) {
            for (int o = output_blocks; o > 0; o = next_smaller(o, output_blocks)) {
                igq_tiling candidate;
                set_tiling(&candidate, product, t * array->tokens_in_flight, o * array->lanes, (igq_loop_order)order);
                if (shortage_of(&candidate, product, accelerator).buffer)
                    continue;
                tiling_cost cost = cost_of(&candidate, product, accelerator);
                if (is_less(&cost, &least)) {
                    least = cost;
                    *tiling = candidate;
                }
            }
        }
    }
    assert(least.tiles < UINT64_MAX);
}
