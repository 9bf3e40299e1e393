// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE // scandir
#include "store.h"
#include "file.h"
#include "store_file.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 4096

struct igq_store {
    char path[PATH_BYTES];
    sqlite3 *db;
    sqlite3_stmt *insert;
};

static void work_path(char path[PATH_BYTES], const char *dir, int share_index, int share_count)
{
    if (share_count > 0)
        snprintf(path, PATH_BYTES, "%s/answers-%d-of-%d.sqlite", dir, share_index, share_count);
    else
        snprintf(path, PATH_BYTES, "%s/answers.sqlite", dir);
}

static void remove_file(const char *path)
{
    char side[PATH_BYTES + 16];
    unlink(path);
    for (int i = 0; i < 3; i++) {
        static const char *const sides[] = {"-journal", "-wal", "-shm"};
        snprintf(side, sizeof side, "%s%s", path, sides[i]);
        unlink(side);
    }
}

/// Files of processes

static int is_ok(void *damaged, int num_columns, char **values, char **names)
{
    (void)num_columns, (void)names;
    *(int *)damaged |= values[0] == NULL || strcmp(values[0], "ok") != 0;
    return 0;
}

// 1 for a file that is no database, or one whose pages do not fit together.
static int is_damaged(const char *path)
{
    sqlite3 *db = NULL;
    int damaged = 0, code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "PRAGMA quick_check(1)", is_ok, &damaged, NULL);
    sqlite3_close(db);
    return damaged || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

// A log beside the file takes a row without waiting for the disk; nobody else may open it meanwhile.
static igq_status prepare(igq_store *store, igq_error *error)
{
    if (sqlite3_open(store->path, &store->db) != SQLITE_OK)
        return igq_sql_fail(store->db, store->path, error);
    igq_status status = igq_sql_exec(store->db, store->path,
                                     "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; "
                                     "PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE; COMMIT",
                                     error);
    if (status == IGQ_OK)
        status = igq_answers_create(store->db, store->path, "CREATE TABLE", "answer", error);
    return status == IGQ_OK ? igq_answers_inserter(&store->insert, store->db, store->path, "answer", error) : status;
}

igq_status igq_store_open(igq_store **opened, const char *dir, int share_index, int share_count, igq_error *error)
{
    igq_store *store = calloc(1, sizeof *store);
    *opened = NULL;
    if (store == NULL)
        return igq_out_of_memory(error);
    work_path(store->path, dir, share_index, share_count);
    if (igq_file_exists(store->path) && is_damaged(store->path))
        remove_file(store->path);
    igq_status status = prepare(store, error);
    if (status != IGQ_OK) {
        igq_store_close(store);
        return status;
    }
    *opened = store;
    return IGQ_OK;
}

igq_status igq_store_put(igq_store *store, const char *id, const igq_point_answer *answer, igq_error *error)
{
    return igq_answers_add(store->insert, store->path, id, answer, error);
}

void igq_store_close(igq_store *store)
{
    if (store == NULL)
        return;
    sqlite3_finalize(store->insert);
    sqlite3_close(store->db);
    free(store);
}

/// Reading

static int is_work_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), end = strlen(".sqlite");
    return strncmp(entry->d_name, "answers", strlen("answers")) == 0 && length > end &&
           strcmp(entry->d_name + length - end, ".sqlite") == 0;
}

// All files of a folder, the gathered one first, then in the order of their names.
igq_status igq_store_each(const char *dir, igq_answer_taker take, void *context, igq_error *error)
{
    struct dirent **entries;
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/" IGQ_POINTS_FILE, dir);
    igq_status status = igq_file_exists(path) ? igq_answers_each(path, take, context, error) : IGQ_OK;
    int num = scandir(dir, &entries, is_work_file, alphasort);
    for (int i = 0; i < num; i++) {
        snprintf(path, sizeof path, "%.3800s/%.255s", dir, entries[i]->d_name);
        if (status == IGQ_OK)
            status = igq_answers_each(path, take, context, error);
        free(entries[i]);
    }
    if (num >= 0)
        free(entries);
    return status;
}

typedef struct taking {
    igq_points *points;
    int num;
} taking;

static igq_status take_known(void *context, const char *id, const igq_point_answer *answer, igq_error *error)
{
    taking *work = context;
    igq_point *point = igq_point_of(work->points, id);
    (void)error;
    if (point != NULL && point->status == IGQ_POINT_OPEN &&
        (answer->status == IGQ_POINT_DONE || answer->status == IGQ_POINT_FAILED)) {
        igq_point_take(point, answer);
        work->num++;
    }
    return IGQ_OK;
}

igq_status igq_store_read(igq_points *points, const char *dir, int share_index, int share_count, igq_error *error)
{
    char path[PATH_BYTES];
    taking work = {points, 0};
    if (share_count == 0)
        return igq_store_each(dir, take_known, &work, error);
    snprintf(path, sizeof path, "%s/" IGQ_POINTS_FILE, dir); // other shares are at work on their files
    igq_status status = igq_file_exists(path) ? igq_answers_each(path, take_known, &work, error) : IGQ_OK;
    work_path(path, dir, share_index, share_count);
    return status == IGQ_OK && igq_file_exists(path) ? igq_answers_each(path, take_known, &work, error) : status;
}

static igq_status copy_answer(void *context, const char *id, const igq_point_answer *answer, igq_error *error)
{
    return igq_store_put(context, id, answer, error);
}

void igq_store_remove(const char *dir)
{
    struct dirent **entries;
    char path[PATH_BYTES];
    int num = scandir(dir, &entries, is_work_file, alphasort);
    for (int i = 0; i < num; i++) {
        snprintf(path, sizeof path, "%.3800s/%.255s", dir, entries[i]->d_name);
        remove_file(path);
        free(entries[i]);
    }
    if (num >= 0)
        free(entries);
}

igq_status igq_store_merge(igq_store *store, const char *from, igq_error *error)
{
    return igq_store_each(from, copy_answer, store, error);
}
