// SPDX-License-Identifier: Apache-2.0
// --what-if: variants are what a run with --set gives, fewest cycles first; what makes no machine says why.
#include "small_network.h"
#include <jansson.h>
#include "../suite.h"

#define MACHINE "-a configs/accelerators/igq_temporal.yaml -w configs/workloads/deit_tiny.yaml"

static json_t *report_of(const char *name)
{
    json_error_t fault;
    char path[1200];
    snprintf(path, sizeof path, "%s/report.json", test_path(name));
    json_t *report = json_load_file(path, 0, &fault);
    ck_assert_msg(report != NULL, "%s: %s", path, fault.text);
    return report;
}

static json_int_t cycles_of(const json_t *report)
{
    return json_integer_value(json_object_get(json_object_get(report, "totals"), "cycles"));
}

START_TEST(variants_are_runs_with_set)
{
    igqsim("run " MACHINE " --what-if --no-html -o %s/base", cli_dir());
    accepted();
    ck_assert_ptr_nonnull(strstr(result.output, "What if"));
    json_t *report = report_of("base");
    const json_t *variants = json_object_get(report, "what_if"), *one;
    json_int_t before = 0;
    size_t i, num_checked = 0;
    ck_assert_uint_gt(json_array_size(variants), 20);
    json_array_foreach(variants, i, one)
    {
        json_int_t cycles = json_integer_value(json_object_get(one, "cycles"));
        double change_pct = json_real_value(json_object_get(one, "cycles_pct"));
        ck_assert_int_ge(cycles, before);
        before = cycles;
        ck_assert(change_pct == 100 * ((double)cycles / (double)cycles_of(report) - 1));
        if (i % 6 != 0)
            continue;
        igqsim("run " MACHINE " --set %s=%.17g --no-html -o %s/one", json_string_value(json_object_get(one, "key")),
               json_number_value(json_object_get(one, "to")), cli_dir());
        accepted();
        json_t *alone = report_of("one");
        ck_assert_int_eq(cycles_of(alone), cycles);
        json_decref(alone);
        num_checked++;
    }
    ck_assert_uint_ge(num_checked, 4);
    json_decref(report);
}
END_TEST

START_TEST(what_makes_no_machine_says_why)
{
    igqsim("run " MACHINE " --what-if --no-html -o %s/refused", cli_dir());
    accepted();
    json_t *report = report_of("refused");
    const json_t *one;
    size_t i;
    int found = 0;
    json_array_foreach(json_object_get(report, "what_if_refused"), i, one)
    {
        const char *key = json_string_value(json_object_get(one, "key"));
        const char *reason = json_string_value(json_object_get(one, "reason"));
        ck_assert_ptr_nonnull(reason);
        found |= strcmp(key, "mac_array.num_arrays") == 0 && strstr(reason, "temporal") != NULL;
    }
    ck_assert(found);
    json_decref(report);
}
END_TEST

START_TEST(energy_and_area_change_too)
{
    igqsim("run " MACHINE " --what-if -t configs/technologies/bitfusion_45nm.yaml --no-html -o %s/energy", cli_dir());
    accepted();
    json_t *report = report_of("energy");
    const json_t *one;
    size_t i;
    int num_energies = 0;
    json_array_foreach(json_object_get(report, "what_if"), i, one)
    {
        num_energies +=
            json_is_real(json_object_get(one, "energy_pct")) && json_is_real(json_object_get(one, "area_pct"));
    }
    ck_assert_int_gt(num_energies, 10);
    json_decref(report);
}
END_TEST

START_TEST(only_single_runs_without_weights)
{
    igqsim("run " MACHINE " --what-if --scheme igq,layerwise");
    refused("--what-if", "a single run");
    igqsim("run " MACHINE " --what-if --weights w.safetensors --images x.png -c c.yaml");
    refused("--what-if", "--record");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden.what_if");
    TCase *tcase = tcase_create("what if");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_test(tcase, variants_are_runs_with_set);
    tcase_add_test(tcase, what_makes_no_machine_says_why);
    tcase_add_test(tcase, energy_and_area_change_too);
    tcase_add_test(tcase, only_single_runs_without_weights);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
