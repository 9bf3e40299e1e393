// SPDX-License-Identifier: Apache-2.0
// error.h - how the files of sim/ say that something went wrong: a status, and one message for the user that names the
// file, the line and key where there are any, the value given and what is allowed. Only main.cpp prints it.
#ifndef IGQ_ERROR_H
#define IGQ_ERROR_H
#include "igqsim_status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_error {
    char message[2048];
} igq_error;

// Sets the message and returns IGQ_USER_ERROR, so that a function can end with `return igq_fail(error, ...)`. What is
// not printable in it (names, values of files) is written as \xNN; of what is too long the middle is left out.
igq_status igq_fail(igq_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The same for a fault of igqsim. Returns IGQ_INTERNAL_ERROR.
igq_status igq_fail_internal(igq_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The same for memory that ran out: not the user's fault. Returns IGQ_INTERNAL_ERROR.
igq_status igq_out_of_memory(igq_error *error);

#ifdef IGQ_ANALYSE // tools/analyse.sh looks at one file at a time: there it sees what these return
#define igq_fail(...) ((void)igq_fail(__VA_ARGS__), IGQ_USER_ERROR)
#define igq_fail_internal(...) ((void)igq_fail_internal(__VA_ARGS__), IGQ_INTERNAL_ERROR)
#define igq_out_of_memory(error) ((void)igq_out_of_memory(error), IGQ_INTERNAL_ERROR)
#endif

#ifdef __cplusplus
}
#endif
#endif
