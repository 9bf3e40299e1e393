// SPDX-License-Identifier: Apache-2.0
#include "assign.h"
#include "rng.h"
#include "../suite.h"
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
        // About 16383 the squares cease to fit 32 bits.
        const int spans[] = {2, 300, 16350 + i % 60, 32767}, span = spans[i / 3 % 4];
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

START_TEST(capacities_are_rounded_up)
{
    ck_assert_int_eq(igq_list_capacity(192, 8, 0, 1), 0);
    ck_assert_int_eq(igq_list_capacity(192, 8, 100, 1), 24);
    ck_assert_int_eq(igq_list_capacity(192, 8, 125, 1), 30);
    ck_assert_int_eq(igq_list_capacity(197, 8, 100, 1), 25);
    ck_assert_int_eq(igq_list_capacity(192, 8, 125, 16), 32);
    ck_assert_int_eq(igq_list_capacity(5, 8, 100, 1), 1);
    ck_assert_int_eq(igq_list_capacity(IGQ_MAX_CHANNELS, 1, 800, 1), IGQ_MAX_CHANNELS);
}
END_TEST

START_TEST(full_lists_send_channels_to_the_next_nearest)
{
    // Bounds at widths 10, 20, 30; two places each. Channels 0, 1, 2 are nearest to group 0: channel 2 goes to 1.
    // Channel 3 is as near to 1 as to 2: the lower one, which is then full. Channel 4 is nearest to 1 and as near to 0
    // as to 2, but 0 is full. Channel 5 is nearest to 0 and has 2 left.
    const int16_t zero[6] = {0}, hi[6] = {10, 11, 9, 25, 20, 10}, upper[3] = {10, 20, 30};
    uint16_t group[6];
    const uint16_t expected[6] = {0, 0, 1, 1, 2, 2};
    ck_assert_int_eq(igq_assign_limited(group, zero, hi, zero, upper, 6, 3, IGQ_DISTANCE_L1, 2, 1), 0);
    ck_assert_mem_eq(group, expected, sizeof group);
    // Three a cycle: 0, 1 | 2 chose group 0 that 1 has filled, again: 2 | 3, then 4 chose 1 which 3 has filled: 4, 5.
    ck_assert_int_eq(igq_assign_limited(group, zero, hi, zero, upper, 6, 3, IGQ_DISTANCE_L1, 2, 3), 2);
    ck_assert_mem_eq(group, expected, sizeof group);
    // Six at once: | 0 1 | 2 3 | 4 5.
    ck_assert_int_eq(igq_assign_limited(group, zero, hi, zero, upper, 6, 3, IGQ_DISTANCE_L1, 2, 6), 2);
    ck_assert_mem_eq(group, expected, sizeof group);
}
END_TEST

START_TEST(limited_assignment_equals_its_naive_twin)
{
    rng random = {3};
    enum { MOST = 120 };
    int16_t lo[MOST], hi[MOST], lower[IGQ_MAX_GROUPS], upper[IGQ_MAX_GROUPS];
    uint16_t fast[MOST], naive[MOST], nearest[MOST];
    int repaired = 0, moved = 0;
    for (int i = 0; i < 1500; i++) {
        const int C = i % 10 == 0 ? 1 : rng_int(&random, 1, MOST), lanes = rng_int(&random, 1, 9);
        const int G = i % 7 == 0 ? IGQ_MAX_GROUPS : rng_int(&random, 1, 9);
        // About 16383 the squares cease to fit 32 bits.
        const int spans[] = {2, 300, 16350 + i % 60, 32767}, span = spans[i / 3 % 4];
        const int capacity = i % 4 == 0 ? 0 : igq_list_capacity(C, G, 100 + i % 5 * 30, i % 2 ? 1 : 4);
        rng_fill_int16(lo, (size_t)C, -span - 1, span, &random);
        rng_fill_int16(hi, (size_t)C, -span - 1, span, &random);
        rng_fill_int16(lower, (size_t)G, -span - 1, span, &random);
        rng_fill_int16(upper, (size_t)G, -span - 1, span, &random);
        const igq_distance distance = (igq_distance)(i % IGQ_DISTANCE_COUNT);
        int repairs = igq_assign_limited(fast, lo, hi, lower, upper, C, G, distance, capacity, lanes);
        ck_assert_int_eq(repairs, igq_assign_limited_ref(naive, lo, hi, lower, upper, C, G, distance, capacity, lanes));
        ck_assert_mem_eq(fast, naive, (size_t)C * sizeof *fast);
        ck_assert_int_lt(repairs, G);
        igq_assign(nearest, lo, hi, lower, upper, C, G, distance);
        moved += memcmp(nearest, fast, (size_t)C * sizeof *fast) != 0;
        repaired += repairs > 0;
        ck_assert(capacity > 0 || repairs == 0);
        ck_assert_int_eq(igq_assign_limited(naive, lo, hi, lower, upper, C, G, distance, capacity, 1), 0);
        ck_assert_mem_eq(fast, naive, (size_t)C * sizeof *fast); // whatever the lanes
        int on_list[IGQ_MAX_GROUPS] = {0};
        for (int c = 0; c < C; c++)
            ck_assert(++on_list[fast[c]] <= capacity || capacity == 0);
    }
    ck_assert_int_gt(moved, 500);
    ck_assert_int_gt(repaired, 300);
}
END_TEST

START_TEST(a_full_machine_deals_equal_channels_in_order_of_the_groups)
{
    // All channels identical, capacity exactly C / G: groups fill one after the other, nearest first.
    enum { C = 12, G = 4 };
    int16_t lo[C], hi[C];
    const int16_t lower[G] = {0, -1, 0, -2}, upper[G] = {9, 10, 10, 10};
    const uint16_t expected[C] = {1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0};
    uint16_t group[C];
    for (int c = 0; c < C; c++) {
        lo[c] = -1;
        hi[c] = 11;
    }
    igq_assign_limited(group, lo, hi, lower, upper, C, G, IGQ_DISTANCE_L2, C / G, 4);
    ck_assert_mem_eq(group, expected, sizeof group);
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
    tcase_add_test(tcase, capacities_are_rounded_up);
    tcase_add_test(tcase, full_lists_send_channels_to_the_next_nearest);
    tcase_add_test(tcase, limited_assignment_equals_its_naive_twin);
    tcase_add_test(tcase, a_full_machine_deals_equal_channels_in_order_of_the_groups);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
