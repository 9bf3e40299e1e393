// SPDX-License-Identifier: Apache-2.0
#include "matmul_file.h"
#include "file.h"
#include "params.h"
#include "yaml_tree.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf" // which some spreadsheets begin with
enum { MAX_COLUMNS = 32 };

// What a column says, by any of its heads.
typedef struct column {
    const char *heads[4];
    size_t offset; // of an int in igq_matmul
    int min, max;
    int is_required;
} column;

enum { NAME, M, N, K, COUNT, BITS, ACT_BITS, WEIGHT_BITS, NUM_COLUMNS };
static const column columns[NUM_COLUMNS] = {
    [NAME] = {{"name", "layer", "layer name", "layer_name"}, 0, 0, 0, 1},
    [M] = {{"m"}, offsetof(igq_matmul, M), 1, IGQ_MAX_MATMUL_TOKENS, 1},
    [N] = {{"n"}, offsetof(igq_matmul, N), 1, IGQ_MAX_MATMUL_OUTPUTS, 1},
    [K] = {{"k"}, offsetof(igq_matmul, K), 1, IGQ_MAX_CHANNELS, 1},
    [COUNT] = {{"count", "repeat", "repetitions"}, offsetof(igq_matmul, count), 1, IGQ_MAX_MATMULS, 0},
    [BITS] = {{"bits"}, 0, 2, IGQ_MAX_CODE_BITS, 0},
    [ACT_BITS] = {{"act_bits"}, offsetof(igq_matmul, act_bits), 2, IGQ_MAX_CODE_BITS, 0},
    [WEIGHT_BITS] = {{"weight_bits"}, offsetof(igq_matmul, weight_bits), 2, IGQ_MAX_CODE_BITS, 0},
};
static const char allowed_heads[] = "name (or layer), M, N, K, count, bits, act_bits, weight_bits";

// -1: no column of that head.
static int column_of(const char *head)
{
    for (int i = 0; i < NUM_COLUMNS; i++)
        for (int k = 0; k < 4 && columns[i].heads[k]; k++)
            if (strcasecmp(columns[i].heads[k], head) == 0)
                return i;
    return -1;
}

// A place in a file, for messages.
typedef struct place {
    const char *path;
    int line;
} place;

static igq_status set_name(igq_matmul *item, const char *text, const place *at, igq_error *error)
{
    if (*text == '\0' || strlen(text) >= sizeof item->name)
        return igq_fail(error, "%s:%d: name \"%.60s\"; allowed: 1 to %d bytes", at->path, at->line, text,
                        (int)sizeof item->name - 1);
    for (const char *c = text; *c; c++)
        if (!isgraph((unsigned char)*c) && *c != ' ')
            return igq_fail(error, "%s:%d: name \"%.60s\"; allowed: printable ASCII", at->path, at->line, text);
    memset(item->name, 0, sizeof item->name);
    strcpy(item->name, text);
    return IGQ_OK;
}

static igq_status set_value(igq_matmul *item, int which, const char *text, const place *at, igq_error *error)
{
    const column *of = &columns[which];
    char *end;
    if (which == NAME)
        return set_name(item, text, at, error);
    errno = 0;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno || value < of->min || value > of->max)
        return igq_fail(error, "%s:%d: %s is \"%.60s\"; allowed: a whole number from %d to %d", at->path, at->line,
                        which <= K && which > NAME ? (const char *[]){"", "M", "N", "K"}[which] : of->heads[0], text,
                        of->min, of->max);
    if (which == BITS)
        item->act_bits = item->weight_bits = (int)value;
    else
        *(int *)((char *)item + of->offset) = (int)value;
    return IGQ_OK;
}

// Takes an item into the list.
static igq_status append(igq_matmuls *matmuls, long long *layers, const igq_matmul *item, const place *at,
                         igq_error *error)
{
    *layers += item->count;
    if (*layers > IGQ_MAX_MATMULS)
        return igq_fail(error, "%s:%d: more than %d products with all their repetitions; allowed: that many", at->path,
                        at->line, IGQ_MAX_MATMULS);
    for (int i = 0; i < matmuls->num; i++)
        if (strcmp(matmuls->item[i].name, item->name) == 0)
            return igq_fail(error, "%s:%d: name \"%s\" is given twice; allowed: a name for each row (and a count)",
                            at->path, at->line, item->name);
    igq_matmul *grown = realloc(matmuls->item, ((size_t)matmuls->num + 1) * sizeof *grown);
    if (!grown)
        return igq_out_of_memory(error);
    matmuls->item = grown;
    grown[matmuls->num++] = *item;
    return IGQ_OK;
}

/// Tables ///

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return text;
}

// The end of a cell: the next separator that stands in no quotes; NULL: the end of the line.
static char *end_of_cell(char *cell, char separator)
{
    int is_quoted = 0;
    for (; *cell && (is_quoted || *cell != separator); cell++)
        is_quoted ^= *cell == '"';
    return *cell ? cell : NULL;
}

static char *unquote(char *cell)
{
    size_t length = strlen(cell);
    if (length < 2 || *cell != '"' || cell[length - 1] != '"')
        return cell;
    cell[length - 1] = '\0';
    return trim(cell + 1);
}

// Cuts a line at its separators, which become ends. One at the end of the line begins no cell. -1: too many.
static int cut_cells(char *cells[MAX_COLUMNS], char *line, char separator)
{
    int num = 0;
    for (char *next = line; next; num++) {
        char *cell = next, *end = end_of_cell(cell, separator);
        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        if (num == MAX_COLUMNS)
            return -1;
        cells[num] = unquote(trim(cell));
    }
    return num > 1 && *cells[num - 1] == '\0' ? num - 1 : num;
}

typedef struct table {
    char separator; // the first of , ; and tab in the first line, as spreadsheets write them
    int num_columns;
    int what[MAX_COLUMNS]; // index into columns
} table;

static igq_status read_head(table *head, char *line, const place *at, igq_error *error)
{
    char *cells[MAX_COLUMNS];
    int seen[NUM_COLUMNS] = {0};
    const char *separator = strpbrk(line, ",;\t");
    head->separator = separator ? *separator : ',';
    head->num_columns = cut_cells(cells, line, head->separator);
    for (int i = 0; i < head->num_columns; i++) {
        head->what[i] = column_of(cells[i]);
        if (head->what[i] < 0)
            return igq_fail(error, "%s:%d: no column \"%.60s\" is known; allowed: %s", at->path, at->line, cells[i],
                            allowed_heads);
        if (seen[head->what[i]]++)
            return igq_fail(error, "%s:%d: column \"%.60s\" is given twice", at->path, at->line, cells[i]);
    }
    for (int i = 0; i < NUM_COLUMNS; i++)
        if (columns[i].is_required && !seen[i])
            return igq_fail(error, "%s:%d: the first line has no column \"%s\"; allowed: %s", at->path, at->line,
                            columns[i].heads[0], allowed_heads);
    return IGQ_OK;
}

static igq_status read_row(igq_matmul *item, const table *head, char *line, const place *at, igq_error *error)
{
    char *cells[MAX_COLUMNS];
    int num = cut_cells(cells, line, head->separator);
    igq_status status = IGQ_OK;
    *item = (igq_matmul){.count = 1};
    if (num != head->num_columns)
        return igq_fail(error, "%s:%d: %d cells; allowed: %d, as in the first line", at->path, at->line, num,
                        head->num_columns);
    for (int i = 0; status == IGQ_OK && i < num; i++)
        status = set_value(item, head->what[i], cells[i], at, error);
    return status;
}

static igq_status read_table(igq_matmuls *matmuls, char *text, const char *path, igq_error *error)
{
    table head = {0};
    place at = {.path = path};
    long long layers = 0;
    igq_status status = IGQ_OK;
    if (strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
        text += strlen(BYTE_ORDER_MARK);
    for (char *line = text, *next; status == IGQ_OK && line; line = next) {
        char *end = strchr(line, '\n');
        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        at.line++;
        line = trim(line);
        igq_matmul item;
        if (*line == '\0' || *line == '#')
            continue;
        if (head.num_columns == 0) {
            status = read_head(&head, line, &at, error);
            continue;
        }
        status = read_row(&item, &head, line, &at, error);
        if (status == IGQ_OK)
            status = append(matmuls, &layers, &item, &at, error);
    }
    if (status == IGQ_OK && matmuls->num == 0)
        status = igq_fail(error, "%s:%d: no products; allowed: a line with %s, then a line for each", path, at.line,
                          allowed_heads);
    return status;
}

static igq_status finish(igq_matmuls *matmuls, igq_status status)
{
    if (status != IGQ_OK) {
        free(matmuls->item);
        *matmuls = (igq_matmuls){0};
    }
    return status;
}

igq_status igq_matmuls_load_csv(igq_matmuls *matmuls, const char *path, igq_error *error)
{
    char *text;
    size_t size;
    *matmuls = (igq_matmuls){0};
    igq_status status = igq_file_read(&text, &size, path, error);
    if (status != IGQ_OK)
        return status;
    if (strlen(text) != size)
        status = igq_fail(error, "%s: has a zero byte; allowed: text", path);
    else
        status = read_table(matmuls, text, path, error);
    free(text);
    return finish(matmuls, status);
}

/// YAML ///

static int line_of(const igq_yaml_node *node)
{
    return node->node ? node->node->line : 1;
}

static igq_status read_item(igq_matmul *item, const igq_yaml_node *node, const char *path, igq_error *error)
{
    static const char *const keys[] = {"name", "M", "N", "K", "count", "bits", "act_bits", "weight_bits", NULL};
    igq_status status = igq_yaml_check_section(node, keys, error);
    *item = (igq_matmul){.count = 1};
    for (int i = 0; status == IGQ_OK && i < NUM_COLUMNS; i++) {
        igq_yaml_node value = igq_yaml_find(node, keys[i]);
        const place at = {path, line_of(value.node ? &value : node)};
        const char *text = value.node ? igq_yaml_text(&value) : NULL;
        if (text)
            status = set_value(item, i, text, &at, error);
        else if (value.node || columns[i].is_required)
            status = igq_fail(error, "%s:%d: %s.%s is %s; allowed: a value", path, at.line, node->key, keys[i],
                              value.node ? "no single value" : "missing");
    }
    return status;
}

static igq_status read_items(igq_matmuls *matmuls, igq_yaml_tree *tree, const char *path, igq_error *error)
{
    igq_yaml_node top = igq_yaml_top(tree), list = igq_yaml_find(&top, "matmuls");
    igq_status status = IGQ_OK;
    long long layers = 0;
    static const char *const keys[] = {"matmuls", NULL};
    status = igq_yaml_check_section(&top, keys, error);
    if (status != IGQ_OK)
        return status;
    if (!list.node || !igq_yaml_is_list(&list) || igq_yaml_num(&list) == 0)
        return igq_fail(error, "%s:%d: matmuls is %s; allowed: a list of products {name, M, N, K}", path,
                        line_of(list.node ? &list : &top), list.node ? "no list, or empty" : "missing");
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(&list); i++) {
        igq_yaml_node node = igq_yaml_item(&list, i, NULL);
        const place at = {path, line_of(&node)};
        igq_matmul item;
        status = read_item(&item, &node, path, error);
        if (status == IGQ_OK)
            status = append(matmuls, &layers, &item, &at, error);
    }
    return status;
}

igq_status igq_matmuls_load_yaml(igq_matmuls *matmuls, const char *path, igq_error *error)
{
    igq_yaml_tree tree;
    *matmuls = (igq_matmuls){0};
    igq_status status = igq_yaml_tree_open(&tree, path, error);
    if (status != IGQ_OK)
        return status;
    status = read_items(matmuls, &tree, path, error);
    igq_yaml_tree_close(&tree);
    return finish(matmuls, status);
}
