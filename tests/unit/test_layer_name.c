// SPDX-License-Identifier: Apache-2.0
#include "layer_name.h"
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

START_TEST(names_are_formed_as_by_printf)
{
    char name[32];
    ck_assert_uint_eq(igq_format_name(name, sizeof name, "box%s.conv%d", "2", 10), 11);
    ck_assert_str_eq(name, "box2.conv10");
    igq_format_name(name, sizeof name, "b%d.%s", 0, "qkv");
    ck_assert_str_eq(name, "b0.qkv");
    igq_format_name(name, sizeof name, "%s", "");
    ck_assert_str_eq(name, "");
    igq_format_name(name, sizeof name, "%d", 2147483647);
    ck_assert_str_eq(name, "2147483647");
}
END_TEST

START_TEST(what_does_not_fit_is_cut_off)
{
    char name[6] = "xxxxx";
    ck_assert_uint_eq(igq_format_name(name, sizeof name, "%s.%d", "abc", 123), 5);
    ck_assert_str_eq(name, "abc.1");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("layer_name");
    TCase *tests = tcase_create("layer_name");
    tcase_add_test(tests, names_are_formed_as_by_printf);
    tcase_add_test(tests, what_does_not_fit_is_cut_off);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
