// SPDX-License-Identifier: Apache-2.0
#include "deal.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../suite.h"

enum { NUM_ITEMS = 23 };

typedef struct squares {
    int collected[NUM_ITEMS], num_collected;
    int dies_at, fails_at; // items, -1: none
    size_t padding_bytes;  // makes answers longer than a pipe holds
} squares;

static int work(void *context, int item, FILE *answer)
{
    squares *s = context;
    int square = item * item;
    char *padding = calloc(1, s->padding_bytes + 1);
    if (item == s->dies_at)
        _exit(3);
    s->num_collected = 1000; // of this process alone
    int sent = igq_deal_put(answer, &square, sizeof square) && igq_deal_put(answer, padding, s->padding_bytes);
    free(padding);
    return sent;
}

static igq_status collect(void *context, int item, FILE *answer, igq_error *error)
{
    squares *s = context;
    char *padding = calloc(1, s->padding_bytes + 1);
    int square,
        received = igq_deal_get(answer, &square, sizeof square) && igq_deal_get(answer, padding, s->padding_bytes);
    free(padding);
    if (!received)
        return igq_deal_died("item", error);
    if (item == s->fails_at)
        return igq_fail(error, "item %d is bad", item);
    s->collected[s->num_collected++] = square;
    return IGQ_OK;
}

static igq_status deal(squares *s, int num_items, int num_jobs, igq_error *error)
{
    const igq_deal all = {num_items, num_jobs, s, work, collect, NULL};
    return igq_deal_run(&all, error);
}

START_TEST(answers_come_in_order_whatever_the_number_of_processes)
{
    squares s = {.dies_at = -1, .fails_at = -1, .padding_bytes = _i == 3 ? 200000 : 0};
    igq_error error;
    ck_assert_int_eq(deal(&s, NUM_ITEMS, _i, &error), IGQ_OK);
    ck_assert_int_eq(s.num_collected, NUM_ITEMS);
    for (int i = 0; i < NUM_ITEMS; i++)
        ck_assert_int_eq(s.collected[i], i * i);
}
END_TEST

START_TEST(fewer_items_than_processes_are_fine)
{
    squares s = {.dies_at = -1, .fails_at = -1};
    igq_error error;
    ck_assert_int_eq(deal(&s, 2, 8, &error), IGQ_OK);
    ck_assert_int_eq(s.num_collected, 2);
    ck_assert_int_eq(deal(&s, 0, 8, &error), IGQ_OK);
}
END_TEST

START_TEST(a_refused_answer_ends_the_deal_with_its_message)
{
    squares s = {.dies_at = -1, .fails_at = 5, .padding_bytes = 200000};
    igq_error error;
    ck_assert_int_eq(deal(&s, NUM_ITEMS, 3, &error), IGQ_USER_ERROR);
    ck_assert_str_eq(error.message, "item 5 is bad");
    ck_assert_int_eq(s.num_collected, 5);
}
END_TEST

START_TEST(a_process_that_dies_is_noticed)
{
    squares s = {.dies_at = 4, .fails_at = -1};
    igq_error error;
    ck_assert_int_eq(deal(&s, NUM_ITEMS, 2, &error), IGQ_INTERNAL_ERROR);
    ck_assert_ptr_nonnull(strstr(error.message, "died"));
    ck_assert_int_eq(s.num_collected, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unit.deal");
    TCase *tcase = tcase_create("deal");
    tcase_add_loop_test(tcase, answers_come_in_order_whatever_the_number_of_processes, 1, 6);
    tcase_add_test(tcase, fewer_items_than_processes_are_fine);
    tcase_add_test(tcase, a_refused_answer_ends_the_deal_with_its_message);
    tcase_add_test(tcase, a_process_that_dies_is_noticed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
