// SPDX-License-Identifier: Apache-2.0
#include "residency.h"
#include "../timing/network.h"
#include <string.h>
#include "../suite.h"

// DeiT-Tiny's tensors in bytes, 16 bits a value: what LayerNorm writes and the context 197*192, q k v three times that,
// two softmax matrices 2*197*197, fc1's outputs 197*768.
enum { NORMED = 75648, QKV = 226944, MAX_LAYERS = 100, WEIGHT_BITS = 4 };

static igq_batch_plan plan[MAX_LAYERS];
static igq_network *network;

static void plan_deit_tiny(int images, int activation_bytes)
{
    int weight_bits[MAX_LAYERS];
    igq_accelerator machine = {
        .mac_array =
            {.num_arrays = 1, .lanes = 64, .vector_length = 16, .token_rows = 1, .tokens_in_flight = 16, .mac_bits = 4},
        .row_selector = {.num_banks = 32, .ports_per_bank = 1, .bank_width_bits = 256},
        .weight_buffer = {262144, 1},
        .activation_buffer = {activation_bytes, 1},
        .output_buffer = {32768, 1},
        .post_processing = {.lanes = 64},
        .vector_unit = {.lanes = 32, .layer_norm_passes = 2, .softmax_passes = 3},
        .dram = {.bandwidth_bytes_per_cycle = 16, .burst_bytes = 64}};
    network = igq_vit_network(&test_deit_tiny);
    ck_assert_int_le(network->num_layers, MAX_LAYERS);
    for (int i = 0; i < network->num_linear; i++)
        weight_bits[i] = WEIGHT_BITS;
    igq_plan_batch(plan, network, weight_bits, NULL, images, &machine);
}

static int is_together(const char *name)
{
    for (int k = 0; k < network->num_layers; k++)
        if (strcmp(network->layer[k].name, name) == 0)
            return plan[k].together;
    ck_abort_msg("no layer %s", name);
    return 0;
}

START_TEST(a_single_image_shares_nothing_and_waits_for_nobody)
{
    plan_deit_tiny(1, 8 << 20);
    for (int k = 0; k < network->num_layers; k++) {
        ck_assert_int_eq(plan[k].together, 0);
        ck_assert_uint_eq(plan[k].waiting_bytes, 0);
    }
    igq_network_free(network);
}
END_TEST

START_TEST(with_room_for_everything_all_layers_with_weights_are_shared)
{
    plan_deit_tiny(4, 8 << 20);
    for (int k = 0; k < network->num_layers; k++)
        ck_assert_int_eq(plan[k].together, network->layer[k].linear >= 0);
    igq_network_free(network);
}
END_TEST

START_TEST(tensors_of_waiting_images_take_up_room)
{
    // 1 MiB: two images' fc1 outputs (605 KB) are more than half of it, everything else fits twice. While an image's
    // heads are worked on, q k v of the other or its context wait; while it is in fc1 and fc2, the other's inputs or
    // outputs.
    plan_deit_tiny(2, 1 << 20);
    for (int k = 0; k < network->num_layers; k++) {
        igq_layer_kind kind = network->layer[k].kind;
        int in_mlp = kind == IGQ_LAYER_FC1 || kind == IGQ_LAYER_FC2;
        int in_attention = kind == IGQ_LAYER_SCORES || kind == IGQ_LAYER_CONTEXT;
        ck_assert_int_eq(plan[k].together, !in_mlp && !in_attention);
        ck_assert_uint_eq(plan[k].waiting_bytes, in_attention ? QKV : in_mlp ? NORMED : 0);
    }
    igq_network_free(network);
}
END_TEST

START_TEST(a_layer_is_not_shared_if_its_images_would_be_in_the_way)
{
    // 512 KiB: q k v, two softmax matrices and the context of one image leave no room for anything that waits. So no
    // layer beside an attention is shared, nor one whose results would have to wait there: fc1's are in DRAM anyway, so
    // the run of single images ends after the last fc1.
    plan_deit_tiny(2, 512 << 10);
    for (int k = 0; k < network->num_layers; k++) {
        ck_assert_int_eq(plan[k].together, k >= network->num_layers - 2);
        ck_assert_uint_eq(plan[k].waiting_bytes, 0);
    }
    ck_assert_int_eq(is_together("b11.fc2"), 1);
    ck_assert_int_eq(is_together("head"), 1);
    igq_network_free(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("residency");
    TCase *batches = tcase_create("batches");
    tcase_add_test(batches, a_single_image_shares_nothing_and_waits_for_nobody);
    tcase_add_test(batches, with_room_for_everything_all_layers_with_weights_are_shared);
    tcase_add_test(batches, tensors_of_waiting_images_take_up_room);
    tcase_add_test(batches, a_layer_is_not_shared_if_its_images_would_be_in_the_way);
    suite_add_tcase(suite, batches);
    return run_suite(suite);
}
