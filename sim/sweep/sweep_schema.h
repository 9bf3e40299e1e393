// SPDX-License-Identifier: Apache-2.0
// sweep_schema.h - what a sweep file may hold, for editors.
#ifndef IGQ_SWEEP_SCHEMA_H
#define IGQ_SWEEP_SCHEMA_H
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// A JSON schema (draft 2020-12, without its $schema). New reference.
json_t *igq_sweep_schema(void);

#ifdef __cplusplus
}
#endif
#endif
