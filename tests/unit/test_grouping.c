// SPDX-License-Identifier: Apache-2.0
#include "grouping.h"
#include "rng.h"
#include <stdlib.h>
#include <string.h>
#include "../suite.h"
#undef fail

static igq_grouping new_grouping(int C, int G)
{
    igq_grouping grouping;
    igq_grouping_init(&grouping, malloc(igq_grouping_size(C, G)), C, G);
    return grouping;
}

static void free_grouping(igq_grouping *grouping)
{
    free(grouping->start);
}

// Every channel stands once, in the list of its group, and lists ascend.
static void check_lists(const igq_grouping *grouping)
{
    ck_assert_int_eq(grouping->start[0], 0);
    ck_assert_int_eq(grouping->start[grouping->G], grouping->C);
    for (int g = 0; g < grouping->G; g++) {
        ck_assert_int_le(grouping->start[g], grouping->start[g + 1]);
        for (int i = grouping->start[g]; i < grouping->start[g + 1]; i++) {
            ck_assert_uint_lt(grouping->channel[i], grouping->C);
            ck_assert_uint_eq(grouping->group[grouping->channel[i]], g);
            if (i > grouping->start[g])
                ck_assert_uint_gt(grouping->channel[i], grouping->channel[i - 1]);
        }
    }
}

START_TEST(lists_of_a_hand_made_assignment)
{
    const uint16_t group[] = {3, 0, 3, 0, 1}, channel[] = {1, 3, 4, 0, 2};
    const int32_t start[] = {0, 2, 3, 3, 5};
    igq_grouping grouping = new_grouping(5, 4);
    memcpy(grouping.group, group, sizeof group);
    igq_grouping_build(&grouping);
    ck_assert_mem_eq(grouping.channel, channel, sizeof channel);
    ck_assert_mem_eq(grouping.start, start, sizeof start);
    free_grouping(&grouping);
}
END_TEST

START_TEST(lists_of_random_assignments_are_complete_and_ascend)
{
    rng random = {1};
    for (int i = 0; i < 200; i++) {
        const int C = rng_int(&random, 1, 500), G = rng_int(&random, 1, i % 4 ? 16 : C);
        igq_grouping grouping = new_grouping(C, G);
        const int used = rng_int(&random, 1, G); // the groups beyond stay empty
        for (int c = 0; c < C; c++)
            grouping.group[c] = (uint16_t)rng_int(&random, 0, used - 1);
        igq_grouping_build(&grouping);
        check_lists(&grouping);
        free_grouping(&grouping);
    }
}
END_TEST

START_TEST(consecutive_runs_differ_by_at_most_one)
{
    rng random = {2};
    for (int i = 0; i < 200; i++) {
        const int C = rng_int(&random, 1, 400), G = rng_int(&random, 1, C);
        igq_grouping grouping = new_grouping(C, G);
        igq_grouping_consecutive(&grouping);
        check_lists(&grouping);
        for (int c = 0; c < C; c++) {
            ck_assert_uint_eq(grouping.group[c], c * G / C);
            ck_assert_uint_eq(grouping.channel[c], c);
        }
        for (int g = 0; g < G; g++) {
            const int length = grouping.start[g + 1] - grouping.start[g];
            ck_assert(length == C / G || length == C / G + 1);
        }
        free_grouping(&grouping);
    }
}
END_TEST

START_TEST(more_groups_than_channels_leave_groups_empty)
{
    igq_grouping grouping = new_grouping(3, 8);
    igq_grouping_consecutive(&grouping);
    check_lists(&grouping);
    free_grouping(&grouping);
}
END_TEST

START_TEST(peg_sorts_by_range_and_ties_by_index)
{
    rng random = {3};
    for (int i = 0; i < 200; i++) {
        const int C = rng_int(&random, 1, 300), G = rng_int(&random, 1, C);
        const int span = i % 2 ? 3 : 32767;
        int16_t lo[300], hi[300];
        uint16_t scratch[300];
        rng_fill_int16(lo, (size_t)C, -span - 1, 0, &random);
        rng_fill_int16(hi, (size_t)C, 0, span, &random);
        igq_grouping grouping = new_grouping(C, G);
        igq_grouping_peg(&grouping, lo, hi, scratch);
        check_lists(&grouping);
        for (int c = 0; c < C; c++) {
            int rank = 0;
            for (int other = 0; other < C; other++) {
                const int difference = (hi[other] - lo[other]) - (hi[c] - lo[c]);
                rank += difference < 0 || (difference == 0 && other < c);
            }
            ck_assert_uint_eq(grouping.group[c], rank * G / C);
        }
        free_grouping(&grouping);
    }
}
END_TEST

START_TEST(channelwise_gives_each_channel_its_own_group)
{
    igq_grouping grouping = new_grouping(77, 77);
    igq_grouping_channelwise(&grouping);
    check_lists(&grouping);
    for (int c = 0; c < 77; c++)
        ck_assert_uint_eq(grouping.group[c], c);
    free_grouping(&grouping);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grouping");
    TCase *tcase = tcase_create("grouping");
    tcase_add_test(tcase, lists_of_a_hand_made_assignment);
    tcase_add_test(tcase, lists_of_random_assignments_are_complete_and_ascend);
    tcase_add_test(tcase, consecutive_runs_differ_by_at_most_one);
    tcase_add_test(tcase, more_groups_than_channels_leave_groups_empty);
    tcase_add_test(tcase, peg_sorts_by_range_and_ties_by_index);
    tcase_add_test(tcase, channelwise_gives_each_channel_its_own_group);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
