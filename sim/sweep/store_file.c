// SPDX-License-Identifier: Apache-2.0
#include "store_file.h"
#include "file.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Columns of an answer: id, status, reason, then the figures, then the checksum.
enum { ID, STATUS, REASON, FIGURES };

static int num_figures(void)
{
    return igq_num_results() + IGQ_CAUSE_COUNT - IGQ_CAUSE_COMPUTE - 1;
}

static double *figure_of(igq_results *results, int f)
{
    int cause = IGQ_CAUSE_COMPUTE + 1 + f - igq_num_results();
    return f < igq_num_results() ? &results->value[f] : &results->stall_cycles[cause];
}

static double figure(const igq_results *results, int f)
{
    int cause = IGQ_CAUSE_COMPUTE + 1 + f - igq_num_results();
    return f < igq_num_results() ? results->value[f] : results->stall_cycles[cause];
}

igq_status igq_sql_fail(sqlite3 *db, const char *path, igq_error *error)
{
    int code = db != NULL ? sqlite3_errcode(db) : SQLITE_NOMEM;
    if (code == SQLITE_NOMEM)
        return igq_out_of_memory(error);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return igq_fail(error, "%s: another process has this file; allowed: one process for a share of a sweep", path);
    return igq_fail(error, "%s: cannot write or read: %s", path, sqlite3_errmsg(db));
}

igq_status igq_sql_exec(sqlite3 *db, const char *path, const char *sql, igq_error *error)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? IGQ_OK : igq_sql_fail(db, path, error);
}

void igq_sql_bind_number(sqlite3_stmt *statement, int index, double value)
{
    if (!isfinite(value))
        sqlite3_bind_null(statement, index);
    else if (value == floor(value) && fabs(value) < 1e15)
        sqlite3_bind_int64(statement, index, (sqlite3_int64)value);
    else
        sqlite3_bind_double(statement, index, value);
}

void igq_sql_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

igq_status igq_answers_create(sqlite3 *db, const char *path, const char *prefix, const char *name, igq_error *error)
{
    char *sql = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&sql, &size);
    if (out == NULL)
        return igq_out_of_memory(error);
    fprintf(out, "%s IF NOT EXISTS %s (id TEXT PRIMARY KEY, status TEXT NOT NULL, reason TEXT", prefix, name);
    for (int r = 0; r < igq_num_results(); r++)
        fprintf(out, ", %s NUMERIC", igq_result_column(r)->metric);
    for (int cause = IGQ_CAUSE_COMPUTE + 1; cause < IGQ_CAUSE_COUNT; cause++)
        fprintf(out, ", stall_%s_cycles_per_image NUMERIC", igq_cause_names[cause]);
    fprintf(out, ", checksum INTEGER NOT NULL) WITHOUT ROWID");
    if (fclose(out) != 0) {
        free(sql);
        return igq_out_of_memory(error);
    }
    igq_status status = igq_sql_exec(db, path, sql, error);
    free(sql);
    return status;
}

igq_status igq_answers_inserter(sqlite3_stmt **insert, sqlite3 *db, const char *path, const char *table,
                                igq_error *error)
{
    char sql[1024];
    int used = snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO %s VALUES (?", table);
    int num_columns = FIGURES + num_figures() + 1;
    for (int c = 1; c < num_columns; c++)
        used += snprintf(sql + used, sizeof sql - (size_t)used, ",?");
    assert(used + 1 < (int)sizeof sql);
    memcpy(sql + used, ")", 2);
    return sqlite3_prepare_v2(db, sql, -1, insert, NULL) == SQLITE_OK ? IGQ_OK : igq_sql_fail(db, path, error);
}

// Of all that the row says, so that a flipped bit is found: the first 60 bits of its SHA-256.
static sqlite3_int64 checksum_of(const char *id, const igq_point_answer *answer)
{
    char text[4096], hex[65];
    int used = snprintf(text, sizeof text, "%s|%d|%s", id, (int)answer->status, answer->reason);
    for (int f = 0; f < num_figures(); f++)
        used += isfinite(figure(&answer->results, f))
                    ? snprintf(text + used, sizeof text - (size_t)used, "|%.17g", figure(&answer->results, f) + 0.0)
                    : snprintf(text + used, sizeof text - (size_t)used, "|");
    assert(used < (int)sizeof text);
    igq_sha256_bytes(hex, text, (size_t)used);
    hex[15] = '\0';
    return strtoll(hex, NULL, 16);
}

igq_status igq_answers_add(sqlite3_stmt *insert, const char *path, const char *id, const igq_point_answer *answer,
                           igq_error *error)
{
    igq_sql_bind_text(insert, ID + 1, id);
    igq_sql_bind_text(insert, STATUS + 1, igq_point_status_names[answer->status]);
    igq_sql_bind_text(insert, REASON + 1, answer->reason[0] != '\0' ? answer->reason : NULL);
    for (int f = 0; f < num_figures(); f++)
        igq_sql_bind_number(insert, FIGURES + f + 1, figure(&answer->results, f));
    sqlite3_bind_int64(insert, FIGURES + num_figures() + 1, checksum_of(id, answer));
    int code = sqlite3_step(insert);
    sqlite3_reset(insert);
    return code == SQLITE_DONE ? IGQ_OK : igq_sql_fail(sqlite3_db_handle(insert), path, error);
}

// 1 if the row is whole.
static int read_row(const char **id, igq_point_answer *answer, sqlite3_stmt *row)
{
    const char *status = (const char *)sqlite3_column_text(row, STATUS);
    const char *reason = (const char *)sqlite3_column_text(row, REASON);
    *answer = (igq_point_answer){0};
    *id = (const char *)sqlite3_column_text(row, ID);
    if (*id == NULL || strlen(*id) >= IGQ_POINT_ID_BYTES || status == NULL ||
        strlen(reason != NULL ? reason : "") >= sizeof answer->reason)
        return 0;
    for (int s = 0; s < IGQ_POINT_STATUS_COUNT; s++)
        if (strcmp(status, igq_point_status_names[s]) == 0) {
            answer->status = (igq_point_status)s;
            answer->known = 1;
        }
    snprintf(answer->reason, sizeof answer->reason, "%s", reason != NULL ? reason : "");
    for (int f = 0; f < num_figures(); f++)
        *figure_of(&answer->results, f) =
            sqlite3_column_type(row, FIGURES + f) == SQLITE_NULL ? NAN : sqlite3_column_double(row, FIGURES + f);
    return answer->known && sqlite3_column_int64(row, FIGURES + num_figures()) == checksum_of(*id, answer);
}

igq_status igq_answers_each(const char *path, igq_answer_taker take, void *context, igq_error *error)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    igq_status status = IGQ_OK;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL); // a log that a killed process left is read too
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, "SELECT * FROM answer ORDER BY id", -1, &row, NULL);
    if (code == SQLITE_OK && sqlite3_column_count(row) == FIGURES + num_figures() + 1) {
        while (status == IGQ_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
            igq_point_answer answer;
            const char *id;
            if (read_row(&id, &answer, row))
                status = take(context, id, &answer, error);
        }
    }
    if (code == SQLITE_BUSY || code == SQLITE_NOMEM)
        status = igq_sql_fail(db, path, error);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return status;
}
