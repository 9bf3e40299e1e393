// SPDX-License-Identifier: Apache-2.0
// Every report explains itself: causes add up to cycles, layers to the total, group sizes to channels; no run beats its
// bounds.
#include "cli.h"
#include <jansson.h>
#include "../suite.h"

static cli_result result;
static const char *const machines[] = {"layerwise",   "vsquant",      "igq_per_group", "igq_shared",
                                       "igq_elastic", "igq_temporal", "vsq_5nm",       "igq_unbound"};
enum { NUM_MACHINES = sizeof machines / sizeof *machines };

static json_int_t get(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_integer(value), "no integer '%s'", key);
    return json_integer_value(value);
}

static json_t *report_of(const char *machine)
{
    char arguments[2048], path[1024];
    snprintf(arguments, sizeof arguments,
             "run -a configs/accelerators/%s.yaml -w configs/workloads/deit_tiny.yaml -c "
             "configs/calibration/deit_tiny_w4a4_g8.yaml "
             "--trace traces/deit_tiny_photos.safetensors -o %s/out",
             machine, cli_dir());
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    snprintf(path, sizeof path, "%s/out/report.json", cli_dir());
    json_error_t error;
    json_t *report = json_load_file(path, 0, &error);
    ck_assert_msg(report != NULL, "%s", error.text);
    return report;
}

static void assert_causes_add_up(const json_t *object)
{
    const char *cause;
    json_t *cycles;
    json_int_t sum = get(object, "compute_cycles");
    json_object_foreach(json_object_get(object, "stall_cycles"), cause, cycles) sum += json_integer_value(cycles);
    ck_assert_int_eq(sum, get(object, "cycles"));
    ck_assert_int_le(get(object, "assign_cycles_hidden"), get(object, "assign_cycles"));
}

START_TEST(causes_layers_and_images_add_up)
{
    json_t *report = report_of(machines[_i]), *totals = json_object_get(report, "totals");
    size_t k;
    json_t *layer, *image;
    json_int_t layer_cycles = 0, image_cycles = 0, dram_bytes = 0;
    assert_causes_add_up(totals);
    json_array_foreach(json_object_get(report, "layers"), k, layer)
    {
        assert_causes_add_up(layer);
        layer_cycles += get(layer, "cycles");
        dram_bytes += get(layer, "dram_bytes");
    }
    json_array_foreach(json_object_get(report, "images"), k, image)
    {
        assert_causes_add_up(image);
        image_cycles += get(image, "cycles");
    }
    ck_assert_int_eq(layer_cycles, get(totals, "cycles"));
    ck_assert_int_eq(image_cycles, get(totals, "cycles"));
    ck_assert_int_eq(dram_bytes, get(totals, "dram_bytes"));
    ck_assert_int_eq(get(totals, "images"), 4);
    json_decref(report);
}
END_TEST

START_TEST(no_layer_beats_the_compute_bound_and_no_run_the_dram_bound)
{
    json_t *report = report_of(machines[_i]), *totals = json_object_get(report, "totals");
    size_t k;
    json_t *layer;
    json_array_foreach(json_object_get(report, "layers"), k, layer)
    {
        ck_assert_int_ge(get(layer, "cycles"), get(layer, "estimate_cycles"));
        ck_assert_int_ge(get(layer, "estimate_cycles"), get(layer, "compute_bound_cycles"));
    }
    ck_assert_int_ge(get(totals, "cycles"), get(totals, "dram_bound_cycles"));
    ck_assert_int_gt(get(totals, "dram_bound_cycles"), 0);
    json_decref(report);
}
END_TEST

START_TEST(group_sizes_add_up_to_the_channels_of_every_layer)
{
    json_t *report = report_of(machines[_i]), *layer, *size;
    size_t k, g;
    json_array_foreach(json_object_get(report, "layers"), k, layer)
    {
        json_int_t sum = 0;
        json_array_foreach(json_object_get(layer, "group_sizes"), g, size) sum += json_integer_value(size);
        int rows = strcmp(json_string_value(json_object_get(layer, "kind")), "context") == 0;
        int scores = strcmp(json_string_value(json_object_get(layer, "kind")), "scores") == 0;
        json_int_t members =
            rows ? get(layer, "T") * get(layer, "heads") : get(layer, "C") * (scores ? get(layer, "heads") : 1);
        ck_assert_int_eq(sum, members * 4); // four images
    }
    json_decref(report);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden.report_adds_up");
    TCase *tcase = tcase_create("closed books");
    cli_dir();
    tcase_add_loop_test(tcase, causes_layers_and_images_add_up, 0, NUM_MACHINES);
    tcase_add_loop_test(tcase, no_layer_beats_the_compute_bound_and_no_run_the_dram_bound, 0, NUM_MACHINES);
    tcase_add_loop_test(tcase, group_sizes_add_up_to_the_channels_of_every_layer, 0, NUM_MACHINES);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
