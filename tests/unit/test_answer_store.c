// SPDX-License-Identifier: Apache-2.0
// Answers that a killed run left behind: whole ones are found again, the rest is not.
#include "answer_store.h"
#include "deal.h"
#include "file.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <check.h>
#include "temp_dir.h"

enum { NUM_ITEMS = 5 };
static igq_answer_key keys[NUM_ITEMS];
static igq_error error;

static void make_keys(char first)
{
    for (int i = 0; i < NUM_ITEMS; i++)
        snprintf(keys[i].hex, sizeof keys[i].hex, "%c%063d", first, i);
}

static igq_answer_store *opened(int resume)
{
    igq_answer_store *store;
    ck_assert_msg(igq_answer_store_open(&store, temp_path("answers"), keys, NUM_ITEMS, resume, &error) == IGQ_OK, "%s",
                  error.message);
    return store;
}

// Answer of item i: i + 1 letters.
static const char letters[NUM_ITEMS + 1] = "abcde";

static void add(igq_answer_store *store, int item)
{
    ck_assert_int_eq(igq_answer_store_add(store, item, letters, (size_t)item + 1, &error), IGQ_OK);
}

static void is_there(const igq_answer_store *store, int item)
{
    char *data, read[NUM_ITEMS + 1] = "";
    ck_assert(igq_answer_store_has(store, item));
    FILE *answer = igq_answer_store_read(&data, store, item);
    ck_assert_ptr_nonnull(answer);
    ck_assert_uint_eq(fread(read, 1, sizeof read, answer), (size_t)item + 1);
    ck_assert_mem_eq(read, letters, (size_t)item + 1);
    fclose(answer);
    free(data);
}

static void write_answers(void)
{
    igq_answer_store *store = opened(0);
    ck_assert_int_eq(igq_answer_store_num(store), 0);
    for (int i = 0; i < NUM_ITEMS - 1; i++)
        add(store, i);
    igq_answer_store_close(store);
}

START_TEST(answers_are_found_again)
{
    make_keys('0');
    write_answers();
    igq_answer_store *store = opened(1);
    ck_assert_int_eq(igq_answer_store_num(store), NUM_ITEMS - 1);
    for (int i = 0; i < NUM_ITEMS - 1; i++)
        is_there(store, i);
    ck_assert(!igq_answer_store_has(store, NUM_ITEMS - 1));
    add(store, NUM_ITEMS - 1);
    igq_answer_store_close(store);
    store = opened(1);
    for (int i = 0; i < NUM_ITEMS; i++)
        is_there(store, i);
    igq_answer_store_close(store);
    store = opened(0); // not resumed: empty
    ck_assert_int_eq(igq_answer_store_num(store), 0);
    igq_answer_store_close(store);
    store = opened(1);
    ck_assert_int_eq(igq_answer_store_num(store), 0);
    igq_answer_store_close(store);
}
END_TEST

START_TEST(answers_to_other_questions_are_not_used)
{
    make_keys('0');
    write_answers();
    keys[1].hex[63]++;
    igq_answer_store *store = opened(1);
    ck_assert_int_eq(igq_answer_store_num(store), NUM_ITEMS - 2);
    ck_assert(!igq_answer_store_has(store, 1));
    add(store, 1);
    igq_answer_store_close(store);
    store = opened(1);
    is_there(store, 1);
    igq_answer_store_close(store);
    make_keys('1');
    store = opened(1);
    ck_assert_int_eq(igq_answer_store_num(store), 0);
    igq_answer_store_close(store);
}
END_TEST

START_TEST(an_answer_without_a_key_is_not_kept)
{
    make_keys('0');
    keys[2].hex[0] = '\0';
    write_answers();
    igq_answer_store *store = opened(1);
    ck_assert_int_eq(igq_answer_store_num(store), NUM_ITEMS - 2);
    ck_assert(!igq_answer_store_has(store, 2));
    igq_answer_store_close(store);
}
END_TEST

START_TEST(a_file_cut_off_anywhere_keeps_what_is_whole)
{
    make_keys('0');
    write_answers();
    char *data;
    size_t size;
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("answers"), &error), IGQ_OK);
    int previous = 0;
    for (size_t length = 0; length <= size; length++) {
        ck_assert_int_eq(igq_file_write(temp_path("answers"), data, length, &error), IGQ_OK);
        igq_answer_store *store = opened(1);
        int num = igq_answer_store_num(store);
        ck_assert_int_ge(num, previous);
        for (int i = 0; i < num; i++)
            is_there(store, i);
        if (num < NUM_ITEMS - 1) // what follows the cut is written in its place
            add(store, num);
        igq_answer_store_close(store);
        store = opened(1);
        ck_assert_int_eq(igq_answer_store_num(store), num < NUM_ITEMS - 1 ? num + 1 : num);
        igq_answer_store_close(store);
        previous = num;
    }
    ck_assert_int_eq(previous, NUM_ITEMS - 1);
    free(data);
}
END_TEST

START_TEST(a_changed_byte_ends_what_is_believed)
{
    make_keys('0');
    write_answers();
    char *data;
    size_t size;
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("answers"), &error), IGQ_OK);
    data[size - 1] ^= 1; // of the last answer
    ck_assert_int_eq(igq_file_write(temp_path("answers"), data, size, &error), IGQ_OK);
    igq_answer_store *store = opened(1);
    ck_assert_int_eq(igq_answer_store_num(store), NUM_ITEMS - 2);
    igq_answer_store_close(store);
    free(data);
}
END_TEST

// A deal whose answers are letters.
typedef struct counted {
    int first_allowed; // items before it must not be worked on
    int num_collected;
} counted;

static int work(void *context, int item, FILE *answer)
{
    if (item < ((const counted *)context)->first_allowed)
        _exit(3);
    return igq_deal_put(answer, letters, (size_t)item + 1);
}

static igq_status collect(void *context, int item, FILE *answer, igq_error *fault)
{
    counted *c = context;
    char read[NUM_ITEMS];
    if (!igq_deal_get(answer, read, (size_t)item + 1))
        return igq_deal_died("item", fault);
    ck_assert_mem_eq(read, letters, (size_t)item + 1);
    ck_assert_int_eq(item, c->num_collected);
    c->num_collected++;
    return IGQ_OK;
}

START_TEST(a_deal_works_only_on_what_is_missing)
{
    make_keys('0');
    for (int num_jobs = 1; num_jobs <= 3; num_jobs++) {
        igq_answer_store *store = opened(0);
        igq_deal deal = {3, num_jobs, &(counted){0}, work, collect, store};
        ck_assert_int_eq(igq_deal_run(&deal, &error), IGQ_OK); // the first three items
        igq_answer_store_close(store);
        store = opened(1);
        ck_assert_int_eq(igq_answer_store_num(store), 3);
        counted all = {.first_allowed = 3};
        deal = (igq_deal){NUM_ITEMS, num_jobs, &all, work, collect, store};
        ck_assert_int_eq(igq_deal_run(&deal, &error), IGQ_OK);
        ck_assert_int_eq(all.num_collected, NUM_ITEMS);
        igq_answer_store_close(store);
        store = opened(1);
        ck_assert_int_eq(igq_answer_store_num(store), NUM_ITEMS);
        igq_answer_store_close(store);
    }
}
END_TEST

START_TEST(a_store_that_cannot_be_written_is_refused)
{
    igq_answer_store *store = NULL;
    make_keys('0');
    ck_assert_int_eq(igq_answer_store_open(&store, "/nowhere/answers", keys, NUM_ITEMS, 0, &error), IGQ_USER_ERROR);
    ck_assert_ptr_nonnull(strstr(error.message, "/nowhere/answers"));
    igq_answer_store_close(store);
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("answer_store", answers_are_found_again, answers_to_other_questions_are_not_used,
                            an_answer_without_a_key_is_not_kept, a_file_cut_off_anywhere_keeps_what_is_whole,
                            a_changed_byte_ends_what_is_believed, a_deal_works_only_on_what_is_missing,
                            a_store_that_cannot_be_written_is_refused);
}
