// SPDX-License-Identifier: Apache-2.0
// Tensors of ONNX files that keep their values in a file beside: mapped into memory, used where they lie.
#include "file.h"
#include "onnx_reader.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// What a tensor says of its place.
typedef struct place {
    const char *location; // NULL: nothing
    size_t offset, length;
    int has_length;
} place;

// A whole number of bytes. 0: none.
static int read_number(size_t *number, const char *text)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *number = (size_t)value;
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && value <= SIZE_MAX / 2;
}

static igq_status read_place(place *at, const igq_onnx_reader *in, const Onnx__TensorProto *t)
{
    *at = (place){NULL};
    for (size_t i = 0; i < t->n_external_data; i++) {
        const Onnx__StringStringEntryProto *entry = t->external_data[i];
        const char *key = entry->key ? entry->key : "", *value = entry->value ? entry->value : "";
        int is_offset = strcmp(key, "offset") == 0, is_length = strcmp(key, "length") == 0;
        if (strcmp(key, "location") == 0)
            at->location = value;
        if ((is_offset || is_length) && !read_number(is_offset ? &at->offset : &at->length, value))
            return igq_fail(in->error, "%s: tensor %.100s: its %s is \"%.60s\"; allowed: a whole number of bytes",
                            in->path, t->name ? t->name : "", key, value);
        at->has_length |= is_length;
    }
    return IGQ_OK;
}

// 1 if a path leads to the folder or below it, whatever the folder is.
static int is_below(const char *path)
{
    for (const char *part = path; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return 0;
    return *path != '/' && *path != '\0';
}

static igq_status map(igq_onnx_data *file, igq_error *error)
{
    int descriptor;
    igq_status status = igq_open_regular(&descriptor, &file->size, file->path, error);
    if (status != IGQ_OK)
        return status;
    file->bytes = file->size > 0 ? mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, descriptor, 0) : NULL;
    if (file->bytes == MAP_FAILED) {
        file->bytes = NULL;
        status = igq_fail(error, "%s: cannot map into memory: %s", file->path, strerror(errno));
    }
    close(descriptor);
    return status;
}

// The file of a location, which is opened once.
static igq_status open_data(const igq_onnx_data **file, igq_onnx_reader *in, const char *location)
{
    igq_onnx *onnx = in->onnx;
    size_t folder = (size_t)(strrchr(in->path, '/') ? strrchr(in->path, '/') + 1 - in->path : 0);
    for (int i = 0; i < onnx->num_data; i++)
        if (strcmp(onnx->data[i].path + folder, location) == 0) {
            *file = &onnx->data[i];
            return IGQ_OK;
        }
    igq_onnx_data *grown = realloc(onnx->data, ((size_t)onnx->num_data + 1) * sizeof *grown);
    char *path = malloc(folder + strlen(location) + 1);
    if (grown)
        onnx->data = grown;
    if (!grown || !path) {
        free(path);
        return igq_out_of_memory(in->error);
    }
    memcpy(path, in->path, folder);
    strcpy(path + folder, location);
    grown[onnx->num_data] = (igq_onnx_data){.path = path};
    *file = &grown[onnx->num_data];
    return map(&grown[onnx->num_data++], in->error);
}

igq_status igq_onnx_external(ProtobufCBinaryData *raw, igq_onnx_reader *in, const Onnx__TensorProto *t)
{
    const char *name = t->name ? t->name : "";
    const igq_onnx_data *file = NULL;
    place at;
    if (!in->may_open)
        return igq_fail(in->error, "%s: tensor %.100s lies in another file; allowed here: tensors in the file itself",
                        in->path, name);
    igq_status status = read_place(&at, in, t);
    if (status != IGQ_OK)
        return status;
    if (!at.location || !is_below(at.location))
        return igq_fail(in->error, "%s: tensor %.100s lies in \"%.100s\"; allowed: a file beside the network, or below",
                        in->path, name, at.location ? at.location : "");
    status = open_data(&file, in, at.location);
    if (status != IGQ_OK)
        return status;
    if (at.offset > file->size || (at.has_length && at.length > file->size - at.offset))
        return igq_fail(in->error, "%s: tensor %.100s of %s: ends behind the file, which has %zu bytes", file->path,
                        name, in->path, file->size);
    raw->data = file->bytes + at.offset;
    raw->len = at.has_length ? at.length : file->size - at.offset;
    return IGQ_OK;
}

void igq_onnx_close_data(igq_onnx *onnx)
{
    for (int i = 0; i < onnx->num_data; i++) {
        if (onnx->data[i].bytes)
            munmap(onnx->data[i].bytes, onnx->data[i].size);
        free(onnx->data[i].path);
    }
    free(onnx->data);
}
