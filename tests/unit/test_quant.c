// SPDX-License-Identifier: Apache-2.0
#include "quant.h"
#include "rng.h"
#include <math.h>
#include <stdlib.h>
#include "../suite.h"
#undef fail

#define MAX_G 40

START_TEST(quantizer_of_hand_made_bounds)
{
    igq_quantizer quantizer;
    igq_quantizer_from_bounds(&quantizer, -5, 10, 4); // step 1
    ck_assert_double_eq(quantizer.step_grid, 1);
    ck_assert_int_eq(quantizer.multiplier, 1 << 14);
    ck_assert_int_eq(quantizer.shift_log2, 14);
    ck_assert_int_eq(quantizer.zero_point, 5);
    ck_assert_uint_eq(igq_quantize(&quantizer, -5), 0);
    ck_assert_uint_eq(igq_quantize(&quantizer, 0), 5);
    ck_assert_uint_eq(igq_quantize(&quantizer, 10), 15);
    ck_assert_uint_eq(igq_quantize(&quantizer, 11), 15);
    ck_assert_uint_eq(igq_quantize(&quantizer, -32768), 0);
    ck_assert_uint_eq(igq_quantize(&quantizer, 32767), 15);
}
END_TEST

START_TEST(codes_are_rounded_half_up)
{
    igq_quantizer quantizer;
    igq_quantizer_from_bounds(&quantizer, -6, 24, 4); // step 2, zero point 3
    ck_assert_int_eq(quantizer.zero_point, 3);
    ck_assert_uint_eq(igq_quantize(&quantizer, 1), 4);
    ck_assert_uint_eq(igq_quantize(&quantizer, -1), 3);
    ck_assert_uint_eq(igq_quantize(&quantizer, -3), 2);
    ck_assert_uint_eq(igq_quantize(&quantizer, 3), 5);
}
END_TEST

START_TEST(bounds_are_widened_to_zero)
{
    igq_quantizer widened, expected;
    igq_quantizer_from_bounds(&widened, 100, 900, 4);
    igq_quantizer_from_bounds(&expected, 0, 900, 4);
    ck_assert_double_eq(widened.step_grid, expected.step_grid);
    ck_assert_int_eq(widened.zero_point, 0);
    igq_quantizer_from_bounds(&widened, -900, -100, 4);
    ck_assert_double_eq(widened.step_grid, expected.step_grid);
    ck_assert_int_eq(widened.zero_point, 15);
    igq_quantizer_from_bounds(&widened, 0, 0, 4);
    ck_assert_double_eq(widened.step_grid, 1);
    ck_assert_uint_eq(igq_quantize(&widened, 0), widened.zero_point);
}
END_TEST

// Against Eqs. (1)-(3) in real arithmetic: a multiplier of 15 bits is off by at most 2^-15, so a code may differ only
// where the exact quotient lies that near to a boundary.
START_TEST(codes_follow_the_equations)
{
    rng random = {1};
    for (int i = 0; i < 3000; i++) {
        const int bits = rng_int(&random, 2, 8), max = (1 << bits) - 1;
        const int span = 1 << rng_int(&random, 0, 15);
        const int lower = -rng_int(&random, 0, span), upper = rng_int(&random, 1, span) - (span == 1 << 15);
        igq_quantizer quantizer;
        igq_quantizer_from_bounds(&quantizer, lower, upper, bits);
        const double step = (double)(upper - lower) / max;
        ck_assert_double_eq(quantizer.step_grid, step);
        ck_assert_int_ge(quantizer.multiplier, 1 << 14);
        ck_assert_int_lt(quantizer.multiplier, 1 << 15);
        ck_assert_int_ge(quantizer.shift_log2, 0);
        ck_assert_int_le(quantizer.shift_log2, 30);
        ck_assert_int_eq(quantizer.zero_point, fmin(floor(-lower / step + 0.5), max));
        for (int j = 0; j < 50; j++) {
            const int16_t x = (int16_t)rng_int(&random, INT16_MIN, INT16_MAX);
            const double quotient = x / step, slack = fabs(quotient) * 0x1p-15;
            const double least = floor(quotient - slack + 0.5) + quantizer.zero_point;
            const double most = floor(quotient + slack + 0.5) + quantizer.zero_point;
            const int code = igq_quantize(&quantizer, x);
            ck_assert_int_ge(code, fmin(fmax(least, 0), max));
            ck_assert_int_le(code, fmin(fmax(most, 0), max));
        }
    }
}
END_TEST

START_TEST(a_step_of_any_allowed_size_makes_a_quantizer)
{
    const double step[] = {1.0 / 256, 1.0 / 255, 0.5, 0.99999999, 1, 1.00000001, 32768, 65535};
    const int shift[] = {6, 7, 13, 14, 14, 14, 29, 30};
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        igq_quantizer quantizer;
        igq_quantizer_from_step(&quantizer, step[i], -100, 8);
        ck_assert_int_eq(quantizer.shift_log2, shift[i]);
        ck_assert_int_ge(quantizer.multiplier, 1 << 14);
        ck_assert_int_lt(quantizer.multiplier, 1 << 15);
        ck_assert_double_eq_tol(ldexp(quantizer.multiplier, -quantizer.shift_log2) * step[i], 1, 0x1p-15);
    }
}
END_TEST

static void random_quantizers(igq_quantizer *quantizer, int G, rng *random)
{
    for (int g = 0; g < G; g++) {
        const int span = 1 << rng_int(random, 0, 15);
        igq_quantizer_from_bounds(&quantizer[g], -rng_int(random, 0, span), rng_int(random, 0, span - 1),
                                  rng_int(random, 2, 8));
    }
}

START_TEST(channels_equal_their_naive_twin_and_rows_the_single_quantizer)
{
    rng random = {2};
    for (int i = 0; i < 120; i++) {
        const int T = i % 5 ? rng_int(&random, 1, 20) : 1, C = i % 7 ? rng_int(&random, 1, 200) : 1;
        const int G = rng_int(&random, 1, MAX_G);
        const size_t num = (size_t)(T * C);
        igq_quantizer quantizer[MAX_G];
        random_quantizers(quantizer, G, &random);
        int16_t *x = malloc(num * sizeof *x);
        uint16_t *group = malloc((size_t)(T + C) * sizeof *group);
        uint8_t *fast = malloc(num), *naive = malloc(num);
        void *scratch = malloc(igq_quantize_channels_scratch(C));
        rng_fill_int16(x, num, INT16_MIN, INT16_MAX, &random);
        x[0] = INT16_MIN;
        x[num - 1] = INT16_MAX;
        for (int j = 0; j < T + C; j++)
            group[j] = (uint16_t)rng_int(&random, 0, G - 1);
        igq_quantize_channels(fast, x, group, quantizer, T, C, scratch);
        igq_quantize_channels_ref(naive, x, group, quantizer, T, C);
        ck_assert_mem_eq(fast, naive, num);
        igq_quantize_rows(fast, x, group, quantizer, T, C);
        for (size_t j = 0; j < num; j++)
            ck_assert_uint_eq(fast[j], igq_quantize(&quantizer[group[j / (size_t)C]], x[j]));
        free(x);
        free(group);
        free(fast);
        free(naive);
        free(scratch);
    }
}
END_TEST

// The group scales of random bounds, with some groups of zero range.
typedef struct scale_case {
    int G, exponent, scale_bits;
    int16_t lower[MAX_G], upper[MAX_G];
    igq_quantizer exact[MAX_G], quantizer[MAX_G];
    float step[MAX_G];
    int32_t weight[MAX_G];
    igq_group_scales scales;
} scale_case;

static void random_scales(scale_case *c, igq_group_scale mode, rng *random)
{
    const int bits = rng_int(random, 2, 8);
    c->G = rng_int(random, 1, MAX_G);
    c->exponent = rng_int(random, -15, 3);
    c->scale_bits = rng_int(random, 1, 16);
    c->scales.step = c->step;
    c->scales.weight = c->weight;
    for (int g = 0; g < c->G; g++) {
        const int span = 1 << rng_int(random, 0, 15);
        c->lower[g] = (int16_t)-rng_int(random, 0, span);
        c->upper[g] = (int16_t)rng_int(random, 0, span - 1);
        igq_quantizer_from_bounds(&c->exact[g], c->lower[g], c->upper[g], bits);
    }
    igq_quantizers_from_bounds(c->quantizer, &c->scales, c->lower, c->upper, c->G, bits, c->exponent, mode,
                               c->scale_bits);
    ck_assert_int_eq(c->scales.mode, mode);
}

static double coarsest_step(const scale_case *c)
{
    double coarsest = 0;
    for (int g = 0; g < c->G; g++)
        coarsest = fmax(coarsest, c->exact[g].step_grid);
    return coarsest;
}

START_TEST(fp32_scales_keep_every_step)
{
    rng random = {3};
    for (int i = 0; i < 300; i++) {
        scale_case c;
        random_scales(&c, IGQ_GROUP_SCALE_FP32, &random);
        ck_assert_float_eq(c.scales.layer_scale, 1);
        for (int g = 0; g < c.G; g++) {
            ck_assert_double_eq(c.quantizer[g].step_grid, c.exact[g].step_grid);
            ck_assert_int_eq(c.quantizer[g].zero_point, c.exact[g].zero_point);
            ck_assert_float_eq(c.step[g], (float)ldexp(c.exact[g].step_grid, c.exponent));
            ck_assert_int_eq(c.weight[g], 0);
        }
    }
}
END_TEST

START_TEST(int_scales_are_the_least_multiples_that_cover)
{
    rng random = {4};
    for (int i = 0; i < 300; i++) {
        scale_case c;
        random_scales(&c, IGQ_GROUP_SCALE_INT, &random);
        const int max = (1 << c.scale_bits) - 1;
        const double gamma = coarsest_step(&c) / max, ulp = 0x1p-52;
        ck_assert_float_eq(c.scales.layer_scale, (float)ldexp(gamma, c.exponent));
        int largest = 0;
        for (int g = 0; g < c.G; g++) {
            const double step = c.exact[g].step_grid;
            largest = c.weight[g] > largest ? c.weight[g] : largest;
            ck_assert_int_ge(c.weight[g], 1);
            ck_assert_double_eq(c.quantizer[g].step_grid, c.weight[g] * gamma);
            ck_assert_double_ge(c.quantizer[g].step_grid, step * (1 - 2 * ulp));
            ck_assert_double_lt((c.weight[g] - 1) * gamma, step);
        }
        ck_assert_int_eq(largest, max);
    }
}
END_TEST

START_TEST(pow2_scales_are_the_least_shifts_that_cover)
{
    rng random = {5};
    int limited = 0;
    for (int i = 0; i < 300; i++) {
        scale_case c;
        random_scales(&c, IGQ_GROUP_SCALE_POW2, &random);
        double finest = coarsest_step(&c);
        for (int g = 0; g < c.G; g++)
            finest = fmin(finest, c.exact[g].step_grid);
        const double unit = fmax(finest, coarsest_step(&c) / 32768);
        limited += unit > finest;
        ck_assert_float_eq(c.scales.layer_scale, (float)ldexp(unit, c.exponent));
        for (int g = 0; g < c.G; g++) {
            const double step = c.exact[g].step_grid;
            ck_assert_int_ge(c.weight[g], 0);
            ck_assert_int_le(c.weight[g], 15);
            ck_assert_double_eq(c.quantizer[g].step_grid, ldexp(unit, c.weight[g]));
            ck_assert_double_ge(c.quantizer[g].step_grid, step);
            if (c.weight[g] > 0)
                ck_assert_double_lt(ldexp(unit, c.weight[g] - 1), step);
        }
    }
    ck_assert_int_gt(limited, 0);
}
END_TEST

START_TEST(power_is_summed_by_column_then_over_columns)
{
    rng random = {6};
    for (int i = 0; i < 60; i++) {
        const int T = rng_int(&random, 1, 30), C = i % 4 ? rng_int(&random, 1, 150) : 1, G = rng_int(&random, 1, MAX_G);
        const size_t num = (size_t)(T * C);
        igq_quantizer quantizer[MAX_G];
        random_quantizers(quantizer, G, &random);
        int16_t *x = malloc(num * sizeof *x);
        uint8_t *codes = malloc(num);
        uint16_t *group = malloc((size_t)(T + C) * sizeof *group);
        rng_fill_int16(x, num, INT16_MIN, INT16_MAX, &random);
        rng_fill_uint8(codes, num, 0, 255, &random);
        for (int j = 0; j < T + C; j++)
            group[j] = (uint16_t)rng_int(&random, 0, G - 1);
        for (int by_row = 0; by_row < 2; by_row++) {
            igq_power power, expected = {0, 0};
            for (int c = 0; c < C; c++) {
                igq_power column = {0, 0};
                for (int t = 0; t < T; t++) {
                    const igq_quantizer *q = &quantizer[group[by_row ? t : c]];
                    const double value = x[t * C + c];
                    const double error = value - q->step_grid * (codes[t * C + c] - q->zero_point);
                    column.signal += value * value;
                    column.noise += error * error;
                }
                expected.signal += column.signal;
                expected.noise += column.noise;
            }
            if (by_row)
                igq_power_rows(&power, x, codes, group, quantizer, T, C);
            else
                igq_power_channels(&power, x, codes, group, quantizer, T, C);
            ck_assert_mem_eq(&power, &expected, sizeof power);
        }
        free(x);
        free(codes);
        free(group);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quant");
    TCase *tcase = tcase_create("quant");
    tcase_add_test(tcase, quantizer_of_hand_made_bounds);
    tcase_add_test(tcase, codes_are_rounded_half_up);
    tcase_add_test(tcase, bounds_are_widened_to_zero);
    tcase_add_test(tcase, codes_follow_the_equations);
    tcase_add_test(tcase, a_step_of_any_allowed_size_makes_a_quantizer);
    tcase_add_test(tcase, channels_equal_their_naive_twin_and_rows_the_single_quantizer);
    tcase_add_test(tcase, fp32_scales_keep_every_step);
    tcase_add_test(tcase, int_scales_are_the_least_multiples_that_cover);
    tcase_add_test(tcase, pow2_scales_are_the_least_shifts_that_cover);
    tcase_add_test(tcase, power_is_summed_by_column_then_over_columns);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
