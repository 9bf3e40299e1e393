// SPDX-License-Identifier: Apache-2.0
#include "yaml_tree.h"
#include <stdio.h>
#include <string.h>

// The next document of a stream must be its end.
static int has_more(yaml_parser_t *parser)
{
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next))
        return 1;
    int more = yaml_document_get_root_node(&next) != NULL;
    yaml_document_delete(&next);
    return more;
}

igq_status igq_yaml_tree_open(igq_yaml_tree *tree, const char *path, igq_error *error)
{
    yaml_parser_t parser;
    igq_status status = igq_yaml_open(&tree->file, path, error);
    if (status != IGQ_OK)
        return status;
    if (!yaml_parser_initialize(&parser)) {
        igq_yaml_close(&tree->file);
        return igq_out_of_memory(error);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)tree->file.text, tree->file.size);
    int loaded = yaml_parser_load(&parser, &tree->document);
    if (!loaded)
        status = igq_fail(error, "%s:%zu: cannot be read as YAML: %s", path, parser.problem_mark.line + 1,
                          parser.problem != NULL ? parser.problem : "not enough memory");
    else if (yaml_document_get_root_node(&tree->document) == NULL)
        status = igq_fail(error, "%s: holds no keys", path);
    else if (has_more(&parser))
        status = igq_fail(error, "%s: holds more than one YAML document; allowed: one", path);
    yaml_parser_delete(&parser);
    if (status != IGQ_OK && loaded)
        yaml_document_delete(&tree->document);
    if (status != IGQ_OK)
        igq_yaml_close(&tree->file);
    return status;
}

void igq_yaml_tree_close(igq_yaml_tree *tree)
{
    yaml_document_delete(&tree->document);
    igq_yaml_close(&tree->file);
}

igq_yaml_node igq_yaml_top(igq_yaml_tree *tree)
{
    return (igq_yaml_node){tree, yaml_document_get_root_node(&tree->document), ""};
}

int igq_yaml_is_list(const igq_yaml_node *node)
{
    return node->node != NULL && node->node->type == YAML_SEQUENCE_NODE;
}

int igq_yaml_is_section(const igq_yaml_node *node)
{
    return node->node != NULL && node->node->type == YAML_MAPPING_NODE;
}

const char *igq_yaml_text(const igq_yaml_node *node)
{
    return node->node != NULL && node->node->type == YAML_SCALAR_NODE ? (const char *)node->node->data.scalar.value
                                                                      : NULL;
}

int igq_yaml_num(const igq_yaml_node *node)
{
    if (igq_yaml_is_list(node))
        return (int)(node->node->data.sequence.items.top - node->node->data.sequence.items.start);
    if (igq_yaml_is_section(node))
        return (int)(node->node->data.mapping.pairs.top - node->node->data.mapping.pairs.start);
    return 0;
}

igq_yaml_node igq_yaml_item(const igq_yaml_node *node, int i, const char **name)
{
    igq_yaml_node item = {.tree = node->tree};
    yaml_document_t *document = &node->tree->document;
    if (igq_yaml_is_list(node)) {
        item.node = yaml_document_get_node(document, node->node->data.sequence.items.start[i]);
        snprintf(item.key, sizeof item.key, "%.200s[%d]", node->key, i);
        return item;
    }
    const yaml_node_pair_t *pair = &node->node->data.mapping.pairs.start[i];
    const igq_yaml_node key = {node->tree, yaml_document_get_node(document, pair->key), ""};
    const char *text = igq_yaml_text(&key);
    item.node = yaml_document_get_node(document, pair->value);
    snprintf(item.key, sizeof item.key, "%.150s%s%.100s", node->key, *node->key != '\0' ? "." : "",
             text != NULL ? text : "?");
    if (name != NULL)
        *name = text != NULL ? text : "";
    return item;
}

igq_yaml_node igq_yaml_find(const igq_yaml_node *section, const char *name)
{
    const char *key;
    for (int i = 0; igq_yaml_is_section(section) && i < igq_yaml_num(section); i++) {
        igq_yaml_node item = igq_yaml_item(section, i, &key);
        if (strcmp(key, name) == 0)
            return item;
    }
    return (igq_yaml_node){.tree = section->tree};
}

static int is_in(const char *const *allowed, const char *name)
{
    while (*allowed != NULL && strcmp(*allowed, name) != 0)
        allowed++;
    return *allowed != NULL;
}

igq_status igq_yaml_check_section(const igq_yaml_node *node, const char *const *allowed, igq_error *error)
{
    const igq_yaml_file *file = &node->tree->file;
    const char *name, *other;
    if (!igq_yaml_is_section(node))
        return igq_yaml_refuse(file, node->key, error, "must be a section with keys");
    for (int i = 0; i < igq_yaml_num(node); i++) {
        igq_yaml_node item = igq_yaml_item(node, i, &name);
        for (int k = 0; k < i; k++) {
            igq_yaml_item(node, k, &other);
            if (strcmp(name, other) == 0)
                return igq_yaml_refuse(file, item.key, error, "key is given twice; allowed: once");
        }
        if (allowed == NULL || is_in(allowed, name))
            continue;
        char list[512] = "";
        for (size_t k = 0, used = 0; allowed[k] != NULL && used < sizeof list; k++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", k > 0 ? ", " : "", allowed[k]);
        return igq_yaml_refuse(file, item.key, error, "unknown key; allowed here: %s", list);
    }
    return IGQ_OK;
}
