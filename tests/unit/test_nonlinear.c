// SPDX-License-Identifier: Apache-2.0
// Against double precision with libm. Tolerances are those that nonlinear.h states.
#include "nonlinear.h"
#include "rng.h"
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "../suite.h"

enum { MAX_VALUES = 4096 };

START_TEST(gelu_with_tanh_is_the_closed_form)
{
    float x[161], y[161];
    for (int i = 0; i <= 160; i++)
        x[i] = y[i] = (float)(i - 80) / 8;
    igq_gelu_tanh(y, 161);
    for (int i = 0; i <= 160; i++) {
        double v = (double)x[i],
               wanted = v / 2 * (1 + tanh(sqrt(2 / 3.14159265358979323846) * (v + 0.044715 * v * v * v)));
        ck_assert_double_eq_tol((double)y[i], wanted, 1e-6);
    }
}
END_TEST

START_TEST(gelu_is_exact_to_5e_7_everywhere)
{
    for (double x = -12; x <= 12; x += 1.0 / 4096) {
        float y = (float)x;
        igq_gelu(&y, 1);
        ck_assert_double_eq_tol(y, x / 2 * (1 + erf(x / sqrt(2))), 5e-7);
    }
}
END_TEST

START_TEST(gelu_of_zero_and_large_values)
{
    float x[5] = {0.0f, -0.0f, 100.0f, -100.0f, 1e30f};
    igq_gelu(x, 5);
    ck_assert_float_eq(x[0], 0.0f);
    ck_assert_float_eq(x[1], 0.0f);
    ck_assert_float_eq(x[2], 100.0f);
    ck_assert_float_eq_tol(x[3], 0.0f, 1e-30f);
    ck_assert_float_eq(x[4], 1e30f);
}
END_TEST

START_TEST(softmax_matches_double)
{
    static float x[MAX_VALUES], y[MAX_VALUES];
    rng random = {_i + 1};
    int sizes[] = {1, 2, 7, 8, 9, 197, 577};
    int K = sizes[_i], R = 5;
    for (int i = 0; i < R * K; i++)
        x[i] = y[i] = (float)rng_real(&random, -40, 40);
    igq_softmax_rows(y, R, K);
    for (int r = 0; r < R; r++) {
        double largest = -INFINITY, sum = 0;
        for (int k = 0; k < K; k++)
            largest = fmax(largest, x[r * K + k]);
        for (int k = 0; k < K; k++)
            sum += exp(x[r * K + k] - largest);
        for (int k = 0; k < K; k++) {
            double expected = exp(x[r * K + k] - largest) / sum;
            ck_assert_double_eq_tol(y[r * K + k], expected, fmin(3e-7, 1e-5 * expected));
        }
    }
}
END_TEST

START_TEST(softmax_survives_scores_of_any_size)
{
    float x[4] = {-1e30f, 3e38f, 0.0f, -3e38f};
    igq_softmax_rows(x, 1, 4);
    ck_assert_float_eq(x[1], 1.0f);
    ck_assert_float_eq_tol(x[0] + x[2] + x[3], 0.0f, 1e-30f);
}
END_TEST

START_TEST(layer_norm_matches_double)
{
    static float x[MAX_VALUES], y[MAX_VALUES], gain[MAX_VALUES], bias[MAX_VALUES];
    rng random = {_i + 1};
    int sizes[] = {1, 3, 8, 17, 192, 768};
    int C = sizes[_i], T = 4;
    for (int i = 0; i < T * C; i++)
        x[i] = (float)rng_real(&random, -3, 5);
    for (int c = 0; c < C; c++) {
        gain[c] = (float)rng_real(&random, -2, 2);
        bias[c] = (float)rng_real(&random, -1, 1);
    }
    igq_layer_norm(y, x, gain, bias, T, C, 1e-6);
    for (int t = 0; t < T; t++) {
        double mean = 0, variance = 0;
        for (int c = 0; c < C; c++)
            mean += x[t * C + c] / (double)C;
        for (int c = 0; c < C; c++)
            variance += (x[t * C + c] - mean) * (x[t * C + c] - mean) / C;
        for (int c = 0; c < C; c++) {
            double expected = (x[t * C + c] - mean) / sqrt(variance + 1e-6) * gain[c] + bias[c];
            ck_assert_double_eq_tol(y[t * C + c], expected, 4e-6); // values up to 5, a few units in the last place
        }
    }
}
END_TEST

START_TEST(layer_norm_works_in_place)
{
    float x[16], y[16], gain[8], bias[8];
    rng random = {7};
    for (int i = 0; i < 16; i++)
        x[i] = (float)rng_real(&random, -1, 1);
    for (int c = 0; c < 8; c++)
        gain[c] = bias[c] = (float)c;
    igq_layer_norm(y, x, gain, bias, 2, 8, 1e-6);
    igq_layer_norm(x, x, gain, bias, 2, 8, 1e-6);
    ck_assert_mem_eq(x, y, sizeof x);
}
END_TEST

// Recorded once: the same bits in every build type, with every compiler and on every processor.
START_TEST(bits_do_not_change)
{
    float x[64], gain[64], bias[64];
    rng random = {42};
    for (int i = 0; i < 64; i++) {
        x[i] = (float)rng_real(&random, -4, 4);
        gain[i] = (float)rng_real(&random, -1, 1);
        bias[i] = (float)rng_real(&random, -1, 1);
    }
    uint32_t hash = 2166136261u;
    for (int step = 0; step < 3; step++) {
        if (step == 0)
            igq_layer_norm(x, x, gain, bias, 2, 32, 1e-6);
        else if (step == 1)
            igq_gelu(x, 64);
        else
            igq_softmax_rows(x, 2, 32);
        for (int i = 0; i < 64; i++) {
            uint32_t bits;
            memcpy(&bits, &x[i], sizeof bits);
            hash = (hash ^ bits) * 16777619u;
        }
    }
    ck_assert_uint_eq(hash, 1528660726u);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nonlinear");
    TCase *tests = tcase_create("nonlinear");
    tcase_add_test(tests, gelu_with_tanh_is_the_closed_form);
    tcase_add_test(tests, gelu_is_exact_to_5e_7_everywhere);
    tcase_add_test(tests, gelu_of_zero_and_large_values);
    tcase_add_loop_test(tests, softmax_matches_double, 0, 7);
    tcase_add_test(tests, softmax_survives_scores_of_any_size);
    tcase_add_loop_test(tests, layer_norm_matches_double, 0, 6);
    tcase_add_test(tests, layer_norm_works_in_place);
    tcase_add_test(tests, bits_do_not_change);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
