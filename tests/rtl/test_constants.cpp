// SPDX-License-Identifier: Apache-2.0
// The constants that stand once in C and once in rtl/igq_pkg.sv.
#include "latency.h"
#include "params.h"
#include <Vsmall_igq_pkg.h>
#include "../suite.h"
#undef fail

START_TEST(distances_have_the_numbers_of_the_c_enum)
{
    ck_assert_int_eq(Vsmall_igq_pkg::DistanceL2, IGQ_DISTANCE_L2);
    ck_assert_int_eq(Vsmall_igq_pkg::DistanceL1, IGQ_DISTANCE_L1);
    ck_assert_int_eq(Vsmall_igq_pkg::DistanceLinf, IGQ_DISTANCE_LINF);
    ck_assert_int_eq(IGQ_DISTANCE_COUNT, 3);
}
END_TEST

START_TEST(widths_and_pipeline_depth_agree)
{
    ck_assert_int_eq(Vsmall_igq_pkg::ActInBits, IGQ_ACT_IN_BITS);
    ck_assert_int_eq(Vsmall_igq_pkg::ScorePipelineCycles, IGQ_SCORE_PIPELINE_CYCLES);
}
END_TEST

int main()
{
    Suite *suite = suite_create("constants");
    TCase *tcase = tcase_create("igq_pkg");
    tcase_add_test(tcase, distances_have_the_numbers_of_the_c_enum);
    tcase_add_test(tcase, widths_and_pipeline_depth_agree);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
