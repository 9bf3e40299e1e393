// SPDX-License-Identifier: Apache-2.0
#include "error.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>

igq_status igq_fail(igq_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    igq_escape_controls(error->message, sizeof error->message);
    return IGQ_USER_ERROR;
}

igq_status igq_out_of_memory(igq_error *error)
{
    igq_fail(error, "not enough memory");
    return IGQ_INTERNAL_ERROR;
}
