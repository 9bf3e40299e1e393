// SPDX-License-Identifier: Apache-2.0
#include "keys.h"
#include "accelerator.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VALUE_BYTES 128

const char *const igq_no_yes[2] = {"no", "yes"};

static int num_texts(const igq_key *key)
{
    return key->kind == IGQ_KEY_REAL3 ? 3 : 1;
}

static int same_section(const igq_key *a, const igq_key *b)
{
    return a->section == b->section ||
           (a->section != NULL && b->section != NULL && strcmp(a->section, b->section) == 0);
}

static int opens_section(const igq_key *keys, int i)
{
    return keys[i].section != NULL && (i == 0 || !same_section(&keys[i], &keys[i - 1]));
}

static const cyaml_schema_value_t one_text = {IGQ_YAML_TEXT};

// libcyaml's schema of a table. It loads an array of texts, one per value, in table order.
typedef struct table_schema {
    cyaml_schema_value_t top;
    cyaml_schema_field_t *fields; // of the top level, then of every section; each list ends with a zero
    int num_texts;
} table_schema;

static cyaml_schema_field_t text_field(const igq_key *key, int text)
{
    cyaml_schema_field_t field = {.key = key->name, .data_offset = (uint32_t)((size_t)text * sizeof(char *))};
    if (key->kind == IGQ_KEY_REAL3)
        field.value = (cyaml_schema_value_t){
            .type = CYAML_SEQUENCE_FIXED, .data_size = sizeof(char *), .sequence = {&one_text, 3, 3}};
    else
        field.value = one_text;
    return field;
}

static int schema_init(table_schema *out, const igq_key *keys, int num_keys)
{
    // The top level has at most a field per key, the sections together as many, and a zero ends every list.
    cyaml_schema_field_t *top = calloc(3 * (size_t)num_keys + 2, sizeof *top), *next = top;
    cyaml_schema_field_t *inner = top + num_keys;
    *out = (table_schema){.fields = top};
    if (top == NULL)
        return 0;
    for (int i = 0; i < num_keys; i++) {
        if (opens_section(keys, i)) {
            inner++; // past the zero that ends the section before
            // Texts are counted from the start of the whole array in every section.
            *next++ = (cyaml_schema_field_t){
                .key = keys[i].section,
                .value = {.type = CYAML_MAPPING, .data_size = sizeof(char *), .mapping = {inner}}};
        }
        cyaml_schema_field_t **list = keys[i].section != NULL ? &inner : &next;
        *(*list)++ = text_field(&keys[i], out->num_texts);
        out->num_texts += num_texts(&keys[i]);
    }
    out->top = (cyaml_schema_value_t){.type = CYAML_MAPPING,
                                      .flags = CYAML_FLAG_POINTER,
                                      .data_size = (uint32_t)((size_t)out->num_texts * sizeof(char *)),
                                      .mapping = {top}};
    return 1;
}

void igq_key_allowed(char text[IGQ_KEY_TEXT_BYTES], const igq_key *key)
{
    size_t used = 0;
    if (key->kind == IGQ_KEY_TEXT)
        snprintf(text, IGQ_KEY_TEXT_BYTES, "1 to %d letters, digits, _ - + .", IGQ_NAME_BYTES - 1);
    else if (key->kind == IGQ_KEY_CHOICE)
        for (int i = 0; i < key->num_choices && used < IGQ_KEY_TEXT_BYTES; i++)
            used +=
                (size_t)snprintf(text + used, IGQ_KEY_TEXT_BYTES - used, "%s%s", i > 0 ? ", " : "", key->choices[i]);
    else
        snprintf(text, IGQ_KEY_TEXT_BYTES, "%.10g to %.10g", key->min, key->max);
}

void igq_key_path(char path[IGQ_KEY_PATH_BYTES], const igq_key *key)
{
    snprintf(path, IGQ_KEY_PATH_BYTES, "%s%s%s", key->section != NULL ? key->section : "",
             key->section != NULL ? "." : "", key->name);
}

const igq_key *igq_keys_find(const igq_key *keys, int num_keys, const char *path)
{
    char name[IGQ_KEY_PATH_BYTES];
    for (int i = 0; i < num_keys; i++) {
        igq_key_path(name, &keys[i]);
        if (strcmp(name, path) == 0)
            return &keys[i];
    }
    return NULL;
}

double igq_key_number(const void *values, const igq_key *key)
{
    const void *place = (const char *)values + key->offset;
    return key->kind == IGQ_KEY_REAL ? *(const double *)place : *(const int *)place;
}

igq_status igq_key_set_number(void *values, const igq_key *key, double number, igq_error *error)
{
    char path[IGQ_KEY_PATH_BYTES], allowed[IGQ_KEY_TEXT_BYTES];
    void *place = (char *)values + key->offset;
    double max = key->kind == IGQ_KEY_CHOICE ? key->num_choices - 1 : key->max;
    igq_key_path(path, key);
    igq_key_allowed(allowed, key);
    if (key->kind != IGQ_KEY_REAL && number != floor(number))
        return igq_fail(error, "%s: %.10g is not a whole number; allowed: %s", path, number, allowed);
    if (!(number >= key->min && number <= max))
        return igq_fail(error, "%s: %.10g is out of range; allowed: %s", path, number, allowed);
    if (key->kind == IGQ_KEY_REAL)
        *(double *)place = number;
    else
        *(int *)place = (int)number;
    return IGQ_OK;
}

static igq_status parse_choice(int *value, const char *text, const igq_key *key, const igq_yaml_file *file,
                               const char *name, igq_error *error)
{
    char allowed[IGQ_KEY_TEXT_BYTES];
    for (int i = 0; i < key->num_choices; i++)
        if (strcmp(text, key->choices[i]) == 0) {
            *value = i;
            return IGQ_OK;
        }
    igq_key_allowed(allowed, key);
    return igq_yaml_refuse(file, name, error, "\"%.60s\" is not one of the choices; allowed: %s", text, allowed);
}

static igq_status parse_value(void *out, char *const *texts, const igq_key *key, const igq_yaml_file *file,
                              igq_error *error)
{
    char name[IGQ_KEY_PATH_BYTES];
    char *place = (char *)out + key->offset;
    igq_status status = IGQ_OK;
    igq_key_path(name, key);
    switch (key->kind) {
    case IGQ_KEY_TEXT:
        // These names go into file heads and metadata as they are.
        if (*texts[0] == '\0' || strlen(texts[0]) >= IGQ_NAME_BYTES ||
            texts[0][strspn(texts[0], IGQ_KEY_NAME_CHARACTERS)] != '\0')
            return igq_yaml_refuse(file, name, error, "\"%.80s\" is no name; allowed: 1 to %d letters, digits, _ - + .",
                                   texts[0], IGQ_NAME_BYTES - 1);
        memcpy(place, texts[0], strlen(texts[0]) + 1);
        return IGQ_OK;
    case IGQ_KEY_INT:
        return igq_yaml_int((int *)place, texts[0], (int)key->min, (int)key->max, file, name, error);
    case IGQ_KEY_CHOICE:
        return parse_choice((int *)place, texts[0], key, file, name, error);
    default:
        for (int i = 0; status == IGQ_OK && i < num_texts(key); i++)
            status = igq_yaml_real((double *)place + i, texts[i], key->min, key->max, file, name, error);
        return status;
    }
}

igq_status igq_keys_read(void *out, const igq_key *keys, int num_keys, const igq_yaml_file *file, igq_error *error)
{
    table_schema schema;
    void *data;
    if (!schema_init(&schema, keys, num_keys))
        return igq_fail(error, "%s: not enough memory", file->path);
    igq_status status = igq_yaml_load(&data, file, &schema.top, error);
    if (status == IGQ_OK) {
        char *const *texts = data;
        for (int i = 0; status == IGQ_OK && i < num_keys; i++) {
            status = parse_value(out, texts, &keys[i], file, error);
            texts += num_texts(&keys[i]);
        }
        igq_yaml_free(data, &schema.top);
    }
    free(schema.fields);
    return status;
}

static json_t *value_to_json(const void *values, const igq_key *key)
{
    const char *place = (const char *)values + key->offset;
    const double *reals = (const double *)place;
    switch (key->kind) {
    case IGQ_KEY_TEXT:
        return json_string(place);
    case IGQ_KEY_INT:
        return json_integer(*(const int *)place);
    case IGQ_KEY_REAL:
        return json_real(*reals);
    case IGQ_KEY_REAL3:
        return json_pack("[f, f, f]", reals[0], reals[1], reals[2]);
    default:
        return json_string(key->choices[*(const int *)place]);
    }
}

json_t *igq_keys_to_json(const void *values, const igq_key *keys, int num_keys)
{
    json_t *top = json_object(), *section = top;
    for (int i = 0; i < num_keys; i++) {
        if (keys[i].section == NULL) {
            section = top;
        } else if (i == 0 || !same_section(&keys[i], &keys[i - 1])) {
            section = json_object();
            json_object_set_new(top, keys[i].section, section);
        }
        json_object_set_new(section, keys[i].name, value_to_json(values, &keys[i]));
    }
    return top;
}

static void value_text(char text[MAX_VALUE_BYTES], const void *values, const igq_key *key, int digits)
{
    const char *place = (const char *)values + key->offset;
    const double *reals = (const double *)place;
    if (key->kind == IGQ_KEY_TEXT)
        snprintf(text, MAX_VALUE_BYTES, "%s", place);
    else if (key->kind == IGQ_KEY_INT)
        snprintf(text, MAX_VALUE_BYTES, "%d", *(const int *)place);
    else if (key->kind == IGQ_KEY_CHOICE)
        snprintf(text, MAX_VALUE_BYTES, "%s", key->choices[*(const int *)place]);
    else if (key->kind == IGQ_KEY_REAL)
        snprintf(text, MAX_VALUE_BYTES, "%.*g", digits, reals[0]);
    else
        snprintf(text, MAX_VALUE_BYTES, "%.*g, %.*g, %.*g", digits, reals[0], digits, reals[1], digits, reals[2]);
}

void igq_keys_write(FILE *out, const void *values, const igq_key *keys, int num_keys)
{
    for (int i = 0; i < num_keys; i++) {
        const igq_key *key = &keys[i];
        char allowed[IGQ_KEY_TEXT_BYTES], value[MAX_VALUE_BYTES], line[MAX_VALUE_BYTES + IGQ_KEY_PATH_BYTES];
        igq_key_allowed(allowed, key);
        value_text(value, values, key, 17);
        if (opens_section(keys, i))
            fprintf(out, "%s:\n", key->section);
        snprintf(line, sizeof line, key->kind == IGQ_KEY_REAL3 ? "%s%s: [%s]" : "%s%s: %s",
                 key->section != NULL ? "  " : "", key->name, value);
        fprintf(out, "%-36s # %s (%s%s%s)\n", line, key->meaning, allowed, *key->unit != '\0' ? " " : "", key->unit);
    }
}

void igq_keys_print(FILE *out, const void *values, const igq_key *keys, int num_keys)
{
    for (int i = 0; i < num_keys; i++) {
        const igq_key *key = &keys[i];
        char allowed[IGQ_KEY_TEXT_BYTES], value[MAX_VALUE_BYTES] = "";
        igq_key_allowed(allowed, key);
        if (values != NULL)
            value_text(value, values, key, 10);
        if (opens_section(keys, i))
            fprintf(out, "%s:\n", key->section);
        fprintf(out, "%s%-*s %-12s %s\n", key->section != NULL ? "  " : "", key->section != NULL ? 25 : 27, key->name,
                value, key->meaning);
        fprintf(out, "%41s(%s%s%s)\n", "", allowed, *key->unit != '\0' ? " " : "", key->unit);
    }
}
