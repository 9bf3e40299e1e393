// SPDX-License-Identifier: Apache-2.0
#include "json_file.h"
#include "file.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>

// The first string or key that is not printable, NULL if all are.
static const char *find_unprintable(json_t *value)
{
    const char *key, *found = NULL;
    json_t *member;
    size_t i;
    if (json_is_string(value) && !igq_is_printable(json_string_value(value)))
        return json_string_value(value);
    json_object_foreach(value, key, member)
    {
        found = igq_is_printable(key) ? find_unprintable(member) : key;
        if (found != NULL)
            return found;
    }
    json_array_foreach(value, i, member)
    {
        found = find_unprintable(member);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static void on_one_line(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
}

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
    if (*value == NULL) {
        on_one_line(fault.text); // quotes the file
        return igq_fail(error, "%s:%d: %s; allowed: %s", path, fault.line, fault.text, allowed);
    }
    const char *unprintable = find_unprintable(*value);
    if (unprintable == NULL)
        return IGQ_OK;
    char shown[256];
    snprintf(shown, sizeof shown, "%s", unprintable);
    on_one_line(shown);
    json_decref(*value);
    *value = NULL;
    return igq_fail(error, "%s: \"%s\" is not printable; allowed: %s", path, shown, allowed);
}
