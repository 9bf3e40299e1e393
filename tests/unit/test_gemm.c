// SPDX-License-Identifier: Apache-2.0
#include "fixed.h"
#include "gemm.h"
#include "rng.h"
#include "tile.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"
#undef fail

// A random product; all memory in one struct so that a test can change any operand.
typedef struct product {
    int T, C, O, G;
    uint8_t *act_codes;
    float *bias, *y, *expected;
    void *grouping_memory, *weight_memory, *scratch;
    igq_grouping grouping;
    igq_quantizer *quantizer;
    igq_group_scales scales;
    igq_weight_codes weights;
    igq_gemm_operands operands;
} product;

static void product_init(product *p, int T, int C, int O, int G, igq_group_scale mode, int acc_bits, rng *random)
{
    const size_t outputs = (size_t)T * (size_t)O;
    *p = (product){.T = T, .C = C, .O = O, .G = G};
    p->act_codes = malloc((size_t)T * (size_t)C);
    p->bias = malloc((size_t)O * sizeof *p->bias);
    p->y = malloc(outputs * sizeof *p->y);
    p->expected = malloc(outputs * sizeof *p->expected);
    p->grouping_memory = malloc(igq_grouping_size(C, G));
    p->weight_memory = malloc(igq_weight_codes_size(O, C));
    p->scratch = malloc(igq_gemm_scratch(T, C, O, G));
    p->quantizer = calloc((size_t)G, sizeof *p->quantizer);
    p->scales.mode = mode;
    p->scales.layer_scale = (float)rng_real(random, 1e-4, 1e-2);
    p->scales.step = malloc((size_t)G * sizeof *p->scales.step);
    p->scales.weight = malloc((size_t)G * sizeof *p->scales.weight);
    igq_grouping_init(&p->grouping, p->grouping_memory, C, G);
    const int used = rng_int(random, 1, G); // groups beyond stay empty
    for (int c = 0; c < C; c++)
        p->grouping.group[c] = (uint16_t)(G == C ? c : rng_int(random, 0, used - 1));
    igq_grouping_build(&p->grouping);
    const int act_max = (1 << rng_int(random, 2, 8)) - 1, weight_bits = rng_int(random, 2, 8);
    for (int g = 0; g < G; g++) {
        p->quantizer[g].zero_point = rng_int(random, 0, act_max);
        p->scales.step[g] = (float)rng_real(random, 1e-4, 1e-2);
        p->scales.weight[g] = mode == IGQ_GROUP_SCALE_POW2 ? rng_int(random, 0, 15) : rng_int(random, 1, 65535);
    }
    rng_fill_uint8(p->act_codes, (size_t)T * (size_t)C, 0, act_max, random);
    igq_weight_codes_init(&p->weights, p->weight_memory, O, C, weight_bits);
    rng_fill_uint8(p->weights.codes, (size_t)O * (size_t)C, 0, (1 << weight_bits) - 1, random);
    rng_fill_uint8(p->weights.zero_point, (size_t)O, 0, (1 << weight_bits) - 1, random);
    rng_fill_float(p->weights.scale, (size_t)O, 1e-3, 1e-1, random);
    igq_weight_codes_pack(&p->weights);
    rng_fill_float(p->bias, (size_t)O, -1, 1, random);
    p->operands =
        (igq_gemm_operands){p->act_codes, &p->grouping, p->quantizer, &p->scales, &p->weights, p->bias, T, acc_bits, 0};
}

static void product_free(product *p)
{
    free(p->act_codes);
    free(p->bias);
    free(p->y);
    free(p->expected);
    free(p->grouping_memory);
    free(p->weight_memory);
    free(p->scratch);
    free(p->quantizer);
    free(p->scales.step);
    free(p->scales.weight);
}

// Outputs and number of saturated sums equal the naive twin's; returns that number.
static uint64_t check_product(product *p)
{
    const size_t bytes = (size_t)p->T * (size_t)p->O * sizeof(float);
    memset(p->y, 0xff, bytes);
    const uint64_t saturated = igq_gemm_ref(p->expected, &p->operands);
    ck_assert_uint_eq(igq_gemm(p->y, &p->operands, p->scratch), saturated);
    ck_assert_mem_eq(p->y, p->expected, bytes);
    return saturated;
}

START_TEST(product_of_hand_made_operands)
{
    // Channels 0 and 2 in group 0 (zero point 1), channel 1 in group 1 (zero point 0); weights with zero point 2.
    rng random = {0};
    for (int mode = 0; mode < IGQ_GROUP_SCALE_COUNT; mode++) {
        product p;
        product_init(&p, 1, 3, 1, 2, (igq_group_scale)mode, 32, &random);
        memcpy(p.act_codes, (uint8_t[]){3, 4, 0}, 3);
        memcpy(p.grouping.group, (uint16_t[]){0, 1, 0}, 3 * sizeof(uint16_t));
        igq_grouping_build(&p.grouping);
        p.quantizer[0].zero_point = 1;
        p.quantizer[1].zero_point = 0;
        memcpy(p.weights.codes, (uint8_t[]){5, 1, 6}, 3);
        p.weights.zero_point[0] = 2;
        p.weights.scale[0] = 0.5f;
        p.bias[0] = 10;
        igq_weight_codes_pack(&p.weights);
        memcpy(p.scales.step, (float[]){2, 8}, 2 * sizeof(float));
        memcpy(p.scales.weight, mode == IGQ_GROUP_SCALE_POW2 ? (int32_t[]){0, 2} : (int32_t[]){1, 4},
               2 * sizeof(int32_t));
        p.scales.layer_scale = 2;
        check_product(&p);
        // P_0 = 2*3 + (-1)*4 = 2, P_1 = 4*(-1) = -4; A = 2*2 - 8*4 = -28; y = -14 + 10.
        ck_assert_float_eq(p.y[0], -4);
        product_free(&p);
    }
}
END_TEST

START_TEST(product_equals_its_naive_twin_on_random_shapes)
{
    rng random = {1};
    for (int i = 0; i < 400; i++) {
        const int T = i % 5 ? rng_int(&random, 1, 20) : 1, O = i % 6 ? rng_int(&random, 1, 50) : 1;
        const int C = i % 7 ? rng_int(&random, 1, 100) : 1;
        const int G = i % 4 == 0 ? 1 : i % 4 == 1 ? C : rng_int(&random, 1, 20);
        product p;
        product_init(&p, T, C, O, G, (igq_group_scale)(i % IGQ_GROUP_SCALE_COUNT), 32, &random);
        if (i % 8 == 0)
            p.operands.bias = NULL;
        ck_assert_uint_eq(check_product(&p), 0);
        product_free(&p);
    }
}
END_TEST

// Sums are cut at tiles of channels: in FP32 the order matters, integers are exact whatever it is.
START_TEST(tiles_of_channels_are_summed_in_order)
{
    rng random = {11};
    int differ = 0;
    uint64_t total = 0;
    for (int i = 0; i < 400; i++) {
        const int T = rng_int(&random, 1, 14), C = rng_int(&random, 2, 150), O = rng_int(&random, 1, 40);
        const int G = i % 4 == 0 ? 1 : i % 4 == 1 ? C : rng_int(&random, 1, 20);
        const igq_group_scale mode = (igq_group_scale)(i % IGQ_GROUP_SCALE_COUNT);
        const size_t bytes = (size_t)T * (size_t)O * sizeof(float);
        product p;
        product_init(&p, T, C, O, G, mode, i % 5 ? 32 : rng_int(&random, 8, 20), &random);
        total += check_product(&p);
        float *whole = malloc(bytes);
        memcpy(whole, p.y, bytes);
        p.operands.tile_channels = rng_int(&random, 1, C);
        total += check_product(&p);
        const int is_other = memcmp(whole, p.y, bytes) != 0;
        if (p.operands.acc_bits == 32 && mode != IGQ_GROUP_SCALE_FP32)
            ck_assert(!is_other);
        differ += is_other;
        p.operands.tile_channels = C + rng_int(&random, 0, 3);
        check_product(&p);
        ck_assert_mem_eq(p.y, whole, bytes);
        free(whole);
        product_free(&p);
    }
    ck_assert_int_gt(differ, 50);
    ck_assert_uint_gt(total, 0);
}
END_TEST

// Tiles of 2 channels in FP32: P_00 = 3, P_01 = 1 and P_10 = -2, P_11 = 5 with steps 2^24 and 1:
// ((3 2^24 + 1) - 2 2^24) + 5 = 2^24 + 5 rounded to even at each step, where 3 2^24 + 1 loses its 1.
START_TEST(the_order_of_tiles_worked_by_hand)
{
    rng random = {12};
    product p;
    product_init(&p, 1, 4, 1, 2, IGQ_GROUP_SCALE_FP32, 32, &random);
    memcpy(p.act_codes, (uint8_t[]){13, 11, 8, 15}, 4);
    memcpy(p.grouping.group, (uint16_t[]){0, 1, 0, 1}, 4 * sizeof(uint16_t));
    igq_grouping_build(&p.grouping);
    p.quantizer[0].zero_point = p.quantizer[1].zero_point = 10;
    memcpy(p.weights.codes, (uint8_t[]){3, 3, 3, 3}, 4);
    p.weights.zero_point[0] = 2;
    p.weights.scale[0] = 1;
    igq_weight_codes_pack(&p.weights);
    memcpy(p.scales.step, (float[]){0x1p24f, 1}, 2 * sizeof(float));
    p.operands.bias = NULL;
    p.operands.tile_channels = 2;
    check_product(&p);
    ck_assert_float_eq(p.y[0], 0x1p24f + 4); // 2^24 + 5 lies between 2^24 + 4 and + 6, and goes to the even one
    p.operands.tile_channels = 0;
    check_product(&p);
    ck_assert_float_eq(p.y[0], 0x1p24f + 6); // 1 2^24 + 6 in one tile
    product_free(&p);
}
END_TEST

START_TEST(product_equals_its_naive_twin_on_shapes_of_a_network)
{
    rng random = {2};
    const int shapes[][4] = {
        {197, 192, 64, 8}, {197, 64, 197, 1}, {2, 768, 100, 16}, {7, 3072, 33, 8}, {13, 192, 17, 192}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (int mode = 0; mode < IGQ_GROUP_SCALE_COUNT; mode++) {
            product p;
            product_init(&p, shapes[i][0], shapes[i][1], shapes[i][2], shapes[i][3], (igq_group_scale)mode, 24,
                         &random);
            check_product(&p);
            product_free(&p);
        }
    }
}
END_TEST

START_TEST(saturated_group_sums_are_counted_alike)
{
    rng random = {3};
    uint64_t total = 0;
    for (int i = 0; i < 200; i++) {
        const int C = rng_int(&random, 1, 150), G = rng_int(&random, 1, 6);
        product p;
        product_init(&p, rng_int(&random, 1, 15), C, rng_int(&random, 1, 40), G,
                     (igq_group_scale)(i % IGQ_GROUP_SCALE_COUNT), rng_int(&random, 8, 20), &random);
        total += check_product(&p);
        product_free(&p);
    }
    ck_assert_uint_gt(total, 0);
}
END_TEST

START_TEST(a_sum_saturates_beyond_its_width_and_not_before)
{
    rng random = {4};
    product p;
    product_init(&p, 1, 1, 1, 1, IGQ_GROUP_SCALE_FP32, 8, &random);
    p.quantizer[0].zero_point = 0;
    p.weights.zero_point[0] = 2;
    p.weights.scale[0] = p.scales.step[0] = 1;
    p.operands.bias = NULL;
    const struct {
        uint8_t act, weight;
        float y;
        uint64_t saturated;
    } cases[] = {{127, 3, 127, 0}, {128, 3, 127, 1}, {128, 1, -128, 0}, {129, 1, -128, 1}, {255, 255, 127, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        p.act_codes[0] = cases[i].act;
        p.weights.codes[0] = cases[i].weight;
        igq_weight_codes_pack(&p.weights);
        ck_assert_uint_eq(check_product(&p), cases[i].saturated);
        ck_assert_float_eq(p.y[0], cases[i].y);
    }
    product_free(&p);
}
END_TEST

START_TEST(one_channel_more_than_fits_saturates)
{
    rng random = {12};
    for (int acc_bits = 18; acc_bits <= 28; acc_bits++) {
        const int fitting = (1 << (acc_bits - 1)) / (255 * 255);
        for (int num = fitting; num <= fitting + 1; num++) {
            product p;
            product_init(&p, 1, num, 1, 1, IGQ_GROUP_SCALE_FP32, acc_bits, &random);
            memset(p.act_codes, 255, (size_t)num);
            memset(p.weights.codes, 255, (size_t)num);
            p.quantizer[0].zero_point = p.weights.zero_point[0] = 0;
            igq_weight_codes_pack(&p.weights);
            ck_assert_uint_eq(check_product(&p), (uint64_t)(num - fitting));
            product_free(&p);
        }
    }
}
END_TEST

// The largest magnitudes: 16384 channels of 255 x 255 stay exact in 32 bits.
START_TEST(extreme_sums_stay_exact)
{
    rng random = {5};
    for (int sign = 0; sign < 2; sign++) {
        for (int mode = 0; mode < IGQ_GROUP_SCALE_COUNT; mode++) {
            product p;
            product_init(&p, 1, IGQ_MAX_CHANNELS, 1, 1, (igq_group_scale)mode, 32, &random);
            memset(p.act_codes, 255, IGQ_MAX_CHANNELS);
            p.quantizer[0].zero_point = 0;
            memset(p.weights.codes, sign ? 0 : 255, IGQ_MAX_CHANNELS);
            p.weights.zero_point[0] = sign ? 255 : 0;
            igq_weight_codes_pack(&p.weights);
            p.weights.scale[0] = p.scales.step[0] = p.scales.layer_scale = 1;
            p.scales.weight[0] = mode == IGQ_GROUP_SCALE_POW2 ? 15 : 1 << 15;
            p.operands.bias = NULL;
            ck_assert_uint_eq(check_product(&p), 0);
            const float sum = (sign ? -1.0f : 1.0f) * (float)(IGQ_MAX_CHANNELS * 255 * 255);
            ck_assert_float_eq(p.y[0], mode == IGQ_GROUP_SCALE_FP32 ? sum : sum * 32768);
            product_free(&p);
        }
    }
}
END_TEST

// sum (x - z)(w - z_o) = sum x w - z sum w - z_o sum x + n z z_o: what hardware with zero_point `correct` computes.
START_TEST(correcting_zero_points_after_the_multiplier_gives_the_same_sums)
{
    rng random = {6};
    for (int i = 0; i < 60; i++) {
        product p;
        const int C = rng_int(&random, 1, 90);
        product_init(&p, rng_int(&random, 1, 9), C, rng_int(&random, 1, 20), rng_int(&random, 1, 5),
                     IGQ_GROUP_SCALE_INT, 32, &random);
        p.operands.bias = NULL;
        check_product(&p);
        for (int t = 0; t < p.T; t++) {
            for (int o = 0; o < p.O; o++) {
                int64_t total = 0;
                for (int g = 0; g < p.G; g++) {
                    const int64_t z = p.quantizer[g].zero_point, z_o = p.weights.zero_point[o];
                    int64_t sum_xw = 0, sum_x = 0, sum_w = 0;
                    for (int j = p.grouping.start[g]; j < p.grouping.start[g + 1]; j++) {
                        const int64_t x = p.act_codes[t * C + p.grouping.channel[j]];
                        const int64_t w = p.weights.codes[o * C + p.grouping.channel[j]];
                        sum_xw += x * w;
                        sum_x += x;
                        sum_w += w;
                    }
                    const int64_t n = p.grouping.start[g + 1] - p.grouping.start[g];
                    total += (sum_xw - z * sum_w - z_o * sum_x + n * z * z_o) * p.scales.weight[g];
                }
                const float a = (float)total * p.scales.layer_scale;
                ck_assert_float_eq(p.y[t * p.O + o], p.weights.scale[o] * a);
            }
        }
        product_free(&p);
    }
}
END_TEST

START_TEST(groups_of_equal_quantizers_add_up_to_one_group)
{
    rng random = {7};
    product p;
    product_init(&p, 10, 96, 20, 6, IGQ_GROUP_SCALE_INT, 32, &random);
    for (int g = 0; g < p.G; g++) {
        p.quantizer[g].zero_point = 3;
        p.scales.weight[g] = 5;
    }
    check_product(&p);
    float *grouped = malloc((size_t)(p.T * p.O) * sizeof *grouped);
    memcpy(grouped, p.y, (size_t)(p.T * p.O) * sizeof *grouped);
    memset(p.grouping.group, 0, (size_t)p.C * sizeof *p.grouping.group);
    igq_grouping_build(&p.grouping);
    check_product(&p);
    ck_assert_mem_eq(p.y, grouped, (size_t)(p.T * p.O) * sizeof *grouped);
    free(grouped);
    product_free(&p);
}
END_TEST

START_TEST(every_kernel_gives_the_same_tile)
{
    rng random = {8};
    for (int num_pairs = 0; num_pairs < 40; num_pairs++) {
        int16_t acts[40 * IGQ_TILE_ACTS], weights[40 * IGQ_TILE_WEIGHTS];
        int32_t best[IGQ_TILE_SUMS], portable[IGQ_TILE_SUMS];
        rng_fill_int16(acts, sizeof acts / sizeof *acts, -255, 255, &random);
        rng_fill_int16(weights, sizeof weights / sizeof *weights, -255, 255, &random);
        igq_tile_best_kernel()(best, acts, weights, num_pairs);
        igq_tile_sums_portable(portable, acts, weights, num_pairs);
        ck_assert_mem_eq(best, portable, sizeof best);
        for (int i = 0; i < IGQ_TILE_SUMS; i++) {
            const int t = i / IGQ_TILE_OUTPUTS, o = i % IGQ_TILE_OUTPUTS;
            int32_t sum = 0;
            for (int c = 0; c < 2 * num_pairs; c++)
                sum += acts[c / 2 * IGQ_TILE_ACTS + 2 * t + c % 2] * weights[c / 2 * IGQ_TILE_WEIGHTS + 2 * o + c % 2];
            ck_assert_int_eq(portable[i], sum);
        }
    }
}
END_TEST

START_TEST(rows_equal_their_naive_twin)
{
    rng random = {9};
    uint64_t total = 0;
    for (int i = 0; i < 200; i++) {
        // The codes of T tokens serve as R rows of K = C codes, each row with a quantizer of its own.
        const int R = i % 5 ? rng_int(&random, 1, 30) : 1, K = i % 7 ? rng_int(&random, 1, 80) : 1;
        const int O = rng_int(&random, 1, 40), G = rng_int(&random, 1, 9),
                  acc_bits = i % 2 ? 32 : rng_int(&random, 8, 18), tile = i % 4 ? rng_int(&random, 0, K) : 0;
        product p;
        product_init(&p, R, K, O, G, (igq_group_scale)(i % IGQ_GROUP_SCALE_COUNT), acc_bits, &random);
        uint16_t row_group[30];
        for (int r = 0; r < R; r++)
            row_group[r] = (uint16_t)rng_int(&random, 0, G - 1);
        const uint64_t saturated = igq_gemm_rows_ref(p.expected, p.act_codes, row_group, p.quantizer, &p.scales,
                                                     &p.weights, R, acc_bits, tile);
        ck_assert_uint_eq(igq_gemm_rows(p.y, p.act_codes, row_group, p.quantizer, &p.scales, &p.weights, R, acc_bits,
                                        tile, p.scratch),
                          saturated);
        ck_assert_mem_eq(p.y, p.expected, (size_t)(R * O) * sizeof(float));
        total += saturated;
        product_free(&p);
    }
    ck_assert_uint_gt(total, 0);
}
END_TEST

START_TEST(a_row_is_scaled_by_its_own_group)
{
    rng random = {10};
    for (int mode = 0; mode < IGQ_GROUP_SCALE_COUNT; mode++) {
        product p;
        product_init(&p, 2, 1, 1, 2, (igq_group_scale)mode, 32, &random);
        memcpy(p.act_codes, (uint8_t[]){7, 7}, 2);
        p.quantizer[0].zero_point = 1;
        p.quantizer[1].zero_point = 9;
        p.weights.codes[0] = 4;
        p.weights.zero_point[0] = 1;
        p.weights.scale[0] = 0.5f;
        igq_weight_codes_pack(&p.weights);
        memcpy(p.scales.step, (float[]){2, 8}, 2 * sizeof(float));
        memcpy(p.scales.weight, mode == IGQ_GROUP_SCALE_POW2 ? (int32_t[]){1, 3} : (int32_t[]){2, 8},
               2 * sizeof(int32_t));
        p.scales.layer_scale = 1;
        const uint16_t row_group[] = {1, 0};
        igq_gemm_rows(p.y, p.act_codes, row_group, p.quantizer, &p.scales, &p.weights, 2, 32, 0, p.scratch);
        ck_assert_float_eq(p.y[0], 0.5f * 8 * (7 - 9) * 3);
        ck_assert_float_eq(p.y[1], 0.5f * 2 * (7 - 1) * 3);
        product_free(&p);
    }
}
END_TEST

// The whole chain against real arithmetic: a product of dequantized values, in double.
START_TEST(product_equals_the_product_of_dequantized_values)
{
    rng random = {11};
    for (int i = 0; i < 30; i++) {
        product p;
        product_init(&p, 5, 70, 9, 4, (igq_group_scale)(i % IGQ_GROUP_SCALE_COUNT), 32, &random);
        check_product(&p);
        for (int t = 0; t < p.T; t++) {
            for (int o = 0; o < p.O; o++) {
                double y = p.bias[o], magnitude = fabs(p.bias[o]);
                for (int c = 0; c < p.C; c++) {
                    const int g = p.grouping.group[c];
                    const double step = p.scales.mode == IGQ_GROUP_SCALE_FP32 ? p.scales.step[g]
                                        : p.scales.mode == IGQ_GROUP_SCALE_INT
                                            ? (double)p.scales.weight[g] * p.scales.layer_scale
                                            : ldexp(p.scales.layer_scale, p.scales.weight[g]);
                    const double x = step * (p.act_codes[t * p.C + c] - p.quantizer[g].zero_point);
                    const double w =
                        (double)p.weights.scale[o] * (p.weights.codes[o * p.C + c] - p.weights.zero_point[o]);
                    y += x * w;
                    magnitude += fabs(x * w);
                }
                ck_assert_double_eq_tol(p.y[t * p.O + o], y, 1e-6 * magnitude);
            }
        }
        product_free(&p);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gemm");
    TCase *tcase = tcase_create("gemm");
    tcase_add_test(tcase, product_of_hand_made_operands);
    tcase_add_test(tcase, product_equals_its_naive_twin_on_random_shapes);
    tcase_add_test(tcase, product_equals_its_naive_twin_on_shapes_of_a_network);
    tcase_add_test(tcase, tiles_of_channels_are_summed_in_order);
    tcase_add_test(tcase, the_order_of_tiles_worked_by_hand);
    tcase_add_test(tcase, saturated_group_sums_are_counted_alike);
    tcase_add_test(tcase, a_sum_saturates_beyond_its_width_and_not_before);
    tcase_add_test(tcase, one_channel_more_than_fits_saturates);
    tcase_add_test(tcase, extreme_sums_stay_exact);
    tcase_add_test(tcase, correcting_zero_points_after_the_multiplier_gives_the_same_sums);
    tcase_add_test(tcase, groups_of_equal_quantizers_add_up_to_one_group);
    tcase_add_test(tcase, every_kernel_gives_the_same_tile);
    tcase_add_test(tcase, rows_equal_their_naive_twin);
    tcase_add_test(tcase, a_row_is_scaled_by_its_own_group);
    tcase_add_test(tcase, product_equals_the_product_of_dequantized_values);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
