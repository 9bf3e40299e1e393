// SPDX-License-Identifier: Apache-2.0
#include "key_source.h"
#include "file.h"
#include "share.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

igq_key_source igq_key_source_none(igq_error *error)
{
    return (igq_key_source){.error = error};
}

igq_status igq_key_source_status(const igq_key_source *source)
{
    return source->num_faults == 0 ? IGQ_OK : IGQ_USER_ERROR;
}

// Adds a line to the message; what no longer fits is counted in the last line.
static igq_status add_fault(igq_key_source *source, const char *place, const char *format, va_list arguments)
{
    igq_error line;
    char *message = source->error->message;
    size_t room = sizeof source->error->message, used = source->num_faults > 0 ? strlen(message) : 0;
    int head = snprintf(line.message, sizeof line.message, "%.600s", place);
    vsnprintf(line.message + head, sizeof line.message - (size_t)head, format, arguments);
    igq_make_line(line.message, sizeof line.message);
    source->num_faults++;
    if (used + strlen(line.message) + 64 < room)
        snprintf(message + used, room - used, "%s%s", used > 0 ? "\n" : "", line.message);
    else if (strstr(message, "\nand more faults") == NULL)
        snprintf(message + used, room - used, "\nand more faults");
    return IGQ_USER_ERROR;
}

igq_status igq_key_source_refuse_in(igq_key_source *source, int file, const char *key, const char *format, ...)
{
    char place[600], at[16] = "";
    int line = igq_yaml_line(&source->file[file], key);
    if (line > 0)
        snprintf(at, sizeof at, "%d:", line);
    snprintf(place, sizeof place, "%.400s:%s %.150s%s", source->path[file], at, key, *key != '\0' ? ": " : "");
    va_list arguments;
    va_start(arguments, format);
    igq_status status = add_fault(source, place, format, arguments);
    va_end(arguments);
    return status;
}

// Splits "mac_array.lanes"; *section is NULL for a key of the top level.
static const char *split(char section[128], const char *key)
{
    const char *dot = strchr(key, '.');
    snprintf(section, 128, "%.*s", dot != NULL ? (int)(dot - key) : 0, key);
    return dot != NULL ? dot + 1 : key;
}

igq_status igq_key_source_refuse(igq_key_source *source, const char *key, const char *format, ...)
{
    char where[600], section[128], at[16] = "";
    const char *name = split(section, key);
    igq_key_place place = igq_key_source_find(source, *section != '\0' ? section : NULL, name);
    snprintf(where, sizeof where, "%.150s: ", key);
    if (place.setting != NULL) {
        int is_file = strncmp(place.setting->option, "--", 2) != 0;
        int with_key = is_file || strcmp(place.setting->option, "--set") == 0;
        snprintf(where, sizeof where, "%.250s%s %.150s%s%.150s: ", place.setting->option, is_file ? ":" : "",
                 with_key ? key : "", with_key ? "=" : "", place.setting->value);
    } else if (source->num_files > 0) {
        int line = place.node.node != NULL ? place.node.node->line : 0;
        if (line > 0)
            snprintf(at, sizeof at, "%d:", line);
        snprintf(where, sizeof where, "%.400s:%s %.150s: ", source->path[place.file], at, key);
    }
    va_list arguments;
    va_start(arguments, format);
    igq_status status = add_fault(source, where, format, arguments);
    va_end(arguments);
    return status;
}

igq_status igq_key_source_set(igq_key_source *source, const char *option, const char *key, const char *value)
{
    igq_key_setting *grown = realloc(source->setting, (size_t)(source->num_settings + 1) * sizeof *grown);
    char *copy = strdup(key);
    if (grown != NULL)
        source->setting = grown;
    if (grown == NULL || copy == NULL) {
        free(copy);
        return igq_out_of_memory(source->error);
    }
    grown[source->num_settings++] = (igq_key_setting){option, copy, value};
    return IGQ_OK;
}

void igq_key_source_unset(igq_key_source *source, const char *key)
{
    int kept = 0;
    for (int i = 0; i < source->num_settings; i++)
        if (strcmp(source->setting[i].key, key) == 0)
            free(source->setting[i].key);
        else
            source->setting[kept++] = source->setting[i];
    source->num_settings = kept;
}

static igq_status add_words(igq_key_source *source, const igq_string_list *sets)
{
    igq_status status = IGQ_OK;
    for (int i = 0; sets != NULL && status == IGQ_OK && i < sets->num; i++) {
        const char *word = sets->items[i], *equals = strchr(word, '=');
        if (equals == NULL || equals == word)
            return igq_fail(source->error, "--set %.200s: no setting; allowed: KEY=VALUE, such as mac_array.lanes=32",
                            word);
        char *key = strndup(word, (size_t)(equals - word));
        status = key != NULL ? igq_key_source_set(source, "--set", key, equals + 1) : igq_out_of_memory(source->error);
        free(key);
    }
    return status;
}

// Path of a base: relative to the folder of the file that names it.
static char *base_path(const char *path, const char *base)
{
    const char *slash = strrchr(path, '/');
    int folder = slash != NULL && *base != '/' ? (int)(slash - path) + 1 : 0;
    size_t bytes = (size_t)folder + strlen(base) + 1;
    char *joined = malloc(bytes);
    if (joined != NULL)
        snprintf(joined, bytes, "%.*s%s", folder, path, base);
    return joined;
}

// A base that is no file beside this one may be a machine or a network that comes with igqsim.
static igq_status by_name(char **path, const char *name, igq_error *error)
{
    static const igq_input_kind kinds[] = {IGQ_INPUT_ACCELERATOR, IGQ_INPUT_WORKLOAD};
    igq_status status = IGQ_OK;
    for (size_t i = 0; status == IGQ_OK && !igq_file_exists(*path) && i < sizeof kinds / sizeof *kinds; i++) {
        char *found;
        status = igq_find_input(&found, kinds[i], name, error);
        if (status == IGQ_OK && strcmp(found, name) != 0) {
            free(*path);
            *path = found;
        } else {
            free(found);
        }
    }
    return status;
}

static int same_file(const char *a, const char *b)
{
    char *real_a = realpath(a, NULL), *real_b = realpath(b, NULL);
    int same = real_a != NULL && real_b != NULL && strcmp(real_a, real_b) == 0;
    free(real_a);
    free(real_b);
    return same;
}

// "a.yaml -> b.yaml -> a.yaml"
static void chain(char *text, size_t bytes, const igq_key_source *source, const char *end)
{
    size_t used = 0;
    for (int i = 0; i < source->num_files && used < bytes; i++)
        used += (size_t)snprintf(text + used, bytes - used, "%s -> ", source->path[i]);
    if (used < bytes)
        snprintf(text + used, bytes - used, "%s", end);
}

// Opens the last path of the chain; *base is the path that comes after it, new, or NULL.
static igq_status open_file(char **base, igq_key_source *source)
{
    int i = source->num_files;
    const char *first, *path = source->path[i];
    *base = NULL;
    igq_status status = igq_yaml_tree_open(&source->file[i], path, source->error);
    if (status != IGQ_OK)
        return status;
    source->num_files++;
    const igq_yaml_node top = igq_yaml_top(&source->file[i]);
    const igq_yaml_node node = igq_yaml_find(&top, IGQ_BASE_KEY);
    if (node.node == NULL)
        return IGQ_OK;
    igq_yaml_item(&top, 0, &first);
    if (strcmp(first, IGQ_BASE_KEY) != 0)
        return igq_key_source_refuse_in(source, i, IGQ_BASE_KEY, "stands behind other keys; allowed: as the first key");
    if (igq_yaml_text(&node) == NULL || *igq_yaml_text(&node) == '\0')
        return igq_key_source_refuse_in(source, i, IGQ_BASE_KEY, "must be the path of a file, relative to this one");
    *base = base_path(path, igq_yaml_text(&node));
    return *base != NULL ? by_name(base, igq_yaml_text(&node), source->error) : igq_out_of_memory(source->error);
}

igq_status igq_key_source_open(igq_key_source *source, const char *path, const igq_string_list *sets, igq_error *error)
{
    char *next = path != NULL ? strdup(path) : NULL, text[1024];
    *source = (igq_key_source){.error = error};
    igq_status status = next != NULL || path == NULL ? add_words(source, sets) : igq_out_of_memory(error);
    while (status == IGQ_OK && next != NULL) {
        int num = source->num_files;
        for (int i = 0; status == IGQ_OK && i < num; i++)
            if (same_file(source->path[i], next)) {
                chain(text, sizeof text, source, next);
                status = igq_key_source_refuse_in(source, num - 1, IGQ_BASE_KEY,
                                                  "%s goes in a circle; allowed: bases that come to an end", text);
            }
        if (status == IGQ_OK && num > IGQ_MAX_BASES)
            status = igq_key_source_refuse_in(source, num - 1, IGQ_BASE_KEY,
                                              "is one too many; allowed: %d behind one another", IGQ_MAX_BASES);
        if (status == IGQ_OK) {
            source->path[num] = next;
            next = NULL;
            status = open_file(&next, source);
        }
    }
    free(next);
    return status;
}

void igq_key_source_close(igq_key_source *source)
{
    for (int i = 0; i < source->num_files; i++)
        igq_yaml_tree_close(&source->file[i]);
    for (int i = 0; i <= IGQ_MAX_BASES; i++)
        free(source->path[i]);
    for (int i = 0; i < source->num_settings; i++)
        free(source->setting[i].key);
    free(source->setting);
}

igq_status igq_base_list_open(igq_base_list *list, const char *path, igq_error *error)
{
    igq_key_source source;
    igq_status status = igq_key_source_open(&source, path, NULL, error);
    *list = (igq_base_list){0};
    for (int i = 1; i < source.num_files; i++, list->num++) {
        list->path[list->num] = source.path[i];
        source.path[i] = NULL; // handed over
    }
    igq_key_source_close(&source);
    return status;
}

void igq_base_list_free(igq_base_list *list)
{
    for (int i = 0; i < list->num; i++)
        free(list->path[i]);
    list->num = 0;
}

igq_key_place igq_key_source_find(const igq_key_source *source, const char *section, const char *name)
{
    igq_key_place place = {0};
    char path[256];
    snprintf(path, sizeof path, "%s%s%s", section != NULL ? section : "", section != NULL ? "." : "", name);
    for (int i = source->num_settings - 1; i >= 0; i--)
        if (strcmp(source->setting[i].key, path) == 0) {
            place.setting = &source->setting[i];
            return place;
        }
    for (int i = 0; i < source->num_files; i++) {
        const igq_yaml_node top = igq_yaml_top(&source->file[i]);
        const igq_yaml_node around = section != NULL ? igq_yaml_find(&top, section) : top;
        place.file = i;
        place.node = igq_yaml_find(&around, name);
        if (place.node.node != NULL)
            return place;
    }
    place.file = 0;
    return place;
}

const char *igq_key_source_text(const igq_key_source *source, const char *section, const char *name)
{
    const igq_key_place place = igq_key_source_find(source, section, name);
    return place.setting != NULL ? place.setting->value : igq_yaml_text(&place.node);
}
