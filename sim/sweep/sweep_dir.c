// SPDX-License-Identifier: Apache-2.0
#include "sweep_dir.h"
#include "file.h"
#include "result_dir.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#define PATH_BYTES 4096

// Temporary files do not count: they may be all that a run had time for.
static int is_empty(const char *dir)
{
    DIR *stream = opendir(dir);
    int empty = 1;
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || igq_is_temporary(entry->d_name);
    if (stream != NULL)
        closedir(stream);
    return empty;
}

static igq_status copy_file(const char *to, const char *from, igq_error *error)
{
    char *text;
    size_t size;
    igq_status status = igq_file_read(&text, &size, from, error);
    if (status == IGQ_OK) {
        status = igq_file_write(to, text, size, error);
        free(text);
    }
    return status;
}

igq_status igq_sweep_dir_open(int *lock, const char *dir, const char *sweep_path, int resume, igq_error *error)
{
    char path[PATH_BYTES];
    igq_status status = igq_result_dir_open(lock, dir, IGQ_RESULTS_OF_SWEEP, error);
    snprintf(path, sizeof path, "%s/sweep.yaml", dir);
    if (status == IGQ_OK && !is_empty(dir)) {
        if (!igq_file_exists(path))
            status = igq_fail(error, "%s: is not empty and not the folder of a sweep; allowed: a new folder", dir);
        else if (!resume)
            status =
                igq_fail(error, "%s: holds a sweep already; allowed: a new folder, or --resume to go on with it", dir);
    }
    if (status != IGQ_OK)
        return status;
    snprintf(path, sizeof path, "%s/points", dir);
    igq_remove_temporaries(path);
    snprintf(path, sizeof path, "%s/calibrations", dir);
    igq_remove_temporaries(path);
    snprintf(path, sizeof path, "%s/sweep.yaml", dir);
    status = copy_file(path, sweep_path, error);
    snprintf(path, sizeof path, "%s/points", dir);
    return status == IGQ_OK ? igq_make_dir(path, error) : status;
}

igq_status igq_sweep_dir_check(const char *dir, const char *sweep_path, igq_error *error)
{
    char path[PATH_BYTES], mine[65], theirs[65];
    snprintf(path, sizeof path, "%s/sweep.yaml", dir);
    if (!igq_file_exists(path))
        return igq_fail(error, "%s: is not there; allowed: the folder of a sweep", path);
    igq_status status = igq_sha256_file(mine, sweep_path, error);
    if (status == IGQ_OK)
        status = igq_sha256_file(theirs, path, error);
    return status == IGQ_OK && strcmp(mine, theirs) != 0
               ? igq_fail(error, "%s: is another sweep than %s; allowed: the same bytes", path, sweep_path)
               : status;
}

igq_status igq_sweep_dir_join(int *lock, const char *dir, const char *sweep_path, igq_error *error)
{
    char path[PATH_BYTES];
    igq_status status = igq_make_dir(dir, error);
    if (status == IGQ_OK)
        status = igq_dir_lock(lock, dir, LOCK_SH, error);
    snprintf(path, sizeof path, "%s/sweep.yaml", dir);
    if (status == IGQ_OK && !igq_file_exists(path)) {
        if (!is_empty(dir))
            return igq_fail(error, "%s: is not empty and not the folder of a sweep; allowed: a new folder", dir);
        status = copy_file(path, sweep_path, error);
    }
    if (status == IGQ_OK)
        status = igq_sweep_dir_check(dir, sweep_path, error);
    snprintf(path, sizeof path, "%s/points", dir);
    return status == IGQ_OK ? igq_make_dir(path, error) : status;
}
