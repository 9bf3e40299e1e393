// SPDX-License-Identifier: Apache-2.0
#include "element.h"
#include "rng.h"
#include <math.h>
#include "../suite.h"

START_TEST(fp4_has_the_numbers_of_the_standard)
{
    static const double numbers[16] = {0, .5, 1, 1.5, 2, 3, 4, 6, -0., -.5, -1, -1.5, -2, -3, -4, -6};
    igq_element fp4 = igq_element_of(IGQ_ELEMENT_FP4_E2M1);
    for (int code = 0; code < 16; code++) {
        ck_assert_double_eq(igq_element_value(&fp4, (uint8_t)code), numbers[code]);
        ck_assert_int_eq(signbit(igq_element_value(&fp4, (uint8_t)code)) != 0, code >= 8);
    }
}
END_TEST

START_TEST(largest_and_least_numbers_are_those_of_the_standard)
{
    static const struct {
        igq_element_kind kind;
        int code_bits, emax;
        double largest, least_normal, least;
    } rows[] = {{IGQ_ELEMENT_FP4_E2M1, 4, 2, 6, 1, 0.5},
                {IGQ_ELEMENT_FP6_E2M3, 6, 2, 7.5, 1, 0.125},
                {IGQ_ELEMENT_FP6_E3M2, 6, 4, 28, 0.25, 0.0625},
                {IGQ_ELEMENT_FP8_E4M3, 8, 8, 448, 0x1p-6, 0x1p-9},
                {IGQ_ELEMENT_FP8_E5M2, 8, 15, 57344, 0x1p-14, 0x1p-16},
                {IGQ_ELEMENT_INT8, 8, 0, 1.984375, 1, 0x1p-6},
                {IGQ_ELEMENT_INT4, 4, 0, 1.75, 1, 0.25}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        igq_element element = igq_element_of(rows[i].kind);
        ck_assert_int_eq(element.code_bits, rows[i].code_bits);
        ck_assert_int_eq(element.emax, rows[i].emax);
        ck_assert_double_eq(igq_element_largest(&element), rows[i].largest);
        ck_assert_double_eq(ldexp(1, element.emin), rows[i].least_normal);
        ck_assert_double_eq(ldexp(1, element.unit_log2), rows[i].least);
    }
}
END_TEST

// The limits of FP4: [0, .25] 0, (.25, .75) .5, [.75, 1.25] 1, ... ; away from zero ties go up.
START_TEST(fp4_rounds_at_the_limits_of_the_table)
{
    static const struct {
        double y, even, away;
    } rows[] = {{.25, 0, .5}, {.75, 1, 1}, {1.25, 1, 1.5}, {1.75, 2, 2},  {2.5, 2, 3},   {3.5, 4, 4},     {5, 4, 6},
                {5.5, 6, 6},  {7, 6, 6},   {1e30, 6, 6},   {.26, .5, .5}, {.74, .5, .5}, {0x1p-140, 0, 0}};
    igq_element fp4 = igq_element_of(IGQ_ELEMENT_FP4_E2M1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double y = sign * rows[i].y;
            ck_assert_double_eq(igq_element_value(&fp4, igq_element_encode(&fp4, y, IGQ_TIES_EVEN)),
                                sign * rows[i].even);
            ck_assert_double_eq(igq_element_value(&fp4, igq_element_encode(&fp4, y, IGQ_TIES_AWAY)),
                                sign * rows[i].away);
        }
}
END_TEST

START_TEST(integers_never_use_the_most_negative_code)
{
    igq_element int8 = igq_element_of(IGQ_ELEMENT_INT8);
    ck_assert_uint_eq(igq_element_encode(&int8, -2, IGQ_TIES_EVEN), 0x81);
    ck_assert_uint_eq(igq_element_encode(&int8, -1, IGQ_TIES_EVEN), 0xc0);
    ck_assert_uint_eq(igq_element_encode(&int8, -0x1p-7, IGQ_TIES_EVEN), 0);
    ck_assert_uint_eq(igq_element_encode(&int8, -0x1p-7, IGQ_TIES_AWAY), 0xff);
}
END_TEST

// Every number, every middle between neighbours and what lies close by, and random numbers.
START_TEST(encoding_equals_a_look_at_every_code)
{
    rng random = {1};
    igq_element element = _i < IGQ_ELEMENT_COUNT ? igq_element_of((igq_element_kind)_i)
                                                 : igq_element_of_integer(_i - IGQ_ELEMENT_COUNT + 2);
    for (int ties = 0; ties < IGQ_TIES_COUNT; ties++) {
        for (int code = 0; code <= element.max_code; code++) {
            double number = igq_element_value(&element, (uint8_t)code);
            double next = code < element.max_code ? igq_element_value(&element, (uint8_t)(code + 1)) : 1.3 * number;
            double near[] = {number, (number + next) / 2, nextafter((number + next) / 2, 0),
                             nextafter((number + next) / 2, 1e9)};
            for (int k = 0; k < 8; k++) {
                double y = k % 2 ? -near[k / 2] : near[k / 2];
                ck_assert_uint_eq(igq_element_encode(&element, y, (igq_ties)ties),
                                  igq_element_encode_ref(&element, y, (igq_ties)ties));
            }
        }
        for (int i = 0; i < 5000; i++) {
            double y = ldexp(rng_real(&random, -2, 2), rng_int(&random, element.unit_log2 - 3, element.emax + 2));
            ck_assert_uint_eq(igq_element_encode(&element, y, (igq_ties)ties),
                              igq_element_encode_ref(&element, y, (igq_ties)ties));
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("element");
    TCase *tests = tcase_create("element");
    tcase_add_test(tests, fp4_has_the_numbers_of_the_standard);
    tcase_add_test(tests, largest_and_least_numbers_are_those_of_the_standard);
    tcase_add_test(tests, fp4_rounds_at_the_limits_of_the_table);
    tcase_add_test(tests, integers_never_use_the_most_negative_code);
    tcase_add_loop_test(tests, encoding_equals_a_look_at_every_code, 0, IGQ_ELEMENT_COUNT + 7);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
