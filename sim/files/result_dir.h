// SPDX-License-Identifier: Apache-2.0
// result_dir.h - the folder that a command writes its results into: by one program at a time, of one command.
#ifndef IGQ_RESULT_DIR_H
#define IGQ_RESULT_DIR_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_result_kind { IGQ_RESULTS_OF_RUN, IGQ_RESULTS_OF_COMPARE, IGQ_RESULTS_OF_SWEEP } igq_result_kind;

// Makes the folder with its parents, and takes it for this process until `lock` is closed. Refuses one that another
// igqsim works in, and one that holds results of another command. Removes temporary files of programs that were
// killed.
igq_status igq_result_dir_open(int *lock, const char *dir, igq_result_kind kind, igq_error *error);

// Closes the lock (negative: there is none). A folder in which nothing was written is removed if the command failed
// and `is_new` says that it made it.
void igq_result_dir_close(int lock, const char *dir, int is_new, igq_status status);

// The lock alone, of a folder that exists. `kind` is LOCK_EX or LOCK_SH of flock. Waits a moment for processes that
// were just killed.
igq_status igq_dir_lock(int *lock, const char *dir, int kind, igq_error *error);

// Removes what ends like a temporary file from a folder; silent.
void igq_remove_temporaries(const char *dir);

// 1 if a file or folder is named like a temporary one.
int igq_is_temporary(const char *name);

#ifdef __cplusplus
}
#endif
#endif
