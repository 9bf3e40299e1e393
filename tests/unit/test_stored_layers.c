// SPDX-License-Identifier: Apache-2.0
#include "jobs.h"
#include "machine_check.h"
#include "stored_layers.h"
#include "../timing/random_machine.h"
#include <string.h>
#include "../suite.h"

static igq_stored_layer stored[100];
static test_network network;

static void store_deit_tiny(igq_scheme scheme, igq_stores stores)
{
    igq_accelerator machine = {
        .scheme = {.scheme = scheme, .vector_length = 16, .vsquant_act_scale_bits = 6, .vsquant_weight_scale_bits = 5},
        .activation_stores = stores,
        .group_assignment.recode = 1};
    test_network_init(&network, &test_deit_tiny, 8, 4, 1);
    ck_assert_int_lt(network.network->num_layers, 100);
    igq_stored_layers(stored, network.network, network.calibration, &machine);
}

// How the activations of a layer of block 1 lie.
static igq_storage acts_of(const char *name)
{
    for (int k = 0; k < network.network->num_layers; k++)
        if (strcmp(network.network->layer[k].name, name) == 0)
            return stored[network.network->layer[k].input + 1].results;
    ck_abort_msg("no layer %s", name);
    return (igq_storage){0};
}

START_TEST(rows_are_bits_and_scales)
{
    const igq_storage values = {0}, codes = {.bits = 4}, vectors = {4, 6, 16};
    ck_assert_uint_eq(igq_storage_row_bits(&values, 33), 33 * 16);
    ck_assert_uint_eq(igq_storage_row_bits(&codes, 33), 33 * 4);
    ck_assert_uint_eq(igq_storage_row_bits(&vectors, 33), 33 * 4 + 3 * 6);
    ck_assert_uint_eq(igq_storage_bytes(&codes, 3, 3), 5); // 36 bits
}
END_TEST

START_TEST(static_quantizers_leave_codes)
{
    static const igq_scheme schemes[] = {IGQ_SCHEME_LAYERWISE, IGQ_SCHEME_CONSECUTIVE, IGQ_SCHEME_PEG,
                                         IGQ_SCHEME_IGQ_FIXED};
    static const char *const names[] = {"patch_embed", "b1.qkv", "b1.scores", "b1.context", "b1.fc2", "head"};
    for (int i = 0; i < 4; i++) {
        store_deit_tiny(schemes[i], IGQ_STORES_AUTO);
        for (int n = 0; n < 6; n++) {
            ck_assert_int_eq(acts_of(names[n]).bits, 4);
            ck_assert_int_eq(acts_of(names[n]).block, 0);
        }
        ck_assert_int_eq(stored[network.network->num_layers].results.bits, 0); // of the network
        test_network_free(&network);
    }
}
END_TEST

START_TEST(channels_grouped_at_run_time_stay_values)
{
    static const char *const values[] = {"b1.qkv", "b1.proj", "b1.fc1", "b1.fc2"};
    static const char *const codes[] = {"patch_embed", "b1.scores", "b1.context", "head"};
    for (int scheme = 0; scheme < 2; scheme++) {
        store_deit_tiny(scheme ? IGQ_SCHEME_CHANNELWISE : IGQ_SCHEME_IGQ, IGQ_STORES_AUTO);
        for (int n = 0; n < 4; n++) {
            ck_assert_int_eq(acts_of(values[n]).bits, 0);
            ck_assert_int_eq(acts_of(codes[n]).bits, 4);
        }
        for (int k = 0; k < network.network->num_layers; k++)
            ck_assert_int_eq(stored[k + 1].recodes, igq_layer_kind_is_grouped(network.network->layer[k].kind));
        test_network_free(&network);
    }
}
END_TEST

START_TEST(vectors_bring_their_scales)
{
    store_deit_tiny(IGQ_SCHEME_VSQUANT, IGQ_STORES_AUTO);
    ck_assert_int_eq(acts_of("b1.fc2").scale_bits, 6);
    ck_assert_int_eq(acts_of("b1.fc2").block, 16);
    ck_assert_int_eq(acts_of("b1.context").scale_bits, 6);
    ck_assert_int_eq(acts_of("b1.scores").scale_bits, 5); // of V, one of three
    ck_assert_int_eq(acts_of("b1.scores").block, 3 * 16);
    test_network_free(&network);
}
END_TEST

START_TEST(values_are_stored_where_they_are_asked_for)
{
    store_deit_tiny(IGQ_SCHEME_LAYERWISE, IGQ_STORES_VALUES);
    for (int k = 0; k <= network.network->num_layers; k++)
        ck_assert_int_eq(stored[k].results.bits + stored[k].recodes, 0);
    test_network_free(&network);
}
END_TEST

START_TEST(recoding_takes_a_pass_of_the_vector_unit_and_leaves_codes)
{
    rng random = {.state = 3};
    int recoded = 0;
    for (int i = 0; i < 200; i++) {
        igq_vit_shape shape = random_vit_shape(&random);
        igq_accelerator machine = random_machine(4, &random);
        char message[256];
        machine.scheme.scheme = IGQ_SCHEME_IGQ;
        machine.group_assignment.recode = 1;
        test_network_init(&network, &shape, 4, 5, (uint64_t)i);
        igq_jobs *jobs = test_network_jobs(&network, &machine);
        if (igq_jobs_plan(jobs, message, sizeof message, &machine) == 0) {
            for (int j = 0; j < jobs->num_jobs; j++) {
                const igq_product *product = &jobs->plan[j].product;
                int grouped = igq_layer_kind_is_grouped(jobs->job[j].layer->kind);
                ck_assert_int_eq(product->recodes, grouped && !product->acts_in_dram);
                if (grouped)
                    ck_assert_int_eq(product->acts.bits, product->recodes ? 5 : 0);
                uint64_t elements = (uint64_t)product->T * (uint64_t)product->C;
                uint64_t lanes = (uint64_t)machine.vector_unit.lanes;
                ck_assert_uint_eq(jobs->plan[j].recode_cycles,
                                  product->recodes
                                      ? (elements + lanes - 1) / lanes + (uint64_t)machine.vector_unit.latency_cycles
                                      : 0);
                recoded += product->recodes;
            }
        }
        igq_jobs_free(jobs);
        test_network_free(&network);
    }
    ck_assert_int_gt(recoded, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stored_layers");
    TCase *layers = tcase_create("stored layers");
    tcase_add_test(layers, rows_are_bits_and_scales);
    tcase_add_test(layers, static_quantizers_leave_codes);
    tcase_add_test(layers, channels_grouped_at_run_time_stay_values);
    tcase_add_test(layers, vectors_bring_their_scales);
    tcase_add_test(layers, values_are_stored_where_they_are_asked_for);
    tcase_add_test(layers, recoding_takes_a_pass_of_the_vector_unit_and_leaves_codes);
    suite_add_tcase(suite, layers);
    return run_suite(suite);
}
