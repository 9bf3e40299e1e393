// SPDX-License-Identifier: Apache-2.0
#include "image_list.h"
#include "text.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

const char *igq_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int is_image_name(const struct dirent *entry)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg"};
    const char *dot = strrchr(entry->d_name, '.');
    for (size_t i = 0; dot && dot != entry->d_name && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return 1;
    return 0;
}

// By bytes: the order must not depend on the locale, as alphasort's does.
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

// Takes `path`, which was allocated (or is NULL).
static igq_status append(igq_image_list *list, char *path, igq_error *error)
{
    char **grown = path ? realloc(list->path, (size_t)(list->num + 1) * sizeof *grown) : NULL;
    if (!grown) {
        free(path);
        return igq_out_of_memory(error);
    }
    list->path = grown;
    list->path[list->num++] = path;
    return IGQ_OK;
}

static char *joined(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    size_t bytes = length + strlen(name) + 2;
    char *path = malloc(bytes);
    if (path)
        snprintf(path, bytes, "%.*s/%s", (int)length, folder, name);
    return path;
}

static igq_status append_folder(igq_image_list *list, const char *folder, igq_error *error)
{
    struct dirent **entry;
    int num = scandir(folder, &entry, is_image_name, by_name);
    if (num < 0)
        return igq_fail(error, "%s: cannot read this folder", folder);
    igq_status status = IGQ_OK;
    for (int i = 0; i < num; i++) {
        if (status == IGQ_OK && !igq_is_printable(entry[i]->d_name))
            status = igq_fail(error, "%s/%s: the name is not printable; allowed: UTF-8 without control characters",
                              folder, entry[i]->d_name);
        if (status == IGQ_OK)
            status = append(list, joined(folder, entry[i]->d_name), error);
        free(entry[i]);
    }
    free(entry);
    if (num == 0)
        return igq_fail(error, "%s: a folder without images; allowed: one with .png, .jpg or .jpeg files", folder);
    return status;
}

igq_status igq_image_list_open(igq_image_list *list, const char *const *paths, int num_paths, igq_error *error)
{
    igq_status status = IGQ_OK;
    *list = (igq_image_list){0};
    for (int i = 0; status == IGQ_OK && i < num_paths; i++) {
        struct stat info;
        if (stat(paths[i], &info) == 0 && S_ISDIR(info.st_mode))
            status = append_folder(list, paths[i], error);
        else
            status = append(list, strdup(paths[i]), error);
    }
    return status;
}

void igq_image_list_free(igq_image_list *list)
{
    for (int i = 0; i < list->num; i++)
        free(list->path[i]);
    free(list->path);
    *list = (igq_image_list){0};
}
