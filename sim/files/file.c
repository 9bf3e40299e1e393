// SPDX-License-Identifier: Apache-2.0
#include "file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE_BYTES ((size_t)1 << 30) // of a file that is read whole; tensors are mapped

struct igq_file_output {
    FILE *stream;
    char *path, *temporary;
    pid_t owner;
    struct igq_file_output *next; // of open_outputs
};

igq_status igq_open_regular(int *descriptor, size_t *size, const char *path, igq_error *error)
{
    struct stat info;
    *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); // a pipe without a writer would wait here
    if (*descriptor < 0)
        return igq_fail(error, "%s: cannot open: %s", path, strerror(errno));
    if (fstat(*descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(*descriptor);
        return igq_fail(error, "%s: not a regular file", path);
    }
    *size = (size_t)info.st_size;
    return IGQ_OK;
}

static igq_status open_stream(FILE **stream, size_t *size, const char *path, igq_error *error)
{
    int descriptor;
    igq_status status = igq_open_regular(&descriptor, size, path, error);
    if (status != IGQ_OK)
        return status;
    *stream = fdopen(descriptor, "rb");
    if (*stream != NULL)
        return IGQ_OK;
    close(descriptor);
    return igq_out_of_memory(error);
}

int igq_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static _Thread_local const igq_lent_text *lent;
static _Thread_local int num_lent;

void igq_file_lend(const igq_lent_text *texts, int num)
{
    lent = texts;
    num_lent = num;
}

// NULL: a file, if there is any.
static const char *find_lent(const char *name)
{
    for (int i = 0; i < num_lent; i++)
        if (strcmp(lent[i].name, name) == 0)
            return lent[i].text;
    return NULL;
}

igq_status igq_file_read(char **data, size_t *size, const char *path, igq_error *error)
{
    const char *text = find_lent(path);
    if (text != NULL) {
        *size = strlen(text);
        *data = strdup(text);
        return *data != NULL ? IGQ_OK : igq_out_of_memory(error);
    }
    FILE *stream;
    igq_status status = open_stream(&stream, size, path, error);
    if (status != IGQ_OK)
        return status;
    if (*size > MAX_FILE_BYTES) {
        fclose(stream);
        return igq_fail(error, "%s: file of %zu bytes; allowed: up to %zu", path, *size, (size_t)MAX_FILE_BYTES);
    }
    *data = malloc(*size + 1);
    if (*data == NULL)
        status = igq_fail(error, "%s: not enough memory for %zu bytes", path, *size);
    else if (fread(*data, 1, *size, stream) != *size)
        status = igq_fail(error, "%s: cannot read: %s", path, ferror(stream) ? strerror(errno) : "file became shorter");
    else
        (*data)[*size] = '\0';
    fclose(stream);
    if (status != IGQ_OK)
        free(*data);
    return status;
}

// Of all threads.
static igq_file_output *open_outputs;
static pthread_mutex_t open_outputs_mutex = PTHREAD_MUTEX_INITIALIZER;

void igq_file_abandon_all(void)
{
    pid_t self = getpid(); // a worker leaves its parent's files alone
    for (const igq_file_output *output = open_outputs; output != NULL; output = output->next)
        if (output->owner == self)
            unlink(output->temporary);
}

static void free_output(igq_file_output *output)
{
    pthread_mutex_lock(&open_outputs_mutex);
    for (igq_file_output **link = &open_outputs; *link != NULL; link = &(*link)->next)
        if (*link == output) {
            *link = output->next;
            break;
        }
    pthread_mutex_unlock(&open_outputs_mutex);
    free(output->path);
    free(output->temporary);
    free(output);
}

igq_status igq_file_open(igq_file_output **output, const char *path, igq_error *error)
{
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) // renaming onto a device would replace it
        return igq_fail(error, "%s: cannot write: exists and is not a regular file", path);
    size_t temporary_bytes = strlen(path) + 32;
    igq_file_output *out = calloc(1, sizeof *out);
    if (out != NULL) {
        out->path = strdup(path);
        out->temporary = malloc(temporary_bytes);
    }
    if (out == NULL || out->path == NULL || out->temporary == NULL) {
        if (out != NULL)
            free_output(out);
        return igq_fail(error, "%s: not enough memory", path);
    }
    snprintf(out->temporary, temporary_bytes, "%s.%ld" IGQ_TEMPORARY_SUFFIX, path, (long)getpid());
    out->owner = getpid();
    pthread_mutex_lock(&open_outputs_mutex);
    out->next = open_outputs;
    open_outputs = out;
    pthread_mutex_unlock(&open_outputs_mutex);
    out->stream = fopen(out->temporary, "wb");
    if (out->stream == NULL) {
        igq_fail(error, "%s: cannot write: %s", path, strerror(errno));
        free_output(out);
        return IGQ_USER_ERROR;
    }
    *output = out;
    return IGQ_OK;
}

void igq_file_discard(igq_file_output *output)
{
    fclose(output->stream);
    unlink(output->temporary);
    free_output(output);
}

igq_status igq_file_check_output(const char *path, igq_error *error)
{
    igq_file_output *output;
    igq_status status = path != NULL ? igq_file_open(&output, path, error) : IGQ_OK;
    if (path != NULL && status == IGQ_OK)
        igq_file_discard(output);
    return status;
}

igq_status igq_file_append(igq_file_output *output, const void *data, size_t size, igq_error *error)
{
    if (size == 0 || fwrite(data, 1, size, output->stream) == size)
        return IGQ_OK;
    igq_fail(error, "%s: cannot write: %s", output->path, strerror(errno));
    igq_file_discard(output);
    return IGQ_USER_ERROR;
}

igq_status igq_file_close(igq_file_output *output, igq_error *error)
{
    if (fflush(output->stream) != 0 || rename(output->temporary, output->path) != 0) {
        igq_fail(error, "%s: cannot write: %s", output->path, strerror(errno));
        igq_file_discard(output);
        return IGQ_USER_ERROR;
    }
    fclose(output->stream);
    free_output(output);
    return IGQ_OK;
}

igq_status igq_file_write(const char *path, const void *data, size_t size, igq_error *error)
{
    igq_file_output *output;
    igq_status status = igq_file_open(&output, path, error);
    if (status == IGQ_OK)
        status = igq_file_append(output, data, size, error);
    if (status == IGQ_OK)
        status = igq_file_close(output, error);
    return status;
}

static igq_status make_one_dir(const char *path, igq_error *error)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return IGQ_OK;
    if (errno != EEXIST)
        return igq_fail(error, "%s: cannot make folder: %s", path, strerror(errno));
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return igq_fail(error, "%s: cannot make folder: a file of that name is in the way", path);
    return IGQ_OK;
}

igq_status igq_make_dir(const char *path, igq_error *error)
{
    char *part = strdup(path);
    if (part == NULL)
        return igq_fail(error, "%s: not enough memory", path);
    igq_status status = path[0] == '\0' ? igq_fail(error, "the name of a folder must not be empty") : IGQ_OK;
    for (char *end = part + 1; status == IGQ_OK; end++) {
        char last = *end;
        if (last != '/' && last != '\0')
            continue;
        *end = '\0';
        status = make_one_dir(part, error);
        *end = last;
        if (last == '\0')
            break;
    }
    free(part);
    if (status == IGQ_OK && access(path, W_OK | X_OK) != 0)
        return igq_fail(error, "%s: cannot write into folder: %s", path, strerror(errno));
    return status;
}

void igq_remove_dir(const char *path)
{
    char file[4096];
    DIR *stream = opendir(path);
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        if (snprintf(file, sizeof file, "%s/%s", path, entry->d_name) < (int)sizeof file)
            unlink(file); // does nothing to "." and ".."
    if (stream != NULL)
        closedir(stream);
    rmdir(path);
}

static void digest_text(char hex[65], struct sha256_ctx *context)
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void igq_sha256_bytes(char hex[65], const void *data, size_t size)
{
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, size, data);
    digest_text(hex, &context);
}

igq_status igq_sha256_file(char hex[65], const char *path, igq_error *error)
{
    const char *text = find_lent(path);
    if (text != NULL) {
        igq_sha256_bytes(hex, text, strlen(text));
        return IGQ_OK;
    }
    FILE *stream;
    size_t size;
    if (open_stream(&stream, &size, path, error) != IGQ_OK)
        return IGQ_USER_ERROR;
    struct sha256_ctx context;
    uint8_t block[65536];
    size_t num;
    sha256_init(&context);
    while ((num = fread(block, 1, sizeof block, stream)) > 0)
        sha256_update(&context, num, block);
    int failed = ferror(stream);
    fclose(stream);
    if (failed)
        return igq_fail(error, "%s: cannot read", path);
    digest_text(hex, &context);
    return IGQ_OK;
}
