// SPDX-License-Identifier: Apache-2.0
// temp_dir.h - a folder of its own for every test that works with files, and checks of messages. To be included last,
// as suite.h.
#ifndef IGQ_TEMP_DIR_H
#define IGQ_TEMP_DIR_H
#include "error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

static char temp_dir[256];

static inline void make_temp_dir(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(temp_dir, sizeof temp_dir, "%s/igqsim-test-XXXXXX", base != NULL ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(temp_dir));
}

static inline void remove_temp_dir(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", temp_dir);
    ck_assert_int_eq(system(command), 0);
}

// Path of `name` in the test's folder. The last four results stay valid.
static inline const char *temp_path(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", temp_dir, name);
    return path;
}

static inline void put_bytes(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void put_text(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text));
}

// The status is a user's error and its message has all these words (a list that ends with NULL).
static inline void assert_refused(igq_status status, const igq_error *error, const char *const *words)
{
    ck_assert_int_eq(status, IGQ_USER_ERROR);
    for (; *words != NULL; words++)
        ck_assert_msg(strstr(error->message, *words) != NULL, "\"%s\" not in message: %s", *words, error->message);
}
#define ASSERT_REFUSED(status, error, ...)                                                                             \
    do {                                                                                                               \
        igq_status refused_status = (status); /* before the words, which may depend on what it wrote */                \
        assert_refused(refused_status, error, (const char *const[]){__VA_ARGS__, NULL});                               \
    } while (0)

// Runs the tests of one file, each with its own folder. Returns main's status.
static inline int run_in_temp_dirs(const char *name, const TTest *const *tests, size_t num_tests)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, make_temp_dir, remove_temp_dir);
    for (size_t i = 0; i < num_tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
#define RUN_IN_TEMP_DIRS(name, ...)                                                                                    \
    run_in_temp_dirs(name, (const TTest *const[]){__VA_ARGS__},                                                        \
                     sizeof((const TTest *const[]){__VA_ARGS__}) / sizeof(TTest *))

#endif
