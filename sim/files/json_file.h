// SPDX-License-Identifier: Apache-2.0
// json_file.h - a JSON file as a value of jansson.
#ifndef IGQ_JSON_FILE_H
#define IGQ_JSON_FILE_H
#include "error.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// The caller frees *value with json_decref. Strings and keys must be printable (text.h): they are shown. `allowed` ends
// the message of a file that is none of this: "a report.json written by igqsim run".
igq_status igq_json_read(json_t **value, const char *path, const char *allowed, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
