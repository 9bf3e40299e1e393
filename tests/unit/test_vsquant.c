// SPDX-License-Identifier: Apache-2.0
#include "rng.h"
#include "vsquant.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"
#undef fail

START_TEST(activations_of_a_hand_made_row)
{
    // N = 4: codes in +-7; M = 3: scales in [0, 7]; gamma 2 grid units.
    const igq_vsquant_cfg cfg = {.V = 3, .bits = 4, .scale_bits = 3};
    const int16_t x[] = {14, -14, 1, /* s = 2 */ 0, 0, 0, /* zero */ -70, 35, 5, /* s = 10 */ 6, 3 /* s = 6/7 */};
    const int8_t expected_codes[] = {7, -7, 1, 0, 0, 0, -7, 4, 1, 7, 4};
    const uint16_t expected_scale[] = {1, 0, 5, 0}; // 6/7 / 2 = 0.43 gates the last vector
    int8_t codes[11];
    uint16_t scale[4];
    igq_vsquant_activations(codes, scale, x, 1, 11, 2, &cfg);
    ck_assert_mem_eq(codes, expected_codes, sizeof codes);
    ck_assert_mem_eq(scale, expected_scale, sizeof scale);
}
END_TEST

START_TEST(gamma_lets_the_largest_magnitude_use_the_largest_scale)
{
    const igq_vsquant_cfg cfg = {.V = 1, .bits = 8, .scale_bits = 10};
    ck_assert_double_eq(igq_vsquant_gamma(127 * 1023, &cfg), 1);
    ck_assert_double_gt(igq_vsquant_gamma(0, &cfg), 0);
    ck_assert_double_lt(igq_vsquant_gamma(0, &cfg), igq_vsquant_gamma(1, &cfg));
    const int16_t x[] = {-32768};
    int8_t code;
    uint16_t scale;
    igq_vsquant_activations(&code, &scale, x, 1, 1, igq_vsquant_gamma(32768, &cfg), &cfg);
    ck_assert_int_eq(code, -127);
    ck_assert_uint_eq(scale, 1023);
    igq_vsquant_activations(&code, &scale, x, 1, 1, igq_vsquant_gamma(100, &cfg), &cfg);
    ck_assert_uint_eq(scale, 1023); // beyond calibration the scale saturates
    igq_vsquant_activations(&code, &scale, x, 1, 1, igq_vsquant_gamma(0, &cfg), &cfg);
    ck_assert_uint_eq(scale, 1023);
}
END_TEST

static int random_vector_length(rng *random, int C)
{
    const int choice = rng_int(random, 0, 5);
    return choice == 0 ? 1 : choice == 1 ? C : choice == 2 ? 16 : rng_int(random, 1, 64);
}

// Codes by exact integer division, scales by the formula.
START_TEST(activations_follow_the_equations)
{
    rng random = {1};
    for (int i = 0; i < 200; i++) {
        const int R = rng_int(&random, 1, 6), C = i % 7 ? rng_int(&random, 1, 100) : 1;
        const igq_vsquant_cfg cfg = {random_vector_length(&random, C), rng_int(&random, 2, 8), rng_int(&random, 1, 10)};
        const int vectors = (C + cfg.V - 1) / cfg.V, max = (1 << (cfg.bits - 1)) - 1,
                  max_scale = (1 << cfg.scale_bits) - 1;
        const int span = 1 << rng_int(&random, 0, 15);
        int16_t x[600];
        int8_t codes[600];
        uint16_t scale[600];
        rng_fill_int16(x, (size_t)(R * C), -span, span - 1, &random);
        const double gamma = igq_vsquant_gamma(rng_int(&random, 1, span), &cfg);
        igq_vsquant_activations(codes, scale, x, R, C, gamma, &cfg);
        for (int r = 0; r < R; r++) {
            for (int v = 0; v < vectors; v++) {
                int max_abs = 0;
                for (int c = v * cfg.V; c < C && c < (v + 1) * cfg.V; c++)
                    max_abs = abs(x[r * C + c]) > max_abs ? abs(x[r * C + c]) : max_abs;
                const double exact = floor(max_abs / (max * gamma) + 0.5);
                ck_assert_double_eq(scale[r * vectors + v], fmin(exact, max_scale));
                for (int c = v * cfg.V; c < C && c < (v + 1) * cfg.V; c++) {
                    // floor(x max / max_abs + 1/2), the numerator lifted above zero so that / is floor
                    const int numerator = 2 * x[r * C + c] * max + max_abs + 512 * max_abs;
                    ck_assert_int_eq(codes[r * C + c], max_abs ? numerator / (2 * max_abs) - 256 : 0);
                }
            }
        }
    }
}
END_TEST

START_TEST(weights_follow_the_equations)
{
    rng random = {2};
    for (int i = 0; i < 200; i++) {
        const int O = rng_int(&random, 1, 6), C = i % 7 ? rng_int(&random, 1, 100) : 1;
        const igq_vsquant_cfg cfg = {random_vector_length(&random, C), rng_int(&random, 2, 8), rng_int(&random, 1, 10)};
        const int vectors = (C + cfg.V - 1) / cfg.V, max = (1 << (cfg.bits - 1)) - 1,
                  max_scale = (1 << cfg.scale_bits) - 1;
        float weights[600], gamma[6];
        int8_t codes[600];
        uint16_t scale[600];
        rng_fill_float(weights, (size_t)(O * C), -0.3, 0.3, &random);
        memset(weights, 0, (size_t)C * sizeof *weights); // the first row is zero
        igq_vsquant_weights(codes, scale, gamma, weights, O, C, &cfg);
        ck_assert_float_eq(gamma[0], 1);
        for (int o = 0; o < O; o++) {
            int largest = 0;
            for (int v = 0; v < vectors; v++) {
                double max_abs = 0;
                for (int c = v * cfg.V; c < C && c < (v + 1) * cfg.V; c++)
                    max_abs = fmax(max_abs, fabs(weights[o * C + c]));
                ck_assert_double_eq(scale[o * vectors + v],
                                    fmin(floor(max_abs / ((double)max * gamma[o]) + 0.5), max_scale));
                largest = scale[o * vectors + v] > largest ? scale[o * vectors + v] : largest;
                for (int c = v * cfg.V; c < C && c < (v + 1) * cfg.V; c++)
                    ck_assert_double_eq(codes[o * C + c],
                                        max_abs > 0 ? floor((double)weights[o * C + c] * max / max_abs + 0.5) : 0);
            }
            ck_assert_int_eq(largest, o == 0 ? 0 : max_scale);
        }
    }
}
END_TEST

// A random product and its outputs.
typedef struct product {
    int8_t *act_codes, *weight_codes;
    uint16_t *act_scale, *weight_scale;
    float *weight_gamma, *bias, *y, *expected;
    void *scratch;
    igq_vsquant_operands operands;
} product;

static void product_init(product *p, int T, int C, int O, int V, rng *random)
{
    const size_t acts = (size_t)(T * C), weights = (size_t)(O * C), vectors = (size_t)((C + V - 1) / V);
    const int act_scale_bits = rng_int(random, 1, 10), weight_scale_bits = rng_int(random, 1, 10);
    p->act_codes = malloc(acts);
    p->weight_codes = malloc(weights);
    p->act_scale = malloc((size_t)T * vectors * sizeof(uint16_t));
    p->weight_scale = malloc((size_t)O * vectors * sizeof(uint16_t));
    p->weight_gamma = malloc((size_t)O * sizeof(float));
    p->bias = malloc((size_t)O * sizeof(float));
    p->y = malloc((size_t)(T * O) * sizeof(float));
    p->expected = malloc((size_t)(T * O) * sizeof(float));
    p->scratch = malloc(igq_vsquant_gemm_scratch(T, C, O, V));
    for (size_t i = 0; i < acts; i++)
        p->act_codes[i] = (int8_t)rng_int(random, -127, 127);
    for (size_t i = 0; i < weights; i++)
        p->weight_codes[i] = (int8_t)rng_int(random, -127, 127);
    for (size_t i = 0; i < (size_t)T * vectors; i++)
        p->act_scale[i] = (uint16_t)rng_int(random, 0, (1 << act_scale_bits) - 1);
    for (size_t i = 0; i < (size_t)O * vectors; i++)
        p->weight_scale[i] = (uint16_t)rng_int(random, 0, (1 << weight_scale_bits) - 1);
    rng_fill_float(p->weight_gamma, (size_t)O, 1e-5, 1e-4, random);
    rng_fill_float(p->bias, (size_t)O, -1, 1, random);
    const int full = act_scale_bits + weight_scale_bits;
    p->operands = (igq_vsquant_operands){.act_codes = p->act_codes,
                                         .act_scale = p->act_scale,
                                         .weight_codes = p->weight_codes,
                                         .weight_scale = p->weight_scale,
                                         .weight_gamma = p->weight_gamma,
                                         .bias = p->bias,
                                         .act_gamma = 0.01f,
                                         .T = T,
                                         .C = C,
                                         .O = O,
                                         .V = V,
                                         .product_bits_full = full,
                                         .scale_product_bits = rng_int(random, 0, full),
                                         .acc_bits = 48};
}

static void product_free(product *p)
{
    free(p->act_codes);
    free(p->weight_codes);
    free(p->act_scale);
    free(p->weight_scale);
    free(p->weight_gamma);
    free(p->bias);
    free(p->y);
    free(p->expected);
    free(p->scratch);
}

static uint64_t check_product(product *p)
{
    const size_t bytes = (size_t)(p->operands.T * p->operands.O) * sizeof(float);
    memset(p->y, 0xff, bytes);
    const uint64_t saturated = igq_vsquant_gemm_ref(p->expected, &p->operands);
    ck_assert_uint_eq(igq_vsquant_gemm(p->y, &p->operands, p->scratch), saturated);
    ck_assert_mem_eq(p->y, p->expected, bytes);
    return saturated;
}

START_TEST(product_of_hand_made_operands)
{
    const struct {
        int scale_product_bits;
        float y;
    } cases[] = {{0, 0.5f * (7 * 15 * 15 - 6 * 3) + 1},  // 8 bits of product: 225 and 3
                 {4, 0.5f * 16 * (7 * 14 - 6 * 0) + 1},  // 225/16 = 14.06, 3/16 rounds to zero: gated
                 {1, 0.5f * 128 * (7 * 1 - 6 * 0) + 1}}; // 225/128 = 1.76 would be 2: saturates at one bit
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const igq_vsquant_operands operands = {.act_codes = (int8_t[]){1, 2, -3},
                                               .act_scale = (uint16_t[]){15, 3},
                                               .weight_codes = (int8_t[]){3, 2, 2},
                                               .weight_scale = (uint16_t[]){15, 1},
                                               .weight_gamma = (float[]){0.25f},
                                               .bias = (float[]){1},
                                               .act_gamma = 2,
                                               .T = 1,
                                               .C = 3,
                                               .O = 1,
                                               .V = 2,
                                               .product_bits_full = 8,
                                               .scale_product_bits = cases[i].scale_product_bits,
                                               .acc_bits = 24};
        float y;
        void *scratch = malloc(igq_vsquant_gemm_scratch(1, 3, 1, 2));
        ck_assert_uint_eq(igq_vsquant_gemm_ref(&y, &operands), 0);
        ck_assert_float_eq(y, cases[i].y);
        ck_assert_uint_eq(igq_vsquant_gemm(&y, &operands, scratch), 0);
        ck_assert_float_eq(y, cases[i].y);
        free(scratch);
    }
}
END_TEST

// Weights with a quantizer per output channel are vectors of scale 1 whose codes are code - zero point.
START_TEST(affine_weights_are_vectors_of_scale_one)
{
    rng random = {7};
    for (int i = 0; i < 50; i++) {
        const int T = rng_int(&random, 1, 14), O = rng_int(&random, 1, 40), C = rng_int(&random, 1, 80);
        product p;
        product_init(&p, T, C, O, random_vector_length(&random, C), &random);
        uint8_t *codes = malloc((size_t)(O * C)), *zero_point = malloc((size_t)O);
        for (int o = 0; o < O; o++)
            zero_point[o] = (uint8_t)rng_int(&random, 0, 128);
        for (int k = 0; k < O * C; k++)
            codes[k] = (uint8_t)(p.weight_codes[k] + zero_point[k / C] < 0 ? 0 : p.weight_codes[k] + zero_point[k / C]);
        for (int k = 0; k < O * C; k++)
            p.weight_codes[k] = (int8_t)(codes[k] - zero_point[k / C]);
        const int vectors = (C + p.operands.V - 1) / p.operands.V;
        for (int k = 0; k < O * vectors; k++)
            p.weight_scale[k] = 1;
        p.operands.scale_product_bits = 0;
        check_product(&p);
        float *expected = malloc((size_t)(T * O) * sizeof *expected);
        memcpy(expected, p.y, (size_t)(T * O) * sizeof *expected);
        p.operands.weight_codes = NULL;
        p.operands.weight_scale = NULL;
        p.operands.affine_codes = codes;
        p.operands.affine_zero_point = zero_point;
        check_product(&p);
        ck_assert_mem_eq(p.y, expected, (size_t)(T * O) * sizeof *expected);
        free(expected);
        free(codes);
        free(zero_point);
        product_free(&p);
    }
}
END_TEST

START_TEST(product_equals_its_naive_twin)
{
    rng random = {3};
    for (int i = 0; i < 300; i++) {
        const int T = i % 5 ? rng_int(&random, 1, 20) : 1, O = i % 6 ? rng_int(&random, 1, 40) : 1;
        const int C = i % 7 ? rng_int(&random, 1, 100) : 1;
        product p;
        product_init(&p, T, C, O, random_vector_length(&random, C), &random);
        if (i % 8 == 0)
            p.operands.bias = NULL;
        ck_assert_uint_eq(check_product(&p), 0);
        product_free(&p);
    }
}
END_TEST

START_TEST(saturated_sums_are_counted_alike)
{
    rng random = {4};
    uint64_t total = 0;
    for (int i = 0; i < 100; i++) {
        const int C = rng_int(&random, 1, 100);
        product p;
        product_init(&p, rng_int(&random, 1, 15), C, rng_int(&random, 1, 40), random_vector_length(&random, C),
                     &random);
        p.operands.acc_bits = rng_int(&random, 16, 24);
        total += check_product(&p);
        product_free(&p);
    }
    ck_assert_uint_gt(total, 0);
}
END_TEST

// Integer sums of tiles are exact whatever their order, unless one saturates.
START_TEST(tiles_of_channels_add_up)
{
    rng random = {6};
    uint64_t total = 0;
    for (int i = 0; i < 200; i++) {
        const int T = rng_int(&random, 1, 14), C = rng_int(&random, 1, 120), O = rng_int(&random, 1, 40);
        const size_t bytes = (size_t)T * (size_t)O * sizeof(float);
        product p;
        product_init(&p, T, C, O, random_vector_length(&random, C), &random);
        check_product(&p);
        float *whole = malloc(bytes);
        memcpy(whole, p.y, bytes);
        p.operands.tile_channels = p.operands.V * rng_int(&random, 0, (C + p.operands.V - 1) / p.operands.V);
        ck_assert_uint_eq(check_product(&p), 0);
        ck_assert_mem_eq(p.y, whole, bytes);
        p.operands.acc_bits = rng_int(&random, 16, 20);
        total += check_product(&p);
        free(whole);
        product_free(&p);
    }
    ck_assert_uint_gt(total, 0);
}
END_TEST

START_TEST(extreme_sums_stay_exact)
{
    rng random = {5};
    product p;
    enum { C = 4096 };
    product_init(&p, 1, C, 1, 1024, &random);
    memset(p.act_codes, -127, C);
    memset(p.weight_codes, 127, C);
    for (int i = 0; i < 4; i++)
        p.act_scale[i] = p.weight_scale[i] = 1023;
    p.operands.product_bits_full = 20;
    p.operands.scale_product_bits = 0;
    p.operands.bias = NULL;
    p.operands.act_gamma = p.weight_gamma[0] = 1;
    ck_assert_uint_eq(check_product(&p), 0);
    ck_assert_float_eq(p.y[0], (float)(-(int64_t)C * 127 * 127 * 1023 * 1023));
    product_free(&p);
}
END_TEST

// Quantize and multiply, against the product in double: finer codes and scales come nearer.
START_TEST(four_bits_come_near_the_real_product_and_eight_nearer)
{
    rng random = {6};
    enum { T = 8, C = 96, O = 24 };
    int16_t x[T * C];
    float weights[O * C];
    rng_fill_int16(x, T * C, -8000, 8000, &random);
    rng_fill_float(weights, O * C, -0.2, 0.2, &random);
    double error[2];
    for (int fine = 0; fine < 2; fine++) {
        const igq_vsquant_cfg cfg = {.V = 16, .bits = fine ? 8 : 4, .scale_bits = fine ? 10 : 4};
        product p;
        product_init(&p, T, C, O, cfg.V, &random);
        const double gamma = igq_vsquant_gamma(8000, &cfg);
        igq_vsquant_activations(p.act_codes, p.act_scale, x, T, C, gamma, &cfg);
        igq_vsquant_weights(p.weight_codes, p.weight_scale, p.weight_gamma, weights, O, C, &cfg);
        p.operands.act_gamma = (float)ldexp(gamma, -12);
        p.operands.product_bits_full = 2 * cfg.scale_bits;
        p.operands.scale_product_bits = 0;
        p.operands.bias = NULL;
        check_product(&p);
        double signal = 0, noise = 0;
        for (int t = 0; t < T; t++) {
            for (int o = 0; o < O; o++) {
                double y = 0;
                for (int c = 0; c < C; c++)
                    y += ldexp(x[t * C + c], -12) * weights[o * C + c];
                signal += y * y;
                noise += (y - p.y[t * O + o]) * (y - p.y[t * O + o]);
            }
        }
        error[fine] = noise / signal;
        product_free(&p);
    }
    ck_assert_double_lt(error[0], 0.05);
    ck_assert_double_lt(error[1], 1e-3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vsquant");
    TCase *tcase = tcase_create("vsquant");
    tcase_add_test(tcase, activations_of_a_hand_made_row);
    tcase_add_test(tcase, gamma_lets_the_largest_magnitude_use_the_largest_scale);
    tcase_add_test(tcase, activations_follow_the_equations);
    tcase_add_test(tcase, weights_follow_the_equations);
    tcase_add_test(tcase, product_of_hand_made_operands);
    tcase_add_test(tcase, product_equals_its_naive_twin);
    tcase_add_test(tcase, affine_weights_are_vectors_of_scale_one);
    tcase_add_test(tcase, saturated_sums_are_counted_alike);
    tcase_add_test(tcase, extreme_sums_stay_exact);
    tcase_add_test(tcase, tiles_of_channels_add_up);
    tcase_add_test(tcase, four_bits_come_near_the_real_product_and_eight_nearer);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
