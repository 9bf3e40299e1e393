// SPDX-License-Identifier: Apache-2.0
#include "bops.h"
#include <stdlib.h>
#include "../suite.h"

START_TEST(a_product_costs_the_product_of_the_widths)
{
    ck_assert_uint_eq(igq_matmul_bops(197, 192, 576, 4, 4), UINT64_C(197) * 192 * 576 * 16);
    ck_assert_uint_eq(igq_matmul_bops(1, 1, 1, 8, 3), 24);
}
END_TEST

START_TEST(ranges_alone_cost_two_comparisons_a_value)
{
    ck_assert_uint_eq(igq_assign_bops(1, 1, 0, IGQ_DISTANCE_L2), 32);
    ck_assert_uint_eq(igq_assign_bops(197, 192, 0, IGQ_DISTANCE_L1), UINT64_C(197) * 192 * 32);
}
END_TEST

START_TEST(an_assignment_costs_ranges_distances_and_an_argmin)
{
    // l2: 2*17 + 2*289 + 34 = 646 for each group, 35 for each comparison of distances.
    ck_assert_uint_eq(igq_assign_bops(1, 1, 1, IGQ_DISTANCE_L2), 32 + 646);
    ck_assert_uint_eq(igq_assign_bops(5, 10, 8, IGQ_DISTANCE_L2), 10 * (5 * 32 + 8 * 646 + 7 * 35));
    ck_assert_uint_eq(igq_assign_bops(5, 10, 8, IGQ_DISTANCE_L1), 10 * (5 * 32 + 8 * 85 + 7 * 18));
    ck_assert_uint_eq(igq_assign_bops(5, 10, 8, IGQ_DISTANCE_LINF), 10 * (5 * 32 + 8 * 85 + 7 * 17));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bops");
    TCase *forms = tcase_create("closed forms");
    tcase_add_test(forms, a_product_costs_the_product_of_the_widths);
    tcase_add_test(forms, ranges_alone_cost_two_comparisons_a_value);
    tcase_add_test(forms, an_assignment_costs_ranges_distances_and_an_argmin);
    suite_add_tcase(suite, forms);
    return run_suite(suite);
}
