// SPDX-License-Identifier: Apache-2.0
#include "report_read.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const json_t *member(const json_t *object, const char *key)
{
    const char *point = strrchr(key, '.');
    return json_object_get(object, point ? point + 1 : key);
}

// What stands there, as far as it fits a message.
static igq_status refuse(const json_t *value, const char *place, const char *key, igq_error *error, double least)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    igq_fail(error, "%s%s: %.60s; allowed: a number from %g, as igqsim run writes it", place, key,
             text ? text : "missing", least);
    free(text);
    return IGQ_USER_ERROR;
}

igq_status igq_report_whole(uint64_t *value, const json_t *object, const char *place, const char *key, uint64_t least,
                            uint64_t most, igq_error *error)
{
    const json_t *number = member(object, key);
    json_int_t whole = json_integer_value(number);
    *value = (uint64_t)whole;
    if (!json_is_integer(number) || whole < 0 || *value < least || *value > most)
        return refuse(number, place, key, error, (double)least);
    return IGQ_OK;
}

igq_status igq_report_real(double *value, const json_t *object, const char *place, const char *key, double least,
                           igq_error *error)
{
    const json_t *number = member(object, key);
    *value = json_number_value(number);
    if (!json_is_number(number) || !isfinite(*value) || *value < least)
        return refuse(number, place, key, error, least);
    return IGQ_OK;
}
