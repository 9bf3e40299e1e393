// SPDX-License-Identifier: Apache-2.0
#include "error.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef igq_fail
#undef igq_fail_internal
#undef igq_out_of_memory

// A long name must not push what is wrong with it out of the message: the middle is left out.
static void shorten(char *message, size_t message_bytes, const char *text)
{
    static const char gap[] = " ... ";
    size_t length = strlen(text), tail = message_bytes / 2, head = message_bytes - tail - sizeof gap;
    if (length < message_bytes)
        memcpy(message, text, length + 1);
    else
        snprintf(message, message_bytes, "%.*s%s%s", (int)head, text, gap, text + length - tail);
}

static void set_message(igq_error *error, const char *format, va_list arguments)
{
    char text[16384];
    vsnprintf(text, sizeof text, format, arguments);
    shorten(error->message, sizeof error->message, text);
    igq_escape_controls(error->message, sizeof error->message);
}

igq_status igq_fail(igq_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_message(error, format, arguments);
    va_end(arguments);
    return IGQ_USER_ERROR;
}

igq_status igq_fail_internal(igq_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_message(error, format, arguments);
    va_end(arguments);
    return IGQ_INTERNAL_ERROR;
}

igq_status igq_out_of_memory(igq_error *error)
{
    igq_fail(error, "not enough memory");
    return IGQ_INTERNAL_ERROR;
}
