// SPDX-License-Identifier: Apache-2.0
#include "text.h"
#include "error.h"
#include <string.h>
#include <check.h>
#include "temp_dir.h"

START_TEST(printable_is_utf8_without_controls)
{
    static const char *const good[] = {"", "photo 1.png", "caf\xc3\xa9", "\xe5\x9b\xbe", "\xf0\x9f\x93\xb7"};
    static const char *const bad[] = {"a\nb",
                                      "\x1b[31m",
                                      "\x7f",
                                      "caf\xe9",          // Latin 1
                                      "\xc2\x9b",         // a control of 8 bits
                                      "\xc0\xaf",         // longer than it needs to be
                                      "\xed\xa0\x80",     // a surrogate
                                      "\xf4\x90\x80\x80", // beyond the last character
                                      "\xe2\x80\xae",     // turns what follows
                                      "\xe2\x80\xa8",     // a line separator
                                      "\xe5\x9b"};        // cut off
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(igq_is_printable(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!igq_is_printable(bad[i]), "number %zu", i);
}
END_TEST

START_TEST(messages_show_what_is_not_printable)
{
    igq_error error;
    igq_fail(&error, "%s: no", "caf\xe9\x1b[2J\xc3\xa9");
    ck_assert_str_eq(error.message, "caf\\xe9\\x1b[2J\xc3\xa9: no");
    char text[12];
    memcpy(text, "abcdefgh\x01\xc3", 11);
    igq_escape_controls(text, sizeof text);
    ck_assert_str_eq(text, "abcdefgh"); // \x01 would need 12 with the end
    memcpy(text, "abcd\x01\xc3", 7);
    igq_escape_controls(text, sizeof text);
    ck_assert_str_eq(text, "abcd\\x01");
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("text", printable_is_utf8_without_controls, messages_show_what_is_not_printable);
}
