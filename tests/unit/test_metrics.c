// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"
#include <math.h>
#include "../suite.h"

START_TEST(kl_of_two_classes_by_hand)
{
    // p = (1/2, 1/2), q = (1/4, 3/4): KL = 1/2 ln 2 + 1/2 ln(2/3)
    float p[2] = {0, 0}, q[2] = {0, logf(3)};
    ck_assert_double_eq_tol(igq_kl_divergence(p, q, 2), 0.5 * log(2) + 0.5 * log(2.0 / 3), 1e-7);
}
END_TEST

START_TEST(kl_is_zero_for_equal_predictions_and_shifted_logits)
{
    float p[3] = {1, -2, 500}, q[3] = {101, 98, 600};
    ck_assert_double_eq(igq_kl_divergence(p, p, 3), 0);
    ck_assert_double_eq_tol(igq_kl_divergence(p, q, 3), 0, 1e-12);
}
END_TEST

START_TEST(kl_stays_finite_where_a_class_is_impossible)
{
    float p[2] = {0, 0}, q[2] = {0, -2000};
    ck_assert_double_eq_tol(igq_kl_divergence(p, q, 2), 1000 - log(2), 1e-6);
    ck_assert_double_eq_tol(igq_kl_divergence(q, p, 2), log(2), 1e-12);
}
END_TEST

START_TEST(surprise_by_hand)
{
    float logits[3] = {0, logf(2), logf(5)};
    ck_assert_double_eq_tol(igq_surprise(logits, 3, 0), log(8), 1e-6);
    ck_assert_double_eq_tol(igq_surprise(logits, 3, 2), log(8.0 / 5), 1e-6);
}
END_TEST

START_TEST(top_k_descends_and_ties_go_to_the_lowest_index)
{
    float logits[6] = {1, 7, 3, 7, -1, 3};
    int top[6], expected[6] = {1, 3, 2, 5, 0, 4};
    igq_top_k(top, logits, 6, 6);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(top[i], expected[i]);
}
END_TEST

START_TEST(sqnr_by_hand)
{
    float reference[2] = {3, 4}, test[2] = {3, 4.5f};
    ck_assert_double_eq_tol(igq_sqnr_db(reference, test, 2), 20, 1e-12); // 25 over 0.25
    ck_assert_double_infinite(igq_sqnr_db(reference, reference, 2));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tests = tcase_create("metrics");
    tcase_add_test(tests, kl_of_two_classes_by_hand);
    tcase_add_test(tests, kl_is_zero_for_equal_predictions_and_shifted_logits);
    tcase_add_test(tests, kl_stays_finite_where_a_class_is_impossible);
    tcase_add_test(tests, surprise_by_hand);
    tcase_add_test(tests, top_k_descends_and_ties_go_to_the_lowest_index);
    tcase_add_test(tests, sqnr_by_hand);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
