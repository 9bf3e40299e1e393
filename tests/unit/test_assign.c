// SPDX-License-Identifier: Apache-2.0
#include "assign.h"
#include "rng.h"
#include <check.h>
#undef fail

#define MAX_C 300

START_TEST(distances_of_a_hand_made_pair)
{
    ck_assert_uint_eq(igq_assign_distance(-10, 20, -7, 24, IGQ_DISTANCE_L2), 9 + 16);
    ck_assert_uint_eq(igq_assign_distance(-10, 20, -7, 24, IGQ_DISTANCE_L1), 7);
    ck_assert_uint_eq(igq_assign_distance(-10, 20, -7, 24, IGQ_DISTANCE_LINF), 4);
    ck_assert_uint_eq(igq_assign_distance(-10, 20, -15, 24, IGQ_DISTANCE_LINF), 5);
    ck_assert_uint_eq(igq_assign_distance(5, 5, 5, 5, IGQ_DISTANCE_L2), 0);
}
END_TEST

START_TEST(extreme_distances_do_not_overflow)
{
    const uint64_t gap = 65535;
    ck_assert_uint_eq(igq_assign_distance(-32768, -32768, 32767, 32767, IGQ_DISTANCE_L2), 2 * gap * gap);
    ck_assert_uint_eq(igq_assign_distance(32767, 32767, -32768, -32768, IGQ_DISTANCE_L1), 2 * gap);
    ck_assert_uint_eq(igq_assign_distance(-32768, 0, 32767, 0, IGQ_DISTANCE_LINF), gap);
}
END_TEST

START_TEST(lowest_index_wins_a_tie)
{
    const int16_t lo[] = {-10, 0, -32768}, hi[] = {10, 0, 32767};
    const int16_t lower[] = {-20, -12, -12, -8, -8}, upper[] = {20, 12, 12, 8, 8};
    for (int distance = 0; distance < IGQ_DISTANCE_COUNT; distance++) {
        uint16_t group[3];
        igq_assign(group, lo, hi, lower, upper, 3, 5, (igq_distance)distance);
        ck_assert_uint_eq(group[0], 1); // as far from 1, 2, 3 and 4
        ck_assert_uint_eq(group[1], 3);
        ck_assert_uint_eq(group[2], 0);
    }
}
END_TEST

START_TEST(assignment_equals_its_naive_twin)
{
    rng random = {1};
    int16_t lo[MAX_C], hi[MAX_C], lower[IGQ_MAX_GROUPS], upper[IGQ_MAX_GROUPS];
    uint16_t fast[MAX_C], naive[MAX_C];
    for (int i = 0; i < 600; i++) {
        const int C = i % 10 == 0 ? 1 : rng_int(&random, 1, MAX_C);
        const int G = i % 7 == 0 ? 1 : rng_int(&random, 1, IGQ_MAX_GROUPS);
        // Few distinct values give many ties, all values the extremes.
        const int span = i % 3 == 0 ? 2 : i % 3 == 1 ? 300 : 32767;
        rng_fill_int16(lo, (size_t)C, -span - 1, span, &random);
        rng_fill_int16(hi, (size_t)C, -span - 1, span, &random);
        rng_fill_int16(lower, (size_t)G, -span - 1, span, &random);
        rng_fill_int16(upper, (size_t)G, -span - 1, span, &random);
        const igq_distance distance = (igq_distance)(i % IGQ_DISTANCE_COUNT);
        igq_assign(fast, lo, hi, lower, upper, C, G, distance);
        igq_assign_ref(naive, lo, hi, lower, upper, C, G, distance);
        ck_assert_mem_eq(fast, naive, (size_t)C * sizeof *fast);
    }
}
END_TEST

START_TEST(no_other_group_is_nearer_nor_as_near_and_earlier)
{
    rng random = {2};
    enum { C = 50, G = 8 };
    int16_t lo[C], hi[C], lower[G], upper[G];
    uint16_t group[C];
    for (int i = 0; i < 60; i++) {
        rng_fill_int16(lo, C, -9, 0, &random);
        rng_fill_int16(hi, C, 0, 9, &random);
        rng_fill_int16(lower, G, -9, 0, &random);
        rng_fill_int16(upper, G, 0, 9, &random);
        const igq_distance distance = (igq_distance)(i % IGQ_DISTANCE_COUNT);
        igq_assign(group, lo, hi, lower, upper, C, G, distance);
        for (int c = 0; c < C; c++) {
            ck_assert_uint_lt(group[c], G);
            const uint64_t won = igq_assign_distance(lo[c], hi[c], lower[group[c]], upper[group[c]], distance);
            for (int g = 0; g < G; g++) {
                const uint64_t other = igq_assign_distance(lo[c], hi[c], lower[g], upper[g], distance);
                ck_assert(won < other || (won == other && group[c] <= g));
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assign");
    TCase *tcase = tcase_create("assign");
    tcase_add_test(tcase, distances_of_a_hand_made_pair);
    tcase_add_test(tcase, extreme_distances_do_not_overflow);
    tcase_add_test(tcase, lowest_index_wins_a_tie);
    tcase_add_test(tcase, assignment_equals_its_naive_twin);
    tcase_add_test(tcase, no_other_group_is_nearer_nor_as_near_and_earlier);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
