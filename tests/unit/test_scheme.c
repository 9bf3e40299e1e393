// SPDX-License-Identifier: Apache-2.0
#include "format.h"
#include <stdalign.h>
#include <string.h>
#include "../suite.h"

enum { MEMBERS = 6 };

// Calibrated ranges of six channels; groups of scheme igq: narrow and wide.
static int16_t member_lo[MEMBERS] = {-10, -1, -40, -2, 0, -30};
static int16_t member_hi[MEMBERS] = {10, 1, 60, 3, 100, 50};
static int16_t igq_lower[2] = {-2, -30}, igq_upper[2] = {2, 60};
static const igq_group_bounds bounds = {.bits = 4,
                                        .num_members = MEMBERS,
                                        .member_lo = member_lo,
                                        .member_hi = member_hi,
                                        .num_groups = 2,
                                        .lower = igq_lower,
                                        .upper = igq_upper};

// Ranges of an instance in which the wide and the narrow channels have changed places.
static int16_t instance_lo[MEMBERS] = {-1, -30, -2, -30, -2, -3};
static int16_t instance_hi[MEMBERS] = {1, 50, 2, 60, 1, 3};
static const igq_range range = {.num = MEMBERS, .lo = instance_lo, .hi = instance_hi};

typedef struct outcome {
    igq_grouping grouping;
    int16_t lower[MEMBERS], upper[MEMBERS];
    alignas(8) char grouping_memory[256];
} outcome;

static void run_scheme_on(outcome *result, igq_scheme scheme, int num_groups, const igq_group_bounds *of)
{
    uint16_t scratch[MEMBERS];
    igq_scheme_cfg cfg = {.scheme = scheme, .num_groups = num_groups, .distance = IGQ_DISTANCE_L2};
    int G = igq_scheme_num_groups(&cfg, of);
    ck_assert_uint_le(igq_grouping_size(MEMBERS, G), sizeof result->grouping_memory);
    igq_grouping_init(&result->grouping, result->grouping_memory, MEMBERS, G);
    igq_scheme_group(&result->grouping, &cfg, of, &range, scratch);
    igq_scheme_bounds(result->lower, result->upper, &cfg, of, &result->grouping, &range);
}

static void run_scheme(outcome *result, igq_scheme scheme, int num_groups)
{
    run_scheme_on(result, scheme, num_groups, &bounds);
}

static void assert_outcome(const outcome *result, int G, const uint16_t *group, const int16_t *lower,
                           const int16_t *upper)
{
    ck_assert_int_eq(result->grouping.G, G);
    ck_assert_mem_eq(result->grouping.group, group, MEMBERS * sizeof *group);
    ck_assert_mem_eq(result->lower, lower, (size_t)G * sizeof *lower);
    ck_assert_mem_eq(result->upper, upper, (size_t)G * sizeof *upper);
    ck_assert_int_eq(result->grouping.start[G], MEMBERS);
}

START_TEST(layerwise_and_vsquant_are_one_group_that_covers_all)
{
    static const uint16_t group[MEMBERS] = {0};
    static const int16_t lower[1] = {-40}, upper[1] = {100};
    outcome layerwise, vsquant;
    run_scheme(&layerwise, IGQ_SCHEME_LAYERWISE, 3);
    run_scheme(&vsquant, IGQ_SCHEME_VSQUANT, 3);
    assert_outcome(&layerwise, 1, group, lower, upper);
    assert_outcome(&vsquant, 1, group, lower, upper);
}
END_TEST

START_TEST(consecutive_runs_cover_their_own_members)
{
    static const uint16_t group[MEMBERS] = {0, 0, 1, 1, 2, 2};
    static const int16_t lower[3] = {-10, -40, -30}, upper[3] = {10, 60, 100};
    outcome result;
    run_scheme(&result, IGQ_SCHEME_CONSECUTIVE, 3);
    assert_outcome(&result, 3, group, lower, upper);
}
END_TEST

START_TEST(peg_puts_channels_of_like_width_together)
{
    // widths 20 2 100 5 100 80: sorted 1 3 0 5 2 4
    static const uint16_t group[MEMBERS] = {1, 0, 2, 0, 2, 1};
    static const int16_t lower[3] = {-2, -30, -40}, upper[3] = {3, 50, 100};
    outcome result;
    run_scheme(&result, IGQ_SCHEME_PEG, 3);
    assert_outcome(&result, 3, group, lower, upper);
}
END_TEST

START_TEST(igq_follows_the_instance_and_keeps_the_calibrated_bounds)
{
    static const uint16_t group[MEMBERS] = {0, 1, 0, 1, 0, 0};
    outcome result;
    run_scheme(&result, IGQ_SCHEME_IGQ, 5); // num_groups of the scheme does not matter
    assert_outcome(&result, 2, group, igq_lower, igq_upper);
}
END_TEST

START_TEST(groups_that_cover_are_assigned_by_means_and_quantized_by_their_cover)
{
    static const uint16_t group[MEMBERS] = {0, 1, 0, 1, 0, 0};
    static int16_t cover_lower[2] = {-9, -90}, cover_upper[2] = {8, 80};
    igq_group_bounds covering = bounds;
    covering.covers = 1;
    covering.cover_lower = cover_lower;
    covering.cover_upper = cover_upper;
    outcome result;
    run_scheme_on(&result, IGQ_SCHEME_IGQ, 5, &covering);
    assert_outcome(&result, 2, group, cover_lower, cover_upper);
}
END_TEST

START_TEST(igq_fixed_follows_the_calibrated_ranges_and_keeps_the_bounds)
{
    static const uint16_t group[MEMBERS] = {0, 0, 1, 0, 1, 1};
    outcome result;
    run_scheme(&result, IGQ_SCHEME_IGQ_FIXED, 5);
    assert_outcome(&result, 2, group, igq_lower, igq_upper);
}
END_TEST

START_TEST(tender_halves_the_largest_calibrated_magnitude)
{
    static const uint16_t as_they_are[MEMBERS] = {3, 3, 0,
                                                  3, 0, 1};      // 10 1 60 3 100 50: (50, 100], (25, 50], (12.5, 25]
    static const uint16_t centred[MEMBERS] = {2, 3, 0, 3, 0, 0}; // 10 1 50 2.5 50 40
    igq_scheme_cfg cfg = {.scheme = IGQ_SCHEME_TENDER, .num_groups = 4};
    for (int subtracts = 0; subtracts < 2; subtracts++) {
        outcome result;
        cfg.tender_subtracts_middle = subtracts;
        igq_grouping_init(&result.grouping, result.grouping_memory, MEMBERS, igq_scheme_num_groups(&cfg, &bounds));
        igq_scheme_group(&result.grouping, &cfg, &bounds, NULL, NULL);
        ck_assert_mem_eq(result.grouping.group, subtracts ? centred : as_they_are, sizeof centred);
        ck_assert_int_eq(result.grouping.start[4], MEMBERS);
    }
    ck_assert_int_eq(igq_tender_middle(&cfg, &bounds, 5), 10);
    ck_assert_int_eq(igq_tender_middle(&cfg, &bounds, 3), 0); // of -2 and 3, rounded down
    ck_assert_int_eq(igq_scheme_of_layer(&cfg, IGQ_LAYER_CONTEXT).tender_subtracts_middle, 0);
}
END_TEST

START_TEST(channelwise_takes_the_ranges_of_the_instance)
{
    static const uint16_t group[MEMBERS] = {0, 1, 2, 3, 4, 5};
    outcome result;
    run_scheme(&result, IGQ_SCHEME_CHANNELWISE, 3);
    assert_outcome(&result, MEMBERS, group, instance_lo, instance_hi);
}
END_TEST

START_TEST(static_groups_are_at_most_the_members)
{
    outcome result;
    run_scheme(&result, IGQ_SCHEME_CONSECUTIVE, 8);
    ck_assert_int_eq(result.grouping.G, MEMBERS);
}
END_TEST

START_TEST(only_instance_dependent_schemes_need_ranges)
{
    for (int scheme = 0; scheme < IGQ_SCHEME_COUNT; scheme++)
        ck_assert_int_eq(igq_scheme_needs_ranges((igq_scheme)scheme),
                         scheme == IGQ_SCHEME_IGQ || scheme == IGQ_SCHEME_CHANNELWISE);
}
END_TEST

START_TEST(edge_layers_are_layerwise_in_every_scheme)
{
    igq_scheme_cfg cfg = {.scheme = IGQ_SCHEME_VSQUANT, .acc_bits = 24};
    ck_assert_int_eq(igq_scheme_of_layer(&cfg, IGQ_LAYER_PATCH_EMBED).scheme, IGQ_SCHEME_LAYERWISE);
    ck_assert_int_eq(igq_scheme_of_layer(&cfg, IGQ_LAYER_HEAD).scheme, IGQ_SCHEME_LAYERWISE);
    ck_assert_int_eq(igq_scheme_of_layer(&cfg, IGQ_LAYER_HEAD).acc_bits, 24);
    for (int kind = IGQ_LAYER_QKV; kind <= IGQ_LAYER_FC2; kind++) // scores have a quantizer per head
        ck_assert_int_eq(igq_scheme_of_layer(&cfg, (igq_layer_kind)kind).scheme,
                         kind == IGQ_LAYER_SCORES ? IGQ_SCHEME_LAYERWISE : IGQ_SCHEME_VSQUANT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scheme");
    TCase *tests = tcase_create("scheme");
    tcase_add_test(tests, layerwise_and_vsquant_are_one_group_that_covers_all);
    tcase_add_test(tests, consecutive_runs_cover_their_own_members);
    tcase_add_test(tests, peg_puts_channels_of_like_width_together);
    tcase_add_test(tests, igq_follows_the_instance_and_keeps_the_calibrated_bounds);
    tcase_add_test(tests, groups_that_cover_are_assigned_by_means_and_quantized_by_their_cover);
    tcase_add_test(tests, igq_fixed_follows_the_calibrated_ranges_and_keeps_the_bounds);
    tcase_add_test(tests, tender_halves_the_largest_calibrated_magnitude);
    tcase_add_test(tests, channelwise_takes_the_ranges_of_the_instance);
    tcase_add_test(tests, static_groups_are_at_most_the_members);
    tcase_add_test(tests, only_instance_dependent_schemes_need_ranges);
    tcase_add_test(tests, edge_layers_are_layerwise_in_every_scheme);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
