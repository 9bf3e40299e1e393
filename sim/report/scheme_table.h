// SPDX-License-Identifier: Apache-2.0
// scheme_table.h - schemes side by side: a row for each run, from its report. Rows are objects in an array, as
// schemes.json holds them (docs/formats.md).
#ifndef IGQ_SCHEME_TABLE_H
#define IGQ_SCHEME_TABLE_H
#include "error.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// Appends a row. report NULL: the scheme cannot run, and `refusal` says why.
void igq_scheme_table_add(json_t *rows, const char *scheme, const json_t *report, const char *refusal);

void igq_scheme_table_print(const json_t *rows);

// Writes DIR/schemes.json.
igq_status igq_scheme_table_write(const char *dir, const json_t *rows, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
