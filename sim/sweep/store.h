// SPDX-License-Identifier: Apache-2.0
// store.h - what is known of a sweep's points, a row each, in SQLite files of its folder. While processes simulate,
// each has a file of its own (answers.sqlite, or answers-K-of-N.sqlite of a share), to which a row is added with every
// point, so that a killed process loses the points in flight only. points.sqlite is written when the sweep is gathered
// (store_gather.h).
#ifndef IGQ_STORE_H
#define IGQ_STORE_H
#include "store_file.h"

typedef struct igq_store igq_store;

// A file to put answers into, for this process alone; it may hold some. share_count 0: of a sweep without shares. A
// damaged file is begun anew. Fails if another process has it, or it cannot be written.
igq_status igq_store_open(igq_store **store, const char *dir, int share_index, int share_count, igq_error *error);
igq_status igq_store_put(igq_store *store, const char *id, const igq_point_answer *answer, igq_error *error);
void igq_store_close(igq_store *store); // NULL: nothing

// Calls take for the answers of all files of DIR: points.sqlite first, then the others in the order of their names.
// Damaged files and rows count for nothing, since their points can be simulated again.
igq_status igq_store_each(const char *dir, igq_answer_taker take, void *context, igq_error *error);

// Takes answers for the open points that they belong to: of all files, of a share those of points.sqlite and its own.
igq_status igq_store_read(igq_points *points, const char *dir, int share_index, int share_count, igq_error *error);

// Copies the answers of all files of the folder `from` into an open file.
igq_status igq_store_merge(igq_store *store, const char *from, igq_error *error);

// Removes the files of processes.
void igq_store_remove(const char *dir);

#endif
