// SPDX-License-Identifier: Apache-2.0
// keys.h - a configuration file as a table of keys. The same table reads the YAML, checks ranges, documents the keys
// and echoes the values into reports, so that the four cannot drift apart. A key without a default is required.
#ifndef IGQ_KEYS_H
#define IGQ_KEYS_H
#include "error.h"
#include "key_source.h"
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
    const char *initial;                  // as a file would say it, for files that do not give the key; NULL: required
    double (*derive)(const void *values); // what "auto" stands for, from keys that stand before it; NULL: no "auto"
} igq_key;

// The words of a derived key; until igq_keys_derive it holds no number.
#define IGQ_KEY_AUTO "auto"

// At most so many keys in a table.
#define IGQ_MAX_KEYS 192

extern const char *const igq_no_yes[2]; // choices "no" (0), "yes" (1)

// Fills a structure from a source whose files hold no other keys, with all faults at once. Settings of the command line
// that are not of the table are left alone (igq_key_sets_check). Keys that say "auto" are left for igq_keys_derive.
igq_status igq_keys_read(void *out, const igq_key *keys, int num_keys, igq_key_source *source);

// Gives keys that say "auto" their values, in table order.
void igq_keys_derive(void *values, const igq_key *keys, int num_keys);

// 1 if a key says "auto" and has not been derived.
int igq_key_is_auto(const void *values, const igq_key *key);

void igq_key_set_auto(void *values, const igq_key *key);

// 1 if key number i is the first of its section.
int igq_key_opens_section(const igq_key *keys, int i);

// Adds faults for numbers out of range, of values that did not come from a file.
void igq_keys_check(const void *values, const igq_key *keys, int num_keys, igq_key_source *source);

// Refuses words of `--set` that are no KEY=VALUE with a key of one of the tables (tables that are NULL have none).
typedef struct igq_key_table {
    const igq_key *keys;
    int num_keys;
} igq_key_table;
igq_status igq_key_sets_check(const igq_string_list *sets, const igq_key_table *tables, int num_tables,
                              igq_error *error);

// The path of a key, such as "mac_array.lanes", and the key of a path; NULL if there is none.
#define IGQ_KEY_PATH_BYTES 96
void igq_key_path(char path[IGQ_KEY_PATH_BYTES], const igq_key *key);
const igq_key *igq_keys_find(const igq_key *keys, int num_keys, const char *path);

// A single value as a number: of a choice its index, NaN for "auto". For kinds INT, REAL and CHOICE. Setting refuses
// what the key does not allow, by the name of the key.
double igq_key_number(const void *values, const igq_key *key);
igq_status igq_key_set_number(void *values, const igq_key *key, double number, igq_error *error);

// A text that says what a key allows, such as "1 to 64".
#define IGQ_KEY_TEXT_BYTES 256
void igq_key_allowed(char text[IGQ_KEY_TEXT_BYTES], const igq_key *key);

// A file that igq_keys_read reads back to the same values; unit, allowed values and meaning stand behind each.
void igq_keys_write(FILE *out, const void *values, const igq_key *keys, int num_keys);

// All values in table order, sections as objects, choices by name. New reference.
json_t *igq_keys_to_json(const void *values, const igq_key *keys, int num_keys);

// A JSON schema (draft 2020-12, without its $schema) of a file of these keys, or of one that is based on another. New
// reference.
json_t *igq_keys_schema(const igq_key *keys, int num_keys);

// One line per key: name, value (values may be NULL), what is allowed, meaning.
void igq_keys_print(FILE *out, const void *values, const igq_key *keys, int num_keys);

#endif
