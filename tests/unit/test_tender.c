// SPDX-License-Identifier: Apache-2.0
#include "tender.h"
#include "rng.h"
#include "../suite.h"

// Largest magnitude 8, 4 groups: (4, 8], (2, 4], (1, 2], and all that is smaller.
START_TEST(groups_are_halves_of_halves)
{
    ck_assert_int_eq(igq_tender_group(8, 8, 4), 0);
    ck_assert_int_eq(igq_tender_group(4.5, 8, 4), 0);
    ck_assert_int_eq(igq_tender_group(4, 8, 4), 1);
    ck_assert_int_eq(igq_tender_group(2.5, 8, 4), 1);
    ck_assert_int_eq(igq_tender_group(2, 8, 4), 2);
    ck_assert_int_eq(igq_tender_group(1, 8, 4), 3);
    ck_assert_int_eq(igq_tender_group(0.1, 8, 4), 3);
    ck_assert_int_eq(igq_tender_group(0, 8, 4), 3);
    ck_assert_int_eq(igq_tender_group(0.1, 8, 1), 0);
    ck_assert_int_eq(igq_tender_group(1, 32768, IGQ_TENDER_MAX_GROUPS), 15);
}
END_TEST

// 4 bits, largest 14: steps 2, 1, 1/2. Ties go up, codes end at 7 on both sides.
START_TEST(codes_worked_by_hand)
{
    ck_assert_double_eq(igq_tender_step(14, 0, 4), 2);
    ck_assert_double_eq(igq_tender_step(14, 2, 4), 0.5);
    ck_assert_int_eq(igq_tender_code(14, 14, 0, 4), 7);
    ck_assert_int_eq(igq_tender_code(3, 14, 0, 4), 2);
    ck_assert_int_eq(igq_tender_code(-3, 14, 0, 4), -1);
    ck_assert_int_eq(igq_tender_code(2.75, 14, 2, 4), 6);
    ck_assert_int_eq(igq_tender_code(5, 14, 2, 4), 7);
    ck_assert_int_eq(igq_tender_code(-5, 14, 2, 4), -7);
    ck_assert_int_eq(igq_tender_code(0x1p-149, 0x1p-149, 0, 8), 127);
}
END_TEST

START_TEST(tensors_equal_the_naive_twin)
{
    enum { R = 11, C = 37 };
    rng random = {(uint64_t)_i};
    int bits = 2 + _i % 7, largest = _i % 3 == 0 ? rng_int(&random, 1, 40) : rng_int(&random, 1, 32768);
    igq_tender_groups_of of = (igq_tender_groups_of)(_i % 2);
    int16_t x[R * C], middle[C];
    uint16_t group[C];
    uint8_t codes[R * C], expected[R * C];
    double scratch[C];
    for (int c = 0; c < C; c++) {
        group[c] = (uint16_t)rng_int(&random, 0, IGQ_TENDER_MAX_GROUPS - 1);
        middle[c] = (int16_t)(_i % 4 == 0 ? 0 : rng_int(&random, -32768, 32767));
    }
    for (int i = 0; i < R * C; i++) // the small ones meet ties
        x[i] = (int16_t)(i % 2 ? rng_int(&random, -32768, 32767) : middle[i % C] / 2 + rng_int(&random, -40, 40));
    igq_tender_codes(codes, x, middle, group, of, R, C, largest, bits, scratch);
    igq_tender_codes_ref(expected, x, middle, group, of, R, C, largest, bits);
    ck_assert_mem_eq(codes, expected, sizeof codes);
    for (int i = 0; i < R * C; i++) {
        int c = i % C, g = group[of == IGQ_TENDER_ROWS ? i / C : c];
        ck_assert_int_eq(codes[i] - (1 << (bits - 1)), igq_tender_code(x[i] - middle[c], largest, g, bits));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tender");
    TCase *tests = tcase_create("tender");
    tcase_add_test(tests, groups_are_halves_of_halves);
    tcase_add_test(tests, codes_worked_by_hand);
    tcase_add_loop_test(tests, tensors_equal_the_naive_twin, 0, 400);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
