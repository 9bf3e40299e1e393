// SPDX-License-Identifier: Apache-2.0
#include "json_file.h"
#include "file.h"
#include <stdlib.h>

igq_status igq_json_read(json_t **value, const char *path, const char *allowed, igq_error *error)
{
    char *text;
    size_t size;
    json_error_t fault;
    igq_status status = igq_file_read(&text, &size, path, error);
    if (status != IGQ_OK)
        return status;
    *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &fault);
    free(text);
    if (*value != NULL)
        return IGQ_OK;
    for (char *c = fault.text; *c != '\0'; c++) // quotes the file
        *c = *c == '\n' ? ' ' : *c;
    return igq_fail(error, "%s:%d: %s; allowed: %s", path, fault.line, fault.text, allowed);
}
