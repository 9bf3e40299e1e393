// SPDX-License-Identifier: Apache-2.0
// yaml_node.c - values of a tree that has been read, and what is said of those that are not allowed.
#include "suggest.h"
#include "yaml_tree.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

igq_yaml_node igq_yaml_top(const igq_yaml_tree *tree)
{
    return (igq_yaml_node){tree, &tree->value[tree->root], ""};
}

int igq_yaml_is_list(const igq_yaml_node *node)
{
    return node->node != NULL && node->node->kind == IGQ_YAML_KIND_LIST;
}

int igq_yaml_is_section(const igq_yaml_node *node)
{
    return node->node != NULL && node->node->kind == IGQ_YAML_KIND_SECTION;
}

const char *igq_yaml_text(const igq_yaml_node *node)
{
    return node->node != NULL ? node->node->text : NULL;
}

int igq_yaml_num(const igq_yaml_node *node)
{
    return node->node != NULL ? node->node->num : 0;
}

igq_yaml_node igq_yaml_item(const igq_yaml_node *node, int i, const char **name)
{
    const igq_yaml_tree *tree = node->tree;
    igq_yaml_node item = {.tree = tree, .node = &tree->value[tree->child[node->node->first + i]]};
    if (igq_yaml_is_list(node))
        snprintf(item.key, sizeof item.key, "%.200s[%d]", node->key, i);
    else
        snprintf(item.key, sizeof item.key, "%.150s%s%.100s", node->key, *node->key != '\0' ? "." : "",
                 item.node->name);
    if (name != NULL)
        *name = item.node->name != NULL ? item.node->name : "";
    return item;
}

igq_yaml_node igq_yaml_find(const igq_yaml_node *section, const char *name)
{
    const igq_yaml_tree *tree = section->tree;
    for (int i = 0; igq_yaml_is_section(section) && i < igq_yaml_num(section); i++)
        if (strcmp(tree->value[tree->child[section->node->first + i]].name, name) == 0)
            return igq_yaml_item(section, i, NULL);
    return (igq_yaml_node){.tree = tree};
}

/// Messages ///

static const igq_yaml_value *child_of(const igq_yaml_tree *tree, const igq_yaml_value *around, long i)
{
    return around->kind != IGQ_YAML_KIND_TEXT && i >= 0 && i < around->num
               ? &tree->value[tree->child[around->first + i]]
               : NULL;
}

static const igq_yaml_value *named(const igq_yaml_tree *tree, const igq_yaml_value *section, const char *name,
                                   size_t length)
{
    for (int i = 0; section->kind == IGQ_YAML_KIND_SECTION && i < section->num; i++) {
        const igq_yaml_value *value = child_of(tree, section, i);
        if (strncmp(value->name, name, length) == 0 && value->name[length] == '\0')
            return value;
    }
    return NULL;
}

int igq_yaml_line(const igq_yaml_tree *tree, const char *key)
{
    const igq_yaml_value *value = tree->num_values > 0 && *key != '\0' ? &tree->value[tree->root] : NULL;
    while (value != NULL && *key != '\0') {
        if (*key == '[') {
            char *end;
            value = child_of(tree, value, strtol(key + 1, &end, 10));
            key = *end == ']' ? end + 1 : end;
        } else {
            size_t length = strcspn(key, "[");
            const igq_yaml_value *found = named(tree, value, key, length);
            while (found == NULL && memchr(key, '.', length) != NULL) { // a key may have dots in its name
                while (key[--length] != '.')
                    ;
                found = named(tree, value, key, length);
            }
            value = found;
            key += length;
        }
        key += *key == '.';
    }
    return value != NULL ? value->line : 0;
}

static igq_status refuse(const igq_yaml_tree *tree, int line, const char *key, igq_error *error, const char *format,
                         va_list arguments)
{
    char text[sizeof error->message], place[16] = "";
    vsnprintf(text, sizeof text, format, arguments);
    if (line > 0)
        snprintf(place, sizeof place, "%d:", line);
    igq_fail(error, "%s%s%s%s%s%s%s", tree != NULL ? tree->path : "", tree != NULL ? ":" : "", place,
             tree != NULL ? " " : "", key, *key != '\0' ? ": " : "", text);
    return IGQ_USER_ERROR;
}

igq_status igq_yaml_refuse(const igq_yaml_tree *tree, const char *key, igq_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    igq_status status = refuse(tree, tree != NULL ? igq_yaml_line(tree, key) : 0, key, error, format, arguments);
    va_end(arguments);
    return status;
}

igq_status igq_yaml_refuse_node(const igq_yaml_node *node, igq_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int line = node->node != NULL && *node->key != '\0' ? node->node->line : 0;
    igq_status status = refuse(node->tree, line, node->key, error, format, arguments);
    va_end(arguments);
    return status;
}

/// Values that are checked ///

static int is_in(const char *const *allowed, const char *name)
{
    while (*allowed != NULL && strcmp(*allowed, name) != 0)
        allowed++;
    return *allowed != NULL;
}

// "a, b, c". Returns how many.
static int list_names(char list[512], const char *const *names)
{
    int num = 0;
    list[0] = '\0';
    for (size_t used = 0; names[num] != NULL && used < 512; num++)
        used += (size_t)snprintf(list + used, 512 - used, "%s%s", num > 0 ? ", " : "", names[num]);
    return num;
}

igq_status igq_yaml_check_section(const igq_yaml_node *node, const char *const *allowed, igq_error *error)
{
    char list[512] = "", meant[IGQ_SUGGEST_BYTES];
    int num = allowed != NULL ? list_names(list, allowed) : 0;
    const char *name;
    if (!igq_yaml_is_section(node))
        return igq_yaml_refuse_node(node, error, "must be a section with %skeys%s%s", num > 0 ? "the " : "",
                                    num > 0 ? " " : "", list);
    for (int i = 0; i < igq_yaml_num(node); i++) {
        igq_yaml_node item = igq_yaml_item(node, i, &name);
        if (allowed == NULL || is_in(allowed, name))
            continue;
        igq_suggest(meant, name, allowed, num);
        return igq_yaml_refuse_node(&item, error, "unknown key; %sallowed here: %s", meant, list);
    }
    return IGQ_OK;
}

igq_status igq_yaml_members(igq_yaml_node *member, const igq_yaml_node *section, const char *const *names,
                            int num_required, igq_error *error)
{
    igq_status status = igq_yaml_check_section(section, names, error);
    for (int i = 0; status == IGQ_OK && names[i] != NULL; i++) {
        member[i] = igq_yaml_find(section, names[i]);
        if (member[i].node == NULL && i < num_required)
            status = igq_yaml_refuse_node(section, error, "key %s is missing; every key is required", names[i]);
    }
    return status;
}

igq_status igq_yaml_check_list(const igq_yaml_node *node, int min, int max, igq_error *error)
{
    int num = igq_yaml_num(node);
    if (!igq_yaml_is_list(node))
        return igq_yaml_refuse_node(node, error, "must be a list [..]");
    if (num >= min && num <= max)
        return IGQ_OK;
    return min == max ? igq_yaml_refuse_node(node, error, "has %d entries; allowed: %d", num, min)
                      : igq_yaml_refuse_node(node, error, "has %d entries; allowed: %d to %d", num, min, max);
}

igq_status igq_yaml_single(const char **text, const igq_yaml_node *node, igq_error *error)
{
    *text = igq_yaml_text(node);
    return *text != NULL ? IGQ_OK
                         : igq_yaml_refuse_node(node, error, "must be a single value, not a list or a section");
}

igq_status igq_yaml_int(int *value, const igq_yaml_node *node, int min, int max, igq_error *error)
{
    const char *text;
    char *end;
    igq_status status = igq_yaml_single(&text, node, error);
    if (status != IGQ_OK)
        return status;
    errno = 0;
    long parsed = strtol(text, &end, 10);
    if (*text == '\0' || *text == ' ' || *end != '\0')
        return igq_yaml_refuse_node(node, error, "\"%.60s\" is not an integer; allowed: %d to %d", text, min, max);
    if (errno != 0 || parsed < min || parsed > max)
        return igq_yaml_refuse_node(node, error, "%.60s is out of range; allowed: %d to %d", text, min, max);
    *value = (int)parsed;
    return IGQ_OK;
}

igq_status igq_yaml_real(double *value, const igq_yaml_node *node, double min, double max, igq_error *error)
{
    const char *text;
    char *end;
    igq_status status = igq_yaml_single(&text, node, error);
    if (status != IGQ_OK)
        return status;
    double parsed = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || text[strspn(text, "+-.0123456789eE")] != '\0') // no "nan", no "0x1p4"
        return igq_yaml_refuse_node(node, error, "\"%.60s\" is not a number; allowed: %g to %g", text, min, max);
    if (!(parsed >= min && parsed <= max))
        return igq_yaml_refuse_node(node, error, "%.60s is out of range; allowed: %g to %g", text, min, max);
    *value = parsed;
    return IGQ_OK;
}
