// SPDX-License-Identifier: Apache-2.0
// console.h - standard output of the program: what is printed reaches its reader whole or the program fails, and no
// control character of a file's name or contents reaches a terminal.
#ifndef IGQ_CONSOLE_H
#define IGQ_CONSOLE_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

// From now on control characters but '\n' and '\t' are printed to stdout as \xNN. Descriptors 0 to 2 that the caller
// has closed are taken, so that no file of ours becomes "standard output". A file that may not grow further
// (ulimit -f) is an error of writing from now on, not a death.
void igq_console_open(void);

// Prints nothing more.
void igq_console_quiet(void);

// Fails if anything that was printed is lost: a full disk, a closed pipe or descriptor.
igq_status igq_console_close(igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
