// SPDX-License-Identifier: Apache-2.0
#include "tiling.h"
#include "tiling_options.h"
#include "format.h"
#include "latency.h"
#include "rng.h"
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

static igq_accelerator random_machine(rng *random)
{
    igq_accelerator machine = {
        .mac_array = {.num_arrays = 1,
                      .lanes = rng_int(random, 1, 4),
                      .vector_length = rng_int(random, 1, 8),
                      .token_rows = 1,
                      .tokens_in_flight = rng_int(random, 1, 4),
                      .mac_bits = 4},
        .row_selector = {.num_banks = 4, .ports_per_bank = 1, .bank_width_bits = 16},
        .weight_buffer = {rng_int(random, 50, 3000), rng_int(random, 0, 1)},
        .activation_buffer = {rng_int(random, 200, 6000), rng_int(random, 0, 1)},
        .output_buffer = {rng_int(random, 20, 2000), rng_int(random, 0, 1)},
        .post_processing = {.lanes = rng_int(random, 1, 8), .latency_cycles = rng_int(random, 0, 20)},
        .vector_unit =
            {.lanes = 4, .layer_norm_passes = 3, .softmax_passes = 4, .gelu_passes = 1, .residual_passes = 1},
        .dram = {.bandwidth_bytes_per_cycle = 8, .latency_cycles = 20, .burst_bytes = rng_int(random, 1, 64)},
    };
    return machine;
}

static igq_product random_product(rng *random, const igq_accelerator *machine)
{
    igq_product product = {
        .images = rng_int(random, 1, 3),
        .T = rng_int(random, 1, 24),
        .C = rng_int(random, 1, 40),
        .O = rng_int(random, 1, 24),
        .weight_bits = rng_int(random, 2, 8),
        .acts_in_dram = rng_int(random, 0, 1),
        .outputs_in_dram = rng_int(random, 0, 1),
        .residual = rng_int(random, 0, 1),
        .resident_bytes = (uint64_t)rng_int(random, 0, 1000),
    };
    product.weight_dram_bits = rng_int(random, 0, 2) * product.weight_bits;
    const igq_layer layer = {.post_op = (igq_vector_op)rng_int(random, 0, IGQ_VECTOR_OP_COUNT - 1)};
    igq_product_vector_passes(&product, &layer, &machine->vector_unit);
    return product;
}

// Traffic and coverage of each image by walking over the tiles: the slow twin of the closed forms.
enum { MAX_IMAGES = 3 };
typedef struct walk {
    uint64_t read_bytes[MAX_IMAGES], write_bytes[MAX_IMAGES];
    uint64_t positions[MAX_IMAGES];
} walk;

static walk walk_tiles(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram)
{
    walk sum = {0};
    int weights_held = 0, acts_held = 0, images_ended = 0;
    for (int i = 0; i < igq_tiling_num_tiles(tiling, product); i++) {
        igq_tile tile;
        igq_tiling_tile(&tile, tiling, product, i);
        images_ended += tile.ends_image;
        ck_assert_int_eq(tile.loads_weights, !weights_held); // a held operand is used, not loaded again
        ck_assert_int_eq(tile.loads_acts, !acts_held);
        weights_held = !tile.frees_weights;
        acts_held = !tile.frees_acts;
        uint64_t output_bytes = igq_dram_burst_bytes(igq_output_bytes(tile.tokens, tile.outputs), dram);
        uint64_t row_bytes = igq_dram_burst_bytes(igq_output_bytes(tile.tokens, product->O), dram);
        if (tile.loads_weights)
            sum.read_bytes[tile.image] +=
                igq_dram_burst_bytes(igq_weight_tile_bytes(product, tile.outputs, tile.channels), dram);
        if (tile.loads_acts && product->acts_in_dram)
            sum.read_bytes[tile.image] +=
                igq_dram_burst_bytes(igq_act_tile_bytes(product, tile.tokens, tile.channels), dram);
        sum.positions[tile.image] += (uint64_t)tile.tokens * (uint64_t)tile.outputs * (uint64_t)tile.channels;
        ck_assert_int_eq(tile.opens_sums, tile.first_channel == 0);
        ck_assert_int_eq(tile.ends_sums, tile.first_channel + tile.channels == product->C);
        if (!tile.ends_sums)
            continue;
        sum.read_bytes[tile.image] += product->residual ? output_bytes : 0;
        sum.write_bytes[tile.image] += product->residual ? output_bytes : 0;
        if (product->outputs_in_dram && !igq_tiling_parks_rows(tiling, product))
            sum.write_bytes[tile.image] += output_bytes;
        else if (product->outputs_in_dram && tile.ends_rows)
            sum.write_bytes[tile.image] += row_bytes;
    }
    ck_assert_int_eq(weights_held, 0);
    ck_assert_int_eq(acts_held, 0);
    ck_assert_int_eq(images_ended, product->images);
    return sum;
}

START_TEST(traffic_equals_a_walk_over_the_tiles)
{
    rng random = {.state = 5};
    int tiled = 0, cut = 0;
    for (int i = 0; i < 3000; i++) {
        igq_accelerator machine = random_machine(&random);
        igq_product product = random_product(&random, &machine);
        if (igq_tiling_shortage(&product, &machine).buffer)
            continue;
        machine.tiling.objective = (igq_tiling_objective)rng_int(&random, 0, IGQ_TILING_OBJECTIVE_COUNT - 1);
        igq_tiling tiling;
        igq_tiling_choose(&tiling, &product, &machine);
        cut += tiling.num_channel_tiles > 1;
        walk sum = walk_tiles(&tiling, &product, &machine.dram);
        for (int image = 0; image < product.images; image++) {
            ck_assert_uint_eq(sum.read_bytes[image], igq_tiling_read_bytes(&tiling, &product, image, &machine.dram));
            ck_assert_uint_eq(sum.write_bytes[image], igq_tiling_write_bytes(&tiling, &product, &machine.dram));
            ck_assert_uint_eq(sum.positions[image], (uint64_t)(product.T * product.O * product.C));
        }
        ck_assert_uint_le(igq_tiling_exposed_read_bytes(&tiling, &product, &machine),
                          sum.read_bytes[0] + sum.read_bytes[1] + sum.read_bytes[2]);
        tiled++;
    }
    ck_assert_int_gt(tiled, 1000);
    ck_assert_int_gt(cut, 10);
}
END_TEST

static uint64_t total_bytes(walk sum)
{
    uint64_t bytes = 0;
    for (int image = 0; image < MAX_IMAGES; image++)
        bytes += sum.read_bytes[image] + sum.write_bytes[image];
    return bytes;
}

// By the words of docs/timing.md, not by the code.
static int fits(const igq_product *product, const igq_accelerator *machine, int tokens, int outputs, int channels,
                int weights_outer)
{
    int weight_slots = machine->weight_buffer.double_buffered ? 2 : 1;
    int act_slots = machine->activation_buffer.double_buffered ? 2 : 1;
    int output_slots = machine->output_buffer.double_buffered ? 2 : 1;
    int parked_tokens =
        product->row_passes > 0 && outputs < product->O ? (weights_outer ? product->images * product->T : tokens) : 0;
    int act_bytes = (int)product->resident_bytes + (product->acts_in_dram ? act_slots * tokens * channels * 2 : 0) +
                    (product->outputs_in_dram ? parked_tokens * product->O * 2 : 0);
    int sum_bytes = channels < product->C ? 4 : 2;
    return weight_slots * ((outputs * channels * product->weight_bits + 7) / 8) <=
               machine->weight_buffer.capacity_bytes &&
           act_bytes <= machine->activation_buffer.capacity_bytes &&
           output_slots * tokens * outputs * (sum_bytes + (product->residual ? 2 : 0)) <=
               machine->output_buffer.capacity_bytes;
}

START_TEST(no_tiling_that_fits_has_less_traffic)
{
    rng random = {.state = 6};
    for (int i = 0; i < 150; i++) {
        igq_accelerator machine = random_machine(&random);
        igq_product product = random_product(&random, &machine);
        // Bursts and odd bytes make this or that size of tiles cheaper now and then: compare without them.
        machine.dram.burst_bytes = 1;
        machine.tiling.objective = IGQ_TILING_OBJECTIVE_TRAFFIC;
        product.weight_bits = 8;
        product.weight_dram_bits = product.weight_dram_bits > 0 ? 8 : 0;
        if (igq_tiling_shortage(&product, &machine).buffer)
            continue;
        igq_tiling tiling;
        igq_tiling_choose(&tiling, &product, &machine);
        int channels = tiling.num_channel_tiles > 1 ? tiling.tile_channels : product.C;
        ck_assert(fits(&product, &machine, tiling.tile_tokens, tiling.tile_outputs, channels,
                       tiling.order == IGQ_LOOP_WEIGHTS_OUTER));
        uint64_t least = total_bytes(walk_tiles(&tiling, &product, &machine.dram));
        int F = machine.mac_array.tokens_in_flight, L = machine.mac_array.lanes;
        for (int order = 0; order < 2; order++) {
            for (int t = F; t < product.T + F; t += F) {
                for (int o = L; o < product.O + L; o += L) {
                    igq_tiling other = {.order = (igq_loop_order)order};
                    other.tile_tokens = t < product.T ? t : product.T;
                    other.tile_outputs = o < product.O ? o : product.O;
                    other.num_token_tiles = (product.T + other.tile_tokens - 1) / other.tile_tokens;
                    other.num_output_tiles = (product.O + other.tile_outputs - 1) / other.tile_outputs;
                    if (!fits(&product, &machine, other.tile_tokens, other.tile_outputs, product.C,
                              order == IGQ_LOOP_WEIGHTS_OUTER))
                        continue;
                    ck_assert_uint_ge(total_bytes(walk_tiles(&other, &product, &machine.dram)), least);
                }
            }
        }
    }
}
END_TEST

// What was executed by the tiles of one search is timed with the same cut by another.
START_TEST(a_cut_that_was_executed_is_kept)
{
    rng random = {.state = 9};
    int num_cut = 0;
    for (int i = 0; i < 1000; i++) {
        igq_accelerator machine = random_machine(&random);
        igq_product product = random_product(&random, &machine);
        if (igq_tiling_shortage(&product, &machine).buffer)
            continue;
        igq_tiling_options all, kept;
        igq_tiling_find_options(&all, &product, NULL, 0, &machine);
        for (int k = 0; k < all.num && all.option[k].tiling.num_channel_tiles > 1; k++) {
            int channels = all.option[k].tiling.tile_channels;
            igq_tiling_find_options(&kept, &product, NULL, channels, &machine);
            for (int j = 0; j < kept.num; j++)
                ck_assert_int_eq(kept.option[j].tiling.tile_channels, channels);
            num_cut++;
        }
    }
    ck_assert_int_gt(num_cut, 50);
}
END_TEST

START_TEST(a_buffer_one_byte_too_small_is_named)
{
    igq_accelerator machine = {
        .mac_array = {.num_arrays = 1, .lanes = 16, .vector_length = 128, .token_rows = 8, .tokens_in_flight = 8},
        .weight_buffer = {2 * 16 * 100 / 2, 1},    // two tiles of 16 outputs x 100 channels x 4 bits
        .activation_buffer = {2 * 8 * 100 * 2, 1}, // two tiles of 8 tokens x 100 channels of 16 bits
        .output_buffer = {2 * 8 * 16 * 2, 1},
        .post_processing = {.lanes = 16},
        .vector_unit = {.lanes = 16},
        .dram = {.bandwidth_bytes_per_cycle = 16, .burst_bytes = 64},
    };
    igq_product product = {.images = 1,
                           .T = 64,
                           .C = 100,
                           .O = 32,
                           .weight_bits = 4,
                           .weight_dram_bits = 4,
                           .acts_in_dram = 1,
                           .tile_passes = 1};
    ck_assert_ptr_null(igq_tiling_shortage(&product, &machine).buffer);

    igq_accelerator small = machine;
    small.weight_buffer.capacity_bytes--;
    ck_assert_str_eq(igq_tiling_shortage(&product, &small).buffer, "weight_buffer");
    ck_assert_uint_eq(igq_tiling_shortage(&product, &small).needed_bytes, 1600);
    ck_assert_uint_eq(igq_tiling_shortage(&product, &small).capacity_bytes, 1599);

    small = machine;
    small.activation_buffer.capacity_bytes--;
    ck_assert_str_eq(igq_tiling_shortage(&product, &small).buffer, "activation_buffer");
    product.acts_in_dram = 0; // a resident input needs no tiles of its own
    ck_assert_ptr_null(igq_tiling_shortage(&product, &small).buffer);

    small = machine;
    small.output_buffer.capacity_bytes--;
    ck_assert_str_eq(igq_tiling_shortage(&product, &small).buffer, "output_buffer");
    machine.activation_buffer.capacity_bytes = 5000;
    product.resident_bytes = 5001;
    ck_assert_str_eq(igq_tiling_shortage(&product, &machine).buffer, "activation_buffer");
    product.resident_bytes = 0;
    product.residual = 1; // needs room for the residual tile too
    ck_assert_str_eq(igq_tiling_shortage(&product, &machine).buffer, "output_buffer");
}
END_TEST

START_TEST(resident_input_and_small_weights_are_moved_once)
{
    // 197 x 192 x 576 of DeiT-Tiny: with the input on the chip, all traffic is the weights, once.
    igq_accelerator machine = {
        .mac_array =
            {.num_arrays = 1, .lanes = 16, .vector_length = 16, .token_rows = 1, .tokens_in_flight = 16, .mac_bits = 4},
        .row_selector = {.num_banks = 32, .ports_per_bank = 1, .bank_width_bits = 64},
        .weight_buffer = {32768, 1},
        .activation_buffer = {524288, 1},
        .output_buffer = {32768, 1},
        .post_processing = {.lanes = 16, .latency_cycles = 4},
        .vector_unit = {.lanes = 16, .latency_cycles = 8},
        .dram = {.bandwidth_bytes_per_cycle = 16, .latency_cycles = 100, .burst_bytes = 64},
    };
    igq_product product = {
        .images = 1, .T = 197, .C = 192, .O = 576, .weight_bits = 4, .weight_dram_bits = 4, .tile_passes = 1};
    igq_tiling tiling;
    igq_tiling_choose(&tiling, &product, &machine);
    ck_assert_uint_eq(igq_tiling_read_bytes(&tiling, &product, 0, &machine.dram), 192 * 576 / 2);
    ck_assert_uint_eq(igq_tiling_write_bytes(&tiling, &product, &machine.dram), 0);
}
END_TEST

START_TEST(scales_of_vectors_are_fetched_and_kept_beside_the_codes)
{
    // 100 channels in vectors of 16 are 7 vectors: 28 bits of scales beside 400 bits of codes for each output.
    igq_scheme_cfg scheme = {.scheme = IGQ_SCHEME_VSQUANT, .vector_length = 16, .vsquant_weight_scale_bits = 4};
    ck_assert_int_eq(igq_weight_scale_bits(&scheme, 100), 28);
    igq_product product = {.images = 1, .C = 100, .O = 32, .weight_bits = 4, .weight_dram_bits = 4};
    ck_assert_uint_eq(igq_weight_tile_bytes(&product, 16, 100), 16 * 50);
    product.weight_scale_bits = 28;
    ck_assert_uint_eq(igq_weight_tile_bytes(&product, 16, 100), 16 * 50 + 16 * 28 / 8);
    ck_assert_uint_eq(igq_weight_buffer_bits(&product, 16, 100), 16 * 428);
    product.weight_dram_bits = 16; // V of attention comes as activations, its scales are found on the way in
    ck_assert_uint_eq(igq_weight_tile_bytes(&product, 16, 100), 16 * 200);
    ck_assert_uint_eq(igq_weight_buffer_bits(&product, 16, 100), 16 * 428);
    scheme.scheme = IGQ_SCHEME_LAYERWISE;
    ck_assert_int_eq(igq_weight_scale_bits(&scheme, 100), 0);
}
END_TEST

START_TEST(vector_passes_follow_the_operations)
{
    igq_vector_unit_cfg unit = {.layer_norm_passes = 3, .softmax_passes = 4, .gelu_passes = 2, .residual_passes = 1};
    igq_product product = {.residual = 0};
    igq_layer layer = {.post_op = IGQ_VECTOR_OP_NONE, .elementwise = 2, .moves = 3};
    igq_product_vector_passes(&product, &layer, &unit);
    ck_assert_int_eq(product.tile_passes, 1); // the write-back itself; others are free
    ck_assert_int_eq(product.row_passes, 0);
    layer.post_op = IGQ_VECTOR_OP_GELU;
    igq_product_vector_passes(&product, &layer, &unit);
    ck_assert_int_eq(product.tile_passes, 2);
    layer.post_op = IGQ_VECTOR_OP_SOFTMAX;
    igq_product_vector_passes(&product, &layer, &unit);
    ck_assert_int_eq(product.tile_passes, 1);
    ck_assert_int_eq(product.row_passes, 4);
    product.residual = 1;
    unit.residual_passes = 2;
    layer.post_op = IGQ_VECTOR_OP_LAYER_NORM;
    igq_product_vector_passes(&product, &layer, &unit);
    ck_assert_int_eq(product.tile_passes, 2);
    ck_assert_int_eq(product.row_passes, 3);
    unit.elementwise_passes = 5;
    unit.move_passes = 7;
    igq_product_vector_passes(&product, &layer, &unit);
    ck_assert_int_eq(product.tile_passes, 2 + 2 * 5 + 3 * 7);
}
END_TEST

START_TEST(a_fixed_tiling_is_taken_or_refused_as_it_is)
{
    rng random = {.state = 8};
    int taken = 0, refused = 0;
    for (int i = 0; i < 1000; i++) {
        igq_accelerator machine = random_machine(&random);
        igq_product product = random_product(&random, &machine);
        int tokens = machine.mac_array.tokens_in_flight * rng_int(&random, 1, 3);
        int outputs = machine.mac_array.lanes * rng_int(&random, 1, 3);
        igq_loop_order order = (igq_loop_order)rng_int(&random, 0, IGQ_LOOP_ORDER_COUNT - 1);
        int channels = machine.mac_array.vector_length * rng_int(&random, 0, 3);
        machine.tiling = (igq_tiling_cfg){IGQ_TILING_CHOICE_FIXED,     tokens, outputs, order, 1, channels,
                                          IGQ_TILING_OBJECTIVE_CYCLES, 0};
        if (channels == 0 || channels > product.C)
            channels = product.C;
        tokens = tokens < product.T ? tokens : product.T;
        outputs = outputs < product.O ? outputs : product.O;
        product.weight_bits = 8;
        ck_assert_int_eq(igq_tiling_shortage(&product, &machine).buffer == NULL,
                         fits(&product, &machine, tokens, outputs, channels, order == IGQ_LOOP_WEIGHTS_OUTER));
        if (igq_tiling_shortage(&product, &machine).buffer) {
            refused++;
            continue;
        }
        igq_tiling tiling;
        igq_tiling_choose(&tiling, &product, &machine);
        ck_assert_int_eq(tiling.tile_tokens, tokens);
        ck_assert_int_eq(tiling.tile_outputs, outputs);
        ck_assert_int_eq(tiling.num_channel_tiles > 1 ? tiling.tile_channels : product.C, channels);
        ck_assert_int_eq(tiling.order, order);
        taken++;
    }
    ck_assert_int_gt(taken, 100);
    ck_assert_int_gt(refused, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tiling");
    TCase *tiling = tcase_create("tiling");
    tcase_add_test(tiling, traffic_equals_a_walk_over_the_tiles);
    tcase_add_test(tiling, no_tiling_that_fits_has_less_traffic);
    tcase_add_test(tiling, a_fixed_tiling_is_taken_or_refused_as_it_is);
    tcase_add_test(tiling, a_buffer_one_byte_too_small_is_named);
    tcase_add_test(tiling, resident_input_and_small_weights_are_moved_once);
    tcase_add_test(tiling, scales_of_vectors_are_fetched_and_kept_beside_the_codes);
    tcase_add_test(tiling, a_cut_that_was_executed_is_kept);
    tcase_add_test(tiling, vector_passes_follow_the_operations);
    suite_add_tcase(suite, tiling);
    return run_suite(suite);
}
