// SPDX-License-Identifier: Apache-2.0
#include "scaled_gemm.h"
#include "rng.h"
#include <stdalign.h>
#include <stdlib.h>
#include "../suite.h"

// Two channels in two groups, 2 output channels, V = 1. Sums 3 * (2*5) and -1 * (-3*2), steps 0.5 and 2.
START_TEST(a_product_worked_by_hand)
{
    alignas(8) char memory[256];
    uint8_t act[2] = {7, 3};
    igq_grouping grouping;
    igq_quantizer quantizer[2] = {{.zero_point = 4}, {.zero_point = 4}};
    float step[2] = {0.5f, 2}, gamma[2] = {1, 10}, bias[2] = {0, 1}, y[2];
    int32_t weight[2] = {2, 0};
    igq_group_scales scales = {.mode = IGQ_GROUP_SCALE_FP32, .layer_scale = 1, .step = step, .weight = weight};
    int8_t codes[4] = {2, -3, 1, 0};
    uint16_t scale[4] = {5, 2, 1, 9};
    igq_grouping_init(&grouping, memory, 2, 2);
    igq_grouping_channelwise(&grouping);
    igq_scaled_operands operands = {.act_codes = act,
                                    .grouping = &grouping,
                                    .quantizer = quantizer,
                                    .scales = &scales,
                                    .weight_codes = codes,
                                    .weight_scale = scale,
                                    .weight_gamma = gamma,
                                    .bias = bias,
                                    .T = 1,
                                    .O = 2,
                                    .V = 1,
                                    .acc_bits = 16};
    ck_assert_uint_eq(igq_scaled_gemm_ref(y, &operands), 0);
    ck_assert_float_eq(y[0], 0.5f * 30 + 2 * 6);
    ck_assert_float_eq(y[1], 10 * (0.5f * 3) + 1);
    scales.mode = IGQ_GROUP_SCALE_POW2; // 30 * 4 + 6
    igq_scaled_gemm_ref(y, &operands);
    ck_assert_float_eq(y[0], 126);
    operands.acc_bits = 5; // 30 becomes 15
    ck_assert_uint_eq(igq_scaled_gemm_ref(y, &operands), 1);
    ck_assert_float_eq(y[0], 66);
}
END_TEST

START_TEST(products_equal_the_naive_twin)
{
    enum { T = 5, C = 45, O = 21, MAX_G = 7 };
    rng random = {(uint64_t)_i};
    int G = 1 + _i % MAX_G, V = 1 + _i % 18, num_vectors = (C + V - 1) / V;
    uint8_t act[T * C];
    int8_t codes[O * C];
    uint16_t scale[O * C];
    igq_quantizer quantizer[MAX_G];
    float step[MAX_G], gamma[O], bias[O], y[T * O], expected[T * O];
    int32_t weight[MAX_G];
    igq_group_scales scales = {
        .mode = (igq_group_scale)(_i % IGQ_GROUP_SCALE_COUNT), .layer_scale = 0.37f, .step = step, .weight = weight};
    for (int i = 0; i < T * C; i++)
        act[i] = (uint8_t)rng_int(&random, 0, 255);
    for (int i = 0; i < O * C; i++)
        codes[i] = (int8_t)rng_int(&random, -127, 127);
    for (int i = 0; i < O * num_vectors; i++)
        scale[i] = (uint16_t)rng_int(&random, 0, 255);
    for (int g = 0; g < G; g++) {
        quantizer[g] = (igq_quantizer){.zero_point = rng_int(&random, 0, 255)};
        weight[g] = rng_int(&random, 0, 15);
    }
    rng_fill_float(step, MAX_G, 0.1f, 1, &random);
    rng_fill_float(gamma, O, 0.1f, 1, &random);
    rng_fill_float(bias, O, -1, 1, &random);
    igq_grouping grouping;
    void *memory = malloc(igq_grouping_size(C, G)), *scratch = malloc(igq_scaled_gemm_scratch(C, O));
    igq_grouping_init(&grouping, memory, C, G);
    for (int c = 0; c < C; c++)
        grouping.group[c] = (uint16_t)rng_int(&random, 0, G - 1);
    igq_grouping_build(&grouping);
    igq_scaled_operands operands = {.act_codes = act,
                                    .grouping = &grouping,
                                    .quantizer = quantizer,
                                    .scales = &scales,
                                    .weight_codes = codes,
                                    .weight_scale = scale,
                                    .weight_gamma = gamma,
                                    .bias = _i % 2 ? bias : NULL,
                                    .T = T,
                                    .O = O,
                                    .V = V,
                                    .acc_bits = _i % 4 == 0 ? 24 : 32,
                                    .tile_channels = _i % 5 * 8};
    uint64_t saturated = igq_scaled_gemm(y, &operands, scratch);
    ck_assert_uint_eq(saturated, igq_scaled_gemm_ref(expected, &operands));
    ck_assert_mem_eq(y, expected, sizeof y);
    free(memory);
    free(scratch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scaled_gemm");
    TCase *tests = tcase_create("scaled_gemm");
    tcase_add_test(tests, a_product_worked_by_hand);
    tcase_add_loop_test(tests, products_equal_the_naive_twin, 0, 200);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
