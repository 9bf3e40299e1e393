// SPDX-License-Identifier: Apache-2.0
// file.h - whole files in, whole files out. A file is written beside its place and renamed into it, so that a reader
// (or an interrupted run) never meets half a file.
#ifndef IGQ_FILE_H
#define IGQ_FILE_H
#include "error.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// What the names of half-written files and folders end with.
#define IGQ_TEMPORARY_SUFFIX ".tmp"

int igq_file_exists(const char *path); // a file or a folder

// Texts that this thread reads instead of files of these names, until the next call; NULL: none. igq_file_read and
// igq_sha256_file take them.
typedef struct igq_lent_text {
    const char *name, *text;
} igq_lent_text;
void igq_file_lend(const igq_lent_text *texts, int num);

// Opens a regular file for reading. Anything else (a folder, a pipe, a device) is refused at once, whoever asks.
igq_status igq_open_regular(int *descriptor, size_t *size, const char *path, igq_error *error);

// The bytes (up to 2^30) of a regular file and a terminating zero that size does not count. The caller frees *data.
igq_status igq_file_read(char **data, size_t *size, const char *path, igq_error *error);

igq_status igq_file_write(const char *path, const void *data, size_t size, igq_error *error);

// The same in pieces: open, any number of appends, then close, which puts the file into its place. After a failed
// append or close, and after igq_file_discard, nothing is left behind and the handle is gone.
typedef struct igq_file_output igq_file_output;
igq_status igq_file_open(igq_file_output **output, const char *path, igq_error *error);
igq_status igq_file_append(igq_file_output *output, const void *data, size_t size, igq_error *error);
igq_status igq_file_close(igq_file_output *output, igq_error *error);
void igq_file_discard(igq_file_output *output);

// Fails as igq_file_open would, so that a path that cannot be written is said before the work. NULL is fine.
igq_status igq_file_check_output(const char *path, igq_error *error);

// Removes what this process has open and has not closed, for a process that ends at once. Async-signal-safe.
void igq_file_abandon_all(void);

// Makes a folder and its parents; fine if it exists. Fails if files could not be created in it.
igq_status igq_make_dir(const char *path, igq_error *error);

// Removes a folder that holds only files; silent, for cleaning up.
void igq_remove_dir(const char *path);

// SHA-256 of bytes, as below.
void igq_sha256_bytes(char hex[65], const void *data, size_t size);

// SHA-256 of a file as 64 lower-case hexadecimal digits and a zero.
igq_status igq_sha256_file(char hex[65], const char *path, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
