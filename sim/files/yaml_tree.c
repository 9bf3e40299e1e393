// SPDX-License-Identifier: Apache-2.0
#include "yaml_tree.h"
#include "file.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define NOT_PLAIN "anchors (&), aliases (*), tags (!) and merge keys (<<) are not read; allowed: plain keys and values"

// A list or section that is being read.
typedef struct level {
    igq_yaml_value value;
    char *key; // of the value that comes next; NULL: the key itself comes next
    int key_line;
} level;

typedef struct builder {
    igq_yaml_tree *tree;
    yaml_parser_t parser;
    level stack[IGQ_YAML_MAX_DEPTH];
    int depth;
    int *pending; // values of the open lists and sections, the innermost last
    int num_pending, room_pending, room_values, room_children;
    igq_error *error;
} builder;

// "a.b[3]", the place that is being read.
static void current_key(char key[256], const builder *b)
{
    size_t used = 0;
    key[0] = '\0';
    for (int i = 0; i < b->depth && used < 200; i++) {
        const level *at = &b->stack[i];
        if (at->value.kind == IGQ_YAML_KIND_LIST)
            used += (size_t)snprintf(key + used, 256 - used, "[%d]", at->value.num);
        else if (at->key != NULL)
            used += (size_t)snprintf(key + used, 256 - used, "%s%.50s", used > 0 ? "." : "", at->key);
    }
}

static igq_status refuse(const builder *b, int line, const char *reason)
{
    char key[256], text[256];
    current_key(key, b);
    snprintf(text, sizeof text, "%s", reason);
    igq_make_line(text, sizeof text);
    return igq_fail(b->error, "%s:%d: %s%s%s", b->tree->path, line, key, *key != '\0' ? ": " : "", text);
}

static int has_control_character(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127)
            return 1;
    return 0;
}

// Makes room for one more in an array that doubles.
static int grow(void *array, int *room, int num, size_t bytes)
{
    void **place = array;
    if (num < *room)
        return 1;
    int more = *room > 0 ? 2 * *room : 64;
    void *grown = realloc(*place, (size_t)more * bytes);
    if (grown == NULL)
        return 0;
    *place = grown;
    *room = more;
    return 1;
}

// A value is complete: into the list or section around it, or to the top.
static igq_status put(builder *b, igq_yaml_value value, int line)
{
    igq_yaml_tree *tree = b->tree;
    level *around = b->depth > 0 ? &b->stack[b->depth - 1] : NULL;
    value.line = line;
    if (around != NULL && around->value.kind == IGQ_YAML_KIND_SECTION) {
        value.name = around->key;
        value.line = around->key_line;
        around->key = NULL;
    }
    if (!grow(&tree->value, &b->room_values, tree->num_values, sizeof value) ||
        !grow(&b->pending, &b->room_pending, b->num_pending, sizeof *b->pending)) {
        free(value.name);
        free(value.text);
        return igq_out_of_memory(b->error);
    }
    tree->root = tree->num_values;
    b->pending[b->num_pending++] = tree->num_values;
    tree->value[tree->num_values++] = value;
    if (around != NULL)
        around->value.num++;
    return tree->num_values < IGQ_YAML_MAX_VALUES ? IGQ_OK : refuse(b, line, "too many values in one file");
}

static igq_status read_text(builder *b, const yaml_event_t *event, int line)
{
    const char *text = (const char *)event->data.scalar.value;
    level *around = b->depth > 0 ? &b->stack[b->depth - 1] : NULL;
    int is_key = around != NULL && around->value.kind == IGQ_YAML_KIND_SECTION && around->key == NULL;
    char reason[256];
    if (has_control_character(text, event->data.scalar.length)) {
        snprintf(reason, sizeof reason, "\"%.60s\" holds a line break or another control character; allowed: none",
                 text);
        return refuse(b, line, reason);
    }
    if (is_key && strcmp(text, "<<") == 0)
        return refuse(b, line, NOT_PLAIN);
    char *copy = strdup(text);
    if (copy == NULL)
        return igq_out_of_memory(b->error);
    if (!is_key)
        return put(b, (igq_yaml_value){.kind = IGQ_YAML_KIND_TEXT, .text = copy}, line);
    around->key = copy;
    around->key_line = line;
    return IGQ_OK;
}

static igq_status open_level(builder *b, igq_yaml_kind kind, int line)
{
    const level *around = b->depth > 0 ? &b->stack[b->depth - 1] : NULL;
    if (around != NULL && around->value.kind == IGQ_YAML_KIND_SECTION && around->key == NULL)
        return refuse(b, line, "a key is a list or a section; allowed: a word");
    if (b->depth == IGQ_YAML_MAX_DEPTH)
        return refuse(b, line, "lists and sections are nested too deeply; allowed: 16 levels");
    b->stack[b->depth++] = (level){.value = {.kind = kind, .line = line}};
    return IGQ_OK;
}

static int compare_names(const void *a, const void *b)
{
    const igq_yaml_value *x = *(const igq_yaml_value *const *)a, *y = *(const igq_yaml_value *const *)b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : x->line - y->line;
}

// Keys of the section whose values are the last `num` pending ones.
static igq_status check_names(builder *b, int num)
{
    const igq_yaml_value **sorted = malloc((size_t)num * sizeof *sorted), *twice = NULL;
    if (sorted == NULL)
        return igq_out_of_memory(b->error);
    for (int i = 0; i < num; i++)
        sorted[i] = &b->tree->value[b->pending[b->num_pending - num + i]];
    qsort(sorted, (size_t)num, sizeof *sorted, compare_names);
    for (int i = 1; i < num && twice == NULL; i++)
        if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
            twice = sorted[i];
    free(sorted);
    if (twice == NULL)
        return IGQ_OK;
    b->stack[b->depth - 1].key = strdup(twice->name);
    return refuse(b, twice->line, "key is given twice; allowed: once");
}

static igq_status close_level(builder *b)
{
    igq_yaml_tree *tree = b->tree;
    level *closed = &b->stack[b->depth - 1];
    int num = closed->value.num;
    igq_status status = closed->value.kind == IGQ_YAML_KIND_SECTION && num > 1 ? check_names(b, num) : IGQ_OK;
    if (status != IGQ_OK)
        return status;
    closed->value.first = tree->num_children;
    for (int i = 0; i < num; i++) {
        if (!grow(&tree->child, &b->room_children, tree->num_children, sizeof *tree->child))
            return igq_out_of_memory(b->error);
        tree->child[tree->num_children++] = b->pending[b->num_pending - num + i];
    }
    b->num_pending -= num;
    b->depth--;
    return put(b, closed->value, closed->value.line);
}

static igq_status read_event(builder *b, const yaml_event_t *event, int *num_documents)
{
    int line = (int)event->start_mark.line + 1;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if ((*num_documents)++ > 0)
            return igq_fail(b->error, "%s:%d: holds more than one YAML document; allowed: one", b->tree->path, line);
        return event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end
                   ? refuse(b, line, NOT_PLAIN)
                   : IGQ_OK;
    case YAML_ALIAS_EVENT:
        return refuse(b, line, NOT_PLAIN);
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL ? refuse(b, line, NOT_PLAIN)
                                                                                   : read_text(b, event, line);
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL
                   ? refuse(b, line, NOT_PLAIN)
                   : open_level(b, IGQ_YAML_KIND_LIST, line);
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL
                   ? refuse(b, line, NOT_PLAIN)
                   : open_level(b, IGQ_YAML_KIND_SECTION, line);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_level(b);
    default:
        return IGQ_OK;
    }
}

// Of a fault of the encoding the parser knows the byte, of one of the grammar the line.
static igq_status refuse_grammar(const builder *b)
{
    const yaml_parser_t *parser = &b->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return igq_out_of_memory(b->error);
    int line = (int)parser->problem_mark.line + 1;
    if (parser->error == YAML_READER_ERROR) {
        line = 1;
        for (size_t i = 0; i < parser->problem_offset && i < b->tree->size; i++)
            line += b->tree->text[i] == '\n';
    }
    char reason[256];
    snprintf(reason, sizeof reason, "cannot be read as YAML: %.200s",
             parser->problem != NULL ? parser->problem : "no reason given");
    return refuse(b, line, reason);
}

static igq_status read_events(builder *b)
{
    int num_documents = 0, ended = 0;
    igq_status status = IGQ_OK;
    while (status == IGQ_OK && !ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&b->parser, &event))
            return refuse_grammar(b);
        status = read_event(b, &event, &num_documents);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    if (status == IGQ_OK && b->tree->num_values == 0)
        return igq_fail(b->error, "%s: holds no keys", b->tree->path);
    return status;
}

static igq_status read_text_of(igq_yaml_tree *tree, size_t max_bytes, igq_error *error)
{
    builder b = {.tree = tree, .error = error};
    if (tree->size > max_bytes)
        return igq_fail(error, "%s: %zu bytes; allowed: up to %zu", tree->path, tree->size, max_bytes);
    if (!yaml_parser_initialize(&b.parser))
        return igq_out_of_memory(error);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)tree->text, tree->size);
    igq_status status = read_events(&b);
    yaml_parser_delete(&b.parser);
    for (int i = 0; i < b.depth; i++) {
        free(b.stack[i].key);
        free(b.stack[i].value.name);
    }
    free(b.pending);
    return status;
}

igq_status igq_yaml_tree_open_up_to(igq_yaml_tree *tree, const char *path, size_t max_bytes, igq_error *error)
{
    *tree = (igq_yaml_tree){.path = path};
    igq_status status = igq_file_read(&tree->text, &tree->size, path, error);
    if (status != IGQ_OK)
        return status;
    status = read_text_of(tree, max_bytes, error);
    if (status != IGQ_OK)
        igq_yaml_tree_close(tree);
    return status;
}

igq_status igq_yaml_tree_open(igq_yaml_tree *tree, const char *path, igq_error *error)
{
    return igq_yaml_tree_open_up_to(tree, path, IGQ_YAML_MAX_BYTES, error);
}

void igq_yaml_tree_close(igq_yaml_tree *tree)
{
    for (int i = 0; i < tree->num_values; i++) {
        free(tree->value[i].name);
        free(tree->value[i].text);
    }
    free(tree->value);
    free(tree->child);
    free(tree->text);
    *tree = (igq_yaml_tree){0};
}
