// SPDX-License-Identifier: Apache-2.0
// expression.h - small formulas over named numbers ("1024 / (mac_array.num_arrays * mac_array.vector_length)"), parsed
// and evaluated by muParser: + - * / ^, comparisons, && ||, a ? b : c, and functions such as min, max, floor, ceil.
#ifndef IGQ_EXPRESSION_H
#define IGQ_EXPRESSION_H
#include "error.h"
#include "yaml_tree.h"

// The names that a formula may use; their numbers are read anew in every evaluation.
typedef struct igq_names {
    int num;
    const char **name; // (num) letters, digits, _ and .
    double *value;     // (num)
} igq_names;

typedef struct igq_expression igq_expression;

// Refuses what does not parse, unknown names, and what would mean something else than it says (assignments with a lone
// "=", several formulas, a < b < c), as the value of `key` in the file. names->value must outlive it.
igq_status igq_expression_new(igq_expression **out, const char *text, const igq_names *names, const igq_yaml_tree *file,
                              const char *key, igq_error *error);
void igq_expression_free(igq_expression *expression); // NULL is fine

// NAN when it has no value (0 / 0).
double igq_expression_value(const igq_expression *expression);

// 1 if the value depends on this name.
int igq_expression_uses(const igq_expression *expression, int name);

#endif
