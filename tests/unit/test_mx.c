// SPDX-License-Identifier: Apache-2.0
#include "mx.h"
#include "rng.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include "../suite.h"

static igq_mx_cfg cfg_of(igq_element_kind element, int block_length)
{
    return (igq_mx_cfg){.element = igq_element_of(element), .block_length = block_length};
}

// amax 7: floor(log2 7) - 2 = 0, so the scale is 1 (127) and 7 saturates to 6; ceil has 2 (7/6 > 1); even rounds 7 =
// 1.75 * 4 to 2 * 4 and has 2 as well.
START_TEST(a_block_worked_by_hand)
{
    static const float x[4] = {7, -1, 0.25f, 3};
    static const uint8_t codes[IGQ_SCALE_RULE_COUNT][4] = {{7, 0xa, 0, 5}, {6, 0x9, 0, 3}, {6, 0x9, 0, 3}};
    static const uint8_t scales[IGQ_SCALE_RULE_COUNT] = {127, 128, 128};
    for (int rule = 0; rule < IGQ_SCALE_RULE_COUNT; rule++) {
        igq_mx_cfg cfg = cfg_of(IGQ_ELEMENT_FP4_E2M1, 4);
        uint8_t code[4], scale;
        cfg.scale_rule = (igq_scale_rule)rule;
        igq_mx_quantize(code, &scale, x, 1, 4, &cfg);
        ck_assert_uint_eq(scale, scales[rule]);
        ck_assert_mem_eq(code, codes[rule], 4);
    }
}
END_TEST

START_TEST(integers_worked_by_hand)
{
    static const float x[5] = {1, 0.4921875f, -2.9f, 0, 3}; // scale 2; steps of 1/32
    igq_mx_cfg cfg = cfg_of(IGQ_ELEMENT_INT8, 32);
    uint8_t code[5], scale;
    igq_mx_quantize(code, &scale, x, 1, 5, &cfg);
    ck_assert_uint_eq(scale, 128);
    ck_assert_uint_eq(code[0], 32);
    ck_assert_uint_eq(code[1], 16);           // 15.75
    ck_assert_uint_eq(code[2], (uint8_t)-93); // 92.8
    ck_assert_uint_eq(code[3], 0);
    ck_assert_uint_eq(code[4], 96);
}
END_TEST

START_TEST(ends_of_the_scale)
{
    igq_mx_cfg cfg = cfg_of(IGQ_ELEMENT_FP4_E2M1, 1), integer = cfg_of(IGQ_ELEMENT_INT8, 1);
    float x[3] = {0, 0x1p-149f, FLT_MAX};
    uint8_t code[3], scale[3];
    igq_mx_quantize(code, scale, x, 1, 3, &cfg);
    ck_assert_uint_eq(scale[0], 0);
    ck_assert_uint_eq(scale[1], 0);
    ck_assert_uint_eq(code[1], 0); // 2^-149 / 2^-127
    ck_assert_uint_eq(scale[2], 127 + 127 - 2);
    ck_assert_uint_eq(code[2], 7);
    integer.scale_rule = IGQ_SCALE_RULE_CEIL; // FLT_MAX / 1.98 needs 2^128
    igq_mx_quantize(code, scale, x, 1, 3, &integer);
    ck_assert_uint_eq(scale[0], 1); // as if 2^-126
    ck_assert_uint_eq(scale[2], IGQ_MX_SCALE_NAN);
    ck_assert_uint_eq(code[2], 0);
    ck_assert(isnan(igq_mx_scale_value(IGQ_MX_SCALE_NAN)));
    ck_assert_float_eq(igq_mx_scale_value(0), 0x1p-127f);
    ck_assert_float_eq(igq_mx_scale_value(254), 0x1p127f);
}
END_TEST

// A float with few bits set in its mantissa, so that ties, powers of two and their neighbours are frequent.
static float awkward(rng *random)
{
    double mantissa = 1 + rng_int(random, 0, 15) / 16.0 + rng_int(random, -1, 1) * 0x1p-23;
    int exponent = rng_int(random, 0, 19) ? rng_int(random, -6, 6) : rng_int(random, -149, 126);
    return rng_int(random, 0, 20) ? (float)ldexp(rng_int(random, 0, 1) ? mantissa : -mantissa, exponent) : 0;
}

START_TEST(quantizing_equals_the_naive_twin)
{
    enum { R = 3, MAX_C = 100 };
    rng random = {(uint64_t)_i + 1};
    for (int i = 0; i < 300; i++) {
        float x[R * MAX_C];
        uint8_t code[R * MAX_C], code_ref[R * MAX_C], scale[R * MAX_C], scale_ref[R * MAX_C];
        int C = rng_int(&random, 1, MAX_C);
        igq_mx_cfg cfg = cfg_of((igq_element_kind)_i, rng_int(&random, 1, 40));
        if (_i == IGQ_ELEMENT_COUNT)
            cfg.element = igq_element_of_integer(rng_int(&random, 2, 8));
        cfg.scale_rule = (igq_scale_rule)rng_int(&random, 0, IGQ_SCALE_RULE_COUNT - 1);
        cfg.ties = (igq_ties)rng_int(&random, 0, 1);
        for (int k = 0; k < R * C; k++)
            x[k] = awkward(&random);
        igq_mx_quantize(code, scale, x, R, C, &cfg);
        igq_mx_quantize_ref(code_ref, scale_ref, x, R, C, &cfg);
        ck_assert_mem_eq(code, code_ref, (size_t)(R * C));
        ck_assert_mem_eq(scale, scale_ref, (size_t)(R * igq_num_blocks(C, cfg.block_length)));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mx");
    TCase *tests = tcase_create("mx");
    tcase_add_test(tests, a_block_worked_by_hand);
    tcase_add_test(tests, integers_worked_by_hand);
    tcase_add_test(tests, ends_of_the_scale);
    tcase_add_loop_test(tests, quantizing_equals_the_naive_twin, 0, IGQ_ELEMENT_COUNT + 1);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
