// SPDX-License-Identifier: Apache-2.0
#include "keys.h"
#include "accelerator.h"
#include "suggest.h"
#include <errno.h>
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

static int opens_section(const igq_key *keys, int i)
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

static void set_auto(void *values, const igq_key *key)
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
        set_auto(values, key);
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

/// Reading ///

// The reason why a text is no value of a key, with what is allowed.
#define REASON_BYTES 512

static int parse_choice(int *value, const char *text, const igq_key *key, char reason[REASON_BYTES])
{
    char allowed[IGQ_KEY_TEXT_BYTES], meant[IGQ_SUGGEST_BYTES];
    for (int i = 0; i < key->num_choices; i++)
        if (strcmp(text, key->choices[i]) == 0) {
            *value = i;
            return 1;
        }
    igq_key_allowed(allowed, key);
    igq_suggest(meant, text, key->choices, key->num_choices);
    snprintf(reason, REASON_BYTES, "\"%.60s\" is not one of the choices; %sallowed: %s", text, meant, allowed);
    return 0;
}

static int parse_int(int *value, const char *text, const igq_key *key, char reason[REASON_BYTES])
{
    char allowed[IGQ_KEY_TEXT_BYTES], *end;
    igq_key_allowed(allowed, key);
    errno = 0;
    long parsed = strtol(text, &end, 10);
    if (*text == '\0' || strchr(" \t\n", *text) != NULL || *end != '\0') {
        snprintf(reason, REASON_BYTES, "\"%.60s\" is not an integer; allowed: %s", text, allowed);
        return 0;
    }
    if (errno != 0 || parsed < (long)key->min || parsed > (long)key->max) {
        snprintf(reason, REASON_BYTES, "%.60s is out of range; allowed: %s", text, allowed);
        return 0;
    }
    *value = (int)parsed;
    return 1;
}

static int parse_real(double *value, const char *text, const igq_key *key, char reason[REASON_BYTES])
{
    char allowed[IGQ_KEY_TEXT_BYTES], *end;
    igq_key_allowed(allowed, key);
    double parsed = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || text[strspn(text, "+-.0123456789eE")] != '\0') { // no "nan", no "0x1p4"
        snprintf(reason, REASON_BYTES, "\"%.60s\" is not a number; allowed: %s", text, allowed);
        return 0;
    }
    if (!(parsed >= key->min && parsed <= key->max)) {
        snprintf(reason, REASON_BYTES, "%.60s is out of range; allowed: %s", text, allowed);
        return 0;
    }
    *value = parsed;
    return 1;
}

// Names go into file heads and metadata as they are.
static int parse_name(char *name, const char *text, const igq_key *key, char reason[REASON_BYTES])
{
    char allowed[IGQ_KEY_TEXT_BYTES];
    igq_key_allowed(allowed, key);
    if (*text == '\0' || strlen(text) >= IGQ_NAME_BYTES || text[strspn(text, IGQ_KEY_NAME_CHARACTERS)] != '\0') {
        snprintf(reason, REASON_BYTES, "\"%.80s\" is no name; allowed: %s", text, allowed);
        return 0;
    }
    memcpy(name, text, strlen(text) + 1);
    return 1;
}

// A single text as the value of a key, or the number `i` of three. Returns 0 with the reason if it is none.
static int parse_text(void *out, const char *text, int i, const igq_key *key, char reason[REASON_BYTES])
{
    char *place = (char *)out + key->offset;
    if (key->derive != NULL && strcmp(text, IGQ_KEY_AUTO) == 0) {
        set_auto(out, key);
        return 1;
    }
    switch (key->kind) {
    case IGQ_KEY_TEXT:
        return parse_name(place, text, key, reason);
    case IGQ_KEY_INT:
        return parse_int((int *)place, text, key, reason);
    case IGQ_KEY_CHOICE:
        return parse_choice((int *)place, text, key, reason);
    default:
        return parse_real((double *)place + i, text, key, reason);
    }
}

// "1,2,3" or "[1, 2, 3]", from the command line.
static int parse_three(void *out, const char *text, const igq_key *key, char reason[REASON_BYTES])
{
    char number[3][64] = {"", "", ""};
    int end = 0;
    const char *inner = text + (*text == '[');
    if (sscanf(inner, " %63[^], ] , %63[^], ] , %63[^], ]%n", number[0], number[1], number[2], &end) != 3 ||
        *(inner + end + strspn(inner + end, " ]")) != '\0') {
        snprintf(reason, REASON_BYTES, "must be three numbers with commas between");
        return 0;
    }
    for (int i = 0; i < 3; i++)
        if (!parse_text(out, number[i], i, key, reason))
            return 0;
    return 1;
}

static int parse_node(void *out, const igq_yaml_node *node, const igq_key *key, char reason[REASON_BYTES])
{
    if (key->kind != IGQ_KEY_REAL3) {
        if (igq_yaml_text(node) != NULL)
            return parse_text(out, igq_yaml_text(node), 0, key, reason);
        snprintf(reason, REASON_BYTES, "must be a single value, not a list or a section");
        return 0;
    }
    if (!igq_yaml_is_list(node) || igq_yaml_num(node) != 3) {
        snprintf(reason, REASON_BYTES, "must be a list [..] of three numbers, not %d", igq_yaml_num(node));
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        const igq_yaml_node item = igq_yaml_item(node, i, NULL);
        if (!parse_text(out, igq_yaml_text(&item) != NULL ? igq_yaml_text(&item) : "", i, key, reason))
            return 0;
    }
    return 1;
}

// The file, of those behind one another, that has a section; 0 if none has.
static int file_with(const igq_key_source *source, const char *section)
{
    for (int i = 0; i < source->num_files; i++) {
        const igq_yaml_node top = igq_yaml_top(&source->file[i]);
        if (igq_yaml_find(&top, section).node != NULL)
            return i;
    }
    return 0;
}

static void read_key(void *out, const igq_key *key, igq_key_source *source)
{
    char path[IGQ_KEY_PATH_BYTES], reason[REASON_BYTES];
    const char *section = key->section != NULL ? key->section : "";
    const igq_key_place place = igq_key_source_find(source, key->section, key->name);
    int good = 1;
    igq_key_path(path, key);
    if (place.setting != NULL)
        good = key->kind == IGQ_KEY_REAL3 ? parse_three(out, place.setting->value, key, reason)
                                          : parse_text(out, place.setting->value, 0, key, reason);
    else if (place.node.node != NULL)
        good = parse_node(out, &place.node, key, reason);
    else if (key->initial != NULL)
        good = key->kind == IGQ_KEY_REAL3 ? parse_three(out, key->initial, key, reason)
                                          : parse_text(out, key->initial, 0, key, reason);
    else
        igq_key_source_refuse_in(source, file_with(source, section), section,
                                 "key %s is missing; every key without a default is required", key->name);
    if (!good)
        igq_key_source_refuse(source, path, "%s", reason);
}

static void refuse_unknown(igq_key_source *source, int file, const igq_yaml_node *item, const char *section,
                           const char *name, const igq_key *keys, int num_keys)
{
    const char *allowed[IGQ_MAX_KEYS];
    char list[1024] = "", meant[IGQ_SUGGEST_BYTES];
    int num = 0;
    size_t used = 0;
    for (int i = 0; i < num_keys; i++) {
        int inside = section != NULL && keys[i].section != NULL && strcmp(section, keys[i].section) == 0;
        int at_top = section == NULL && (keys[i].section == NULL || opens_section(keys, i));
        if (!inside && !at_top)
            continue;
        allowed[num] = inside || keys[i].section == NULL ? keys[i].name : keys[i].section;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", num > 0 ? ", " : "", allowed[num]);
        num++;
    }
    igq_suggest(meant, name, allowed, num);
    if (igq_yaml_is_section(item) || num > 0)
        igq_key_source_refuse_in(source, file, item->key, "unknown key; %sallowed here: %s", meant, list);
}

static int has_key(const igq_key *keys, int num_keys, const char *section, const char *name)
{
    for (int i = 0; i < num_keys; i++) {
        int same = section == NULL || keys[i].section == NULL ? section == keys[i].section
                                                              : strcmp(section, keys[i].section) == 0;
        if (same && strcmp(keys[i].name, name) == 0)
            return 1;
    }
    return 0;
}

static int has_section(const igq_key *keys, int num_keys, const char *section)
{
    for (int i = 0; i < num_keys; i++)
        if (keys[i].section != NULL && strcmp(section, keys[i].section) == 0)
            return 1;
    return 0;
}

static void check_section(igq_key_source *source, int file, const igq_yaml_node *node, const char *section,
                          const igq_key *keys, int num_keys)
{
    char list[1024] = "";
    const char *name;
    size_t used = 0;
    for (int i = 0; !igq_yaml_is_section(node) && i < num_keys && used < sizeof list; i++)
        if (keys[i].section != NULL && strcmp(section, keys[i].section) == 0)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", keys[i].name);
    if (!igq_yaml_is_section(node)) {
        igq_key_source_refuse_in(source, file, node->key, "must be a section with the keys %s", list);
        return;
    }
    for (int i = 0; i < igq_yaml_num(node); i++) {
        const igq_yaml_node item = igq_yaml_item(node, i, &name);
        if (!has_key(keys, num_keys, section, name))
            refuse_unknown(source, file, &item, section, name, keys, num_keys);
    }
}

// The structure of a file: sections where sections belong, and no unknown keys.
static void check_file(igq_key_source *source, int file, const igq_key *keys, int num_keys)
{
    const igq_yaml_node top = igq_yaml_top(&source->file[file]);
    const char *name;
    if (!igq_yaml_is_section(&top))
        igq_key_source_refuse_in(source, file, "", "must be a section with keys");
    for (int i = 0; igq_yaml_is_section(&top) && i < igq_yaml_num(&top); i++) {
        const igq_yaml_node item = igq_yaml_item(&top, i, &name);
        if (has_section(keys, num_keys, name))
            check_section(source, file, &item, name, keys, num_keys);
        else if (!has_key(keys, num_keys, NULL, name) && strcmp(name, IGQ_BASE_KEY) != 0)
            refuse_unknown(source, file, &item, NULL, name, keys, num_keys);
    }
}

igq_status igq_keys_read(void *out, const igq_key *keys, int num_keys, igq_key_source *source)
{
    for (int i = source->num_files - 1; i >= 0; i--)
        check_file(source, i, keys, num_keys);
    for (int i = 0; i < num_keys; i++)
        read_key(out, &keys[i], source);
    return igq_key_source_status(source);
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

igq_status igq_key_sets_check(const igq_string_list *sets, const igq_key_table *tables, int num_tables,
                              igq_error *error)
{
    char path[2 * IGQ_MAX_KEYS][IGQ_KEY_PATH_BYTES], meant[IGQ_SUGGEST_BYTES], key[IGQ_KEY_PATH_BYTES];
    const char *name[2 * IGQ_MAX_KEYS];
    int num = 0;
    for (int t = 0; t < num_tables; t++)
        for (int i = 0; i < tables[t].num_keys && num < 2 * IGQ_MAX_KEYS; i++, num++) {
            igq_key_path(path[num], &tables[t].keys[i]);
            name[num] = path[num];
        }
    for (int s = 0; sets != NULL && s < sets->num; s++) {
        const char *word = sets->items[s], *equals = strchr(word, '=');
        int known = 0;
        if (equals == NULL || equals == word)
            return igq_fail(error, "--set %.200s: no setting; allowed: KEY=VALUE, such as mac_array.lanes=32", word);
        snprintf(key, sizeof key, "%.*s", (int)(equals - word), word);
        for (int i = 0; i < num && !known; i++)
            known = strcmp(name[i], key) == 0;
        igq_suggest(meant, key, name, num);
        if (!known)
            return igq_fail(error, "--set %.200s: unknown key; %sallowed: the keys that igqsim describe prints%s", word,
                            meant, num_tables > 1 ? ", and those of the workload" : "");
    }
    return IGQ_OK;
}

/// Writing ///

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
        if (opens_section(keys, i))
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
        if (opens_section(keys, i))
            fprintf(out, "%s:\n", key->section);
        fprintf(out, "%s%-*s %-12s %s\n", key->section != NULL ? "  " : "", key->section != NULL ? 25 : 27, key->name,
                value, key->meaning);
        fprintf(out, "%41s(%s%s%s", "", allowed, *key->unit != '\0' ? " " : "", key->unit);
        fprintf(out, "%s%s)\n", key->initial != NULL ? "; default " : "", key->initial != NULL ? key->initial : "");
    }
}
