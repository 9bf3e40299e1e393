// SPDX-License-Identifier: Apache-2.0
#include "accelerator.h"
#include "keys.h"
#include "suggest.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
        igq_key_set_auto(out, key);
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
        int at_top = section == NULL && (keys[i].section == NULL || igq_key_opens_section(keys, i));
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
