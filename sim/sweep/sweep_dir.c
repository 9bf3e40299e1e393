// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE // flock, usleep
#include "sweep_dir.h"
#include "file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define MAX_DIR_BYTES 3900 // leaves room for the names below it

// Processes of a run that was just killed may take a moment to end.
#define LOCK_TRIES 30
#define LOCK_TRY_US 100000

static igq_status lock_dir(int *lock, const char *dir, int kind, igq_error *error)
{
    *lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0)
        return igq_fail(error, "%s: cannot open folder: %s", dir, strerror(errno));
    for (int i = 0; flock(*lock, kind | LOCK_NB) != 0; i++) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return IGQ_OK; // a file system without locks
        if (i == LOCK_TRIES)
            return igq_fail(error, "%s: another igqsim works in this folder; allowed: one at a time", dir);
        usleep(LOCK_TRY_US);
    }
    return IGQ_OK;
}

static int is_temporary(const char *name)
{
    size_t length = strlen(name), suffix = strlen(IGQ_TEMPORARY_SUFFIX);
    return length > suffix && strcmp(name + length - suffix, IGQ_TEMPORARY_SUFFIX) == 0;
}

// Temporary files do not count: they may be all that a run had time for.
static int is_empty(const char *dir)
{
    DIR *stream = opendir(dir);
    int empty = 1;
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || is_temporary(entry->d_name);
    if (stream != NULL)
        closedir(stream);
    return empty;
}

static void remove_temporaries(const char *dir, const char *sub)
{
    char path[PATH_BYTES], folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s%s", dir, sub);
    DIR *stream = opendir(folder);
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
        if (!is_temporary(entry->d_name) ||
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path)
            continue;
        if (unlink(path) != 0)
            igq_remove_dir(path);
    }
    if (stream != NULL)
        closedir(stream);
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
    if (strlen(dir) > MAX_DIR_BYTES)
        return igq_fail(error, "%.80s...: the name of the folder is too long; allowed: %d bytes", dir, MAX_DIR_BYTES);
    igq_status status = igq_make_dir(dir, error);
    if (status == IGQ_OK)
        status = lock_dir(lock, dir, LOCK_EX, error);
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
    remove_temporaries(dir, "");
    remove_temporaries(dir, "/points");
    remove_temporaries(dir, "/calibrations");
    status = copy_file(path, sweep_path, error);
    snprintf(path, sizeof path, "%s/points", dir);
    return status == IGQ_OK ? igq_make_dir(path, error) : status;
}

igq_status igq_sweep_dir_join(int *lock, const char *dir, igq_error *error)
{
    return lock_dir(lock, dir, LOCK_SH, error);
}
