// SPDX-License-Identifier: Apache-2.0
#include "expression.h"
#include <math.h>
#include <string.h>
#include "../suite.h"

static const char *names_of[] = {"num_groups", "mac_array.lanes", "mac_organisation", "per_group", "shared"};
static double values[] = {8, 64, 1e9, 1e9, 2e9};
static const igq_names names = {5, names_of, values};

static double value_of(const char *text)
{
    igq_expression *expression;
    igq_error error;
    ck_assert_msg(igq_expression_new(&expression, text, &names, NULL, "key", &error) == IGQ_OK, "%s", error.message);
    double value = igq_expression_value(expression);
    igq_expression_free(expression);
    return value;
}

START_TEST(formulas_compute_over_dotted_names)
{
    ck_assert_double_eq(value_of("1024 / (num_groups * mac_array.lanes)"), 2);
    ck_assert_double_eq(value_of("max(16, num_groups) + min(1, 2)"), 17);
    ck_assert_double_eq(value_of("floor(7.9) + ceil(0.1)"), 8);
    ck_assert_double_eq(value_of("2 ^ 10 - 0.5e1"), 1019);
    ck_assert_double_eq(value_of("mac_organisation == per_group ? num_groups : 1"), 8);
    ck_assert_double_eq(value_of("mac_organisation == shared ? num_groups : 1"), 1);
    ck_assert_double_eq(value_of("num_groups > 7 && mac_organisation != shared"), 1);
    ck_assert_double_eq(value_of("(num_groups >= 8) == (mac_array.lanes <= 64)"), 1);
    ck_assert_double_eq(value_of("max(1 < num_groups, num_groups < 8) ? 2 < 3 : 4 < 3"), 1);
    ck_assert(!isfinite(value_of("1 / (num_groups - 8)")));
}
END_TEST

START_TEST(values_are_read_anew_each_time)
{
    igq_expression *expression;
    igq_error error;
    ck_assert_int_eq(igq_expression_new(&expression, "num_groups + 1", &names, NULL, "key", &error), IGQ_OK);
    ck_assert_double_eq(igq_expression_value(expression), 9);
    values[0] = 20;
    ck_assert_double_eq(igq_expression_value(expression), 21);
    ck_assert(igq_expression_uses(expression, 0));
    ck_assert(!igq_expression_uses(expression, 1));
    ck_assert(!igq_expression_uses(expression, 99));
    igq_expression_free(expression);
}
END_TEST

START_TEST(what_is_no_formula_is_refused)
{
    static const char *const bad[][2] = {
        {"1 +", "no formula"},
        {"(1", "no formula"},
        {"", "no formula"},
        {"num_groups num_groups", "no formula"},
        {"lanes", "lanes"},
        {"mac_array", "mac_array"},
        {"area_um2 < 1", "area_um2"},
        {"f(1)", "f"},
        {"1 ? 2", "no formula"},
        {"max()", "no formula"},
        {"num_groups = 8", "use =="},
        {"num_groups == 8 && mac_array.lanes = 64", "use =="},
        {"(num_groups = 8) > 0", "use =="},
        {"num_groups == 8, 1", "one formula"},
        {"4 <= num_groups <= 8", "a < b && b < c"},
        {"1 == num_groups == 8", "a < b && b < c"},
        {"max(1 < num_groups < 8, 0)", "a < b && b < c"},
    };
    igq_expression *expression;
    igq_error error = {0};
    ck_assert_int_eq(igq_expression_new(&expression, bad[_i][0], &names, NULL, "set.key", &error), IGQ_USER_ERROR);
    ck_assert_ptr_null(expression);
    ck_assert_msg(strstr(error.message, bad[_i][1]) && strstr(error.message, "set.key: "), "%s", error.message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expression");
    TCase *tcase = tcase_create("expression");
    tcase_add_test(tcase, formulas_compute_over_dotted_names);
    tcase_add_test(tcase, values_are_read_anew_each_time);
    tcase_add_loop_test(tcase, what_is_no_formula_is_refused, 0, 17);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
