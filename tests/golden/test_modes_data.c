// SPDX-License-Identifier: Apache-2.0
// Execution and trace agree: a run on weights and photos, and a run on the trace that it recorded, give the same
// assignment and the same cycles. Eight bits leave top-1 alone. Needs the shared weights.
#include "cli.h"
#include <jansson.h>
#include "../suite.h"

static cli_result result;

static json_t *report_in(const char *folder)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/report.json", cli_dir(), folder);
    json_error_t error;
    json_t *report = json_load_file(path, 0, &error);
    ck_assert_msg(report != NULL, "%s", error.text);
    return report;
}

static void run(const char *machine, const char *calibration, const char *inputs, const char *folder)
{
    char arguments[4096];
    snprintf(arguments, sizeof arguments,
             "run -a configs/accelerators/%s.yaml -w configs/workloads/deit_tiny.yaml -c %s %s -o %s/%s", machine,
             calibration, inputs, cli_dir(), folder);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static const char *const machines[] = {"layerwise",   "igq_per_group", "igq_shared",
                                       "igq_elastic", "igq_temporal",  "vsquant"};
enum { NUM_MACHINES = sizeof machines / sizeof *machines };

START_TEST(a_recorded_trace_gives_the_same_assignment_and_cycles)
{
    char inputs[2048];
    const char *calibration = "configs/calibration/deit_tiny_w4a4_g8.yaml";
    snprintf(inputs, sizeof inputs,
             "--weights %s/deit_tiny/model.safetensors --images %s/images/chelsea_224.png %s/images/coffee_224.png "
             "--record %s/t.safetensors",
             cli_data(), cli_data(), cli_data(), cli_dir());
    run(machines[_i], calibration, inputs, "execution");
    snprintf(inputs, sizeof inputs, "--trace %s/t.safetensors", cli_dir());
    run(machines[_i], calibration, inputs, "trace");
    json_t *execution = report_in("execution"), *trace = report_in("trace"), *a, *b;
    size_t k;
    json_array_foreach(json_object_get(execution, "layers"), k, a)
    {
        const char *const keys[] = {"name",        "cycles",    "stall_cycles", "assign_cycles", "assign_cycles_hidden",
                                    "group_sizes", "dram_bytes"};
        b = json_array_get(json_object_get(trace, "layers"), k);
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            ck_assert_msg(json_equal(json_object_get(a, keys[i]), json_object_get(b, keys[i])), "%s: %s differs",
                          json_string_value(json_object_get(a, "name")), keys[i]);
    }
    json_decref(execution);
    json_decref(trace);
}
END_TEST

START_TEST(eight_bits_leave_the_top_1_of_all_four_photos_alone)
{
    char arguments[4096];
    const char *data = cli_data();
    snprintf(arguments, sizeof arguments,
             "calibrate -w configs/workloads/deit_tiny.yaml --trace traces/deit_tiny_photos.safetensors --act-bits 8 "
             "--weight-bits 8 --attn-bits 8 --epsilon-pct 0 -o %s/w8a8.yaml",
             cli_dir());
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    char calibration[1024], inputs[2048];
    snprintf(calibration, sizeof calibration, "%s/w8a8.yaml", cli_dir());
    snprintf(inputs, sizeof inputs,
             "--weights %s/deit_tiny/model.safetensors --images %s/images/chelsea_224.png %s/images/coffee_224.png "
             "%s/images/raccoon_224.png %s/images/astronaut_224.png",
             data, data, data, data, data);
    run("igq_per_group", calibration, inputs, "w8a8");
    json_t *report = report_in("w8a8"), *accuracy = json_object_get(report, "accuracy");
    ck_assert_int_eq(json_integer_value(json_object_get(accuracy, "images")), 4);
    ck_assert(json_real_value(json_object_get(accuracy, "top1_agreement")) == 1.0);
    ck_assert(json_real_value(json_object_get(accuracy, "kl_divergence")) > 0);
    json_decref(report);
}
END_TEST

int main(void)
{
    if (!cli_data()) {
        printf("skipped: neither $IGQSIM_DATA nor ../shared/data has the weights\n");
        return 77;
    }
    Suite *suite = suite_create("golden.modes_data");
    TCase *tcase = tcase_create("execution and trace");
    cli_dir();
    tcase_add_loop_test(tcase, a_recorded_trace_gives_the_same_assignment_and_cycles, 0, NUM_MACHINES);
    tcase_add_test(tcase, eight_bits_leave_the_top_1_of_all_four_photos_alone);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
