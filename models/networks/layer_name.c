// SPDX-License-Identifier: Apache-2.0
#include "layer_name.h"
#include <assert.h>

static const char *decimal(char digits[16], int number)
{
    char *first = digits + 15;
    assert(number >= 0);
    *first = '\0';
    do
        *--first = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return first;
}

size_t igq_vformat_name(char *name, size_t name_bytes, const char *format, va_list arguments)
{
    size_t length = 0;
    for (; *format; format++) {
        char digits[16], letter[2] = {*format, '\0'};
        const char *part = letter;
        if (*format == '%') {
            format++;
            assert(*format == 'd' || *format == 's');
            part = *format == 'd' ? decimal(digits, va_arg(arguments, int)) : va_arg(arguments, const char *);
        }
        for (; *part && length + 1 < name_bytes; part++)
            name[length++] = *part;
    }
    name[length] = '\0';
    return length;
}

size_t igq_format_name(char *name, size_t name_bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t length = igq_vformat_name(name, name_bytes, format, arguments);
    va_end(arguments);
    return length;
}
