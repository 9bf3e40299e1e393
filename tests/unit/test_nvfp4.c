// SPDX-License-Identifier: Apache-2.0
#include "mx.h"
#include "nvfp4.h"
#include "rng.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include "../suite.h"

// amax 2688: g = 1. Block 0: 2688/6 = 448, so d = 448 (0x7e) and 2688 becomes 6. Block 1: amax 3, d = 0.5 (0x30), 3
// becomes 6, 1 becomes 2, 0.125 (a quarter of d) ties to zero.
START_TEST(blocks_worked_by_hand)
{
    enum { C = 19 };
    float x[C] = {2688, -672, 224}, g = igq_nvfp4_tensor_scale(2688);
    uint8_t code[C], scale[2];
    x[16] = 3;
    x[17] = -1;
    x[18] = 0.125f;
    ck_assert_float_eq(g, 1);
    igq_nvfp4_quantize(code, scale, x, &g, 1, C, IGQ_NVFP4_VARIANT_PLAIN);
    ck_assert_uint_eq(scale[0], 0x7e);
    ck_assert_uint_eq(scale[1], 0x30);
    ck_assert_uint_eq(code[0], 7);   // 6
    ck_assert_uint_eq(code[1], 0xb); // -1.5
    ck_assert_uint_eq(code[2], 1);   // .5
    ck_assert_uint_eq(code[3], 0);
    ck_assert_uint_eq(code[16], 7);
    ck_assert_uint_eq(code[17], 0xc); // -2
    ck_assert_uint_eq(code[18], 0);
}
END_TEST

START_TEST(ends_of_the_tensor_scale)
{
    ck_assert_float_eq(igq_nvfp4_tensor_scale(0), 1);
    ck_assert_float_eq(igq_nvfp4_tensor_scale(0x1p-140f), FLT_MAX);
    ck_assert_float_eq(igq_nvfp4_tensor_scale(5376), 0.5f);
}
END_TEST

// A block of 4 4 4 ... with 3 beside: with 4 as 4 both are exact, with 4 as 6 the 3 is 4.5 and is not.
START_TEST(four_over_six_takes_the_better_block)
{
    float x[16], g = 1;
    uint8_t code[16], scale;
    for (int i = 0; i < 16; i++)
        x[i] = i % 2 ? 3 : 4;
    igq_nvfp4_quantize(code, &scale, x, &g, 1, 16, IGQ_NVFP4_VARIANT_FOUR_OVER_SIX);
    ck_assert_uint_eq(scale, 0x38); // 1
    ck_assert_uint_eq(code[0], 6);  // 4
    ck_assert_uint_eq(code[1], 5);  // 3
}
END_TEST

START_TEST(squares_share_the_scale_of_sixteen_rows)
{
    enum { R = 20, C = 16 };
    float x[R * C] = {0}, g[R];
    uint8_t code[R * C], scale[R];
    for (int r = 0; r < R; r++)
        g[r] = 1;
    x[3 * C] = 6; // d = 1 in the first square, nothing in the second
    igq_nvfp4_quantize(code, scale, x, g, R, C, IGQ_NVFP4_VARIANT_SQUARES);
    for (int r = 0; r < R; r++)
        ck_assert_uint_eq(scale[r], r < 16 ? 0x38 : 0);
}
END_TEST

START_TEST(quantizing_equals_the_naive_twin)
{
    rng random = {(uint64_t)_i + 1};
    for (int i = 0; i < 60; i++) {
        int R = rng_int(&random, 1, 20), C = rng_int(&random, 1, 70), blocks = igq_num_blocks(C, IGQ_NVFP4_BLOCK);
        igq_nvfp4_variant variant = (igq_nvfp4_variant)_i;
        size_t num = (size_t)(R * C), scales = (size_t)(R * blocks);
        float *x = malloc(num * sizeof *x), *g = malloc((size_t)R * sizeof *g);
        uint8_t *code = malloc(2 * num), *scale = malloc(2 * scales);
        for (size_t k = 0; k < num; k++)
            x[k] = (float)ldexp(rng_int(&random, -24, 24) / 4.0, rng_int(&random, 0, 9) ? 0 : rng_int(&random, -60, 9));
        igq_nvfp4_largest(g, x, R, C, variant);
        for (int r = 0; r < R; r++)
            g[r] = igq_nvfp4_tensor_scale(g[r]);
        igq_nvfp4_quantize(code, scale, x, g, R, C, variant);
        igq_nvfp4_quantize_ref(code + num, scale + scales, x, g, R, C, variant);
        ck_assert_mem_eq(code, code + num, num);
        ck_assert_mem_eq(scale, scale + scales, scales);
        free(x);
        free(g);
        free(code);
        free(scale);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nvfp4");
    TCase *tests = tcase_create("nvfp4");
    tcase_add_test(tests, blocks_worked_by_hand);
    tcase_add_test(tests, ends_of_the_tensor_scale);
    tcase_add_test(tests, four_over_six_takes_the_better_block);
    tcase_add_test(tests, squares_share_the_scale_of_sixteen_rows);
    tcase_add_loop_test(tests, quantizing_equals_the_naive_twin, 0, IGQ_NVFP4_VARIANT_COUNT);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
