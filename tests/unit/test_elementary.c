// SPDX-License-Identifier: Apache-2.0
// exp and log against libm, whose own error is below one unit in the last place.
#include "elementary.h"
#include "rng.h"
#include <float.h>
#include <math.h>
#include "../suite.h"

START_TEST(exp_is_near_libms)
{
    rng random = {1};
    for (int i = 0; i < 100000; i++) {
        double x = i % 2 ? rng_real(&random, -700, 700) : rng_real(&random, -1, 1);
        ck_assert_double_le(fabs(igq_exp(x) / exp(x) - 1), 2 * DBL_EPSILON);
    }
}
END_TEST

START_TEST(exp_of_hand_made_values)
{
    ck_assert(igq_exp(0) == 1);
    ck_assert_double_eq_tol(igq_exp(1), 2.718281828459045, 5e-16);
    ck_assert(igq_exp(-2000) == igq_exp(-700) && igq_exp(-700) < 1e-300 && igq_exp(-700) > 0);
    ck_assert(igq_exp(2000) == igq_exp(700) && isfinite(igq_exp(700)));
}
END_TEST

START_TEST(many_exps_at_once_have_the_bits_of_one)
{
    rng random = {3};
    double x[67], expected[67];
    for (size_t num = 0; num <= 67; num++) {
        for (size_t i = 0; i < num; i++) {
            x[i] = rng_real(&random, -750, 750);
            expected[i] = igq_exp(x[i]);
        }
        igq_exp_all(x, num);
        ck_assert_mem_eq(x, expected, num * sizeof *x);
    }
    x[0] = NAN;
    igq_exp_all(x, 1);
    ck_assert(isnan(x[0]) && isnan(igq_exp(NAN)));
}
END_TEST

START_TEST(log_is_near_libms)
{
    rng random = {2};
    for (int i = 0; i < 100000; i++) {
        double x = i % 2 ? exp(rng_real(&random, -700, 700)) : rng_real(&random, 0.5, 2);
        double expected = log(x), scale = fmax(fabs(expected), 1);
        ck_assert_double_le(fabs(igq_log(x) - expected), 2 * DBL_EPSILON * scale);
    }
}
END_TEST

START_TEST(log_of_hand_made_values)
{
    ck_assert(igq_log(1) == 0);
    ck_assert_double_eq_tol(igq_log(2), 0.6931471805599453, 2e-16);
    ck_assert_double_eq_tol(igq_log(10), 2.302585092994046, 5e-16);
    ck_assert_double_eq_tol(igq_log(DBL_MIN), -708.3964185322641, 2e-13);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elementary");
    TCase *tests = tcase_create("elementary");
    tcase_add_test(tests, exp_is_near_libms);
    tcase_add_test(tests, exp_of_hand_made_values);
    tcase_add_test(tests, many_exps_at_once_have_the_bits_of_one);
    tcase_add_test(tests, log_is_near_libms);
    tcase_add_test(tests, log_of_hand_made_values);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
