// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE // flock
#include "merge.h"
#include "file.h"
#include "result_dir.h"
#include "store.h"
#include "sweep.h"
#include "sweep_dir.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define MAX_DIR_BYTES 3700 // leaves room for the names below it

static int is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static igq_status copy_file(const char *to, const char *from, igq_error *error)
{
    char *data;
    size_t size;
    igq_status status = igq_file_read(&data, &size, from, error);
    if (status == IGQ_OK) {
        status = igq_file_write(to, data, size, error);
        free(data);
    }
    return status;
}

// Every file of one folder into another that exists; not what is there already.
static igq_status copy_files(const char *to, const char *from, igq_error *error)
{
    char source[PATH_BYTES], target[PATH_BYTES];
    DIR *stream = opendir(from);
    igq_status status = IGQ_OK;
    for (struct dirent *entry; status == IGQ_OK && stream != NULL && (entry = readdir(stream)) != NULL;) {
        snprintf(source, sizeof source, "%.3800s/%.255s", from, entry->d_name);
        snprintf(target, sizeof target, "%.3800s/%.255s", to, entry->d_name);
        if (!is_folder(source) && !igq_is_temporary(entry->d_name) && !igq_file_exists(target))
            status = copy_file(target, source, error);
    }
    if (stream != NULL)
        closedir(stream);
    return status;
}

// A folder of a point gets its name when it is complete.
static igq_status copy_point(const char *dir, const char *from, const char *id, igq_error *error)
{
    char source[PATH_BYTES], target[PATH_BYTES], temporary[PATH_BYTES];
    snprintf(source, sizeof source, "%.3800s/points/%.40s", from, id);
    snprintf(target, sizeof target, "%.3800s/points/%.40s", dir, id);
    snprintf(temporary, sizeof temporary, "%.3800s/points/%.40s" IGQ_TEMPORARY_SUFFIX, dir, id);
    if (igq_file_exists(target) || !is_folder(source))
        return IGQ_OK;
    igq_status status = igq_make_dir(temporary, error);
    if (status == IGQ_OK)
        status = copy_files(temporary, source, error);
    if (status == IGQ_OK && rename(temporary, target) != 0)
        status = igq_fail(error, "%s: cannot write", target);
    if (status != IGQ_OK)
        igq_remove_dir(temporary);
    return status;
}

static igq_status copy_folders(const char *dir, const char *from, igq_error *error)
{
    char source[PATH_BYTES], target[PATH_BYTES];
    snprintf(source, sizeof source, "%s/calibrations", from);
    snprintf(target, sizeof target, "%s/calibrations", dir);
    igq_status status = is_folder(source) ? igq_make_dir(target, error) : IGQ_OK;
    if (status == IGQ_OK && is_folder(source))
        status = copy_files(target, source, error);
    snprintf(source, sizeof source, "%s/points", from);
    DIR *stream = opendir(source);
    for (struct dirent *entry; status == IGQ_OK && stream != NULL && (entry = readdir(stream)) != NULL;)
        if (strlen(entry->d_name) == IGQ_POINT_ID_BYTES - 1)
            status = copy_point(dir, from, entry->d_name, error);
    if (stream != NULL)
        closedir(stream);
    return status;
}

static igq_status merge_one(const char *dir, const char *from, igq_store *store, igq_error *error)
{
    int lock = -1;
    igq_status status = igq_dir_lock(&lock, from, LOCK_SH, error);
    if (status == IGQ_OK)
        status = copy_folders(dir, from, error);
    if (status == IGQ_OK)
        status = igq_store_merge(store, from, error);
    if (lock >= 0)
        close(lock);
    return status;
}

static igq_status merge_all(const char *const *from, int num_from, const char *dir, igq_error *error)
{
    igq_store *store = NULL;
    igq_status status = igq_store_open(&store, dir, 0, 0, error);
    for (int i = 0; status == IGQ_OK && i < num_from; i++)
        status = merge_one(dir, from[i], store, error);
    igq_store_close(store);
    return status;
}

static igq_status check(const char *const *from, int num_from, const char *dir, const char *sweep_path,
                        igq_error *error)
{
    char mine[PATH_BYTES];
    struct stat target, source;
    igq_status status = IGQ_OK;
    snprintf(mine, sizeof mine, "%s/sweep.yaml", dir);
    for (int i = 0; status == IGQ_OK && i < num_from; i++) {
        if (strlen(from[i]) > MAX_DIR_BYTES)
            return igq_fail(error, "%.80s...: the name of the folder is too long; allowed: %d bytes", from[i],
                            MAX_DIR_BYTES);
        if (stat(dir, &target) == 0 && stat(from[i], &source) == 0 && target.st_dev == source.st_dev &&
            target.st_ino == source.st_ino)
            return igq_fail(error, "%s: is the folder to merge into; allowed: others", from[i]);
        status = igq_sweep_dir_check(from[i], sweep_path, error);
    }
    return status == IGQ_OK && igq_file_exists(mine) ? igq_sweep_dir_check(dir, sweep_path, error) : status;
}

igq_status igq_sweep_merge(const char *const *from, int num_from, const char *dir, int num_jobs, igq_error *error)
{
    char sweep_path[PATH_BYTES];
    int lock = -1;
    snprintf(sweep_path, sizeof sweep_path, "%.3800s/sweep.yaml", from[0]);
    igq_status status = check(from, num_from, dir, sweep_path, error);
    if (status == IGQ_OK)
        status = igq_sweep_dir_open(&lock, dir, sweep_path, 1, error);
    if (status == IGQ_OK)
        status = merge_all(from, num_from, dir, error);
    if (lock >= 0)
        close(lock);
    if (status != IGQ_OK)
        return status;
    const igq_sweep_request request = {
        .path = sweep_path, .dir = dir, .num_jobs = num_jobs, .resume = 1, .only_gather = 1};
    return igq_sweep_run(&request, error);
}
