// SPDX-License-Identifier: Apache-2.0
#include "safetensors.h"
#include "file.h"
#include "finite.h"
#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are used as they lie in the file");

#define LENGTH_BYTES 8 // of the header length at the start
#define HEADER_ALIGNMENT 8

const char *const igq_dtype_names[IGQ_DTYPE_COUNT] = {
    [IGQ_DTYPE_F32] = "F32",   [IGQ_DTYPE_F16] = "F16",
    [IGQ_DTYPE_BF16] = "BF16", [IGQ_DTYPE_I8] = "I8",
    [IGQ_DTYPE_I16] = "I16",   [IGQ_DTYPE_I32] = "I32",
    [IGQ_DTYPE_U8] = "U8",     [IGQ_DTYPE_U16] = "U16",
    [IGQ_DTYPE_I64] = "I64",   [IGQ_DTYPE_OTHER] = "of another dtype",
};
static const size_t dtype_bytes[IGQ_DTYPE_COUNT] = {
    [IGQ_DTYPE_F32] = 4, [IGQ_DTYPE_F16] = 2, [IGQ_DTYPE_BF16] = 2, [IGQ_DTYPE_I8] = 1,  [IGQ_DTYPE_I16] = 2,
    [IGQ_DTYPE_I32] = 4, [IGQ_DTYPE_U8] = 1,  [IGQ_DTYPE_U16] = 2,  [IGQ_DTYPE_I64] = 8,
};

struct igq_safetensors {
    char *path;
    void *map;
    size_t map_bytes;
    json_t *header; // owns the names
    int num_tensors;
    igq_tensor *tensors;   // by name
    float **converted;     // (num_tensors) NULL until asked for
    unsigned char *finite; // (num_tensors) 1: looked at, all its values are numbers
};

igq_tensor igq_tensor_make(const char *name, igq_dtype dtype, const void *data, int rank, const int64_t *shape)
{
    igq_tensor tensor = {.name = name, .dtype = dtype, .rank = rank, .data = data};
    assert(rank >= 0 && rank <= IGQ_TENSOR_MAX_RANK);
    for (int i = 0; i < rank; i++)
        tensor.shape[i] = shape[i];
    tensor.bytes = igq_tensor_num_elems(&tensor) * dtype_bytes[dtype];
    return tensor;
}

size_t igq_tensor_num_elems(const igq_tensor *tensor)
{
    size_t num = 1;
    for (int i = 0; i < tensor->rank; i++)
        num *= (size_t)tensor->shape[i];
    return num;
}

void igq_tensor_shape_text(char *text, size_t text_bytes, int rank, const int64_t *shape)
{
    size_t used = 0;
    snprintf(text, text_bytes, "[]");
    for (int i = 0; i < rank && used < text_bytes; i++)
        used += (size_t)snprintf(text + used, text_bytes - used, "[%lld]", (long long)shape[i]);
}

static igq_status parse_dtype(igq_tensor *tensor, const json_t *entry, const char *path, igq_error *error)
{
    const char *name = json_string_value(json_object_get(entry, "dtype"));
    for (int i = 0; i < IGQ_DTYPE_COUNT; i++)
        if (name != NULL && strcmp(name, igq_dtype_names[i]) == 0) {
            tensor->dtype = (igq_dtype)i;
            return IGQ_OK;
        }
    tensor->dtype = IGQ_DTYPE_OTHER; // no fault before somebody wants its values
    return name != NULL ? IGQ_OK : igq_fail(error, "%s: tensor %s has no dtype", path, tensor->name);
}

// Also works out how many bytes the shape takes, without overflow.
static igq_status parse_shape(igq_tensor *tensor, const json_t *entry, const char *path, igq_error *error)
{
    const json_t *shape = json_object_get(entry, "shape");
    if (!json_is_array(shape) || json_array_size(shape) > IGQ_TENSOR_MAX_RANK)
        return igq_fail(error, "%s: tensor %s: shape must be a list of at most %d sizes", path, tensor->name,
                        IGQ_TENSOR_MAX_RANK);
    tensor->rank = (int)json_array_size(shape);
    tensor->bytes = dtype_bytes[tensor->dtype];
    for (int i = 0; i < tensor->rank; i++) {
        const json_t *size = json_array_get(shape, (size_t)i);
        tensor->shape[i] = json_integer_value(size);
        if (!json_is_integer(size) || tensor->shape[i] < 0 ||
            __builtin_mul_overflow(tensor->bytes, (size_t)tensor->shape[i], &tensor->bytes))
            return igq_fail(error, "%s: tensor %s: size %d of its shape is not a possible size", path, tensor->name, i);
    }
    return IGQ_OK;
}

static igq_status parse_offsets(igq_tensor *tensor, const json_t *entry, const char *data, size_t data_bytes,
                                const char *path, igq_error *error)
{
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *first = json_array_get(offsets, 0), *second = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(first) || !json_is_integer(second))
        return igq_fail(error, "%s: tensor %s: data_offsets must be two integers", path, tensor->name);
    long long begin = json_integer_value(first), end = json_integer_value(second);
    if (begin < 0 || end < begin || (unsigned long long)end > data_bytes)
        return igq_fail(error,
                        "%s: tensor %s: data_offsets [%lld, %lld] leave the file, which has %zu bytes of data "
                        "(is it truncated?)",
                        path, tensor->name, begin, end, data_bytes);
    if (tensor->dtype == IGQ_DTYPE_OTHER)
        tensor->bytes = (size_t)(end - begin);
    if ((size_t)(end - begin) != tensor->bytes) {
        char shape[128];
        igq_tensor_shape_text(shape, sizeof shape, tensor->rank, tensor->shape);
        return igq_fail(error, "%s: tensor %s: data_offsets [%lld, %lld] hold %lld bytes, its shape %s of %s needs %zu",
                        path, tensor->name, begin, end, end - begin, shape, igq_dtype_names[tensor->dtype],
                        tensor->bytes);
    }
    tensor->data = data + begin;
    return IGQ_OK;
}

static int compare_places(const void *a, const void *b)
{
    const igq_tensor *left = a, *right = b;
    if (left->data != right->data)
        return (const char *)left->data < (const char *)right->data ? -1 : 1;
    return (left->bytes > right->bytes) - (left->bytes < right->bytes);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const igq_tensor *)a)->name, ((const igq_tensor *)b)->name);
}

// The format wants every byte of data to belong to exactly one tensor. Leaves the tensors sorted by name.
static igq_status check_places(igq_safetensors *file, const char *data, size_t data_bytes, igq_error *error)
{
    size_t num = (size_t)file->num_tensors;
    const char *expected = data;
    qsort(file->tensors, num, sizeof *file->tensors, compare_places);
    for (size_t i = 0; i < num; i++) {
        const igq_tensor *tensor = &file->tensors[i];
        if ((const char *)tensor->data < expected)
            return igq_fail(error, "%s: tensors %s and %s overlap", file->path, file->tensors[i - 1].name,
                            tensor->name);
        if ((const char *)tensor->data > expected)
            return igq_fail(error, "%s: %td bytes before tensor %s belong to no tensor", file->path,
                            (const char *)tensor->data - expected, tensor->name);
        expected += tensor->bytes;
    }
    if (expected != data + data_bytes)
        return igq_fail(error, "%s: the last %td bytes belong to no tensor", file->path, data + data_bytes - expected);
    qsort(file->tensors, num, sizeof *file->tensors, compare_names);
    return IGQ_OK;
}

static igq_status parse_tensors(igq_safetensors *file, const char *data, size_t data_bytes, igq_error *error)
{
    const char *name;
    json_t *entry;
    size_t num_entries = json_object_size(file->header);
    file->tensors = calloc(num_entries + 1, sizeof *file->tensors);
    file->converted = calloc(num_entries + 1, sizeof *file->converted);
    file->finite = calloc(num_entries + 1, 1);
    if (file->tensors == NULL || file->converted == NULL || file->finite == NULL)
        return igq_fail(error, "%s: not enough memory", file->path);
    json_object_foreach(file->header, name, entry)
    {
        if (strcmp(name, "__metadata__") == 0)
            continue;
        igq_tensor *tensor = &file->tensors[file->num_tensors++];
        tensor->name = name;
        if (parse_dtype(tensor, entry, file->path, error) != IGQ_OK ||
            parse_shape(tensor, entry, file->path, error) != IGQ_OK ||
            parse_offsets(tensor, entry, data, data_bytes, file->path, error) != IGQ_OK)
            return IGQ_USER_ERROR;
    }
    return check_places(file, data, data_bytes, error);
}

static igq_status parse_file(igq_safetensors *file, igq_error *error)
{
    uint64_t header_bytes;
    json_error_t json_error;
    const char *start = file->map;
    memcpy(&header_bytes, start, LENGTH_BYTES);
    if (header_bytes > file->map_bytes - LENGTH_BYTES)
        return igq_fail(error, "%s: header of %llu bytes is longer than the file of %zu bytes (no safetensors file?)",
                        file->path, (unsigned long long)header_bytes, file->map_bytes);
    file->header = json_loadb(start + LENGTH_BYTES, header_bytes, JSON_REJECT_DUPLICATES, &json_error);
    if (!json_is_object(file->header))
        return igq_fail(error, "%s: header is not the JSON of a safetensors file: %s", file->path,
                        file->header == NULL ? json_error.text : "not an object");
    return parse_tensors(file, start + LENGTH_BYTES + header_bytes, file->map_bytes - LENGTH_BYTES - header_bytes,
                         error);
}

static igq_status map_file(igq_safetensors *file, igq_error *error)
{
    int descriptor;
    igq_status status = igq_open_regular(&descriptor, &file->map_bytes, file->path, error);
    if (status != IGQ_OK)
        return status;
    if (file->map_bytes < LENGTH_BYTES) {
        status = igq_fail(error, "%s: %zu bytes are too short for a safetensors file", file->path, file->map_bytes);
    } else {
        file->map = mmap(NULL, file->map_bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (file->map == MAP_FAILED) {
            file->map = NULL;
            status = igq_fail(error, "%s: cannot map into memory: %s", file->path, strerror(errno));
        }
    }
    close(descriptor);
    return status;
}

igq_status igq_safetensors_open(igq_safetensors **file, const char *path, igq_error *error)
{
    igq_safetensors *opened = calloc(1, sizeof *opened);
    if (opened == NULL || (opened->path = strdup(path)) == NULL) {
        free(opened);
        return igq_fail(error, "%s: not enough memory", path);
    }
    igq_status status = map_file(opened, error);
    if (status == IGQ_OK)
        status = parse_file(opened, error);
    if (status == IGQ_OK)
        *file = opened;
    else
        igq_safetensors_close(opened);
    return status;
}

void igq_safetensors_close(igq_safetensors *file)
{
    if (file == NULL)
        return;
    for (int i = 0; i < file->num_tensors; i++)
        free(file->converted[i]);
    if (file->map != NULL)
        munmap(file->map, file->map_bytes);
    json_decref(file->header);
    free(file->converted);
    free(file->finite);
    free(file->tensors);
    free(file->path);
    free(file);
}

const char *igq_safetensors_path(const igq_safetensors *file)
{
    return file->path;
}

int igq_safetensors_num(const igq_safetensors *file)
{
    return file->num_tensors;
}

const igq_tensor *igq_safetensors_at(const igq_safetensors *file, int i)
{
    assert(i >= 0 && i < file->num_tensors);
    return &file->tensors[i];
}

const igq_tensor *igq_safetensors_find(const igq_safetensors *file, const char *name)
{
    igq_tensor wanted = {.name = name};
    return bsearch(&wanted, file->tensors, (size_t)file->num_tensors, sizeof wanted, compare_names);
}

const char *igq_safetensors_metadata(const igq_safetensors *file, const char *key)
{
    return json_string_value(json_object_get(json_object_get(file->header, "__metadata__"), key));
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of_f16(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, fraction = half & 1023;
    if (exponent == 31) // infinity, NaN
        return float_of_bits(sign | 0x7f800000u | fraction << 13);
    if (exponent > 0)
        return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float magnitude = (float)fraction * 0x1p-24f; // zero and subnormals, exact
    return sign ? -magnitude : magnitude;
}

static float element(const igq_tensor *tensor, size_t i)
{
    const char *place = (const char *)tensor->data + i * dtype_bytes[tensor->dtype];
    uint16_t half;
    int16_t word;
    int32_t integer;
    float value;
    switch (tensor->dtype) {
    case IGQ_DTYPE_F16:
        memcpy(&half, place, sizeof half);
        return float_of_f16(half);
    case IGQ_DTYPE_BF16:
        memcpy(&half, place, sizeof half);
        return float_of_bits((uint32_t)half << 16);
    case IGQ_DTYPE_I8:
        return (float)*(const int8_t *)place;
    case IGQ_DTYPE_I16:
        memcpy(&word, place, sizeof word);
        return word;
    case IGQ_DTYPE_I32:
        memcpy(&integer, place, sizeof integer);
        return (float)integer;
    default:
        memcpy(&value, place, sizeof value);
        return value;
    }
}

igq_status igq_safetensors_floats(const float **values, igq_safetensors *file, const igq_tensor *tensor,
                                  igq_error *error)
{
    assert(tensor >= file->tensors && tensor < file->tensors + file->num_tensors);
    float **slot = &file->converted[tensor - file->tensors];
    unsigned char *finite = &file->finite[tensor - file->tensors];
    size_t num = igq_tensor_num_elems(tensor);
    if (tensor->dtype >= IGQ_DTYPE_U8)
        return igq_fail(error, "%s: tensor %s has dtype %s; allowed: F32, F16, BF16, I8, I16, I32", file->path,
                        tensor->name,
                        json_string_value(json_object_get(json_object_get(file->header, tensor->name), "dtype")));
    int in_place = tensor->dtype == IGQ_DTYPE_F32 && (uintptr_t)tensor->data % _Alignof(float) == 0;
    if (!in_place && *slot == NULL) {
        if ((*slot = malloc((num + 1) * sizeof **slot)) == NULL)
            return igq_out_of_memory(error);
        for (size_t i = 0; i < num; i++)
            (*slot)[i] = element(tensor, i);
    }
    *values = in_place ? tensor->data : *slot;
    size_t bad = *finite ? num : igq_first_not_finite(*values, num);
    if (bad < num)
        return igq_fail(error, "%s: tensor %s: element %zu is %s; allowed: finite numbers", file->path, tensor->name,
                        bad, igq_not_finite_text((*values)[bad]));
    *finite = 1;
    return IGQ_OK;
}

static char *build_header(const igq_tensor *tensors, int num_tensors, const igq_metadata *metadata, int num_metadata)
{
    json_t *header = json_object();
    long long offset = 0;
    int failed = 0;
    if (num_metadata > 0) {
        json_t *object = json_object();
        for (int i = 0; i < num_metadata; i++)
            failed |= json_object_set_new(object, metadata[i].key, json_string(metadata[i].value));
        failed |= json_object_set_new(header, "__metadata__", object);
    }
    for (int i = 0; i < num_tensors; i++) {
        long long end = offset + (long long)tensors[i].bytes;
        json_t *shape = json_array();
        for (int k = 0; k < tensors[i].rank; k++)
            failed |= json_array_append_new(shape, json_integer(tensors[i].shape[k]));
        json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", igq_dtype_names[tensors[i].dtype], "shape", shape,
                                  "data_offsets", (json_int_t)offset, (json_int_t)end);
        failed |= json_object_set_new(header, tensors[i].name, entry);
        offset = end;
    }
    char *text = failed ? NULL : json_dumps(header, JSON_COMPACT);
    json_decref(header);
    return text;
}

igq_status igq_safetensors_write(const char *path, const igq_tensor *tensors, int num_tensors,
                                 const igq_metadata *metadata, int num_metadata, igq_error *error)
{
    igq_file_output *output;
    char *header = build_header(tensors, num_tensors, metadata, num_metadata);
    if (header == NULL)
        return igq_fail(error, "%s: cannot write: a name is not UTF-8, or memory is short", path);
    size_t text_bytes = strlen(header);
    uint64_t header_bytes = (text_bytes + HEADER_ALIGNMENT - 1) / HEADER_ALIGNMENT * HEADER_ALIGNMENT;
    igq_status status = igq_file_open(&output, path, error);
    if (status == IGQ_OK)
        status = igq_file_append(output, &header_bytes, LENGTH_BYTES, error);
    if (status == IGQ_OK)
        status = igq_file_append(output, header, text_bytes, error);
    if (status == IGQ_OK)
        status = igq_file_append(output, "       ", (size_t)header_bytes - text_bytes, error);
    for (int i = 0; status == IGQ_OK && i < num_tensors; i++)
        status = igq_file_append(output, tensors[i].data, tensors[i].bytes, error);
    if (status == IGQ_OK)
        status = igq_file_close(output, error);
    free(header);
    return status;
}
