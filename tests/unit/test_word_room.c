// SPDX-License-Identifier: Apache-2.0
#include "word_room.h"
#include "rng.h"
#include "../suite.h"

// A buffer of 100 words, all of them taken; from cycle 10 on they are read the last time, 25 at a time in 40 cycles.
START_TEST(what_follows_does_not_overtake)
{
    igq_word_room room = {0};
    igq_word_room_take(&room, 100);
    ck_assert_uint_eq(igq_word_room_start(&room, 0, 1, 1, 100), IGQ_NEVER);
    igq_word_room_release(&room, &(igq_word_release){.begin_cycle = 10, .end_cycle = 50, .bits = 100, .parts = 4});
    ck_assert_uint_eq(igq_word_room_start(&room, 10, 25, 10, 100), 20);
    ck_assert_uint_eq(igq_word_room_start(&room, 10, 100, 40, 100), 20);  // as fast as they become free
    ck_assert_uint_eq(igq_word_room_start(&room, 10, 100, 400, 100), 20); // slower
    ck_assert_uint_eq(igq_word_room_start(&room, 10, 100, 20, 100), 35);  // at 50 the last 25 words are free: 15 before
    ck_assert_uint_eq(igq_word_room_start(&room, 10, 100, 0, 100), 50);
    ck_assert_uint_eq(igq_word_room_start(&room, 60, 100, 0, 100), 60);
    ck_assert_uint_eq(igq_word_room_start(&room, 10, 101, 10, 100), IGQ_NEVER);
    ck_assert_uint_eq(igq_word_room_start(&room, 10, 101, 0, 101), 50);
    igq_word_room_take(&room, 100);
    ck_assert_uint_eq(igq_word_room_start(&room, 60, 1, 1, 100), IGQ_NEVER);
    igq_word_room_release(&room, &(igq_word_release){.begin_cycle = 60, .end_cycle = 60, .bits = 50, .parts = 2});
    ck_assert_uint_eq(igq_word_room_start(&room, 60, 50, 7, 100), 60);
    ck_assert_uint_eq(igq_word_room_start(&room, 60, 51, 7, 100), IGQ_NEVER);
}
END_TEST

START_TEST(starts_equal_those_of_the_naive_twin)
{
    rng random = {1};
    int waited = 0, never = 0;
    for (int i = 0; i < 3000; i++) {
        uint64_t capacity = (uint64_t)rng_int(&random, 1, 60), kept = (uint64_t)rng_int(&random, 0, 70);
        igq_word_release release = {.begin_cycle = (uint64_t)rng_int(&random, 0, 20),
                                    .bits = (uint64_t)rng_int(&random, 1, 60),
                                    .parts = rng_int(&random, 1, 7)};
        release.end_cycle = release.begin_cycle + (uint64_t)rng_int(&random, 0, 40);
        igq_word_room room = {0};
        igq_word_room_take(&room, kept + release.bits);
        igq_word_room_release(&room, &release);
        uint64_t now = (uint64_t)rng_int(&random, 0, 70), bits = (uint64_t)rng_int(&random, 1, 60);
        uint64_t cycles = (uint64_t)rng_int(&random, 0, 50);
        uint64_t start = igq_word_room_start(&room, now, bits, cycles, capacity);
        ck_assert_uint_eq(start, igq_word_room_start_ref(&room, now, bits, cycles, capacity));
        never += start == IGQ_NEVER;
        waited += start > now && start < release.end_cycle;
    }
    ck_assert_int_gt(waited, 50);
    ck_assert_int_gt(never, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("word_room");
    TCase *tests = tcase_create("word_room");
    tcase_add_test(tests, what_follows_does_not_overtake);
    tcase_add_test(tests, starts_equal_those_of_the_naive_twin);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
