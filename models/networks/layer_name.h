// SPDX-License-Identifier: Apache-2.0
// layer_name.h - names of layers, formed as printf would: %d (of numbers from 0) and %s. models/ has no stdio.
#ifndef IGQ_LAYER_NAME_H
#define IGQ_LAYER_NAME_H
#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Cuts off what does not fit. Returns the length of the name.
size_t igq_format_name(char *name, size_t name_bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t igq_vformat_name(char *name, size_t name_bytes, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#ifdef __cplusplus
}
#endif
#endif
