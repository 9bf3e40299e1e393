// SPDX-License-Identifier: Apache-2.0
#include "slices.h"
#include "rng.h"
#include <stdlib.h>
#include "../suite.h"

enum { MAX_GROUPS = 4, MAX_SLICES = 9 };

// Steps that a deal takes: the longest share.
static int longest_share(const int *slices, const int *vectors, int num_groups)
{
    int longest = 0;
    for (int g = 0; g < num_groups; g++) {
        int share = vectors[g] == 0 ? 0 : (vectors[g] + slices[g] - 1) / slices[g];
        longest = share > longest ? share : longest;
    }
    return longest;
}

// The least longest share of all deals of `left` slices to the groups from `g` on.
static int least_of_all_deals(int *slices, const int *vectors, int g, int num_groups, int left)
{
    if (g == num_groups)
        return longest_share(slices, vectors, num_groups);
    int least = INT32_MAX;
    for (slices[g] = vectors[g] > 0; slices[g] <= left; slices[g]++) {
        int taken = slices[g];
        int share = least_of_all_deals(slices, vectors, g + 1, num_groups, left - taken);
        slices[g] = taken;
        least = share < least ? share : least;
    }
    return least;
}

START_TEST(no_deal_has_a_shorter_longest_share)
{
    rng random = {.state = 1};
    int dealt_unevenly = 0;
    for (int i = 0; i < 3000; i++) {
        int num_groups = rng_int(&random, 1, MAX_GROUPS), num_slices = rng_int(&random, num_groups, MAX_SLICES);
        int vectors[MAX_GROUPS], slices[MAX_GROUPS], trial[MAX_GROUPS];
        for (int g = 0; g < num_groups; g++)
            vectors[g] = rng_int(&random, 0, 1) * rng_int(&random, 0, 40);
        vectors[rng_int(&random, 0, num_groups - 1)] = rng_int(&random, 1, 40);
        igq_deal_slices(slices, vectors, num_groups, num_slices);
        int sum = 0;
        for (int g = 0; g < num_groups; g++) {
            ck_assert_int_eq(slices[g] > 0, vectors[g] > 0);
            sum += slices[g];
            dealt_unevenly += slices[g] > 2;
        }
        ck_assert_int_eq(sum, num_slices);
        ck_assert_int_eq(longest_share(slices, vectors, num_groups),
                         least_of_all_deals(trial, vectors, 0, num_groups, num_slices));
    }
    ck_assert_int_gt(dealt_unevenly, 1000);
}
END_TEST

START_TEST(slices_follow_the_sizes_of_the_lists)
{
    int slices[4];
    igq_deal_slices(slices, (const int[]){12, 0, 3, 1}, 4, 8);
    ck_assert_int_eq(slices[0], 5); // the fourth came at 12 / 4 = 3 / 1, the lower list first; then list 2 was longest
    ck_assert_int_eq(slices[1], 0);
    ck_assert_int_eq(slices[2], 2);
    ck_assert_int_eq(slices[3], 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slices");
    TCase *deal = tcase_create("deal");
    tcase_add_test(deal, no_deal_has_a_shorter_longest_share);
    tcase_add_test(deal, slices_follow_the_sizes_of_the_lists);
    suite_add_tcase(suite, deal);
    return run_suite(suite);
}
