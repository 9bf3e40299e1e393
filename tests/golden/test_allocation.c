// SPDX-License-Identifier: Apache-2.0
// Allocation of groups on a small network of random weights: budgets are counted as the reports of runs count them.
#include "allocation.h"

START_TEST(bit_operations_are_counted_as_the_report_counts_them)
{
    calibrate("--allocate bops=g4", "bops");
    accepted();
    double cost, psi;
    table_row(&cost, &psi, "allocated");
    json_t *totals = totals_of("bops", "");
    double bops = json_number_value(json_object_get(totals, "bops"));
    ck_assert(bops + json_number_value(json_object_get(totals, "assign_bops")) == cost);
    json_decref(totals);
}
END_TEST

START_TEST(energy_is_counted_as_the_report_counts_it)
{
    calibrate("--allocate energy_pj=g4 -a configs/accelerators/igq_per_group.yaml -t "
              "configs/technologies/scaled_16nm.yaml",
              "energy");
    accepted();
    double cost, psi;
    table_row(&cost, &psi, "allocated");
    json_t *totals = totals_of("energy", "-t configs/technologies/scaled_16nm.yaml");
    double energy_pj = json_number_value(json_object_get(totals, "energy_pj"));
    ck_assert_msg(energy_pj > cost - 1 && energy_pj < cost + 1, "%.3f pJ in the report, %.3f in the table", energy_pj,
                  cost);
    json_decref(totals);
}
END_TEST

START_TEST(an_infeasible_budget_names_the_smallest_feasible_one)
{
    char options[256];
    calibrate("--allocate bops=1000", "infeasible");
    ck_assert_msg(result.status == 1, "exit status %d: %s", result.status, result.output);
    const char *named = strstr(result.output, "smallest feasible budget is ");
    ck_assert_msg(named != NULL, "%s", result.output);
    double least = strtod(named + strlen("smallest feasible budget is "), NULL);
    snprintf(options, sizeof options, "--allocate bops=%.15g", least);
    calibrate(options, "feasible");
    accepted();
    snprintf(options, sizeof options, "--allocate bops=%.15g", least - 1);
    calibrate(options, "infeasible");
    ck_assert_int_eq(result.status, 1);
}
END_TEST

START_TEST(processes_do_not_change_the_answer)
{
    char a[1024], b[1024], images[1024];
    snprintf(images, sizeof images, "--images %s/net/images/image1.png %s/net/images/image2.png", cli_dir(), cli_dir());
    for (int jobs = 1; jobs <= 2; jobs++) {
        char options[1200];
        snprintf(options, sizeof options, "%s --allocate bops=g4 -j %d", images, jobs);
        calibrate(options, jobs == 1 ? "j1" : "j2");
        accepted();
    }
    snprintf(a, sizeof a, "%s/j1.yaml", cli_dir());
    snprintf(b, sizeof b, "%s/j2.yaml", cli_dir());
    ck_assert(cli_same_bytes(a, b));
}
END_TEST

START_TEST(the_epsilon_grid_takes_the_best_and_writes_it)
{
    // Clipping at the 40th percentile destroys the weights; one grid point of the two is far better.
    calibrate("--epsilon-grid 40,0.05", "epsilon");
    accepted();
    char path[1024];
    snprintf(path, sizeof path, "%s/epsilon.yaml", cli_dir());
    char *text = cli_read(path, NULL);
    ck_assert(text && strstr(text, "weight_epsilon_pct: 0.05") && !strstr(text, "weight_epsilon_pct: 40"));
    free(text);
    calibrate("--epsilon-grid 1,x", "epsilon");
    ck_assert(result.status == 1 && strstr(result.output, "--epsilon-grid"));
}
END_TEST

static void make_images(void)
{
    make_network("net", "timm", 1, 3);
    snprintf(network.workload, sizeof network.workload, "%s", test_path("net/network.yaml"));
    snprintf(network.weights, sizeof network.weights, "%s", test_path("net/weights.safetensors"));
    snprintf(network.image, sizeof network.image, "%s", test_path("net/images/image0.png"));
}

int main(void)
{
    Suite *suite = suite_create("golden.allocation");
    TCase *tcase = tcase_create("allocation");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_checked_fixture(tcase, make_images, NULL);
    tcase_add_test(tcase, bit_operations_are_counted_as_the_report_counts_them);
    tcase_add_test(tcase, energy_is_counted_as_the_report_counts_it);
    tcase_add_test(tcase, an_infeasible_budget_names_the_smallest_feasible_one);
    tcase_add_test(tcase, processes_do_not_change_the_answer);
    tcase_add_test(tcase, the_epsilon_grid_takes_the_best_and_writes_it);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
