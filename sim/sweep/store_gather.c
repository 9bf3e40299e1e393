// SPDX-License-Identifier: Apache-2.0
#include "store_gather.h"
#include "file.h"
#include "store.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define AXIS_PREFIX "axes."

typedef struct gathering {
    char path[PATH_BYTES]; // of the temporary file
    sqlite3 *db;
    sqlite3_stmt *insert;
} gathering;

// A name as SQL takes it, whatever it holds.
static void put_name(FILE *out, const char *prefix, const char *name)
{
    fprintf(out, "\"%s", prefix);
    for (; *name != '\0'; name++)
        fprintf(out, *name == '"' ? "\"\"" : "%c", *name);
    fputc('"', out);
}

// Runs what print writes.
static igq_status run_text(gathering *work, const igq_sweep *sweep, void (*print)(FILE *out, const igq_sweep *sweep),
                           igq_error *error)
{
    char *sql = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&sql, &size);
    if (out == NULL)
        return igq_out_of_memory(error);
    print(out, sweep);
    igq_status status = fclose(out) == 0 ? igq_sql_exec(work->db, work->path, sql, error) : igq_out_of_memory(error);
    free(sql);
    return status;
}

static void print_point_table(FILE *out, const igq_sweep *sweep)
{
    fprintf(out, "CREATE TABLE point (combination INTEGER PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL, "
                 "reason TEXT, pareto INTEGER NOT NULL");
    for (int a = 0; a < sweep->num_axes; a++) {
        fprintf(out, ", ");
        put_name(out, AXIS_PREFIX, sweep->axis[a].name);
    }
    fprintf(out, "); CREATE TABLE sweep (name TEXT, sha256 TEXT, igqsim TEXT)");
}

// In memory or in a file of its own, so that the order of arrival leaves no trace.
static igq_status begin(gathering *work, const igq_sweep *sweep, const char *dir, igq_error *error)
{
    snprintf(work->path, sizeof work->path, "%s/" IGQ_POINTS_FILE IGQ_TEMPORARY_SUFFIX, dir);
    if (sqlite3_open(work->path, &work->db) != SQLITE_OK)
        return igq_sql_fail(work->db, work->path, error);
    igq_status status = igq_sql_exec(
        work->db, work->path, "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN", error);
    if (status == IGQ_OK)
        status = igq_answers_create(work->db, work->path, "CREATE TABLE", "answer", error);
    if (status == IGQ_OK)
        status = igq_answers_create(work->db, work->path, "CREATE TEMP TABLE", "arrival", error);
    if (status == IGQ_OK)
        status = run_text(work, sweep, print_point_table, error);
    return status == IGQ_OK ? igq_answers_inserter(&work->insert, work->db, work->path, "arrival", error) : status;
}

static igq_status add_answer(void *context, const char *id, const igq_point_answer *answer, igq_error *error)
{
    gathering *work = context;
    return igq_answers_add(work->insert, work->path, id, answer, error);
}

// What the points know themselves goes first: of two answers of an id the first stays.
static igq_status add_points(gathering *work, const igq_points *points, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < points->num; i++) {
        const igq_point *point = &points->point[i];
        igq_point_answer answer = {.known = 1, .results = point->results};
        if (point->first != i)
            continue;
        answer.status = point->is_simulated ? IGQ_POINT_DONE : point->is_lost ? IGQ_POINT_OPEN : point->status;
        if (!point->is_simulated && point->reason != NULL)
            snprintf(answer.reason, sizeof answer.reason, "%.1000s", point->reason);
        status = add_answer(work, point->id, &answer, error);
    }
    return status;
}

static igq_status add_combination(sqlite3_stmt *insert, const char *path, const igq_sweep *sweep,
                                  const igq_point *point, igq_error *error)
{
    int column = 1;
    sqlite3_bind_int(insert, column++, point->combination);
    igq_sql_bind_text(insert, column++, point->id);
    igq_sql_bind_text(insert, column++, igq_point_status_names[point->status]);
    igq_sql_bind_text(insert, column++, point->is_simulated ? point->reason : NULL); // else the answer's
    sqlite3_bind_int(insert, column++, point->pareto);
    for (int a = 0; a < sweep->num_axes; a++) {
        const igq_axis *axis = &sweep->axis[a];
        int value = igq_point_value(sweep, point, a);
        if (axis->labels_are_numbers)
            igq_sql_bind_number(insert, column++, axis->value[value]);
        else
            igq_sql_bind_text(insert, column++, axis->label[value]);
    }
    int code = sqlite3_step(insert);
    sqlite3_reset(insert);
    return code == SQLITE_DONE ? IGQ_OK : igq_sql_fail(sqlite3_db_handle(insert), path, error);
}

static igq_status add_combinations(gathering *work, const igq_sweep *sweep, const igq_points *points, igq_error *error)
{
    char sql[256];
    sqlite3_stmt *insert = NULL;
    int used = snprintf(sql, sizeof sql, "INSERT INTO point VALUES (?,?,?,?,?");
    for (int a = 0; a < sweep->num_axes; a++)
        used += snprintf(sql + used, sizeof sql - (size_t)used, ",?");
    snprintf(sql + used, sizeof sql - (size_t)used, ")");
    igq_status status = sqlite3_prepare_v2(work->db, sql, -1, &insert, NULL) == SQLITE_OK
                            ? IGQ_OK
                            : igq_sql_fail(work->db, work->path, error);
    for (int i = 0; status == IGQ_OK && i < points->num; i++)
        status = add_combination(insert, work->path, sweep, &points->point[i], error);
    sqlite3_finalize(insert);
    return status;
}

static igq_status add_sweep(gathering *work, const igq_sweep *sweep, igq_error *error)
{
    sqlite3_stmt *insert = NULL;
    if (sqlite3_prepare_v2(work->db, "INSERT INTO sweep VALUES (?,?,?)", -1, &insert, NULL) != SQLITE_OK)
        return igq_sql_fail(work->db, work->path, error);
    igq_sql_bind_text(insert, 1, sweep->name);
    igq_sql_bind_text(insert, 2, sweep->sha256);
    igq_sql_bind_text(insert, 3, IGQSIM_VERSION);
    int code = sqlite3_step(insert);
    sqlite3_finalize(insert);
    return code == SQLITE_DONE ? IGQ_OK : igq_sql_fail(work->db, work->path, error);
}

static igq_status fill(gathering *work, const igq_sweep *sweep, const igq_points *points, const char *dir,
                       igq_error *error)
{
    igq_status status = begin(work, sweep, dir, error);
    if (status == IGQ_OK)
        status = add_points(work, points, error);
    if (status == IGQ_OK)
        status = igq_store_each(dir, add_answer, work, error);
    if (status == IGQ_OK)
        status = igq_sql_exec(work->db, work->path, "INSERT INTO answer SELECT * FROM arrival ORDER BY id", error);
    if (status == IGQ_OK)
        status = add_combinations(work, sweep, points, error);
    if (status == IGQ_OK)
        status = add_sweep(work, sweep, error);
    return status == IGQ_OK ? igq_sql_exec(work->db, work->path, "COMMIT", error) : status;
}

igq_status igq_store_gather(const igq_sweep *sweep, const igq_points *points, const char *dir, igq_error *error)
{
    char path[PATH_BYTES];
    gathering *work = calloc(1, sizeof *work);
    if (work == NULL)
        return igq_out_of_memory(error);
    igq_status status = fill(work, sweep, points, dir, error);
    sqlite3_finalize(work->insert);
    sqlite3_close(work->db);
    snprintf(path, sizeof path, "%s/" IGQ_POINTS_FILE, dir);
    if (status == IGQ_OK && rename(work->path, path) != 0)
        status = igq_fail(error, "%s: cannot write: %s", path, strerror(errno));
    if (status != IGQ_OK)
        unlink(work->path);
    free(work);
    if (status == IGQ_OK)
        igq_store_remove(dir);
    return status;
}

/// Export

// In quotes if it needs them.
static void csv_text(FILE *csv, const char *text)
{
    if (text[strcspn(text, ",\"\n")] == '\0') {
        fputs(text, csv);
        return;
    }
    fputc('"', csv);
    for (; *text != '\0'; text++)
        fprintf(csv, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', csv);
}

static void csv_value(FILE *csv, sqlite3_stmt *row, int column)
{
    if (sqlite3_column_type(row, column) == SQLITE_FLOAT)
        fprintf(csv, "%.9g", sqlite3_column_double(row, column));
    else if (sqlite3_column_type(row, column) != SQLITE_NULL)
        csv_text(csv, (const char *)sqlite3_column_text(row, column));
}

// id, status, pareto, axes, figures, reason.
static igq_status selection(char **sql, sqlite3 *db, const char *path, igq_error *error)
{
    sqlite3_stmt *table = NULL;
    size_t size = 0;
    FILE *out = open_memstream(sql, &size);
    if (out == NULL)
        return igq_out_of_memory(error);
    fprintf(out, "SELECT p.id, p.status, CASE p.pareto WHEN 1 THEN 'yes' ELSE 'no' END AS pareto");
    static const char *const tables[] = {"SELECT name FROM pragma_table_info('point') WHERE cid > 4 ORDER BY cid",
                                         "SELECT name FROM pragma_table_info('answer') WHERE cid > 2 AND "
                                         "name <> 'checksum' ORDER BY cid"};
    int code = SQLITE_DONE;
    for (int t = 0; t < 2 && code == SQLITE_DONE; t++) {
        code = sqlite3_prepare_v2(db, tables[t], -1, &table, NULL);
        while (code == SQLITE_OK && sqlite3_step(table) == SQLITE_ROW) {
            fprintf(out, t == 0 ? ", p." : ", a.");
            put_name(out, "", (const char *)sqlite3_column_text(table, 0));
        }
        code = sqlite3_finalize(table) == SQLITE_OK && code == SQLITE_OK ? SQLITE_DONE : SQLITE_ERROR;
    }
    fprintf(out, ", COALESCE(p.reason, a.reason) AS reason FROM point p JOIN answer a ON a.id = p.id "
                 "ORDER BY p.combination");
    if (fclose(out) != 0)
        return igq_out_of_memory(error);
    return code == SQLITE_DONE ? IGQ_OK : igq_sql_fail(db, path, error);
}

// Whole lines, a few thousand at a time.
static igq_status write_rows(const char *csv_path, sqlite3_stmt *row, sqlite3 *db, const char *path, igq_error *error)
{
    int num_columns = sqlite3_column_count(row), code = SQLITE_ROW;
    igq_file_output *csv;
    igq_status status = igq_file_open(&csv, csv_path, error);
    for (int first = 1; status == IGQ_OK && code == SQLITE_ROW; first = 0) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        if (out == NULL) {
            igq_file_discard(csv);
            return igq_out_of_memory(error);
        }
        for (int c = 0; first && c < num_columns; c++) {
            const char *name = sqlite3_column_name(row, c);
            size_t prefix = strncmp(name, AXIS_PREFIX, strlen(AXIS_PREFIX)) == 0 ? strlen(AXIS_PREFIX) : 0;
            fprintf(out, "%s", c > 0 ? "," : "");
            csv_text(out, name + prefix);
        }
        if (first)
            fputc('\n', out);
        for (int i = 0; i < 4096 && (code = sqlite3_step(row)) == SQLITE_ROW; i++)
            for (int c = 0; c < num_columns; c++) {
                csv_value(out, row, c);
                fputc(c + 1 < num_columns ? ',' : '\n', out);
            }
        fclose(out);
        status = igq_file_append(csv, text, size, error);
        free(text);
    }
    if (status == IGQ_OK && code == SQLITE_DONE)
        return igq_file_close(csv, error);
    if (status == IGQ_OK) {
        igq_file_discard(csv);
        status = igq_sql_fail(db, path, error);
    }
    return status;
}

static igq_status export_rows(const char *csv_path, sqlite3 *db, const char *path, igq_error *error)
{
    char *sql = NULL;
    sqlite3_stmt *row = NULL;
    igq_status status = selection(&sql, db, path, error);
    if (status == IGQ_OK && sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
        status = igq_sql_fail(db, path, error);
    if (status == IGQ_OK)
        status = write_rows(csv_path, row, db, path, error);
    sqlite3_finalize(row);
    free(sql);
    return status;
}

igq_status igq_store_export(const char *csv_path, const char *dir, igq_error *error)
{
    char path[PATH_BYTES];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/" IGQ_POINTS_FILE, dir);
    if (!igq_file_exists(path))
        return igq_fail(error, "%s: is not there; allowed: the folder of a sweep that has ended", path);
    igq_status status = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
                            ? export_rows(csv_path, db, path, error)
                            : igq_sql_fail(db, path, error);
    sqlite3_close(db);
    return status;
}
