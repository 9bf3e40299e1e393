// SPDX-License-Identifier: Apache-2.0
// suite.h - Check, and the end of a test's main(). To be included last: Check defines `fail`.
#ifndef IGQ_TEST_SUITE_H
#define IGQ_TEST_SUITE_H
#include <check.h>

// Runs all tests of the suite and frees it. Returns the exit status: 0 if all passed, else 1.
static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

#endif
