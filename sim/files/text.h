// SPDX-License-Identifier: Apache-2.0
// text.h - text that may be shown and kept: UTF-8 without control characters. Names of files and values that users
// write reach terminals, CSV and JSON.
#ifndef IGQ_TEXT_H
#define IGQ_TEXT_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes of the printable UTF-8 character at `text`: 1 to 4, or 0 if there is none (a control character, one that
// turns the direction of writing, a line or paragraph separator, no UTF-8, the end).
int igq_printable_bytes(const char *text);

// 1 if all of the text is such characters.
int igq_is_printable(const char *text);

// Writes every other byte but '\n' as \xNN, in place; what does not fit into text_bytes is cut off between characters.
void igq_escape_controls(char *text, size_t text_bytes);

// The same, and every '\n' is a space: a text for one line of a message.
void igq_make_line(char *text, size_t text_bytes);

#ifdef __cplusplus
}
#endif
#endif
