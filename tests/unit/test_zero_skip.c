// SPDX-License-Identifier: Apache-2.0
#include "zero_skip.h"
#include "layer_lists.h"
#include "rng.h"
#include "../suite.h"

enum { MAX_C = 64, MAX_T = 16 };

static void assert_lists(const igq_grouping *grouping, const int *start, const int *channel)
{
    for (int g = 0; g <= grouping->G; g++)
        ck_assert_int_eq(grouping->start[g], start[g]);
    for (int i = 0; i < grouping->start[grouping->G]; i++)
        ck_assert_int_eq(grouping->channel[i], channel[i]);
}

static igq_quantizer random_quantizer(rng *random)
{
    igq_quantizer quantizer;
    int reach = 1 << rng_int(random, 0, 15);
    int a = rng_int(random, -reach, reach - 1), b = rng_int(random, -reach, reach - 1);
    igq_quantizer_from_bounds(&quantizer, a < b ? a : b, a < b ? b : a, rng_int(random, 2, 8));
    return quantizer;
}

START_TEST(the_interval_holds_exactly_the_values_that_become_the_zero_point)
{
    rng random = {.state = 7};
    for (int i = 0; i < 100; i++) {
        igq_quantizer quantizer = random_quantizer(&random);
        int16_t lower, upper;
        igq_zero_interval(&lower, &upper, &quantizer);
        int wrong = 0;
        for (int x = INT16_MIN; x <= INT16_MAX; x++)
            wrong += (x >= lower && x <= upper) != (igq_quantize(&quantizer, (int16_t)x) == quantizer.zero_point);
        ck_assert_int_eq(wrong, 0);
    }
}
END_TEST

// -56 .. 64 in steps of 8, zero point 7: -4 .. 3 become 7 (halves are rounded up). 0 .. 960 in steps of 64.
START_TEST(intervals_worked_by_hand)
{
    igq_quantizer fine, coarse;
    int16_t lower, upper;
    igq_quantizer_from_bounds(&fine, -56, 64, 4);
    igq_quantizer_from_bounds(&coarse, 0, 960, 4);
    igq_zero_interval(&lower, &upper, &fine);
    ck_assert_int_eq(lower, -4);
    ck_assert_int_eq(upper, 3);
    igq_zero_interval(&lower, &upper, &coarse); // zero point 0: everything below is clamped to it
    ck_assert_int_eq(lower, INT16_MIN);
    ck_assert_int_eq(upper, 31);
}
END_TEST

static const uint16_t two_groups[6] = {0, 1, 0, 1, 1, 0}; // lists {0, 2, 5} and {1, 3, 4}

START_TEST(lists_worked_by_hand)
{
    layer_lists lists;
    // Group 0 takes -5 .. 4 for zero, group 1 everything up to 49.
    const int16_t lower[] = {-5, INT16_MIN}, upper[] = {4, 49};
    // Channel 0 reaches -6; 1 stays below 49; 2 is constant zero; 3 reaches 50; 4 is constant, but not near zero; 5
    // lies on both ends.
    const int16_t lo[] = {-6, -900, 0, -900, 60, -5}, hi[] = {0, 49, 0, 50, 60, 4};
    layer_lists_init(&lists, 6, 2, two_groups);
    igq_zeros zeros = {lower, upper, NULL};
    ck_assert_int_eq(igq_zero_skip(&lists.grouping, &zeros, lo, hi), 3);
    assert_lists(&lists.grouping, (int[]){0, 1, 3}, (int[]){0, 3, 4});
    ck_assert_mem_eq(lists.grouping.group, two_groups, sizeof two_groups);
}
END_TEST

START_TEST(channels_with_zero_weights_need_no_ranges)
{
    layer_lists lists;
    const uint8_t weights[6] = {0, 1, 0, 1, 1, 1};
    layer_lists_init(&lists, 6, 2, two_groups);
    igq_zeros zeros = {NULL, NULL, weights};
    ck_assert_int_eq(igq_zero_skip(&lists.grouping, &zeros, NULL, NULL), 4);
    assert_lists(&lists.grouping, (int[]){0, 2, 2}, (int[]){0, 2}); // the second list is empty
}
END_TEST

START_TEST(nothing_known_skips_nothing)
{
    layer_lists lists;
    layer_lists_init(&lists, 6, 2, two_groups);
    igq_zeros zeros = {0};
    ck_assert_int_eq(igq_zero_skip(&lists.grouping, &zeros, NULL, NULL), 0);
    assert_lists(&lists.grouping, (int[]){0, 3, 6}, (int[]){0, 2, 5, 1, 3, 4});
}
END_TEST

START_TEST(one_channel_stays_in_a_layer_of_zeros)
{
    layer_lists lists;
    const uint8_t weights[6] = {1, 1, 1, 1, 1, 1};
    layer_lists_init(&lists, 6, 2, two_groups);
    igq_zeros zeros = {NULL, NULL, weights};
    ck_assert_int_eq(igq_zero_skip(&lists.grouping, &zeros, NULL, NULL), 5);
    assert_lists(&lists.grouping, (int[]){0, 0, 1}, (int[]){4});
}
END_TEST

// A random layer: activations with narrow channels, weight codes with zero rows.
typedef struct random_layer {
    int T, C, G, weight_zero_point;
    uint16_t group[MAX_C];
    igq_quantizer quantizer[4];
    int16_t x[MAX_T][MAX_C], lo[MAX_C], hi[MAX_C];
    uint8_t weight[MAX_C], zero_weights[MAX_C];
} random_layer;

static void draw_layer(random_layer *layer, rng *random)
{
    layer->T = rng_int(random, 1, MAX_T);
    layer->C = rng_int(random, 1, MAX_C);
    layer->G = rng_int(random, 1, 4);
    layer->weight_zero_point = rng_int(random, 0, 15);
    for (int g = 0; g < layer->G; g++)
        layer->quantizer[g] = random_quantizer(random);
    for (int c = 0; c < layer->C; c++) {
        int reach = 1 << rng_int(random, 0, 10);
        layer->group[c] = (uint16_t)rng_int(random, 0, layer->G - 1);
        layer->lo[c] = INT16_MAX;
        layer->hi[c] = INT16_MIN;
        for (int t = 0; t < layer->T; t++) {
            int16_t x = layer->x[t][c] = (int16_t)rng_int(random, -reach, reach);
            layer->lo[c] = x < layer->lo[c] ? x : layer->lo[c];
            layer->hi[c] = x > layer->hi[c] ? x : layer->hi[c];
        }
        layer->weight[c] = (uint8_t)(rng_int(random, 0, 3) ? rng_int(random, 0, 15) : layer->weight_zero_point);
        layer->zero_weights[c] = layer->weight[c] == layer->weight_zero_point; // one output: a row is one code
    }
}

static int product_of(const random_layer *layer, int t, int c)
{
    const igq_quantizer *quantizer = &layer->quantizer[layer->group[c]];
    return (igq_quantize(quantizer, layer->x[t][c]) - quantizer->zero_point) *
           (layer->weight[c] - layer->weight_zero_point);
}

START_TEST(sums_of_groups_are_the_same_with_and_without_skipping)
{
    static random_layer layer;
    rng random = {.state = 11};
    uint64_t skipped = 0;
    for (int i = 0; i < 2000; i++) {
        layer_lists full, skipping;
        int16_t lower[4], upper[4];
        draw_layer(&layer, &random);
        layer_lists_init(&full, layer.C, layer.G, layer.group);
        layer_lists_init(&skipping, layer.C, layer.G, layer.group);
        for (int g = 0; g < layer.G; g++)
            igq_zero_interval(&lower[g], &upper[g], &layer.quantizer[g]);
        igq_zeros zeros = {lower, upper, layer.zero_weights};
        int out = igq_zero_skip(&skipping.grouping, &zeros, layer.lo, layer.hi);
        ck_assert_int_eq(out + igq_grouping_num_listed(&skipping.grouping), layer.C);
        skipped += (uint64_t)out;
        int idle_channels = 0; // those whose products are all zero
        for (int c = 0; c < layer.C; c++) {
            int idle = 1;
            for (int t = 0; t < layer.T; t++)
                idle &= product_of(&layer, t, c) == 0;
            idle_channels += idle;
        }
        ck_assert_int_le(out, idle_channels);
        for (int g = 0; g < layer.G; g++)
            for (int t = 0; t < layer.T; t++) {
                int all = 0, listed = 0;
                for (int p = full.grouping.start[g]; p < full.grouping.start[g + 1]; p++)
                    all += product_of(&layer, t, full.grouping.channel[p]);
                for (int p = skipping.grouping.start[g]; p < skipping.grouping.start[g + 1]; p++)
                    listed += product_of(&layer, t, skipping.grouping.channel[p]);
                ck_assert_int_eq(all, listed);
            }
        // With one output a row of weights is one code, so nothing that is idle is missed but the last channel.
        ck_assert_int_ge(out, idle_channels - (idle_channels == layer.C));
    }
    ck_assert_uint_gt(skipped, 10000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("zero_skip");
    TCase *cases = tcase_create("zero_skip");
    tcase_add_test(cases, the_interval_holds_exactly_the_values_that_become_the_zero_point);
    tcase_add_test(cases, intervals_worked_by_hand);
    tcase_add_test(cases, lists_worked_by_hand);
    tcase_add_test(cases, channels_with_zero_weights_need_no_ranges);
    tcase_add_test(cases, nothing_known_skips_nothing);
    tcase_add_test(cases, one_channel_stays_in_a_layer_of_zeros);
    tcase_add_test(cases, sums_of_groups_are_the_same_with_and_without_skipping);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
