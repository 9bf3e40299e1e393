// SPDX-License-Identifier: Apache-2.0
#include "range.h"
#include "rng.h"
#include <stdlib.h>
#include "../suite.h"
#undef fail

START_TEST(channel_ranges_of_a_hand_made_tensor)
{
    const int16_t x[] = {1, -5, 32767, /**/ -3, -5, -32768, /**/ 2, -5, 0};
    const int16_t expected_lo[] = {-3, -5, -32768}, expected_hi[] = {2, -5, 32767};
    int16_t lo[3], hi[3];
    igq_range_channels(lo, hi, x, 3, 3);
    ck_assert_mem_eq(lo, expected_lo, sizeof lo);
    ck_assert_mem_eq(hi, expected_hi, sizeof hi);
}
END_TEST

START_TEST(channel_ranges_equal_their_naive_twin_on_every_shape)
{
    rng random = {1};
    const int tokens[] = {1, 2, 3, 17, 197}, channels[] = {1, 2, 7, 15, 16, 17, 33, 192, 331};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        for (size_t j = 0; j < sizeof channels / sizeof *channels; j++) {
            const int T = tokens[i], C = channels[j];
            int16_t *x = malloc((size_t)(T * C) * sizeof *x), *range = malloc((size_t)(4 * C) * sizeof *range);
            rng_fill_int16(x, (size_t)(T * C), INT16_MIN, INT16_MAX, &random);
            igq_range_channels(range, range + C, x, T, C);
            igq_range_channels_ref(range + 2 * C, range + 3 * C, x, T, C);
            ck_assert_mem_eq(range, range + 2 * C, (size_t)(2 * C) * sizeof *range);
            free(x);
            free(range);
        }
    }
}
END_TEST

START_TEST(row_ranges_are_the_channel_ranges_of_the_transpose)
{
    rng random = {2};
    for (int K = 1; K < 70; K++) {
        enum { R = 9 };
        int16_t x[R * 70], transposed[R * 70], lo[R], hi[R], expected_lo[R], expected_hi[R];
        rng_fill_int16(x, (size_t)(R * K), INT16_MIN, INT16_MAX, &random);
        for (int r = 0; r < R; r++)
            for (int k = 0; k < K; k++)
                transposed[k * R + r] = x[r * K + k];
        igq_range_rows(lo, hi, x, R, K);
        igq_range_channels_ref(expected_lo, expected_hi, transposed, K, R);
        ck_assert_mem_eq(lo, expected_lo, sizeof lo);
        ck_assert_mem_eq(hi, expected_hi, sizeof hi);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("range");
    TCase *tcase = tcase_create("range");
    tcase_add_test(tcase, channel_ranges_of_a_hand_made_tensor);
    tcase_add_test(tcase, channel_ranges_equal_their_naive_twin_on_every_shape);
    tcase_add_test(tcase, row_ranges_are_the_channel_ranges_of_the_transpose);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
