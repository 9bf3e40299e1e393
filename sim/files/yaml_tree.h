// SPDX-License-Identifier: Apache-2.0
// yaml_tree.h - a YAML file as a tree of texts, lists and sections. A node knows its path, so that messages name line
// and key.
//
// Files are plain: one document; no anchors, aliases or tags; every key once; no control characters in values; at most
// IGQ_YAML_MAX_BYTES, IGQ_YAML_MAX_VALUES and IGQ_YAML_MAX_DEPTH. What is beyond is refused before it costs time.
#ifndef IGQ_YAML_TREE_H
#define IGQ_YAML_TREE_H
#include "error.h"
#include <stddef.h>

#define IGQ_YAML_MAX_BYTES (4 << 20)
#define IGQ_YAML_MAX_VALUES (1 << 19)
#define IGQ_YAML_MAX_DEPTH 16

typedef enum igq_yaml_kind { IGQ_YAML_KIND_TEXT, IGQ_YAML_KIND_LIST, IGQ_YAML_KIND_SECTION } igq_yaml_kind;

typedef struct igq_yaml_value {
    igq_yaml_kind kind;
    char *name;     // its key in a section; NULL in a list and at the top
    char *text;     // of kind text
    int line;       // of its key, or of itself where it has none; from 1
    int first, num; // of kinds list and section: their values are value[child[first]] ... value[child[first + num - 1]]
} igq_yaml_value;

typedef struct igq_yaml_tree {
    const char *path;
    char *text;
    size_t size;
    igq_yaml_value *value; // (num_values), value[root] is the top
    int *child;            // (num_children)
    int num_values, num_children, root;
} igq_yaml_tree;

typedef struct igq_yaml_node {
    const igq_yaml_tree *tree;
    const igq_yaml_value *node; // NULL: there is none
    char key[256];              // path, "" at the top
} igq_yaml_node;

// path must outlive the tree. Refuses an empty file, and what the head of this file says.
igq_status igq_yaml_tree_open(igq_yaml_tree *tree, const char *path, igq_error *error);
// The same for files that igqsim writes and that may be larger.
igq_status igq_yaml_tree_open_up_to(igq_yaml_tree *tree, const char *path, size_t max_bytes, igq_error *error);
void igq_yaml_tree_close(igq_yaml_tree *tree);

igq_yaml_node igq_yaml_top(const igq_yaml_tree *tree);

int igq_yaml_is_list(const igq_yaml_node *node);
int igq_yaml_is_section(const igq_yaml_node *node);
const char *igq_yaml_text(const igq_yaml_node *node); // NULL if it is a list or a section

// Items of a list, or keys of a section. Of a section *name is the key (NULL: not wanted).
int igq_yaml_num(const igq_yaml_node *node);
igq_yaml_node igq_yaml_item(const igq_yaml_node *node, int i, const char **name);

// The value of a key of a section; its node is NULL if there is none.
igq_yaml_node igq_yaml_find(const igq_yaml_node *section, const char *name);

// Refuses what is no section and, unless `allowed` is NULL, keys that are not in it (a list that ends with NULL).
igq_status igq_yaml_check_section(const igq_yaml_node *node, const char *const *allowed, igq_error *error);

// The values of the keys `names` (a list that ends with NULL), as many; no others may be there. The first num_required
// must be there, of the others the node of `member` may be NULL.
igq_status igq_yaml_members(igq_yaml_node *member, const igq_yaml_node *section, const char *const *names,
                            int num_required, igq_error *error);

// Refuses what is no list of min to max items.
igq_status igq_yaml_check_list(const igq_yaml_node *node, int min, int max, igq_error *error);

// A single value: as text; as a whole number in [min, max]; as a number in [min, max].
igq_status igq_yaml_single(const char **text, const igq_yaml_node *node, igq_error *error);
igq_status igq_yaml_int(int *value, const igq_yaml_node *node, int min, int max, igq_error *error);
igq_status igq_yaml_real(double *value, const igq_yaml_node *node, double min, double max, igq_error *error);

// Line of a key such as "mac_array.lanes" or "layers[3].bits", from 1; 0 if the file has no such key. A key with dots
// in its name goes before a section of that name.
int igq_yaml_line(const igq_yaml_tree *tree, const char *key);

// "PATH:LINE: KEY: " and the formatted rest; "KEY: " alone for a value that has no file (tree NULL). Returns
// IGQ_USER_ERROR.
igq_status igq_yaml_refuse(const igq_yaml_tree *tree, const char *key, igq_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
igq_status igq_yaml_refuse_node(const igq_yaml_node *node, igq_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
