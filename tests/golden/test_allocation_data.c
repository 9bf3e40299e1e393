// SPDX-License-Identifier: Apache-2.0
// Allocation of groups on DeiT-Tiny and one photo: a budget in cycles is kept by the very run that it is meant for.
// test_allocation.c holds the rest on a small network. Needs the shared weights.
#include "allocation.h"

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
    cli_dir(); // before the forks, so that all tests share it
    snprintf(network.workload, sizeof network.workload, "configs/workloads/deit_tiny.yaml");
    snprintf(network.weights, sizeof network.weights, "%s/deit_tiny/model.safetensors", cli_data());
    snprintf(network.image, sizeof network.image, "%s/images/coffee_224.png", cli_data());
    tcase_add_test(tcase, a_run_keeps_the_budget_in_cycles);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
