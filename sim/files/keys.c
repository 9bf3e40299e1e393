// SPDX-License-Identifier: Apache-2.0
#include "keys.h"
#include "accelerator.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VALUE_BYTES 128

const char *const igq_no_yes[2] = {"no", "yes"};

static int same_section(const igq_key *a, const igq_key *b)
{
    return a->section == b->section ||
           (a->section != NULL && b->section != NULL && strcmp(a->section, b->section) == 0);
}

int igq_key_opens_section(const igq_key *keys, int i)
{
    return keys[i].section != NULL && (i == 0 || !same_section(&keys[i], &keys[i - 1]));
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
        snprintf(text, IGQ_KEY_TEXT_BYTES, "%s%.10g to %.10g", key->derive != NULL ? IGQ_KEY_AUTO " or " : "", key->min,
                 key->max);
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

// "auto" in the place of a number.
#define AUTO_INT INT_MIN

int igq_key_is_auto(const void *values, const igq_key *key)
{
    const void *place = (const char *)values + key->offset;
    return key->derive != NULL &&
           (key->kind == IGQ_KEY_REAL ? isnan(*(const double *)place) : *(const int *)place == AUTO_INT);
}

void igq_key_set_auto(void *values, const igq_key *key)
{
    void *place = (char *)values + key->offset;
    if (key->kind == IGQ_KEY_REAL)
        *(double *)place = NAN;
    else
        *(int *)place = AUTO_INT;
}

void igq_keys_derive(void *values, const igq_key *keys, int num_keys)
{
    for (int i = 0; i < num_keys; i++) {
        void *place = (char *)values + keys[i].offset;
        if (!igq_key_is_auto(values, &keys[i]))
            continue;
        if (keys[i].kind == IGQ_KEY_REAL)
            *(double *)place = keys[i].derive(values);
        else
            *(int *)place = (int)keys[i].derive(values);
    }
}

double igq_key_number(const void *values, const igq_key *key)
{
    const void *place = (const char *)values + key->offset;
    if (igq_key_is_auto(values, key))
        return NAN;
    return key->kind == IGQ_KEY_REAL ? *(const double *)place : *(const int *)place;
}

igq_status igq_key_set_number(void *values, const igq_key *key, double number, igq_error *error)
{
    char path[IGQ_KEY_PATH_BYTES], allowed[IGQ_KEY_TEXT_BYTES];
    void *place = (char *)values + key->offset;
    double max = key->kind == IGQ_KEY_CHOICE ? key->num_choices - 1 : key->max;
    igq_key_path(path, key);
    igq_key_allowed(allowed, key);
    if (isnan(number) && key->derive != NULL) {
        igq_key_set_auto(values, key);
        return IGQ_OK;
    }
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

void igq_keys_check(const void *values, const igq_key *keys, int num_keys, igq_key_source *source)
{
    char path[IGQ_KEY_PATH_BYTES], allowed[IGQ_KEY_TEXT_BYTES];
    for (int i = 0; i < num_keys; i++) {
        const igq_key *key = &keys[i];
        double max = key->kind == IGQ_KEY_CHOICE ? key->num_choices - 1 : key->max;
        if (key->kind == IGQ_KEY_TEXT || key->kind == IGQ_KEY_REAL3 || igq_key_is_auto(values, key))
            continue;
        double number = igq_key_number(values, key);
        igq_key_path(path, key);
        igq_key_allowed(allowed, key);
        if (!(number >= key->min && number <= max))
            igq_key_source_refuse(source, path, "is %.10g; allowed: %s", number, allowed);
    }
}

static json_t *value_to_json(const void *values, const igq_key *key)
{
    const char *place = (const char *)values + key->offset;
    const double *reals = (const double *)place;
    if (igq_key_is_auto(values, key))
        return json_string(IGQ_KEY_AUTO);
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
    if (igq_key_is_auto(values, key))
        snprintf(text, MAX_VALUE_BYTES, IGQ_KEY_AUTO);
    else if (key->kind == IGQ_KEY_TEXT)
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
        if (igq_key_opens_section(keys, i))
            fprintf(out, "%s:\n", key->section);
        snprintf(line, sizeof line, key->kind == IGQ_KEY_REAL3 ? "%s%s: [%s]" : "%s%s: %s",
                 key->section != NULL ? "  " : "", key->name, value);
        fprintf(out, "%-36s # %s (%s%s%s", line, key->meaning, allowed, *key->unit != '\0' ? " " : "", key->unit);
        fprintf(out, "%s%s)\n", key->initial != NULL ? "; default " : "", key->initial != NULL ? key->initial : "");
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
        if (igq_key_opens_section(keys, i))
            fprintf(out, "%s:\n", key->section);
        fprintf(out, "%s%-*s %-12s %s\n", key->section != NULL ? "  " : "", key->section != NULL ? 25 : 27, key->name,
                value, key->meaning);
        fprintf(out, "%41s(%s%s%s", "", allowed, *key->unit != '\0' ? " " : "", key->unit);
        fprintf(out, "%s%s)\n", key->initial != NULL ? "; default " : "", key->initial != NULL ? key->initial : "");
    }
}
