// SPDX-License-Identifier: Apache-2.0
// answer_store.h - a file that keeps the answers of a deal while it goes on, so that a killed run can be continued.
// Answers are only appended, each with its item, the key of what it was computed from, and a SHA-256; reading stops at
// the first that is not whole, and what lies behind it is cut off.
#ifndef IGQ_ANSWER_STORE_H
#define IGQ_ANSWER_STORE_H
#include "error.h"
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_answer_store igq_answer_store;

// A hash in hexadecimal of everything that an answer depends on; an empty one is never kept.
typedef struct igq_answer_key {
    char hex[65];
} igq_answer_key;

// key in (num_items). resume 0: starts empty. 1: answers whose item still has the same key are there.
igq_status igq_answer_store_open(igq_answer_store **store, const char *path, const igq_answer_key *key, int num_items,
                                 int resume, igq_error *error);
void igq_answer_store_close(igq_answer_store *store); // NULL is fine; the file stays

int igq_answer_store_num(const igq_answer_store *store); // items that have an answer
int igq_answer_store_has(const igq_answer_store *store, int item);
// The answer as a stream of its own, to be closed; *data is to be freed after that. NULL if it cannot be read.
FILE *igq_answer_store_read(char **data, const igq_answer_store *store, int item);
igq_status igq_answer_store_add(igq_answer_store *store, int item, const void *data, size_t bytes, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
