// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE // usleep
#include "pool.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../suite.h"

#define NUM_ITEMS 40

static int num_seen; // by progress, in this process

static igq_status square(void *context, int item, void *answer, igq_error *error)
{
    (void)context;
    (void)error;
    usleep((useconds_t)(item % 7) * 500); // not in order
    *(int *)answer = item * item;
    return IGQ_OK;
}

static igq_status die_at_times(void *context, int item, void *answer, igq_error *error)
{
    if (item % 10 == 3)
        abort();
    return square(context, item, answer, error);
}

static igq_status fail_once(void *context, int item, void *answer, igq_error *error)
{
    return item == 5 ? igq_fail(error, "item %d is bad", item) : square(context, item, answer, error);
}

static void see(void *context, int num_done, int num_items)
{
    (void)context;
    ck_assert_int_gt(num_done, num_seen);
    ck_assert_int_le(num_done, num_items);
    num_seen = num_done;
}

static int num_answered[NUM_ITEMS]; // in this process

static igq_status take(void *context, int item, const void *answer, igq_error *error)
{
    (void)context;
    num_answered[item]++;
    ck_assert_int_eq(*(const int *)answer, item * item);
    return item == 20 ? igq_fail(error, "no room for item %d", item) : IGQ_OK;
}

static igq_pool pool_of(int num_jobs, igq_status (*work)(void *, int, void *, igq_error *))
{
    return (igq_pool){.num_items = NUM_ITEMS, .num_jobs = num_jobs, .answer_bytes = sizeof(int), .work = work};
}

START_TEST(answers_lie_by_item_whoever_was_faster)
{
    igq_pool pool = pool_of(_i, square);
    igq_error error;
    void *answers;
    unsigned char *died;
    num_seen = 0;
    pool.progress = see;
    ck_assert_int_eq(igq_pool_run(&answers, &died, &pool, &error), IGQ_OK);
    for (int item = 0; item < NUM_ITEMS; item++) {
        ck_assert_int_eq(((const int *)answers)[item], item * item);
        ck_assert(!died[item]);
    }
    ck_assert_int_eq(num_seen, NUM_ITEMS);
    igq_pool_free(answers, died, &pool);
}
END_TEST

START_TEST(a_process_that_dies_costs_its_item_only)
{
    const igq_pool pool = pool_of(_i, die_at_times);
    igq_error error;
    void *answers;
    unsigned char *died;
    ck_assert_int_eq(igq_pool_run(&answers, &died, &pool, &error), IGQ_OK);
    for (int item = 0; item < NUM_ITEMS; item++) {
        ck_assert_int_eq(died[item], item % 10 == 3);
        ck_assert_int_eq(((const int *)answers)[item], item % 10 == 3 ? 0 : item * item);
    }
    igq_pool_free(answers, died, &pool);
}
END_TEST

START_TEST(a_fault_ends_the_pool_with_its_message)
{
    const igq_pool pool = pool_of(_i, fail_once);
    igq_error error;
    void *answers;
    unsigned char *died;
    ck_assert_int_eq(igq_pool_run(&answers, &died, &pool, &error), IGQ_USER_ERROR);
    ck_assert_str_eq(error.message, "item 5 is bad");
    ck_assert_ptr_null(answers);
}
END_TEST

START_TEST(answers_are_taken_as_they_come)
{
    igq_pool pool = pool_of(_i, square);
    igq_error error;
    void *answers;
    unsigned char *died;
    pool.answered = take;
    memset(num_answered, 0, sizeof num_answered);
    ck_assert_int_eq(igq_pool_run(&answers, &died, &pool, &error), IGQ_USER_ERROR); // who takes may end it
    ck_assert_str_eq(error.message, "no room for item 20");
    ck_assert_int_eq(num_answered[0], 1);
    for (int item = 0; item < NUM_ITEMS; item++)
        ck_assert_int_le(num_answered[item], 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pool");
    TCase *tcase = tcase_create("pool");
    tcase_add_loop_test(tcase, answers_lie_by_item_whoever_was_faster, 1, 5);
    tcase_add_loop_test(tcase, a_process_that_dies_costs_its_item_only, 1, 5);
    tcase_add_loop_test(tcase, a_fault_ends_the_pool_with_its_message, 1, 5);
    tcase_add_loop_test(tcase, answers_are_taken_as_they_come, 1, 5);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
