// SPDX-License-Identifier: Apache-2.0
// yaml_tree.h - a YAML file as a tree, for files whose keys no schema can list (sweeps: any key of a machine). A node
// knows its path, so that messages name line and key.
#ifndef IGQ_YAML_TREE_H
#define IGQ_YAML_TREE_H
#include "yaml_file.h"
#include <yaml.h>

typedef struct igq_yaml_tree {
    igq_yaml_file file;
    yaml_document_t document;
} igq_yaml_tree;

typedef struct igq_yaml_node {
    igq_yaml_tree *tree;
    yaml_node_t *node; // NULL: there is none
    char key[256];     // path, "" at the top
} igq_yaml_node;

// path must outlive the tree. Refuses an empty file and more than one document.
igq_status igq_yaml_tree_open(igq_yaml_tree *tree, const char *path, igq_error *error);
void igq_yaml_tree_close(igq_yaml_tree *tree);

igq_yaml_node igq_yaml_top(igq_yaml_tree *tree);

int igq_yaml_is_list(const igq_yaml_node *node);
int igq_yaml_is_section(const igq_yaml_node *node);
const char *igq_yaml_text(const igq_yaml_node *node); // NULL if it is a list or a section

// Items of a list, or keys of a section. Of a section *name is the key (NULL: not wanted).
int igq_yaml_num(const igq_yaml_node *node);
igq_yaml_node igq_yaml_item(const igq_yaml_node *node, int i, const char **name);

// The value of a key of a section; its node is NULL if there is none.
igq_yaml_node igq_yaml_find(const igq_yaml_node *section, const char *name);

// Refuses what is no section, keys that are given twice and, unless `allowed` is NULL, keys that are not in it (a list
// that ends with NULL).
igq_status igq_yaml_check_section(const igq_yaml_node *node, const char *const *allowed, igq_error *error);

#endif
