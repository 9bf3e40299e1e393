// SPDX-License-Identifier: Apache-2.0
// Where tiles hold fewer channels than a layer has, the values that the datapath executes follow the mapping: the order
// of summation is part of the numbers, on whichever machine, and integer sums do not depend on it.
#include "small_network.h"
#include <jansson.h>

static json_t *loaded(const char *name)
{
    json_error_t error;
    json_t *file = json_load_file(test_path(name), 0, &error);
    ck_assert_msg(file != NULL, "%s: %s", name, error.text);
    return file;
}

static int integer(const json_t *object, const char *key)
{
    ck_assert_msg(json_is_integer(json_object_get(object, key)), "%s is no integer", key);
    return (int)json_integer_value(json_object_get(object, key));
}

// Runs the network; what the logits lost, to the last bit.
static double divergence(const char *machine, const char *options, const char *output)
{
    char report_name[64];
    run_network("net", machine, options, output);
    accepted();
    snprintf(report_name, sizeof report_name, "%s/report.json", output);
    json_t *report = loaded(report_name);
    const json_t *kl = json_object_get(json_object_get(report, "accuracy"), "kl_divergence");
    ck_assert(json_is_real(kl));
    double value = json_real_value(kl);
    json_decref(report);
    return value;
}

// Layers of a report whose channels are cut.
static int num_cut(const char *name)
{
    json_t *report = loaded(name);
    int num = 0;
    size_t i;
    const json_t *layer;
    json_array_foreach(json_object_get(report, "layers"), i, layer) num +=
        integer(json_object_get(layer, "mapping"), "tile_channels") < integer(layer, "C");
    json_decref(report);
    return num;
}

static void make_net(void)
{
    make_network("net", "timm", 1, 2);
    calibrate_network("net");
}

// A mapping for all layers of a report: whole tokens and outputs, `channels` of the channels.
static void write_mapping(const char *file, const char *report_name, int channels)
{
    json_t *report = loaded(report_name), *layers = json_array();
    size_t i;
    const json_t *layer;
    json_array_foreach(json_object_get(report, "layers"), i, layer)
    {
        int C = integer(layer, "C");
        json_array_append_new(layers, json_pack("{s:O, s:{s:i, s:i, s:i, s:s}}", "name", json_object_get(layer, "name"),
                                                "mapping", "tile_tokens", integer(layer, "T"), "tile_outputs",
                                                integer(layer, "O"), "tile_channels", channels < C ? channels : C,
                                                "loop_order", "weights_outer"));
    }
    json_t *mapping = json_pack("{s:o}", "layers", layers);
    ck_assert_int_eq(json_dump_file(mapping, test_path(file), 0), 0);
    json_decref(mapping);
    json_decref(report);
}

START_TEST(values_follow_the_mapping_on_every_organisation)
{
    static const char *const machines[] = {"igq_shared", "igq_per_group", "igq_temporal", "igq_elastic", "igq_unbound"};
    char mapped[256], options[512];
    make_net();
    double whole = divergence("igq_shared", "", "whole");
    ck_assert_int_eq(num_cut("whole/report.json"), 0);
    write_mapping("cut.json", "whole/report.json", 16);
    snprintf(mapped, sizeof mapped, "--mapping %s --set output_buffer.capacity_bytes=262144", test_path("cut.json"));
    double cut = divergence("igq_shared", mapped, "cut");
    ck_assert_int_ge(num_cut("cut/report.json"), 10);
    ck_assert(cut != whole); // FP32
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        ck_assert(divergence(machines[i], "", "organisation") == whole);
        ck_assert(divergence(machines[i], mapped, "organisation") == cut);
        snprintf(options, sizeof options, "%s --set group_scale=int", mapped);
        ck_assert(divergence(machines[i], options, "organisation") ==
                  divergence(machines[i], "--set group_scale=int", "organisation"));
    }
}
END_TEST

START_TEST(values_follow_what_a_small_buffer_makes_of_the_mapping)
{
    static const char *const machines[] = {"igq_shared", "igq_per_group", "igq_temporal", "igq_elastic", "igq_unbound",
                                           "layerwise",  "vsquant_wide",  "mxint8",       "mxfp4",       "nvfp4"};
    char options[512];
    make_net();
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        double small = divergence(machines[i], "--set weight_buffer.capacity_bytes=4608", "small");
        if (i != 1 && i != 3) // their lanes are few
            ck_assert_msg(num_cut("small/report.json") > 0, "%s", machines[i]);
        snprintf(options, sizeof options, "--mapping %s", test_path("small/report.json"));
        ck_assert_msg(divergence(machines[i], options, "large") == small, "%s", machines[i]);
        // Batches are planned together, before they are executed.
        ck_assert_msg(
            divergence(machines[i], "--set weight_buffer.capacity_bytes=4608 --set tiling.batch_images=2", "batch") > 0,
            "%s", machines[i]);
    }
}
END_TEST

START_TEST(tiles_hold_whole_blocks)
{
    char options[512];
    make_net();
    divergence("mxint8", "", "blocks");
    write_mapping("half.json", "blocks/report.json", 16);
    snprintf(options, sizeof options, "--mapping %s", test_path("half.json"));
    run_network("net", "mxint8", options, "refused");
    refused("mapping.tile_channels: is 16", "multiples of 32");
    run_network("net", "mxint8", "--set tiling.choice=fixed --set tiling.tile_channels=48", "refused");
    refused("tiling.tile_channels", "multiples of 32");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden.channel_tiles");
    TCase *tcase = tcase_create("channel tiles");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_test(tcase, values_follow_the_mapping_on_every_organisation);
    tcase_add_test(tcase, values_follow_what_a_small_buffer_makes_of_the_mapping);
    tcase_add_test(tcase, tiles_hold_whole_blocks);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
