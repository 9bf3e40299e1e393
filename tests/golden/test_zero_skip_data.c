// SPDX-License-Identifier: Apache-2.0
// Skipping channels of zeros on a real network: every result stays, what is skipped is what gating would have kept
// still. DeiT-Tiny has LayerNorm gains of zero, and at 4 bits some inputs of fc2 have no weights left. Needs the shared
// weights.
#include "cli.h"
#include <jansson.h>
#include "../suite.h"

static cli_result result;

static json_t *run(const char *zero_skip, const char *zero_gating, const char *inputs, const char *folder)
{
    char command[4096];
    snprintf(command, sizeof command,
             "printf 'base: %%s/configs/accelerators/igq_temporal.yaml\\nrow_selector: {zero_skip: %s}\\n"
             "zero_gating: %s\\n' \"$PWD\" >%s/machine.yaml",
             zero_skip, zero_gating, cli_dir());
    ck_assert_int_eq(system(command), 0);
    snprintf(command, sizeof command,
             "run -a %s/machine.yaml -w configs/workloads/deit_tiny.yaml -c configs/calibration/deit_tiny_w4a4_g8.yaml "
             "%s -o %s/%s",
             cli_dir(), inputs, cli_dir(), folder);
    cli_run(&result, command);
    ck_assert_msg(result.status == 0, "%s", result.output);
    snprintf(command, sizeof command, "%s/%s/report.json", cli_dir(), folder);
    json_error_t error;
    json_t *report = json_load_file(command, 0, &error);
    ck_assert_msg(report != NULL, "%s", error.text);
    return report;
}

static const char *photo(void)
{
    static char inputs[2048];
    snprintf(inputs, sizeof inputs, "--weights %s/deit_tiny/model.safetensors --images %s/images/chelsea_224.png",
             cli_data(), cli_data());
    return inputs;
}

static json_int_t get(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static json_int_t count_of(const json_t *layer, const char *event)
{
    return get(json_object_get(json_object_get(layer, "events"), event), "count");
}

START_TEST(results_stay_and_only_what_gating_keeps_still_is_skipped)
{
    json_t *gated = run("none", "on", photo(), "gated"), *skipped = run("row", "on", photo(), "skipped"), *a;
    json_int_t of_layers = 0;
    size_t k;
    ck_assert(json_equal(json_object_get(gated, "accuracy"), json_object_get(skipped, "accuracy")));
    json_array_foreach(json_object_get(gated, "layers"), k, a)
    {
        json_t *b = json_array_get(json_object_get(skipped, "layers"), k);
        json_int_t channels = get(b, "skipped_channels"), listed = 0;
        json_int_t passes = (get(b, "act_bits") + 3) / 4 * ((get(b, "weight_bits") + 3) / 4);
        size_t g;
        json_t *size;
        json_array_foreach(json_object_get(b, "group_sizes"), g, size) listed += json_integer_value(size);
        if (get(a, "heads") == 1)
            ck_assert_int_eq(listed + channels, get(b, "C"));
        ck_assert(json_equal(json_object_get(a, "sqnr_db"), json_object_get(b, "sqnr_db")));
        ck_assert_int_eq(count_of(a, "multiply"), count_of(b, "multiply"));
        ck_assert_int_eq(count_of(a, "gated_multiply"),
                         count_of(b, "gated_multiply") + channels * get(b, "T") * get(b, "O") * passes);
        of_layers += channels;
    }
    ck_assert_int_eq(of_layers, get(json_object_get(skipped, "totals"), "skipped_channels"));
    ck_assert_int_ge(of_layers, 100);
    json_decref(gated);
    json_decref(skipped);
}
END_TEST

START_TEST(schemes_in_channel_order_have_nothing_to_skip)
{
    const char *inputs = "--scheme layerwise --trace traces/deit_tiny_chelsea.safetensors";
    json_t *none = run("none", "off", inputs, "none"), *row = run("row", "off", inputs, "row");
    ck_assert(json_equal(json_object_get(none, "layers"), json_object_get(row, "layers")));
    json_decref(none);
    json_decref(row);
}
END_TEST

// Without weights, a compact trace still tells the channels whose activations are zero.
START_TEST(a_compact_trace_tells_constant_channels)
{
    json_t *report = run("row", "off", "--trace traces/deit_tiny_chelsea.safetensors", "trace"), *layer;
    size_t k;
    json_array_foreach(json_object_get(report, "layers"), k, layer)
    {
        const char *name = json_string_value(json_object_get(layer, "name"));
        int has_gain_of_zero = strcmp(name, "b0.fc1") == 0 || strcmp(name, "b1.qkv") == 0;
        ck_assert_msg(get(layer, "skipped_channels") == has_gain_of_zero, "%s: %d", name,
                      (int)get(layer, "skipped_channels"));
    }
    json_decref(report);
}
END_TEST

int main(void)
{
    if (!cli_data()) {
        printf("skipped: neither $IGQSIM_DATA nor ../shared/data has the weights\n");
        return 77;
    }
    cli_dir();
    Suite *suite = suite_create("zero skip");
    TCase *cases = tcase_create("zero skip");
    tcase_add_test(cases, results_stay_and_only_what_gating_keeps_still_is_skipped);
    tcase_add_test(cases, schemes_in_channel_order_have_nothing_to_skip);
    tcase_add_test(cases, a_compact_trace_tells_constant_channels);
    suite_add_tcase(suite, cases);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
