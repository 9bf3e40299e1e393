// SPDX-License-Identifier: Apache-2.0
// Bad input to igqsim run, calibrate, trace and compare, as a user meets it: one clear line, exit status 1, nothing
// written.
#include "cli.h"
#include <stdint.h>
#include "../suite.h"

#define MACHINE "configs/accelerators/igq_per_group.yaml"
#define NETWORK "configs/workloads/deit_tiny.yaml"
#define CALIBRATION "configs/calibration/deit_tiny_w4a4_g8.yaml"
#define TRACE "traces/deit_tiny_chelsea.safetensors"

static cli_result result;
static char path[1024], arguments[8192];

// Exit status 1, one line, and all the words in it; nothing in the output folder.
static void refused(const char *words[], int num_words)
{
    ck_assert_msg(result.status == 1, "exit status %d, said: %s", result.status, result.output);
    const char *newline = strchr(result.output, '\n');
    ck_assert_msg(newline && newline[1] == '\0', "not one line: %s", result.output);
    for (int i = 0; i < num_words; i++)
        ck_assert_msg(strstr(result.output, words[i]) != NULL, "'%s' is not in: %s", words[i], result.output);
    char report[1100];
    snprintf(report, sizeof report, "%s/out/report.json", cli_dir());
    ck_assert_msg(!cli_exists(report), "a report was written");
}
#define REFUSED(...)                                                                                                   \
    do {                                                                                                               \
        const char *words[] = {__VA_ARGS__};                                                                           \
        refused(words, (int)(sizeof words / sizeof *words));                                                           \
    } while (0)

// A copy of a text file with the first `from` replaced by `to`, in the test's folder as NAME.
static const char *edited(const char *source, const char *name, const char *from, const char *to)
{
    char *text = cli_read(source, NULL);
    ck_assert_msg(text != NULL, "no %s", source);
    char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "'%s' is not in %s", from, source);
    size_t length = strlen(text) + strlen(to) + 1;
    char *changed = malloc(length);
    snprintf(changed, length, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    snprintf(path, sizeof path, "%s/%s", cli_dir(), name);
    cli_write(path, changed, strlen(changed));
    free(changed);
    free(text);
    return path;
}

// A machine file that is one of configs/accelerators but for `text`, in the test's folder.
static const char *derived(const char *machine, const char *text)
{
    char folder[1024], whole[2048];
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    snprintf(whole, sizeof whole, "base: %s/configs/accelerators/%s.yaml\n%s", folder, machine, text);
    snprintf(path, sizeof path, "%s/machine.yaml", cli_dir());
    cli_write(path, whole, strlen(whole));
    return path;
}

static void run(const char *machine, const char *network, const char *calibration, const char *trace)
{
    snprintf(arguments, sizeof arguments, "run -a %s -w %s -c %s --trace %s -o %s/out", machine, network, calibration,
             trace, cli_dir());
    cli_run(&result, arguments);
}

START_TEST(good_input_is_accepted)
{
    run(MACHINE, NETWORK, CALIBRATION, TRACE);
    ck_assert_msg(result.status == 0, "%s", result.output);
    char report[1100];
    snprintf(report, sizeof report, "%s/out/report.json", cli_dir());
    ck_assert(cli_exists(report));
    remove(report);
}
END_TEST

static const char *list_of_products(void)
{
    static char list[1100];
    snprintf(list, sizeof list, "%s/products.csv", cli_dir());
    FILE *file = fopen(list, "w");
    ck_assert_ptr_nonnull(file);
    fputs("name,M,N,K\na,197,576,192\nb,1,96,11008\n", file);
    fclose(file);
    return list;
}

START_TEST(what_is_of_another_network_is_refused)
{
    run(MACHINE, "configs/workloads/swin_tiny.yaml", CALIBRATION, TRACE);
    REFUSED(CALIBRATION, "image_size", "family");
    snprintf(arguments, sizeof arguments, "calibrate -w configs/workloads/bert_base.yaml --trace %s -o %s/c.yaml",
             TRACE, cli_dir());
    cli_run(&result, arguments);
    REFUSED(TRACE, "trace of another network", "bert_base");
    snprintf(arguments, sizeof arguments, "trace -w configs/workloads/deit_tiny.yaml --images no.png -o %s/t",
             cli_dir());
    cli_run(&result, arguments);
    REFUSED("--images without --weights");
    snprintf(arguments, sizeof arguments, "trace -w %s --images no.png -o %s/t", list_of_products(), cli_dir());
    cli_run(&result, arguments);
    REFUSED("--images", "products", "family matmuls", "shapes alone");
}
END_TEST

START_TEST(a_list_of_products_runs_and_a_bad_row_is_refused)
{
    const char *list = list_of_products();
    snprintf(arguments, sizeof arguments, "run -a %s -w %s", MACHINE, list);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    snprintf(arguments, sizeof arguments, "describe -w %s", list);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    ck_assert_ptr_nonnull(strstr(result.output, "22843392 multiply-accumulates")); // 197 x 576 x 192 + 96 x 11008
    FILE *file = fopen(list, "a");
    fputs("c,1,2,0\n", file);
    fclose(file);
    snprintf(arguments, sizeof arguments, "run -a %s -w %s", MACHINE, list);
    cli_run(&result, arguments);
    REFUSED("products.csv:4:", "K is \"0\"", "allowed:");
}
END_TEST

START_TEST(networks_from_onnx_run_if_they_have_products)
{
    snprintf(arguments, sizeof arguments, "run -a %s -w tests/fuzz/onnx/attn.onnx --no-html -o %s/onnx", MACHINE,
             cli_dir());
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    snprintf(arguments, sizeof arguments, "run -a %s -w tests/fuzz/onnx/shape.onnx", MACHINE);
    cli_run(&result, arguments);
    REFUSED("shape.onnx", "no matrix product");
}
END_TEST

START_TEST(what_a_network_is_fed_with_must_fit_it)
{
    snprintf(arguments, sizeof arguments, "run -a %s -w configs/workloads/bert_base.yaml --inputs x.safetensors",
             MACHINE);
    cli_run(&result, arguments);
    REFUSED("x.safetensors", "No such file");
    snprintf(arguments, sizeof arguments, "run -a %s -w %s --inputs x.safetensors", MACHINE, NETWORK);
    cli_run(&result, arguments);
    REFUSED("--inputs without --weights");
    snprintf(arguments, sizeof arguments, "run -a %s -w %s --inputs x.safetensors", MACHINE, list_of_products());
    cli_run(&result, arguments);
    REFUSED("--inputs", "products", "family matmuls", "shapes alone");
    snprintf(arguments, sizeof arguments, "run -a %s -w tests/fuzz/onnx/attn.onnx --weights x.safetensors --inputs y",
             MACHINE);
    cli_run(&result, arguments);
    REFUSED("--weights", "attn", "has its own");
    snprintf(arguments, sizeof arguments, "run -a %s -w tests/fuzz/onnx/attn.onnx --images no.png", MACHINE);
    cli_run(&result, arguments);
    REFUSED("attn.onnx", "--images", "no photo");
    snprintf(arguments, sizeof arguments, "run -a %s -w configs/workloads/bert_base.yaml --outputs y.safetensors",
             MACHINE);
    cli_run(&result, arguments);
    REFUSED("--outputs without --inputs");
    snprintf(arguments, sizeof arguments, "run -a %s -w %s/no.onnx", MACHINE, cli_dir());
    cli_run(&result, arguments);
    REFUSED("no.onnx");
}
END_TEST

START_TEST(missing_key_names_file_and_key)
{
    run(edited(MACHINE, "machine.yaml", "  lanes:", "  # lanes:"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml", "lanes");
}
END_TEST

START_TEST(unknown_key_names_line_and_key)
{
    run(edited(MACHINE, "machine.yaml", "clock_mhz:", "clock_khz: 3\nclock_mhz:"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "clock_khz");
}
END_TEST

START_TEST(wrong_type_names_value_and_what_is_allowed)
{
    run(edited(MACHINE, "machine.yaml", "clock_mhz: 1000", "clock_mhz: fast"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "clock_mhz", "fast", "allowed");
}
END_TEST

START_TEST(out_of_range_names_value_and_what_is_allowed)
{
    run(edited(MACHINE, "machine.yaml", "clock_mhz: 1000", "clock_mhz: -5"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "clock_mhz", "-5", "allowed");
}
END_TEST

START_TEST(unknown_scheme_lists_the_schemes)
{
    run(edited(MACHINE, "machine.yaml", "scheme: igq", "scheme: magic"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "scheme", "magic", "layerwise", "channelwise");
}
END_TEST

START_TEST(more_groups_than_channels_is_refused)
{
    snprintf(arguments, sizeof arguments, "calibrate -w %s --trace %s --groups 64 -o %s/c.yaml",
             edited(NETWORK, "network.yaml", "dim: 192", "dim: 48"), TRACE, cli_dir());
    cli_run(&result, arguments);
    REFUSED("--groups 64", "48");
}
END_TEST

START_TEST(calibration_with_more_groups_than_the_machine_is_refused)
{
    // Four groups, four arrays: the calibration has eight.
    char *text = cli_read(MACHINE, NULL);
    snprintf(path, sizeof path, "%s/machine4.yaml", cli_dir());
    char *groups = strstr(text, "num_groups: 8"), *arrays = strstr(text, "num_arrays: 8");
    ck_assert(groups && arrays);
    groups[12] = '4';
    arrays[12] = '4';
    cli_write(path, text, strlen(text));
    free(text);
    run(path, NETWORK, CALIBRATION, TRACE);
    REFUSED("num_groups", "8 groups");
}
END_TEST

START_TEST(layers_that_cannot_be_tiled_name_buffer_and_missing_bytes)
{
    // patch_embed: 2 slots of 8 outputs x 16 channels, a vector, x 8 bits.
    run(derived("igq_per_group", "weight_buffer: {capacity_bytes: 255}\n"), NETWORK, CALIBRATION, TRACE);
    REFUSED("weight_buffer", "patch_embed", "256 bytes even for its smallest tile", "is 255", "1 bytes are missing");
    run(derived("igq_per_group", "tiling: {choice: fixed, tile_tokens: 208}\n"), NETWORK, CALIBRATION, TRACE);
    REFUSED("output_buffer", "patch_embed", "with the fixed tiling", "bytes are missing");
}
END_TEST

START_TEST(tiles_that_are_no_whole_blocks_are_refused)
{
    run(derived("igq_temporal", "tiling: {choice: fixed, tile_tokens: 65}\n"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "tiling.tile_tokens", "is 65", "tokens_in_flight, which is 16");
}
END_TEST

START_TEST(machines_that_make_no_hardware_are_refused_with_the_reason)
{
    run(edited(MACHINE, "machine.yaml", "num_banks: 32", "num_banks: 0"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "row_selector.num_banks", "0", "1 to 4096");
    run(derived("igq_elastic", "mac_array: {num_arrays: 7}\n"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "mac_array.num_arrays", "is 7", "a slice of its own");
    run(derived("igq_elastic", "scheme: vsquant\n"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "scheme", "vsquant needs mac_organisation shared", "elastic");
    run(derived("igq_elastic", "scheme: channelwise\n"), NETWORK, CALIBRATION, TRACE);
    REFUSED("machine.yaml:", "scheme", "channelwise", "as many arrays");
}
END_TEST

START_TEST(truncated_trace_is_refused)
{
    size_t size = 0;
    char *data = cli_read(TRACE, &size);
    snprintf(path, sizeof path, "%s/short.safetensors", cli_dir());
    cli_write(path, data, size / 2);
    free(data);
    run(MACHINE, NETWORK, CALIBRATION, path);
    REFUSED("short.safetensors");
}
END_TEST

START_TEST(header_longer_than_the_file_is_refused)
{
    uint64_t length = 1u << 30;
    snprintf(path, sizeof path, "%s/long.safetensors", cli_dir());
    cli_write(path, &length, sizeof length);
    run(MACHINE, NETWORK, CALIBRATION, path);
    REFUSED("long.safetensors", "header");
}
END_TEST

START_TEST(trace_of_another_network_is_refused)
{
    run(MACHINE, "configs/workloads/deit_small.yaml", CALIBRATION, TRACE);
    REFUSED("192", "384");
}
END_TEST

START_TEST(missing_files_are_named)
{
    run("nowhere/machine.yaml", NETWORK, CALIBRATION, TRACE);
    REFUSED("nowhere/machine.yaml");
    run(MACHINE, NETWORK, CALIBRATION, "nowhere/trace.safetensors");
    REFUSED("nowhere/trace.safetensors");
}
END_TEST

START_TEST(output_folder_that_cannot_be_written_is_refused)
{
    // Below a regular file: refused for root too.
    snprintf(arguments, sizeof arguments, "run -a %s -w %s -c %s --trace %s -o %s/out", MACHINE, NETWORK, CALIBRATION,
             TRACE, NETWORK);
    cli_run(&result, arguments);
    REFUSED(NETWORK, "cannot make folder");
}
END_TEST

START_TEST(options_that_do_not_fit_together_are_refused)
{
    snprintf(arguments, sizeof arguments, "run -a %s -w %s --trace %s", MACHINE, NETWORK, TRACE);
    cli_run(&result, arguments);
    REFUSED("--calibration");
    snprintf(arguments, sizeof arguments, "run -a %s -w %s --images x.png", MACHINE, NETWORK);
    cli_run(&result, arguments);
    REFUSED("--images", "--weights");
    cli_run(&result, "run --frobnicate");
    REFUSED("--frobnicate", "unknown");
    cli_run(&result, "walk");
    REFUSED("walk", "run");
    cli_run(&result, "compare one.json");
    REFUSED("two");
}
END_TEST

// A report that no run writes: one line that names file and key.
START_TEST(compare_refuses_damaged_reports)
{
    static const char *const reports[][2] = {
        {"{\"totals\":{\"cycles\":1},\"accelerator\":{\"name\":\"a\"},\"layers\":[{}]}", "totals.images: missing"},
        {"{\"totals\":{\"images\":1,\"cycles\":1},\"accelerator\":{\"name\":\"a\"},\"layers\":[{}]}", "layers[0].name"},
        {"{\"totals\":{\"images\":1,\"cycles\":-1},\"accelerator\":{\"name\":\"a\"}}", "totals.cycles: -1"},
        {"{\"totals\":{\"images\":1,\"cycles\":\"x\"},\"accelerator\":{\"name\":\"a\"}}", "totals.cycles: \"x\""},
        {"{\"totals\":{\"images\":1},\"accelerator\":{\"name\":\"a\"},\"layers\":[{\"name\":\"l\",\"cycles\":null}]}",
         "layers[0].cycles: null"},
        {"{\"totals\":{\"images\":1},\"accelerator\":{\"name\":\"a\"},\"layers\":7}", "layers: no list"},
    };
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        snprintf(arguments, sizeof arguments, "%s/odd.json", cli_dir());
        FILE *file = fopen(arguments, "w");
        ck_assert_ptr_nonnull(file);
        fputs(reports[i][0], file);
        fclose(file);
        snprintf(arguments, sizeof arguments, "compare %s/odd.json %s/odd.json", cli_dir(), cli_dir());
        cli_run(&result, arguments);
        REFUSED("odd.json", reports[i][1]);
    }
}
END_TEST

START_TEST(an_image_that_is_no_image_is_refused)
{
    if (!cli_data()) {
        printf("skipped: an_image_that_is_no_image_is_refused needs the shared weights\n");
        return;
    }
    snprintf(arguments, sizeof arguments,
             "run -a %s -w %s -c %s --weights %s/deit_tiny/model.safetensors --images %s -o %s/out", MACHINE, NETWORK,
             CALIBRATION, cli_data(), NETWORK, cli_dir());
    cli_run(&result, arguments);
    REFUSED(NETWORK, "PNG");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("errors.run");
    TCase *tcase = tcase_create("bad input");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_test(tcase, good_input_is_accepted);
    tcase_add_test(tcase, what_is_of_another_network_is_refused);
    tcase_add_test(tcase, a_list_of_products_runs_and_a_bad_row_is_refused);
    tcase_add_test(tcase, networks_from_onnx_run_if_they_have_products);
    tcase_add_test(tcase, what_a_network_is_fed_with_must_fit_it);
    tcase_add_test(tcase, missing_key_names_file_and_key);
    tcase_add_test(tcase, unknown_key_names_line_and_key);
    tcase_add_test(tcase, wrong_type_names_value_and_what_is_allowed);
    tcase_add_test(tcase, out_of_range_names_value_and_what_is_allowed);
    tcase_add_test(tcase, unknown_scheme_lists_the_schemes);
    tcase_add_test(tcase, more_groups_than_channels_is_refused);
    tcase_add_test(tcase, calibration_with_more_groups_than_the_machine_is_refused);
    tcase_add_test(tcase, layers_that_cannot_be_tiled_name_buffer_and_missing_bytes);
    tcase_add_test(tcase, tiles_that_are_no_whole_blocks_are_refused);
    tcase_add_test(tcase, machines_that_make_no_hardware_are_refused_with_the_reason);
    tcase_add_test(tcase, truncated_trace_is_refused);
    tcase_add_test(tcase, header_longer_than_the_file_is_refused);
    tcase_add_test(tcase, trace_of_another_network_is_refused);
    tcase_add_test(tcase, missing_files_are_named);
    tcase_add_test(tcase, output_folder_that_cannot_be_written_is_refused);
    tcase_add_test(tcase, options_that_do_not_fit_together_are_refused);
    tcase_add_test(tcase, compare_refuses_damaged_reports);
    tcase_add_test(tcase, an_image_that_is_no_image_is_refused);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
