// SPDX-License-Identifier: Apache-2.0
// store_file.h - one SQLite file of a sweep, and its table of answers: a row for each machine, with a checksum.
#ifndef IGQ_STORE_FILE_H
#define IGQ_STORE_FILE_H
#include "point_run.h"
#include <sqlite3.h>

#define IGQ_POINTS_FILE "points.sqlite"

// Says what SQLite says of the file, and what there may be to do. SQLITE_NOMEM is memory that ran out.
igq_status igq_sql_fail(sqlite3 *db, const char *path, igq_error *error);

igq_status igq_sql_exec(sqlite3 *db, const char *path, const char *sql, igq_error *error);

// A whole number is an integer in SQL, NAN is NULL, text NULL is NULL.
void igq_sql_bind_number(sqlite3_stmt *statement, int index, double value);
void igq_sql_bind_text(sqlite3_stmt *statement, int index, const char *text);

// Creates the table `name`, like `answer`, if it is not there: `prefix` is CREATE TABLE or CREATE TEMP TABLE.
igq_status igq_answers_create(sqlite3 *db, const char *path, const char *prefix, const char *name, igq_error *error);

// A statement that adds an answer, unless there is one of the same id; igq_answers_add runs it. The caller finalizes
// it.
igq_status igq_answers_inserter(sqlite3_stmt **insert, sqlite3 *db, const char *path, const char *table,
                                igq_error *error);
igq_status igq_answers_add(sqlite3_stmt *insert, const char *path, const char *id, const igq_point_answer *answer,
                           igq_error *error);

// Calls take for each whole row of the file's answers, by id; a damaged file ends early. Fails only if take does, or if
// another process has the file.
typedef igq_status (*igq_answer_taker)(void *context, const char *id, const igq_point_answer *answer, igq_error *error);
igq_status igq_answers_each(const char *path, igq_answer_taker take, void *context, igq_error *error);

#endif
