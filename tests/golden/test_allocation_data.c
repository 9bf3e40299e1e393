// SPDX-License-Identifier: Apache-2.0
// Allocation of groups on DeiT-Tiny and one photo: a budget in cycles is kept by the very run that it is meant for.
// test_allocation.c holds the rest on a small network. Needs the shared weights.
#include "cli.h"
#include <jansson.h>
#include "../suite.h"

static cli_result result;

static void calibrate(const char *options, const char *name)
{
    char arguments[4096];
    snprintf(arguments, sizeof arguments,
             "calibrate -w configs/workloads/deit_tiny.yaml --weights %s/deit_tiny/model.safetensors --images "
             "%s/images/coffee_224.png --iterations 20 %s%s -o %s/%s.yaml",
             cli_data(), cli_data(), strstr(options, "--allocate") ? "--candidates 1,4 " : "", options, cli_dir(),
             name);
    cli_run(&result, arguments);
}

static void accepted(void)
{
    ck_assert_msg(result.status == 0, "%s", result.output);
}

// Totals of a run with that calibration on the trace of the same photo in full precision: what the budget was counted
// on.
static json_t *totals_of(const char *calibration, const char *options)
{
    char arguments[4096], path[1024];
    snprintf(arguments, sizeof arguments,
             "trace -w configs/workloads/deit_tiny.yaml --weights %s/deit_tiny/model.safetensors --images "
             "%s/images/coffee_224.png -o %s/t.safetensors",
             cli_data(), cli_data(), cli_dir());
    cli_run(&result, arguments);
    accepted();
    snprintf(arguments, sizeof arguments,
             "run -a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_tiny.yaml -c %s/%s.yaml --trace "
             "%s/t.safetensors %s -o %s/out",
             cli_dir(), calibration, cli_dir(), options, cli_dir());
    cli_run(&result, arguments);
    accepted();
    snprintf(path, sizeof path, "%s/out/report.json", cli_dir());
    json_error_t error;
    json_t *report = json_load_file(path, 0, &error), *totals = json_object_get(report, "totals");
    ck_assert_msg(totals != NULL, "%s", error.text);
    json_incref(totals);
    json_decref(report);
    return totals;
}

// The line "  LABEL  COST  SHARE %  PSI" of the table that calibrate prints.
static void table_row(double *cost, double *psi, const char *label)
{
    double share;
    const char *row = strstr(result.output, label);
    ck_assert_msg(row != NULL, "no '%s' in: %s", label, result.output);
    ck_assert_int_eq(sscanf(row + strlen(label), "%lf %lf %% %lf", cost, &share, psi), 3);
}

START_TEST(a_run_keeps_the_budget_in_cycles)
{
    calibrate("--allocate cycles=3400000 -a configs/accelerators/igq_per_group.yaml -j 2", "cycles");
    accepted();
    double cost, psi, least_cost, most_psi, most_cost, least_psi;
    table_row(&cost, &psi, "allocated");
    table_row(&least_cost, &most_psi, "1 in every layer");
    table_row(&most_cost, &least_psi, "4 in every layer");
    ck_assert(cost <= 3400000 && psi < most_psi);
    json_t *totals = totals_of("cycles", "");
    ck_assert(json_number_value(json_object_get(totals, "cycles")) == cost);
    json_decref(totals);
}
END_TEST

int main(void)
{
    if (!cli_data()) {
        printf("skipped: neither $IGQSIM_DATA nor ../shared/data has the weights\n");
        return 77;
    }
    Suite *suite = suite_create("golden.allocation_data");
    TCase *tcase = tcase_create("allocation");
    cli_dir();
    tcase_add_test(tcase, a_run_keeps_the_budget_in_cycles);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
