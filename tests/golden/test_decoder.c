// SPDX-License-Identifier: Apache-2.0
// What reports say of decoders: phases, cache and mask on shapes; perplexity on the shared weights, if they are there.
#include "cli.h"
#include <jansson.h>
#include <math.h>
#include <check.h>

static cli_result result;

static json_t *run(const char *arguments)
{
    char command[4096];
    snprintf(command, sizeof command, "run %s --no-html -o %s/run", arguments, cli_dir());
    cli_run(&result, command);
    ck_assert_msg(result.status == 0, "%s", result.output);
    snprintf(command, sizeof command, "%s/run/report.json", cli_dir());
    json_error_t error;
    json_t *report = json_load_file(command, 0, &error);
    ck_assert_msg(report != NULL, "%s", error.text);
    return report;
}

static double get(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "%s", key);
    return json_number_value(value);
}

#define STORIES "-w configs/workloads/stories260k.yaml --set network.prefill_tokens=12 --set network.decode_tokens=3 "

START_TEST(phases_add_up_and_the_cache_has_its_bytes)
{
    static const char *const machines[] = {
        "-a configs/accelerators/igq_temporal.yaml ", "-a configs/accelerators/layerwise.yaml ",
        "-a configs/accelerators/layerwise.yaml --set activation_buffer.stores=values ",
        "-a configs/accelerators/vsquant.yaml "};
    char arguments[512];
    snprintf(arguments, sizeof arguments, "%s" STORIES "--set network.causal_block=4", machines[_i]);
    json_t *report = run(arguments), *layer;
    const json_t *totals = json_object_get(report, "totals"), *decoder = json_object_get(report, "decoder");
    const json_t *prefill = json_object_get(decoder, "prefill"), *decoding = json_object_get(decoder, "decoding");
    ck_assert_double_eq(get(prefill, "cycles") + get(decoding, "cycles"), get(totals, "cycles"));
    ck_assert_double_eq(get(prefill, "dram_bytes") + get(decoding, "dram_bytes"), get(totals, "dram_bytes"));
    ck_assert_double_eq(get(totals, "prefill_cycles_per_token") * 12, get(prefill, "cycles"));
    ck_assert_double_eq_tol(get(totals, "decode_cycles_per_token") * 3, get(decoding, "cycles"), 1e-6);
    // 5 blocks, 4 heads of 8 keys and 8 values: a byte each, or two; vsquant has scales too.
    double bytes = get(totals, "kv_cache_bytes_per_token");
    int is_values = _i == 2;
    if (_i < 3)
        ck_assert_double_eq(bytes, 5 * 4 * 16 * (is_values ? 2 : 1));
    ck_assert_double_ge(bytes, 5 * 4 * 16);
    // Scales of a prompt's tokens lie side by side, so less than a byte of each block is saved.
    if (_i < 3)
        ck_assert_double_eq(get(totals, "kv_cache_bytes"), 15 * bytes);
    ck_assert_double_le(get(totals, "kv_cache_bytes"), 15 * bytes);
    ck_assert_double_gt(get(totals, "kv_cache_bytes"), 15 * (bytes - 5));
    ck_assert_str_eq(json_string_value(json_object_get(decoder, "kv_stores")), is_values ? "values" : "codes");
    // A token reads the cache at least once for each group of queries.
    ck_assert_double_ge(get(decoding, "kv_read_bytes"), (13 + 14 + 15) * 5 * 4 * 16 * (is_values ? 2 : 1));
    ck_assert_double_eq(get(decoder, "masked_macs"), 2 * 64 * 5 * (12 * 11 / 2));
    ck_assert_double_eq(get(decoder, "masked_macs_skipped"), 2 * 64 * 5 * 4 * (8 + 4));
    size_t k, num_decoded = 0;
    json_array_foreach(json_object_get(report, "layers"), k, layer) num_decoded +=
        json_string_value(json_object_get(layer, "name"))[0] == 't';
    ck_assert_uint_eq(num_decoded, 3 * (5 * 6 + 1));
    ck_assert_ptr_null(json_object_get(totals, "perplexity"));
    json_decref(report);
}
END_TEST

START_TEST(other_networks_have_no_figures_of_decoders)
{
    json_t *report = run("-a configs/accelerators/layerwise.yaml -w configs/workloads/deit_tiny.yaml");
    ck_assert_ptr_null(json_object_get(report, "decoder"));
    ck_assert_ptr_null(json_object_get(json_object_get(report, "totals"), "kv_cache_bytes"));
    json_decref(report);
}
END_TEST

static double perplexity(const char *workload, const char *key)
{
    char arguments[2048];
    snprintf(arguments, sizeof arguments,
             "-a configs/accelerators/igq_shared.yaml %s --inputs %s/onnx/stories260k_128.io.safetensors", workload,
             cli_data());
    json_t *report = run(arguments);
    double value = get(json_object_get(report, "totals"), key);
    json_decref(report);
    return value;
}

// In full precision the graph of another framework and ours find the text equally likely, whatever is decoded.
START_TEST(perplexity_of_the_graph_and_of_the_family_agree)
{
    char onnx[1024], family[2048];
    snprintf(onnx, sizeof onnx, "-w %s/onnx/stories260k_128.onnx", cli_data());
    snprintf(family, sizeof family, "-w configs/workloads/stories260k.yaml --weights %s/onnx/stories260k.safetensors",
             cli_data());
    double whole = perplexity(onnx, "perplexity_full_precision");
    ck_assert_double_eq_tol(whole, 1.6290, 5e-5); // of the reference's logits
    ck_assert_double_eq_tol(perplexity(family, "perplexity_full_precision"), whole, 1e-5);
    ck_assert_double_gt(perplexity(family, "perplexity"), whole);
    strcat(family, " --set precision.act_bits=8 --set precision.weight_bits=8");
    double by_token = perplexity(family, "perplexity"); // a decoded token's channels have a range of one value
    strcat(family, " --set network.decode_ranges=running");
    double running = perplexity(family, "perplexity");
    ck_assert_double_lt(running, by_token);
    strcat(family, " --set network.prefill_tokens=128 --set network.decode_tokens=0"); // ranges of all tokens
    double prompt = perplexity(family, "perplexity");
    ck_assert_double_lt(prompt, running);
    ck_assert_double_eq_tol(prompt, whole, 0.05);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decoder");
    TCase *tests = tcase_create("decoder");
    tcase_add_loop_test(tests, phases_add_up_and_the_cache_has_its_bytes, 0, 4);
    tcase_add_test(tests, other_networks_have_no_figures_of_decoders);
    if (cli_data())
        tcase_add_test(tests, perplexity_of_the_graph_and_of_the_family_agree);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    cli_remove_dir();
    return failed ? 1 : 0;
}
