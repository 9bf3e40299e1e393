// SPDX-License-Identifier: Apache-2.0
#include "fixed.h"
#include "rng.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"
#undef fail

#define NUM 10007

START_TEST(shift_rounds_half_up)
{
    ck_assert_int_eq(igq_shift_round(5, 0), 5);
    ck_assert_int_eq(igq_shift_round(-5, 0), -5);
    ck_assert_int_eq(igq_shift_round(1, 1), 1);
    ck_assert_int_eq(igq_shift_round(-1, 1), 0);
    ck_assert_int_eq(igq_shift_round(-3, 1), -1);
    ck_assert_int_eq(igq_shift_round(5, 2), 1);
    ck_assert_int_eq(igq_shift_round(6, 2), 2);
    ck_assert_int_eq(igq_shift_round(-6, 2), -1);
    ck_assert_int_eq(igq_shift_round(-7, 2), -2);
    ck_assert_int_eq(igq_shift_round((int64_t)1 << 61, 62), 1);
    ck_assert_int_eq(igq_shift_round(((int64_t)1 << 61) - 1, 62), 0);
}
END_TEST

START_TEST(shift_equals_floor_of_the_quotient_plus_a_half)
{
    rng random = {1};
    for (int i = 0; i < NUM; i++) {
        const int v = rng_int(&random, -(1 << 24), 1 << 24);
        const int shift = rng_int(&random, 0, 20);
        ck_assert_int_eq(igq_shift_round(v, shift), (int64_t)floor(ldexp(v, -shift) + 0.5));
    }
}
END_TEST

START_TEST(round_is_half_up_also_where_adding_a_half_would_round)
{
    ck_assert_int_eq(igq_round(0.5), 1);
    ck_assert_int_eq(igq_round(-0.5), 0);
    ck_assert_int_eq(igq_round(-1.5), -1);
    ck_assert_int_eq(igq_round(2.5), 3);
    ck_assert_int_eq(igq_round(nextafter(0.5, 0)), 0);
    ck_assert_int_eq(igq_round(nextafter(-0.5, -1)), -1);
    ck_assert_int_eq(igq_round(-0x1p-60), 0);
    ck_assert_int_eq(igq_round(0x1p50 + 0.5), ((int64_t)1 << 50) + 1);
    ck_assert_int_eq(igq_round(-0x1p50 - 0.5), -((int64_t)1 << 50));
}
END_TEST

START_TEST(saturation_keeps_what_fits_and_clamps_the_rest)
{
    ck_assert_int_eq(igq_saturate(127, 8), 127);
    ck_assert_int_eq(igq_saturate(128, 8), 127);
    ck_assert_int_eq(igq_saturate(-128, 8), -128);
    ck_assert_int_eq(igq_saturate(-129, 8), -128);
    ck_assert_int_eq(igq_saturate(2, 2), 1);
    ck_assert_int_eq(igq_saturate(INT64_MAX, 63), ((int64_t)1 << 62) - 1);
    ck_assert_int_eq(igq_saturate(INT64_MIN, 63), -((int64_t)1 << 62));
}
END_TEST

START_TEST(grid_exponent_is_the_least_that_covers)
{
    ck_assert_int_eq(igq_grid_exponent(0, 0), -15);
    ck_assert_int_eq(igq_grid_exponent(32767, 0), 0);
    ck_assert_int_eq(igq_grid_exponent(32768, 0), 1);
    ck_assert_int_eq(igq_grid_exponent(32767, 1), 1);
    ck_assert_int_eq(igq_grid_exponent(1e300, 0), 40);
    ck_assert_int_eq(igq_grid_exponent(1e-300, 0), -40);
    rng random = {2};
    for (int i = 0; i < 1000; i++) {
        const double max_abs = ldexp(rng_real(&random, 0.5, 1), rng_int(&random, -20, 40));
        const int headroom_bits = rng_int(&random, 0, 3);
        const int exponent = igq_grid_exponent(max_abs, headroom_bits);
        ck_assert_double_le(max_abs, ldexp(32767, exponent - headroom_bits));
        ck_assert_double_gt(max_abs, ldexp(32767, exponent - 1 - headroom_bits));
    }
}
END_TEST

static void check_to_fixed(const float *x, size_t num, int exponent)
{
    int16_t *fast = malloc(num * sizeof *fast);
    int16_t *naive = malloc(num * sizeof *naive);
    ck_assert_uint_eq(igq_to_fixed(fast, x, num, exponent), igq_to_fixed_ref(naive, x, num, exponent));
    for (size_t i = 0; i < num; i++)
        if (fast[i] != naive[i])
            ck_abort_msg("x %a exponent %d: %d, expected %d", x[i], exponent, fast[i], naive[i]);
    free(fast);
    free(naive);
}

START_TEST(conversion_equals_its_naive_twin)
{
    rng random = {3};
    float *x = malloc(NUM * sizeof *x);
    for (int exponent = -40; exponent <= 40; exponent += 5) {
        for (int i = 0; i < NUM; i++)
            x[i] = (float)ldexp(rng_real(&random, -1, 1), exponent + rng_int(&random, -4, 18));
        for (size_t num = 0; num < 40; num++)
            check_to_fixed(x, num, exponent);
        check_to_fixed(x, NUM, exponent);
    }
    free(x);
}
END_TEST

START_TEST(conversion_of_any_bit_pattern_equals_its_naive_twin)
{
    rng random = {4};
    float *x = malloc(NUM * sizeof *x);
    for (int i = 0; i < NUM; i++) {
        const uint32_t bits = (uint32_t)rng_next(&random);
        memcpy(&x[i], &bits, sizeof bits);
    }
    for (int exponent = -40; exponent <= 40; exponent += 8)
        check_to_fixed(x, NUM, exponent);
    free(x);
}
END_TEST

START_TEST(conversion_handles_ties_edges_and_specials)
{
    const float x[] = {0.5f,      -0.5f,     1.5f,      -1.5f,       0x1.fffffep-2f, -0x1.000002p-1f,
                       32767.49f, 32767.5f,  -32768.5f, -32768.502f, 1e30f,          -1e30f,
                       INFINITY,  -INFINITY, NAN,       0x1p-149f,   -0x1p-149f,     -0.0f};
    const int16_t expected[] = {1,      0,     2,      -1,    0,      -1, 32767, 32767, -32768,
                                -32768, 32767, -32768, 32767, -32768, 0,  0,     0,     0};
    const size_t num = sizeof x / sizeof *x;
    int16_t fixed[sizeof x / sizeof *x];
    // Saturated: 32767.5, -32768.502, +-1e30, +-infinity; not counted: NaN.
    ck_assert_uint_eq(igq_to_fixed(fixed, x, num, 0), 6);
    ck_assert_mem_eq(fixed, expected, sizeof fixed);
    check_to_fixed(x, num, 0);
}
END_TEST

START_TEST(every_fixed_value_survives_the_way_to_float_and_back)
{
    int16_t *fixed = malloc(65536 * sizeof *fixed), *back = malloc(65536 * sizeof *back);
    float *x = malloc(65536 * sizeof *x);
    for (int i = 0; i < 65536; i++)
        fixed[i] = (int16_t)(i - 32768);
    for (int exponent = -40; exponent <= 40; exponent += 10) {
        igq_from_fixed(x, fixed, 65536, exponent);
        ck_assert_float_eq(x[0], (float)ldexp(-32768, exponent));
        ck_assert_uint_eq(igq_to_fixed(back, x, 65536, exponent), 0);
        ck_assert_mem_eq(back, fixed, 65536 * sizeof *fixed);
    }
    free(fixed);
    free(back);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fixed");
    TCase *tcase = tcase_create("fixed");
    tcase_add_test(tcase, shift_rounds_half_up);
    tcase_add_test(tcase, shift_equals_floor_of_the_quotient_plus_a_half);
    tcase_add_test(tcase, round_is_half_up_also_where_adding_a_half_would_round);
    tcase_add_test(tcase, saturation_keeps_what_fits_and_clamps_the_rest);
    tcase_add_test(tcase, grid_exponent_is_the_least_that_covers);
    tcase_add_test(tcase, conversion_equals_its_naive_twin);
    tcase_add_test(tcase, conversion_of_any_bit_pattern_equals_its_naive_twin);
    tcase_add_test(tcase, conversion_handles_ties_edges_and_specials);
    tcase_add_test(tcase, every_fixed_value_survives_the_way_to_float_and_back);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
