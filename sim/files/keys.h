// SPDX-License-Identifier: Apache-2.0
// keys.h - a configuration file as a table of keys. The same table reads the YAML, checks ranges, documents the keys
// and echoes the values into reports, so that the four cannot drift apart. Every key is required.
#ifndef IGQ_KEYS_H
#define IGQ_KEYS_H
#include "error.h"
#include "yaml_file.h"
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

// Of names, which go into file heads and metadata as they are.
#define IGQ_KEY_NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+."

typedef enum igq_key_kind {
    IGQ_KEY_TEXT,   // char[IGQ_NAME_BYTES], a name of letters, digits, _ - + .
    IGQ_KEY_INT,    // int in [min, max]
    IGQ_KEY_REAL,   // double in [min, max]
    IGQ_KEY_REAL3,  // double[3], each in [min, max]
    IGQ_KEY_CHOICE, // enum or int: index of one of the choices
} igq_key_kind;

typedef struct igq_key {
    const char *section; // NULL: top level. The keys of a section stand together in the table.
    const char *name;
    igq_key_kind kind;
    size_t offset; // of the value in its structure
    double min, max;
    const char *const *choices;
    int num_choices;
    const char *unit; // "" if it has none
    const char *meaning;
} igq_key;

extern const char *const igq_no_yes[2]; // choices "no" (0), "yes" (1)

// Fills a structure from an open file.
igq_status igq_keys_read(void *out, const igq_key *keys, int num_keys, const igq_yaml_file *file, igq_error *error);

// The path of a key, such as "mac_array.lanes", and the key of a path; NULL if there is none.
#define IGQ_KEY_PATH_BYTES 96
void igq_key_path(char path[IGQ_KEY_PATH_BYTES], const igq_key *key);
const igq_key *igq_keys_find(const igq_key *keys, int num_keys, const char *path);

// A single value as a number: of a choice its index. For kinds INT, REAL and CHOICE. Setting refuses what the key does
// not allow, by the name of the key.
double igq_key_number(const void *values, const igq_key *key);
igq_status igq_key_set_number(void *values, const igq_key *key, double number, igq_error *error);

// A text that says what a key allows, such as "1 to 64".
#define IGQ_KEY_TEXT_BYTES 192
void igq_key_allowed(char text[IGQ_KEY_TEXT_BYTES], const igq_key *key);

// A file that igq_keys_read reads back to the same values; unit, allowed values and meaning stand behind each.
void igq_keys_write(FILE *out, const void *values, const igq_key *keys, int num_keys);

// All values in table order, sections as objects, choices by name. New reference.
json_t *igq_keys_to_json(const void *values, const igq_key *keys, int num_keys);

// One line per key: name, value (values may be NULL), what is allowed, meaning.
void igq_keys_print(FILE *out, const void *values, const igq_key *keys, int num_keys);

#endif
