// SPDX-License-Identifier: Apache-2.0
// Same inputs, same bytes: twice in a row, in Debug and in Release, with the RTL in the place of the assignment model.
#include "cli.h"
#include "../suite.h"

static cli_result result;
static const char *const machines[] = {"layerwise",   "vsquant",      "igq_per_group", "igq_shared",
                                       "igq_elastic", "igq_temporal", "igq_unbound"};
enum { NUM_MACHINES = sizeof machines / sizeof *machines };

static void run(const char *machine, const char *folder, const char *options)
{
    char arguments[2048];
    snprintf(arguments, sizeof arguments,
             "run -a configs/accelerators/%s.yaml -w configs/workloads/deit_tiny.yaml -c "
             "configs/calibration/deit_tiny_w4a4_g8.yaml "
             "--trace traces/deit_tiny_chelsea.safetensors %s -o %s/%s",
             machine, options, cli_dir(), folder);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static void assert_same_reports(const char *folder_a, const char *folder_b)
{
    const char *const files[] = {"report.json", "layers.csv"};
    for (int i = 0; i < 2; i++) {
        char a[1024], b[1024];
        snprintf(a, sizeof a, "%s/%s/%s", cli_dir(), folder_a, files[i]);
        snprintf(b, sizeof b, "%s/%s/%s", cli_dir(), folder_b, files[i]);
        ck_assert_msg(cli_same_bytes(a, b), "%s and %s differ", a, b);
    }
}

START_TEST(two_runs_give_the_same_bytes)
{
    run(machines[_i], "first", "");
    run(machines[_i], "second", "");
    assert_same_reports("first", "second");
}
END_TEST

START_TEST(a_debug_build_with_sanitizers_gives_the_same_bytes)
{
    const char *debug = getenv("IGQSIM_DEBUG_BINARY");
    if (!debug || !cli_exists(debug)) {
        printf("skipped: a_debug_build_with_sanitizers_gives_the_same_bytes needs IGQSIM_DEBUG_BINARY (tools/check.sh "
               "sets it)\n");
        return;
    }
    run(machines[_i], "release", "");
    setenv("IGQSIM_BINARY", debug, 1);
    run(machines[_i], "debug", "");
    assert_same_reports("release", "debug");
}
END_TEST

START_TEST(the_rtl_in_the_machine_gives_the_same_bytes)
{
    run(machines[_i], "model", "");
    run(machines[_i], "rtl", "--assign rtl");
    assert_same_reports("model", "rtl");
}
END_TEST

START_TEST(shape_only_runs_give_the_same_bytes)
{
    for (int i = 0; i < 2; i++) {
        char arguments[2048];
        snprintf(arguments, sizeof arguments,
                 "run -a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_small.yaml -o %s/%s",
                 cli_dir(), i ? "second" : "first");
        cli_run(&result, arguments);
        ck_assert_msg(result.status == 0, "%s", result.output);
        ck_assert_msg(strstr(result.output, "SHAPES ONLY") != NULL, "the summary does not say so: %s", result.output);
    }
    assert_same_reports("first", "second");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden.reproducible");
    TCase *tcase = tcase_create("same bytes");
    cli_dir();
    tcase_add_loop_test(tcase, two_runs_give_the_same_bytes, 0, NUM_MACHINES);
    tcase_add_loop_test(tcase, a_debug_build_with_sanitizers_gives_the_same_bytes, 0, NUM_MACHINES);
    tcase_add_loop_test(tcase, the_rtl_in_the_machine_gives_the_same_bytes, 2, 4);
    tcase_add_test(tcase, shape_only_runs_give_the_same_bytes);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
