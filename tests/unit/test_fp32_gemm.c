// SPDX-License-Identifier: Apache-2.0
#include "fp32_gemm.h"
#include "rng.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"
#undef fail

static float *random_floats(size_t num, rng *random)
{
    float *values = malloc(num * sizeof *values);
    rng_fill_float(values, num, -1, 1, random);
    return values;
}

START_TEST(every_shape_and_stride_equals_the_naive_twin)
{
    rng random = {1};
    for (int i = 0; i < 300; i++) {
        const int T = rng_int(&random, 1, 20), C = i % 7 ? rng_int(&random, 1, 70) : 1, O = rng_int(&random, 1, 50);
        const int by_columns = i % 2, has_bias = i % 3;
        const size_t x_stride = (size_t)(C + rng_int(&random, 0, 3)), y_stride = (size_t)(O + rng_int(&random, 0, 3));
        const size_t w_stride = (size_t)((by_columns ? O : C) + rng_int(&random, 0, 3));
        float *x = random_floats((size_t)T * x_stride, &random), *bias = random_floats((size_t)O, &random);
        float *w = random_floats((size_t)(by_columns ? C : O) * w_stride, &random);
        float *y = calloc((size_t)T * y_stride, sizeof *y), *expected = calloc((size_t)T * y_stride, sizeof *y);
        void *scratch = malloc(igq_fp32_gemm_scratch(T, C));
        const igq_fp32_operands operands = {.x = x,
                                            .x_token_stride = x_stride,
                                            .w = w,
                                            .w_output_stride = by_columns ? 1 : w_stride,
                                            .w_channel_stride = by_columns ? w_stride : 1,
                                            .bias = has_bias ? bias : NULL,
                                            .scale = i % 5 ? 1 : 0.3f,
                                            .T = T,
                                            .C = C,
                                            .O = O};
        igq_fp32_gemm(y, y_stride, &operands, scratch);
        igq_fp32_gemm_ref(expected, y_stride, &operands);
        // The gaps between rows too: nothing is written there.
        ck_assert_mem_eq(y, expected, (size_t)T * y_stride * sizeof *y);
        float *const blocks[] = {x, bias, w, y, expected, scratch};
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
            free(blocks[b]);
    }
}
END_TEST

START_TEST(sums_run_over_the_channels_in_ascending_order)
{
    // 2^24 + 1 + 1 is 2^24 in floats, 1 + 1 + 2^24 is 2^24 + 2.
    const float large_first[3] = {16777216, 1, 1}, large_last[3] = {1, 1, 16777216}, ones[3] = {1, 1, 1};
    float y, scratch[64 * 3];
    igq_fp32_operands operands = {large_first, 3, ones, 3, 1, NULL, 1, 1, 3, 1};
    ck_assert_uint_le(igq_fp32_gemm_scratch(1, 3), sizeof scratch);
    igq_fp32_gemm(&y, 1, &operands, scratch);
    ck_assert(y == 16777216);
    operands.x = large_last;
    igq_fp32_gemm(&y, 1, &operands, scratch);
    ck_assert(y == 16777218);
}
END_TEST

START_TEST(a_run_is_summed_up_before_it_is_added)
{
    enum { C = IGQ_FP32_RUN_CHANNELS + 2 };
    float x[C] = {16777216}, w[C], y, scratch[64 * C];
    x[C - 2] = x[C - 1] = 1; // the second run: 2, which 2^24 can take; one by one they would be lost
    for (int c = 0; c < C; c++)
        w[c] = 1;
    const igq_fp32_operands operands = {x, C, w, C, 1, NULL, 1, 1, C, 1};
    igq_fp32_gemm(&y, 1, &operands, scratch);
    ck_assert(y == 16777218);
}
END_TEST

START_TEST(products_are_rounded_before_they_are_added)
{
    // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 rounds to 1 + 2^-11; a fused multiply-add would keep the last term.
    const float x[2] = {-1 - 0x1p-11f, 1 + 0x1p-12f}, w[2] = {1, 1 + 0x1p-12f};
    float y, scratch[64 * 2];
    const igq_fp32_operands operands = {x, 2, w, 2, 1, NULL, 1, 1, 2, 1};
    igq_fp32_gemm(&y, 1, &operands, scratch);
    ck_assert(y == 0);
}
END_TEST

START_TEST(a_long_sum_is_near_the_exact_one)
{
    enum { C = 3072 };
    rng random = {2};
    for (int i = 0; i < 50; i++) {
        float *x = random_floats(C, &random), *w = random_floats(C, &random), y;
        void *scratch = malloc(igq_fp32_gemm_scratch(1, C));
        double exact = 0;
        for (int c = 0; c < C; c++)
            exact += (double)x[c] * w[c];
        const igq_fp32_operands operands = {x, C, w, C, 1, NULL, 1, 1, C, 1};
        igq_fp32_gemm(&y, 1, &operands, scratch);
        ck_assert_double_eq_tol(y, exact, 2e-5);
        free(x);
        free(w);
        free(scratch);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fp32_gemm");
    TCase *tcase = tcase_create("fp32_gemm");
    tcase_add_test(tcase, every_shape_and_stride_equals_the_naive_twin);
    tcase_add_test(tcase, sums_run_over_the_channels_in_ascending_order);
    tcase_add_test(tcase, a_run_is_summed_up_before_it_is_added);
    tcase_add_test(tcase, products_are_rounded_before_they_are_added);
    tcase_add_test(tcase, a_long_sum_is_near_the_exact_one);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
