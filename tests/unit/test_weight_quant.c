// SPDX-License-Identifier: Apache-2.0
#include "rng.h"
#include "weight_quant.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"
#undef fail

static int ascending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

// By definition, on sorted values.
static double percentile_ref(const float *sorted, int num, double percentile)
{
    const double rank = percentile / 100 * (num - 1);
    const int below = (int)floor(rank);
    if (below + 1 >= num)
        return sorted[num - 1];
    return sorted[below] + ((double)sorted[below + 1] - sorted[below]) * (rank - below);
}

START_TEST(percentiles_of_hand_made_values)
{
    // numpy.percentile([15, 20, 35, 40, 50], q)
    const double q[] = {0, 5, 25, 30, 40, 50, 75, 95, 100};
    const double expected[] = {15, 16, 20, 23, 29, 35, 40, 48, 50};
    for (size_t i = 0; i < sizeof q / sizeof *q; i++) {
        float values[] = {35, 50, 15, 40, 20};
        ck_assert_double_eq_tol(igq_percentile(values, 5, q[i]), expected[i], 1e-5);
    }
}
END_TEST

START_TEST(percentiles_equal_those_of_sorted_values)
{
    rng random = {1};
    for (int i = 0; i < 500; i++) {
        const int num = i % 10 ? rng_int(&random, 1, 300) : 1;
        float values[300], sorted[300], reordered[300];
        for (int j = 0; j < num; j++) // every third case has many equal values
            values[j] = i % 3 ? (float)rng_real(&random, -1, 1) : (float)rng_int(&random, -2, 2);
        memcpy(sorted, values, sizeof values);
        qsort(sorted, (size_t)num, sizeof *sorted, ascending);
        const double percentile = i % 4 ? rng_real(&random, 0, 100) : 100 * (i % 8 / 4);
        const double expected = percentile_ref(sorted, num, percentile);
        ck_assert_double_eq_tol(igq_percentile(values, num, percentile), expected, 1e-6);
        memcpy(reordered, values, sizeof values);
        qsort(reordered, (size_t)num, sizeof *reordered, ascending);
        ck_assert_mem_eq(reordered, sorted, (size_t)num * sizeof *sorted); // the same values are still there
    }
}
END_TEST

static igq_weight_codes new_codes(int O, int C, int bits)
{
    igq_weight_codes codes;
    igq_weight_codes_init(&codes, malloc(igq_weight_codes_size(O, C)), O, C, bits);
    return codes;
}

static void free_codes(igq_weight_codes *codes)
{
    free(codes->scale);
}

START_TEST(rows_of_hand_made_weights)
{
    const float weights[5][4] = {
        {-1.5f, 0, 0.5f, 1.5f}, // step 1
        {0, 0, 0, 0},           // scale 1, all on the zero point
        {2, 3, 3, 3},           // widened to [0, 3]
        {-3, -3, -3, -3},       // bounds coincide, widened to [-3, 0]
        {-0.5f, 1.5f, 2.5f, 0}, // ties round up
    };
    const uint8_t expected[5][4] = {{1, 2, 3, 3}, {0, 0, 0, 0}, {2, 3, 3, 3}, {0, 0, 0, 0}, {1, 3, 3, 1}};
    const uint8_t zero_point[5] = {2, 0, 0, 3, 1};
    const float scale[5] = {1, 1, 1, 1, 1};
    float scratch[4];
    igq_weight_codes codes = new_codes(5, 4, 2);
    igq_weight_quantize(&codes, weights[0], 0, 0, scratch);
    ck_assert_mem_eq(codes.codes, expected, sizeof expected);
    ck_assert_mem_eq(codes.zero_point, zero_point, sizeof zero_point);
    ck_assert_mem_eq(codes.scale, scale, sizeof scale);
    free_codes(&codes);
}
END_TEST

START_TEST(weights_follow_the_equations)
{
    rng random = {2};
    for (int i = 0; i < 100; i++) {
        const int O = rng_int(&random, 1, 40), C = i % 8 ? rng_int(&random, 1, 200) : 1, bits = rng_int(&random, 2, 8);
        const double epsilon_pct = i % 2 ? 0 : rng_real(&random, 0, 10);
        const double max = (1 << bits) - 1;
        float *weights = malloc((size_t)(O * C) * sizeof *weights), *row = malloc((size_t)C * sizeof *row);
        igq_weight_codes codes = new_codes(O, C, bits);
        rng_fill_float(weights, (size_t)(O * C), -0.3, 0.2, &random);
        igq_weight_quantize(&codes, weights, 0, epsilon_pct, row);
        for (int o = 0; o < O; o++) {
            memcpy(row, weights + o * C, (size_t)C * sizeof *row);
            const double lower = fmin(igq_percentile(row, C, epsilon_pct), 0);
            const double upper = fmax(igq_percentile(row, C, 100 - epsilon_pct), 0);
            const float scale = (float)((upper - lower) / max);
            ck_assert_float_eq(codes.scale[o], scale);
            const double zero_point = fmin(floor(-lower / scale + 0.5), max);
            ck_assert_double_eq(codes.zero_point[o], zero_point);
            for (int c = 0; c < C; c++) {
                const double code = floor((double)weights[o * C + c] / scale + 0.5) + zero_point;
                ck_assert_double_eq(codes.codes[o * C + c], fmin(fmax(code, 0), max));
            }
        }
        free(weights);
        free(row);
        free_codes(&codes);
    }
}
END_TEST

// The quantizer of an output channel, found by asking every group whether it holds it.
static int quantizer_of(int o, int O, int quantizers)
{
    int q = 0;
    while ((q + 1) * O / quantizers <= o)
        q++;
    return q;
}

START_TEST(groups_of_output_channels_share_a_quantizer)
{
    rng random = {5};
    for (int i = 0; i < 200; i++) {
        const int O = rng_int(&random, 1, 40), C = rng_int(&random, 1, 30), bits = rng_int(&random, 2, 8);
        const int num_groups = i % 4 == 0 ? 1 : rng_int(&random, 1, O);
        const double epsilon_pct = i % 2 ? 0 : rng_real(&random, 0, 5), max = (1 << bits) - 1;
        float *weights = malloc((size_t)(O * C) * sizeof *weights), *group = malloc((size_t)(O * C) * sizeof *group);
        igq_weight_codes codes = new_codes(O, C, bits);
        rng_fill_float(weights, (size_t)(O * C), -0.3, 0.2, &random);
        ck_assert_uint_le(igq_weight_quantize_scratch(O, C, num_groups), (size_t)(O * C));
        igq_weight_quantize(&codes, weights, num_groups, epsilon_pct, group);
        for (int o = 0; o < O; o++) {
            int num = 0;
            for (int other = 0; other < O; other++)
                for (int c = 0; c < C && quantizer_of(other, O, num_groups) == quantizer_of(o, O, num_groups); c++)
                    group[num++] = weights[other * C + c];
            qsort(group, (size_t)num, sizeof *group, ascending);
            const double lower = fmin((float)percentile_ref(group, num, epsilon_pct), 0);
            const double upper = fmax((float)percentile_ref(group, num, 100 - epsilon_pct), 0);
            const double scale = (float)((upper - lower) / max), zero_point = floor(-lower / scale + 0.5);
            ck_assert_double_eq_tol(codes.scale[o], scale, 1e-6 * scale);
            ck_assert_double_eq_tol(codes.zero_point[o], fmin(zero_point, max), 1);
            for (int c = 0; c < C; c++) {
                const double code = floor((double)weights[o * C + c] / codes.scale[o] + 0.5) + codes.zero_point[o];
                ck_assert_double_eq(codes.codes[o * C + c], fmin(fmax(code, 0), max));
            }
        }
        free(weights);
        free(group);
        free_codes(&codes);
    }
}
END_TEST

START_TEST(as_many_groups_as_channels_are_no_groups)
{
    enum { O = 7, C = 11 };
    rng random = {6};
    float weights[O * C], scratch[O * C];
    rng_fill_float(weights, O * C, -1, 1, &random);
    igq_weight_codes by_channel = new_codes(O, C, 4);
    igq_weight_quantize(&by_channel, weights, 0, 1, scratch);
    for (int num_groups = O; num_groups <= O + 1; num_groups++) {
        igq_weight_codes codes = new_codes(O, C, 4);
        ck_assert_uint_eq(igq_weight_quantize_scratch(O, C, num_groups), C);
        igq_weight_quantize(&codes, weights, num_groups, 1, scratch);
        ck_assert_mem_eq(codes.codes, by_channel.codes, O * C);
        ck_assert_mem_eq(codes.scale, by_channel.scale, O * sizeof(float));
        free_codes(&codes);
    }
    ck_assert_int_eq(igq_num_weight_quantizers(O, 0), O);
    ck_assert_int_eq(igq_num_weight_quantizers(O, O + 1), O);
    ck_assert_int_eq(igq_num_weight_quantizers(O, 3), 3);
    free_codes(&by_channel);
}
END_TEST

START_TEST(outliers_beyond_the_percentile_are_clipped)
{
    enum { C = 1001 };
    rng random = {3};
    float weights[C], scratch[C];
    rng_fill_float(weights, C, -1, 1, &random);
    weights[10] = 1e30f;
    weights[20] = -1e30f;
    weights[30] = 0;
    igq_weight_codes codes = new_codes(1, C, 8);
    igq_weight_quantize(&codes, weights, 0, 1, scratch);
    ck_assert_float_lt(codes.scale[0], 2.0f / 255);
    ck_assert_uint_eq(codes.codes[10], 255);
    ck_assert_uint_eq(codes.codes[20], 0);
    ck_assert_uint_eq(codes.codes[30], codes.zero_point[0]);
    free_codes(&codes);
}
END_TEST

START_TEST(panels_hold_the_codes_by_input_channel)
{
    rng random = {4};
    const int outputs[] = {1, 15, 16, 17, 40};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        const int O = outputs[i], C = 13, padded = (O + 15) / 16 * 16;
        igq_weight_codes codes = new_codes(O, C, 8);
        memset(codes.panels, 0xee, (size_t)(padded * C));
        rng_fill_uint8(codes.codes, (size_t)(O * C), 0, 255, &random);
        rng_fill_uint8(codes.zero_point, (size_t)padded, 1, 255, &random);
        igq_weight_codes_pack(&codes);
        for (int o = 0; o < padded; o++) {
            if (o >= O)
                ck_assert_uint_eq(codes.zero_point[o], 0);
            for (int c = 0; c < C; c++)
                ck_assert_uint_eq(codes.panels[(o / 16 * C + c) * 16 + o % 16], o < O ? codes.codes[o * C + c] : 0);
        }
        free_codes(&codes);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("weight_quant");
    TCase *tcase = tcase_create("weight_quant");
    tcase_add_test(tcase, percentiles_of_hand_made_values);
    tcase_add_test(tcase, percentiles_equal_those_of_sorted_values);
    tcase_add_test(tcase, rows_of_hand_made_weights);
    tcase_add_test(tcase, weights_follow_the_equations);
    tcase_add_test(tcase, groups_of_output_channels_share_a_quantizer);
    tcase_add_test(tcase, as_many_groups_as_channels_are_no_groups);
    tcase_add_test(tcase, outliers_beyond_the_percentile_are_clipped);
    tcase_add_test(tcase, panels_hold_the_codes_by_input_channel);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
