// SPDX-License-Identifier: Apache-2.0
// scheme_table.h - schemes side by side: a row for each run, from its report. Rows are objects in an array, as
// schemes.json holds them (docs/formats.md).
#ifndef IGQ_SCHEME_TABLE_H
#define IGQ_SCHEME_TABLE_H
#include "columns.h"
#include "error.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// A row, new reference: of a run (costs NULL: none), or of a scheme that cannot run, and `refusal` says why.
json_t *igq_scheme_row(const char *scheme, const igq_run_result *result, const igq_costs *costs);
json_t *igq_scheme_row_refused(const char *scheme, const char *refusal);

void igq_scheme_table_print(const json_t *rows);

// Writes DIR/schemes.json.
igq_status igq_scheme_table_write(const char *dir, const json_t *rows, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
