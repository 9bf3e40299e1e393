// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE // flock, usleep
#include "result_dir.h"
#include "file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define MAX_DIR_BYTES 3900 // leaves room for the names below it

// Processes of a run that was just killed may take a moment to end.
#define LOCK_TRIES 30
#define LOCK_TRY_US 100000

igq_status igq_dir_lock(int *lock, const char *dir, int kind, igq_error *error)
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

int igq_is_temporary(const char *name)
{
    size_t length = strlen(name), suffix = strlen(IGQ_TEMPORARY_SUFFIX);
    return length > suffix && strcmp(name + length - suffix, IGQ_TEMPORARY_SUFFIX) == 0;
}

void igq_remove_temporaries(const char *dir)
{
    char path[PATH_BYTES];
    DIR *stream = opendir(dir);
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
        if (!igq_is_temporary(entry->d_name) ||
            snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) >= (int)sizeof path)
            continue;
        if (unlink(path) != 0)
            igq_remove_dir(path);
    }
    if (stream != NULL)
        closedir(stream);
}

// What tells whose results a folder holds.
static const struct {
    const char *file, *command;
    igq_result_kind kind;
} marks[] = {{"report.json", "run", IGQ_RESULTS_OF_RUN},
             {"schemes.json", "run --scheme", IGQ_RESULTS_OF_RUN},
             {"compare.json", "compare", IGQ_RESULTS_OF_COMPARE},
             {"sweep.yaml", "sweep", IGQ_RESULTS_OF_SWEEP}};

igq_status igq_result_dir_open(int *lock, const char *dir, igq_result_kind kind, igq_error *error)
{
    char path[PATH_BYTES];
    *lock = -1;
    if (strlen(dir) > MAX_DIR_BYTES)
        return igq_fail(error, "%.80s...: the name of the folder is too long; allowed: %d bytes", dir, MAX_DIR_BYTES);
    igq_status status = igq_make_dir(dir, error);
    if (status == IGQ_OK)
        status = igq_dir_lock(lock, dir, LOCK_EX, error);
    for (size_t i = 0; status == IGQ_OK && i < sizeof marks / sizeof *marks; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, marks[i].file);
        if (marks[i].kind != kind && igq_file_exists(path))
            status = igq_fail(error,
                              "%s: holds results of igqsim %s (%s); allowed: a new folder, or one of the same command",
                              dir, marks[i].command, marks[i].file);
    }
    if (status == IGQ_OK)
        igq_remove_temporaries(dir);
    return status;
}

void igq_result_dir_close(int lock, const char *dir, int is_new, igq_status status)
{
    if (lock < 0)
        return;
    if (status != IGQ_OK && is_new)
        rmdir(dir); // does nothing to a folder that holds something
    close(lock);
}
