// SPDX-License-Identifier: Apache-2.0
// yaml_file.h - YAML files through libcyaml, with one message per fault that names file, line, key, value and what is
// allowed. libcyaml checks the structure (unknown, missing and duplicate keys, lists where values belong). Values are
// read as text and parsed here, because libcyaml takes "16x" and "3.5" for integers.
#ifndef IGQ_YAML_FILE_H
#define IGQ_YAML_FILE_H
#include "error.h"
#include <cyaml/cyaml.h>
#include <stddef.h>

typedef struct igq_yaml_file {
    const char *path;
    char *text;
    size_t size;
} igq_yaml_file;

// path must outlive the file.
igq_status igq_yaml_open(igq_yaml_file *file, const char *path, igq_error *error);
void igq_yaml_close(igq_yaml_file *file);

// Schema of a value that is read as text into a `char *`, and a field of a mapping that is one.
#define IGQ_YAML_TEXT                                                                                                  \
    .type = CYAML_STRING, .flags = CYAML_FLAG_POINTER, .data_size = sizeof(char), .string = {0, CYAML_UNLIMITED}
#define IGQ_YAML_FIELD(structure, member)                                                                              \
    {                                                                                                                  \
        .key = #member, .data_offset = offsetof(structure, member), .value = { IGQ_YAML_TEXT }                         \
    }

// Loads the file by a schema whose top is a mapping behind a pointer. Free with igq_yaml_free.
igq_status igq_yaml_load(void **data, const igq_yaml_file *file, const cyaml_schema_value_t *schema, igq_error *error);
void igq_yaml_free(void *data, const cyaml_schema_value_t *schema);

// Line of a key such as "mac_array.lanes" or "layers[3].bits", from 1; 0 if the file has no such key. Of keys given
// twice, the last. A key with dots in its name goes before a section of that name.
int igq_yaml_line(const igq_yaml_file *file, const char *key);

// The value of a key such as "network.family", before the file is loaded. Returns 0 if there is no such single value.
int igq_yaml_peek(char *text, size_t text_bytes, const igq_yaml_file *file, const char *key);

// "PATH:LINE: KEY: " and the formatted rest; "KEY: " alone for a value that no longer has a file (NULL, here and
// below). Returns IGQ_USER_ERROR.
igq_status igq_yaml_refuse(const igq_yaml_file *file, const char *key, igq_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// A whole text as a number in [min, max], or the error that says what is allowed.
igq_status igq_yaml_int(int *value, const char *text, int min, int max, const igq_yaml_file *file, const char *key,
                        igq_error *error);
igq_status igq_yaml_real(double *value, const char *text, double min, double max, const igq_yaml_file *file,
                         const char *key, igq_error *error);

#endif
