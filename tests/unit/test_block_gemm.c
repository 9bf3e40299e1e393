// SPDX-License-Identifier: Apache-2.0
#include "block_gemm.h"
#include "element.h"
#include "mx.h"
#include "rng.h"
#include <math.h>
#include <stdlib.h>
#include "../suite.h"

// Two blocks of two: (1*2 + 3*1) * 2 * 4 = 40 and (-1*1) * 1 * 0.5 = -0.5; times factors 2 and 0.25, plus 1.
START_TEST(a_product_worked_by_hand)
{
    igq_block_operand act = {.codes = (uint8_t[]){1, 3, 255},
                             .scale = (uint8_t[]){1, 0},
                             .factor = (float[]){2},
                             .block_length = 2,
                             .integer = {[1] = 1, [3] = 3, [255] = -1},
                             .scale_value = {1, 2}};
    igq_block_operand weights = {.codes = (uint8_t[]){2, 1, 1},
                                 .scale = (uint8_t[]){7, 9},
                                 .factor = (float[]){0.25f},
                                 .block_length = 2,
                                 .integer = {[1] = 1, [2] = 2},
                                 .scale_value = {[7] = 4, [9] = 0.5}};
    float y, bias = 1, expected = (40 - 0.5f) * 0.5f + 1;
    void *scratch = malloc(igq_block_gemm_scratch(1, 3, 1, 2));
    igq_block_gemm_ref(&y, &act, &weights, &bias, 1, 3, 1, 0);
    ck_assert_float_eq(y, expected);
    igq_block_gemm(&y, &act, &weights, &bias, 1, 3, 1, 0, scratch);
    ck_assert_float_eq(y, expected);
    free(scratch);
}
END_TEST

static void random_operand(igq_block_operand *operand, int R, int C, int block_length, rng *random)
{
    igq_element element = igq_element_of((igq_element_kind)rng_int(random, 0, IGQ_ELEMENT_COUNT - 1));
    size_t scales = (size_t)(R * igq_num_blocks(C, block_length));
    uint8_t *codes = malloc((size_t)(R * C)), *scale = malloc(scales);
    float *factor = malloc((size_t)R * sizeof *factor);
    for (int i = 0; i < R * C; i++)
        codes[i] = igq_element_encode(&element, ldexp(rng_real(random, -2, 2), element.emax), IGQ_TIES_EVEN);
    rng_fill_uint8(scale, scales, 100, 140, random);
    rng_fill_float(factor, (size_t)R, 0.1, 3, random);
    *operand = (igq_block_operand){.codes = codes, .scale = scale, .factor = factor, .block_length = block_length};
    for (int code = 0; code < 256; code++)
        operand->scale_value[code] = ldexp(1, code - 127 + element.unit_log2);
    for (int i = 0; i < R * C; i++)
        operand->integer[codes[i]] = igq_element_integer(&element, codes[i]);
}

static void free_operand(igq_block_operand *operand)
{
    free((void *)operand->codes);
    free((void *)operand->scale);
    free((void *)operand->factor);
    free((void *)operand->zero_point);
}

// Weights with a quantizer per output channel: unsigned codes, zero points, no scales of blocks.
static void make_affine(igq_block_operand *operand, int R, int C, rng *random)
{
    uint8_t *zero_point = malloc((size_t)R);
    rng_fill_uint8(zero_point, (size_t)R, 0, 255, random);
    rng_fill_uint8((uint8_t *)operand->codes, (size_t)(R * C), 0, 255, random);
    free((void *)operand->scale);
    operand->scale = NULL;
    operand->zero_point = zero_point;
    operand->scale_value[0] = 1;
    for (int code = 0; code < 256; code++)
        operand->integer[code] = code;
}

START_TEST(product_equals_its_naive_twin)
{
    rng random = {(uint64_t)_i};
    int differ = 0; // from the sums of one tile
    for (int i = 0; i < 60; i++) {
        int T = rng_int(&random, 1, 20), C = rng_int(&random, 1, 90), O = rng_int(&random, 1, 40);
        int length = rng_int(&random, 1, 20), times = rng_int(&random, 1, 3);
        igq_block_operand act, weights;
        random_operand(&act, T, C, i % 2 ? length * times : length, &random);
        random_operand(&weights, O, C, i % 2 ? length : length * times, &random);
        if (i % 5 == 0) {
            make_affine(&weights, O, C, &random);
            length = act.block_length;
        }
        int tile = i % 4 ? length * rng_int(&random, 0, (C + length - 1) / length) : 0;
        size_t num = (size_t)(T * O);
        float *y = malloc(num * sizeof *y), *expected = malloc(num * sizeof *y), *bias = malloc((size_t)O * sizeof *y);
        void *scratch = malloc(igq_block_gemm_scratch(T, C, O, length));
        rng_fill_float(bias, (size_t)O, -1, 1, &random);
        igq_block_gemm(y, &act, &weights, i % 3 ? bias : NULL, T, C, O, tile, scratch);
        igq_block_gemm_ref(expected, &act, &weights, i % 3 ? bias : NULL, T, C, O, tile);
        for (size_t k = 0; k < num; k++)
            ck_assert_float_eq(y[k], expected[k]);
        if (tile > 0 && tile < C) {
            igq_block_gemm(y, &act, &weights, i % 3 ? bias : NULL, T, C, O, 0, scratch);
            for (size_t k = 0; k < num; k++)
                differ += y[k] != expected[k];
        }
        free(y);
        free(expected);
        free(bias);
        free(scratch);
        free_operand(&act);
        free_operand(&weights);
    }
    ck_assert_int_gt(differ, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("block_gemm");
    TCase *tests = tcase_create("block_gemm");
    tcase_add_test(tests, a_product_worked_by_hand);
    tcase_add_loop_test(tests, product_equals_its_naive_twin, 0, 8);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
