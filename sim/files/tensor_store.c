// SPDX-License-Identifier: Apache-2.0
#include "tensor_store.h"
#include "json_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILES = 4096, PATH_BYTES = 4096 };

typedef struct entry {
    const igq_tensor *tensor;
    int file;
} entry;

struct igq_tensor_store {
    char *path;
    int num_files, num;
    igq_safetensors **file; // (num_files)
    char **name;            // (num_files) in the index; one file alone has none
    entry *entry;           // (num) by name
};

int igq_path_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->tensor->name, ((const entry *)b)->tensor->name);
}

static igq_status list_tensors(igq_tensor_store *store, igq_error *error)
{
    for (int f = 0; f < store->num_files; f++)
        store->num += igq_safetensors_num(store->file[f]);
    store->entry = calloc((size_t)store->num + 1, sizeof *store->entry);
    if (!store->entry)
        return igq_out_of_memory(error);
    for (int f = 0, i = 0; f < store->num_files; f++)
        for (int k = 0; k < igq_safetensors_num(store->file[f]); k++)
            store->entry[i++] = (entry){igq_safetensors_at(store->file[f], k), f};
    qsort(store->entry, (size_t)store->num, sizeof *store->entry, by_name);
    for (int i = 1; i < store->num; i++)
        if (by_name(&store->entry[i - 1], &store->entry[i]) == 0)
            return igq_fail(error, "%s: tensor %s is in %s and in %s; allowed: each in one file", store->path,
                            store->entry[i].tensor->name, igq_tensor_store_file(store, i - 1),
                            igq_tensor_store_file(store, i));
    return IGQ_OK;
}

static int is_index(const char *path)
{
    size_t length = strlen(path);
    return length > 5 && strcmp(path + length - 5, ".json") == 0;
}

// Opens a file beside the index, unless it is open. Its number, or -1.
static int open_listed(igq_tensor_store *store, const char *name, igq_error *error)
{
    char path[PATH_BYTES];
    const char *slash = strrchr(store->path, '/');
    for (int f = 0; f < store->num_files; f++)
        if (strcmp(store->name[f], name) == 0)
            return f;
    if (strchr(name, '/') || *name == '\0' || *name == '.' || store->num_files == MAX_FILES) {
        igq_fail(error,
                 "%s: weight_map: \"%.200s\" is no file beside the index; allowed: up to %d names without folders",
                 store->path, name, MAX_FILES);
        return -1;
    }
    int f = store->num_files;
    store->name[f] = strdup(name);
    snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash + 1 - store->path) : 0, store->path, name);
    if (!store->name[f])
        igq_out_of_memory(error);
    store->num_files++;
    return store->name[f] && igq_safetensors_open(&store->file[f], path, error) == IGQ_OK ? f : -1;
}

static igq_status open_index(igq_tensor_store *store, igq_error *error)
{
    static const char allowed[] = "an index of safetensors files, {\"weight_map\": {\"TENSOR\": \"FILE\", ...}}";
    json_t *index, *value;
    const char *tensor;
    igq_status status = igq_json_read(&index, store->path, allowed, error);
    if (status != IGQ_OK)
        return status;
    json_t *map = json_object_get(index, "weight_map");
    store->file = calloc(MAX_FILES, sizeof *store->file);
    store->name = calloc(MAX_FILES, sizeof *store->name);
    if (!store->file || !store->name)
        status = igq_out_of_memory(error);
    else if (!json_is_object(map) || json_object_size(map) == 0)
        status = igq_fail(error, "%s: weight_map is missing or empty; allowed: %s", store->path, allowed);
    json_object_foreach(map, tensor, value)
    {
        if (status != IGQ_OK)
            break;
        int file = -1;
        if (!json_is_string(value))
            igq_fail(error, "%s: weight_map: tensor %.200s has no file; allowed: %s", store->path, tensor, allowed);
        else
            file = open_listed(store, json_string_value(value), error);
        if (file < 0)
            status = IGQ_USER_ERROR;
        else if (!igq_safetensors_find(store->file[file], tensor))
            status = igq_fail(error, "%s: tensor %.200s is not in %s, where weight_map has it", store->path, tensor,
                              igq_safetensors_path(store->file[file]));
    }
    json_decref(index);
    return status;
}

static igq_status open_one(igq_tensor_store *store, const char *path, igq_error *error)
{
    store->file = calloc(1, sizeof *store->file);
    if (!store->file)
        return igq_out_of_memory(error);
    store->num_files = 1;
    return igq_safetensors_open(&store->file[0], path, error);
}

// Of a folder, the file or the index that it has.
static igq_status find_in_folder(char path[PATH_BYTES], const char *folder, igq_error *error)
{
    static const char *const names[] = {"model.safetensors", "model.safetensors.index.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(path, PATH_BYTES, "%s/%s", folder, names[i]) < PATH_BYTES && exists(path))
            return IGQ_OK;
    return igq_fail(error, "%s: no checkpoint in this folder; allowed: %s or %s", folder, names[0], names[1]);
}

igq_status igq_tensor_store_open(igq_tensor_store **store, const char *path, igq_error *error)
{
    char found[PATH_BYTES];
    igq_status status = IGQ_OK;
    *store = NULL;
    if (igq_path_is_folder(path)) {
        status = find_in_folder(found, path, error);
        path = found;
    }
    igq_tensor_store *opened = status == IGQ_OK ? calloc(1, sizeof *opened) : NULL;
    if (!opened)
        return status == IGQ_OK ? igq_out_of_memory(error) : status;
    opened->path = strdup(path);
    status = !opened->path    ? igq_out_of_memory(error)
             : is_index(path) ? open_index(opened, error)
                              : open_one(opened, path, error);
    if (status == IGQ_OK)
        status = list_tensors(opened, error);
    if (status == IGQ_OK)
        *store = opened;
    else
        igq_tensor_store_close(opened);
    return status;
}

static igq_status add_path(igq_store_files *files, const char *path, igq_error *error)
{
    files->path[files->num] = strdup(path);
    return files->path[files->num++] ? IGQ_OK : igq_out_of_memory(error);
}

igq_status igq_store_files_open(igq_store_files *files, const char *path, igq_error *error)
{
    igq_tensor_store *store = NULL;
    igq_status status = IGQ_OK;
    int is_one = !igq_path_is_folder(path) && !is_index(path);
    *files = (igq_store_files){NULL};
    if (!is_one)
        status = igq_tensor_store_open(&store, path, error);
    if (status == IGQ_OK && !(files->path = calloc(store ? (size_t)store->num_files + 1 : 1, sizeof *files->path)))
        status = igq_out_of_memory(error);
    if (status == IGQ_OK && (is_one || store->name)) // or the index
        status = add_path(files, is_one ? path : store->path, error);
    for (int f = 0; store && status == IGQ_OK && f < store->num_files; f++)
        status = add_path(files, igq_safetensors_path(store->file[f]), error);
    igq_tensor_store_close(store);
    return status;
}

void igq_store_files_free(igq_store_files *files)
{
    for (int i = 0; i < files->num; i++)
        free(files->path[i]);
    free(files->path);
}

void igq_tensor_store_close(igq_tensor_store *store)
{
    if (!store)
        return;
    for (int f = 0; f < store->num_files; f++) {
        igq_safetensors_close(store->file[f]);
        if (store->name)
            free(store->name[f]);
    }
    free(store->file);
    free(store->name);
    free(store->entry);
    free(store->path);
    free(store);
}

const char *igq_tensor_store_path(const igq_tensor_store *store)
{
    return store->path;
}

int igq_tensor_store_num(const igq_tensor_store *store)
{
    return store->num;
}

const igq_tensor *igq_tensor_store_at(const igq_tensor_store *store, int i)
{
    return store->entry[i].tensor;
}

int igq_tensor_store_find(const igq_tensor_store *store, const char *name)
{
    const igq_tensor wanted = {.name = name};
    const entry key = {.tensor = &wanted};
    const entry *found = store->num > 0 ? bsearch(&key, store->entry, (size_t)store->num, sizeof key, by_name) : NULL;
    return found ? (int)(found - store->entry) : -1;
}

const char *igq_tensor_store_file(const igq_tensor_store *store, int i)
{
    return igq_safetensors_path(store->file[store->entry[i].file]);
}

igq_status igq_tensor_store_floats(const float **values, igq_tensor_store *store, int i, igq_error *error)
{
    return igq_safetensors_floats(values, store->file[store->entry[i].file], store->entry[i].tensor, error);
}
