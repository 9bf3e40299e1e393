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

void igq_product_vector_passes(igq_product *product, const igq_layer *layer, const igq_vector_unit_cfg *unit)
{
    igq_vector_op post_op = layer->post_op;
    int tile_passes = product->residual ? unit->residual_passes : 0;
    if (unit->ideal) { // results are written back, nothing else
        product->tile_passes = 1;
        product->row_passes = 0;
        return;
    }
    if (post_op == IGQ_VECTOR_OP_GELU)
        tile_passes += unit->gelu_passes;
    if (post_op == IGQ_VECTOR_OP_ROTARY)
        tile_passes += unit->rotary_passes;
    tile_passes += layer->elementwise * unit->elementwise_passes + layer->moves * unit->move_passes;
    product->tile_passes = tile_passes > 0 ? tile_passes : 1;
    product->row_passes = post_op == IGQ_VECTOR_OP_LAYER_NORM ? unit->layer_norm_passes
                          : post_op == IGQ_VECTOR_OP_SOFTMAX  ? unit->softmax_passes
                                                              : 0;
}

int igq_weights_are_activations(const igq_product *product)
{
    return !product->operand_codes && (product->weight_dram_bits == 0 || product->weight_dram_bits == IGQ_ACT_IN_BITS);
}

// Of the channels' share of an output's scales.
static uint64_t scale_bits(const igq_product *product, int channels)
{
    if (channels == product->C)
        return (uint64_t)product->weight_scale_bits;
    return igq_ceil_div((uint64_t)product->weight_scale_bits * (uint64_t)channels, (uint64_t)product->C);
}

uint64_t igq_weight_tile_bytes(const igq_product *product, int outputs, int channels)
{
    uint64_t scales = igq_weights_are_activations(product) ? 0 : scale_bits(product, channels);
    uint64_t output_bits =
        product->weight_dram_bits == 0 ? 0 : (uint64_t)channels * (uint64_t)product->weight_dram_bits + scales;
    return igq_ceil_div((uint64_t)outputs * output_bits, 8);
}

uint64_t igq_weight_buffer_bits(const igq_product *product, int outputs, int channels)
{
    return (uint64_t)outputs * ((uint64_t)channels * (uint64_t)product->weight_bits + scale_bits(product, channels));
}

uint64_t igq_operand_bits(const igq_product *product, int outputs, int channels)
{
    if (product->weight_dram_bits > 0)
        return 0;
    return product->operand_codes ? igq_weight_buffer_bits(product, outputs, channels)
                                  : (uint64_t)outputs * (uint64_t)channels * IGQ_ACT_IN_BITS;
}

uint64_t igq_act_tile_bytes(const igq_product *product, int tokens, int channels)
{
    return igq_storage_bytes(&product->acts, tokens, channels);
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

static int channels_of(const igq_tiling *tiling, const igq_product *product)
{
    return tiling->tile_channels > 0 ? tiling->tile_channels : product->C;
}

/// Does it fit?

// Bytes that rows in progress take up in the activation buffer.
static uint64_t parked_bytes(const igq_tiling *tiling, const igq_product *product)
{
    if (!product->outputs_in_dram || !igq_tiling_parks_rows(tiling, product))
        return 0;
    int tokens = tiling->order == IGQ_LOOP_ACTIVATIONS_OUTER ? tiling->tile_tokens : product->images * product->T;
    return igq_output_bytes(tokens, product->O);
}

// And tiles.
static uint64_t act_tile_room_bytes(const igq_tiling *tiling, const igq_product *product, const igq_buffer_cfg *buffer)
{
    uint64_t bytes = parked_bytes(tiling, product);
    if (product->acts_in_dram)
        bytes += (uint64_t)igq_buffer_slots(buffer) *
                 igq_act_tile_bytes(product, tiling->tile_tokens, channels_of(tiling, product));
    return bytes;
}

uint64_t igq_weight_room_bits(const igq_accelerator *accelerator)
{
    return 8 * (uint64_t)accelerator->weight_buffer.capacity_bytes;
}

uint64_t igq_act_room_bits(const igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator)
{
    return 8 * ((uint64_t)accelerator->activation_buffer.capacity_bytes - product->resident_bytes -
                parked_bytes(tiling, product));
}

uint64_t igq_act_buffer_bits(const igq_product *product, int tokens, int channels)
{
    return (uint64_t)tokens * igq_storage_row_bits(&product->acts, channels);
}

igq_shortage igq_tiling_shortage_of(const igq_tiling *tiling, const igq_product *product,
                                    const igq_accelerator *accelerator)
{
    const igq_buffer_cfg *weights = &accelerator->weight_buffer, *acts = &accelerator->activation_buffer;
    const igq_buffer_cfg *outputs = &accelerator->output_buffer;
    uint64_t weight_bits = igq_weight_buffer_bits(product, tiling->tile_outputs, channels_of(tiling, product));
    uint64_t value_bytes = igq_output_bytes(tiling->tile_tokens, tiling->tile_outputs);
    uint64_t output_bytes =
        igq_tiling_channel_tiles(tiling) > 1 ? value_bytes * IGQ_PARTIAL_SUM_BITS / IGQ_ACT_IN_BITS : value_bytes;
    uint64_t residual_bytes = igq_loads_residual(product) ? value_bytes : 0; // the tile that is added waits beside it
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

int igq_tiling_fits(const igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator)
{
    return igq_tiling_shortage_of(tiling, product, accelerator).buffer == NULL;
}

void igq_tiling_set(igq_tiling *tiling, const igq_product *product, int tokens, int outputs, int channels,
                    igq_loop_order order)
{
    *tiling = (igq_tiling){
        .tile_tokens = min_int(tokens, product->T), .tile_outputs = min_int(outputs, product->O), .order = order};
    tiling->num_token_tiles = ceil_div(product->T, tiling->tile_tokens);
    tiling->num_output_tiles = ceil_div(product->O, tiling->tile_outputs);
    if (channels > 0 && channels < product->C) {
        tiling->tile_channels = channels;
        tiling->num_channel_tiles = ceil_div(product->C, channels);
    }
}

int igq_smaller_block(int block_tokens, const igq_mac_array_cfg *array)
{
    int half = block_tokens / 2;
    return block_tokens % 2 == 0 && half % array->token_rows == 0 ? half : 0;
}

int igq_token_unit(const igq_product *product, int block_tokens, const igq_mac_array_cfg *array)
{
    enum { MOST_SIZES = 64, COARSE_TOKENS = 16 };
    int unit = block_tokens;
    if (product->T <= MOST_SIZES * array->token_rows)
        return array->token_rows;
    for (int half = unit; half > 0 && unit > COARSE_TOKENS; half = igq_smaller_block(unit, array))
        unit = half;
    while (2 * unit <= COARSE_TOKENS)
        unit *= 2;
    return unit;
}

static void set_fixed_tiling(igq_tiling *tiling, const igq_product *product, const igq_tiling_cfg *cfg)
{
    igq_tiling_set(tiling, product, cfg->tile_tokens, cfg->tile_outputs, cfg->tile_channels, cfg->loop_order);
}

igq_shortage igq_tiling_shortage(const igq_product *product, const igq_accelerator *accelerator)
{
    igq_tiling tiling;
    if (accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED) {
        set_fixed_tiling(&tiling, product, &accelerator->tiling);
        return igq_tiling_shortage_of(&tiling, product, accelerator);
    }
    // The smallest: with all channels if that fits, since partial sums are wider.
    const igq_mac_array_cfg *array = &accelerator->mac_array;
    int channels = igq_channel_unit(accelerator), least = product->T;
    for (int block = array->tokens_in_flight; block > 0; block = igq_smaller_block(block, array))
        least = min_int(least, igq_token_unit(product, block, array));
    igq_shortage shortage = {0};
    for (int all = 1; all >= 0; all--) {
        igq_tiling_set(&tiling, product, least, array->lanes, all ? 0 : channels, IGQ_LOOP_ACTIVATIONS_OUTER);
        igq_shortage found = igq_tiling_shortage_of(&tiling, product, accelerator);
        if (!found.buffer)
            return found;
        if (all || found.needed_bytes < shortage.needed_bytes)
            shortage = found;
    }
    return shortage;
}

/// Tiles and their traffic

int igq_tiling_num_tiles(const igq_tiling *tiling, const igq_product *product)
{
    return product->images * tiling->num_token_tiles * tiling->num_output_tiles * igq_tiling_channel_tiles(tiling);
}

// Tile t (of all images, t_of_image of its own) x o x c.
static void set_tile(igq_tile *tile, const igq_tiling *tiling, const igq_product *product, int image, int t_of_image,
                     int o, int c)
{
    int weights_outer = tiling->order == IGQ_LOOP_WEIGHTS_OUTER;
    int num_tokens = product->images * tiling->num_token_tiles; // of all images
    int num_outputs = tiling->num_output_tiles, num_channels = igq_tiling_channel_tiles(tiling);
    int t = image * tiling->num_token_tiles + t_of_image;
    int first_of_round = weights_outer ? t == 0 : o == 0;
    int last_of_round = weights_outer ? t == num_tokens - 1 : o == num_outputs - 1;
    int of_sums = weights_outer ? o * num_tokens + t : t * num_outputs + o;
    tile->image = image;
    tile->tokens = min_int(tiling->tile_tokens, product->T - t_of_image * tiling->tile_tokens);
    tile->outputs = min_int(tiling->tile_outputs, product->O - o * tiling->tile_outputs);
    tile->channel_tile = c;
    tile->first_channel = c * tiling->tile_channels;
    tile->channels = min_int(channels_of(tiling, product), product->C - tile->first_channel);
    tile->opens_sums = c == 0;
    tile->ends_sums = c == num_channels - 1;
    // The outer operand stays for a round; the inner one only if it is a single tile. Of several tiles of channels
    // none stays.
    int cut = num_channels > 1, weights_stay = num_outputs == 1 && !cut, acts_stay = num_tokens == 1 && !cut;
    tile->loads_weights = weights_stay ? of_sums == 0 : !weights_outer || first_of_round || cut;
    tile->frees_weights = weights_stay ? of_sums == num_tokens - 1 : !weights_outer || last_of_round || cut;
    tile->loads_acts = acts_stay ? of_sums == 0 : weights_outer || first_of_round || cut;
    tile->frees_acts = acts_stay ? of_sums == num_outputs - 1 : weights_outer || last_of_round || cut;
    tile->ends_rows = o == num_outputs - 1 && tile->ends_sums;
    tile->ends_image = tile->ends_rows && t_of_image == tiling->num_token_tiles - 1;
}

void igq_tiling_tile(igq_tile *tile, const igq_tiling *tiling, const igq_product *product, int index)
{
    int num_tokens = product->images * tiling->num_token_tiles, num_outputs = tiling->num_output_tiles;
    int num_channels = igq_tiling_channel_tiles(tiling), of_sums = index / num_channels;
    int weights_outer = tiling->order == IGQ_LOOP_WEIGHTS_OUTER;
    int t = weights_outer ? of_sums % num_tokens : of_sums / num_outputs;
    int o = weights_outer ? of_sums / num_tokens : of_sums % num_outputs;
    set_tile(tile, tiling, product, t / tiling->num_token_tiles, t % tiling->num_token_tiles, o, index % num_channels);
}

// One further; wraps round to 0.
static int advance(int *position, int end)
{
    *position = *position + 1 < end ? *position + 1 : 0;
    return *position == 0;
}

void igq_tiling_walk_next(igq_tile *tile, igq_tiling_walk *walk, const igq_tiling *tiling, const igq_product *product)
{
    set_tile(tile, tiling, product, walk->image, walk->t, walk->o, walk->c);
    if (!advance(&walk->c, igq_tiling_channel_tiles(tiling)))
        return;
    if (tiling->order == IGQ_LOOP_WEIGHTS_OUTER) {
        if (advance(&walk->t, tiling->num_token_tiles) && advance(&walk->image, product->images))
            walk->o++;
    } else if (advance(&walk->o, tiling->num_output_tiles) && advance(&walk->t, tiling->num_token_tiles)) {
        walk->image++;
    }
}

// A dimension cut into equal parts and a last one.
typedef struct parts {
    int size[2]; // of all but the last, of the last
    uint64_t times[2];
} parts;
static parts parts_of(int all, int tile, int num_tiles)
{
    return (parts){{tile, all - (num_tiles - 1) * tile}, {(uint64_t)(num_tiles - 1), 1}};
}
static parts channel_parts(const igq_tiling *tiling, const igq_product *product)
{
    return parts_of(product->C, channels_of(tiling, product), igq_tiling_channel_tiles(tiling));
}

// Bursts of all weight tiles, once; the same for the activation tiles of an image.
static uint64_t all_weights_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    parts outputs = parts_of(product->O, tiling->tile_outputs, tiling->num_output_tiles);
    parts channels = channel_parts(tiling, product);
    uint64_t bytes = 0;
    for (int o = 0; o < 2; o++)
        for (int c = 0; c < 2; c++)
            bytes += outputs.times[o] * channels.times[c] *
                     igq_dram_burst_bytes(igq_weight_tile_bytes(product, outputs.size[o], channels.size[c]), dram);
    return bytes;
}

static uint64_t all_acts_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    parts tokens = parts_of(product->T, tiling->tile_tokens, tiling->num_token_tiles);
    parts channels = channel_parts(tiling, product);
    uint64_t bytes = 0;
    for (int t = 0; t < 2; t++)
        for (int c = 0; c < 2; c++)
            bytes += tokens.times[t] * channels.times[c] *
                     igq_dram_burst_bytes(igq_act_tile_bytes(product, tokens.size[t], channels.size[c]), dram);
    return bytes;
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
    int cut = igq_tiling_channel_tiles(tiling) > 1;
    int are_shared = !cut && (tiling->order == IGQ_LOOP_WEIGHTS_OUTER || tiling->num_output_tiles == 1);
    int rounds = !are_shared ? tiling->num_token_tiles : image == 0 ? 1 : 0;
    return (uint64_t)rounds * all_weights_bytes(tiling, product, dram);
}

// Of each image.
static uint64_t act_loads_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    if (!product->acts_in_dram)
        return 0;
    int cut = igq_tiling_channel_tiles(tiling) > 1;
    int stay = !cut && (tiling->order == IGQ_LOOP_ACTIVATIONS_OUTER || product->images * tiling->num_token_tiles == 1);
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

// Tiles that may be there before the arrays begin with a product, in slots of which some are held, or in words.
static uint64_t early_tiles(const igq_buffer_cfg *buffer, uint64_t tile_bits, int held)
{
    if (buffer->double_buffered == IGQ_BUFFERING_WORDS)
        return 8 * (uint64_t)buffer->capacity_bytes / tile_bits + 1; // and some of the next
    return (uint64_t)(igq_buffer_slots(buffer) - held);
}

uint64_t igq_tiling_exposed_read_bytes(const igq_tiling *tiling, const igq_product *product,
                                       const igq_accelerator *accelerator)
{
    const igq_dram_cfg *dram = &accelerator->dram;
    uint64_t weights = all_weight_loads_bytes(tiling, product, dram);
    uint64_t acts = (uint64_t)product->images * act_loads_bytes(tiling, product, dram);
    // The last weight tile of the product before holds a slot to its end; activation slots may all be free.
    int channels = channels_of(tiling, product);
    uint64_t early_weights =
        early_tiles(&accelerator->weight_buffer, igq_weight_buffer_bits(product, tiling->tile_outputs, channels), 1) *
        igq_dram_burst_bytes(igq_weight_tile_bytes(product, tiling->tile_outputs, channels), dram);
    uint64_t early_acts =
        early_tiles(&accelerator->activation_buffer, igq_act_buffer_bits(product, tiling->tile_tokens, channels), 0) *
        igq_dram_burst_bytes(igq_act_tile_bytes(product, tiling->tile_tokens, channels), dram);
    return (weights > early_weights ? weights - early_weights : 0) + (acts > early_acts ? acts - early_acts : 0);
}
