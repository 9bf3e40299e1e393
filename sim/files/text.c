// SPDX-License-Identifier: Apache-2.0
#include "text.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int is_shown(uint32_t code)
{
    int is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    int turns_direction =
        code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    int separates = code == 0x2028 || code == 0x2029;
    int is_surrogate = code >= 0xd800 && code < 0xe000;
    return !is_control && !turns_direction && !separates && !is_surrogate && code < 0x110000;
}

int igq_printable_bytes(const char *text)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000}; // shorter encodings are no UTF-8
    const unsigned char *at = (const unsigned char *)text;
    int num = *at < 0x80 ? 1 : *at >= 0xc0 && *at < 0xe0 ? 2 : *at >= 0xe0 && *at < 0xf0 ? 3 : *at >= 0xf0 ? 4 : 0;
    if (num == 0 || *at >= 0xf8)
        return 0;
    uint32_t code = num == 1 ? *at : *at & (0x7fu >> num);
    for (int i = 1; i < num; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fu);
    }
    return code >= least[num] && is_shown(code) ? num : 0;
}

int igq_is_printable(const char *text)
{
    while (*text != '\0') {
        int num = igq_printable_bytes(text);
        if (num == 0)
            return 0;
        text += num;
    }
    return 1;
}

void igq_escape_controls(char *text, size_t text_bytes)
{
    char escaped[4096];
    size_t used = 0, room = text_bytes < sizeof escaped ? text_bytes : sizeof escaped;
    for (const char *at = text; *at != '\0';) {
        int num = *at == '\n' ? 1 : igq_printable_bytes(at);
        size_t needed = num > 0 ? (size_t)num : 4;
        if (used + needed >= room)
            break;
        if (num > 0)
            memcpy(escaped + used, at, needed);
        else
            snprintf(escaped + used, room - used, "\\x%02x", (unsigned)(unsigned char)*at);
        used += needed;
        at += num > 0 ? num : 1;
    }
    memcpy(text, escaped, used);
    text[used] = '\0';
}

void igq_make_line(char *text, size_t text_bytes)
{
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    igq_escape_controls(text, text_bytes);
}
