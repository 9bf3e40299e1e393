// SPDX-License-Identifier: Apache-2.0
#include "mapping.h"
#include "machine_check.h"
#include "network.h"
#include "sc_main.h"
#include "machine.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../suite.h"

static test_network network;
static igq_accelerator machine;
static igq_error error;

static void setup(void)
{
    machine = (igq_accelerator){
        .mac_organisation = IGQ_ORGANISATION_SHARED,
        .num_groups = 8,
        .mac_array = {.num_arrays = 1,
                      .lanes = 64,
                      .vector_length = 16,
                      .token_rows = 1,
                      .tokens_in_flight = 16,
                      .mac_bits = 4,
                      .accumulator_sets = 2},
        .weight_buffer = {262144, 1},
        .activation_buffer = {524288, 1},
        .output_buffer = {32768, 1},
        .tiling = {.batch_images = 1},
        .row_selector = {.num_banks = 32, .ports_per_bank = 1, .bank_width_bits = 256, .queue_depth = 4},
        .group_assignment = {IGQ_RANGE_SOURCE_WRITEBACK, 16, 4, 3072, 2},
        .post_processing = {.lanes = 64, .latency_cycles = 8},
        .vector_unit = {.lanes = 32, .latency_cycles = 16, .layer_norm_passes = 2, .softmax_passes = 3},
        .dram = {.bandwidth_bytes_per_cycle = 16, .latency_cycles = 100, .burst_bytes = 64},
    };
    test_network_init(&network, &test_deit_tiny, 8, 4, 1);
}

static void teardown(void)
{
    test_network_free(&network);
}

// Loads a mapping with one entry.
static igq_status load(const char *entry)
{
    char path[] = "/tmp/igq_mapping_XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    FILE *file = fdopen(descriptor, "w");
    fprintf(file, "{\"layers\": [%s]}\n", entry);
    fclose(file);
    igq_status status = igq_mapping_load(network.network, &machine, path, &error);
    unlink(path);
    return status;
}

static void refuse(const char *entry, const char *key, const char *allowed)
{
    ck_assert_int_eq(load(entry), IGQ_USER_ERROR);
    ck_assert_msg(strstr(error.message, key) && strstr(error.message, allowed), "%s", error.message);
    ck_assert_int_eq(machine.tiling.mapped, 0);
}

START_TEST(a_named_layer_gets_its_tiles_and_the_others_are_chosen)
{
    ck_assert_int_eq(load("{\"name\": \"b1.fc2\", \"mapping\": {\"tile_tokens\": 48, \"tile_outputs\": 64, "
                          "\"tile_channels\": 256, \"loop_order\": \"activations_outer\"}}"),
                     IGQ_OK);
    igq_jobs *jobs = test_network_jobs(&network, &machine);
    char message[256] = "";
    ck_assert_msg(igq_jobs_plan(jobs, message, sizeof message, &machine) == 0, "%s", message);
    int mapped = 0;
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_tiling *tiling = &jobs->plan[j].tiling;
        if (strcmp(jobs->job[j].layer->name, "b1.fc2") == 0) {
            ck_assert_int_eq(tiling->tile_tokens, 48);
            ck_assert_int_eq(tiling->tile_outputs, 64);
            ck_assert_int_eq(tiling->tile_channels, 256);
            ck_assert_int_eq(tiling->num_channel_tiles, 3);
            ck_assert_int_eq(tiling->order, IGQ_LOOP_ACTIVATIONS_OUTER);
            mapped++;
        } else {
            ck_assert_int_le(tiling->num_channel_tiles, 1);
        }
    }
    ck_assert_int_eq(mapped, 1);
    igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
    ck_assert_int_eq(igq_machine_run_planned(results, NULL, &machine, jobs->job, jobs->plan, jobs->num_jobs,
                                             IGQ_ASSIGN_MODEL_C, &error),
                     IGQ_OK);
    free(results);
    igq_jobs_free(jobs);
}
END_TEST

START_TEST(what_makes_no_mapping_is_refused_by_key)
{
    refuse("{\"mapping\": {}}", "layers[0].name: is missing", "names of layers");
    refuse("{\"name\": \"b12.fc2\", \"mapping\": {}}", "layers[0].name: is b12.fc2", "layers of the network");
    refuse("{\"name\": \"b1.fc2\"}", "layers[0].mapping: is missing", "loop_order");
    refuse("{\"name\": \"b1.fc2\", \"mapping\": {\"tile_tokens\": 0}}", "mapping.tile_tokens: is 0", "197");
    refuse("{\"name\": \"b1.fc2\", \"mapping\": {\"tile_tokens\": 8, \"tile_outputs\": 65}}",
           "mapping.tile_outputs: is 65", "multiples of 64, or all of the layer, 192");
    refuse("{\"name\": \"b1.fc2\", \"mapping\": {\"tile_tokens\": 8, \"tile_outputs\": 64, \"tile_channels\": 24}}",
           "mapping.tile_channels: is 24", "multiples of 16");
    refuse("{\"name\": \"b1.fc2\", \"mapping\": {\"tile_tokens\": 8, \"tile_outputs\": 64, \"tile_channels\": 768, "
           "\"loop_order\": \"inner\"}}",
           "mapping.loop_order: is inner", "weights_outer, activations_outer");
    static const char tiles[] = "{\"tile_tokens\": 8, \"tile_outputs\": 64, \"tile_channels\": 768, \"loop_order\": "
                                "\"weights_outer\"%s}";
    char entry[640], misspelt[256], sound[256];
    snprintf(sound, sizeof sound, tiles, "");
    snprintf(misspelt, sizeof misspelt, tiles, ", \"block_token\": 8");
    snprintf(entry, sizeof entry, "{\"name\": \"b1.fc2\", \"mapping\": %s}", misspelt);
    refuse(entry, "mapping.block_token: unknown key", "block_tokens");
    snprintf(entry, sizeof entry, "{\"name\": \"b1.fc2\", \"mapping\": %s}, {\"name\": \"b1.fc2\", \"mapping\": %s}",
             sound, sound);
    refuse(entry, "layers[1].name: b1.fc2", "once");
}
END_TEST

START_TEST(tiles_that_do_not_fit_name_the_buffer)
{
    ck_assert_int_eq(load("{\"name\": \"b1.qkv\", \"mapping\": {\"tile_tokens\": 197, \"tile_outputs\": 576, "
                          "\"tile_channels\": 192, \"loop_order\": \"weights_outer\"}}"),
                     IGQ_OK);
    igq_jobs *jobs = test_network_jobs(&network, &machine);
    char message[256] = "";
    ck_assert_int_eq(igq_jobs_plan(jobs, message, sizeof message, &machine), 1);
    ck_assert_msg(strstr(message, "output_buffer: layer b1.qkv needs 453888 bytes with the fixed tiling"), "%s",
                  message);
    igq_jobs_free(jobs);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mapping");
    TCase *mapping = tcase_create("mapping");
    tcase_add_checked_fixture(mapping, setup, teardown);
    tcase_add_test(mapping, a_named_layer_gets_its_tiles_and_the_others_are_chosen);
    tcase_add_test(mapping, what_makes_no_mapping_is_refused_by_key);
    tcase_add_test(mapping, tiles_that_do_not_fit_name_the_buffer);
    suite_add_tcase(suite, mapping);
    return run_suite(suite);
}
