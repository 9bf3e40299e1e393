// SPDX-License-Identifier: Apache-2.0
#include "pareto.h"
#include "rng.h"
#include <math.h>
#include "../suite.h"

// Straight from the definition.
static int is_beaten(const double *value, int i, int num, int num_columns)
{
    for (int k = 0; k < num; k++) {
        int as_good = 1, better = 0, known = 1;
        for (int c = 0; c < num_columns; c++) {
            double a = value[k * num_columns + c], b = value[i * num_columns + c];
            known &= !isnan(a);
            as_good &= a <= b;
            better |= a < b;
        }
        if (known && as_good && better)
            return 1;
    }
    return 0;
}

START_TEST(the_front_is_what_no_other_row_beats)
{
    enum { NUM = 200 };
    rng random = {(uint64_t)_i};
    double value[NUM * 3];
    unsigned char front[NUM];
    int num_columns = 1 + _i % 3, num_front = 0;
    for (int i = 0; i < NUM * num_columns; i++) // few values: many ties
        value[i] = rng_int(&random, 0, 20) == 0 ? NAN : rng_int(&random, -8, 8);
    ck_assert(igq_pareto_front(front, value, NUM, num_columns));
    for (int i = 0; i < NUM; i++) {
        int known = 1;
        for (int c = 0; c < num_columns; c++)
            known &= !isnan(value[i * num_columns + c]);
        ck_assert_int_eq(front[i], known && !is_beaten(value, i, NUM, num_columns));
        num_front += front[i];
    }
    ck_assert_int_gt(num_front, 0);
}
END_TEST

START_TEST(equal_rows_are_on_the_front_together)
{
    const double value[] = {1, 2, 2, 1, 1, 2, 2, 2};
    unsigned char front[4];
    ck_assert(igq_pareto_front(front, value, 4, 2));
    ck_assert(front[0] && front[1] && front[2] && !front[3]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pareto");
    TCase *tcase = tcase_create("pareto");
    tcase_add_loop_test(tcase, the_front_is_what_no_other_row_beats, 0, 30);
    tcase_add_test(tcase, equal_rows_are_on_the_front_together);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
