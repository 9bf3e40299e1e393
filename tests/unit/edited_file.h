// SPDX-License-Identifier: Apache-2.0
// edited_file.h - a good file with one fault, for tests of messages. Include after temp_dir.h.
#ifndef IGQ_EDITED_FILE_H
#define IGQ_EDITED_FILE_H
#include "file.h"
#include <unistd.h>

// Writes a copy of `path` with the first `old` replaced by `new`, and returns the copy's path.
static inline const char *edited_file(const char *path, const char *old, const char *new)
{
    igq_error error;
    char *text;
    size_t size;
    ck_assert_msg(igq_file_read(&text, &size, path, &error) == IGQ_OK, "%s", error.message);
    char *place = strstr(text, old);
    ck_assert_msg(place != NULL, "no \"%s\" in %s", old, path);
    char *copy = malloc(size + strlen(new) + 1);
    ck_assert_ptr_nonnull(copy);
    int head = (int)(place - text);
    sprintf(copy, "%.*s%s%s", head, text, new, place + strlen(old));
    put_text(temp_path("edited.yaml"), copy);
    free(copy);
    free(text);
    return temp_path("edited.yaml");
}

// Writes a machine file that is `machine` of configs/accelerators but for `text`, and returns its path.
static inline const char *derived_file(const char *machine, const char *text)
{
    char folder[512], whole[2048];
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    snprintf(whole, sizeof whole, "base: %s/configs/accelerators/%s.yaml\n%s", folder, machine, text);
    put_text(temp_path("derived.yaml"), whole);
    return temp_path("derived.yaml");
}

// Line of the first `words` in a file, as ":12:".
static inline const char *line_of(const char *path, const char *words)
{
    static char line[16];
    igq_error error;
    char *text;
    size_t size;
    int number = 1;
    ck_assert_int_eq(igq_file_read(&text, &size, path, &error), IGQ_OK);
    const char *place = strstr(text, words);
    ck_assert_ptr_nonnull(place);
    for (const char *c = text; c < place; c++)
        number += *c == '\n';
    free(text);
    snprintf(line, sizeof line, ":%d:", number);
    return line;
}

#endif
